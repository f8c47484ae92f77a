//! Fuzzy matching as one types, over short lists held in memory.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The indices of the texts that fit a pattern, best first, equals in their order; all of them for an empty pattern.
pub fn rank<'a>(pattern: &str, texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let pattern = Pattern::parse(pattern, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut buffer = Vec::new();
    let mut hits: Vec<(u32, usize)> = texts
        .enumerate()
        .filter_map(|(index, text)| Some((pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher)?, index)))
        .collect();
    // Letters strewn over a long text fit nearly any pattern: only what fits about as well as the best is meant.
    let best = hits.iter().map(|(score, _)| *score).max().unwrap_or(0);
    hits.retain(|(score, _)| *score >= best - best / 4);
    hits.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
    hits.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_fit_and_an_empty_pattern_keeps_the_order() {
        let texts = ["GET /v2/employees", "GET /v1/companies", "DELETE /v0/tags"];
        assert_eq!(rank("", texts.into_iter()), [0, 1, 2]);
        assert_eq!(rank("empl", texts.into_iter()), [0]);
        assert_eq!(rank("v1com", texts.into_iter()), [1]);
        assert_eq!(rank("zzz", texts.into_iter()), Vec::<usize>::new());
    }
}
