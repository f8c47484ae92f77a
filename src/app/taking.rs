//! Taking something of an answer along: to the clipboard, to a file, or to a program of the system.

pub mod handing;
mod items;
mod naming;

use std::ops::Range;

use super::compare::report::Format;
use super::compare::{self, Against};
use super::event::{Effect, Handed, WorkId};
use super::model::{Asked, Model, Overlay};
use super::{history, leading};
use crate::document::{Body, Document, Sheet, View as SheetView};
use crate::pleo::environment::Environment;
use crate::pleo::handing::Form as HandingForm;
use crate::pleo::handing::capitalised;
use crate::pleo::request::Draft;

use handing::{Handing, Of};

/// Candidates of a path that are kept.
pub const MOST_CANDIDATES: usize = 100;

/// In which form a document is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Byte for byte.
    Received,
    /// Indented.
    Pretty,
    /// Without white space.
    Minified,
    /// The rows of the table; with personal data masked where that is said.
    Sheet(Sheet, bool),
    /// All of it as JSON, with personal data masked.
    Masked,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Saving {
    /// What of.
    pub document: Document,
    /// Which bytes of it; all of them when nothing is said.
    pub range: Option<Range<u64>>,
    /// The rows and columns, for a table.
    pub view: Option<Box<SheetView>>,
    /// How.
    pub form: Form,
    /// Where to, as typed.
    pub path: String,
    /// Whether a file that is there may be replaced.
    pub over: bool,
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsaved {
    /// There is one of that name.
    Exists,
    /// Something else, a sentence.
    Failed(String),
}

/// A text for the clipboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Copying {
    /// What it is, for the word that says that it is done.
    pub what: String,
    /// The text.
    pub text: Text,
}

/// Where a text is.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// Here.
    Given(String),
    /// In a body; a string is decoded when that is said.
    Part(Body, Range<u64>, bool),
    /// The rows of a table in a body; with personal data masked where that is said.
    Sheet(Body, Box<SheetView>, Sheet, bool),
    /// An exchange in one of the forms in which it is handed on.
    Written(Box<Handing>),
}

/// What became of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// A program of the system has taken so many bytes.
    By(&'static str, u64),
    /// There is no such program: the terminal is to be given this.
    Terminal(String),
    /// The same, for a text with a secret in it.
    Hidden(Handed),
}

