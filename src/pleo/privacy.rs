//! Personal data: what tells who a person is, how to reach them, or where their money goes, and what stands in its place
//! while it is masked.
//!
//! A member is known by its name, as Pleo's models use them; what stands elsewhere, in a note or an address, by its letters.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

/// What stands in the place of personal data. Its length tells nothing.
pub const MASK: &str = "••••••";

/// Members that are personal whatever they stand in, in small letters.
const NAMES: [&str; 32] = [
    "firstname",
    "givenname",
    "middlename",
    "familyname",
    "surname",
    "nickname",
    "username",
    "employeename",
    "holder",
    "holdername",
    "accountholder",
    "cardholdername",
    "contact",
    "contactname",
    "recipient",
    "beneficiary",
    "mobilephone",
    "lastname",
    "fullname",
    "displayname",
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "mobile",
    "iban",
    "bban",
    "accountnumber",
    "bankaccount",
    "supplierbankaccount",
    "cardholder",
    "rawdata",
];

/// Objects whose `name` is that of a person, in small letters.
const PERSONS: [&str; 8] = ["user", "employee", "attendee", "attendees", "owner", "person", "cardholder", "createdby"];

/// Whether the value at a path of names, the innermost last, is personal by its name.
#[must_use]
pub fn is_personal<'a>(path: impl DoubleEndedIterator<Item = &'a str>) -> bool {
    let mut inner = path.rev();
    let Some(own) = inner.next().map(str::to_lowercase) else {
        return false;
    };
    if NAMES.contains(&own.as_str()) {
        return true;
    }
    own == "name" && inner.next().is_some_and(|around| PERSONS.contains(&around.to_lowercase().as_str()))
}

/// The same for a path with dots, as a table's columns have them.
#[must_use]
pub fn is_personal_path(path: &str) -> bool {
    is_personal(path.split('.'))
}

/// E-mail addresses, IBANs (two letters, two digits, eleven to thirty letters or digits, in groups of four or not), and
/// telephone numbers in their international form.
const LETTERS: &str = concat!(
    r"[\w.%+\-']+(?:@|%40)[\w\-.]*\w",
    r"|\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b",
    r"|(?:\+|%2[Bb])[0-9](?:(?:[ ()\-.]|%20){0,2}[0-9]){6,14}"
);

fn look() -> Option<&'static Regex> {
    static LOOK: OnceLock<Option<Regex>> = OnceLock::new();
    // The expression is checked by a test.
    LOOK.get_or_init(|| Regex::new(LETTERS).ok()).as_ref()
}

/// A text with the personal data in it masked; borrowed where there is none that its letters tell.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    // Most texts hold none of the signs without which there is nothing.
    let may = text.len() >= 6 && (text.contains(['@', '+', '%']) || text.len() >= 15);
    match look() {
        Some(look) if may => look.replace_all(text, MASK),
        Some(_) => Cow::Borrowed(text),
        // Where nothing can be told apart, nothing is shown.
        None => Cow::Borrowed(MASK),
    }
}

/// A text as it is shown: masked where that is wanted. It is cut only after that, for what is left of an address does not
/// look like one.
#[must_use]
pub fn veiled(text: &str, masks: bool) -> Cow<'_, str> {
    if masks { masked(text) } else { Cow::Borrowed(text) }
}

/// Where personal data stands in a row of the screen, which may cut it at its edges: byte ranges.
#[must_use]
pub fn found(row: &str) -> Vec<Range<usize>> {
    look().map_or_else(
        || std::iter::once(0..row.len()).collect(),
        |look| look.find_iter(row).map(|own| own.range()).collect(),
    )
}

/// What is shown of a text at a path while personal data is masked.
#[must_use]
pub fn shown<'a>(path: &str, text: &'a str) -> Cow<'a, str> {
    if text.is_empty() {
        Cow::Borrowed(text)
    } else if is_personal_path(path) {
        Cow::Borrowed(MASK)
    } else {
        masked(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_known_by_their_names() {
        for personal in ["firstName", "data.lastName", "email", "user.name", "attendees.name", "supplier.iban"] {
            assert!(is_personal_path(personal), "{personal}");
        }
        for other in ["name", "id", "jobTitle", "vendor.name", "account.name", "company.name", "", "code", "emails2"] {
            assert!(!is_personal_path(other), "{other}");
        }
    }

    #[test]
    fn letters_tell_what_stands_elsewhere() {
        let cases = [
            ("write to ann.o'neill@nordwind.example today", "write to •••••• today"),
            ("ciarán@müller.example", "••••••"),
            ("?email=ann%40x.example&limit=5", "?email=••••••&limit=5"),
            ("cut at the edge ann@nor…", "cut at the edge ••••••…"),
            ("call +45 12 34 56 78 or +1 (202) 555-0143", "call •••••• or ••••••"),
            ("?phone=%2B45%2012345678&a=1", "?phone=••••••&a=1"),
            ("DE89 3704 0044 0532 0130 00", "••••••"),
            ("to DK5000400440116243.", "to ••••••."),
        ];
        for (text, wanted) in cases {
            assert_eq!(masked(text), wanted, "{text}");
        }
        for plain in [
            "ca54c551-9290-484d-9f69-b136e458535e",
            "2026-03-01T10:00:00+01:00",
            "Customer Success / Onboarding",
            "E10001",
            "https://external.pleo.io/v2/employees?limit=50",
            "1 234 567.80 DKK",
            "AAAAAAAAAAAAAAAAAAA2=~",
        ] {
            assert_eq!(masked(plain), plain);
        }
        assert_eq!(shown("firstName", "Ann"), MASK);
        assert_eq!(shown("firstName", ""), "");
        assert_eq!(shown("note", "by ann@x.example"), "by ••••••");
    }
}
