//! The whole document indented, written row by row: nothing is re-serialised, so numbers, order and duplicates stay.

use super::{Document, Folds, Kind, RowKind};

/// Rows read at a time.
const BATCH: usize = 1024;
/// Deepest indentation written; what is deeper stays at this one.
const DEEPEST: usize = 100;

/// Writes the document with an indentation of two spaces and a line break at its end. What is not sound JSON is written as it came.
///
/// # Errors
/// Whatever `write` answers; nothing is written after that.
pub fn pretty<E>(document: &Document, write: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let json = matches!(document.kind(), Kind::Json | Kind::JsonLines);
    if !json || document.malformed().is_some() {
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
}
