//! A person's own keys: which may be given to what, and what is wrong with those that may not.

use super::{Bound, Context, Keymap, shown_contexts};
use crate::app::action::Action;
use crate::app::model::Pane;
use crate::app::naming::snake;
use crate::key::{Code, Key};

/// Keys for an action as a person wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Where, by name; everywhere when nothing is said.
    pub context: Option<String>,
    /// What, by name.
    pub action: String,
    /// The keys, each with where it stands in the file; none to take all away.
    pub keys: Vec<(String, usize)>,
    /// Where it stands in the file.
    pub at: usize,
}

/// What is wrong with a key, and where it stands.
pub type Wrong = (usize, String);

/// The names that may be written: of actions, and of contexts.
#[must_use]
pub fn names() -> (Vec<String>, Vec<String>) {
    let actions = Action::ALL.into_iter().filter(|action| places(*action).next().is_some()).map(Action::name);
    let contexts = shown_contexts().filter(|context| !context.is_fixed()).map(Context::name);
    (actions.collect(), contexts.collect())
}

/// The keys of the table as the section `[keys]` of a configuration: what has the same keys wherever it has any stands first,
/// the rest place by place.
#[must_use]
pub fn documented() -> String {
    let line = |action: Action, keys: &[Key]| {
        let keys: Vec<String> = keys.iter().map(|key| format!("{:?}", key.to_string())).collect();
        let keys = if keys.len() == 1 { keys.concat() } else { format!("[{}]", keys.join(", ")) };
        format!("{:<40} # {}\n", format!("{} = {keys}", action.name()), action.doc())
    };
    let rows = |context| super::BINDINGS.iter().filter(move |row| row.context == context);
    let everywhere = |action| {
        let mut own = super::BINDINGS.iter().filter(|row| row.action == action && !row.context.is_fixed());
        let first = own.next()?;
        own.all(|row| row.keys == first.keys).then_some(first.keys)
    };
    let mut text: String =
        Action::ALL.into_iter().filter_map(|action| Some(line(action, everywhere(action)?))).collect();
    for context in shown_contexts().filter(|context| !context.is_fixed()) {
        // Ctrl-c always leaves.
        let leaves = |action| action == Action::Quit && context == Context::Always;
        let own: String = rows(context)
            .filter(|row| everywhere(row.action).is_none() && !leaves(row.action))
            .map(|row| line(row.action, row.keys))
            .collect();
        if !own.is_empty() {
            text.push_str(&format!("\n# {}.\n[keys.{}]\n{own}", context.title(), context.name()));
        }
    }
    text
}

/// Where the keys of an action may be changed.
fn places(action: Action) -> impl Iterator<Item = Context> {
    let rows = super::BINDINGS.iter().filter(move |row| row.action == action);
    rows.map(|row| row.context).filter(|context| !context.is_fixed())
}

impl Context {
    /// The name of its table in the configuration.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Always => "anywhere".to_owned(),
            Self::Global => "in_panes".to_owned(),
            Self::In(pane) => format!("in_{}", snake(&format!("{pane:?}"))),
            own => format!("in_{}", snake(&format!("{own:?}"))),
        }
    }

    /// Whether its keys stay as they are: where text is typed a letter is a letter, a menu has letters of its own, and what
    /// is confirmed is confirmed by the same keys for everybody.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        matches!(
            self,
            Self::Field | Self::Editor | Self::Palette | Self::Choice | Self::Login | Self::Review | Self::Menu
        )
    }
}

impl Keymap {
    /// The table with a person's own keys, and what is wrong with those that are not used.
    #[must_use]
    pub fn with(own: &[Own]) -> (Self, Vec<Wrong>) {
        let mut wrong = Vec::new();
        let mut changes = Vec::new();
        for row in own {
            match Change::read(row) {
                Ok(change) => changes.push(change),
                Err(found) => wrong.push(found),
            }
        }
        // A place of its own is more particular than everywhere.
        changes.sort_by_key(|change: &Change| change.context.is_none());
        // What clashes is taken out, one by one: the rest may be as it was meant.
        loop {
            let mut keymap = Self::default();
            let mut changed = Vec::new();
            for (number, change) in changes.iter().enumerate() {
                change.make(&mut keymap, number, &mut changed);
            }
            let Some((number, sentence)) = clash(&keymap, &changed) else {
                return (keymap, wrong);
            };
            wrong.push((changes.remove(number).at, sentence));
        }
    }
}

/// Keys for an action, looked at.
struct Change {
    context: Option<Context>,
    action: Action,
    keys: Vec<Key>,
    at: usize,
}

