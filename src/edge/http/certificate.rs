//! What a certificate says of itself: whom it is of, who issued it, when it expires. It is for people to read; whether it
//! is to be trusted is decided elsewhere. Anything may stand in it, so nothing is taken for granted.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// What is read of a certificate (RFC 5280, section 4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Whom it is of: its name, or the first host that it is for where it has none.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// When it expires.
    pub expires: Option<Timestamp>,
}

/// Tags of the Distinguished Encoding Rules (X.690).
mod tag {
    pub const OCTETS: u8 = 0x04;
    pub const OBJECT: u8 = 0x06;
    pub const LATIN: u8 = 0x14;
    pub const UTC_TIME: u8 = 0x17;
    pub const TIME: u8 = 0x18;
    pub const WIDE: u8 = 0x1E;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    pub const VERSION: u8 = 0xA0;
    pub const EXTENSIONS: u8 = 0xA3;
    pub const HOST: u8 = 0x82;
}

/// The parts of a name that are told, by what follows 2.5.4 in their number.
const PARTS: [(u8, &str); 6] = [(3, "CN"), (10, "O"), (11, "OU"), (7, "L"), (8, "ST"), (6, "C")];
/// 2.5.29.17, the other names of the subject.
const OTHER_NAMES: [u8; 3] = [0x55, 0x1D, 0x11];

/// Reads a certificate; nothing where it is none.
pub(super) fn read(der: &[u8]) -> Option<Certificate> {
    let mut body = Der(Der(Der(der).take(tag::SEQUENCE)?).take(tag::SEQUENCE)?);
    if body.peek() == Some(tag::VERSION) {
        body.next()?;
    }
    // The serial number and the algorithm of the signature.
    body.next()?;
    body.next()?;
    let issuer = name(body.take(tag::SEQUENCE)?);
    let mut validity = Der(body.take(tag::SEQUENCE)?);
    validity.next()?;
    let expires = validity.next().and_then(|(tag, text)| time(tag, text));
    let mut subject = name(body.take(tag::SEQUENCE)?);
    if subject.is_empty() {
        subject = host(body).unwrap_or_default();
    }
    Some(Certificate { subject, issuer, expires })
}

/// Values one behind the other.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk::<2>()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            // No certificate has a part whose length takes more bytes than these.
            let digits = usize::from(first & 0x7F);
            let (length, behind) = rest.split_at_checked(digits).filter(|_| (1..=4).contains(&digits))?;
            rest = behind;
            length.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        };
        let (content, behind) = rest.split_at_checked(length)?;
        self.0 = behind;
        Some((tag, content))
    }

    /// The content of the next value, which has this tag.
    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

/// A name as `CN=…, O=…`.
fn name(content: &[u8]) -> String {
    let (mut sets, mut parts) = (Der(content), Vec::new());
    while let Some((tag::SET, set)) = sets.next() {
        let mut pairs = Der(set);
        while let Some((tag::SEQUENCE, pair)) = pairs.next() {
            let mut pair = Der(pair);
            let (Some((tag::OBJECT, &[0x55, 0x04, number])), Some((kind, text))) = (pair.next(), pair.next()) else {
                continue;
            };
            if let Some(at) = PARTS.iter().position(|(own, _)| *own == number) {
                parts.push((at, format!("{}={}", PARTS[at].1, string(kind, text))));
            }
        }
    }
    // The one that people look for comes first, in whichever order they were written.
    parts.sort_by_key(|(at, _)| *at);
    parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join(", ")
}

fn string(kind: u8, text: &[u8]) -> String {
    match kind {
        tag::LATIN => text.iter().map(|byte| char::from(*byte)).collect(),
        tag::WIDE => {
            let units: Vec<u16> = text.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(text).into_owned(),
    }
}

/// The first host among the other names, which stand behind the subject.
fn host(mut rest: Der<'_>) -> Option<String> {
    let extensions = loop {
        let (tag, content) = rest.next()?;
        if tag == tag::EXTENSIONS {
            break content;
        }
    };
    let mut extensions = Der(Der(extensions).take(tag::SEQUENCE)?);
    while let Some((tag::SEQUENCE, extension)) = extensions.next() {
        let mut extension = Der(extension);
        if extension.take(tag::OBJECT)? != OTHER_NAMES {
            continue;
        }
        let (mut kind, mut content) = extension.next()?;
        if kind != tag::OCTETS {
            (kind, content) = extension.next()?;
        }
        let mut names = Der(Der(content).take(tag::SEQUENCE).filter(|_| kind == tag::OCTETS)?);
        while let Some((kind, text)) = names.next() {
            if kind == tag::HOST {
                return Some(String::from_utf8_lossy(text).into_owned());
            }
        }
    }
    None
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(kind: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match kind {
        tag::UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = number(year)?;
            // RFC 5280, section 4.1.2.5.1.
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        tag::TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (number(year)?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| number::<i8>(rest.get(at..at + 2)?);
    let whole = rest.len() == 10;
    let time = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok().filter(|_| whole)?;
    TimeZone::UTC.to_timestamp(time).ok()
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::{any, prop_assert, proptest};
    use rcgen::{CertificateParams, DnType, KeyPair};

    fn certificate(name: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["external.pleo.io".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.not_after = rcgen::date_time_ymd(2031, 2, 3);
        name(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_tells_its_names_and_its_end() {
        let der = certificate(|params| {
            params.distinguished_name.push(DnType::CountryName, "DK");
            params.distinguished_name.push(DnType::OrganizationName, "Plëo ApS");
            params.distinguished_name.push(DnType::CommonName, "external.pleo.io");
        });
        let read = read(&der).unwrap();
        assert_eq!(read.subject, "CN=external.pleo.io, O=Plëo ApS, C=DK");
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.expires, Some("2031-02-03T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn one_without_a_name_is_called_by_its_host() {
        let read = read(&certificate(|params| params.not_after = rcgen::date_time_ymd(2061, 1, 1))).unwrap();
        assert_eq!((read.subject.as_str(), read.issuer.as_str()), ("external.pleo.io", ""));
        assert_eq!(read.expires, Some("2061-01-01T00:00:00Z".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn a_hostile_certificate_is_read_or_not(at in any::<proptest::sample::Index>(), byte: u8, cut in any::<proptest::sample::Index>(), noise: Vec<u8>) {
            let mut der = certificate(|params| params.distinguished_name.push(DnType::CommonName, "x"));
            let end = cut.index(der.len() + 1);
            let place = at.index(der.len());
            der[place] = byte;
            let whole = read(&der);
            prop_assert!(whole.is_none_or(|own| own.subject.len() <= der.len() * 8));
            prop_assert!(read(&der[..end.min(40)]).is_none());
            prop_assert!(read(&noise).is_none_or(|own| own.subject.len() <= noise.len() * 8));
        }
    }
}
