//! Handing an exchange on: as a command, an archive or a report; and a command with the secret in it, after a question.

use super::items::item;
use super::{Copying, Deed, Item, Menu, Text};
use crate::app::event::{Effect, Handed, WorkId};
use crate::app::model::{Model, Overlay, Pane};
use crate::app::panes::response::Exchange;
use crate::document::Body;
use crate::pleo::credential::Credential;
use crate::pleo::explain::Explanation;
use crate::pleo::handing::{self, Form};
use crate::pleo::preflight::Finding;
use crate::pleo::prepared::{Prepared, prepare};
use crate::pleo::privacy;
use crate::pleo::transcript::Transcript;

/// Most bytes of a body that goes into an archive.
const LARGEST: u64 = 16 << 20;

/// Most exchanges of a run that are remembered.
const MOST: usize = 1000;

/// Most bytes of one body that is remembered with them: a larger one goes when the next answer comes.
const LARGEST_OF_RUN: u64 = 1 << 20;

/// Most bytes of bodies that are remembered with them, in memory or not.
const MOST_BYTES: u64 = 64 << 20;

/// An exchange on its way to be written down. Its body is read where there is time for that.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    transcript: Transcript,
    body: Option<Body>,
    explanation: Option<Explanation>,
}

impl Account {
    /// Of a request before it is sent.
    #[must_use]
    pub fn of(request: &Prepared) -> Self {
        Self { transcript: Transcript::of(request), body: None, explanation: None }
    }

    /// Of an exchange as it is now. What a link to another host led to is nobody's to hand on.
    #[must_use]
    pub fn after(exchange: &Exchange) -> Self {
        let body = exchange.document.body();
        Self {
            // The bytes are read later.
            transcript: exchange.transcript(0),
            body: (body.len() <= LARGEST && !exchange.request.is_elsewhere()).then(|| body.clone()),
            explanation: exchange.explanation.clone(),
        }
    }

    /// Of an exchange of the history.
    #[must_use]
    pub const fn kept(transcript: Transcript) -> Self {
        Self { transcript, body: None, explanation: None }
    }

    /// A name for a file of it.
    #[must_use]
    pub fn name(&self) -> String {
        let own = &self.transcript;
        super::file_name(own.operation.as_deref().unwrap_or(own.url.path()), own.environment)
    }

    /// Whether a body was sent, or came and is at hand.
    fn has_bodies(&self) -> bool {
        let came = self.transcript.answer.as_ref().and_then(|answer| answer.body.as_ref());
        self.transcript.body.is_some() || came.is_some_and(|body| !body.is_empty())
    }

    fn bytes(&self) -> u64 {
        self.body.as_ref().map_or(0, Body::len)
    }

    /// All of it, with the bytes of its body.
    fn whole(&self) -> Transcript {
        let mut own = self.transcript.clone();
        if let (Some(answer), Some(body)) = (&mut own.answer, &self.body) {
            answer.body = Some(body.read(0..body.len()).into_owned());
        }
        own
    }
}

/// The exchanges of this run, the latest last. Bodies are shared with what is shown, and the oldest are let go of first.
#[derive(Debug, Default)]
pub struct Run(Vec<Account>);

impl Run {
    /// Remembers an exchange that has ended.
    pub fn keep(&mut self, exchange: &Exchange) {
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        let mut own = Account::after(exchange);
        own.body = own.body.filter(|body| body.len() <= LARGEST_OF_RUN);
        self.0.push(own);
        let mut bytes: u64 = self.0.iter().map(Account::bytes).sum();
        for old in &mut self.0 {
            if bytes <= MOST_BYTES {
                break;
            }
            bytes -= old.bytes();
            old.body = None;
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing has ended yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is to be written of which exchanges.
#[derive(Clone, Debug, PartialEq)]
pub struct Handing {
    /// The exchanges: one, but for an archive.
    pub own: Vec<Account>,
    /// How.
    pub form: Form,
    /// Whether bodies and what else may be personal go along.
    pub personal: bool,
}

impl Handing {
    /// The text. It takes as long as its bodies are large.
    #[must_use]
    pub fn write(&self) -> String {
        let many: Vec<Transcript> = self.own.iter().map(Account::whole).collect();
        match (self.form, many.first()) {
            (Form::Har, _) => handing::har(&many.iter().collect::<Vec<_>>(), !self.personal),
            (Form::Markdown, Some(own)) => {
                let explanation = self.own.first().and_then(|own| own.explanation.as_ref());
                handing::report(own, explanation, !self.personal)
            }
            (form, Some(own)) => handing::write(own, form),
            (_, None) => String::new(),
        }
    }

    /// The extension of a file of it.
    #[must_use]
    pub const fn extension(&self) -> &'static str {
        match self.form {
            Form::Har => "har",
            Form::Markdown => "md",
            _ => "txt",
        }
    }
}

/// A curl command with a secret in it, that is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosing {
    /// What is sent by it.
    pub transcript: Transcript,
    /// Whose value stands in it.
    pub credential: Credential,
}

/// Which exchanges a page of a menu is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The request as it stands in pane 4.
    Request,
    /// The exchange that is shown.
    Shown,
    /// All of this run.
    Run,
    /// The exchange of the history that is fetched.
    Old,
}

