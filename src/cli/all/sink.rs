//! How records are printed: as CSV, lines of JSON, one JSON document or a table, each as they come.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::for_a_person;
use crate::cli::send::{Output, Way, put};
use crate::document::{Columns, Sheet, cell_at, cells, displayable, plain, shown, truncate, width};
use crate::edge::terminal;
use crate::pleo::endpoint::Endpoint;
use crate::pleo::model::Models;
use crate::worker::pages::Page;

/// Columns of a table where no terminal says how many there are.
const USUAL_WIDTH: usize = 120;
/// The narrowest that a column of a table becomes for want of room.
const NARROWEST: usize = 8;
/// Names that are remembered for having come too late for a column.
const LATE: usize = 1_000;
/// Names of those that are told.
const TOLD: usize = 20;

/// What is said at the end of a list that is not whole.
pub struct Unfinished<'a> {
    /// Why, a sentence.
    pub reason: &'a str,
    /// The query parameter that asks for what follows.
    pub resume: Option<(&'a str, &'a str)>,
}

/// Takes pages in and prints their records.
pub struct Sink {
    output: Output,
    sheet: Sheet,
    /// Names that the catalogue knows of, in its order.
    known: Vec<String>,
    /// The columns, once the first page was there.
    columns: Option<Vec<String>>,
    table: Vec<Shown>,
    /// Columns that a table has no room for.
    left_out: Vec<String>,
    /// Names that no column was made for, and how many records have them.
    late: BTreeMap<String, u64>,
    /// Whether the first page was there.
    begun: bool,
    /// The member that holds the records; nothing where the array is the whole answer.
    member: Option<String>,
    /// What stands beside the records of the last page.
    beside: Vec<u8>,
    records: u64,
    person: bool,
}

/// A column of the table.
struct Shown {
    path: String,
    width: usize,
    right: bool,
}

impl Sink {
    /// Nothing printed yet.
    pub fn new(way: &Way, endpoint: &Endpoint) -> Self {
        let shape = endpoint.answer.as_deref().and_then(|answer| Models::embedded().of_answer(answer));
        let sheet = match way.output {
            Output::Csv => Sheet::Csv { safe: way.csv_safe },
            Output::Ndjson => Sheet::Ndjson,
            _ => Sheet::Json,
        };
        Self {
            output: way.output,
            sheet,
            known: shape.filter(|shape| shape.many).map_or_else(Vec::new, |shape| shape.model.columns()),
            columns: None,
            table: Vec::new(),
            left_out: Vec::new(),
            late: BTreeMap::new(),
            begun: false,
            member: None,
            beside: Vec::new(),
            records: 0,
            person: for_a_person(),
        }
    }

