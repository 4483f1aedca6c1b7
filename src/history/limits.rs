//! Readings of limits: how full each was, and when.
//!
//! Those of answers' headers come with every call, so of each minute the last is kept; those of `/limits`, which somebody
//! asked for, are kept all. Bounded by age and by number.

use super::{History, HistoryError, Open};
use crate::{
    config::ProfileId,
    salesforce::{
        OrgId, ids,
        limits::{Level, Limit, Reading},
    },
};
use rusqlite::{Connection, TransactionBehavior, params};
use std::{
    collections::HashMap,
    sync::PoisonError,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Readings that are older are taken out.
pub const OLDEST: Duration = Duration::from_secs(90 * 86_400);
/// So many readings are kept: about 20 MB.
pub const MOST: u32 = 200_000;
/// How many readings come before it is looked again for what is too old.
const PRUNE_EVERY: usize = 1_000;
/// Of header readings, one is kept in so many seconds.
const HEADER_EVERY: i64 = 60;

/// Whose limits: an org, whatever profile has asked it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrgKey(String);

impl OrgKey {
    /// An org that has told its id.
    pub fn org(id: &OrgId) -> Self {
        // The shorter form is the same for all who have either.
        Self(ids::to_15(&id.0).unwrap_or(&id.0).to_owned())
    }

    /// One that has not: the profile and the host.
    pub fn host(profile: &ProfileId, host: &str) -> Self {
        Self(format!("{profile}@{host}"))
    }
}

/// Where a reading comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The header of an answer.
    Header,
    /// The answer of `/limits`.
    Limits,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Limits => "limits",
        }
    }
}

/// What was read of an org's limits at one moment.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Whose.
    pub org: OrgKey,
    /// When.
    pub at: SystemTime,
    /// Where from.
    pub source: Source,
    /// What.
    pub limits: Vec<Limit>,
}

impl History {
    /// Records readings, all or none; `now` tells what is too old.
    ///
    /// # Errors
    /// If the file cannot be written; what it had before stays.
    pub fn record_limits(&self, taken: &[Taken], now: SystemTime) -> Result<(), HistoryError> {
        let prune = self.is_time_to_prune(taken.iter().map(|taken| taken.limits.len()).sum());
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for taken in taken {
                insert(&transaction, taken)?;
            }
            if prune {
                take_out(&transaction, now, OLDEST, MOST)?;
            }
            transaction.commit()
        })
    }

    /// The readings of all limits of an org, by key; the oldest first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn limit_readings(&self, org: &OrgKey) -> Result<HashMap<String, Vec<Reading>>, HistoryError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, taken_at, max, remaining FROM limit_reading
                 WHERE org = ?1 ORDER BY name, taken_at, remaining DESC",
            )?;
            let mut series: HashMap<String, Vec<Reading>> = HashMap::new();
            let mut rows = statement.query([&org.0])?;
            while let Some(row) = rows.next()? {
                let at = UNIX_EPOCH + Duration::from_secs(row.get::<_, i64>(1)?.try_into().unwrap_or(0));
                let level = Level { max: row.get(2)?, remaining: row.get(3)? };
                series.entry(row.get(0)?).or_default().push(Reading { at, level });
            }
            Ok(series)
        })
    }

    /// Whether this is the first writing of the run, or the one after so many.
    fn is_time_to_prune(&self, readings: usize) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Open { connection, unpruned, .. } = &mut *open;
        *unpruned += readings;
        let due = connection.is_none() || *unpruned >= PRUNE_EVERY;
        if due {
            *unpruned = 0;
        }
        due
    }
}

/// At most so many readings, over the same time: of those that lie close together the fullest, and always the last.
pub fn thinned(readings: Vec<Reading>, most: u32) -> Vec<Reading> {
    let (Some(first), Some(last)) = (readings.first().copied(), readings.last().copied()) else {
        return readings;
    };
    if readings.len() <= most as usize {
        return readings;
    }
    let since = |reading: &Reading| reading.at.duration_since(first.at).unwrap_or_default();
    let part = (since(&last) / most.max(2)).max(Duration::from_secs(1)).as_secs_f64();
    let mut kept: Vec<(u64, Reading)> = Vec::new();
    for reading in readings {
        let at = (since(&reading).as_secs_f64() / part) as u64;
        match kept.last_mut() {
            Some((part, fullest)) if *part == at => {
                if reading.level.share() >= fullest.level.share() {
                    *fullest = reading;
                }
            }
            _ => kept.push((at, reading)),
        }
    }
    // The last part is a moment long and has the last reading alone, or the last two of one second.
    kept.into_iter().map(|(_, reading)| reading).collect()
}

fn insert(connection: &Connection, taken: &Taken) -> rusqlite::Result<()> {
    let Taken { org: OrgKey(org), at, source, limits } = taken;
    let at = seconds(*at);
    if *source == Source::Header {
        let minute = at - at.rem_euclid(HEADER_EVERY);
        let mut replaced = connection.prepare_cached(
            "DELETE FROM limit_reading WHERE org = ?1 AND name = ?2 AND source = 'header'
             AND taken_at >= ?3 AND taken_at < ?4",
        )?;
        for limit in limits {
            replaced.execute(params![org, limit.key, minute, minute + HEADER_EVERY])?;
        }
    }
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO limit_reading VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for Limit { key, level } in limits {
        insert.execute(params![org, key, at, level.max, level.remaining, source.name()])?;
    }
    Ok(())
}

/// Takes out what is too old, and of too many the oldest.
pub(super) fn take_out(
    connection: &Connection,
    now: SystemTime,
    oldest: Duration,
    most: u32,
) -> rusqlite::Result<usize> {
    let before = seconds(now).saturating_sub(oldest.as_secs() as i64);
    let old = connection.execute("DELETE FROM limit_reading WHERE taken_at < ?1", [before])?;
    let many = connection.execute(
        "DELETE FROM limit_reading WHERE taken_at <=
         (SELECT taken_at FROM limit_reading ORDER BY taken_at DESC LIMIT 1 OFFSET ?1)",
        [most],
    )?;
    Ok(old + many)
}

fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
