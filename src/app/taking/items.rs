//! What of an answer may be taken along, from where one is.

use std::ops::Range;

use super::handing::Of;
use super::{Deed, Form, Item, Text};
use crate::app::model::{Model, Pane};
use crate::app::panes::response::View;
use crate::document::{Kind, PathForm, RowKind, Sheet, plain};
use crate::pleo::handing::Form as HandingForm;
use crate::pleo::privacy;

/// The largest document that is masked as a whole, in bytes.
const LARGEST_MASKED: u64 = 64 * 1024 * 1024;

pub(super) fn item(letter: char, title: &'static str, glimpse: impl Into<String>, deed: Deed) -> Item {
    Item { letter, title: title.to_owned(), glimpse: glimpse.into(), deed }
}

/// What may be copied.
pub(super) fn to_copy(model: &Model) -> Vec<Item> {
    let pane = &model.response;
    let (Some(exchange), Some(document), false) = (&pane.exchange, pane.document(), model.focus == Pane::Request)
    else {
        return Vec::new();
    };
    let mut items = sheets(model, true);
    let body = document.body();
    let row = pane.place.cursor;
    if let (View::Table, Some(record)) = (pane.view(), pane.table().current()) {
        let table = pane.table();
        let text = table.text(body, record);
        if let Some(path) = table.current_column() {
            let cell = plain(&text, &path);
            items.push(item('v', "cell", glimpse(model, &path, &cell), Deed::Copy(Text::Given(cell))));
            items.push(item('n', "name of the column", path.clone(), Deed::Copy(Text::Given(path))));
        }
        if let Some(range) = table.records.as_ref().and_then(|records| records.exact(body, record)) {
            let size = format!("{} bytes", range.end - range.start);
            items.push(item('s', "record as sent", size, Deed::Copy(Text::Part(body.clone(), range, false))));
        }
    }
    if let (View::Tree, Some(own)) = (pane.view(), document.row(row)) {
        let part = |range: Range<u64>, decode| Deed::Copy(Text::Part(body.clone(), range, decode));
        let glimpse = |range: &Range<u64>| {
            let read = body.read(range.start..range.end.min(range.start + 200));
            String::from_utf8_lossy(&read).into_owned()
        };
        let hidden = |shown: String| if model.masked { privacy::MASK.to_owned() } else { shown };
        let range = document.value_range(row);
        if let Some(range) = &range {
            let decoded = own.kind == RowKind::String;
            let shown = glimpse(range);
            let shown = if decoded { shown.trim_matches('"').to_owned() } else { shown };
            items.push(item('v', "value", hidden(shown), part(range.clone(), true)));
        }
        if let Some(key) = &own.key {
            let shown = glimpse(key);
            items.push(item('n', "name of the member", shown.trim_matches('"'), part(key.clone(), true)));
        }
        let path = pane.path(row);
        for (letter, title, form) in [
            ('p', "path for jq", PathForm::Jq),
            ('P', "path as JSON pointer", PathForm::Pointer),
            ('d', "path with dots", PathForm::Dotted),
        ] {
            let written = form.write(&path);
            items.push(item(letter, title, written.clone(), Deed::Copy(Text::Given(written))));
        }
        let start = own.key.as_ref().map_or(own.offset, |key| key.start);
        let line = start..own.end;
        items.push(item('r', "row as sent", hidden(glimpse(&line)), part(line, false)));
        if let Some(range) = range.filter(|_| own.kind.is_container()) {
            let size = format!("{} bytes", range.end - range.start);
            items.push(item('s', "subtree as sent", size, part(range, false)));
        }
    } else if pane.view() == View::Raw && !document.is_empty() {
        let line = body.line_at(pane.place.raw_top);
        let start = body.line_start(line);
        let end = body.line_end(start);
        let shown = String::from_utf8_lossy(&body.read(start..end.min(start + 200))).into_owned();
        items.push(item(
            'l',
            "first line on the screen",
            shown,
            Deed::Copy(Text::Part(body.clone(), start..end, false)),
        ));
    }
    if !document.is_empty() {
        let size = format!("{} bytes", document.len());
        items.push(item('b', "body as sent", size, Deed::Copy(Text::Part(body.clone(), 0..body.len(), false))));
    }
    if let Some(head) = &exchange.head {
        let lines: String =
            head.headers.iter().map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value))).collect();
        items.push(item(
            'h',
            "headers received",
            format!("{} of them", head.headers.len()),
            Deed::Copy(Text::Given(lines)),
        ));
    }
    let url = exchange.request.url().to_string();
    let shown = if model.masked { privacy::masked(&url).into_owned() } else { url.clone() };
    items.push(item('u', "URL", shown, Deed::Copy(Text::Given(url))));
    let variable = "its credential as a variable";
    items.push(item('x', "curl", variable, Deed::Hand(Of::Shown, HandingForm::Curl, true)));
    if model.masked {
        tell_personal(&mut items);
    }
    let others = "send line, HTTPie, Python, fetch, HTTP, HAR, bug report, curl with the secret";
    items.push(item('y', "other forms …", others, Deed::PageToCopy));
    items
}

