//! Where a name stands in an object that is typed, or could begin, and which others are there already.

use std::ops::Range;

/// A place in an object where a name stands, or could, in a text that need not be JSON yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameSpot {
    /// Names from the top down to the object; arrays are gone through.
    pub path: Vec<String>,
    /// What is written of the name, with its quotation marks; nothing where none is begun.
    pub written: Range<usize>,
    /// What is written of it, without them.
    pub typed: String,
    /// The other names of the object.
    pub taken: Vec<String>,
    /// Whether a colon stands behind it.
    pub has_value: bool,
    /// Whether another member stands behind it, and no comma before that.
    pub lacks_comma: bool,
    /// Where the value of the member before it ends, if no comma stands behind that.
    pub follows: Option<usize>,
}

/// What is open around a place.
#[derive(Default)]
struct Level {
    object: bool,
    /// The name that is being given a value.
    name: Option<String>,
    taken: Vec<String>,
    /// Whether the cursor is at one of its names.
    here: bool,
}

/// The place for a name at an offset: in a name that is written or begun, or where one may begin.
#[must_use]
pub fn name_spot(text: &str, offset: usize) -> Option<NameSpot> {
    let bytes = text.as_bytes();
    let mut levels: Vec<Level> = Vec::new();
    let mut found: Option<NameSpot> = None;
    // A name may stand behind a bracket or a comma, and with a comma behind a value that is whole.
    let (mut at, mut may, mut whole) = (0, false, None);
    loop {
        let inside = levels.last().is_some_and(|level| level.object);
        let byte = bytes.get(at).copied();
        let blank = byte.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'}' | b'"'));
        if found.is_none() && at == offset && (may || whole.is_some()) && inside && blank && byte != Some(b'"') {
            found = Some(NameSpot { follows: whole, ..begun(&mut levels, at..at, String::new()) });
        }
        let Some(byte) = byte else { break };
        match byte {
            b'{' | b'[' => {
                levels.push(Level { object: byte == b'{', ..Level::default() });
                (may, whole) = (byte == b'{', None);
            }
            b'}' | b']' => {
                let Some(level) = levels.pop() else { break };
                if level.here {
                    return found.map(|spot| finished(spot, level.taken, bytes));
                }
                (may, whole) = (false, Some(at + 1));
            }
            b',' => (may, whole) = (inside, None),
            b'"' => {
                let end = string_end(bytes, at);
                let named = inside && (may || whole.is_some());
                if named {
                    let own = text.get(at + 1..end).unwrap_or_default().trim_end_matches('"').to_owned();
                    if found.is_none() && may && (at + 1..=end).contains(&offset) {
                        found = Some(begun(&mut levels, at..end, own));
                    } else if let Some(level) = levels.last_mut() {
                        level.taken.push(own.clone());
                        level.name = Some(own);
                    }
                }
                (may, whole) = (false, (!named).then_some(end));
                at = end;
                continue;
            }
            // A name that is typed without quotation marks.
            b'a'..=b'z' | b'A'..=b'Z' | b'_' if may && inside => {
                let length =
                    bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                if found.is_none() && (at..=at + length).contains(&offset) {
                    let own = text.get(at..at + length).unwrap_or_default().to_owned();
                    found = Some(begun(&mut levels, at..at + length, own));
                }
                may = false;
                at += length;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {}
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                let length = bytes[at..].iter().take_while(part).count();
                let value = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes[at..at + length]);
                at += length;
                (may, whole) = (false, value.is_ok().then_some(at));
                continue;
            }
            _ => (may, whole) = (false, None),
        }
        at += 1;
    }
    // What is not closed yet ends with the text.
    let taken = levels.into_iter().find(|level| level.here)?.taken;
    found.map(|spot| finished(spot, taken, bytes))
}

/// Behind a string, its closing mark among it where there is one on the line.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn begun(levels: &mut [Level], written: Range<usize>, typed: String) -> NameSpot {
    let (around, own) = levels.split_at_mut(levels.len().saturating_sub(1));
    if let [own] = own {
        own.here = true;
    }
    let path = around.iter().filter_map(|level| level.name.clone()).collect();
    NameSpot { path, written, typed, taken: Vec::new(), has_value: false, lacks_comma: false, follows: None }
}

fn finished(spot: NameSpot, taken: Vec<String>, bytes: &[u8]) -> NameSpot {
    let behind = bytes.get(spot.written.end..).unwrap_or_default().trim_ascii_start().first();
    NameSpot { taken, has_value: behind == Some(&b':'), lacks_comma: behind == Some(&b'"'), ..spot }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_place_for_a_name_is_found_in_what_is_not_json_yet() {
        let at = |text: &str| {
            let offset = text.find('|').unwrap();
            let text = text.replace('|', "");
            let spot = name_spot(&text, offset)?;
            let flags = [(spot.has_value, ":"), (spot.lacks_comma, ","), (spot.follows.is_some(), "v")];
            let flags: String = flags.into_iter().filter_map(|(set, flag)| set.then_some(flag)).collect();
            Some((spot.path.join("."), text[spot.written].to_owned(), spot.typed, spot.taken.join(" "), flags))
        };
        let some = |path: &str, written: &str, typed: &str, taken: &str, flags: &str| {
            Some((path.to_owned(), written.to_owned(), typed.to_owned(), taken.to_owned(), flags.to_owned()))
        };
        assert_eq!(at("{|}"), some("", "", "", "", ""));
        assert_eq!(at("{\"a\": 1, |"), some("", "", "", "a", ""));
        assert_eq!(at("{\"a\": 1,\n  na|\n}"), some("", "na", "na", "a", ""));
        assert_eq!(at("{\"a\": 1, \"na|\n}"), some("", "\"na", "na", "a", ""));
        assert_eq!(at("{\"n|a\": \"x\", \"b\": 2}"), some("", "\"na\"", "na", "b", ":"));
        assert_eq!(at("{|\n\"b\": 2}"), some("", "", "", "b", ","));
        assert_eq!(at("{\"a\": {\"c\": 1, |}, \"b\": 2}"), some("a", "", "", "c", ""));
        assert_eq!(at("[{\"a\": [{\"x\": 1, \"|\"}]}]"), some("a", "\"\"", "", "x", ""));
        assert_eq!(at("{\"a\": 1 |}"), some("", "", "", "a", "v"));
        assert_eq!(at("{\"a\": \"x\"|\n\"b\": 2}"), some("", "", "", "a b", ",v"));
        assert_eq!(at("{\"a\": {\"c\": [1, \"2\"]|}}"), some("a", "", "", "c", "v"));
        assert_eq!(at("{\"a\": {}|}"), some("", "", "", "a", "v"));
        for none in [
            "{\"a\": |}",
            "{\"a\": tru|}",
            "{\"a\": 1|2}",
            "{\"a\": [1|]}",
            "{\"a\": [\"x\"|]}",
            "{\"a\": \"x|\"}",
            "[|]",
            "|",
            "{}|",
            "{\"a\": [1, |]}",
        ] {
            assert_eq!(at(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_place_within_it_or_none(text in "[\\[\\]{}:,\"a\\\\ é\n]{0,40}", at in 0_usize..50) {
            let named = name_spot(&text, at);
            prop_assert!(named.is_none_or(|own| text.get(own.written).is_some()), "{text:?} {at}");
        }
    }
}
