//! The whole document indented, written row by row: nothing is re-serialised, so numbers, order and duplicates stay.

use super::{Document, Folds, RowKind};

/// Rows read at a time.
const BATCH: usize = 1024;
/// Deepest indentation written; what is deeper stays at this one.
const DEEPEST: usize = 100;

/// Writes the document with an indentation of two spaces and a line break at its end. What is not sound JSON is written as it came.
///
/// # Errors
/// Whatever `write` answers; nothing is written after that.
pub fn pretty<E>(document: &Document, write: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    if !document.is_json() || document.malformed().is_some() {
        for part in document.body().parts(0) {
            write(&part)?;
        }
        let ends = document.is_empty() || document.body().byte(document.len() - 1) == Some(b'\n');
        return if ends { Ok(()) } else { write(b"\n") };
    }
    let folds = Folds::new();
    let mut first = 0;
    let mut line = Vec::new();
    loop {
        let rows = document.rows(&folds, first, BATCH);
        if rows.is_empty() {
            return Ok(());
        }
        first += rows.len() as u64;
        for row in rows {
            line.clear();
            line.resize(row.depth.min(DEEPEST) * 2, b' ');
            if let Some(key) = row.key {
                line.extend_from_slice(&document.body().read(key));
                line.extend_from_slice(b": ");
            }
            match row.kind {
                RowKind::Empty { array } => line.extend_from_slice(if array { b"[]" } else { b"{}" }),
                RowKind::Open { array } => line.push(if array { b'[' } else { b'{' }),
                _ => line.extend_from_slice(&document.body().read(row.offset..row.end)),
            }
            if row.comma {
                line.push(b',');
            }
            line.push(b'\n');
            write(&line)?;
        }
    }
}

/// Writes the document without any white space between its tokens; each of several documents on a line of its own. What is
/// not sound JSON is written as it came.
///
/// # Errors
/// Whatever `write` answers; nothing is written after that.
pub fn minified<E>(document: &Document, write: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    if !document.is_json() || document.malformed().is_some() {
        return pretty(document, write);
    }
    // White space outside strings is all that goes; between two documents at least one line break stands.
    let (mut in_string, mut escaped, mut between) = (false, false, false);
    let mut depth = 0_u64;
    let mut out = Vec::with_capacity(OUT);
    let skip = if document.has_bom() { 3 } else { 0 };
    for part in document.body().parts(skip) {
        for &byte in &*part {
            if in_string {
                out.push(byte);
                (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
                continue;
            }
            match byte {
                b' ' | b'\r' | b'\t' => continue,
                b'\n' => {
                    between |= depth == 0;
                    continue;
                }
                b'"' => in_string = true,
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if std::mem::take(&mut between) && !out.is_empty() {
                out.push(b'\n');
            }
            out.push(byte);
        }
        if out.len() >= OUT / 2 {
            // A break between documents is written with what follows it.
            let keep = out.pop();
            write(&out)?;
            out.clear();
            out.extend(keep);
        }
    }
    out.push(b'\n');
    write(&out)
}

/// Bytes that are gathered before they are written.
const OUT: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty_text(json: &'static str) -> String {
        let document = Document::from_bytes(bytes::Bytes::from_static(json.as_bytes()));
        let mut out = Vec::new();
        let written: Result<(), ()> = pretty(&document, &mut |text| {
            out.extend_from_slice(text);
            Ok(())
        });
        assert_eq!(written, Ok(()));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn everything_stays_as_sent_but_the_white_space() {
        assert_eq!(
            pretty_text(r#"{"b":1.10,"a":[],"a":[1e400,{"x":"\u00e9"}],"c":{}}"#),
            "{\n  \"b\": 1.10,\n  \"a\": [],\n  \"a\": [\n    1e400,\n    {\n      \"x\": \"\\u00e9\"\n    }\n  ],\n  \"c\": {}\n}\n"
        );
        assert_eq!(pretty_text("not json"), "not json\n");
    }

    #[test]
    fn minified_keeps_everything_but_white_space() {
        let minified_text = |json: &str| {
            let document = Document::from_bytes(bytes::Bytes::copy_from_slice(json.as_bytes()));
            let mut out = Vec::new();
            let written: Result<(), ()> = minified(&document, &mut |text| {
                out.extend_from_slice(text);
                Ok(())
            });
            assert_eq!(written, Ok(()));
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            minified_text("\u{FEFF} { \"a b\" : [ 1.10 ,\n\"\\\" \\\\\" ] }\n"),
            "{\"a b\":[1.10,\"\\\" \\\\\"]}\n"
        );
        assert_eq!(minified_text("\n{\"a\": 1}\n\n[ 2 ]\n3"), "{\"a\":1}\n[2]\n3\n");
        let long = format!("[{}1 ]", "\"x y\" , ".repeat(30_000));
        assert_eq!(minified_text(&long), format!("[{}1]\n", "\"x y\",".repeat(30_000)));
        assert_eq!(minified_text("[1, "), "[1, \n");
    }
}
