//! Tells at few places of a text whether a secret may stand there, so that most of it need not be touched.

use std::ops::Range;

/// Bytes that are looked at together.
pub(super) const GRAM: usize = 8;

/// Fewest different bytes of a group that tells a form from ordinary text; rows of zeros stand everywhere.
const DIFFERENT: usize = 4;

/// Bits that a group may set.
const BITS: u32 = 20;

/// Which telling groups of eight bytes occur in any form, roughly: a bit for each remainder. Every form has so many of them one
/// behind the other that one is met at one of the places that are looked at, so most bytes are never touched.
pub(super) struct Sieve {
    bits: Vec<u64>,
    pub(super) stride: usize,
}

impl Sieve {
    /// `None` where a form has so few telling groups that hardly a place could be left out.
    pub(super) fn of<'a>(forms: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut sieve = Self { bits: vec![0; 1 << (BITS - 6)], stride: usize::MAX };
        for form in forms {
            let telling = Self::telling(form);
            sieve.stride = sieve.stride.min(telling.len());
            for gram in form.windows(GRAM).skip(telling.start).take(telling.len()) {
                let hash = hash(gram);
                sieve.bits[hash >> 6] |= 1 << (hash & 63);
            }
        }
        (4..usize::MAX).contains(&sieve.stride).then_some(sieve)
    }

    /// The longest stretch of a form in which a telling group begins at each place.
    fn telling(form: &[u8]) -> Range<usize> {
        let (mut longest, mut start) = (0..0, 0);
        for (at, gram) in form.windows(GRAM).enumerate() {
            let different = gram.iter().enumerate().filter(|(at, byte)| !gram[..*at].contains(byte)).count();
            if different < DIFFERENT {
                start = at + 1;
            } else if at + 1 - start > longest.len() {
                longest = start..at + 1;
            }
        }
        longest
    }

    /// The places that are looked at and may be within a form.
    pub(super) fn places<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let grams = bytes.windows(GRAM).step_by(self.stride).enumerate();
        grams
            .filter(|(_, gram)| {
                let hash = hash(gram);
                self.bits[hash >> 6] >> (hash & 63) & 1 == 1
            })
            .map(|(number, _)| number * self.stride)
    }
}

/// A remainder of eight bytes.
fn hash(gram: &[u8]) -> usize {
    let word = gram.first_chunk::<GRAM>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    // The upper bits of a product with an odd number depend on all bits of both (Knuth, multiplicative hashing).
    usize::try_from(word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)).unwrap_or(0)
}
