//! Starts pleoscope; everything else is in the library.

use std::process::ExitCode;

/// Memory is overwritten when it is given back, also where a library held a secret in it.
#[global_allocator]
static WIPED: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    pleoscope::cli::main()
}
