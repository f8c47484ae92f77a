//! The one table of keys. Dispatch, the footer, the help, the palette and the README are all made from it.

mod in_force;
mod own;

use super::action::Action;
use super::model::{Model, Overlay, Pane};
use super::panes::response::View;
use super::saved::pane::Asking;
use crate::key::{Code, Key};

pub use in_force::{Bound, Keymap};
pub use own::{Own, documented, names};

/// Where keys mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// Anywhere, text fields included.
    Always,
    /// Anywhere outside text fields.
    Global,
    /// In the table of the response.
    Table,
    /// In one pane.
    In(Pane),
    /// In a text field of one line.
    Field,
    /// In the editor of several lines.
    Editor,
    /// In the help.
    Help,
    /// In a value that is read by itself.
    Viewer,
    /// In a comparison of two answers.
    Compare,
    /// In the history.
    History,
    /// In the list of saved requests.
    Saved,
    /// In a menu.
    Menu,
    /// In the list of a table's columns.
    Columns,
    /// In the counts of a column's values.
    Counts,
    /// In the palette's list.
    Palette,
    /// On a choice of the login's form.
    Choice,
    /// In the login.
    Login,
    /// In a last look or a question.
    Review,
}

impl Context {
    /// The heading in help and README.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Always => "Anywhere",
            Self::Global => "Outside text fields",
            Self::Table => "In the table",
            Self::Columns => "In the list of columns",
            Self::Counts => "In the counts of a column",
            Self::In(pane) => pane.title(),
            Self::Field => "In a field",
            Self::Editor => "In the body editor",
            Self::Help => "In the help",
            Self::Viewer => "In a value",
            Self::Compare => "In a comparison",
            Self::History => "In the history",
            Self::Saved => "In saved requests",
            Self::Menu => "In a menu",
            Self::Palette => "In the palette or a picker",
            Self::Choice => "On a choice of the login",
            Self::Login => "In the login",
            Self::Review => "In a last look",
        }
    }
}

/// One row of the table: what holds unless the person's own keys say otherwise, which [`Keymap`] knows.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// Which keys do it; the first is the one shown in the footer.
    pub keys: &'static [Key],
    /// What it does.
    pub action: Action,
}

const fn bind(context: Context, keys: &'static [Key], action: Action) -> Binding {
    Binding { context, keys, action }
}

const fn c(c: char) -> Key {
    Key::char(c)
}

const fn k(code: Code) -> Key {
    Key::plain(code)
}

