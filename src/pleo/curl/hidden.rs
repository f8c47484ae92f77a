//! A command that is being typed, as it may stand on the screen: what lets its reader in is dots.

use std::iter::once;
use std::ops::Range;

use super::is_curl;
use crate::pleo::handing::is_key;

/// Long options whose value, or what of it stands before a colon, is secret.
const LONG: [&str; 5] = ["--user", "--oauth2-bearer", "--proxy-user", "--cookie", "--aws-sigv4"];
/// Their short forms.
const SHORT: [char; 3] = ['u', 'U', 'b'];

/// The text with a dot for each character of a credential, as long as before; the text itself where it is no curl command.
#[must_use]
pub fn hidden(text: &str) -> String {
    if !is_curl(text) {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut shown = letters.clone();
    let mut secret = false;
    for word in words(&letters) {
        // Quotes may stand anywhere in it and are told.
        let places: Vec<usize> = word.filter(|at| !matches!(letters[*at], '\'' | '"')).collect();
        let own: String = places.iter().map(|at| letters[*at]).collect();
        let end = places.len();
        let found: Vec<_> = if std::mem::take(&mut secret) {
            once(0..end).collect()
        } else if let Some(from) = long(&own).or_else(|| short(&own)) {
            secret = from >= end;
            once(from.min(end)..end).collect()
        } else {
            values(&own)
        };
        let hidden = found.into_iter().flat_map(|range| places[range].iter());
        hidden.filter(|at| !letters[**at].is_whitespace()).for_each(|at| shown[*at] = '•');
    }
    shown.into_iter().collect()
}

/// Where the words are, quotes and all; one that is not closed yet goes to the end.
fn words(letters: &[char]) -> Vec<Range<usize>> {
    let (mut words, mut begun, mut quote) = (Vec::new(), None, None);
    let mut escaped = false;
    for (at, c) in letters.iter().enumerate() {
        if c.is_whitespace() && quote.is_none() && !escaped {
            words.extend(begun.take().map(|from| from..at));
            continue;
        }
        begun.get_or_insert(at);
        match quote {
            _ if escaped => escaped = false,
            Some('\'') if *c == '\'' => quote = None,
            Some('"') if *c == '"' => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(*c),
            None | Some('"') if *c == '\\' => escaped = true,
            _ => {}
        }
    }
    words.extend(begun.map(|from| from..letters.len()));
    words
}

/// Behind how many characters of a word a secret begins, where it is a long option that has one.
fn long(word: &str) -> Option<usize> {
    LONG.into_iter().find_map(|name| {
        let rest = word.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with('=')).then_some(name.len() + 1)
    })
}

/// The same for a group of short options.
fn short(word: &str) -> Option<usize> {
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    let found = letters.chars().position(|c| SHORT.contains(&c) || !c.is_ascii_alphabetic())?;
    // The value of another option stands behind its letter.
    let before: String = letters.chars().take(found).collect();
    let takes = before.contains(['H', 'd', 'X', 'o', 'x', 'A', 'e', 'm', 'w', 'D', 'T', 'F', 'E', 'r', 'c']);
    (!takes && letters.chars().nth(found).is_some_and(|c| SHORT.contains(&c))).then_some(found + 2)
}

/// Which characters of any other word are secret: the value of a header, of a parameter, the user name in an address.
fn values(word: &str) -> Vec<Range<usize>> {
    let end = word.chars().count();
    let count = |upto: usize| word.get(..upto).map_or(end, |before| before.chars().count());
    if let Some(from) = header(word) {
        return once(count(from)..end).collect();
    }
    let lower = word.to_ascii_lowercase();
    // Wherever else a scheme and something behind it stands.
    for scheme in ["bearer ", "basic "] {
        if let Some(at) = lower.find(scheme) {
            return once(count(at + scheme.len())..end).collect();
        }
    }
    let mut found = Vec::new();
    if let Some(at) = lower.find("://").map(|at| at + 3) {
        let authority = lower[at..].split(['/', '?', '#']).next().unwrap_or_default();
        found.extend(authority.rsplit_once('@').map(|(user, _)| count(at)..count(at + user.len())));
    }
    let mut at = 0;
    for part in word.split(['?', '&', '#']) {
        let pair = part.split_once('=').filter(|(name, _)| is_key(name.trim_start_matches("-d")));
        found.extend(pair.map(|(name, _)| count(at + name.len() + 1)..count(at + part.len())));
        at += part.len() + 1;
    }
    found
}

/// Where in a word the secret value of a header begins, behind the scheme where it has one.
fn header(word: &str) -> Option<usize> {
    let own = ["-H", "--header="].into_iter().find_map(|option| word.strip_prefix(option)).unwrap_or(word);
    let (name, value) = own.split_once(':').filter(|(name, _)| is_key(name.trim()))?;
    let scheme = value.trim_start();
    let begins = word.len() - scheme.len();
    let said = scheme.split(' ').next().unwrap_or_default();
    // The scheme is told, also while it is typed.
    let authorization = name.to_ascii_lowercase().contains("authorization");
    let known = ["bearer", "basic"].into_iter().any(|known| {
        let typed = said.len() <= known.len() && known.as_bytes()[..said.len()].eq_ignore_ascii_case(said.as_bytes());
        typed && (said.len() == known.len() || said.len() == scheme.len())
    });
    Some(begins + if authorization && known { said.len() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_in_is_dots_while_it_is_typed() {
        for (typed, wanted) in [
            ("curl https://x/y -u CNRY:", "curl https://x/y -u •••••"),
            ("curl -u 'CN", "curl -u '••"),
            ("curl -uCNRY: https://x", "curl -u••••• https://x"),
            ("curl -sSu CNRY https://x", "curl -sSu •••• https://x"),
            ("curl --user CNRY https://x", "curl --user •••• https://x"),
            ("curl --oauth2-bearer CNRY", "curl --oauth2-bearer ••••"),
            ("curl -b 'a=CNRY; b=c' https://x", "curl -b '••••••• •••' https://x"),
            ("curl -H 'Authorization: Bearer CNRY' https://x", "curl -H 'Authorization: Bearer ••••' https://x"),
            ("curl -H \"authorization:basic CN", "curl -H \"authorization:basic ••"),
            ("curl -H 'Authorization: Bea", "curl -H 'Authorization: Bea"),
            ("curl -H 'Authorization: CNRY", "curl -H 'Authorization: ••••"),
            ("curl -H 'X-Api-Key: CNRY' https://x", "curl -H 'X-Api-Key: ••••' https://x"),
            ("curl https://CNRY:@external.pleo.io/v2/x", "curl https://•••••@external.pleo.io/v2/x"),
            ("curl 'https://x/y?limit=5&api_key=CNRY&a=b", "curl 'https://x/y?limit=5&api_key=••••&a=b"),
            ("curl -d access_token=CNRY -d limit=5", "curl -d access_token=•••• -d limit=5"),
            ("curl -H Cookie:CNRY -HX-Auth-Token:CNRY", "curl -H Cookie:•••• -HX-Auth-Token:••••"),
            ("curl -H 'Accept: text/csv' -d user=basic", "curl -H 'Accept: text/csv' -d user=basic"),
            ("/v2/employees?email=Bearer x", "/v2/employees?email=Bearer x"),
        ] {
            assert_eq!(hidden(typed).chars().count(), typed.chars().count(), "{typed}");
            assert_eq!(hidden(typed), wanted, "{typed}");
            assert!(!hidden(typed).contains("CNRY"), "{typed}");
        }
    }
}
