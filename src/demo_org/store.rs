//! The records of one org: an SQLite database in memory with one table an sObject.
//!
//! May know the schema and SQL. May not know HTTP or SOQL.

use std::collections::HashMap;

use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::{Number, Value};

use super::ids;
use super::schema::{Kind, Object, SCHEMA};

/// The records of one org.
pub(super) struct Store {
    db: Connection,
    pod: String,
    /// The last number given to a record, by key prefix.
    last: HashMap<String, u64>,
}

impl Store {
    /// Empty tables for every sObject; ids will name `pod`.
    pub(super) fn empty(pod: &str) -> rusqlite::Result<Self> {
        let db = Connection::open_in_memory()?;
        db.execute_batch("PRAGMA cache_size = -4000;")?;
        db.set_prepared_statement_cache_capacity(64);
        for object in &SCHEMA.objects {
            db.execute_batch(&create_table(object))?;
        }
        Ok(Self { db, pod: pod.to_owned(), last: HashMap::new() })
    }

    /// Indexes for lookups and external ids; made after the seed, which is faster.
    pub(super) fn index(&self) -> rusqlite::Result<()> {
        for object in &SCHEMA.objects {
            for field in object.columns().filter(|field| field.external_id || field.back.is_some()) {
                let (table, column) = (&object.name, &field.name);
                self.db.execute_batch(&format!(
                    r#"CREATE INDEX "{table}.{column}" ON "{table}" ("{column}") WHERE "{column}" IS NOT NULL"#
                ))?;
            }
        }
        self.db.execute_batch("ANALYZE")
    }

    /// The database, for reading by SQL.
    pub(super) fn db(&self) -> &Connection {
        &self.db
    }

    /// The id of the next record of an object.
    pub(super) fn next_id(&mut self, object: &Object) -> String {
        let last = self.last.entry(object.prefix.clone()).or_default();
        *last += 1;
        ids::id18(&object.prefix, &self.pod, *last)
    }

    /// The id that record number `number` (from 1) of an object has or will have.
    pub(super) fn nth_id(&self, object: &Object, number: u64) -> String {
        ids::id18(&object.prefix, &self.pod, number)
    }

    /// How many records of an object were ever made; auto numbers count on.
    pub(super) fn count_made(&self, object: &Object) -> u64 {
        self.last.get(&object.prefix).copied().unwrap_or_default()
    }

    /// Inserts many records in the columns named, each row in their order.
    pub(super) fn fill(
        &self,
        object: &Object,
        columns: &[&str],
        rows: impl Iterator<Item = Vec<Sql>>,
    ) -> rusqlite::Result<()> {
        let mut insert = self.db.prepare(&insert_into(object, columns))?;
        for row in rows {
            insert.execute(params_from_iter(row))?;
        }
        Ok(())
    }

