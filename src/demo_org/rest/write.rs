//! Creating and changing records: every value is checked against the schema first.
//!
//! Source of the codes: Salesforce's partner WSDL, as jsforce ships it. Which check raises which is unconfirmed.

use http::StatusCode;
use rusqlite::types::Value as Sql;
use serde_json::{Map, Value};

use super::{Ctx, rules};
use crate::demo_org::clock::{Day, Moment};
use crate::demo_org::error::Fault;
use crate::demo_org::ids;
use crate::demo_org::schema::{Field, Kind, Object, SCHEMA};
use crate::demo_org::seed;

/// Columns and their values.
pub(super) type Record = Vec<(String, Sql)>;

/// Makes a record and returns its id.
pub(super) fn create(ctx: &mut Ctx<'_>, object: &'static Object, data: &Value) -> Result<String, Fault> {
    rules::permitted(ctx)?;
    writable(object)?;
    let fields = fields_of(data)?;
    if fields.keys().any(|name| name.eq_ignore_ascii_case("id")) {
        return Err(Fault::bad("INVALID_FIELD", "cannot specify Id in an insert call").of_fields(["Id"]));
    }
    let mut record = checked(ctx, object, fields)?;
    required(object, &record)?;
    rules::validated(object, &record)?;
    unique(ctx, object, &record, None)?;
    rules::no_duplicate(ctx, object, &record)?;
    let mut all = seed::stamped(&mut ctx.data.store, object, &ctx.session.of.user_id, Moment::now());
    let id = match &all[0].1 {
        Sql::Text(id) => id.clone(),
        _ => return Err(Fault::unexpected()),
    };
    defaults(ctx, object, &mut record);
    derived(object, &mut record);
    all.append(&mut record);
    ctx.data.store.insert(object, &all)?;
    Ok(id)
}

/// Changes fields of a record that exists.
pub(super) fn update(
    ctx: &mut Ctx<'_>,
    object: &'static Object,
    id: &str,
    data: &Value,
) -> Result<(), Fault> {
    rules::permitted(ctx)?;
    let fields = fields_of(data)?;
    if !rules::administered(ctx, object, fields) {
        writable(object)?;
    }
    if fields.keys().any(|name| name.eq_ignore_ascii_case("id")) {
        let message = "The Id field should not be specified in the sobject data.";
        return Err(Fault::bad("INVALID_FIELD", message).of_fields(["Id"]));
    }
    let mut record = checked(ctx, object, fields)?;
    let emptied: Vec<&str> = record
        .iter()
        .filter(|(name, value)| *value == Sql::Null && object.field(name).is_some_and(|field| field.required))
        .map(|(name, _)| name.as_str())
        .collect();
    if !emptied.is_empty() {
        return Err(missing(&emptied));
    }
    rules::validated(object, &record)?;
    unique(ctx, object, &record, Some(id))?;
    if object.full_name {
        // The full name needs both parts, also the one that stays.
        for part in ["FirstName", "LastName"] {
            if !record.iter().any(|(name, _)| name == part)
                && let Some(value) = ctx.data.store.field(object, id, part)?
            {
                record.push((part.to_owned(), value));
            }
        }
    }
    derived(object, &mut record);
    let now = Sql::Text(Moment::now().text());
    record.push(("LastModifiedDate".to_owned(), now.clone()));
    record.push(("LastModifiedById".to_owned(), Sql::Text(ctx.session.of.user_id.clone())));
    record.push(("SystemModstamp".to_owned(), now));
    rules::heed(ctx, object, id, &record)?;
    Ok(ctx.data.store.update(object, id, &record)?)
}