/// What may be taken, to choose from.
#[derive(Clone, Debug)]
pub struct Menu {
    /// The title.
    pub title: &'static str,
    /// The items.
    pub items: Vec<Item>,
    /// The one under the cursor.
    pub cursor: usize,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Item {
    /// The key that does it.
    pub letter: char,
    /// What it is.
    pub title: String,
    /// A glimpse of it.
    pub glimpse: String,
    /// What it does.
    pub deed: Deed,
}

/// What an item of a menu does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Copies a text.
    Copy(Text),
    /// Copies the rows of the table; with personal data masked where that is said.
    CopySheet(Sheet, bool),
    /// Asks where to save to.
    Save(Form, Option<Range<u64>>),
    /// Compares the answer that is shown.
    Compare(Against),
    /// Writes a report of a comparison, to be saved.
    Report(Format),
    /// Gives the body to a program of the system, in a file with this extension.
    Outside(&'static str),
    /// Sends the read that something leads to.
    Lead(Box<Draft>),
    /// Turns to the page of forms in which an exchange is copied.
    PageToCopy,
    /// Turns to the page of forms in which an exchange is saved.
    PageToSave,
    /// Copies in a form; with bodies and personal data where that is said.
    Hand(Of, HandingForm, bool),
    /// Asks whether to copy a command with the secret in it.
    Disclose(Of),
    /// Writes down in a form, to be saved; with bodies and personal data where that is said.
    WriteDown(Of, HandingForm, bool),
    /// Writes all that the history lists into one archive, to be saved; with bodies where that is said.
    WriteListed(bool),
}

/// A file to save to, being typed.
#[derive(Clone, Debug)]
pub struct SaveAs {
    /// What is saved.
    pub title: String,
    /// It, where it is not the answer that is shown.
    pub document: Option<Document>,
    /// How.
    pub form: Form,
    /// What of it.
    pub range: Option<Range<u64>>,
    /// The path.
    pub asked: Asked,
    /// The name that the server gave it, which replaces no file.
    pub suggested: Option<String>,
    /// The path that was found to be taken, and may be replaced by another Enter.
    pub taken: Option<String>,
    /// What the path may become.
    pub candidates: Vec<String>,
    /// The completion that is looked for.
    pub completing: Option<WorkId>,
    /// Bytes saved so far.
    pub saved: u64,
}

/// Opens the menu of what may be copied; in a viewer copies what it shows.
pub fn begin_copy(model: &mut Model) -> Vec<Effect> {
    if model.masked && matches!(model.overlay, Some(Overlay::Viewer(_))) {
        model.complain("Personal data is masked, and a value by itself is not copied: p shows it, then y copies");
        return Vec::new();
    }
    if let Some(Overlay::Viewer(viewer)) = &model.overlay {
        let text = Text::Part(viewer.body.clone(), 0..viewer.body.len(), false);
        return copy(model, "the value".to_owned(), text);
    }
    let items = items::to_copy(model);
    if items.is_empty() {
        handing::page_to_copy(model);
    } else {
        model.overlay = Some(Overlay::Menu(Menu { title: "Copy", items, cursor: 0 }));
    }
    Vec::new()
}

/// Opens the menu of what may be saved.
pub fn begin_save(model: &mut Model) {
    let items = items::to_save(model);
    if model.response.exchange.is_none() {
        model.complain("There is no answer yet that could be saved");
    } else if items.is_empty() {
        handing::page_to_save(model);
    } else {
        model.overlay = Some(Overlay::Menu(Menu { title: "Save", items, cursor: 0 }));
    }
}

/// Enter in a menu, or the letter of an item.
pub fn choose(model: &mut Model, letter: Option<char>) -> Vec<Effect> {
    let Some(Overlay::Menu(menu)) = &model.overlay else {
        return Vec::new();
    };
    let chosen = match letter {
        Some(letter) => menu.items.iter().find(|item| item.letter == letter),
        None => menu.items.get(menu.cursor),
    };
    let Some(Item { title, deed, .. }) = chosen.cloned() else {
        return Vec::new();
    };
    model.overlay = None;
    match deed {
        Deed::Lead(draft) => leading::go(model, *draft),
        Deed::Copy(text) => copy(model, title, text),
        Deed::Save(form, range) => {
            let json = model.response.document().is_some_and(Document::is_json);
            let usual = if json { "json" } else { "txt" };
            let extension = match form {
                Form::Sheet(sheet, _) => sheet.extension(),
                _ => items::extension(model).unwrap_or(usual),
            };
            // What is not all of a list says so by its name too.
            let part = if model.response.pages.is_partial() { "-part" } else { "" };
            let own = format!("{}{part}.{extension}", name(model));
            let suggested = given_name(model).filter(|_| form == Form::Received && range.is_none());
            let name = suggested.as_ref().unwrap_or(&own);
            model.overlay = Some(Overlay::SaveAs(Box::new(SaveAs {
                title,
                document: None,
                form,
                range,
                asked: Asked::new(name),
                suggested,
                taken: None,
                candidates: Vec::new(),
                completing: None,
                saved: 0,
            })));
            Vec::new()
        }
        Deed::CopySheet(sheet, masked) => {
            let Some((document, view)) = sheet_of(model) else {
                return Vec::new();
            };
            copy(model, title, Text::Sheet(document.body().clone(), Box::new(view), sheet, masked))
        }
        Deed::PageToCopy => {
            handing::page_to_copy(model);
            Vec::new()
        }
        Deed::PageToSave => {
            handing::page_to_save(model);
            Vec::new()
        }
        Deed::Hand(of, form, personal) => handing::copy(model, title, of, form, personal),
        Deed::Disclose(of) => {
            handing::ask_to_disclose(model, of);
            Vec::new()
        }
        Deed::WriteDown(of, form, personal) => handing::write_down(model, of, form, personal),
        Deed::WriteListed(personal) => history::fetch_listed(model, personal),
        Deed::Compare(against) => compare::against(model, against),
        Deed::Report(format) => compare::write(model, format),
        Deed::Outside(extension) => {
            let Some(body) = model.response.document().map(|own| own.body().clone()) else {
                return Vec::new();
            };
            let id = model.next_work();
            model.taking = Some(id);
            vec![Effect::OpenOutside(id, body, extension)]
        }
    }
}

/// An exchange is written down: asks where to save it.
pub fn written(model: &mut Model, id: WorkId, document: Document, many: bool, extension: &'static str) {
    if model.taking == Some(id) {
        model.taking = None;
        let name =
            if many { format!("pleoscope-exchanges.{extension}") } else { format!("{}.{extension}", name(model)) };
        save_document(model, if extension == "har" { "HAR" } else { "bug report" }, document, &name);
    }
}

/// Asks where to save what differs.
pub fn begin_save_of(model: &mut Model, title: &'static str, document: Document, extension: &str) {
    let name = format!("{}-differs.{extension}", name(model));
    save_document(model, title, document, &name);
}

/// Asks where to save a document that is not the answer shown.
fn save_document(model: &mut Model, title: &str, document: Document, name: &str) {
    model.overlay = Some(Overlay::SaveAs(Box::new(SaveAs {
        title: title.to_owned(),
        document: Some(document),
        form: Form::Received,
        range: None,
        asked: Asked::new(name),
        suggested: None,
        taken: None,
        candidates: Vec::new(),
        completing: None,
        saved: 0,
    })));
}

/// The name that the server gave the whole body that is shown.
fn given_name(model: &Model) -> Option<String> {
    let pane = &model.response;
    let whole = pane.filter.result.is_none() && pane.record.is_none() && pane.pages.document.is_none();
    let head = pane.exchange.as_ref()?.head.as_ref()?;
    head.header("content-disposition").filter(|_| whole).and_then(|header| naming::given(&header))
}

/// A name for a file: that of the operation and its environment, of what was fetched from the history or what is shown.
fn name(model: &Model) -> String {
    if let Some(own) = model.history.as_ref().and_then(|pane| pane.handed.first()) {
        return own.name();
    }
    let Some(exchange) = &model.response.exchange else {
        return "answer".to_owned();
    };
    let endpoint = exchange.request.endpoint();
    let words = if endpoint.operation.is_empty() { endpoint.path.as_str() } else { endpoint.operation.as_str() };
    file_name(words, exchange.environment())
}

/// Words and an environment as a name for a file.
fn file_name(words: &str, environment: Environment) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let words: String = words.chars().take(60).map(plain).collect();
    format!("{}-{environment}", words.trim_matches('-'))
}

