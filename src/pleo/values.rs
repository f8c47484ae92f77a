//! Whether a value is of the type that the catalogue names, for parameters and for members of bodies.

use url::Url;

use super::endpoint::{Param, ParamPlace, ValueType};
use super::request::split_values;

/// Checks what is given for a parameter.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn check_values(param: &Param, value: &str) -> Result<(), String> {
    if let Some(position) = value.chars().position(char::is_control) {
        return Err(format!("{} holds a control character at character {}: take it out.", param.name, position + 1));
    }
    if param.place == ParamPlace::Path && matches!(value, "." | "..") {
        return Err(format!("{} cannot be {value:?}: in a path that means another folder.", param.name));
    }
    for one in split_values(param, value) {
        check_value(param.value_type, one).map_err(|wanted| format!("{one:?} is not {wanted}."))?;
        if !param.choices.is_empty() && !param.choices.iter().any(|choice| choice == one) {
            return Err(format!("{one:?} is not one of {}.", param.choices.join(", ")));
        }
        if let Ok(number) = one.parse::<i64>() {
            match (param.min, param.max) {
                (Some(min), Some(max)) if number < min || number > max => {
                    return Err(format!("{number} is out of range: {min} to {max}."));
                }
                _ => {}
            }
        }
        if matches!(param.name.as_str(), "limit" | "offset" | "pageSize" | "pageOffset") && one.starts_with('-') {
            return Err(format!("{one} is negative: {} counts from 0 up.", param.name));
        }
    }
    Ok(())
}

/// Checks one value against its type; the error names what is wanted, with its article.
pub(super) fn check_value(value_type: ValueType, value: &str) -> Result<(), &'static str> {
    let (fits, wanted) = match value_type {
        ValueType::String | ValueType::Object | ValueType::Base64 => (true, ""),
        ValueType::Uuid => (is_uuid(value), "a UUID (8-4-4-4-12 hexadecimal digits)"),
        ValueType::Integer => (value.parse::<i64>().is_ok(), "a whole number"),
        ValueType::Number => (value.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
        ValueType::Boolean => (matches!(value, "true" | "false"), "true or false"),
        ValueType::DateTime => {
            (is_date_time(value), "a date and time like 2026-01-31T09:30:00Z, or a day such as today or -30d")
        }
        ValueType::Cursor => (
            value.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7' | b'=' | b'~')),
            "a cursor (A–Z, 2–7, = and ~): copy it from pagination in an answer",
        ),
        ValueType::Currency => {
            (value.len() == 3 && value.bytes().all(|b| b.is_ascii_uppercase()), "a currency code like DKK")
        }
        ValueType::Country => {
            (value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase()), "a country code like DK")
        }
        ValueType::Url => (Url::parse(value).is_ok(), "a URL"),
    };
    if fits { Ok(()) } else { Err(wanted) }
}

/// Whether a text is a UUID in its usual form (RFC 9562, section 4).
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, b)| match index {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// ISO 8601 with date and time; the offset may be left out, as Pleo's own examples do.
fn is_date_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || (text.len() > 10 && text.parse::<jiff::civil::DateTime>().is_ok())
}
