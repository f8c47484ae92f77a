//! Dates as a person says them: `today`, `yesterday`, `tomorrow`, `-30d`, `+2w`, `-3m`, `1y`. They are worked out when a
//! request is sent, and only in fields that the catalogue says are dates.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::endpoint::{BodyField, BodyShape, Param, ValueType};
use super::json::{self, Kind, Value};
use super::request::{Draft, split_values};

/// How a date is written where it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `2026-10-29`.
    Day,
    /// `2026-10-29T00:00:00Z`, the beginning of the day.
    Time,
}

/// The grammar in one line, for help and refusals.
pub const GRAMMAR: &str =
    "today, yesterday, tomorrow, or so many days, weeks, months, years from today: -30d +2w -3m 1y";

/// Most of a unit that is counted; more leads out of the calendar.
const MOST: i32 = 4000;

/// The day that a text means, seen from today; `None` where it says no day.
#[must_use]
pub fn day(text: &str, today: Date) -> Option<Date> {
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "today" => return Some(today),
        "yesterday" => return today.yesterday().ok(),
        "tomorrow" => return today.tomorrow().ok(),
        _ => {}
    }
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let digits = count.strip_prefix(['+', '-']).unwrap_or(count);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: i32 = count.parse().ok().filter(|count: &i32| count.abs() <= MOST)?;
    let span = match unit {
        "d" => count.days(),
        "w" => count.weeks(),
        "m" => count.months(),
        "y" => count.years(),
        _ => return None,
    };
    today.checked_add(span).ok()
}

/// The same as it is sent; where a time is wanted a day by itself means its beginning.
#[must_use]
pub fn written(text: &str, form: Form, today: Date) -> Option<String> {
    let plain = || text.parse::<Date>().ok().filter(|_| form == Form::Time && text.len() == "2026-10-29".len());
    let day = day(text, today).or_else(plain)?;
    Some(match form {
        Form::Day => day.to_string(),
        Form::Time => format!("{day}T00:00:00Z"),
    })
}

/// How a parameter wants its dates; `None` for one that is none.
#[must_use]
pub fn form_of(param: &Param) -> Option<Form> {
    form(param.value_type, param.hint.as_deref())
}

/// The same for a member of a body.
#[must_use]
pub fn form_of_member(field: &BodyField) -> Option<Form> {
    form(field.value_type, field.hint.as_deref())
}

fn form(value_type: ValueType, hint: Option<&str>) -> Option<Form> {
    match value_type {
        ValueType::DateTime => Some(Form::Time),
        ValueType::String if hint.is_some_and(|hint| hint.contains("YYYY-MM-DD")) => Some(Form::Day),
        _ => None,
    }
}

/// The value of a parameter with its dates worked out; `None` where there is nothing to work out.
#[must_use]
pub fn worked_out(param: &Param, value: &str, today: Date) -> Option<String> {
    let form = form_of(param)?;
    let values: Vec<&str> = split_values(param, value).collect();
    let told: Vec<Option<String>> = values.iter().map(|value| written(value, form, today)).collect();
    told.iter().any(Option::is_some).then(|| {
        let parts = values.iter().zip(told).map(|(value, told)| told.unwrap_or_else(|| (*value).to_owned()));
        parts.collect::<Vec<_>>().join(",")
    })
}

/// A body with its dates worked out; `None` where there is nothing to work out.
#[must_use]
pub fn body_worked_out(shape: &BodyShape, text: &str, today: Date) -> Option<String> {
    if !has_dates(&shape.fields) {
        return None;
    }
    let whole = json::read(text).ok()?;
    let mut found = Vec::new();
    match &whole.kind {
        Kind::Array(items) => {
            for item in items {
                collect(&shape.fields, item, text, today, &mut found);
            }
        }
        _ => collect(&shape.fields, &whole, text, today, &mut found),
    }
    if found.is_empty() {
        return None;
    }
    let mut text = text.to_owned();
    for (range, told) in found.into_iter().rev() {
        text.replace_range(range, &format!("\"{told}\""));
    }
    Some(text)
}

fn has_dates(fields: &[BodyField]) -> bool {
    fields.iter().any(|field| form_of_member(field).is_some() || has_dates(&field.fields))
}

fn collect(
    fields: &[BodyField],
    value: &Value,
    text: &str,
    today: Date,
    found: &mut Vec<(std::ops::Range<usize>, String)>,
) {
    let Kind::Object(members) = &value.kind else {
        return;
    };
    for member in members {
        let Some(field) = fields.iter().find(|field| field.name == member.name) else {
            continue;
        };
        let values = match &member.value.kind {
            Kind::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(&member.value),
        };
        for value in values {
            collect(&field.fields, value, text, today, found);
            let (Kind::String, Some(form)) = (&value.kind, form_of_member(field)) else {
                continue;
            };
            let inner = &text[value.range.start + 1..value.range.end - 1];
            found.extend(written(inner, form, today).map(|told| (value.range.clone(), told)));
        }
    }
}

impl Draft {
    /// The request with the dates of its parameters worked out, seen from that day; `None` where there is nothing to work out.
    #[must_use]
    pub fn with_dates(&self, today: Date) -> Option<Self> {
        let params = self.endpoint.params.iter().zip(&self.values).enumerate();
        let told: Vec<(usize, String)> =
            params.filter_map(|(index, (param, value))| Some((index, worked_out(param, value, today)?))).collect();
        if told.is_empty() {
            return None;
        }
        let mut draft = self.clone();
        for (index, value) in told {
            draft.values[index] = value;
        }
        Some(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_grammar_is_small_and_whole() {
        let today = date(2026, 11, 28);
        for (text, wanted) in [
            ("today", "2026-11-28"),
            ("yesterday", "2026-11-27"),
            ("tomorrow", "2026-11-29"),
            ("-30d", "2026-10-29"),
            ("+2w", "2026-12-12"),
            ("-3m", "2026-08-28"),
            ("1y", "2027-11-28"),
            ("-0d", "2026-11-28"),
        ] {
            assert_eq!(written(text, Form::Day, today).as_deref(), Some(wanted), "{text}");
        }
        // The last day of a shorter month stands for one that it does not have.
        assert_eq!(day("-1m", date(2026, 3, 31)), Some(date(2026, 2, 28)));
        assert_eq!(written("-30d", Form::Time, today).as_deref(), Some("2026-10-29T00:00:00Z"));
        assert_eq!(written("2026-03-01", Form::Time, today).as_deref(), Some("2026-03-01T00:00:00Z"));
        assert_eq!(written("2026-03-01", Form::Day, today), None, "it is one already");
        assert_eq!(day("TODAY", today), Some(today));
        for text in ["", "d", "-d", "--3d", "3", "3x", "+-3d", "99999999999y", "4001y", "2026-11-28", "é"] {
            assert_eq!(day(text, today), None, "{text}");
        }
    }
}