/// What is as sent holds what the screen hides: that is said of it.
fn tell_personal(items: &mut [Item]) {
    for item in items {
        let as_sent = match &item.deed {
            Deed::Save(form, _) => !matches!(form, Form::Sheet(..) | Form::Masked),
            // Names of members, paths and addresses are given as they stand in the menu.
            Deed::Copy(Text::Part(..)) => item.letter != 'n',
            Deed::Copy(Text::Given(_)) => item.letter == 'v',
            Deed::Hand(_, _, personal) => *personal,
            _ => false,
        };
        if as_sent {
            item.title.push_str(", with personal data");
        }
    }
}

/// What a menu shows of a value: nothing of it while it is masked.
fn glimpse(model: &Model, path: &str, text: &str) -> String {
    if model.masked { privacy::shown(path, text).into_owned() } else { text.to_owned() }
}

/// The rows of the table in the forms in which they can be taken; masked and not, while personal data is.
fn sheets(model: &Model, copied: bool) -> Vec<Item> {
    let pane = &model.response;
    let table = pane.table();
    if pane.view() != View::Table || table.records.is_none() {
        return Vec::new();
    }
    let rows = if table.rows() == 1 { "1 row".to_owned() } else { format!("{} rows", table.rows()) };
    let part = if pane.pages.is_partial() { format!(" · {}", pane.pages.share()) } else { String::new() };
    let columns = format!("{rows}, {} columns{part}", table.shown().len());
    let whole = format!("{rows} as sent{part}");
    let mut items = Vec::new();
    for masked in if model.masked { [Some(true), Some(false)] } else { [Some(false), None] }.into_iter().flatten() {
        let forms = [
            ('c', "CSV", Sheet::Csv { safe: false }, &columns),
            ('f', "CSV, formulas disarmed", Sheet::Csv { safe: true }, &columns),
            ('w', "Markdown table", Sheet::Markdown, &columns),
            ('l', "NDJSON, a record a line", Sheet::Ndjson, &whole),
            ('a', "JSON array", Sheet::Json, &whole),
        ];
        for (letter, title, sheet, glimpse) in forms {
            let (letter, title) = match (model.masked, masked) {
                (true, true) => (letter, format!("{title}, masked")),
                (true, false) => (letter.to_ascii_uppercase(), format!("{title}, with personal data")),
                _ => (letter, title.to_owned()),
            };
            let deed =
                if copied { Deed::CopySheet(sheet, masked) } else { Deed::Save(Form::Sheet(sheet, masked), None) };
            items.push(Item { letter, title, glimpse: glimpse.clone(), deed });
        }
    }
    items
}

/// What may be saved.
pub(super) fn to_save(model: &Model) -> Vec<Item> {
    let pane = &model.response;
    let Some(document) = pane.document().filter(|document| !document.is_empty()) else {
        return Vec::new();
    };
    let json = document.is_json() && document.malformed().is_none() && pane.unclosed().is_none();
    let size = |bytes: u64| format!("{bytes} bytes");
    let first = if pane.record.is_some() {
        "record as sent"
    } else if pane.filter.result.is_some() {
        "result of the filter"
    } else if pane.pages.document.is_some() {
        "all pages that are loaded, as one"
    } else {
        "body as received"
    };
    let mut items = sheets(model, false);
    items.push(item('r', first, size(document.len()), Deed::Save(Form::Received, None)));
    if json {
        items.push(item('p', "pretty", "indented by two spaces", Deed::Save(Form::Pretty, None)));
        items.push(item('m', "minified", "without white space", Deed::Save(Form::Minified, None)));
        if let (View::Tree, Some(range)) = (pane.view(), document.value_range(pane.place.cursor)) {
            let shown = format!("{} · {} bytes", pane.path(pane.place.cursor).jq(), range.end - range.start);
            items.push(item('s', "selection only", shown, Deed::Save(Form::Received, Some(range))));
        }
    }
    if model.masked {
        tell_personal(&mut items);
        // Names that a filter gave are not known.
        if json && document.documents() == 1 && document.len() <= LARGEST_MASKED && pane.filter.result.is_none() {
            items.push(item('x', "JSON, masked", "without personal data", Deed::Save(Form::Masked, None)));
        }
    }
    if let Some(extension) = extension(model) {
        items.push(item(
            'e',
            "open outside",
            format!("with the system's program for .{extension}"),
            Deed::Outside(extension),
        ));
    }
    items.push(item('o', "the exchange …", "HAR of this or of all exchanges, bug report", Deed::PageToSave));
    items
}

/// The extension of what a program of the system can show: images and documents.
pub(super) fn extension(model: &Model) -> Option<&'static str> {
    let pane = &model.response;
    let document = pane.whole().filter(|_| pane.filter.result.is_none())?;
    let media = pane.exchange.as_ref().and_then(|own| own.head.as_ref()?.header("content-type")).unwrap_or_default();
    let by_media = [
        ("image/png", "png"),
        ("image/jpeg", "jpg"),
        ("image/gif", "gif"),
        ("image/webp", "webp"),
        ("application/pdf", "pdf"),
    ];
    let named = by_media.into_iter().find(|(name, _)| media.to_ascii_lowercase().starts_with(name));
    let by_signature = document.signature().map(|(_, extension)| extension);
    // What it is counts, not what it says it is.
    by_signature
        .filter(|own| by_media.iter().any(|(_, known)| known == own))
        .or_else(|| named.map(|(_, extension)| extension).filter(|_| document.kind() == Kind::Binary))
}
