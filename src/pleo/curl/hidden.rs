//! A command that is being typed, as it may stand on the screen: what lets its reader in is dots.

use super::is_curl;

/// Long options whose value, or what of it stands before a colon, is secret.
const LONG: [&str; 5] = ["--user", "--oauth2-bearer", "--proxy-user", "--cookie", "--aws-sigv4"];
/// Their short forms.
const SHORT: [char; 3] = ['u', 'U', 'b'];
/// Headers whose value is secret.
const HEADERS: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"];

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
        let own: String = letters[word.clone()].iter().filter(|c| !matches!(c, '\'' | '"')).collect();
        let found = if std::mem::take(&mut secret) {
            Some(0..own.len())
        } else if let Some(name) = LONG
            .into_iter()
            .find(|name| own.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
        {
            secret = own.len() == name.len();
            (!secret).then(|| name.len() + 1..own.len())
        } else if let Some(at) = short(&own) {
            secret = at == own.chars().count();
            (!secret).then(|| at..own.len())
        } else {
            value(&own)
        };
        let Some(found) = found else {
            continue;
        };
        let quoted = |c: &char| matches!(c, '\'' | '"');
        let places = word.filter(|at| !quoted(&letters[*at])).skip(found.start).take(found.len());
        places.filter(|at| !letters[*at].is_whitespace()).for_each(|at| shown[at] = '•');
    }
    shown.into_iter().collect()
}

/// Where the words are, quotes and all; one that is not closed yet goes to the end.
fn words(letters: &[char]) -> Vec<std::ops::Range<usize>> {
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

/// Behind how many letters of a group of short options a secret begins.
fn short(word: &str) -> Option<usize> {
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    let found = letters.chars().position(|c| SHORT.contains(&c) || !c.is_ascii_alphabetic())?;
    // The value of another option stands behind its letter.
    let before: String = letters.chars().take(found).collect();
    let takes = before.contains(['H', 'd', 'X', 'o', 'x', 'A', 'e', 'm', 'w', 'D', 'T', 'F', 'E', 'r', 'c']);
    (!takes && letters.chars().nth(found).is_some_and(|c| SHORT.contains(&c))).then_some(found + 2)
}

/// Which characters of a word are secret: the value of a header, or the user name in an address.
fn value(word: &str) -> Option<std::ops::Range<usize>> {
    let end = word.chars().count();
    let lower = word.to_ascii_lowercase();
    let header = ["", "-h", "--header="].into_iter().find_map(|option| {
        let rest = lower.strip_prefix(option)?;
        let name = HEADERS.iter().find(|name| rest.strip_prefix(**name).is_some_and(|rest| rest.starts_with(':')))?;
        Some(option.len() + name.len() + 1)
    });
    if let Some(from) = header {
        let rest = &lower[from..];
        let scheme = rest.trim_start();
        let space = rest.chars().count() - scheme.chars().count();
        // The scheme is told, also while it is typed.
        let begun = ["bearer", "basic"].into_iter().find(|own| scheme.starts_with(own) || own.starts_with(scheme));
        let known = begun.filter(|own| {
            !scheme.starts_with(own) || scheme[own.len()..].starts_with(' ') || scheme.len() == own.len()
        });
        let chars = word.get(..from).map_or(0, |before| before.chars().count());
        return Some((chars + space + known.map_or(0, str::len)).min(end)..end);
    }
    // Wherever else a scheme and something behind it stands.
    for scheme in ["bearer ", "basic "] {
        if let Some(at) = lower.find(scheme) {
            return Some(lower[..at + scheme.len()].chars().count()..end);
        }
    }
    let at = lower.find("://")? + 3;
    let authority = lower[at..].split(['/', '?', '#']).next().unwrap_or_default();
    let (user, _) = authority.rsplit_once('@')?;
    let from = lower[..at].chars().count();
    Some(from..from + user.chars().count())
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
            ("curl -H 'Accept: text/csv' -d user=basic", "curl -H 'Accept: text/csv' -d user=basic"),
            ("/v2/employees?email=Bearer x", "/v2/employees?email=Bearer x"),
        ] {
            assert_eq!(hidden(typed).chars().count(), typed.chars().count(), "{typed}");
            assert_eq!(hidden(typed), wanted, "{typed}");
            assert!(!hidden(typed).contains("CNRY"), "{typed}");
        }
    }
}
