//! Makes known secrets vanish from what comes back: by their value, in whatever form it comes, not by the name of a field.

mod plain;
mod sieve;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};
use bytes::Bytes;
use zeroize::Zeroizing;

use super::Secret;
use plain::{LONGEST_ESCAPE, Plain, cut};
use sieve::{GRAM, Sieve};

/// What stands in the place of a secret. Plain ASCII, so that JSON stays JSON.
pub const MARK: &str = "[redacted]";

/// The shortest secret that is looked for; a shorter one would be found in ordinary words.
const SHORTEST: usize = 8;

/// Knows secrets and the forms in which they may come back.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Vec<Secret>,
    /// Made when it is first needed after a change; clones that are made after that share it.
    made: OnceLock<Arc<Made>>,
}

/// What looks for secrets.
struct Made {
    /// The forms besides the secrets themselves.
    forms: Vec<Vec<u8>>,
    /// Nothing while nothing is known.
    search: Option<AhoCorasick>,
    /// Tells at few places whether a form may stand there.
    sieve: Option<Sieve>,
    /// Bytes of the longest form.
    longest: usize,
}

impl Made {
    /// Where forms stand as they are, in order.
    fn hits(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(search) = &self.search else {
            return Vec::new();
        };
        let Some(sieve) = &self.sieve else {
            return search.find_iter(bytes).map(|hit| hit.range()).collect();
        };
        let mut hits: Vec<Range<usize>> = Vec::new();
        let mut done = 0;
        for at in sieve.places(bytes) {
            let from = (at + GRAM).saturating_sub(self.longest).max(done);
            let to = (at + self.longest).min(bytes.len());
            if from < to {
                let near = search.find_iter(&bytes[from..to]).map(|hit| from + hit.start()..from + hit.end());
                hits.extend(near);
                done = hits.last().map_or(done, |last| last.end.max(done));
            }
        }
        hits
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.known.len())
    }
}

/// Both know the same secrets, in the same order.
impl PartialEq for Redactor {
    fn eq(&self, other: &Self) -> bool {
        let same = |(own, other): (&Secret, &Secret)| own.is(other);
        self.known.len() == other.known.len() && self.known.iter().zip(&other.known).all(same)
    }
}

impl Redactor {
    /// Whether it knows none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Looks for this secret too from now on.
    pub fn learn(&mut self, secret: &Secret) {
        if secret.expose().len() >= SHORTEST && !self.known.iter().any(|known| known.is(secret)) {
            self.known.push(secret.clone());
            self.changed();
        }
    }

    /// Forgets a secret, which is no longer to be in memory at all.
    pub fn forget(&mut self, secret: &Secret) {
        self.known.retain(|known| !known.is(secret));
        self.changed();
    }

