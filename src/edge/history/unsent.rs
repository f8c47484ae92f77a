//! Requests that were edited and not sent, as rows of the database.

use rusqlite::{Connection, TransactionBehavior, params};

use super::rows::{from_json, json, surface, word};
use crate::pleo::environment::Environment;
use crate::pleo::history::Setting;
use crate::pleo::unsent::{Filled, LARGEST, MOST, Slot};

/// Keeps a request in its place, or nothing there; answers whether one was forgotten. The oldest make room.
pub fn put(database: &mut Connection, slot: &Slot, filled: Option<&Filled>) -> rusqlite::Result<bool> {
    let change = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = change.execute(
        "DELETE FROM unsent WHERE environment = ?1 AND setting = ?2 AND surface = ?3 AND method = ?4 AND path = ?5",
        params![slot.environment.name(), slot.setting.word(), slot.surface.name(), slot.method.as_str(), slot.path],
    )?;
    let filled = filled.filter(|filled| filled.size() <= LARGEST);
    if let Some(filled) = filled {
        change.execute(
            "INSERT INTO unsent(environment, setting, surface, method, path, filled) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                slot.environment.name(),
                slot.setting.word(),
                slot.surface.name(),
                slot.method.as_str(),
                slot.path,
                json(filled),
            ],
        )?;
        let pruned = "DELETE FROM unsent WHERE id NOT IN (SELECT id FROM unsent ORDER BY id DESC LIMIT ?1)";
        change.execute(pruned, [i64::try_from(MOST).unwrap_or(i64::MAX)])?;
    }
    change.commit()?;
    Ok(before > 0 && filled.is_none())
}

/// All of them that were begun where this run is too, the oldest first.
pub fn all(database: &Connection, setting: impl Fn(Environment) -> Setting) -> rusqlite::Result<Vec<(Slot, Filled)>> {
    let mut read =
        database.prepare("SELECT environment, setting, surface, method, path, filled FROM unsent ORDER BY id")?;
    let rows = read.query_map([], |row| {
        let environment: Environment = word(row, 0)?;
        let own = setting(environment);
        let slot =
            Slot { environment, setting: own, surface: surface(row, 2)?, method: word(row, 3)?, path: row.get(4)? };
        Ok((row.get::<_, String>(1)? == own.word()).then_some((slot, from_json(row, 5)?)))
    })?;
    rows.filter_map(Result::transpose).collect()
}
