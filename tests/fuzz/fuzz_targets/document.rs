//! Any bytes as a body, cut into chunks at any places: what the document says must not depend on the cuts, must agree with
//! itself whichever way it is asked, and with `serde_json` about what is JSON.
//!
//! Needs a nightly compiler and `cargo install cargo-fuzz`. From the folder of the main package:
//!
//! ```text
//! cargo +nightly fuzz run -s none --fuzz-dir tests/fuzz document -- -max_total_time=600 -max_len=1024 -timeout=10 -dict=tests/fuzz/json.dict
//! ```
//!
//! No sanitizer is asked for: there is no unsafe code to watch, and without one three times as many bodies are tried.
//!
//! A finding is kept under `tests/fuzz/artifacts`; run it again by its path in the place of the flags.
//!
//! The input is a recipe. Its first bytes say how wide a screen is, what is folded and where to cut; the rest is the body, in
//! which two bytes that are never UTF-8 make long things of short ones, so that checkpoints and anchors are reached:
//! `F8 n b` is the byte `b` many times, `F9 n k` repeats the last `k` bytes.

#![no_main]

mod checks;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

/// Longest bodies: most reach past two checkpoints, the others past two anchors. Longer ones would be checked too seldom.
const LONGEST: [usize; 2] = [20 * 1024, 160 * 1024];

/// What an input asks for.
pub struct Recipe {
    /// The body.
    pub text: Bytes,
    /// Where chunks end, in order.
    pub cuts: Vec<usize>,
    /// Columns of the screen.
    pub columns: usize,
    /// Which containers are folded.
    pub chosen: u64,
    /// Where in the body the text that is sought stands, and how long it is.
    pub sought: (usize, usize),
}

fn recipe(data: &[u8]) -> Option<Recipe> {
    let (head, rest) = data.split_first_chunk::<14>()?;
    let many = usize::from(head[13] % 8);
    let (places, body) = rest.split_at_checked(2 * many)?;
    let text = grown(body, LONGEST[usize::from(head[12] % 16 == 15)]);
    let wide = |pair: &[u8]| usize::from(pair[0]) << 8 | usize::from(pair[1]);
    // Near the beginning and all over: small bodies are cut amid everything, large ones everywhere.
    let place = |pair: &[u8]| wide(pair) * text.len().div_ceil(1 << 16).max(1) % (text.len() + 1);
    let mut cuts: Vec<usize> = places.chunks_exact(2).map(place).collect();
    cuts.sort_unstable();
    let sought = (wide(&head[9..11]) % (text.len() + 1), usize::from(head[11] % 12));
    let chosen = u64::from_be_bytes(*head.first_chunk()?);
    Some(Recipe { cuts, columns: usize::from(head[8] % 100), chosen, sought, text: text.into() })
}

fn grown(body: &[u8], longest: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut rest = body;
    while text.len() < longest {
        match *rest {
            [0xF8, times, byte, ..] => {
                text.resize(text.len() + usize::from(times) * 48 + 1, byte);
                rest = &rest[3..];
            }
            [0xF9, times, last, ..] => {
                let last = text[text.len().saturating_sub(usize::from(last))..].to_vec();
                for _ in 0..times {
                    text.extend_from_slice(&last);
                }
                rest = &rest[3..];
            }
            [byte, ref after @ ..] => {
                text.push(byte);
                rest = after;
            }
            [] => break,
        }
    }
    text.truncate(longest);
    text
}

fuzz_target!(|data: &[u8]| {
    if let Some(recipe) = recipe(data) {
        checks::all(&recipe);
    }
});