    fn changed(&mut self) {
        self.made = OnceLock::new();
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let mut forms: BTreeSet<Vec<u8>> = self.known.iter().flat_map(|secret| forms(secret.expose())).collect();
            // The secrets themselves are at hand already: no more copies than must be.
            forms.retain(|form| !self.known.iter().any(|secret| secret.expose().as_bytes() == form.as_slice()));
            let forms: Vec<Vec<u8>> = forms.into_iter().collect();
            // Leftmost-longest, so that a form that begins like another one is taken whole. It fails only for more forms
            // than memory has room for.
            let sought = forms.iter().map(Vec::as_slice).chain(self.known());
            let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(sought.clone()).ok();
            let (sieve, longest) = (Sieve::of(sought.clone()), sought.map(<[u8]>::len).max().unwrap_or(0));
            Arc::new(Made { search: search.filter(|_| !self.known.is_empty()), sieve, longest, forms })
        })
    }

    fn known(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.known.iter().map(|secret| secret.expose().as_bytes())
    }

    /// Everything that is looked for.
    fn sought(&self) -> impl Iterator<Item = &[u8]> {
        self.made().forms.iter().map(Vec::as_slice).chain(self.known())
    }

    /// Makes what looks for the forms, so that clones share it.
    pub fn prepare(&self) -> Option<&AhoCorasick> {
        self.made().search.as_ref()
    }

    /// The text without the secrets that are known.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // A secret is ASCII, and so is what stands in its place.
            Cow::Owned(clean) => Cow::Owned(String::from_utf8_lossy(&clean).into_owned()),
        }
    }

    /// The bytes without the secrets that are known.
    #[must_use]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        without(bytes, &self.find(bytes))
    }

    /// Where secrets stand, in order and apart: as they are, and behind escapes.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        if self.prepare().is_none() {
            return Vec::new();
        }
        let made = self.made();
        let mut found = made.hits(bytes);
        let layers = Plain::layers(bytes);
        for (depth, plain) in layers.iter().enumerate() {
            let source = |at| layers[..=depth].iter().rev().fold(at, |at, layer| layer.source(at));
            found.extend(made.hits(&plain.bytes).into_iter().map(|hit| source(hit.start)..source(hit.end)));
        }
        found.sort_by_key(|range| range.start);
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }

    /// How many bytes at the end may be the beginning of a secret that goes on in the next piece.
    fn held_back(&self, bytes: &[u8]) -> usize {
        // What stands before an escape that may be cut is looked at without it.
        let cut = cut(bytes);
        self.begun(bytes).max(cut + self.begun(&bytes[..bytes.len() - cut]))
    }

    /// How many bytes at the end are a good part of a secret where a stream broke off, an escape that is cut with them.
    fn broken_off(&self, bytes: &[u8]) -> usize {
        let cut = cut(bytes);
        let parts = [(self.begun(bytes), 0), (self.begun(&bytes[..bytes.len() - cut]), cut)];
        parts.into_iter().filter(|(begun, _)| *begun >= SHORTEST).map(|(begun, cut)| begun + cut).max().unwrap_or(0)
    }

    /// How many bytes at the end are the beginning of a secret.
    fn begun(&self, bytes: &[u8]) -> usize {
        let begins = |bytes: &[u8]| {
            let begins = |form: &[u8]| {
                let most = (form.len() - 1).min(bytes.len());
                (1..=most).rev().find(|count| bytes[bytes.len() - count..] == form[..*count]).unwrap_or(0)
            };
            self.sought().map(begins).max().unwrap_or(0)
        };
        // No form is longer; more than that need not be read again at the end of every piece.
        let bytes = &bytes[bytes.len() - bytes.len().min(self.made().longest * LONGEST_ESCAPE * 2)..];
        let layers = Plain::layers(bytes);
        let behind = layers.iter().enumerate().map(|(depth, plain)| {
            let at = plain.bytes.len() - begins(&plain.bytes);
            bytes.len() - layers[..=depth].iter().rev().fold(at, |at, layer| layer.source(at))
        });
        behind.chain([begins(bytes)]).max().unwrap_or(0)
    }
}

/// The bytes without these ranges, which stand in order and apart.
fn without<'a>(bytes: &'a [u8], found: &[Range<usize>]) -> Cow<'a, [u8]> {
    if found.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let mut clean = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for range in found {
        clean.extend_from_slice(&bytes[at..range.start]);
        clean.extend_from_slice(MARK.as_bytes());
        at = range.end;
    }
    clean.extend_from_slice(&bytes[at..]);
    Cow::Owned(clean)
}

/// A stream of pieces without secrets, also where one is cut between two pieces.
#[derive(Debug)]
pub struct Redacted {
    redactor: Redactor,
    held: Vec<u8>,
}

impl Redacted {
    /// A stream that knows what the redactor knows now.
    #[must_use]
    pub const fn new(redactor: Redactor) -> Self {
        Self { redactor, held: Vec::new() }
    }

    /// The next piece. What may be the beginning of a secret is held back until it is clear.
    #[must_use]
    pub fn push(&mut self, piece: Bytes) -> Bytes {
        if self.redactor.prepare().is_none() {
            return piece;
        }
        let mut piece =
            if self.held.is_empty() { piece } else { [std::mem::take(&mut self.held), piece.to_vec()].concat().into() };
        // A secret that is whole must not be taken for the beginning of another one.
        let found = self.redactor.find(&piece);
        let from = found.last().map_or(0, |found| found.end);
        let back = self.redactor.held_back(&piece[from..]);
        self.held = piece.split_off(piece.len() - back).to_vec();
        match without(&piece, &found) {
            Cow::Borrowed(_) => piece,
            Cow::Owned(clean) => clean.into(),
        }
    }

    /// What was held back, at the end of the stream. A good part of a secret, where the stream broke off, is as good as all
    /// of it.
    #[must_use]
    pub fn finish(&mut self) -> Bytes {
        let mut held = std::mem::take(&mut self.held);
        let broken = self.redactor.broken_off(&held);
        if broken > 0 {
            held.truncate(held.len() - broken);
            held.extend_from_slice(MARK.as_bytes());
        }
        held.into()
    }
}

