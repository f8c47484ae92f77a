//! What of a scalar counts when two are compared: a string's text, a number's worth.

use std::hash::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use super::ValueKind;
use crate::document::grammar::Scalar;
use crate::document::text::decode_string;

/// Powers of ten that are worked out; a number beyond them is compared by its text.
const LARGEST_POWER: i64 = 1 << 40;

/// A hash of a name or a string, quotes included, by its text: however it is escaped.
pub(super) fn hash_text(hasher: &RandomState, raw: &[u8]) -> u64 {
    if memchr::memchr(b'\\', raw).is_some() {
        return hash_name(hasher, decode_string(raw).as_bytes());
    }
    hash_name(hasher, raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default())
}

/// The same of a text without quotes.
pub(super) fn hash_name(hasher: &RandomState, text: &[u8]) -> u64 {
    let mut state = hasher.build_hasher();
    state.write(text);
    state.finish()
}

/// A hash of a scalar that is the same for equal ones, and only by a rare chance for others.
pub(super) fn hash_scalar(hasher: &RandomState, kind: Scalar, raw: &[u8], buffer: &mut Vec<u8>) -> u64 {
    match kind {
        Scalar::String => mix(hash_text(hasher, raw), 1),
        Scalar::Number => {
            buffer.clear();
            worth(raw, buffer);
            mix(hash_name(hasher, buffer), 2)
        }
        Scalar::True => hash_name(hasher, b"t").rotate_left(3),
        Scalar::False => hash_name(hasher, b"f").rotate_left(3),
        Scalar::Null => hash_name(hasher, b"n").rotate_left(3),
    }
}

/// The hash of a scalar by itself.
pub(super) fn hash_value(hasher: &RandomState, kind: ValueKind, raw: &[u8]) -> u64 {
    let scalar = match (kind, raw.first()) {
        (ValueKind::String, _) => Scalar::String,
        (ValueKind::Number, _) => Scalar::Number,
        (_, Some(b't')) => Scalar::True,
        (_, Some(b'f')) => Scalar::False,
        _ => Scalar::Null,
    };
    hash_scalar(hasher, scalar, raw, &mut Vec::new())
}

/// Two hashes as one; their order counts.
pub(super) const fn mix(one: u64, other: u64) -> u64 {
    // The odd constant of the golden ratio spreads sums; the shift brings the high bits down.
    let mixed = (one ^ other.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(other);
    mixed ^ (mixed >> 32)
}

/// Writes what a number is worth: its sign, its digits without zeros at either end, and the power of ten behind them.
/// `1.10`, `1.1` and `11e-1` are worth the same, `0` and `-0` too.
fn worth(raw: &[u8], into: &mut Vec<u8>) {
    let (negative, rest) = raw.strip_prefix(b"-").map_or((false, raw), |rest| (true, rest));
    let (digits, power) = match rest.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&rest[..at], str::from_utf8(&rest[at + 1..]).ok().and_then(|text| text.parse::<i64>().ok())),
        None => (rest, Some(0)),
    };
    let Some(power) = power.filter(|power| power.abs() < LARGEST_POWER) else {
        into.extend_from_slice(raw);
        return;
    };
    let point = digits.iter().position(|byte| *byte == b'.');
    let fraction = point.map_or(0, |at| digits.len() - at - 1);
    if negative {
        into.push(b'-');
    }
    let before = into.len();
    into.extend(digits.iter().filter(|byte| **byte != b'.').skip_while(|byte| **byte == b'0'));
    let mut power = power - i64::try_from(fraction).unwrap_or(LARGEST_POWER);
    while into.len() > before && into.last() == Some(&b'0') {
        into.pop();
        power += 1;
    }
    if into.len() == before {
        into.clear();
        into.push(b'0');
        return;
    }
    into.push(b'e');
    into.extend_from_slice(&power.to_le_bytes());
}

impl From<Scalar> for ValueKind {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::String => Self::String,
            Scalar::Number => Self::Number,
            Scalar::True | Scalar::False => Self::Boolean,
            Scalar::Null => Self::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_what_they_are_worth() {
        let worth = |text: &str| {
            let mut into = Vec::new();
            super::worth(text.as_bytes(), &mut into);
            into
        };
        for (one, other) in
            [("1.10", "1.1"), ("100", "1e2"), ("11e-1", "1.1"), ("0", "-0"), ("0.0", "0e5"), ("1E+2", "100.0")]
        {
            assert_eq!(worth(one), worth(other), "{one} {other}");
        }
        for (one, other) in [
            ("1", "-1"),
            ("1", "10"),
            ("123456789012345678.99", "123456789012345678.98"),
            ("1e99999999999999999999", "1e99999999999999999998"),
            ("0.1", "0.01"),
        ] {
            assert_ne!(worth(one), worth(other), "{one} {other}");
        }
    }

    #[test]
    fn a_string_is_its_text_and_never_a_number() {
        let (hasher, mut buffer) = (RandomState::new(), Vec::new());
        let mut hash = |kind, raw: &str| hash_scalar(&hasher, kind, raw.as_bytes(), &mut buffer);
        assert_eq!(hash(Scalar::String, r#""a\u0062""#), hash(Scalar::String, r#""ab""#));
        assert_ne!(hash(Scalar::String, r#""1e0""#), hash(Scalar::Number, "1"));
        assert_ne!(hash(Scalar::True, "true"), hash(Scalar::False, "false"));
    }
}
