//! Collections: up to 200 records at once, each with its own result, HTTP 200 whatever they are.
//!
//! Source of the limit: cirrus (a public client).

use http::Method;
use serde_json::{Map, Value, json};

use super::{all_or_nothing, list};
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::ids;
use crate::demo_org::rest::{Ctx, allow, sobjects, write};
use crate::demo_org::schema::{Object, SCHEMA};

/// Records to write at once.
const MOST: usize = 200;

/// Records to read at once.
const MOST_READ: usize = 2000;

/// Answers `/composite/sobjects…`.
pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    match (path, &call.method) {
        ([], &Method::POST) => save(ctx, call, &create),
        ([], &Method::PATCH) => save(ctx, call, &update),
        ([], &Method::DELETE) => {
            let ids: Vec<Value> =
                call.param("ids").unwrap_or_default().split(',').map(|id| json!(id.trim())).collect();
            let strict = call.param("allOrNone") == Some("true");
            if ids.len() > MOST {
                return Err(too_many());
            }
            each(ctx, &ids, strict, &delete)
        }
        ([], _) => Err(allow(call, "DELETE,PATCH,POST").err().unwrap_or_else(Fault::not_found)),
        ([object], &Method::GET) => {
            let split =
                |name: &str| call.param(name).unwrap_or_default().split(',').map(str::to_owned).collect();
            retrieve(ctx, object, split("ids"), &split("fields"))
        }
        ([object], &Method::POST) => {
            let data = call.data()?;
            let texts = |name: &str| -> Vec<String> {
                let all = data[name].as_array().map(Vec::as_slice).unwrap_or_default();
                all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
            };
            retrieve(ctx, object, texts("ids"), &texts("fields"))
        }
        ([object, field], &Method::PATCH) => {
            let object = ctx.sight.object(object).ok_or_else(Fault::not_found)?;
            let field = *field;
            save(ctx, call, &move |ctx: &mut Ctx<'_>, record: &Value| upsert(ctx, object, field, record))
        }
        _ => Err(Fault::not_found()),
    }
}

/// What is done with one record: its id, and whether it was made (for upserts).
type Work<'w> = dyn Fn(&mut Ctx<'_>, &Value) -> Result<(String, Option<bool>), Fault> + 'w;

fn save(ctx: &mut Ctx<'_>, call: &Call, work: &Work<'_>) -> Result<Reply, Fault> {
    let data = call.data()?;
    let records = list(&data, "records", MOST)
        .map_err(|fault| if fault.code == "EXCEEDED_ID_LIMIT" { too_many() } else { fault })?;
    each(ctx, records, data["allOrNone"].as_bool().unwrap_or(false), work)
}

fn too_many() -> Fault {
    let message = "record limit reached. cannot submit more than 200 records in this call";
    Fault::bad("EXCEEDED_ID_LIMIT", message)
}

fn each(ctx: &mut Ctx<'_>, records: &[Value], strict: bool, work: &Work<'_>) -> Result<Reply, Fault> {
    let mut results = Vec::new();
    let all = |ctx: &mut Ctx<'_>| {
        for record in records {
            results.push(work(ctx, record));
        }
        let failed = strict && results.iter().any(Result::is_err);
        if failed { Err(Fault::unexpected()) } else { Ok(()) }
    };
    let undone = all_or_nothing(ctx, all).is_err();
    let results = results.into_iter().map(|result| match result {
        Ok(_) if undone => {
            let message =
                "Record rolled back because not all records were valid and the request was using AllOrNone header";
            failure(&Fault::bad("ALL_OR_NONE_OPERATION_ROLLED_BACK", message))
        }
        Ok((id, created)) => success(&id, created),
        Err(fault) => failure(&fault),
    });
    Ok(Reply::data("Results", results.collect()))
}

fn success(id: &str, created: Option<bool>) -> Value {
    let mut result = json!({ "id": id, "success": true, "errors": [] });
    if let Some(created) = created {
        result["created"] = Value::Bool(created);
    }
    result
}

fn failure(fault: &Fault) -> Value {
    json!({ "success": false, "errors": [fault.row_error()] })
}

