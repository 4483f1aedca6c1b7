//! SOQL over HTTP: pages of up to 2,000 records, `nextRecordsUrl`, queryAll, explain.

use serde_json::{Map, Value, json};

use super::Ctx;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::ids;
use crate::demo_org::soql::{self, Fetch, Plan};
use crate::demo_org::world::{Cursor, OrgData};

/// Rows on a page, unless the caller asks for fewer.
///
/// Source: `Sforce-Query-Options` in rustsf (a public client).
pub(super) const PAGE: u64 = 2000;

/// The smallest page that can be asked for.
const SMALLEST_PAGE: u64 = 200;

/// Open cursors a user may have; the oldest is dropped.
const CURSORS: usize = 10;

/// `query?q=` and `queryAll?q=`.
pub(super) fn query(ctx: &mut Ctx<'_>, call: &Call, deleted: bool) -> Result<Reply, Fault> {
    if let Some(soql) = call.param("explain") {
        return explain(ctx, soql);
    }
    let soql = call
        .param("q")
        .filter(|soql| !soql.trim().is_empty())
        .ok_or_else(|| Fault::bad("MALFORMED_QUERY", "A query string has to be specified"))?;
    let size = page_size(call)?;
    let plan = plan(ctx, soql, deleted)?;
    answer(ctx, plan, size)
}

/// The first page of a plan; a cursor stays open if there are more.
pub(super) fn answer(ctx: &mut Ctx<'_>, plan: Plan, size: u64) -> Result<Reply, Fault> {
    let total = soql::total(ctx.data.store.db(), &plan)?;
    let (answer, done) = first_page(ctx, &plan, total, size)?;
    if done {
        return Ok(Reply::data("QueryResult", answer));
    }
    let locator = open_cursor(ctx, plan, total, size);
    Ok(Reply::data("QueryResult", with_next(ctx, answer, &locator, size)))
}

/// `query/01g…-2000`.
pub(super) fn more(ctx: &mut Ctx<'_>, locator: &str) -> Result<Reply, Fault> {
    let gone = || Fault::bad("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (id, start) = locator.rsplit_once('-').ok_or_else(gone)?;
    let start: u64 = start.parse().map_err(|_| gone())?;
    let id = ids::canonical(id).ok_or_else(gone)?;
    let OrgData { store, cursors, .. } = &*ctx.data;
    let cursor = cursors
        .open
        .iter()
        .find(|cursor| cursor.locator == id && cursor.user_id == ctx.session.of.user_id)
        .filter(|cursor| start < cursor.total)
        .ok_or_else(gone)?;
    let fetch = Fetch { db: store.db(), version: ctx.version };
    let records = fetch.page(&cursor.plan, start, cursor.size)?;
    let next = start + cursor.size;
    let done = next >= cursor.total;
    let answer = result(cursor.total, done, records);
    if done {
        return Ok(Reply::data("QueryResult", answer));
    }
    Ok(Reply::data("QueryResult", with_next(ctx, answer, &id, next)))
}

/// Reads and translates a query; mistakes become the API's errors.
pub(super) fn plan(ctx: &Ctx<'_>, soql: &str, deleted: bool) -> Result<Plan, Fault> {
    soql::parse(soql)
        .and_then(|query| soql::translate(&query, &ctx.view(deleted)))
        .map_err(|mistake| mistake.into_fault(soql))
}

fn first_page(ctx: &Ctx<'_>, plan: &Plan, total: u64, size: u64) -> Result<(Value, bool), Fault> {
    let fetch = Fetch { db: ctx.data.store.db(), version: ctx.version };
    let done = plan.yields == soql::Yields::Count || size >= total;
    Ok((result(total, done, fetch.page(plan, 0, size)?), done))
}

fn result(total: u64, done: bool, records: Vec<Value>) -> Value {
    json!({ "totalSize": total, "done": done, "records": records })
}

/// The address of the next page stands before the records.
fn with_next(ctx: &Ctx<'_>, answer: Value, locator: &str, start: u64) -> Value {
    let Value::Object(mut fields) = answer else { return answer };
    let records = fields.remove("records").unwrap_or_default();
    let mut all = Map::new();
    all.append(&mut fields);
    all.insert("nextRecordsUrl".to_owned(), Value::String(ctx.url(&format!("query/{locator}-{start}"))));
    all.insert("records".to_owned(), records);
    Value::Object(all)
}

fn open_cursor(ctx: &mut Ctx<'_>, plan: Plan, total: u64, size: u64) -> String {
    let cursors = &mut ctx.data.cursors;
    cursors.made += 1;
    let locator = ids::id18("01g", &ctx.org.spec.pod, cursors.made);
    let user_id = ctx.session.of.user_id.clone();
    let own = |cursor: &Cursor| cursor.user_id == user_id;
    if cursors.open.iter().filter(|cursor| own(cursor)).count() >= CURSORS
        && let Some(oldest) = cursors.open.iter().position(own)
    {
        cursors.open.remove(oldest);
    }
    cursors.open.push_back(Cursor { locator: locator.clone(), user_id, plan, total, size });
    locator
}

/// `Sforce-Query-Options: batchSize=500`.
fn page_size(call: &Call) -> Result<u64, Fault> {
    let Some(options) = call.header("sforce-query-options") else { return Ok(PAGE) };
    let Some(text) = options.split(',').find_map(|option| option.trim().strip_prefix("batchSize=")) else {
        return Ok(PAGE);
    };
    match text.trim().parse() {
        Ok(size) if (SMALLEST_PAGE..=PAGE).contains(&size) => Ok(size),
        _ => Err(Fault::bad("INVALID_BATCH_SIZE", "batchSize must be between 200 and 2,000")),
    }
}

/// What SQLite would do, in the words of a query plan.
fn explain(ctx: &Ctx<'_>, soql: &str) -> Result<Reply, Fault> {
    let plan = plan(ctx, soql, false)?;
    let store = &ctx.data.store;
    let (rows, all) = (soql::total(store.db(), &plan)?, store.count(plan.object)?);
    let index = soql::index_used(store.db(), &plan)?;
    let cost =
        if index.is_some() { 0.1 + rows as f64 / (all.max(1) as f64) } else { 1.0 + all as f64 / 5000.0 };
    let notes = match &index {
        Some(_) => json!([]),
        None => {
            json!([{ "description": "Not considering filter for optimization because unindexed", "fields": [], "tableEnumOrId": plan.object.name }])
        }
    };
    let one = json!({
        "cardinality": rows,
        "fields": index.iter().collect::<Vec<_>>(),
        "leadingOperationType": if index.is_some() { "Index" } else { "TableScan" },
        "notes": notes,
        "relativeCost": cost,
        "sobjectCardinality": all,
        "sobjectType": plan.object.name,
    });
    Ok(Reply::data("QueryPlan", json!({ "plans": [one], "sourceQuery": soql })))
}
