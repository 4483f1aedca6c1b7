//! Records: read, create, change, delete, by id and by external id.

use http::{Method, StatusCode, header};
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use super::{Ctx, allow, describe, query, rules, write};
use crate::demo_org::call::{Call, Content, Reply};
use crate::demo_org::clock::Moment;
use crate::demo_org::error::Fault;
use crate::demo_org::ids;
use crate::demo_org::schema::{Field, Object, SCHEMA};
use crate::demo_org::soql::{self, Fetch};

/// Answers `/sobjects/X/…`.
pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, name: &str, rest: &[&str]) -> Result<Reply, Fault> {
    let object = ctx.sight.object(name).ok_or_else(Fault::not_found)?;
    match rest {
        [] if call.method == Method::POST => create(ctx, call, object),
        [] => {
            allow(call, "HEAD,GET,POST")?;
            let outline = describe::outline(ctx, object);
            Ok(Reply::data("SObjectBasicInfo", json!({ "objectDescribe": outline, "recentItems": [] })))
        }
        ["describe"] => {
            super::get(call)?;
            unless_modified(call, crate::demo_org::seed::BASE, || Ok(describe::describe(ctx, object)))
        }
        ["updated"] | ["deleted"] => changed_between(ctx, call, object, rest[0] == "deleted"),
        [id] => {
            let id = record_id(object, id)?;
            by_id(ctx, call, object, &id)
        }
        [id, relationship] if record_id(object, id).is_ok() => {
            let id = record_id(object, id)?;
            related(ctx, call, object, &id, relationship)
        }
        [field, value] => by_external_id(ctx, call, object, field, value),
        _ => Err(Fault::not_found()),
    }
}

fn by_id(ctx: &mut Ctx<'_>, call: &Call, object: &'static Object, id: &str) -> Result<Reply, Fault> {
    allow(call, "HEAD,GET,PATCH,DELETE")?;
    match call.method {
        Method::PATCH => {
            existing(ctx, object, id)?;
            let data = call.data()?;
            write::update(ctx, object, id, &data)?;
            Ok(Reply::no_content())
        }
        Method::DELETE => {
            delete(ctx, object, id)?;
            Ok(Reply::no_content())
        }
        _ => {
            existing(ctx, object, id)?;
            let changed = match ctx.data.store.field(object, id, "LastModifiedDate")? {
                Some(Sql::Text(text)) => Moment::parse(&text),
                _ => None,
            };
            let record = || read(ctx, object, id, call.param("fields"));
            unless_modified(call, changed.unwrap_or(crate::demo_org::seed::BASE), || {
                Ok(Reply::data(&object.name, record()?))
            })
        }
    }
}

/// `Contact/003…/Account` reads the parent, `Account/001…/Contacts` the children.
fn related(
    ctx: &mut Ctx<'_>,
    call: &Call,
    object: &'static Object,
    id: &str,
    name: &str,
) -> Result<Reply, Fault> {
    super::get(call)?;
    existing(ctx, object, id)?;
    let is = |own: &Option<String>| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
    if let Some(lookup) = object.fields.iter().find(|field| is(&field.relationship)) {
        let Some(Sql::Text(parent)) = ctx.data.store.field(object, id, &lookup.name)? else {
            return Err(Fault::not_found());
        };
        let target = SCHEMA.object_of_id(&parent).filter(|target| ctx.sight.reads(target));
        let target = target.ok_or_else(Fault::not_found)?;
        return Ok(Reply::data(&target.name, read(ctx, target, &parent, call.param("fields"))?));
    }
    let child = object.children.iter().find(|child| is(&child.relationship)).ok_or_else(Fault::not_found)?;
    let target = ctx.sight.object(&child.object).ok_or_else(Fault::not_found)?;
    let plan = soql::children_of(target, child, id).map_err(|mistake| mistake.without_place())?;
    query::answer(ctx, plan, query::PAGE)
}

/// Moves a record to the recycle bin.
pub(super) fn delete(ctx: &mut Ctx<'_>, object: &Object, id: &str) -> Result<(), Fault> {
    existing(ctx, object, id)?;
    rules::permitted(ctx)?;
    write::writable(object)?;
    Ok(ctx.data.store.delete(object, id, &Moment::now().text())?)
}

/// One record with all its fields or the ones named.
pub(super) fn read(
    ctx: &Ctx<'_>,
    object: &'static Object,
    id: &str,
    fields: Option<&str>,
) -> Result<Value, Fault> {
    let fields: Option<Vec<&str>> =
        fields.map(|list| list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect());
    let plan = soql::by_id(object, fields.as_deref(), id).map_err(|mistake| mistake.without_place())?;
    let fetch = Fetch { db: ctx.data.store.db(), version: ctx.version };
    fetch.page(&plan, 0, 1)?.pop().ok_or_else(Fault::not_found)
}

/// 304 if nothing changed since the date that the caller names.
fn unless_modified(
    call: &Call,
    changed: Moment,
    answer: impl FnOnce() -> Result<Reply, Fault>,
) -> Result<Reply, Fault> {
    let date = changed.http_date();
    if call.header("if-modified-since") == Some(date.as_str()) {
        return Ok(Reply::with_status(StatusCode::NOT_MODIFIED, Content::Empty));
    }
    Ok(answer()?.header(header::LAST_MODIFIED, date))
}

fn create(ctx: &mut Ctx<'_>, call: &Call, object: &'static Object) -> Result<Reply, Fault> {
    let id = write::create(ctx, object, &call.data()?)?;
    let location = ctx.url(&format!("sobjects/{}/{id}", object.name));
    Ok(created(&id, None).header(header::LOCATION, location))
}

