//! Why, and where, a body stops being JSON.

use std::fmt;

/// The first place at which a body is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Byte offset of the offending byte, or the body's length when it ends too early.
    pub offset: u64,
    /// What is wrong there.
    pub reason: MalformedReason,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.reason, self.offset)
    }
}

/// What is wrong, as a plain sentence when displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedReason {
    /// Something other than a value stands where a value must.
    ExpectedValue,
    /// An object's member does not begin with a quoted name.
    ExpectedKey,
    /// No colon follows a member's name.
    ExpectedColon,
    /// Neither a comma nor `]` follows an array's item.
    ExpectedCommaOrBracket,
    /// Neither a comma nor `}` follows an object's member.
    ExpectedCommaOrBrace,
    /// A comma stands before a closing bracket.
    TrailingComma,
    /// A word begins like `true`, `false` or `null` and goes on differently.
    BadLiteral,
    /// A number is not written as JSON wants it.
    BadNumber,
    /// A number begins with a superfluous zero.
    LeadingZero,
    /// An unescaped control character stands in a string.
    ControlInString,
    /// A backslash is followed by a character that cannot be escaped.
    BadEscape,
    /// `\u` is not followed by four hexadecimal digits.
    BadUnicodeEscape,
    /// Something follows the end of the JSON document.
    TrailingCharacters,
    /// The body ends inside a string.
    UnfinishedString,
    /// The body ends inside a number or word.
    UnfinishedScalar,
    /// The body ends before every array and object is closed.
    UnfinishedContainer,
}

impl MalformedReason {
    /// Whether nothing is wrong but that the body ends too early.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::UnfinishedString | Self::UnfinishedScalar | Self::UnfinishedContainer)
    }
}

impl fmt::Display for MalformedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExpectedValue => "a JSON value was expected here",
            Self::ExpectedKey => "a quoted member name was expected here",
            Self::ExpectedColon => "a colon was expected after the member name",
            Self::ExpectedCommaOrBracket => "a comma or ] was expected after the array item",
            Self::ExpectedCommaOrBrace => "a comma or } was expected after the object member",
            Self::TrailingComma => "a comma stands before the closing bracket",
            Self::BadLiteral => "this word is not true, false or null",
            Self::BadNumber => "this number is not written as JSON allows",
            Self::LeadingZero => "this number begins with a superfluous zero",
            Self::ControlInString => "a control character stands unescaped in a string",
            Self::BadEscape => "this character cannot follow a backslash in a string",
            Self::BadUnicodeEscape => "\\u is not followed by four hexadecimal digits",
            Self::TrailingCharacters => "something follows the end of the JSON document",
            Self::UnfinishedString => "the body ends inside a string",
            Self::UnfinishedScalar => "the body ends inside a number or a word",
            Self::UnfinishedContainer => "the body ends before every array and object is closed",
        })
    }
}
