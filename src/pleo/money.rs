//! Money as Pleo writes it: whole numbers of a currency's smallest unit (`minors`), or hundredths (`value`, of export items).

/// How many decimals a currency has (ISO 4217). `None` for what is no currency, such as `UNDEFINED`.
#[must_use]
pub fn decimals(currency: &str) -> Option<usize> {
    let code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    // Metals, funds, tests and no currency begin with X, as do five that people pay with.
    let none = currency.starts_with('X') && !matches!(currency, "XAF" | "XCD" | "XCG" | "XOF" | "XPF");
    (code && !none).then_some(match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    })
}

/// A whole number of units with so many decimals, written for people: `-1 234 567.80`. `None` for any other number.
#[must_use]
pub fn written(units: &str, decimals: usize) -> Option<String> {
    let (sign, digits) = units.strip_prefix('-').map_or(("", units), |digits| ("-", digits));
    if digits.is_empty() || digits.len() > 30 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, part) = padded.split_at(padded.len() - decimals);
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    let point = if decimals > 0 { "." } else { "" };
    Some(format!("{sign}{grouped}{point}{part}"))
}

/// An amount with its currency, of the member that holds it: `minors` counts the smallest unit of the currency, `value`
/// hundredths of whatever it is. `None` for what is no amount, or no currency.
#[must_use]
pub fn amount(member: &str, units: &str, currency: &str) -> Option<String> {
    let decimals = decimals(currency)?;
    let decimals = if member == "minors" { decimals } else { 2 };
    Some(format!("{} {currency}", written(units, decimals)?))
}

/// A part of one as percent, digit by digit: `0.255` is `25.5 %`. `None` for a number with an exponent.
#[must_use]
pub fn percent(number: &str) -> Option<String> {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = format!("{part:0<2}");
    let moved = format!("{whole}{}", &part[..2]);
    let moved = moved.trim_start_matches('0');
    let (whole, part) = (if moved.is_empty() { "0" } else { moved }, part[2..].trim_end_matches('0'));
    let point = if part.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{part} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_its_decimals() {
        let shown = |units, currency| written(units, decimals(currency).unwrap()).unwrap();
        assert_eq!(shown("123456", "DKK"), "1 234.56");
        assert_eq!(shown("1500", "ISK"), "1 500");
        assert_eq!(shown("1500", "JPY"), "1 500");
        assert_eq!(shown("1500", "KWD"), "1.500");
        assert_eq!(shown("-5", "EUR"), "-0.05");
        assert_eq!(shown("0", "EUR"), "0.00");
        assert_eq!(shown("12345678901234567890", "EUR"), "123 456 789 012 345 678.90");
        assert_eq!(amount("minors", "1500", "ISK").as_deref(), Some("1 500 ISK"));
        assert_eq!(amount("value", "150000", "ISK").as_deref(), Some("1 500.00 ISK"));
        assert_eq!(amount("minors", "1500", "UNDEFINED"), None);
        let rates = ["0.2", "0.20", "0", "1", "0.255", "-0.05", "0.001", "1e1", ""].map(percent);
        let wanted = ["20 %", "20 %", "0 %", "100 %", "25.5 %", "-5 %", "0.1 %"];
        assert_eq!(rates.map(Option::unwrap_or_default)[..7], wanted);
        assert_eq!([percent("1e1"), percent("")], [None, None]);
        assert_eq!([decimals("UNDEFINED"), decimals("XXX"), decimals("XAU")], [None; 3]);
        assert_eq!((decimals("XCD"), decimals("XAF")), (Some(2), Some(0)));
        assert_eq!(decimals("eur"), None);
        for no_units in ["1.5", "1e3", "", "-", "\"1\""] {
            assert_eq!(written(no_units, 2), None, "{no_units}");
        }
    }
}
