//! What an org says to a write beyond the types of its fields: permissions, validation rules, duplicate rules, and what
//! follows from an administrator's change to a user.
//!
//! Source of the codes: Salesforce's partner WSDL, as jsforce ships it.

use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};

use super::Ctx;
use super::write::Record;
use crate::demo_org::error::Fault;
use crate::demo_org::schema::{Object, Rule};

/// Refuses users who may only read.
///
/// Source: Salesforce's partner WSDL, as jsforce ships it (the code). Its status is unconfirmed.
pub(super) fn permitted(ctx: &Ctx<'_>) -> Result<(), Fault> {
    if ctx.sight.writes() {
        return Ok(());
    }
    Err(Fault::bad("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"))
}

/// Whether these are fields of a read-only object that this user, as an administrator, may change.
pub(super) fn administered(ctx: &Ctx<'_>, object: &Object, fields: &Map<String, Value>) -> bool {
    ctx.sight.manages_users()
        && !fields.is_empty()
        && fields.keys().all(|name| object.field(name).is_some_and(|field| field.administered))
}

/// What an administrator does to users takes effect.
pub(super) fn heed(ctx: &Ctx<'_>, object: &Object, id: &str, record: &Record) -> Result<(), Fault> {
    let standings = &ctx.org.standings;
    let user_id = match object.name.as_str() {
        "User" => Some(Sql::Text(id.to_owned())),
        "UserLogin" => ctx.data.store.field(object, id, "UserId")?,
        _ => None,
    };
    let Some(Sql::Text(user_id)) = user_id else { return Ok(()) };
    for (name, value) in record {
        let is_set = *value == Sql::Integer(1);
        match name.as_str() {
            "IsActive" => standings.activate(&user_id, is_set),
            "IsFrozen" => standings.freeze(&user_id, is_set),
            "IsPasswordLocked" if is_set => {
                return Err(
                    Fault::bad("CANNOT_PASSWORD_LOCKOUT", "users can be unlocked only").of_fields([name])
                );
            }
            "IsPasswordLocked" => standings.unlock(&user_id),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses what a validation rule does not let pass, in the rule's own words.
pub(super) fn validated(object: &Object, record: &Record) -> Result<(), Fault> {
    let broken = |rule: &&Rule| {
        let value = record.iter().find(|(name, _)| *name == rule.field).map(|(_, value)| value);
        matches!(value, Some(Sql::Real(number)) if *number < rule.least)
    };
    match object.rules.iter().find(broken) {
        Some(rule) => {
            Err(Fault::bad("FIELD_CUSTOM_VALIDATION_EXCEPTION", &rule.message).of_fields([&rule.field]))
        }
        None => Ok(()),
    }
}

/// Refuses a record that a duplicate rule takes for another one, unless the caller said to save it all the same.
///
/// Source: REST API Developer Guide, Duplicate Rule Header; the shape of `duplicateResult` by the SOAP API's
/// DuplicateResult. Its fields in REST are unconfirmed.
pub(super) fn no_duplicate(ctx: &Ctx<'_>, object: &Object, record: &Record) -> Result<(), Fault> {
    let Some(by) = object.duplicates_by.as_ref().filter(|_| !ctx.allows_duplicates) else { return Ok(()) };
    let value = record.iter().find(|(name, value)| name == by && *value != Sql::Null);
    let others = value.map_or(Ok(Vec::new()), |(_, value)| ctx.data.store.ids_with(object, by, value))?;
    if others.is_empty() {
        return Ok(());
    }
    let matches: Vec<Value> = others
        .iter()
        .map(|id| {
            let url = ctx.url(&format!("sobjects/{}/{id}", object.name));
            json!({
                "matchConfidence": 100.0,
                "record": { "attributes": { "type": object.name, "url": url }, "Id": id },
            })
        })
        .collect();
    let message = "Use one of these records?";
    let result = json!({
        "allowSave": true,
        "duplicateRule": format!("{}_With_Same_{by}", object.name),
        "duplicateRuleEntityType": object.name,
        "errorMessage": message,
        "matchResults": [{ "entityType": object.name, "matchRecords": matches, "size": others.len(), "success": true }],
    });
    Err(Fault::bad("DUPLICATES_DETECTED", message).with("duplicateResult", result))
}