/// The result of a create or an upsert.
fn created(id: &str, created: Option<bool>) -> Reply {
    let mut body = json!({ "id": id, "success": true, "errors": [] });
    if let Some(created) = created {
        body["created"] = Value::Bool(created);
    }
    Reply::data("Result", body).status(StatusCode::CREATED)
}

/// An id of this object; others are no resource here.
fn record_id(object: &Object, text: &str) -> Result<String, Fault> {
    let id = ids::canonical(text).ok_or_else(Fault::not_found)?;
    if id.starts_with(&object.prefix) { Ok(id) } else { Err(Fault::not_found()) }
}

/// Refuses records that never were and those in the recycle bin.
pub(super) fn existing(ctx: &Ctx<'_>, object: &Object, id: &str) -> Result<(), Fault> {
    match ctx.data.store.deleted(object, id)? {
        Some(false) => Ok(()),
        Some(true) => Err(Fault::new(StatusCode::NOT_FOUND, "ENTITY_IS_DELETED", "entity is deleted")),
        None => Err(Fault::not_found()),
    }
}

fn by_external_id(
    ctx: &mut Ctx<'_>,
    call: &Call,
    object: &'static Object,
    field: &str,
    value: &str,
) -> Result<Reply, Fault> {
    let field = external_id(object, field)?;
    let found = ctx.data.store.ids_with(object, &field.name, &Sql::Text(value.to_owned()))?;
    if found.len() > 1 {
        let urls: Vec<String> =
            found.iter().map(|id| ctx.url(&format!("sobjects/{}/{id}", object.name))).collect();
        return Ok(Reply::data("Urls", json!(urls)).status(StatusCode::MULTIPLE_CHOICES));
    }
    match (&call.method, found.first()) {
        (&Method::PATCH, _) => {
            let (id, new) = upsert(ctx, object, field, value, &call.data()?)?;
            let location = ctx.url(&format!("sobjects/{}/{id}", object.name));
            let reply = created(&id, Some(new));
            Ok(if new { reply.header(header::LOCATION, location) } else { reply.status(StatusCode::OK) })
        }
        (_, Some(id)) => {
            let id = id.clone();
            by_id(ctx, call, object, &id)
        }
        (_, None) => Err(Fault::not_found()),
    }
}

/// A field that may stand in a path instead of the id.
pub(super) fn external_id(object: &'static Object, name: &str) -> Result<&'static Field, Fault> {
    object.field(name).filter(|field| field.external_id).ok_or_else(|| {
        let message = format!("Provided external ID field does not exist or is not accessible: {name}");
        Fault::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    })
}

/// Changes the record that has this external id or makes one; `true` if it was made.
pub(super) fn upsert(
    ctx: &mut Ctx<'_>,
    object: &'static Object,
    field: &Field,
    value: &str,
    data: &Value,
) -> Result<(String, bool), Fault> {
    if data.get(&field.name).is_some_and(|inside| inside != value) {
        let message = format!("The {} field should not be specified in the sobject data.", field.name);
        return Err(Fault::bad("INVALID_FIELD", message).of_fields([&field.name]));
    }
    let found = ctx.data.store.ids_with(object, &field.name, &Sql::Text(value.to_owned()))?;
    match found.as_slice() {
        [] => {
            let mut data = data.clone();
            data[&field.name] = Value::String(value.to_owned());
            Ok((write::create(ctx, object, &data)?, true))
        }
        [id] => {
            write::update(ctx, object, id, data)?;
            Ok((id.clone(), false))
        }
        _ => {
            let message =
                format!("{}: more than one record found for external id field: {found:?}", field.name);
            Err(Fault::bad("DUPLICATE_EXTERNAL_ID", message))
        }
    }
}

/// `/updated?start=…&end=…` and `/deleted?…`.
fn changed_between(
    ctx: &Ctx<'_>,
    call: &Call,
    object: &'static Object,
    deleted: bool,
) -> Result<Reply, Fault> {
    super::get(call)?;
    let moment = |name: &str| {
        let text = call.param(name).unwrap_or_default().replace(' ', "+");
        Moment::parse(&text).ok_or_else(|| {
            let message = format!("{name}: '{text}' is not a valid value for the type xsd:dateTime");
            Fault::bad("INVALID_REPLICATION_DATE", message)
        })
    };
    let (start, end) = (moment("start")?, moment("end")?);
    let sql = format!(
        r#"SELECT "Id", "LastModifiedDate" FROM "{}" WHERE "LastModifiedDate" >= ?1 AND "LastModifiedDate" < ?2 AND "IsDeleted" = ?3 ORDER BY "Id""#,
        object.name
    );
    let mut statement = ctx.data.store.db().prepare_cached(&sql)?;
    let rows =
        statement.query_map((start.text(), end.text(), deleted), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
    let covered = end.min(Moment::now()).text();
    Ok(if deleted {
        let records: Vec<Value> =
            rows.iter().map(|(id, date)| json!({ "deletedDate": date, "id": id })).collect();
        let earliest = crate::demo_org::seed::BASE.text();
        Reply::data(
            "DeletedRecords",
            json!({ "deletedRecords": records, "earliestDateAvailable": earliest, "latestDateCovered": covered }),
        )
    } else {
        let ids: Vec<&String> = rows.iter().map(|(id, _)| id).collect();
        Reply::data("UpdatedRecords", json!({ "ids": ids, "latestDateCovered": covered }))
    })
}