impl Change {
    fn read(own: &Own) -> Result<Self, Wrong> {
        let (actions, contexts) = names();
        let unknown = |what: &str, name: &str, known: &[String]| {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            match crate::pleo::catalogue::nearest(name, known.iter().copied()) {
                Some(meant) => format!("there is no {what} `{name}`; did you mean `{meant}`?"),
                None => format!("there is no such {what}: `pleoscope config --default` names all"),
            }
        };
        let context = match &own.context {
            None => None,
            Some(name) => Some(
                shown_contexts()
                    .find(|context| !context.is_fixed() && context.name() == *name)
                    .ok_or_else(|| (own.at, unknown("place", name, &contexts)))?,
            ),
        };
        let action = Action::ALL
            .into_iter()
            .find(|action| action.name() == own.action)
            .ok_or_else(|| (own.at, unknown("action", &own.action, &actions)))?;
        if places(action).next().is_none() {
            let sentence = format!("the key of `{}` is fixed: it is pressed while text is typed", own.action);
            return Err((own.at, sentence));
        }
        if let Some(context) = context
            && !places(action).any(|place| place == context)
        {
            return Err((own.at, format!("{} has no key there: give it one in [keys]", own.action)));
        }
        let mut keys = Vec::new();
        for (text, at) in &own.keys {
            let key = text.parse().map_err(|_| {
                (*at, "this names no key: write for example j, G, Ctrl-t, Alt-x, F5, Space, Enter, PgDn".to_owned())
            })?;
            if let Some(why) = reserved(key) {
                return Err((*at, format!("{key} {why}")));
            }
            keys.push(key);
        }
        if keys.is_empty() && matches!(action, Action::Back | Action::Choose) {
            return Err((own.at, format!("{} must keep a key: without one there is no way on", own.action)));
        }
        Ok(Self { context, action, keys, at: own.at })
    }

    /// Makes it, and notes which bindings are of this number.
    fn make(&self, keymap: &mut Keymap, number: usize, changed: &mut Vec<(Context, Action, usize)>) {
        for bound in &mut keymap.0 {
            let wanted = match self.context {
                Some(context) => bound.context == context,
                None => !bound.context.is_fixed() && !is_particular(changed, bound),
            };
            if bound.action == self.action && wanted {
                self.put(bound);
                changed.push((bound.context, bound.action, number));
            }
        }
    }

    fn put(&self, bound: &mut Bound) {
        if bound.context != Context::Always {
            bound.keys.clone_from(&self.keys);
            return;
        }
        // It holds in text fields as well, where a letter is a letter.
        let typeless: Vec<Key> =
            self.keys.iter().copied().filter(|key| key.ctrl || key.alt || is_function(*key)).collect();
        let leaves = (self.action == Action::Quit).then_some(Key::ctrl('c'));
        if self.action == Action::Quit || self.keys.is_empty() || !typeless.is_empty() {
            bound.keys = leaves.into_iter().chain(typeless).collect();
        }
    }
}

/// Whether a binding was changed already, in its own place.
fn is_particular(changed: &[(Context, Action, usize)], bound: &Bound) -> bool {
    changed.iter().any(|(context, action, _)| (*context, *action) == (bound.context, bound.action))
}

const fn is_function(key: Key) -> bool {
    matches!(key.code, Code::F(_))
}

/// Why a key can be given to nothing.
fn reserved(key: Key) -> Option<&'static str> {
    match (key.code, key.ctrl, key.alt) {
        (Code::Char('c'), true, false) => Some("always leaves pleoscope and cannot be given to anything"),
        (Code::Char('s' | 'q'), true, _) => Some("stops or continues the output of many terminals"),
        (Code::Char('j' | 'm' | 'i' | 'h'), true, _) => {
            Some("is the same as Enter, Tab or Backspace to many terminals")
        }
        (Code::Char(c), true, _) if !c.is_ascii_lowercase() && c != ' ' => Some("is nothing that terminals send"),
        (Code::Enter | Code::Tab | Code::BackTab | Code::Esc | Code::Backspace, true, _) => {
            Some("is nothing that terminals send")
        }
        (Code::Char('[' | ']' | '\\' | 'O' | 'P' | 'X' | '_' | '^'), _, true) => {
            Some("is how answers and keys of the terminal itself begin")
        }
        _ => None,
    }
}

/// Contexts that are in force together.
fn together(a: Context, b: Context) -> bool {
    let pane = |context| matches!(context, Context::In(_) | Context::Table);
    // The table and the tree take turns in the response.
    a == b
        || a == Context::Always
        || b == Context::Always
        || (a == Context::Global && pane(b))
        || (b == Context::Global && pane(a))
}

