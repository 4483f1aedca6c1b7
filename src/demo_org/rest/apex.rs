//! Apex REST: the class `AccountService` of both orgs, at `/services/apexrest/AccountService`.

use http::{Method, StatusCode};
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use super::{Ctx, query, sobjects, write};
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::ids;
use crate::demo_org::schema::SCHEMA;
use crate::demo_org::soql::Fetch;

/// Accounts in a list, unless `limit` asks for another number.
const LISTED: u64 = 50;

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let no_class = || {
        let address = format!("Could not find a match for URL /{}", path.join("/"));
        Fault::new(StatusCode::NOT_FOUND, "NOT_FOUND", address)
    };
    match (path, &call.method) {
        (["AccountService"], &Method::GET | &Method::HEAD) => list(ctx, call),
        (["AccountService"], &Method::POST) => create(ctx, call),
        (["AccountService", id], &Method::GET | &Method::HEAD) => one(ctx, id),
        (["AccountService", ..], _) => Err(Fault::wrong_method(&call.method, "HEAD,GET,POST")),
        _ => Err(no_class()),
    }
}

/// `name=` filters; what the class returns has no `attributes` of pages, just the records.
fn list(ctx: &Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let limit = call.param("limit").and_then(|text| text.parse().ok()).unwrap_or(LISTED).min(2000);
    let filter = match call.param("name") {
        Some(name) => {
            let name = name.replace('\\', "\\\\").replace('\'', "\\'");
            format!("WHERE Name LIKE '%{name}%'")
        }
        None => String::new(),
    };
    let plan = query::plan(
        ctx,
        &format!("SELECT Id, Name, Industry, BillingCity FROM Account {filter} ORDER BY Name LIMIT {limit}"),
        false,
    )?;
    let fetch = Fetch { db: ctx.data.store.db(), version: ctx.version };
    Ok(Reply::data("response", Value::Array(fetch.page(&plan, 0, limit)?)))
}

fn one(ctx: &Ctx<'_>, id: &str) -> Result<Reply, Fault> {
    let account = SCHEMA.object("Account").ok_or_else(Fault::unexpected)?;
    let found = ids::canonical(id).filter(|id| sobjects::existing(ctx, account, id).is_ok());
    let id = found.ok_or_else(|| {
        Fault::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "APEX_ERROR",
            "System.QueryException: List has no rows for assignment to SObject\n\nClass.AccountService.one: line 14, column 1",
        )
    })?;
    Ok(Reply::data("response", sobjects::read(ctx, account, &id, Some("Id,Name,Industry,BillingCity"))?))
}

/// `{"name": "…", "industry": "…"}` makes an account and returns its id as a string.
fn create(ctx: &mut Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let account = SCHEMA.object("Account").ok_or_else(Fault::unexpected)?;
    let data = call.data()?;
    let mut record = json!({ "Name": data["name"] });
    if let Some(industry) = data["industry"].as_str() {
        record["Industry"] = json!(industry);
    }
    let id = write::create(ctx, account, &record).map_err(|fault| {
        let text = format!(
            "System.DmlException: Insert failed. First exception on row 0; first error: {}, {}: {:?}\n\nClass.AccountService.create: line 27, column 1",
            fault.code, fault.message, fault.fields
        );
        Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "APEX_ERROR", text)
    })?;
    let name = match ctx.data.store.field(account, &id, "Name")? {
        Some(Sql::Text(name)) => name,
        _ => String::new(),
    };
    Ok(Reply::data("response", json!({ "id": id, "name": name })))
}
