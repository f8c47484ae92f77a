//! Where a value stands in its document, as people and programs write it.

/// The steps from a document's top to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Number of the document, from 0, when a body holds several.
    pub document: u64,
    /// The steps, from the outside in.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into an object's member of this name, decoded.
    Key(String),
    /// Into an array's item of this number, from 0.
    Index(u64),
}

impl Path {
    /// As a jq filter: `.data[3].email`, with `["…"]` around names that are not plain words; `.` for the top.
    #[must_use]
    pub fn jq(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            match step {
                Step::Key(name) => push_member(&mut text, name),
                Step::Index(number) => {
                    let dot = if text.is_empty() { "." } else { "" };
                    text.push_str(&format!("{dot}[{number}]"));
                }
            }
        }
        if text.is_empty() {
            text.push('.');
        }
        text
    }

    /// With dots alone: `data.3.email`; what a name may hold besides is not marked. Empty for the top.
    #[must_use]
    pub fn dotted(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Key(name) => name.clone(),
            Step::Index(number) => number.to_string(),
        });
        steps.collect::<Vec<_>>().join(".")
    }

    /// As a JSON pointer (RFC 6901): `/data/3/email`; the empty string for the top.
    #[must_use]
    pub fn pointer(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            text.push('/');
            match step {
                Step::Key(name) => text.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Step::Index(number) => {
                    text.push_str(&format!("{number}"));
                }
            }
        }
        text
    }
}

/// A way of writing paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathForm {
    /// As a jq filter.
    #[default]
    Jq,
    /// As a JSON pointer (RFC 6901).
    Pointer,
    /// With dots alone.
    Dotted,
}

impl PathForm {
    /// The one after it, round the end.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Jq => Self::Pointer,
            Self::Pointer => Self::Dotted,
            Self::Dotted => Self::Jq,
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Jq => "jq",
            Self::Pointer => "JSON pointer",
            Self::Dotted => "dots",
        }
    }

    /// A path in this form.
    #[must_use]
    pub fn write(self, path: &Path) -> String {
        match self {
            Self::Jq => path.jq(),
            Self::Pointer => path.pointer(),
            Self::Dotted => path.dotted(),
        }
    }
}

/// Goes on into a member, as jq writes it.
pub(super) fn push_member(text: &mut String, name: &str) {
    if is_word(name) {
        text.push('.');
        text.push_str(name);
    } else {
        text.push_str(if text.is_empty() { ".[" } else { "[" });
        quote(text, name);
        text.push(']');
    }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn quote(text: &mut String, name: &str) {
    text.push('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => {
                text.push('\\');
                text.push(c);
            }
            c if c.is_control() => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            // jq would take this for an interpolation only behind a backslash, which is doubled above.
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(steps: &[Step]) -> Path {
        Path { document: 0, steps: steps.to_vec() }
    }

    #[test]
    fn writes_jq_and_pointers() {
        let key = |name: &str| Step::Key(name.into());
        assert_eq!(path(&[]).jq(), ".");
        assert_eq!(path(&[]).pointer(), "");
        let plain = path(&[key("data"), Step::Index(3), key("email")]);
        assert_eq!(plain.jq(), ".data[3].email");
        assert_eq!(plain.pointer(), "/data/3/email");
        assert_eq!(plain.dotted(), "data.3.email");
        assert_eq!(path(&[]).dotted(), "");
        let odd = path(&[key("a b"), Step::Index(0), key("x/y~z"), key("\"\\\u{1}"), key("")]);
        assert_eq!(odd.jq(), r#".["a b"][0]["x/y~z"]["\"\\\u0001"][""]"#);
        assert_eq!(odd.pointer(), "/a b/0/x~1y~0z/\"\\\u{1}/");
        assert_eq!(path(&[Step::Index(0), Step::Index(1)]).jq(), ".[0][1]");
        assert_eq!(path(&[key("1a")]).jq(), r#".["1a"]"#);
    }
}
