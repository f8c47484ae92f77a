//! Sizes and times as people write them.

use std::time::Duration;

/// A number of bytes: `812`, `64 kB`, `256 MiB`, `2GB`; decimal and binary units. `None` for anything else, and for 0.
#[must_use]
pub fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size > 0)
}

/// Longest time that can be waited for.
const LONGEST: u64 = 24 * 60 * 60 * 1000;

/// A length of time: `10`, `10s`, `500ms`, `2min`; without a unit, seconds. `None` for anything else, for 0, and for more
/// than a day.
#[must_use]
pub fn time(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit.trim() {
        "ms" => 1,
        "" | "s" => 1_000,
        "min" => 60_000,
        _ => return None,
    };
    let millis = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=LONGEST).contains(&millis).then(|| Duration::from_millis(millis))
}

/// A limit for people, in the binary unit that fits: `256 MiB`, `2 GiB`, `1000 bytes`.
#[must_use]
pub fn limit(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| bytes >> shift > 0 && bytes.trailing_zeros() >= *shift) {
        Some((shift, name)) => format!("{} {name}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(time("10"), Some(Duration::from_secs(10)));
        assert_eq!(time(" 500 ms "), Some(Duration::from_millis(500)));
        assert_eq!(time("2min"), Some(Duration::from_secs(120)));
        for wrong in ["", "0", "0ms", "-1", "1.5s", "s", "ten", "25h", "999999999999999999999", "86401s"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_are_read_and_said() {
        assert_eq!(size("812"), Some(812));
        assert_eq!(size(" 256 MiB "), Some(256 << 20));
        assert_eq!(size("2GB"), Some(2_000_000_000));
        assert_eq!(size("1kB"), Some(1000));
        for wrong in ["", "0", "MiB", "-1", "1.5 GB", "1 TB", "99999999999 GiB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
        assert_eq!(limit(256 << 20), "256 MiB");
        assert_eq!(limit(2 << 30), "2 GiB");
        assert_eq!(limit(1000), "1000 bytes");
        assert_eq!(limit(1536 << 20), "1536 MiB");
    }
}