/// Every form in which a secret is looked for: those of itself, and those of what a key is sent as, for a server may well
/// take that for its text.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let pair = Zeroizing::new(format!("{secret}:"));
    let sent = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
    [spellings(secret), spellings(&sent)].concat()
}

/// A text as it is, backwards, as hexadecimal digits, as UTF-16, and Base64 of it alone or in the midst of other text. Escapes
/// are no forms of their own: they are taken away before it is looked for, see [`Plain`].
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let each = |one: &dyn Fn(u8) -> String| bytes.iter().map(|byte| one(*byte)).collect::<String>().into_bytes();
    let mut forms = vec![
        bytes.to_vec(),
        bytes.iter().rev().copied().collect(),
        each(&|byte| format!("{byte:02x}")),
        each(&|byte| format!("{byte:02X}")),
        url::form_urlencoded::byte_serialize(bytes).collect::<String>().into_bytes(),
        bytes.iter().flat_map(|byte| [*byte, 0]).collect(),
    ];
    for alphabet in [&STANDARD, &URL_SAFE] {
        let engine = GeneralPurpose::new(alphabet, NO_PAD);
        // Three bytes make four characters, so the text before it decides which of three ways it is written. Those
        // characters at its ends that also hold bits of its neighbours are left out.
        for before in 0..3_usize {
            let encoded = engine.encode([vec![0; before], bytes.to_vec()].concat());
            let first = (before * 8).div_ceil(6);
            let last = (before + bytes.len()) * 8 / 6;
            forms.push(encoded.as_bytes()[first..last].to_vec());
        }
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "CNRY-staging/key+0123456789ab";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        redactor.learn(&Secret::new(SECRET.to_owned()));
        redactor
    }

    fn in_pieces(known: Redactor, text: &str, size: usize) -> String {
        let mut stream = Redacted::new(known);
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            out.extend(stream.push(Bytes::copy_from_slice(piece)));
        }
        out.extend(stream.finish());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn every_form_vanishes() {
        let redactor = redactor();
        let standard = base64::engine::general_purpose::STANDARD;
        let sent = standard.encode(format!("{SECRET}:"));
        assert_eq!(redactor.text(&format!("Basic {sent}, you said")), "Basic [redacted], you said");
        let escaped: String = sent.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        assert_eq!(redactor.text(&escaped), MARK);
        assert_eq!(redactor.text(&SECRET.replace('+', "\\u002B")), MARK);
        let escaped = |one: &dyn Fn(u8) -> String| SECRET.bytes().map(one).collect::<String>().into_bytes();
        let escapes = [
            escaped(&|byte| format!("%{byte:02x}")),
            escaped(&|byte| format!("%{byte:02X}")),
            escaped(&|byte| format!("\\u{byte:04x}")),
            escaped(&|byte| format!("\\u{byte:04X}")),
            SECRET.replace('/', "\\/").into_bytes(),
            SECRET.replace('+', "\\u002b").into_bytes(),
            percent_encoding::utf8_percent_encode(SECRET, percent_encoding::NON_ALPHANUMERIC).to_string().into_bytes(),
        ];
        for form in forms(SECRET).into_iter().chain(escapes) {
            let text = [b"before ".to_vec(), form.clone(), b" after".to_vec()].concat();
            assert_eq!(redactor.bytes(&text), &b"before [redacted] after"[..], "{}", String::from_utf8_lossy(&form));
        }
        for text in [format!("{SECRET}:"), format!("x:{SECRET}"), format!("{{\"a\":\"{SECRET}\"}}"), SECRET.to_owned()]
        {
            let encoded = standard.encode(&text);
            assert!(redactor.text(&encoded).contains(MARK), "{text}");
        }
        assert_eq!(redactor.text("nothing of it"), "nothing of it");
    }

    #[test]
    fn a_secret_cut_between_pieces_vanishes_wherever_it_is_cut() {
        let text = format!("{{\"a\":\"{SECRET}\",\"b\":\"CNRY-staging\",\"c\":\"{SECRET}{SECRET}\"}}");
        let wanted = "{\"a\":\"[redacted]\",\"b\":\"CNRY-staging\",\"c\":\"[redacted][redacted]\"}";
        for size in 1..text.len() {
            assert_eq!(in_pieces(redactor(), &text, size), wanted, "in pieces of {size}");
        }
    }

    /// However a server escapes it, wholly or in part, and however it is cut.
    #[test]
    fn a_secret_vanishes_behind_any_escapes() {
        let escape = |byte: u8, how: usize| match how % 6 {
            0 => format!("\\u{byte:04x}"),
            1 => format!("%{byte:02X}"),
            2 => format!("%{byte:02x}"),
            3 => format!("%25{byte:02X}"),
            4 => format!("\\\\u{byte:04x}"),
            _ => char::from(byte).to_string(),
        };
        let known = redactor();
        known.prepare();
        for seed in 0..200_usize {
            let written: String =
                SECRET.bytes().enumerate().map(|(at, byte)| escape(byte, (seed * 31 + at * 7) ^ (seed >> 2))).collect();
            let text = format!("{{\"a\":\"{written}\",\"b\":\"100 % of \\u00e9 %zz\"}}");
            let wanted = "{\"a\":\"[redacted]\",\"b\":\"100 % of \\u00e9 %zz\"}";
            assert_eq!(known.text(&text), wanted, "{text}");
            for size in [1, 2, 3, 5, 7, 16, 64] {
                assert_eq!(in_pieces(known.clone(), &text, size), wanted, "in pieces of {size}: {text}");
            }
        }
    }

    #[test]
    fn a_stream_that_breaks_off_shows_no_good_part_of_a_secret() {
        let mut stream = Redacted::new(redactor());
        let mut out = stream.push(Bytes::from_static(b"{\"a\":\"CNRY-staging/key+0123")).to_vec();
        out.extend(stream.finish());
        assert_eq!(String::from_utf8_lossy(&out), "{\"a\":\"[redacted]");
        let mut stream = Redacted::new(redactor());
        let mut out = stream.push(Bytes::from_static(b"an end like CNRY")).to_vec();
        out.extend(stream.finish());
        assert_eq!(String::from_utf8_lossy(&out), "an end like CNRY");
    }

    /// Only what begins a secret is taken away there, not an escape that merely stands at the end.
    #[test]
    fn a_stream_that_ends_with_an_escape_stays_as_it_is() {
        for text in ["{\"a\":\"\\u00e9\"}", "[\"C\\u00e9\"]", "\"\\\\u00e9\"", "100 %25zz", "a\\\\\\\\\\\\\\\\\\b"] {
            for size in 1..=text.len() {
                assert_eq!(in_pieces(redactor(), text, size), text, "in pieces of {size}");
            }
        }
    }

    #[test]
    fn a_short_secret_is_not_looked_for_and_a_forgotten_one_no_longer() {
        let mut redactor = redactor();
        redactor.learn(&Secret::new("the".into()));
        assert_eq!(redactor.text("the end"), "the end");
        redactor.forget(&Secret::new(SECRET.into()));
        assert_eq!(redactor.text(SECRET), SECRET);
        assert_eq!(format!("{redactor:?}"), "Redactor(0 secrets)");
    }
    /// Most bytes are not looked at; a secret is found wherever it stands all the same.
    #[test]
    fn the_sieve_lets_no_secret_through() {
        let redactor = redactor();
        assert!(redactor.made().sieve.is_some());
        for form in forms(SECRET) {
            for before in 0..80 {
                let text = [vec![b'0'; before], form.clone(), vec![b'0'; before % 7]].concat();
                let wanted = [vec![b'0'; before], MARK.into(), vec![b'0'; before % 7]].concat();
                assert_eq!(redactor.bytes(&text), wanted, "{}", String::from_utf8_lossy(&text));
            }
        }
        // One that ends as much of the text around it looks.
        let zeros = "pls_demo_staging_standalone_0000000000001";
        let mut redactor = Redactor::default();
        redactor.learn(&Secret::new(zeros.into()));
        assert!(redactor.made().sieve.as_ref().is_some_and(|sieve| sieve.stride > 16));
        for form in forms(zeros) {
            for before in 0..60 {
                let text = [vec![b'0'; before], form.clone(), vec![b'0'; 9]].concat();
                let clean = redactor.bytes(&text).into_owned();
                assert!(memchr::memmem::find(&clean, MARK.as_bytes()).is_some(), "{}", String::from_utf8_lossy(&text));
            }
        }
        let mut short = Redactor::default();
        short.learn(&Secret::new("12345678".into()));
        assert!(short.made().sieve.is_none());
        assert_eq!(short.text("0123456789"), "0[redacted]9");
    }
}