/// The object that a record's `attributes` name.
fn object_of(ctx: &Ctx<'_>, record: &Value) -> Result<&'static Object, Fault> {
    let name = record["attributes"]["type"].as_str().unwrap_or_default();
    ctx.sight
        .object(name)
        .ok_or_else(|| Fault::bad("INVALID_TYPE", format!("sObject type '{name}' is not supported.")))
}

/// The id of a record and the rest of it.
fn taken_apart(record: &Value) -> Result<(String, Value), Fault> {
    let mut fields: Map<String, Value> = record.as_object().cloned().unwrap_or_default();
    let key = fields.keys().find(|key| key.eq_ignore_ascii_case("id")).cloned();
    let id = key.and_then(|key| fields.shift_remove(&key));
    let text = id.as_ref().and_then(Value::as_str).unwrap_or_default();
    let id = ids::canonical(text);
    match id {
        Some(id) => Ok((id, Value::Object(fields))),
        None if text.is_empty() => {
            Err(Fault::bad("MISSING_ARGUMENT", "Id not specified in an update call").of_fields(["Id"]))
        }
        None => Err(Fault::bad("MALFORMED_ID", format!("malformed id {text}")).of_fields(["Id"])),
    }
}

fn create(ctx: &mut Ctx<'_>, record: &Value) -> Result<(String, Option<bool>), Fault> {
    Ok((write::create(ctx, object_of(ctx, record)?, record)?, None))
}

fn update(ctx: &mut Ctx<'_>, record: &Value) -> Result<(String, Option<bool>), Fault> {
    let object = object_of(ctx, record)?;
    let (id, fields) = taken_apart(record)?;
    there(ctx, object, &id)?;
    write::update(ctx, object, &id, &fields)?;
    Ok((id, None))
}

fn upsert(
    ctx: &mut Ctx<'_>,
    object: &'static Object,
    field: &str,
    record: &Value,
) -> Result<(String, Option<bool>), Fault> {
    if field.eq_ignore_ascii_case("id") {
        return match taken_apart(record) {
            Err(fault) if fault.code == "MISSING_ARGUMENT" => {
                Ok((write::create(ctx, object, record)?, Some(true)))
            }
            _ => update(ctx, record).map(|(id, _)| (id, Some(false))),
        };
    }
    let field = sobjects::external_id(object, field)?;
    let Some(value) = record[&field.name].as_str().map(str::to_owned) else {
        let message = format!("{} not specified", field.name);
        return Err(Fault::bad("MISSING_ARGUMENT", message).of_fields([&field.name]));
    };
    let (id, made) = sobjects::upsert(ctx, object, field, &value, record)?;
    Ok((id, Some(made)))
}

fn delete(ctx: &mut Ctx<'_>, id: &Value) -> Result<(String, Option<bool>), Fault> {
    let text = id.as_str().unwrap_or_default();
    let id =
        ids::canonical(text).ok_or_else(|| Fault::bad("MALFORMED_ID", format!("malformed id {text}")))?;
    let object = SCHEMA
        .object_of_id(&id)
        .filter(|object| ctx.sight.has(object))
        .ok_or_else(|| Fault::bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))?;
    there(ctx, object, &id)?;
    sobjects::delete(ctx, object, &id)?;
    Ok((id, None))
}

/// In a collection a missing record is no missing resource.
fn there(ctx: &Ctx<'_>, object: &Object, id: &str) -> Result<(), Fault> {
    sobjects::existing(ctx, object, id).map_err(|fault| match fault.code {
        "NOT_FOUND" => Fault::bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        _ => fault,
    })
}

/// Records in the order of their ids, null where there is none.
fn retrieve(ctx: &Ctx<'_>, object: &str, ids: Vec<String>, fields: &[String]) -> Result<Reply, Fault> {
    let object = ctx.sight.object(object).ok_or_else(Fault::not_found)?;
    if ids.len() > MOST_READ {
        return Err(Fault::bad(
            "EXCEEDED_ID_LIMIT",
            "record limit reached. cannot retrieve more than 2000 records",
        ));
    }
    let fields = fields.join(",");
    let mut records = Vec::new();
    for id in ids {
        let id =
            ids::canonical(&id).ok_or_else(|| Fault::bad("MALFORMED_ID", format!("malformed id {id}")))?;
        records.push(match sobjects::read(ctx, object, &id, Some(&fields)) {
            Ok(record) => record,
            Err(fault) if fault.code == "NOT_FOUND" => Value::Null,
            Err(fault) => return Err(fault),
        });
    }
    Ok(Reply::data("Records", Value::Array(records)))
}
