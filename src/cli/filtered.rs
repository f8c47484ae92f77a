//! The filter of an answer without a screen: `--jq`.

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::process::ExitCode;

use bytes::Bytes;

use super::send::{Output, put};
use super::{USAGE, talk, usage};
use crate::document::{Body, Document, displayable, pretty, width};
use crate::edge::filter::{self, FilterFailure, Filtering, Limits};

/// Results that are gathered before they are written, in bytes.
const BLOCK: usize = 64 * 1024;

/// Looks at an expression before anything is sent.
pub(super) async fn check(expression: &str) -> Result<(), ExitCode> {
    match filter::check(&filter::program(), expression).await {
        Ok(()) => Ok(()),
        Err(FilterFailure { sentence, range: Some(range) }) => {
            talk(&format!("pleoscope: --jq: {sentence}\n{}", pointed_at(expression, &range)));
            Err(ExitCode::from(USAGE))
        }
        Err(FilterFailure { sentence, range: None }) => Err(usage(&format!("--jq: {sentence}"))),
    }
}

/// The line of an expression that something is wrong in, and a caret line beneath.
fn pointed_at(expression: &str, range: &Range<usize>) -> String {
    let (before, after) = expression.split_at_checked(range.start).unwrap_or((expression, ""));
    let before = before.rsplit('\n').next().unwrap_or_default();
    let wrong = expression.get(range.clone()).unwrap_or_default().lines().next().unwrap_or_default();
    let line = format!("{before}{}", after.lines().next().unwrap_or_default());
    let (indent, carets) = (width(&displayable(before)), width(&displayable(wrong)).max(1));
    format!("  {}\n  {}{}", displayable(&line), " ".repeat(indent), "^".repeat(carets))
}

/// Why results were not all printed.
pub(super) enum Unfinished {
    /// The filter's own failure.
    Filter(FilterFailure),
    /// They cannot be written.
    Stdout(io::Error),
}

/// Prints what the filter makes of a body, as it comes.
pub(super) async fn print(expression: &str, body: &Body, output: Output, person: bool) -> Result<(), Unfinished> {
    let started = Filtering::start(&filter::program(), expression, body.clone(), Limits::default());
    let mut filtering = started.map_err(Unfinished::Filter)?;
    // The beginning of a result whose end is still to come.
    let mut begun = Vec::new();
    while let Some(chunk) = filtering.chunk().await.map_err(Unfinished::Filter)? {
        let mut out = BufWriter::with_capacity(BLOCK, io::stdout().lock());
        let written = match output {
            Output::Raw => put(&mut out, &chunk, person),
            _ => indented(&mut out, &mut begun, &chunk, person),
        };
        written.and_then(|()| out.flush()).map_err(Unfinished::Stdout)?;
    }
    Ok(())
}

fn indented(out: &mut impl Write, begun: &mut Vec<u8>, chunk: &[u8], person: bool) -> io::Result<()> {
    let mut rest = chunk;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        begun.extend_from_slice(&rest[..=end]);
        rest = &rest[end + 1..];
        if matches!(begun.first(), Some(b'[' | b'{')) {
            let result = Document::from_bytes(Bytes::from(std::mem::take(begun)));
            pretty(&result, &mut |text| put(out, text, person))?;
        } else {
            put(out, begun, person)?;
            begun.clear();
        }
    }
    begun.extend_from_slice(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_what_is_wrong() {
        assert_eq!(pointed_at(".a | foo", &(5..8)), "  .a | foo\n       ^^^");
        assert_eq!(pointed_at(".a |", &(4..4)), "  .a |\n      ^");
        assert_eq!(pointed_at("\"漢\" | é", &(8..10)), "  \"漢\" | é\n         ^");
        assert_eq!(pointed_at(".a |\n  (b |\n c)", &(7..12)), "    (b |\n    ^^^^");
        assert_eq!(pointed_at("\u{1b}", &(0..1)), "  ␛\n  ^");
    }

    #[test]
    fn results_are_indented_however_they_are_cut() {
        let lines = "{\"a\":[1.10,{}]}\n\"x\"\n[]\n";
        for every in 1..lines.len() {
            let (mut out, mut begun) = (Vec::new(), Vec::new());
            for chunk in lines.as_bytes().chunks(every) {
                indented(&mut out, &mut begun, chunk, false).expect("memory can be written");
            }
            assert_eq!(String::from_utf8_lossy(&out), "{\n  \"a\": [\n    1.10,\n    {}\n  ]\n}\n\"x\"\n[]\n");
        }
    }
}
