//! An exchange as rows of the database, and back.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde::de::DeserializeOwned;

use crate::pleo::credential::CredentialKind;
use crate::pleo::endpoint::Surface;
use crate::pleo::environment::Environment;
use crate::pleo::handing;
use crate::pleo::history::{Entry, Kept, Setting};
use crate::pleo::transcript::{Answer, Transcript, Used};
use crate::secret::Redactor;

/// The columns of a line of the list, in the order in which [`entry`] reads them.
pub const ENTRY: &str =
    "exchange.id, at, environment, setting, method, target, operation, status, took, size, name, pinned, whole";

/// Most bytes of bodies that are read at once.
const MOST_BYTES: usize = 64 << 20;

/// Bytes that a row takes besides its texts.
const FIXED: usize = 256;

/// Keeps an exchange, without what lets its reader in.
pub fn insert(database: &mut Connection, own: &Transcript, setting: Setting) -> rusqlite::Result<()> {
    let own = handing::kept(own);
    let answer = own.answer.as_ref();
    let received = answer.map(|answer| {
        let pair = |(name, value): &(String, Vec<u8>)| (name.clone(), String::from_utf8_lossy(value).into_owned());
        answer.headers.iter().map(pair).collect::<Vec<_>>()
    });
    let body = answer.and_then(|answer| answer.body.as_deref());
    let target = &own.url[url::Position::BeforePath..url::Position::AfterQuery];
    let at = own.began.unwrap_or_else(Timestamp::now);
    let (sent, received) = (json(&own.headers), received.map(|received| json(&received)));
    let sizes = [
        own.url.as_str().len() * 2,
        sent.len(),
        own.body.as_deref().map_or(0, str::len),
        received.as_deref().map_or(0, str::len),
        body.map_or(0, <[u8]>::len),
    ];
    let kept = FIXED + sizes.iter().sum::<usize>();
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    change.execute(
        "INSERT INTO exchange(at, environment, setting, method, target, operation, status, took, size, kept, whole)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            at.as_millisecond(),
            own.environment.name(),
            setting.word(),
            own.method.as_str(),
            target,
            own.operation,
            answer.map(|answer| answer.status),
            // The whole of it is with the phases: this is for the list.
            whole((own.timing.total.as_micros() + 500) / 1_000),
            answer.map(|answer| whole(answer.length.into())),
            whole(kept as u128),
            own.failure.is_none(),
        ],
    )?;
    let id = change.last_insert_rowid();
    change.execute(
        "INSERT INTO detail(id, surface, writes, url, sent, kind, label, body, reason, version, received, answer, failure, timing, wire)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            id,
            own.surface.name(),
            own.writes,
            own.url.as_str(),
            sent,
            own.credential.as_ref().map(|used| used.kind.word()),
            own.credential.as_ref().map(|used| &used.label),
            own.body,
            answer.map(|answer| &answer.reason),
            answer.map(|answer| &answer.version),
            received,
            body,
            own.failure,
            json(&own.timing),
            json(&own.wire),
        ],
    )?;
    index(&change, id, true)?;
    change.commit()
}

/// What is put into a column as JSON.
pub fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn whole(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Puts an exchange into the index of words, or takes it out: always with the text that its rows hold.
fn index(change: &Transaction<'_>, id: i64, puts: bool) -> rusqlite::Result<()> {
    let read = "SELECT url, operation, name, body, failure, answer FROM exchange JOIN detail USING(id) WHERE id = ?1";
    let text = change.query_row(read, [id], |row| {
        let mut text: String = row.get(0)?;
        for column in 1..5 {
            if let Some(more) = row.get::<_, Option<String>>(column)? {
                text.push('\n');
                text.push_str(&more);
            }
        }
        let answer: Option<Vec<u8>> = row.get(5)?;
        if let Some(answer) = answer.as_deref().and_then(|answer| std::str::from_utf8(answer).ok()) {
            text.push('\n');
            text.push_str(answer);
        }
        Ok(text)
    })?;
    let write = if puts {
        "INSERT INTO words(rowid, text) VALUES(?1, ?2)"
    } else {
        "INSERT INTO words(words, rowid, text) VALUES('delete', ?1, ?2)"
    };
    change.execute(write, params![id, text]).map(drop)
}

/// A line of the list.
pub fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        at: Timestamp::from_millisecond(row.get(1)?).map_err(|error| odd(1, error))?,
        environment: word(row, 2)?,
        setting: row.get::<_, String>(3).map(|word| Setting::from_word(&word).unwrap_or(Setting::Overridden))?,
        method: word(row, 4)?,
        target: row.get(5)?,
        operation: row.get(6)?,
        status: row.get(7)?,
        took: Duration::from_millis(row.get::<_, i64>(8)?.unsigned_abs()),
        size: row.get::<_, Option<i64>>(9)?.map(i64::unsigned_abs),
        name: row.get(10)?,
        pinned: row.get(11)?,
        whole: row.get(12)?,
    })
}

/// What stands in a column and means nothing.
fn odd(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// A word that stands in a column.
pub fn word<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get::<_, String>(column)?.parse().map_err(|error| odd(column, error))
}

/// What stands in a column as JSON.
pub fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|error| odd(column, error))
}

