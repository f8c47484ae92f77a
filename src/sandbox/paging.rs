//! Pages: Pleo's cursors, offsets and sorting, and the legacy API's offsets.
//!
//! A cursor holds the values by which the list is sorted at one entry, and that entry's place among all. So it stays
//! good when entries come and go, and it is good only for the sorting that it was made with.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Problem};
use super::call::Call;
use super::data::Record;

const ORDERS: [&str; 6] = ["ASC", "ASC_NULLS_FIRST", "ASC_NULLS_LAST", "DESC", "DESC_NULLS_FIRST", "DESC_NULLS_LAST"];

/// One page of the records, sorted as asked, each shown by `show`; `keys` are the members one can sort by.
pub fn page<'r>(
    call: &Call,
    records: impl Iterator<Item = &'r Record>,
    keys: &[&str],
    show: impl FnMut(&Record) -> Value,
) -> Outcome {
    let records: Vec<&Record> = records.collect();
    let order = order(call, records.iter().copied().enumerate(), keys)?;
    let rows: Vec<&Record> = order.into_iter().filter_map(|place| records.get(place).copied()).collect();
    window(call, &rows, keys, show)
}

/// The places of these records in the order that is asked for.
pub fn order<'r>(
    call: &Call,
    records: impl Iterator<Item = (usize, &'r Record)>,
    keys: &[&str],
) -> Result<Vec<usize>, Problem> {
    let sort = Sort::of(call, keys)?;
    let mut rows: Vec<(Vec<&Value>, usize)> = records.map(|(place, record)| (sort.values(record), place)).collect();
    rows.sort_by(|a, b| sort.compare(&a.0, &b.0));
    Ok(rows.into_iter().map(|(_, place)| place).collect())
}

/// The page of sorted records that is asked for.
pub fn window(call: &Call, rows: &[&Record], keys: &[&str], mut show: impl FnMut(&Record) -> Value) -> Outcome {
    let sort = Sort::of(call, keys)?;
    let wanted = Wanted::of(call, &sort)?;
    let (from, to) = wanted.range(rows, &sort);
    let data: Vec<Value> = rows[from..to].iter().map(|record| show(record)).collect();
    let mut info = json!({
        "currentRequestPagination": wanted.echo(call, &sort),
        "hasNextPage": to < rows.len(),
        "hasPreviousPage": from > 0,
    });
    if from < to {
        info["startCursor"] = sort.cursor(&sort.values(rows[from])).into();
        info["endCursor"] = sort.cursor(&sort.values(rows[to - 1])).into();
    }
    info["total"] = rows.len().into();
    Ok(Answer::json(&json!({"data": data, "pagination": info})))
}

/// Which part of the list is asked for.
struct Wanted {
    after: Option<Vec<Value>>,
    before: Option<Vec<Value>>,
    offset: Option<usize>,
    limit: usize,
}

impl Wanted {
    fn of(call: &Call, sort: &Sort) -> Result<Self, Problem> {
        let given = ["after", "before", "offset"].into_iter().filter(|name| call.one(name).is_some()).count();
        if given > 1 {
            return Err(Problem::parameter("Only one of before, after and offset can be provided"));
        }
        let cursor = |name: &str| {
            let text = call.one(name);
            text.map(|text| sort.read(text).ok_or_else(|| Problem::parameter(format!("{name} is not a valid cursor"))))
                .transpose()
        };
        let offset = call
            .one("offset")
            .map(|text| text.parse().map_err(|_| Problem::parameter("offset must be a whole number and not negative")));
        Ok(Self {
            after: cursor("after")?,
            before: cursor("before")?,
            offset: offset.transpose()?,
            limit: limit(call, "limit")?,
        })
    }