/// Every binding. Within a context the order is that of the footer.
pub static BINDINGS: &[Binding] = &[
    bind(Context::Always, &[Key::ctrl('c')], Action::Quit),
    bind(Context::Always, &[Key::ctrl('z')], Action::Suspend),
    bind(Context::Always, &[Key::ctrl('t')], Action::SwitchEnvironment),
    bind(Context::Always, &[Key::ctrl('p')], Action::Palette),
    bind(Context::Always, &[Key::ctrl('n')], Action::FreeRequest),
    bind(Context::Global, &[c('s')], Action::Send),
    bind(Context::Global, &[c('x')], Action::Cancel),
    bind(Context::Global, &[c('w')], Action::Unlock),
    bind(Context::Global, &[c('H')], Action::History),
    bind(Context::Global, &[c('O')], Action::SavedRequests),
    bind(Context::Global, &[c('i')], Action::WhoAmI),
    bind(Context::Global, &[c('L')], Action::LogIn),
    bind(Context::In(Pane::Environment), &[k(Code::Enter)], Action::Choose),
    bind(Context::In(Pane::Credential), &[k(Code::Enter)], Action::Choose),
    bind(Context::In(Pane::Credential), &[k(Code::Delete), k(Code::Backspace)], Action::Clear),
    bind(Context::In(Pane::Credential), &[c('K')], Action::Keep),
    bind(Context::In(Pane::Endpoints), &[k(Code::Enter)], Action::Choose),
    bind(Context::In(Pane::Endpoints), &[c('/')], Action::Search),
    bind(Context::In(Pane::Request), &[k(Code::Enter)], Action::Choose),
    bind(Context::In(Pane::Request), &[k(Code::Delete), k(Code::Backspace)], Action::Clear),
    bind(Context::In(Pane::Request), &[c('e')], Action::EditOutside),
    bind(Context::In(Pane::Request), &[c('c')], Action::PickCompany),
    bind(Context::In(Pane::Request), &[c('+'), c('=')], Action::AddValue),
    bind(Context::In(Pane::Request), &[c('-')], Action::DropValue),
    bind(Context::In(Pane::Request), &[c('A')], Action::AddHeader),
    bind(Context::In(Pane::Request), &[c('o')], Action::SaveRequest),
    bind(Context::In(Pane::Request), &[c('R')], Action::Reset),
    bind(Context::In(Pane::Request), &[c('u')], Action::Undo),
    bind(Context::In(Pane::Request), &[c('y')], Action::CopyMenu),
    bind(Context::Table, &[k(Code::Enter)], Action::Choose),
    bind(Context::Table, &[c('/')], Action::Search),
    bind(Context::Table, &[c('S')], Action::SortColumn),
    bind(Context::Table, &[c('a')], Action::LoadAll),
    bind(Context::Table, &[c('d')], Action::Compare),
    bind(Context::Table, &[c('c')], Action::Columns),
    bind(Context::Table, &[c('v')], Action::NextView),
    bind(Context::Table, &[c('T')], Action::SortAlso),
    bind(Context::Table, &[c('y')], Action::CopyMenu),
    bind(Context::Table, &[c('o')], Action::SaveMenu),
    bind(Context::Table, &[c('-')], Action::Narrower),
    bind(Context::Table, &[c('+'), c('=')], Action::Wider),
    bind(Context::Table, &[c('<')], Action::ColumnLeft),
    bind(Context::Table, &[c('>')], Action::ColumnRight),
    bind(Context::Table, &[c('X')], Action::HideColumn),
    bind(Context::Table, &[c('#')], Action::CountValues),
    bind(Context::In(Pane::Response), &[c('F')], Action::Follow),
    bind(Context::In(Pane::Response), &[c('v')], Action::NextView),
    bind(Context::In(Pane::Response), &[c(' ')], Action::ToggleFold),
    bind(Context::In(Pane::Response), &[k(Code::Enter)], Action::Choose),
    bind(Context::In(Pane::Response), &[c('/')], Action::Search),
    bind(Context::In(Pane::Response), &[c('f')], Action::Filter),
    bind(Context::In(Pane::Response), &[c('!')], Action::GoToError),
    bind(Context::In(Pane::Response), &[c('n')], Action::NextHit),
    bind(Context::In(Pane::Response), &[c('N')], Action::PreviousHit),
    bind(Context::In(Pane::Response), &[c('y')], Action::CopyMenu),
    bind(Context::In(Pane::Response), &[c('o')], Action::SaveMenu),
    bind(Context::In(Pane::Response), &[c('a')], Action::LoadAll),
    bind(Context::In(Pane::Response), &[c('r')], Action::LoadPage),
    bind(Context::In(Pane::Response), &[c('t')], Action::Leads),
    bind(Context::In(Pane::Response), &[k(Code::Backspace)], Action::Return),
    bind(Context::In(Pane::Response), &[c('D')], Action::Differing),
    bind(Context::In(Pane::Response), &[c('d')], Action::Compare),
    bind(Context::In(Pane::Response), &[c('C')], Action::FoldAll),
    bind(Context::In(Pane::Response), &[c('E')], Action::UnfoldAll),
    bind(Context::In(Pane::Response), &[c('-')], Action::FoldMore),
    bind(Context::In(Pane::Response), &[c('+'), c('=')], Action::FoldLess),
    bind(Context::In(Pane::Response), &[Key::ctrl('g')], Action::Goto),
    bind(Context::In(Pane::Response), &[c('W')], Action::Wrap),
    bind(Context::In(Pane::Response), &[c('P')], Action::PathForm),
    bind(Context::In(Pane::Response), &[c('U')], Action::Parent),
    bind(Context::In(Pane::Response), &[c('J')], Action::NextSibling),
    bind(Context::In(Pane::Response), &[c('K')], Action::PreviousSibling),
    bind(Context::In(Pane::Response), &[c('u')], Action::LocalTimes),
    bind(Context::In(Pane::Response), &[c('h'), k(Code::Left)], Action::Left),
    bind(Context::In(Pane::Response), &[c('l'), k(Code::Right)], Action::Right),
    bind(Context::Global, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Global, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Global, &[k(Code::PageDown), Key::ctrl('d')], Action::PageDown),
    bind(Context::Global, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::Global, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::Global, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::Global, &[k(Code::Esc)], Action::Back),
    bind(Context::Global, &[k(Code::Tab)], Action::NextPane),
    bind(Context::Global, &[k(Code::BackTab)], Action::PreviousPane),
    bind(Context::Global, &[c('1')], Action::Focus(Pane::Environment)),
    bind(Context::Global, &[c('2')], Action::Focus(Pane::Credential)),
    bind(Context::Global, &[c('3')], Action::Focus(Pane::Endpoints)),
    bind(Context::Global, &[c('4')], Action::Focus(Pane::Request)),
    bind(Context::Global, &[c('5')], Action::Focus(Pane::Response)),
    bind(Context::Global, &[c('z')], Action::Zoom),
    bind(Context::Global, &[c('m')], Action::ToggleMouse),
    bind(Context::Global, &[c('p')], Action::Mask),
    bind(Context::Global, &[k(Code::F(2))], Action::Theme),
    bind(Context::Global, &[c(':')], Action::Palette),
    bind(Context::Global, &[c('?')], Action::Help),
    bind(Context::Global, &[c('q')], Action::Quit),
    bind(Context::Field, &[k(Code::Enter)], Action::Choose),
    bind(Context::Field, &[k(Code::Esc)], Action::Back),
    bind(Context::Field, &[k(Code::Tab)], Action::Right),
    bind(Context::Field, &[Key::ctrl('r')], Action::Pattern),
    bind(Context::Field, &[Key::ctrl('o')], Action::EditOutside),
    bind(Context::Editor, &[k(Code::Esc)], Action::Back),
    bind(Context::Editor, &[Key::ctrl('g')], Action::GoToError),
    bind(Context::Editor, &[Key::ctrl('o')], Action::EditOutside),
    bind(Context::Editor, &[Key::ctrl('u')], Action::Undo),
    bind(Context::Editor, &[Key::ctrl('r')], Action::Redo),
    bind(Context::Palette, &[k(Code::Enter)], Action::Choose),
    bind(Context::Palette, &[k(Code::Down), Key::ctrl('j')], Action::Down),
    bind(Context::Palette, &[k(Code::Up), Key::ctrl('k')], Action::Up),
    bind(Context::Palette, &[k(Code::PageDown)], Action::PageDown),
    bind(Context::Palette, &[k(Code::PageUp)], Action::PageUp),
    bind(Context::Palette, &[k(Code::Esc)], Action::Back),
    bind(Context::Choice, &[c(' ')], Action::ToggleFold),
    bind(Context::Login, &[k(Code::Enter)], Action::Choose),
    bind(Context::Login, &[k(Code::Down), k(Code::Tab)], Action::Down),
    bind(Context::Login, &[k(Code::Up), k(Code::BackTab)], Action::Up),
    bind(Context::Login, &[Key::ctrl('y')], Action::Copy),
    bind(Context::Login, &[k(Code::Esc)], Action::Back),
    bind(Context::Review, &[k(Code::Enter)], Action::Choose),
    bind(Context::Review, &[k(Code::Down)], Action::Down),
    bind(Context::Review, &[k(Code::Up)], Action::Up),
    bind(Context::Review, &[k(Code::PageDown)], Action::PageDown),
    bind(Context::Review, &[k(Code::PageUp)], Action::PageUp),
    bind(Context::Review, &[k(Code::Esc)], Action::Back),
    bind(Context::Help, &[k(Code::Esc), c('q'), c('?')], Action::Back),
    bind(Context::Help, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Help, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Help, &[k(Code::PageDown), c(' '), Key::ctrl('d')], Action::PageDown),
    bind(Context::Help, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::Help, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::Help, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::Viewer, &[k(Code::Esc), c('q'), k(Code::Enter)], Action::Back),
    bind(Context::Viewer, &[c('y')], Action::CopyMenu),
    bind(Context::Viewer, &[c('p')], Action::Mask),
    bind(Context::Viewer, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Viewer, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Viewer, &[k(Code::PageDown), c(' '), Key::ctrl('d')], Action::PageDown),
    bind(Context::Viewer, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::Viewer, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::Viewer, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::Counts, &[k(Code::Enter)], Action::Choose),
    bind(Context::Counts, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Counts, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Counts, &[k(Code::PageDown), c(' '), Key::ctrl('d')], Action::PageDown),
    bind(Context::Counts, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::Counts, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::Counts, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::Counts, &[k(Code::Esc), c('q')], Action::Back),
    bind(Context::Columns, &[c(' ')], Action::ToggleFold),
    bind(Context::Columns, &[c('J')], Action::ColumnRight),
    bind(Context::Columns, &[c('K')], Action::ColumnLeft),
    bind(Context::Columns, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Columns, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Columns, &[k(Code::Esc), k(Code::Enter), c('c')], Action::Back),
    bind(Context::Compare, &[c('x')], Action::Cancel),
    bind(Context::Compare, &[k(Code::Enter)], Action::Choose),
    bind(Context::Compare, &[c('t')], Action::ShapeOnly),
    bind(Context::Compare, &[c('K')], Action::AlignBy),
    bind(Context::Compare, &[c('i')], Action::Volatile),
    bind(Context::Compare, &[c('o')], Action::SaveMenu),
    bind(Context::Compare, &[c('n')], Action::NextHit),
    bind(Context::Compare, &[c('N')], Action::PreviousHit),
    bind(Context::Compare, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Compare, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Compare, &[k(Code::PageDown), c(' '), Key::ctrl('d')], Action::PageDown),
    bind(Context::Compare, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::Compare, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::Compare, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::Compare, &[k(Code::Esc), c('q')], Action::Back),
    bind(Context::Compare, &[c('p')], Action::Mask),
    bind(Context::Compare, &[c('?')], Action::Help),
    bind(Context::Compare, &[c(':')], Action::Palette),
    bind(Context::History, &[k(Code::Enter)], Action::Choose),
    bind(Context::History, &[c('/')], Action::Search),
    bind(Context::History, &[c('s')], Action::Send),
    bind(Context::History, &[c('e')], Action::Recall),
    bind(Context::History, &[c('a')], Action::Everywhere),
    bind(Context::History, &[c('d')], Action::Compare),
    bind(Context::History, &[c('y')], Action::CopyMenu),
    bind(Context::History, &[c('o')], Action::SaveMenu),
    bind(Context::History, &[c('p')], Action::Pin),
    bind(Context::History, &[c('N')], Action::Rename),
    bind(Context::History, &[k(Code::Delete)], Action::Clear),
    bind(Context::History, &[c('C')], Action::ClearHistory),
    bind(Context::History, &[c('w')], Action::Unlock),
    bind(Context::History, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::History, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::History, &[k(Code::PageDown), c(' '), Key::ctrl('d')], Action::PageDown),
    bind(Context::History, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::History, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::History, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::History, &[k(Code::Esc), c('q'), c('H')], Action::Back),
    bind(Context::History, &[c('?')], Action::Help),
    bind(Context::History, &[c(':')], Action::Palette),
    bind(Context::Saved, &[k(Code::Enter)], Action::Choose),
    bind(Context::Saved, &[c('/')], Action::Search),
    bind(Context::Saved, &[c('N')], Action::Rename),
    bind(Context::Saved, &[c('e')], Action::EditOutside),
    bind(Context::Saved, &[k(Code::Delete), k(Code::Backspace)], Action::Clear),
    bind(Context::Saved, &[c('j'), k(Code::Down)], Action::Down),
    bind(Context::Saved, &[c('k'), k(Code::Up)], Action::Up),
    bind(Context::Saved, &[k(Code::PageDown), c(' '), Key::ctrl('d')], Action::PageDown),
    bind(Context::Saved, &[k(Code::PageUp), Key::ctrl('u')], Action::PageUp),
    bind(Context::Saved, &[c('g'), k(Code::Home)], Action::First),
    bind(Context::Saved, &[c('G'), k(Code::End)], Action::Last),
    bind(Context::Saved, &[k(Code::Esc), c('q'), c('O')], Action::Back),
    bind(Context::Saved, &[c('?')], Action::Help),
    bind(Context::Saved, &[c(':')], Action::Palette),
    bind(Context::Menu, &[k(Code::Enter)], Action::Choose),
    bind(Context::Menu, &[k(Code::Down), c('j')], Action::Down),
    bind(Context::Menu, &[k(Code::Up), c('k')], Action::Up),
    bind(Context::Menu, &[k(Code::Esc)], Action::Back),
];

