//! What the language says of an expression, as sentences with the place.

use std::fmt::{self, Write as _};
use std::ops::Range;

use jaq_core::compile::{self, Undefined};
use jaq_core::load::{self, lex, parse};
use jaq_json::Val;

use super::super::{decode_string, displayable};
use super::{FilterError, arities};

/// Why nothing is imported or included.
pub(super) const NO_MODULES: &str = "modules are not loaded here";
/// Most bytes of what a message shows of values, which may be as large as the body.
const MOST_SHOWN: usize = 200;
/// Most bytes of what a sentence repeats of the expression, which is on the screen.
const MOST_REPEATED: usize = 24;

pub(super) fn empty(expression: &str) -> FilterError {
    at(expression.len()..expression.len(), "An expression is needed here, such as .data[0].".to_owned())
}

pub(super) fn load<P>(expression: &str, errors: &load::Errors<&str, P>) -> FilterError {
    let told = match errors.first().map(|(_, error)| error) {
        Some(load::Error::Lex(errors)) => errors.first().map(|(expected, rest)| lexed(expression, expected, rest)),
        Some(load::Error::Parse(errors)) => errors.first().map(|(expected, found)| parsed(expression, expected, found)),
        Some(load::Error::Io(errors)) => errors.first().map(|(path, _)| {
            at(place(expression, path), format!("{} cannot be had: {NO_MODULES}.", shown(path, MOST_REPEATED)))
        }),
        None => None,
    };
    told.unwrap_or_else(|| unexplained(expression))
}

fn parsed(expression: &str, expected: &parse::Expect<&str>, found: &str) -> FilterError {
    let expected = wanted(expected);
    let sentence = if found.is_empty() {
        format!("The expression ends where {expected} is expected.")
    } else {
        format!("\"{}\" stands where {expected} is expected.", shown(found, MOST_REPEATED))
    };
    at(place(expression, found), sentence)
}

fn lexed(expression: &str, expected: &lex::Expect<&str>, rest: &str) -> FilterError {
    if let lex::Expect::Delim(open) = expected {
        return at(place(expression, open), format!("This {open} is never closed."));
    }
    let mut range = place(expression, rest);
    range.end = range.start + rest.chars().next().map_or(0, char::len_utf8);
    let found = expression.get(range.clone()).unwrap_or_default();
    let sentence = match expected {
        lex::Expect::Token => format!("\"{}\" means nothing here.", shown(found, MOST_REPEATED)),
        expected if found.is_empty() => format!("The expression ends where a {} is expected.", expected.as_str()),
        expected => format!("\"{}\" stands where a {} is expected.", shown(found, MOST_REPEATED), expected.as_str()),
    };
    at(range, sentence)
}

fn wanted<'a>(expected: &parse::Expect<&'a str>) -> &'a str {
    match expected {
        parse::Expect::Just(word) => word,
        parse::Expect::Var => "a variable such as $x",
        parse::Expect::Pattern => "a variable or a pattern",
        parse::Expect::ElseOrEnd => "else or end",
        parse::Expect::CommaOrRBrack => ", or ]",
        parse::Expect::CommaOrRBrace => ", or }",
        parse::Expect::SemicolonOrRParen => "; or )",
        parse::Expect::Term => "a filter",
        parse::Expect::Key => "a name",
        parse::Expect::Ident => "a name",
        parse::Expect::Arg => "the name of an argument",
        parse::Expect::Str => "a string",
        parse::Expect::Nothing => "the end or an operator",
        other => other.as_str(),
    }
}

pub(super) fn compile<P>(expression: &str, errors: &compile::Errors<&str, P>) -> FilterError {
    let Some((name, undefined)) = errors.first().and_then(|(_, errors)| errors.first()) else {
        return unexplained(expression);
    };
    let told = shown(name, 2 * MOST_REPEATED);
    let sentence = match undefined {
        Undefined::Filter(given) => no_filter(&told, *given, &arities(name)),
        Undefined::Var => format!("There is no variable {told} here."),
        Undefined::Label => format!("There is no label {told} here."),
        Undefined::Mod => format!("There is no module {told}: {NO_MODULES}."),
        other => format!("There is no {} {told}.", other.as_str()),
    };
    at(place(expression, name), sentence)
}

fn no_filter(name: &str, given: usize, arities: &[usize]) -> String {
    let count = |count: usize| match count {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        more => format!("{more} arguments"),
    };
    if arities.is_empty() {
        let member = if given == 0 { format!(": .{name} is the member of that name") } else { String::new() };
        return format!("There is no filter {name}{member}.");
    }
    let wanted: Vec<String> = arities.iter().map(|arity| count(*arity)).collect();
    let separator = if given == 0 { "" } else { ", separated by ;" };
    format!("{name} takes {}{separator}, and here it has {}.", wanted.join(" or "), count(given))
}

pub(super) fn stopped(error: &jaq_core::Error<Val>) -> FilterError {
    let mut text = Cut { text: String::new(), most: MOST_SHOWN };
    let whole = write!(text, "{error}").is_ok();
    // What is a message already comes as a JSON string.
    let text = if text.text.starts_with('"') { decode_string(text.text.as_bytes()) } else { text.text };
    let text = displayable(text.trim_end_matches('.')).into_owned();
    FilterError::Stopped(if whole { text } else { format!("{text}…") })
}

fn unexplained(expression: &str) -> FilterError {
    at(0..expression.len(), "This is no filter.".to_owned())
}

fn at(range: Range<usize>, sentence: String) -> FilterError {
    FilterError::Expression { sentence, range }
}

/// Which bytes of the expression a part of it is; all of it where it is no part of it.
fn place(expression: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().checked_sub(expression.as_ptr().addr());
    let range = start.map(|start| start..start.saturating_add(part.len()));
    range.filter(|range| expression.get(range.clone()).is_some()).unwrap_or(0..expression.len())
}

/// The beginning of a text, safe to show on one line.
fn shown(text: &str, most: usize) -> String {
    let mut cut = Cut { text: String::new(), most };
    let whole = cut.write_str(text).is_ok();
    let text = displayable(&cut.text);
    if whole { text.into_owned() } else { format!("{text}…") }
}

/// A text that takes no more than so many bytes: what is written to it may be the body, and as deep.
struct Cut {
    text: String,
    most: usize,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.most - self.text.len();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end));
        self.text.push_str(&text[..end.unwrap_or_default()]);
        Err(fmt::Error)
    }
}
