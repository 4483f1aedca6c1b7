//! Search (SOSL and its parameterized form) and recently used records.

use http::Method;
use serde_json::{Value, json};

use super::Ctx;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::soql::{self, Fetch};

/// Records that a search gives at most. Unconfirmed: not read in a published source.
const MOST: u64 = 2000;

/// `search?q=FIND {…} …`.
pub(super) fn search(ctx: &Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let sosl = call
        .param("q")
        .ok_or_else(|| Fault::bad("MALFORMED_SEARCH", "A search string has to be specified"))?;
    run(ctx, sosl)
}

/// `parameterizedSearch?q=…` and its POST form; both become SOSL.
pub(super) fn parameterized(ctx: &Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    super::allow(call, "HEAD,GET,POST")?;
    let (words, mut sosl) = if call.method == Method::POST {
        let data = call.data()?;
        (data["q"].as_str().unwrap_or_default().to_owned(), from_body(&data))
    } else {
        let objects =
            call.query.iter().filter(|(name, _)| name == "sobject").map(|(_, value)| value.as_str());
        let returned = objects.collect::<Vec<_>>().join(", ");
        let tail = if returned.is_empty() { String::new() } else { format!(" RETURNING {returned}") };
        (call.param("q").unwrap_or_default().to_owned(), tail)
    };
    sosl.insert_str(0, &format!("FIND {{{}}}", escaped(&words)));
    run(ctx, &sosl)
}

fn from_body(data: &Value) -> String {
    let names = |list: &Value| -> Vec<String> {
        let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let mut sosl = match data["in"].as_str() {
        Some(scope) => format!(" IN {scope} FIELDS"),
        None => String::new(),
    };
    let common = names(&data["fields"]);
    let objects = data["sobjects"].as_array().map(Vec::as_slice).unwrap_or_default();
    let returned: Vec<String> = objects
        .iter()
        .filter_map(|object| {
            let mut fields = names(&object["fields"]);
            fields.extend(common.iter().filter(|name| !fields.contains(name)).cloned().collect::<Vec<_>>());
            let fields = if fields.is_empty() { "Id".to_owned() } else { fields.join(", ") };
            let limit = object["limit"].as_u64().map_or(String::new(), |limit| format!(" LIMIT {limit}"));
            Some(format!("{}({fields}{limit})", object["name"].as_str()?))
        })
        .collect();
    if !returned.is_empty() {
        sosl.push_str(&format!(" RETURNING {}", returned.join(", ")));
    }
    if let Some(limit) = data["overallLimit"].as_u64() {
        sosl.push_str(&format!(" LIMIT {limit}"));
    }
    sosl
}

/// SOSL's own signs lose their meaning.
fn escaped(words: &str) -> String {
    words
        .chars()
        .flat_map(|c| ("?&|!{}[]()^~*:\\\"'+-".contains(c)).then_some('\\').into_iter().chain([c]))
        .collect()
}

fn run(ctx: &Ctx<'_>, sosl: &str) -> Result<Reply, Fault> {
    let plans = soql::parse_search(sosl)
        .and_then(|search| soql::search_plans(&search, &ctx.view(false)))
        .map_err(|mistake| mistake.into_fault(sosl))?;
    let fetch = Fetch { db: ctx.data.store.db(), version: ctx.version };
    let mut records = Vec::new();
    for plan in &plans.queries {
        let left = plans.limit.unwrap_or(MOST).min(MOST).saturating_sub(records.len() as u64);
        records.extend(fetch.page(plan, 0, left)?);
    }
    Ok(Reply::data("SearchResults", json!({ "searchRecords": records })))
}

/// `/recent`: the records that the user changed last.
pub(super) fn recent(ctx: &Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let limit: u32 = call.param("limit").and_then(|text| text.parse().ok()).unwrap_or(20).min(200);
    let mut found: Vec<(String, Value)> = Vec::new();
    for object in ctx.sight.objects().filter(|object| !object.readonly) {
        let Some(name) = object.name_field() else { continue };
        let sql = format!(
            r#"SELECT "Id", "{}", "LastModifiedDate" FROM "{}" WHERE "LastModifiedById" = ?1 AND "IsDeleted" = 0 ORDER BY "LastModifiedDate" DESC LIMIT ?2"#,
            name.name, object.name
        );
        let mut statement = ctx.data.store.db().prepare_cached(&sql)?;
        let mut rows = statement.query((&ctx.session.of.user_id, limit))?;
        while let Some(row) = rows.next()? {
            let (id, shown, date): (String, Option<String>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let url = ctx.url(&format!("sobjects/{}/{id}", object.name));
            let record = json!({ "attributes": { "type": object.name, "url": url }, "Id": id, (name.name.as_str()): shown });
            found.push((date, record));
        }
    }
    found.sort_by(|one, other| other.0.cmp(&one.0));
    let records = found.into_iter().take(limit as usize).map(|(_, record)| record).collect();
    Ok(Reply::data("RecentItems", Value::Array(records)))
}
