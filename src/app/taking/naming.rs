//! The name that a server gives a file (RFC 6266), as one that a person can be offered: one part of a path, of characters that
//! can be seen, which no system takes for something else.

use percent_encoding::percent_decode_str;

/// Longest name that is offered, in bytes. File systems take 255, and something is put before it while it is written.
const LONGEST: usize = 120;

/// Names that Windows takes for a device, whatever the extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The name of a Content-Disposition header; nothing where it gives none that can be used.
pub fn given(header: &str) -> Option<String> {
    let mut plain = None;
    for parameter in parameters(header) {
        let (name, value) = parameter.split_once('=')?;
        match name.trim().to_ascii_lowercase().as_str() {
            // The extended form is meant where both are there.
            "filename*" => {
                let value = value.trim().trim_matches('"');
                let encoded = value.splitn(3, '\'').nth(2).unwrap_or(value);
                return usable(&percent_decode_str(encoded).decode_utf8_lossy());
            }
            "filename" => plain = plain.or_else(|| usable(&unquoted(value.trim()))),
            _ => {}
        }
    }
    plain
}

/// The parameters behind the type; a semicolon in quotes parts nothing.
fn parameters(header: &str) -> Vec<String> {
    let (mut all, mut own) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in header.chars() {
        match c {
            ';' if !quoted => all.push(std::mem::take(&mut own)),
            _ => {
                if c == '"' && !escaped {
                    quoted = !quoted;
                }
                own.push(c);
            }
        }
        escaped = c == '\\' && !escaped;
    }
    all.push(own);
    all.into_iter().filter(|parameter| parameter.contains('=')).collect()
}

fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest)) else {
        return value.to_owned();
    };
    let (mut text, mut escaped) = (String::new(), false);
    for c in inside.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        // Some servers send paths of Windows as they are, and mean them.
        if escaped && c != '"' && c != '\\' {
            text.push('\\');
        }
        escaped = false;
        text.push(c);
    }
    text
}

/// A name without what leads out of a folder, cannot be seen, or means something else.
fn usable(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = |c: char| {
        let fits = c == ' ' || c.is_alphanumeric() || "-_.,()[]+=@&%#'!~".contains(c);
        if fits { c } else { '_' }
    };
    let plain: String = last.chars().map(seen).collect();
    // A dash would be an option of whatever command it is given to, and a dot hides.
    let plain = plain.trim_start_matches(['-', '.', ' ', '~']).trim_end_matches(['.', ' ']);
    let stem = plain.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(char::is_numeric))
    });
    if plain.chars().all(|c| c == '_' || c == '.') {
        return None;
    }
    let device = numbered || DEVICES.contains(&stem.as_str());
    Some(cut(&if device { format!("_{plain}") } else { plain.to_owned() }))
}

/// A long name loses its middle: what it is shows by its end.
fn cut(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map(|(_, end)| end).filter(|end| end.len() <= 12);
    let end = extension.map_or_else(String::new, |end| format!(".{end}"));
    let room = (0..=LONGEST - end.len()).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{end}", &name[..room])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_37_a_name_stays_in_its_folder_and_can_be_seen() {
        for (header, wanted) in [
            ("attachment; filename=\"receipt.pdf\"", Some("receipt.pdf")),
            ("attachment; filename=plain.png", Some("plain.png")),
            ("inline; filename=\"a;b.txt\"; size=3", Some("a_b.txt")),
            ("attachment; filename=\"x\"; filename*=UTF-8''r%C3%A9sum%C3%A9%202.pdf", Some("résumé 2.pdf")),
            ("attachment; filename=\"../../x\"", Some("x")),
            ("attachment; filename=\"..\\\\..\\\\x\"", Some("x")),
            ("attachment; filename*=UTF-8''..%2F..%2Fx", Some("x")),
            ("attachment; filename=\"/etc/x\"", Some("x")),
            ("attachment; filename=\"C:\\\\Windows\\\\x.exe\"", Some("x.exe")),
            ("attachment; filename=\"\u{1b}[31mred\u{7}.pdf\"", Some("_[31mred_.pdf")),
            ("attachment; filename=\"a\u{202e}fdp.exe\"", Some("a_fdp.exe")),
            ("attachment; filename=CON", Some("_CON")),
            ("attachment; filename=\"con.txt\"", Some("_con.txt")),
            ("attachment; filename=lpt1.png", Some("_lpt1.png")),
            ("attachment; filename=\"COM¹\"", Some("_COM¹")),
            ("attachment; filename=\"-rf\"", Some("rf")),
            ("attachment; filename=\".bashrc\"", Some("bashrc")),
            ("attachment; filename=\"~root\"", Some("root")),
            ("attachment; filename=\"a\0b\"", Some("a_b")),
            ("attachment; filename*=UTF-8''a%00b", Some("a_b")),
            ("attachment; filename=\"\"", None),
            ("attachment; filename=\"..\"", None),
            ("attachment; filename=\"\0\0\"", None),
            ("attachment; filename=\"dot. . \"", Some("dot")),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(given(header).as_deref(), wanted, "{header:?}");
        }
        let long = given(&format!("attachment; filename=\"{}.pdf\"", "é".repeat(300))).unwrap();
        assert!(long.len() <= LONGEST && long.ends_with("é.pdf"), "{long}");
    }
}