/// The contexts in force, the most particular first.
#[must_use]
pub fn contexts(model: &Model) -> Vec<Context> {
    match &model.overlay {
        Some(Overlay::Help(_)) => return vec![Context::Help, Context::Always],
        Some(Overlay::Palette(_) | Overlay::Companies(_)) => return vec![Context::Palette, Context::Always],
        Some(Overlay::Viewer(_)) => return vec![Context::Viewer, Context::Always],
        Some(Overlay::Menu(_) | Overlay::Differing(_)) => return vec![Context::Menu, Context::Always],
        Some(Overlay::Counts(_)) => return vec![Context::Counts, Context::Always],
        Some(Overlay::Columns(_)) => return vec![Context::Columns, Context::Always],
        Some(
            Overlay::FreeRequest(_)
            | Overlay::Unlock(_)
            | Overlay::Keep(..)
            | Overlay::Goto(_)
            | Overlay::SaveAs(_)
            | Overlay::AlignBy(_)
            | Overlay::Variable(..)
            | Overlay::Keeping(_),
        ) => {
            return vec![Context::Field, Context::Always];
        }
        Some(Overlay::Review(_) | Overlay::Remove(_) | Overlay::Disclose(_) | Overlay::Import(_)) => {
            return vec![Context::Review, Context::Always];
        }
        Some(Overlay::Login(pane)) if pane.is_choice() => {
            return vec![Context::Choice, Context::Login, Context::Always];
        }
        Some(Overlay::Login(_)) => return vec![Context::Login, Context::Always],
        None if model.compare.is_some() => return vec![Context::Compare, Context::Always],
        None if model.history.as_ref().is_some_and(|own| own.asking.is_some()) => {
            return vec![Context::Field, Context::Always];
        }
        None if model.history.is_some() => return vec![Context::History, Context::Always],
        None if model.saved.is_some() => {
            let own = match model.saved.as_ref().and_then(|pane| pane.asking.as_ref()) {
                Some(Asking::Filter | Asking::Name(..)) => Context::Field,
                Some(Asking::Remove(_)) => Context::Review,
                None => Context::Saved,
            };
            return vec![own, Context::Always];
        }
        None => {}
    }
    if model.request.editor.is_some() && model.focus == Pane::Request {
        vec![Context::Editor, Context::Always]
    } else if model.typing() {
        // The endpoints' filter is typed while the arrows still move the list.
        vec![Context::Field, Context::Always]
    } else if model.focus == Pane::Response && model.response.view() == View::Table {
        vec![Context::Table, Context::In(model.focus), Context::Global, Context::Always]
    } else {
        vec![Context::In(model.focus), Context::Global, Context::Always]
    }
}