    /// Prints a page.
    ///
    /// # Errors
    /// Whatever writing answers.
    pub fn page(&mut self, out: &mut impl Write, page: &Page) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            self.member.clone_from(&page.member);
            self.begin(out, page)?;
        }
        let columns = self.columns.take().unwrap_or_default();
        for record in page.records() {
            match self.output {
                Output::Table => {
                    let row = self.row(|column| {
                        cell_at(&record, &column.path)
                            .map_or_else(String::new, |(kind, range)| shown(kind, &record[range]))
                    });
                    writeln!(out, "{row}")?;
                }
                _ => self.put(out, &self.sheet.row(self.records == 0, &record, &columns, &plain))?,
            }
            if self.output == Output::Csv {
                self.note_late(&record, &columns);
            }
            self.records += 1;
        }
        self.columns = Some(columns);
        if self.output == Output::Json {
            self.beside = page.beside();
        }
        Ok(())
    }

    /// What stands before the first record.
    fn begin(&mut self, out: &mut impl Write, page: &Page) -> io::Result<()> {
        match self.output {
            Output::Csv | Output::Table => {
                let mut columns = Columns::beginning_with(&self.known);
                page.records().for_each(|record| columns.learn(&record));
                if self.output == Output::Table {
                    self.fit(&columns);
                    let heads = self.row(|column| displayable(&column.path).into_owned());
                    return if self.table.is_empty() { Ok(()) } else { writeln!(out, "{heads}") };
                }
                let names: Vec<String> = columns.all().iter().map(|column| column.path.clone()).collect();
                let head = if names.is_empty() { Vec::new() } else { self.sheet.head(&names) };
                self.columns = Some(names);
                self.put(out, &head)
            }
            Output::Ndjson | Output::Raw => Ok(()),
            Output::Json => match &page.member {
                Some(name) => {
                    put(out, format!("{{{}:[", serde_json::Value::from(name.as_str())).as_bytes(), self.person)
                }
                None => put(out, b"[", self.person),
            },
        }
    }

    /// Prints what stands behind the last record.
    ///
    /// # Errors
    /// Whatever writing answers.
    pub fn end(&mut self, out: &mut impl Write, unfinished: Option<&Unfinished<'_>>) -> io::Result<()> {
        if !self.begun || self.output != Output::Json {
            return Ok(());
        }
        let mut text = b"\n]".to_vec();
        if self.member.is_some() {
            match unfinished {
                None => text.extend_from_slice(&self.beside),
                Some(Unfinished { reason, resume }) => {
                    let mut told = serde_json::Map::new();
                    told.insert("reason".to_owned(), (*reason).into());
                    if let Some((name, place)) = resume {
                        told.insert((*name).to_owned(), (*place).into());
                    }
                    text.extend_from_slice(format!(",\"incomplete\":{}", serde_json::Value::from(told)).as_bytes());
                }
            }
            text.push(b'}');
        }
        text.push(b'\n');
        put(out, &text, self.person)
    }

    /// What a person should know of what was printed, a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.left_out.is_empty() {
            let names = displayable(&self.left_out.join(", ")).into_owned();
            remarks.push(format!("the table has no room for {names}: -o csv prints all columns"));
        }
        if !self.late.is_empty() {
            let told = self.late.iter().take(TOLD).map(|(name, count)| format!("{name} ({})", records(*count)));
            let more = self.late.len().saturating_sub(TOLD);
            let names: Vec<String> = told.chain((more > 0).then(|| format!("{more} more"))).collect();
            let names = displayable(&names.join(", ")).into_owned();
            remarks.push(format!(
                "after the first page other names came, which have no column: {names}; -o ndjson prints them"
            ));
        }
        remarks
    }

    /// Writes bytes as they are; for a person without the mark of a line break that their terminal makes by itself.
    fn put(&self, out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
        match bytes.strip_suffix(b"\r\n").filter(|_| self.person) {
            Some(line) => {
                put(out, line, true)?;
                out.write_all(b"\n")
            }
            None => put(out, bytes, self.person),
        }
    }

    fn note_late(&mut self, record: &[u8], columns: &[String]) {
        for cell in cells(record).into_iter().filter(|cell| !columns.contains(&cell.path)) {
            if self.late.len() < LATE || self.late.contains_key(&cell.path) {
                *self.late.entry(cell.path).or_default() += 1;
            }
        }
    }

    /// Chooses the columns of the table: those that the first page has, as far as there is room.
    fn fit(&mut self, columns: &Columns) {
        let room = terminal::columns().filter(|_| self.person).unwrap_or(USUAL_WIDTH);
        let there = columns.all().iter().filter(|column| column.present > 0);
        self.table = there
            .map(|column| Shown {
                width: column.width.max(width(&displayable(&column.path))),
                right: column.numbers,
                path: column.path.clone(),
            })
            .collect();
        while self.table.len() > 1 && self.table.iter().map(|column| column.width + 2).sum::<usize>() > room + 2 {
            match self.table.iter_mut().max_by_key(|column| column.width) {
                Some(widest) if widest.width > NARROWEST => widest.width -= 1,
                _ => self.left_out.extend(self.table.pop().map(|column| column.path)),
            }
        }
        self.left_out.reverse();
    }

    fn row(&self, text: impl Fn(&Shown) -> String) -> String {
        let cells = self.table.iter().map(|column| {
            let text = text(column);
            let text = truncate(&text, column.width);
            let space = " ".repeat(column.width.saturating_sub(width(&text)));
            if column.right { format!("{space}{text}") } else { format!("{text}{space}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}