fn copy(model: &mut Model, what: String, text: Text) -> Vec<Effect> {
    let id = model.next_work();
    model.taking = Some(id);
    model.copy_remark = None;
    vec![Effect::Take(id, Box::new(Copying { what, text }))]
}

/// A copy is done, or is for the terminal to do.
pub fn copied(model: &mut Model, id: WorkId, copied: Result<Copied, String>) -> Vec<Effect> {
    if model.taking != Some(id) {
        return Vec::new();
    }
    model.taking = None;
    // It comes first: on a narrow screen the rest may be cut off.
    let remark = model.copy_remark.take().map_or_else(String::new, |text| format!("{}. ", capitalised(text)));
    match copied {
        Ok(Copied::By(program, bytes)) => model.say(format!("{remark}Copied {bytes} bytes, by {program}")),
        Ok(Copied::Terminal(text)) => {
            // Some terminals drop it without a word, so nothing is promised.
            model.say(format!(
                "{remark}Sent {} bytes to the terminal for its clipboard; if they are not there, it does not take them: o saves",
                text.len()
            ));
            return vec![Effect::Copy(text)];
        }
        Ok(Copied::Hidden(text)) => return handing::for_terminal(model, text),
        Err(sentence) => model.complain(sentence),
    }
    Vec::new()
}

/// Enter in the field for a file: saves. A file that is there is replaced only when that is said once more.
pub fn save(model: &mut Model) -> Vec<Effect> {
    let (own, sheet) = match &model.overlay {
        Some(Overlay::SaveAs(own)) => (own.document.clone(), matches!(own.form, Form::Sheet(..))),
        _ => (None, false),
    };
    let rows = if sheet { sheet_of(model) } else { None };
    let view = rows.as_ref().map(|(_, view)| Box::new(view.clone()));
    let shown =
        || if sheet { rows.map(|(document, _)| document) } else { model.response.document().map(closed(model)) };
    let Some(document) = own.or_else(shown) else {
        return Vec::new();
    };
    let busy = model.taking.is_some();
    let Some(Overlay::SaveAs(own)) = &mut model.overlay else {
        return Vec::new();
    };
    let path = own.asked.input.text().trim().to_owned();
    if path.is_empty() || busy {
        own.asked.error = path.is_empty().then(|| "Type the path of a file.".to_owned());
        return Vec::new();
    }
    own.asked.error = None;
    let over = own.taken.as_ref() == Some(&path);
    let saving = Saving { document, range: own.range.clone(), view, form: own.form, path, over };
    let id = model.next_work();
    model.taking = Some(id);
    vec![Effect::Save(id, Box::new(saving))]
}

