//! Trees: records with their children, made together or not at all.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{all_or_nothing, list};
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::rest::{Ctx, write};
use crate::demo_org::schema::{Object, SCHEMA};

/// Records of one tree, children included.
const MOST: usize = 200;

/// Levels of children.
const DEEPEST: usize = 5;

/// `POST /composite/tree/X`.
pub(super) fn create(ctx: &mut Ctx<'_>, call: &Call, object: &str) -> Result<Reply, Fault> {
    let object = ctx.sight.object(object).ok_or_else(Fault::not_found)?;
    let data = call.data()?;
    let records = list(&data, "records", MOST)?;
    let mut made = Vec::new();
    let mut at = String::new();
    let work = |ctx: &mut Ctx<'_>| plant(ctx, object, records, None, 1, &mut made, &mut at);
    match all_or_nothing(ctx, work) {
        Ok(()) => {
            let results: Vec<Value> = made
                .into_iter()
                .map(|(reference, id)| json!({ "referenceId": reference, "id": id }))
                .collect();
            let body = json!({ "hasErrors": false, "results": results });
            Ok(Reply::data("SObjectTreeResponse", body).status(StatusCode::CREATED))
        }
        Err(fault) => {
            let body = json!({ "hasErrors": true, "results": [{ "referenceId": at, "errors": [fault.row_error()] }] });
            Ok(Reply::data("SObjectTreeResponse", body).status(StatusCode::BAD_REQUEST))
        }
    }
}

/// Makes records and their children; `at` says which one is being made, for the error.
fn plant(
    ctx: &mut Ctx<'_>,
    object: &'static Object,
    records: &[Value],
    parent: Option<(&str, &str)>,
    level: usize,
    made: &mut Vec<(String, String)>,
    at: &mut String,
) -> Result<(), Fault> {
    if level > DEEPEST || made.len() + records.len() > MOST {
        return Err(Fault::bad(
            "INVALID_INPUT",
            "The tree is deeper than 5 levels or has more than 200 records",
        ));
    }
    for record in records {
        *at = record["attributes"]["referenceId"].as_str().unwrap_or_default().to_owned();
        let (mut fields, children) = split(object, record);
        if let Some((lookup, id)) = parent {
            fields.insert(lookup.to_owned(), json!(id));
        }
        let id = write::create(ctx, object, &Value::Object(fields))?;
        made.push((at.clone(), id.clone()));
        for (child, lookup, records) in children {
            plant(ctx, child, records, Some((lookup, &id)), level + 1, made, at)?;
        }
    }
    Ok(())
}

type Children<'a> = Vec<(&'static Object, &'static str, &'a [Value])>;

/// The record's own fields, and its children with the lookup that leads back.
fn split<'a>(object: &'static Object, record: &'a Value) -> (Map<String, Value>, Children<'a>) {
    let (mut fields, mut children) = (Map::new(), Vec::new());
    for (name, value) in record.as_object().into_iter().flatten() {
        let child = object.children.iter().find(|child| child.relationship.as_deref() == Some(name));
        match (child, value["records"].as_array()) {
            (Some(child), Some(records)) => {
                if let Some(target) = SCHEMA.object(&child.object) {
                    children.push((target, child.field.as_str(), records.as_slice()));
                }
            }
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    (fields, children)
}
