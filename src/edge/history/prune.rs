//! What becomes too old or too much is removed, a few exchanges at a time, so that nobody waits for it.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::Rules;
use super::rows;

/// Exchanges that are removed at once.
const STEP: u64 = 100;
/// Pages that are given back to the system at once.
const PAGES: u32 = 256;

/// Removes a few exchanges that are too old, too many or too large together; pinned ones stay. Answers whether it removed any.
pub fn step(database: &mut Connection, rules: &Rules, now: Timestamp) -> rusqlite::Result<bool> {
    let age = i64::try_from(rules.max_age).unwrap_or(i64::MAX).saturating_mul(86_400_000);
    let oldest = now.as_millisecond().saturating_sub(age);
    let old = "SELECT id FROM exchange WHERE at < ?1 AND pinned = 0 ORDER BY id LIMIT ?2";
    let mut ids: Vec<i64> = database
        .prepare(old)?
        .query_map(params![oldest, whole(STEP)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if ids.is_empty() {
        ids = too_much(database, rules)?;
    }
    if ids.is_empty() {
        return Ok(false);
    }
    rows::delete(database, &ids)?;
    let mut vacuum = database.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    Ok(true)
}

/// The oldest exchanges by which there are too many, or by which they are too large.
fn too_much(database: &Connection, rules: &Rules) -> rusqlite::Result<Vec<i64>> {
    let (count, size) = database.query_row("SELECT count(*), coalesce(sum(kept), 0) FROM exchange", [], |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    let (mut over, mut large) = (count.saturating_sub(rules.max_entries), size.saturating_sub(rules.max_size));
    let mut ids = Vec::new();
    if over == 0 && large == 0 {
        return Ok(ids);
    }
    let mut oldest = database.prepare("SELECT id, kept FROM exchange WHERE pinned = 0 ORDER BY id LIMIT ?1")?;
    let mut rows = oldest.query([whole(STEP)])?;
    while let Some(row) = rows.next()?
        && (over > 0 || large > 0)
    {
        ids.push(row.get(0)?);
        over = over.saturating_sub(1);
        large = large.saturating_sub(row.get::<_, i64>(1)?.unsigned_abs());
    }
    Ok(ids)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