/// The rows of the table as they are shown, and the document that they are of.
fn sheet_of(model: &Model) -> Option<(Document, SheetView)> {
    let table = model.response.table();
    let columns = table.shown().iter().map(|column| column.path.clone()).collect();
    let view = SheetView { records: table.records.clone()?, order: table.order.clone(), columns };
    Some((model.response.listed()?.clone(), view))
}

/// The document shown; a list of which pages are missing is closed by saying so.
fn closed(model: &Model) -> impl Fn(&Document) -> Document + '_ {
    |document| match model.response.unclosed() {
        Some(tail) => document.with_more(tail.into()),
        None => document.clone(),
    }
}

/// Tab in that field: completes the path.
pub fn complete(model: &mut Model) -> Vec<Effect> {
    let id = model.next_work();
    let Some(Overlay::SaveAs(own)) = &mut model.overlay else {
        return Vec::new();
    };
    own.completing = Some(id);
    vec![Effect::Complete(id, own.asked.input.text().to_owned())]
}

/// What the path may become.
pub fn completed(model: &mut Model, id: WorkId, candidates: Vec<String>) {
    let Some(Overlay::SaveAs(own)) = &mut model.overlay else {
        return;
    };
    if own.completing != Some(id) {
        return;
    }
    own.completing = None;
    let Some(first) = candidates.first() else {
        own.asked.error = Some("No file or folder begins like that.".to_owned());
        return;
    };
    let common = candidates.iter().skip(1).fold(first.clone(), |common, next| {
        common.chars().zip(next.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    });
    if common.len() > own.asked.input.text().len() {
        own.asked.input = super::input::LineInput::new(&common);
    }
    (own.asked.error, own.taken) = (None, None);
    own.candidates = if candidates.len() > 1 { candidates } else { Vec::new() };
}

/// So much is saved.
pub fn saving(model: &mut Model, id: WorkId, bytes: u64) {
    if model.taking == Some(id)
        && let Some(Overlay::SaveAs(own)) = &mut model.overlay
    {
        own.saved = bytes;
    }
}

/// A file is written, or why not.
pub fn saved(model: &mut Model, id: WorkId, saved: Result<u64, Unsaved>) {
    if model.taking != Some(id) {
        return;
    }
    model.taking = None;
    match (saved, &mut model.overlay) {
        (Ok(bytes), Some(Overlay::SaveAs(own))) => {
            let path = own.asked.input.text().trim().to_owned();
            let rows = matches!(own.form, Form::Sheet(..) | Form::Received) && own.document.is_none();
            let part = rows && model.response.pages.is_partial() && model.response.record.is_none();
            model.overlay = None;
            let not_all =
                if part { format!(", not all of the list: {}", model.response.pages.share()) } else { String::new() };
            model.say(format!("Saved {bytes} bytes to {path}{not_all}"));
        }
        (Ok(_), _) => model.say("Given to the system's program; the file goes when pleoscope is left"),
        (Err(Unsaved::Exists), Some(Overlay::SaveAs(own)))
            if own.suggested.as_deref() == Some(own.asked.input.text().trim()) =>
        {
            own.asked.error = Some("There is a file of the name that the server gave: type another one.".to_owned());
        }
        (Err(Unsaved::Exists), Some(Overlay::SaveAs(own))) => {
            own.taken = Some(own.asked.input.text().trim().to_owned());
            own.asked.error = Some(
                "There is a file of that name: Enter once more replaces it, Esc goes back to the name.".to_owned(),
            );
        }
        (Err(Unsaved::Failed(sentence)), Some(Overlay::SaveAs(own))) => own.asked.error = Some(sentence),
        (Err(Unsaved::Failed(sentence)), _) => model.complain(sentence),
        (Err(Unsaved::Exists), _) => model.complain("Not saved: there is a file of that name"),
    }
}

/// Stops a save or a copy.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    model.taking.take().map_or_else(Vec::new, |id| vec![Effect::Cancel(id)])
}