/// The first change whose key means something else as well, and what.
fn clash(keymap: &Keymap, changed: &[(Context, Action, usize)]) -> Option<(usize, String)> {
    changed.iter().rev().find_map(|(context, action, number)| {
        let mine = keymap.0.iter().find(|bound| bound.context == *context && bound.action == *action)?;
        let others = keymap.0.iter().filter(|bound| bound.action != *action && together(*context, bound.context));
        others.into_iter().find_map(|other| {
            let key = mine.keys.iter().find(|key| other.keys.contains(key))?;
            let place = match other.context {
                Context::In(Pane::Response) => "5 Response",
                context => context.title(),
            };
            let name = other.action.name();
            let remedy = if other.context.is_fixed() || matches!(other.action, Action::Back | Action::Choose) {
                format!("take another key than {key}")
            } else {
                format!("take another key than {key}, or give `{name}` another")
            };
            Some((*number, format!("{key} is the key of `{name}` ({place}): {remedy}")))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn own(context: Option<&str>, action: &str, keys: &[&str]) -> Own {
        let keys = keys.iter().map(|key| ((*key).to_owned(), 7)).collect();
        Own { context: context.map(str::to_owned), action: action.to_owned(), keys, at: 3 }
    }

    fn wrong(rows: &[Own]) -> String {
        let (_, wrong) = Keymap::with(rows);
        wrong.into_iter().map(|(_, sentence)| sentence).collect::<Vec<_>>().join("\n")
    }

    const PANE: [Context; 3] = [Context::In(Pane::Endpoints), Context::Global, Context::Always];

    #[test]
    fn names_are_different() {
        let (actions, contexts) = names();
        let all: HashSet<&String> = actions.iter().chain(&contexts).collect();
        assert_eq!(all.len(), actions.len() + contexts.len());
        assert!(actions.contains(&"focus_request".to_owned()) && contexts.contains(&"in_response".to_owned()));
    }

    #[test]
    fn own_keys_take_the_place_of_the_tables() {
        let rows = [own(None, "send", &["F5", "Alt-s"]), own(None, "unlock", &[])];
        let (keymap, wrong) = Keymap::with(&rows);
        assert_eq!(wrong, []);
        assert_eq!(keymap.action(&PANE, Key::plain(Code::F(5))), Some(Action::Send));
        assert_eq!(keymap.action(&PANE, Key::char('s')), None);
        assert_eq!(keymap.action(&PANE, Key::char('w')), None);
        assert!(keymap.plain().contains("F5 Alt-s"));
    }

    #[test]
    fn two_keys_can_be_swapped_and_one_place_is_more_particular_than_all() {
        let (keymap, wrong) = Keymap::with(&[own(None, "send", &["x"]), own(None, "cancel", &["s"])]);
        // A comparison has a key for stopping too.
        assert_eq!(wrong, []);
        assert_eq!(keymap.action(&PANE, Key::char('x')), Some(Action::Send));
        let rows = [own(Some("in_response"), "filter", &["F4"]), own(None, "filter", &["F3"])];
        let (keymap, wrong) = Keymap::with(&rows);
        assert_eq!(wrong, []);
        assert_eq!(keymap.action(&[Context::In(Pane::Response)], Key::plain(Code::F(4))), Some(Action::Filter));
    }

    #[test]
    fn what_is_wrong_is_told_and_the_table_holds() {
        for (row, word) in [
            (own(None, "sned", &["F5"]), "did you mean `send`?"),
            (own(None, "zzzzzzzzzz", &["F5"]), "no such action"),
            (own(Some("in_respons"), "filter", &["F5"]), "did you mean `in_response`?"),
            (own(Some("in_table"), "filter", &["F5"]), "give it one in [keys]"),
            (own(None, "send", &["Hyper-x"]), "names no key"),
            (own(None, "send", &["Ctrl-c"]), "always leaves"),
            (own(None, "send", &["Ctrl-s"]), "stops or continues"),
            (own(None, "send", &["Ctrl-m"]), "the same as Enter"),
            (own(None, "send", &["Ctrl-1"]), "nothing that terminals send"),
            (own(None, "send", &["Alt-]"]), "the terminal itself"),
            (own(None, "send", &["x"]), "the key of `cancel`"),
            (own(None, "send", &["c"]), "the key of `pick_company`"),
            (own(None, "send", &["Ctrl-t"]), "the key of `switch_environment`"),
            (own(None, "send", &["Enter"]), "take another key"),
            (own(None, "back", &[]), "must keep a key"),
            (own(None, "pattern", &["F5"]), "is fixed"),
        ] {
            let told = wrong(std::slice::from_ref(&row));
            assert!(told.contains(word), "{row:?}: {told}");
            assert_eq!(Keymap::with(&[row]).0, Keymap::default());
        }
    }

    #[test]
    fn ctrl_c_leaves_and_what_is_confirmed_is_confirmed_as_ever_whatever_is_written() {
        let rows: Vec<Own> = names().0.iter().map(|name| own(None, name, &["F9"])).collect();
        for rows in [vec![own(None, "quit", &[])], vec![own(None, "quit", &["F10"])], rows] {
            let (keymap, _) = Keymap::with(&rows);
            for context in [Context::Field, Context::Review, Context::Login, Context::In(Pane::Request)] {
                let quits = keymap.action(&[context, Context::Global, Context::Always], Key::ctrl('c'));
                assert_eq!(quits, Some(Action::Quit));
            }
            for context in shown_contexts().filter(|context| context.is_fixed()) {
                assert!(keymap.of(context).eq(Keymap::default().of(context)));
            }
        }
    }
}