/// A page of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The forms in which an exchange is copied.
    Copy,
    /// Those in which it is saved.
    Save,
}

/// The accounts that are meant; the first finding where the request could not be sent.
fn accounts(model: &Model, of: Of) -> Result<Vec<Account>, String> {
    match of {
        Of::Request => request(model).map(|request| vec![Account::of(&request)]),
        Of::Shown => Ok(model.response.exchange.iter().map(Account::after).collect()),
        Of::Run => Ok(model.run.0.clone()),
        Of::Old => Ok(model.history.iter().flat_map(|pane| &pane.handed).cloned().collect()),
    }
}

/// The request of pane 4 as it would be sent.
fn request(model: &Model) -> Result<Prepared, String> {
    let draft = model.request.draft.as_ref().ok_or("There is no request yet: choose an operation with Enter")?;
    prepare(draft, &model.situation()).map_err(|findings| {
        let refusal = findings.iter().find(|finding| finding.refuses());
        format!(
            "Not copied, since it could not be sent: {}",
            refusal.map_or_else(String::new, |found| Finding::named(found, draft))
        )
    })
}

/// Where `y` would copy a request rather than something of an answer.
fn of_focus(model: &Model) -> Of {
    if model.focus == Pane::Request { Of::Request } else { Of::Shown }
}

/// Opens the page of forms to copy; in pane 4 at once.
pub(super) fn page_to_copy(model: &mut Model) {
    let of = of_focus(model);
    let asked = match of {
        Of::Request => request(model),
        _ => Ok(model.response.exchange.as_ref().map(|own| own.request.clone()))
            .and_then(|own| own.ok_or_else(|| "There is no answer yet that could be copied".to_owned())),
    };
    let request = match asked {
        Ok(request) => request,
        Err(sentence) => return model.complain(sentence),
    };
    let title = if of == Of::Request { "Copy the request" } else { "Copy the exchange" };
    let disclosed = request.credential().map(Credential::label);
    let items = forms(model, of, &Transcript::of(&request), disclosed);
    open(model, title, items);
}

/// Opens a page about an exchange of the history.
pub fn page_of_old(model: &mut Model, own: &Transcript, page: Page) {
    let Some(pane) = &mut model.history else {
        return;
    };
    let several = pane.entries.len() > 1;
    pane.handed = vec![Account::kept(own.clone())];
    if page == Page::Copy {
        // Its credential is known by its label only.
        let items = forms(model, Of::Old, own, None);
        return open(model, "Copy the exchange", items);
    }
    let mut items = records(model, Of::Old, Deed::WriteDown);
    if several {
        for (letter, with, personal) in [('r', "", false), ('R', ", with bodies", true)] {
            let title = format!("HAR of all that are listed{with}");
            let glimpse = if personal { WITH } else { WITHOUT };
            items.push(Item { letter, title, glimpse: glimpse.to_owned(), deed: Deed::WriteListed(personal) });
        }
    }
    open(model, "Save the exchange", items);
}

/// The forms in which an exchange is copied; with the secret where it is at hand, by its label.
fn forms(model: &Model, of: Of, own: &Transcript, disclosed: Option<String>) -> Vec<Item> {
    let mut items = Vec::new();
    let variable = own.credential.as_ref().map(|used| handing::variable(used.kind, own.environment));
    let with = variable.map_or_else(|| "no credential goes with it".to_owned(), |name| format!("with ${name}"));
    let form = |letter, form: Form, glimpse: &str| item(letter, form.title(), glimpse, Deed::Hand(of, form, true));
    items.push(form('c', Form::Curl, &with));
    if let Some(label) = disclosed {
        let shown = format!("asks first · {} · {label}", own.environment);
        items.push(item('C', "curl with the secret", shown, Deed::Disclose(of)));
    }
    let guarded = handing::is_guarded(own);
    let line = if guarded { "this program's own line, without leave to write" } else { "this program's own line" };
    items.push(form('s', Form::Send, line));
    items.push(form('i', Form::Httpie, "http, the command of HTTPie 3"));
    items.push(form('p', Form::Python, "a script"));
    items.push(form('f', Form::Fetch, "a module for Node"));
    items.push(form('h', Form::Http, "the bytes, but for the credential"));
    let url = own.url.to_string();
    items.push(item('u', "URL", url.clone(), Deed::Copy(Text::Given(url.clone()))));
    if model.masked && (own.body.is_some() || privacy::masked(&url) != url) {
        for item in &mut items {
            item.title.push_str(", with personal data");
        }
    }
    items.extend(records(model, of, Deed::Hand));
    items
}