    fn range(&self, rows: &[&Record], sort: &Sort) -> (usize, usize) {
        let bound = |values: &[Value], including: bool| {
            let values: Vec<&Value> = values.iter().collect();
            rows.partition_point(|row| match sort.compare(&sort.values(row), &values) {
                Ordering::Less => true,
                Ordering::Equal => including,
                Ordering::Greater => false,
            })
        };
        if let Some(before) = &self.before {
            let to = bound(before, false);
            return (to.saturating_sub(self.limit), to);
        }
        let from = self.after.as_ref().map_or(self.offset.unwrap_or_default(), |after| bound(after, true));
        let from = from.min(rows.len());
        (from, rows.len().min(from.saturating_add(self.limit)))
    }

    fn echo(&self, call: &Call, sort: &Sort) -> Value {
        let mut parameters = Record::new();
        for (name, value) in &call.query {
            let values = parameters.entry(name.clone()).or_insert_with(|| json!([]));
            values.as_array_mut().into_iter().for_each(|values| values.push(value.clone().into()));
        }
        let mut echo = json!({"parameters": parameters});
        for name in ["after", "before"] {
            if let Some(value) = call.one(name) {
                echo[name] = value.into();
            }
        }
        if let Some(offset) = self.offset {
            echo["offset"] = offset.into();
        }
        echo["limit"] = self.limit.into();
        if sort.keys.len() > 1 {
            echo["sortingKeys"] = call.all("sorting_keys").into();
            echo["sortingOrder"] = sort.keys[..sort.keys.len() - 1].iter().map(|key| key.order).collect();
        }
        echo
    }
}

/// The page size: between the catalogue's bounds, else from 1 to 100; 20 when nothing is said.
fn limit(call: &Call, name: &str) -> Result<usize, Problem> {
    let param = call.endpoint.params.iter().find(|param| param.name == name);
    let bound = |of: Option<i64>, usual: usize| of.and_then(|n| usize::try_from(n).ok()).unwrap_or(usual);
    let (least, most) = (bound(param.and_then(|p| p.min), 1), bound(param.and_then(|p| p.max), 100));
    let usual = bound(param.and_then(|p| p.default), 20);
    let Some(text) = call.one(name) else { return Ok(usual) };
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Problem::parameter(format!("{name} must be between {least} and {most}")))
}

struct Key {
    member: String,
    order: &'static str,
}

struct Sort {
    keys: Vec<Key>,
}

impl Sort {
    fn of(call: &Call, known: &[&str]) -> Result<Self, Problem> {
        let (keys, orders) = (call.all("sorting_keys"), call.all("sorting_order"));
        if keys.len() != orders.len() {
            return Err(Problem::parameter("sorting_keys and sorting_order must have the same number of values"));
        }
        let choices =
            call.endpoint.params.iter().find(|param| param.name == "sorting_keys").map(|param| &param.choices);
        let allowed = |key: &str| match choices {
            Some(choices) if !choices.is_empty() => choices.iter().any(|choice| choice == key),
            _ => known.contains(&key),
        };
        let pairs = keys.into_iter().zip(orders).map(|(key, order)| {
            let order = ORDERS
                .into_iter()
                .find(|known| *known == order)
                .ok_or_else(|| Problem::parameter(format!("sorting_order must be one of {}", ORDERS.join(", "))))?;
            if !allowed(key) {
                return Err(Problem::parameter(format!("sorting_keys: {key} is not a key to sort by")));
            }
            let member = if key == "size" { "sizeInBytes" } else { key }.to_owned();
            Ok(Key { member, order })
        });
        let mut keys = pairs.collect::<Result<Vec<_>, _>>()?;
        keys.push(Key { member: "_n".to_owned(), order: "ASC" });
        Ok(Self { keys })
    }

