//! The keys in force: those of the table, as far as the person's own do not say otherwise.

use super::{BINDINGS, Context, meaning, shown_contexts};
use crate::app::action::Action;
use crate::key::Key;

/// What does something where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Where.
    pub context: Context,
    /// Which keys do it, the one that is shown first; none when it was taken away.
    pub keys: Vec<Key>,
    /// What they do.
    pub action: Action,
}

/// All bindings in force, in the order of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap(pub(super) Vec<Bound>);

impl Default for Keymap {
    fn default() -> Self {
        let bound =
            BINDINGS.iter().map(|row| Bound { context: row.context, keys: row.keys.to_vec(), action: row.action });
        Self(bound.collect())
    }
}

impl Keymap {
    /// What has a key in a context.
    pub fn of(&self, context: Context) -> impl Iterator<Item = &Bound> {
        self.0.iter().filter(move |bound| bound.context == context && !bound.keys.is_empty())
    }

    /// What a key does where these contexts are in force, the most particular first.
    #[must_use]
    pub fn action(&self, contexts: &[Context], key: Key) -> Option<Action> {
        contexts
            .iter()
            .find_map(|context| self.of(*context).find(|bound| bound.keys.contains(&key)))
            .map(|bound| bound.action)
    }

    /// The key that is shown for an action where one is, or anywhere if it has none there.
    #[must_use]
    pub fn key_for(&self, contexts: &[Context], action: Action) -> Option<Key> {
        contexts
            .iter()
            .find_map(|context| self.of(*context).find(|bound| bound.action == action))
            .or_else(|| self.0.iter().find(|bound| bound.action == action && !bound.keys.is_empty()))
            .and_then(|bound| bound.keys.first().copied())
    }

    /// As Markdown, for the README and `pleoscope keys --markdown`.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from("| where | keys | does |\n| --- | --- | --- |\n");
        for context in shown_contexts() {
            for bound in self.of(context) {
                let keys: Vec<String> = bound.keys.iter().map(|key| format!("`{key}`")).collect();
                let (keys, does) = (keys.join(" "), meaning(context, bound.action));
                text.push_str(&format!("| {} | {keys} | {does} |\n", context.title()));
            }
        }
        text
    }

    /// As plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for context in shown_contexts() {
            text.push_str(context.title());
            text.push('\n');
            for bound in self.of(context) {
                let keys: Vec<String> = bound.keys.iter().map(ToString::to_string).collect();
                text.push_str(&format!("  {:<20} {}\n", keys.join(" "), meaning(context, bound.action)));
            }
        }
        text
    }
}