/// Refuses objects that the API may only read.
pub(super) fn writable(object: &Object) -> Result<(), Fault> {
    if object.readonly {
        let message = format!("entity type {} does not support this operation", object.name);
        return Err(Fault::bad("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message));
    }
    Ok(())
}

fn fields_of(data: &Value) -> Result<&Map<String, Value>, Fault> {
    data.as_object().ok_or_else(|| {
        let message = "The HTTP entity body is required, but this request has no entity body.";
        match data {
            Value::Array(_) => Fault::bad(
                "JSON_PARSER_ERROR",
                "Cannot deserialize instance of SObject from START_ARRAY value [line:1, column:1]",
            ),
            _ => Fault::bad("JSON_PARSER_ERROR", message),
        }
    })
}

/// Each field known, writable and of its type.
fn checked(ctx: &Ctx<'_>, object: &'static Object, fields: &Map<String, Value>) -> Result<Record, Fault> {
    let mut record = Record::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "attributes") {
        if let Some(lookup) = object.fields.iter().find(|field| field.relationship.as_deref() == Some(name)) {
            record.push((lookup.name.clone(), by_parent(ctx, lookup, value)?));
            continue;
        }
        let field = object.field(name).ok_or_else(|| {
            let message = format!("No such column '{name}' on sobject of type {}", object.name);
            Fault::bad("INVALID_FIELD", message)
        })?;
        if field.system {
            let message = format!(
                "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
                field.name
            );
            return Err(Fault::bad("INVALID_FIELD_FOR_INSERT_UPDATE", message).of_fields([&field.name]));
        }
        let value = typed(field, value)?;
        if let (Sql::Text(id), Kind::Reference) = (&value, field.kind) {
            reachable(ctx, field, id)?;
        }
        record.push((field.name.clone(), value));
    }
    Ok(record)
}

/// `"Account": {"ERP_Id__c": "ERP-000001"}`: the parent named by its external id.
fn by_parent(ctx: &Ctx<'_>, lookup: &Field, value: &Value) -> Result<Sql, Fault> {
    let not_found = |field: &str, value: &str| {
        let message = format!(
            "Foreign key external ID: {value} not found for field {field} in entity {}",
            lookup.to[0]
        );
        Fault::bad("INVALID_FIELD", message)
    };
    let Some((name, value)) =
        value.as_object().and_then(|fields| fields.iter().find(|(name, _)| *name != "attributes"))
    else {
        return Ok(Sql::Null);
    };
    let text = value.as_str().unwrap_or_default();
    let target = SCHEMA.object(&lookup.to[0]).ok_or_else(Fault::unexpected)?;
    let field = target.field(name).filter(|field| field.external_id).ok_or_else(|| not_found(name, text))?;
    let found = ctx.data.store.ids_with(target, &field.name, &Sql::Text(text.to_owned()))?;
    found.into_iter().next().map(Sql::Text).ok_or_else(|| not_found(name, text))
}

/// The value in the form in which it is stored.
fn typed(field: &Field, value: &Value) -> Result<Sql, Fault> {
    let text = match value {
        Value::Null if field.kind == Kind::Boolean => return Err(wrong_type(field, value)),
        Value::Null => return Ok(Sql::Null),
        Value::String(text) if text.is_empty() => return Ok(Sql::Null),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => return Err(wrong_type(field, value)),
    };
    let wrong = || wrong_type(field, value);
    Ok(match field.kind {
        Kind::Boolean => match text.as_str() {
            "true" => Sql::Integer(1),
            "false" => Sql::Integer(0),
            _ => return Err(wrong()),
        },
        Kind::Int => Sql::Integer(text.parse().map_err(|_| wrong())?),
        Kind::Double | Kind::Currency | Kind::Percent => Sql::Real(number(field, &text).ok_or_else(wrong)??),
        Kind::Date => {
            let day = text.get(..10).and_then(Day::parse).ok_or_else(wrong)?;
            Sql::Text(day.text())
        }
        Kind::Datetime => Sql::Text(Moment::parse(&text).ok_or_else(wrong)?.text()),
        Kind::Reference | Kind::Id => {
            Sql::Text(ids::canonical(&text).ok_or_else(|| malformed_id(field, &text))?)
        }
        Kind::Address => return Err(wrong()),
        _ => Sql::Text(plain_text(field, text)?),
    })
}

fn number(field: &Field, text: &str) -> Option<Result<f64, Fault>> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    let digits = field.precision.saturating_sub(field.scale);
    if field.precision > 0 && number.abs() >= 10_f64.powi(digits as i32) {
        let message = format!("{}: value outside of valid range on numeric field: {text}", field.label);
        return Some(Err(Fault::bad("NUMBER_OUTSIDE_VALID_RANGE", message).of_fields([&field.name])));
    }
    Some(Ok(number))
}

fn plain_text(field: &Field, text: String) -> Result<String, Fault> {
    if text.chars().count() > field.length {
        let message = format!("{}: data value too large: {text} (max length={})", field.label, field.length);
        return Err(Fault::bad("STRING_TOO_LONG", message).of_fields([&field.name]));
    }
    if field.kind == Kind::Email && !is_email(&text) {
        let message = format!("{}: invalid email address: {text}", field.label);
        return Err(Fault::bad("INVALID_EMAIL_ADDRESS", message).of_fields([&field.name]));
    }
    if field.restricted && !field.values.contains(&text) {
        let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
        return Err(Fault::bad("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message).of_fields([&field.name]));
    }
    Ok(text)
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains('@') && !text.contains(char::is_whitespace)
    })
}

fn wrong_type(field: &Field, value: &Value) -> Fault {
    let (token, shown) = match value {
        Value::Null => ("VALUE_NULL", "null".to_owned()),
        Value::Bool(value) => (if *value { "VALUE_TRUE" } else { "VALUE_FALSE" }, value.to_string()),
        Value::Number(number) => ("VALUE_NUMBER", number.to_string()),
        Value::String(text) => ("VALUE_STRING", text.clone()),
        Value::Array(_) => ("START_ARRAY", "[".to_owned()),
        Value::Object(_) => ("START_OBJECT", "{".to_owned()),
    };
    let message = format!(
        "Cannot deserialize instance of {} from {token} value {shown} or request may be missing a required field at [line:1, column:2]",
        field.kind.name()
    );
    Fault::bad("JSON_PARSER_ERROR", message).of_fields([&field.name])
}

