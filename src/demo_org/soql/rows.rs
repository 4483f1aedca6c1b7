//! Runs a plan and shapes its rows as records.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params_from_iter};
use serde_json::{Map, Value, json};

use super::translate::{ADDRESS_PARTS, Out, Plan, Yields};
use crate::demo_org::schema::{Kind, Object, SCHEMA};
use crate::demo_org::store::to_json;

/// How many rows a query has over all pages.
pub(in crate::demo_org) fn total(db: &Connection, plan: &Plan) -> rusqlite::Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM ({})", plan.sql);
    let found: i64 = db.prepare_cached(&sql)?.query_row(params_from_iter(&plan.params), |row| row.get(0))?;
    let found = found.unsigned_abs();
    if plan.yields == Yields::Count {
        return Ok(plan.limit.map_or(found, |limit| found.min(limit)));
    }
    let after_offset = found.saturating_sub(plan.offset);
    Ok(plan.limit.map_or(after_offset, |limit| after_offset.min(limit)))
}

/// Reads the records of plans.
pub(in crate::demo_org) struct Fetch<'a> {
    pub(in crate::demo_org) db: &'a Connection,
    /// `v66.0`, for the addresses of records.
    pub(in crate::demo_org) version: &'a str,
}

impl Fetch<'_> {
    /// Up to `size` records from number `start` on.
    pub(in crate::demo_org) fn page(
        &self,
        plan: &Plan,
        start: u64,
        size: u64,
    ) -> rusqlite::Result<Vec<Value>> {
        if plan.yields == Yields::Count {
            return Ok(Vec::new());
        }
        let left = plan.limit.map_or(size, |limit| limit.saturating_sub(start).min(size));
        self.rows(plan, &plan.params, left, plan.offset + start)
    }

    fn rows(&self, plan: &Plan, params: &[Sql], limit: u64, offset: u64) -> rusqlite::Result<Vec<Value>> {
        let sql = format!("{} LIMIT ?{} OFFSET ?{}", plan.sql, params.len() + 1, params.len() + 2);
        let page = [limit, offset].map(|number| Sql::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(params.iter().chain(&page)))?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(self.record(plan, row)?);
        }
        Ok(records)
    }

    fn record(&self, plan: &Plan, row: &Row<'_>) -> rusqlite::Result<Value> {
        let mut record = Map::new();
        let id: Option<String> = match plan.yields {
            Yields::Aggregates => {
                record.insert("attributes".to_owned(), json!({"type": "AggregateResult"}));
                None
            }
            _ => {
                let id: String = row.get(0)?;
                record.insert(
                    "attributes".to_owned(),
                    self.attributes(&plan.object.name, &plan.object.name, &id),
                );
                Some(id)
            }
        };
        self.fields(&mut record, row, &plan.shape, id.as_deref())?;
        Ok(Value::Object(record))
    }

    fn fields(
        &self,
        record: &mut Map<String, Value>,
        row: &Row<'_>,
        shape: &[Out],
        id: Option<&str>,
    ) -> rusqlite::Result<()> {
        for out in shape {
            let (name, value) = match out {
                Out::Value { name, column, kind } => (name, to_json(*kind, row.get_ref(*column)?)),
                Out::Address { name, columns } => (name, address(row, columns)?),
                Out::Parent { name, id, of, fields } => (name, self.parent(row, *id, *of, fields)?),
                Out::Children { name, plan } => (name, self.children(plan, id)?),
                Out::TypeOf { name, id, when, otherwise } => (name, self.type_of(row, *id, when, otherwise)?),
            };
            record.insert(name.clone(), value);
        }
        Ok(())
    }

    fn parent(
        &self,
        row: &Row<'_>,
        id: usize,
        of: Option<&Object>,
        fields: &[Out],
    ) -> rusqlite::Result<Value> {
        let Some(id) = row.get::<_, Option<String>>(id)? else { return Ok(Value::Null) };
        // Salesforce calls a parent of several possible types a `Name`.
        let (shown, real) = match of {
            Some(object) => (object.name.as_str(), object.name.as_str()),
            None => ("Name", SCHEMA.object_of_id(&id).map_or("Name", |object| object.name.as_str())),
        };
        let mut record = Map::new();
        record.insert("attributes".to_owned(), self.attributes(shown, real, &id));
        self.fields(&mut record, row, fields, None)?;
        Ok(Value::Object(record))
    }

    fn type_of(
        &self,
        row: &Row<'_>,
        id: usize,
        when: &[(&'static Object, Vec<Out>)],
        otherwise: &[Out],
    ) -> rusqlite::Result<Value> {
        let Some(id) = row.get::<_, Option<String>>(id)? else { return Ok(Value::Null) };
        let real = SCHEMA.object_of_id(&id).map_or("Name", |object| object.name.as_str());
        let branch = when.iter().find(|(object, _)| object.name == real);
        let mut record = Map::new();
        record.insert("attributes".to_owned(), self.attributes(real, real, &id));
        self.fields(&mut record, row, branch.map_or(otherwise, |(_, fields)| fields), None)?;
        Ok(Value::Object(record))
    }

    /// Null if there is none, as the API answers it.
    fn children(&self, plan: &Plan, parent: Option<&str>) -> rusqlite::Result<Value> {
        let mut params = plan.params.clone();
        if let Some(first) = params.first_mut() {
            *first = parent.map_or(Sql::Null, |id| Sql::Text(id.to_owned()));
        }
        let limit = plan.limit.unwrap_or(u64::MAX);
        let records = self.rows(plan, &params, limit, plan.offset)?;
        if records.is_empty() {
            return Ok(Value::Null);
        }
        Ok(json!({ "totalSize": records.len(), "done": true, "records": records }))
    }

    fn attributes(&self, shown: &str, real: &str, id: &str) -> Value {
        json!({ "type": shown, "url": format!("/services/data/{}/sobjects/{real}/{id}", self.version) })
    }
}

/// Null if all parts are.
fn address(row: &Row<'_>, columns: &[usize]) -> rusqlite::Result<Value> {
    let mut parts = Map::new();
    for ((_, name), column) in ADDRESS_PARTS.iter().zip(columns) {
        parts.insert((*name).to_owned(), to_json(Kind::String, row.get_ref(*column)?));
    }
    if parts.values().all(Value::is_null) {
        return Ok(Value::Null);
    }
    for name in ["geocodeAccuracy", "latitude", "longitude"] {
        parts.insert(name.to_owned(), Value::Null);
    }
    parts.sort_keys();
    Ok(Value::Object(parts))
}

/// The column whose index SQLite would use first, if it would use any.
pub(in crate::demo_org) fn index_used(db: &Connection, plan: &Plan) -> rusqlite::Result<Option<String>> {
    let sql = format!("EXPLAIN QUERY PLAN {}", plan.sql);
    let mut statement = db.prepare(&sql)?;
    let first: Option<String> = statement
        .query_map(params_from_iter(&plan.params), |row| row.get::<_, String>(3))?
        .next()
        .transpose()?;
    let Some(detail) = first.filter(|detail| detail.starts_with("SEARCH")) else { return Ok(None) };
    let column = detail.split('(').nth(1).and_then(|inside| inside.split(['=', '>', '<']).next());
    Ok(column.map(|name| name.trim_matches('"').to_owned()))
}
