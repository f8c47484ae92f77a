//! Sizes as people write them.

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
