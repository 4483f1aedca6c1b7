//! The tables, and how an older file comes to have them.

use rusqlite::{Connection, TransactionBehavior};

/// What makes each version out of the one before; the first makes it out of an empty file. A step that was released is
/// never changed: a change is a further step.
const STEPS: [&str; 1] = [
    // A series is an org's limit; the primary key is the order in which it is read.
    "CREATE TABLE limit_reading (
        org TEXT NOT NULL,
        name TEXT NOT NULL,
        taken_at INTEGER NOT NULL, -- seconds since 1970
        max INTEGER NOT NULL,
        remaining INTEGER NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('header', 'limits')),
        PRIMARY KEY (org, name, taken_at, source)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX limit_reading_age ON limit_reading (taken_at);",
];

/// The version that the steps lead to.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Brings the tables up to date, all at once or not at all. Answers with the file's version if a newer orgdeck made it.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Option<i64>> {
    if version(connection)? == VERSION {
        return Ok(None); // no lock is needed to see that
    }
    // Of two programs that begin together one waits here, and then finds it done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let Some(steps) = usize::try_from(found).ok().and_then(|done| STEPS.get(done..)) else {
        return Ok(Some(found));
    };
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(None)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