/// What a key does now.
#[must_use]
pub fn action(model: &Model, key: Key) -> Option<Action> {
    model.keymap.action(&contexts(model), key)
}

/// The contexts in the order of help and README.
fn shown_contexts() -> impl Iterator<Item = Context> {
    [Context::Always, Context::Global].into_iter().chain(Pane::ALL.map(Context::In)).chain([
        Context::Table,
        Context::Columns,
        Context::Counts,
        Context::Field,
        Context::Editor,
        Context::Palette,
        Context::Choice,
        Context::Login,
        Context::Review,
        Context::Compare,
        Context::History,
        Context::Saved,
        Context::Menu,
        Context::Viewer,
        Context::Help,
    ])
}

/// What an action means in a context, where that is more particular than the action's own line.
#[must_use]
pub const fn meaning(context: Context, action: Action) -> &'static str {
    match (context, action) {
        (Context::Editor, Action::GoToError) => "to where it stops being JSON, or departs from the operation",
        (Context::In(Pane::Environment), Action::Choose) => "make this environment the one in force",
        (Context::In(Pane::Credential), Action::Choose) => "use this credential, or type one in",
        (Context::In(Pane::Credential), Action::Clear) => "forget this credential",
        (Context::In(Pane::Endpoints), Action::Choose) => "take this operation to Request",
        (Context::In(Pane::Endpoints), Action::Search) => "filter the list as you type",
        (Context::In(Pane::Request), Action::Choose) => "edit this field, or the body",
        (Context::In(Pane::Request), Action::Clear) => "empty this field, or take out one of your own",
        (Context::In(Pane::Response), Action::Search) => "search the response",
        (Context::Field, Action::Choose) => "keep what is typed",
        (Context::Field, Action::Back) => "leave the field as it was",
        (Context::In(Pane::Response), Action::Choose) => "fold or unfold; read a string or number by itself",
        (Context::Field, Action::Right) => "take what is offered; complete a path; search in keys or values",
        (Context::Editor, Action::Back) => "done; the text is kept",
        (Context::Palette, Action::Choose) => "do it, or take it",
        (Context::Palette | Context::Help | Context::Viewer | Context::Menu, Action::Back) => "close",
        (Context::Viewer, Action::CopyMenu) => "copy it",
        (Context::In(Pane::Request), Action::CopyMenu) => "copy the request: curl, send line, script, HTTP …",
        (Context::Table, Action::Choose) => {
            "read the record beside the table, or go where the id under the cursor leads"
        }
        (Context::Table, Action::Search) => {
            "filter the rows as you type: words, 'exact, column:value, column>value, !not"
        }
        (Context::Columns, Action::ToggleFold) => "show or hide this column",
        (Context::Columns, Action::ColumnLeft) => "move it up, which is to the left",
        (Context::Columns, Action::ColumnRight) => "move it down, which is to the right",
        (Context::Columns, Action::Back) => "done",
        (Context::Counts, Action::Choose) => "filter the rows by this value",
        (Context::Counts, Action::Back) => "close",
        (Context::Compare, Action::Cancel) => "stop the request or the comparison that goes on",
        (Context::Compare, Action::NextHit) => "to the next difference",
        (Context::Compare, Action::PreviousHit) => "to the previous difference",
        (Context::Compare, Action::Choose) => "read both values in full",
        (Context::Compare, Action::ShapeOnly) => "fields and types alone, without any value; and back",
        (Context::Compare, Action::AlignBy) => "choose the member by which records are aligned",
        (Context::Compare, Action::Volatile) => "compare volatile members too, or leave them out",
        (Context::Compare, Action::SaveMenu) => "save what differs as Markdown, JSON or text",
        (Context::Compare, Action::Back) => "back to where one was",
        (Context::History, Action::Choose) => "open the answer as it was",
        (Context::History, Action::Search) => {
            "look for words, status:4xx, env:production, method:POST, since:2d, pinned, !not"
        }
        (Context::History, Action::Send) => "send the request again, through all checks",
        (Context::History, Action::Compare) => "send a read again, and compare the old answer with the new one",
        (Context::History, Action::CopyMenu) => "copy as curl, send line, HTTPie, Python, fetch, HTTP, HAR or report",
        (Context::History, Action::SaveMenu) => "save as HAR or bug report, one or all that are listed",
        (Context::History, Action::Clear) => "remove this exchange, unless it is pinned",
        (Context::History, Action::Back) => "back to the panes",
        (Context::Saved, Action::Choose) => "take it to Request; nothing is sent",
        (Context::Saved, Action::Search) => "look in names, methods, paths and descriptions as you type",
        (Context::Saved, Action::Rename) => "give it another name, or put it into another folder",
        (Context::Saved, Action::EditOutside) => "edit its file in $VISUAL or $EDITOR",
        (Context::Saved, Action::Clear) => "remove it, after a question",
        (Context::Saved, Action::Back) => "back to the panes",
        (Context::Menu, Action::Choose) => "do it; so does the letter before it",
        (Context::Choice, Action::ToggleFold) => "switch this choice",
        (Context::Login, Action::Choose) => "log in, or hand over what was pasted",
        (Context::Login, Action::Back) => "cancel the login, or close",
        (Context::Review, Action::Choose) => "send it, or do what is asked about",
        (Context::Review, Action::Back) => "leave everything as it is",
        _ => action.doc(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let mut seen = HashSet::new();
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(seen.insert((binding.context, *key)), "{key} twice in {:?}", binding.context);
            }
        }
    }

    #[test]
    fn every_action_has_a_key() {
        for action in Action::ALL {
            assert!(BINDINGS.iter().any(|binding| binding.action == action), "{action:?} has no key");
        }
    }

    #[test]
    fn keys_that_terminals_use_for_flow_control_are_not_bound() {
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(!(key.ctrl && matches!(key.code, Code::Char('s' | 'q'))), "{key}");
            }
        }
    }
}