/// Opens the page of records to save.
pub(super) fn page_to_save(model: &mut Model) {
    let mut items = records(model, Of::Shown, Deed::WriteDown);
    if model.run.len() > 1 {
        let count = format!("HAR of all {} of this run", model.run.len());
        for (letter, with, personal) in [('r', "", false), ('R', ", with bodies", true)] {
            let glimpse = if personal { WITH } else { WITHOUT };
            let deed = Deed::WriteDown(Of::Run, Form::Har, personal);
            items.push(Item { letter, title: format!("{count}{with}"), glimpse: glimpse.to_owned(), deed });
        }
    }
    open(model, "Save the exchange", items);
}

/// What goes along without bodies.
const WITHOUT: &str = "no secrets; personal data masked";
/// What goes along with them.
const WITH: &str = "no secrets; personal data as it is";

/// The forms that tell of the answer too, with bodies only where that is asked for.
fn records(model: &Model, of: Of, deed: impl Fn(Of, Form, bool) -> Deed) -> Vec<Item> {
    let body = match of {
        Of::Request => model.request.draft.as_ref().is_some_and(|draft| !draft.body.trim().is_empty()),
        Of::Old => model.history.iter().flat_map(|pane| &pane.handed).any(Account::has_bodies),
        Of::Shown | Of::Run => {
            model.response.exchange.as_ref().is_some_and(|own| !own.document.is_empty() || own.request.body().is_some())
        }
    };
    let mut items = Vec::new();
    for (small, form, title) in [('a', Form::Har, "HAR 1.2"), ('m', Form::Markdown, "bug report")] {
        items.push(item(small, title, WITHOUT, deed(of, form, false)));
        if body {
            let title = format!("{title}, with bodies");
            let letter = small.to_ascii_uppercase();
            items.push(Item { letter, title, glimpse: WITH.to_owned(), deed: deed(of, form, true) });
        }
    }
    items
}

fn open(model: &mut Model, title: &'static str, items: Vec<Item>) {
    model.overlay = Some(Overlay::Menu(Menu { title, items, cursor: 0 }));
}

/// Copies what is meant in a form. The text is made where there is time for it.
pub(super) fn copy(model: &mut Model, what: String, of: Of, form: Form, personal: bool) -> Vec<Effect> {
    match accounts(model, of) {
        Ok(own) => {
            let id = model.next_work();
            model.taking = Some(id);
            model.copy_remark = own.first().and_then(|own| remark(&own.transcript, form));
            let text = Text::Written(Box::new(Handing { own, form, personal }));
            vec![Effect::Take(id, Box::new(Copying { what, text }))]
        }
        Err(sentence) => {
            model.complain(sentence);
            Vec::new()
        }
    }
}

/// What is to be known of a command besides that it is copied.
fn remark(own: &Transcript, form: Form) -> Option<&'static str> {
    let guarded = form == Form::Send && handing::is_guarded(own);
    let refused = guarded.then_some("production refuses this line until you add --allow-production-write");
    handing::caution(own, form).or(refused)
}

/// Writes what is meant down, to be saved.
pub(super) fn write_down(model: &mut Model, of: Of, form: Form, personal: bool) -> Vec<Effect> {
    match accounts(model, of) {
        Ok(own) => write(model, Handing { own, form, personal }),
        Err(sentence) => {
            model.complain(sentence);
            Vec::new()
        }
    }
}

/// Writes this down, to be saved.
pub fn write(model: &mut Model, handing: Handing) -> Vec<Effect> {
    let id = model.next_work();
    model.taking = Some(id);
    vec![Effect::WriteDown(id, Box::new(handing))]
}

/// Asks whether a secret is to be in the clipboard.
pub(super) fn ask_to_disclose(model: &mut Model, of: Of) {
    let asked = match of {
        Of::Request => request(model),
        _ => model.response.exchange.as_ref().map(|own| own.request.clone()).ok_or_else(String::new),
    };
    match asked.map(|request| (request.credential().cloned(), request)) {
        Ok((Some(credential), request)) => {
            let transcript = Transcript::of(&request);
            model.overlay = Some(Overlay::Disclose(Box::new(Disclosing { transcript, credential })));
        }
        Ok((None, _)) => model.complain("No credential goes with this request"),
        Err(sentence) => model.complain(sentence),
    }
}

/// Enter in that question: the worker gives it to the clipboard, and to nobody else.
pub fn disclose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Disclose(own)) = model.overlay.take() else {
        return Vec::new();
    };
    // One that was forgotten meanwhile is not given out.
    if model.credentials.find(&own.credential).is_none() {
        model.complain("That credential was forgotten: nothing is copied");
        return Vec::new();
    }
    let id = model.next_work();
    model.taking = Some(id);
    vec![Effect::Disclose(id, own)]
}

/// The clipboard of the terminal is to be given a text with a secret.
pub(super) fn for_terminal(model: &mut Model, text: Handed) -> Vec<Effect> {
    model.say("Sent to the terminal for its clipboard, with the secret in it: empty the clipboard when it is pasted");
    vec![Effect::CopyHidden(text)]
}

/// Remembers the exchange that has ended.
pub fn remember(model: &mut Model, id: WorkId) {
    if let Some(exchange) = model.response.exchange.as_ref().filter(|own| own.id == id) {
        model.run.keep(exchange);
    }
}