/// The API that stands in a column.
pub fn surface(row: &Row<'_>, column: usize) -> rusqlite::Result<Surface> {
    let legacy = row.get::<_, String>(column)? == Surface::Legacy.name();
    Ok(if legacy { Surface::Legacy } else { Surface::External })
}

/// An exchange, if it is there.
pub fn read(database: &Connection, id: i64) -> rusqlite::Result<Option<Kept>> {
    let sql = format!(
        "SELECT {ENTRY}, surface, writes, url, sent, kind, label, body, reason, version, received, answer, failure, timing, wire
         FROM exchange JOIN detail USING(id) WHERE exchange.id = ?1"
    );
    database.query_row(&sql, [id], kept).optional()
}

/// Exchanges, those that are still there; bodies only up to so many bytes together.
pub fn read_all(database: &Connection, entries: &[Entry]) -> rusqlite::Result<Vec<Kept>> {
    let (mut all, mut room) = (Vec::new(), MOST_BYTES);
    for entry in entries {
        let Some(mut own) = read(database, entry.id)? else {
            continue;
        };
        if let Some(answer) = &mut own.transcript.answer {
            let length = answer.body.as_ref().map_or(0, Vec::len);
            match room.checked_sub(length) {
                Some(left) => room = left,
                None => answer.body = None,
            }
        }
        all.push(own);
    }
    Ok(all)
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let entry = entry(row)?;
    let kind: Option<CredentialKind> = match row.get::<_, Option<String>>(17)? {
        Some(_) => Some(word(row, 17)?),
        None => None,
    };
    let label: Option<String> = row.get(18)?;
    let answer = match entry.status {
        Some(status) => {
            let headers: Vec<(String, String)> = from_json(row, 22)?;
            Some(Answer {
                status,
                reason: row.get::<_, Option<String>>(20)?.unwrap_or_default(),
                version: row.get::<_, Option<String>>(21)?.unwrap_or_default(),
                headers: headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect(),
                length: entry.size.unwrap_or_default(),
                body: row.get(23)?,
            })
        }
        None => None,
    };
    let transcript = Transcript {
        environment: entry.environment,
        surface: surface(row, 13)?,
        operation: entry.operation.clone(),
        writes: row.get(14)?,
        elsewhere: false,
        method: entry.method,
        url: word(row, 15)?,
        headers: from_json(row, 16)?,
        credential: kind.zip(label).map(|(kind, label)| Used { kind, label }),
        body: row.get(19)?,
        private: Redactor::default(),
        began: Some(entry.at),
        answer,
        failure: row.get(24)?,
        timing: from_json(row, 25)?,
        wire: from_json(row, 26)?,
    };
    Ok(Kept { entry, transcript })
}

/// Pins an exchange, or not any more.
pub fn pin(database: &Connection, id: i64, pinned: bool) -> rusqlite::Result<usize> {
    database.execute("UPDATE exchange SET pinned = ?2 WHERE id = ?1", params![id, pinned])
}

/// Gives an exchange a name, or none.
pub fn name(database: &mut Connection, id: i64, name: Option<&str>) -> rusqlite::Result<usize> {
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_there(&change, id)? {
        return Ok(0);
    }
    index(&change, id, false)?;
    let changed = change.execute("UPDATE exchange SET name = ?2 WHERE id = ?1", params![id, name])?;
    index(&change, id, true)?;
    change.commit()?;
    Ok(changed)
}

fn is_there(change: &Transaction<'_>, id: i64) -> rusqlite::Result<bool> {
    change.query_row("SELECT EXISTS(SELECT 1 FROM exchange WHERE id = ?1)", [id], |row| row.get(0))
}

/// Removes exchanges, all or none of them.
pub fn delete(database: &mut Connection, ids: &[i64]) -> rusqlite::Result<usize> {
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut deleted = 0;
    for id in ids {
        // Another run may have removed it.
        if is_there(&change, *id)? {
            index(&change, *id, false)?;
            change.execute("DELETE FROM detail WHERE id = ?1", [id])?;
            deleted += change.execute("DELETE FROM exchange WHERE id = ?1", [id])?;
        }
    }
    change.commit()?;
    Ok(deleted)
}

/// Removes everything that is not pinned, or only what is of this environment and in this setting.
pub fn clear(
    database: &mut Connection,
    environment: Option<Environment>,
    setting: Option<Setting>,
) -> rusqlite::Result<usize> {
    let of = [environment.map(Environment::name), setting.map(Setting::word)];
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // All words go, and those of what stays are put back: quicker than taking them out one by one.
    change.execute("INSERT INTO words(words) VALUES('delete-all')", [])?;
    let goes = "pinned = 0 AND environment = coalesce(?1, environment) AND setting = coalesce(?2, setting)";
    change.execute(&format!("DELETE FROM detail WHERE id IN (SELECT id FROM exchange WHERE {goes})"), of)?;
    let deleted = change.execute(&format!("DELETE FROM exchange WHERE {goes}"), of)?;
    let stay: Vec<i64> =
        change.prepare("SELECT id FROM exchange")?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for id in stay {
        index(&change, id, true)?;
    }
    change.commit()?;
    Ok(deleted)
}
