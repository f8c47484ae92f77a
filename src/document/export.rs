//! A table taken along: CSV (RFC 4180), Markdown, and records as they were sent.

use super::record::{CellKind, Members, items, skip_space, value_at};
use super::records::{List, Records};
use super::table::plain;
use super::text::{decode_string, displayable};
use super::{Body, narrow, wide};

/// The first characters of a cell that a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// Columns separated by commas, rows by CRLF, the names first (RFC 4180). With `safe` an apostrophe stands before what a
    /// spreadsheet would take for a formula.
    Csv {
        /// Whether formulas are disarmed.
        safe: bool,
    },
    /// A Markdown table.
    Markdown,
    /// A record on each line, as sent but for line breaks.
    Ndjson,
    /// One array of the records, each as sent.
    Json,
}

impl Sheet {
    /// The usual extension of such a file.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Markdown => "md",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }

    /// What stands before the first row.
    #[must_use]
    pub fn head(self, columns: &[String]) -> Vec<u8> {
        match self {
            Self::Csv { safe } => csv_row(columns.iter().map(String::as_str), safe),
            Self::Markdown => {
                let rule = columns.iter().map(|_| "---".to_owned()).collect::<Vec<_>>();
                (markdown_row(columns) + &markdown_row(&rule)).into_bytes()
            }
            Self::Ndjson => Vec::new(),
            Self::Json => b"[".to_vec(),
        }
    }

    /// One row; `first` when none stands before it. `record` holds the record alone, and `text` gives what a column shows.
    #[must_use]
    pub fn row(self, first: bool, record: &[u8], columns: &[String], text: &dyn Fn(&[u8], &str) -> String) -> Vec<u8> {
        let cells = || columns.iter().map(|path| text(record, path)).collect::<Vec<_>>();
        match self {
            Self::Csv { safe } => csv_row(cells().iter().map(String::as_str), safe),
            Self::Markdown => markdown_row(&cells()).into_bytes(),
            Self::Ndjson => {
                let mut line = on_one_line(record);
                line.push(b'\n');
                line
            }
            Self::Json => {
                let mut item = if first { b"\n".to_vec() } else { b",\n".to_vec() };
                item.extend_from_slice(record);
                item
            }
        }
    }

    /// What stands behind the last row.
    #[must_use]
    pub const fn foot(self) -> &'static [u8] {
        match self {
            Self::Json => b"\n]\n",
            _ => b"",
        }
    }
}

/// A row of a CSV file with its CRLF.
#[must_use]
pub fn csv_row<'a>(cells: impl Iterator<Item = &'a str>, safe: bool) -> Vec<u8> {
    let mut out =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(1024).from_writer(Vec::new());
    // A number is one, whatever its sign.
    let formula = |cell: &str| safe && cell.starts_with(FORMULA) && cell.parse::<f64>().is_err();
    let cells = cells.map(|cell| if formula(cell) { format!("'{cell}") } else { cell.to_owned() });
    // Memory can always be written.
    let _ = out.write_record(cells);
    out.into_inner().unwrap_or_default()
}

/// A record on one line: a line break outside a string means nothing, and inside one it cannot stand.
#[must_use]
pub fn on_one_line(record: &[u8]) -> Vec<u8> {
    record.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect()
}

fn markdown_row(cells: &[String]) -> String {
    let cells = cells.iter().map(|cell| {
        let safe = displayable(&cell.replace(['\n', '\r'], " ")).into_owned();
        safe.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
    });
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// What stands in the place of a text at a path with dots; nothing where it stays as it is.
pub type Instead<'a> = &'a dyn Fn(&str, &str) -> Option<String>;

/// Objects and arrays within each other that are gone into; what lies deeper is replaced as a whole.
const DEEPEST: usize = 64;

/// A record with other texts in the place of some; everything else as sent.
#[must_use]
pub fn rewritten(record: &[u8], instead: Instead<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(record.len());
    let start = skip_space(record, 0);
    rewrite(record, start, "", 0, instead, &mut out);
    out
}

fn rewrite(record: &[u8], start: usize, path: &str, depth: usize, instead: Instead<'_>, out: &mut Vec<u8>) {
    let Some((end, kind)) = value_at(record, start) else {
        return;
    };
    let raw = &record[start..end];
    match kind {
        CellKind::String => match instead(path, &decode_string(raw)) {
            Some(text) => out.extend(serde_json::Value::from(text).to_string().as_bytes()),
            None => out.extend_from_slice(raw),
        },
        CellKind::Object | CellKind::Array(_) if depth >= DEEPEST => out.extend_from_slice(b"null"),
        CellKind::Object => {
            out.push(b'{');
            for (number, member) in Members::new(record, start).enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(&record[member.key.clone()]);
                out.push(b':');
                let name = member.name(record);
                let inner = if path.is_empty() { name.into_owned() } else { format!("{path}.{name}") };
                rewrite(record, member.value.start, &inner, depth + 1, instead, out);
            }
            out.push(b'}');
        }
        CellKind::Array(_) => {
            out.push(b'[');
            for (number, item) in items(record, start).enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                rewrite(record, item, path, depth + 1, instead, out);
            }
            out.push(b']');
        }
        _ => out.extend_from_slice(raw),
    }
}

