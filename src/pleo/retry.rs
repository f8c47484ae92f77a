//! When a read that failed is tried again, and after which pause.

use std::time::Duration;

/// How patient a run is with a read that fails in passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often a read is sent at most.
    pub tries: u32,
    /// The pause after the first try; each one after it is three times as long.
    pub pause: Duration,
    /// The longest pause that a server may ask for and that is made without asking a person.
    pub alone: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 3, pause: Duration::from_secs(1), alone: Duration::from_secs(60) }
    }
}

impl Patience {
    /// The pause after the try of this number, counted from 1, shorter or longer by up to a quarter: `chance` is between 0
    /// and 255. A server that asks for more gets it.
    #[must_use]
    pub fn pause(&self, number: u32, chance: u8, asked: Option<Duration>) -> Duration {
        let longer = 3_u32.saturating_pow(number.saturating_sub(1));
        let own = self.pause.saturating_mul(longer);
        let jittered = own.saturating_mul(384 + 256 * u32::from(chance) / 255) / 512;
        asked.map_or(jittered, |asked| jittered.max(asked))
    }
}

/// Whether a read that was answered like this may be answered otherwise in a moment.
#[must_use]
pub const fn passes(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// The time that a Retry-After asks for (RFC 9110, section 10.2.3): seconds, or a date as seen from the answer's own date.
/// Nothing for what is neither.
#[must_use]
pub fn retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Longer than anybody waits.
        return Some(Duration::from_secs(u64::MAX));
    }
    let seconds = read_date(text)?.checked_sub(read_date(date?.trim())?)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// Seconds since 1970 of a date in one of the three forms that a recipient must take (RFC 9110, section 5.6.7).
fn read_date(text: &str) -> Option<i64> {
    let usual = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(timestamp) = usual.parse_timestamp(text) {
        return Some(timestamp.as_second());
    }
    // `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`; the day of the week tells nothing new.
    let forms =
        [(text.split_once(", ").map_or("", |(_, rest)| rest), "%d-%b-%y %H:%M:%S GMT"), (text, "%a %b %e %H:%M:%S %Y")];
    forms.into_iter().find_map(|(text, form)| {
        let civil = jiff::civil::DateTime::strptime(form, text).ok()?;
        Some(jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?.as_second())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ_and_what_is_asked_for_counts() {
        let patience = Patience::default();
        let spread: Vec<Duration> = [0, 128, 255].map(|chance| patience.pause(1, chance, None)).into();
        assert!(
            spread.is_sorted() && spread[0] == Duration::from_millis(750) && spread[2] == Duration::from_millis(1250)
        );
        assert!(patience.pause(2, 0, None) > patience.pause(1, 255, None), "the second is always longer");
        assert_eq!(patience.pause(1, 0, Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(patience.pause(1, 0, Some(Duration::ZERO)), Duration::from_millis(750));
        assert!(patience.pause(u32::MAX, 255, None) > Duration::from_secs(1));
    }

    #[test]
    fn what_a_server_asks_for_is_read_in_every_form() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let seconds = |text: &str| retry_after(text, date).map(|wait| wait.as_secs());
        assert_eq!(seconds("1"), Some(1));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("1000000000"), Some(1_000_000_000));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:40 GMT"), Some(3));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:47 GMT"), Some(10));
        assert_eq!(seconds("Sun Nov  6 08:49:38 1994"), Some(1));
        assert_eq!(seconds("Fri, 06 Nov 1994 08:49:40 GMT"), Some(3), "the day of the week tells nothing");
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "one that is past");
        assert_eq!(seconds("99999999999999999999999"), Some(u64::MAX), "longer than anybody waits");
        for none in ["-1", "1e9", "soon", "", "1.5"] {
            assert_eq!(seconds(none), None, "{none:?}");
        }
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:40 GMT", None), None, "a date needs a date to be seen from");
    }
}