    /// Inserts one record.
    pub(super) fn insert(&self, object: &Object, record: &[(String, Sql)]) -> rusqlite::Result<()> {
        let columns: Vec<&str> = record.iter().map(|(name, _)| name.as_str()).collect();
        let values = record.iter().map(|(_, value)| value);
        self.db.prepare_cached(&insert_into(object, &columns))?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// Changes fields of one record.
    pub(super) fn update(&self, object: &Object, id: &str, record: &[(String, Sql)]) -> rusqlite::Result<()> {
        let set: Vec<String> = record
            .iter()
            .enumerate()
            .map(|(place, (name, _))| format!(r#""{name}" = ?{}"#, place + 2))
            .collect();
        let sql = format!(r#"UPDATE "{}" SET {} WHERE "Id" = ?1"#, object.name, set.join(", "));
        let id = Sql::Text(id.to_owned());
        let values = std::iter::once(&id).chain(record.iter().map(|(_, value)| value));
        self.db.prepare_cached(&sql)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// One field of one record; `None` if there is no such record, deleted ones included.
    pub(super) fn field(&self, object: &Object, id: &str, field: &str) -> rusqlite::Result<Option<Sql>> {
        let sql = format!(r#"SELECT "{field}" FROM "{}" WHERE "Id" = ?1"#, object.name);
        self.db.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()
    }

    /// The ids of the records whose field has this value, deleted ones left out.
    pub(super) fn ids_with(
        &self,
        object: &Object,
        field: &str,
        value: &Sql,
    ) -> rusqlite::Result<Vec<String>> {
        let sql = format!(r#"SELECT "Id" FROM "{}" WHERE "{field}" = ?1 AND "IsDeleted" = 0"#, object.name);
        self.db.prepare_cached(&sql)?.query_map([value], |row| row.get(0))?.collect()
    }

    /// Whether a record is there: `None` never was, `Some(true)` is in the recycle bin.
    pub(super) fn deleted(&self, object: &Object, id: &str) -> rusqlite::Result<Option<bool>> {
        Ok(self.field(object, id, "IsDeleted")?.map(|value| value == Sql::Integer(1)))
    }

    /// Moves a record and those that depend on it to the recycle bin.
    pub(super) fn delete(&self, object: &Object, id: &str, now: &str) -> rusqlite::Result<()> {
        let sql = format!(
            r#"UPDATE "{}" SET "IsDeleted" = 1, "LastModifiedDate" = ?2, "SystemModstamp" = ?2 WHERE "Id" = ?1"#,
            object.name
        );
        self.db.prepare_cached(&sql)?.execute([id, now])?;
        for child in object.children.iter().filter(|child| child.cascade) {
            let Some(of) = SCHEMA.object(&child.object) else { continue };
            for dependent in self.ids_with(of, &child.field, &Sql::Text(id.to_owned()))? {
                self.delete(of, &dependent, now)?;
            }
        }
        Ok(())
    }

    /// How many records an object has, deleted ones left out.
    pub(super) fn count(&self, object: &Object) -> rusqlite::Result<u64> {
        let sql = format!(r#"SELECT COUNT(*) FROM "{}" WHERE "IsDeleted" = 0"#, object.name);
        let count: i64 = self.db.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Marks a state to which [`Store::finish`] may go back; marks nest.
    pub(super) fn mark(&self) -> rusqlite::Result<()> {
        self.db.execute_batch("SAVEPOINT mark")
    }

    /// Keeps what was done since the last mark, or undoes it.
    pub(super) fn finish(&self, keep: bool) -> rusqlite::Result<()> {
        self.db.execute_batch(if keep { "RELEASE mark" } else { "ROLLBACK TO mark; RELEASE mark" })
    }
}

/// A stored value as JSON.
pub(super) fn to_json(kind: Kind, value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null if kind == Kind::Boolean => Value::Bool(false),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) if kind == Kind::Boolean => Value::Bool(number != 0),
        ValueRef::Integer(number) if matches!(kind, Kind::Double | Kind::Currency | Kind::Percent) => {
            Number::from_f64(number as f64).map_or(Value::Null, Value::Number)
        }
        ValueRef::Integer(number) => Value::from(number),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => Value::String(String::from_utf8_lossy(text).into_owned()),
    }
}

/// Text is compared without case, as SOQL does; ids are not.
fn create_table(object: &Object) -> String {
    let columns: Vec<String> = object
        .columns()
        .map(|field| {
            let ty = match field.kind {
                Kind::Id => "TEXT PRIMARY KEY NOT NULL",
                Kind::Boolean => "INTEGER NOT NULL DEFAULT 0",
                Kind::Int => "INTEGER",
                Kind::Double | Kind::Currency | Kind::Percent => "REAL",
                Kind::Reference | Kind::Date | Kind::Datetime => "TEXT",
                _ => "TEXT COLLATE NOCASE",
            };
            format!(r#""{}" {ty}"#, field.name)
        })
        .collect();
    format!(r#"CREATE TABLE "{}" ({})"#, object.name, columns.join(", "))
}

fn insert_into(object: &Object, columns: &[&str]) -> String {
    let names: Vec<String> = columns.iter().map(|name| format!(r#""{name}""#)).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    format!(r#"INSERT INTO "{}" ({}) VALUES ({marks})"#, object.name, names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, id: &str) -> Vec<(String, Sql)> {
        vec![("Id".to_owned(), Sql::Text(id.to_owned())), ("Name".to_owned(), Sql::Text(name.to_owned()))]
    }

    #[test]
    fn deleting_takes_the_dependent_records_along() {
        let mut store = Store::empty("gK").unwrap();
        let (accounts, contacts) = (SCHEMA.object("Account").unwrap(), SCHEMA.object("Contact").unwrap());
        let parent = store.next_id(accounts);
        store.insert(accounts, &account("Fjord", &parent)).unwrap();
        let child = store.next_id(contacts);
        let record = [
            ("Id".to_owned(), Sql::Text(child.clone())),
            ("AccountId".to_owned(), Sql::Text(parent.clone())),
        ];
        store.insert(contacts, &record).unwrap();
        store.delete(accounts, &parent, "2026-02-03T00:00:00.000+0000").unwrap();
        assert_eq!(store.deleted(contacts, &child).unwrap(), Some(true));
        assert_eq!(store.count(accounts).unwrap(), 0);
    }

    #[test]
    fn what_is_undone_leaves_nothing() {
        let store = Store::empty("gK").unwrap();
        let accounts = SCHEMA.object("Account").unwrap();
        store.mark().unwrap();
        store.insert(accounts, &account("Fjord", "001gK0000000001AAA")).unwrap();
        store.finish(false).unwrap();
        assert_eq!(store.count(accounts).unwrap(), 0);
    }
}