/// Writes the rows of a view, piece by piece; texts are replaced where that is asked for.
///
/// # Errors
/// Whatever `put` answers; nothing is written after that.
pub fn write<E>(
    view: &View,
    body: &Body,
    sheet: Sheet,
    instead: Option<Instead<'_>>,
    put: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    put(&sheet.head(&view.columns))?;
    let text = |record: &[u8], path: &str| {
        let own = plain(record, path);
        instead.and_then(|instead| instead(path, &own)).unwrap_or(own)
    };
    for row in 0..view.rows() {
        let record = view.text(body, row);
        let record = instead.map_or_else(|| record.clone(), |instead| rewritten(&record, instead));
        put(&sheet.row(row == 0, &record, &view.columns, &text))?;
    }
    put(sheet.foot())
}

/// What of a list is taken along, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The records.
    pub records: Records,
    /// Which of them, in which order; all as they stand where there is none.
    pub order: Option<std::sync::Arc<Vec<u32>>>,
    /// The columns of CSV and Markdown.
    pub columns: Vec<String>,
}

impl View {
    /// All of a list, as it stands.
    #[must_use]
    pub fn whole(body: &Body, list: &List, columns: Vec<String>, cancelled: &dyn Fn() -> bool) -> Self {
        let mut records = Records::new(list);
        records.read_on(body, u64::MAX, cancelled);
        Self { records, order: None, columns }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.order.as_ref().map_or_else(|| self.records.len(), |order| wide(order.len()))
    }

    /// The record that a row shows.
    #[must_use]
    pub fn record(&self, row: u64) -> u64 {
        self.order.as_ref().map_or(row, |order| order.get(narrow(row)).map_or(u64::MAX, |own| u64::from(*own)))
    }

    /// The bytes of the record of a row, alone.
    #[must_use]
    pub fn text(&self, body: &Body, row: u64) -> Vec<u8> {
        self.records.exact(body, self.record(row)).map_or_else(Vec::new, |range| body.read(range).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::document::Document;

    const LIST: &str =
        "{\"data\":[{\"a\":\"x,\\\"y\\\"\\nz\",\"b\":1.10}, {\n\"b\":-5,\"a\":\"=1+1\"},{\"a\":null,\"c\":[1]}]}";

    fn written(sheet: Sheet) -> String {
        let document = Document::from_bytes(Bytes::from_static(LIST.as_bytes()));
        let list = document.list().expect("a list");
        let columns = ["a", "b", "c"].map(String::from).to_vec();
        let view = View::whole(document.body(), &list, columns, &|| false);
        let mut out = Vec::new();
        let mut put = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok::<(), ()>(())
        };
        write(&view, document.body(), sheet, None, &mut put).expect("memory can be written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn texts_are_replaced_wherever_they_stand() {
        let record = br#" {"name": "Ann","n":1.10,"l":[{"name":"Bob"},"x",[ ]],"o":{"name":"C\u00e9"},"e":{}} ,"#;
        let instead = |path: &str, text: &str| path.ends_with("name").then(|| format!("<{}>", text.chars().count()));
        let text = String::from_utf8(rewritten(record, &instead)).expect("UTF-8");
        assert_eq!(text, r#"{"name":"<3>","n":1.10,"l":[{"name":"<3>"},"x",[]],"o":{"name":"<2>"},"e":{}}"#);
    }

    #[test]
    fn csv_is_that_of_the_standard() {
        let csv = written(Sheet::Csv { safe: false });
        assert_eq!(csv, "a,b,c\r\n\"x,\"\"y\"\"\nz\",1.10,\r\n=1+1,-5,\r\n,,[1]\r\n");
        assert_eq!(written(Sheet::Csv { safe: true }), "a,b,c\r\n\"x,\"\"y\"\"\nz\",1.10,\r\n'=1+1,-5,\r\n,,[1]\r\n");
    }

    #[test]
    fn records_stay_as_sent() {
        assert_eq!(
            written(Sheet::Ndjson),
            "{\"a\":\"x,\\\"y\\\"\\nz\",\"b\":1.10}\n{\"b\":-5,\"a\":\"=1+1\"}\n{\"a\":null,\"c\":[1]}\n"
        );
        let json: serde_json::Value = serde_json::from_str(&written(Sheet::Json)).expect("JSON");
        assert_eq!(json.as_array().map(Vec::len), Some(3));
        assert_eq!(
            written(Sheet::Markdown),
            "| a | b | c |\n| --- | --- | --- |\n| x,\"y\" z | 1.10 |  |\n| =1+1 | -5 |  |\n|  |  | [1] |\n"
        );
    }
}
