//! Starts pleoscope; everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    pleoscope::cli::main()
}