    fn values<'r>(&self, record: &'r Record) -> Vec<&'r Value> {
        self.keys.iter().map(|key| record.get(&key.member).unwrap_or(&Value::Null)).collect()
    }

    fn compare(&self, a: &[&Value], b: &[&Value]) -> Ordering {
        let pairs = self.keys.iter().zip(a.iter().zip(b));
        pairs.map(|(key, (a, b))| key.compare(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn cursor(&self, values: &[&Value]) -> String {
        let mut cursor = base32(&self.mark());
        for value in values {
            cursor.push('~');
            cursor.push_str(&base32(value.to_string().as_bytes()));
        }
        cursor
    }

    fn read(&self, cursor: &str) -> Option<Vec<Value>> {
        let mut pieces = cursor.split('~').map(from_base32);
        if pieces.next()?? != self.mark() {
            return None;
        }
        let values: Option<Vec<Value>> = pieces.map(|piece| serde_json::from_slice(&piece?).ok()).collect();
        values.filter(|values| values.len() == self.keys.len())
    }

    /// Five bytes that differ from those of another sorting.
    fn mark(&self) -> [u8; 5] {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.keys.iter().flat_map(|key| key.member.bytes().chain(key.order.bytes())) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let bytes = hash.to_be_bytes();
        std::array::from_fn(|place| bytes[place + 3])
    }
}

impl Key {
    /// Without a word about nulls they count as the greatest, as in `PostgreSQL`.
    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let descending = self.order.starts_with("DESC");
        let nulls_first = self.order.ends_with("NULLS_FIRST") || self.order == "DESC";
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) if nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if descending => compare_values(b, a),
            (false, false) => compare_values(a, b),
        }
    }
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => a.to_string().cmp(&b.to_string()),
    }
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 with padding (RFC 4648, section 6).
fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bits);
        let digits = (group.len() * 8).div_ceil(5);
        for place in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or_default();
            text.push(if place < digits { char::from(ALPHABET[digit]) } else { '=' });
        }
    }
    text
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(8) {
        return None;
    }
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(8) {
        let digits = group.iter().position(|byte| *byte == b'=').unwrap_or(8);
        let mut bits = 0_u64;
        for (place, byte) in group.iter().enumerate() {
            let digit = ALPHABET.iter().position(|letter| letter == byte);
            match digit {
                Some(digit) if place < digits => bits |= (digit as u64) << (35 - 5 * place),
                None if place >= digits && *byte == b'=' => {}
                _ => return None,
            }
        }
        bytes.extend(&bits.to_be_bytes()[3..3 + digits * 5 / 8]);
    }
    Some(bytes)
}

/// One page as the legacy API gives it: the records under their name, and where the next page begins.
pub fn legacy_page<'r>(
    call: &Call,
    name: &str,
    records: impl Iterator<Item = &'r Record>,
    mut show: impl FnMut(&Record) -> Value,
) -> Outcome {
    let rows: Vec<&Record> = records.collect();
    let size = limit(call, "pageSize")?;
    let offset = call.one("pageOffset").map_or(Ok(0), str::parse::<usize>);
    let from = offset.map_err(|_| Problem::parameter("pageOffset must be a whole number and not negative"))?;
    let (from, to) = (from.min(rows.len()), rows.len().min(from.saturating_add(size)));
    let mut info = json!({"pageSize": size, "totalCount": rows.len()});
    if to < rows.len() {
        info["nextPageOffset"] = to.into();
    }
    let page: Vec<Value> = rows[from..to].iter().map(|record| show(record)).collect();
    Ok(Answer::json(&json!({name: page, "metadata": {"pageInfo": info}})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, encoded) in
            [("f", "MY======"), ("fo", "MZXQ===="), ("foobar", "MZXW6YTBOI======"), ("fooba", "MZXW6YTB")]
        {
            assert_eq!(base32(plain.as_bytes()), encoded);
            assert_eq!(from_base32(encoded).as_deref(), Some(plain.as_bytes()));
        }
        for wrong in ["", "A", "MY=====A", "MY!=====", "my======"] {
            assert_eq!(from_base32(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nulls_go_where_they_are_sent() {
        let sorted = |order| {
            let key = Key { member: String::new(), order };
            let mut values = [json!("b"), Value::Null, json!("a")];
            values.sort_by(|a, b| key.compare(a, b));
            values.iter().map(|value| value.as_str().unwrap_or("-").to_owned()).collect::<String>()
        };
        assert_eq!(ORDERS.map(sorted), ["ab-", "-ab", "ab-", "-ba", "-ba", "ba-"]);
    }
}
