//! Sentences in rows of so many columns.

use super::text::{displayable, is_plain, truncate, width};

/// A text made safe to draw and cut to so many columns, with an ellipsis where it was cut.
#[must_use]
pub fn fit(value: &str, columns: usize) -> String {
    truncate(&displayable(value), columns).into_owned()
}

/// Breaks a text into rows of so many columns, at spaces where there are some.
#[must_use]
pub fn wrap(value: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let safe = displayable(value);
    // Rows are measured again with every character: of what is a byte a column that takes no time.
    let width: fn(&str) -> usize = if is_plain(&safe) { str::len } else { width };
    let mut rows = vec![String::new()];
    for word in safe.split_inclusive(' ') {
        let row = rows.last().map_or(0, |row| width(row));
        if row > 0 && row + width(word.trim_end()) > columns {
            rows.push(String::new());
        }
        for c in word.chars() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if rows.last().is_some_and(|row| width(row) + wide > columns) {
                if c == ' ' {
                    continue;
                }
                rows.push(String::new());
            }
            if let Some(row) = rows.last_mut() {
                row.push(c);
            }
        }
    }
    rows
}

/// Wraps into at most so many rows; the last one ends in an ellipsis when something is left out.
#[must_use]
pub fn wrap_within(value: &str, columns: usize, most: usize) -> Vec<String> {
    let mut rows = wrap(value, columns);
    if rows.len() > most {
        rows.truncate(most);
        if let Some(last) = rows.last_mut() {
            *last = fit(&format!("{}…", last.trim_end()), columns);
            if !last.ends_with('…') {
                last.push('…');
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_words_and_says_when_it_leaves_something_out() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap_within("one two three four", 7, 2)[1], "three…");
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("日本語 abc", 4), ["日本", "語 ", "abc"], "two columns each");
    }
}