fn malformed_id(field: &Field, text: &str) -> Fault {
    let message = format!("{}: id value of incorrect type: {text}", field.label);
    Fault::bad("MALFORMED_ID", message).of_fields([&field.name])
}

/// The parent is of a type that the lookup takes, and there.
fn reachable(ctx: &Ctx<'_>, field: &Field, id: &str) -> Result<(), Fault> {
    let target = SCHEMA.object_of_id(id).filter(|object| field.to.contains(&object.name));
    let target = target.ok_or_else(|| malformed_id(field, id))?;
    match ctx.data.store.deleted(target, id)? {
        Some(false) => Ok(()),
        Some(true) => Err(Fault::bad("ENTITY_IS_DELETED", "entity is deleted").of_fields([&field.name])),
        None => {
            Err(Fault::bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
                .of_fields([&field.name]))
        }
    }
}

fn required(object: &Object, record: &Record) -> Result<(), Fault> {
    let given = |field: &Field| record.iter().any(|(name, value)| *name == field.name && *value != Sql::Null);
    let missed: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| field.required && !field.system && !given(field))
        .map(|field| field.name.as_str())
        .collect();
    if missed.is_empty() { Ok(()) } else { Err(missing(&missed)) }
}

fn missing(fields: &[&str]) -> Fault {
    let message = format!("Required fields are missing: [{}]", fields.join(", "));
    Fault::bad("REQUIRED_FIELD_MISSING", message).of_fields(fields.iter().copied())
}

fn unique(ctx: &Ctx<'_>, object: &Object, record: &Record, own: Option<&str>) -> Result<(), Fault> {
    for (name, value) in record.iter().filter(|(_, value)| *value != Sql::Null) {
        if !object.field(name).is_some_and(|field| field.unique) {
            continue;
        }
        let others = ctx.data.store.ids_with(object, name, value)?;
        if let Some(other) = others.iter().find(|id| Some(id.as_str()) != own) {
            let message =
                format!("duplicate value found: {name} duplicates value on record with id: {}", &other[..15]);
            return Err(Fault::new(StatusCode::BAD_REQUEST, "DUPLICATE_VALUE", message));
        }
    }
    Ok(())
}

/// What the org fills in when it makes a record.
fn defaults(ctx: &Ctx<'_>, object: &Object, record: &mut Record) {
    let made = ctx.data.store.count_made(object);
    for field in &object.fields {
        if record.iter().any(|(name, value)| *name == field.name && *value != Sql::Null) {
            continue;
        }
        let value = match (&field.default, &field.auto_number) {
            (Some(toml::Value::String(text)), _) => Sql::Text(text.clone()),
            (Some(toml::Value::Boolean(value)), _) => Sql::Integer(i64::from(*value)),
            (_, Some(pattern)) => Sql::Text(numbered(pattern, made)),
            _ if field.name == "OwnerId" => Sql::Text(ctx.session.of.user_id.clone()),
            _ => continue,
        };
        record.retain(|(name, _)| *name != field.name);
        record.push((field.name.clone(), value));
    }
}

/// `INV-00000` and 17 make `INV-00017`; digits in the pattern are the number before the first.
fn numbered(pattern: &str, number: u64) -> String {
    let digits = pattern.len() - pattern.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (letters, start) = pattern.split_at(pattern.len() - digits);
    format!("{letters}{:0digits$}", start.parse::<u64>().unwrap_or_default() + number)
}

/// Fields that follow from others.
fn derived(object: &Object, record: &mut Record) {
    let text = |record: &Record, field: &str| {
        record.iter().find(|(name, _)| name == field).and_then(|(_, value)| match value {
            Sql::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    if object.full_name {
        let parts = ["FirstName", "LastName"].map(|part| text(record, part));
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        record.push(("Name".to_owned(), Sql::Text(name)));
    }
    let flag = |value: bool| Sql::Integer(i64::from(value));
    match object.name.as_str() {
        "Opportunity" => {
            if let Some(stage) = text(record, "StageName") {
                record.push(("IsClosed".to_owned(), flag(stage.starts_with("Closed"))));
                record.push(("IsWon".to_owned(), flag(stage == "Closed Won")));
            }
        }
        "Case" | "Task" => {
            if let Some(status) = text(record, "Status") {
                record.push(("IsClosed".to_owned(), flag(matches!(status.as_str(), "Closed" | "Completed"))));
            }
        }
        "Lead" => {
            if let Some(status) = text(record, "Status") {
                record.push(("IsConverted".to_owned(), flag(status == "Closed - Converted")));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_numbers_count_on() {
        assert_eq!(numbered("INV-00000", 17), "INV-00017");
        assert_eq!(numbered("00001000", 301), "00001301");
    }

    #[test]
    fn addresses_of_mail() {
        assert!(
            is_email("ada@nordlicht.example")
                && !is_email("ada@host")
                && !is_email("a b@c.d")
                && !is_email("@c.d")
        );
    }
}
