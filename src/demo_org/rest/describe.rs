//! Describe: all sObjects, one sObject, its fields, all from the schema.

use serde_json::{Map, Value, json};

use super::Ctx;
use crate::demo_org::call::Reply;
use crate::demo_org::schema::{Child, Field, Kind, Object};

/// `/sobjects`.
pub(super) fn global(ctx: &Ctx<'_>) -> Reply {
    let objects: Vec<Value> = ctx.sight.objects().map(|object| Value::Object(outline(ctx, object))).collect();
    Reply::data("DescribeGlobal", json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects }))
}

/// `/sobjects/X/describe`.
pub(super) fn describe(ctx: &Ctx<'_>, object: &'static Object) -> Reply {
    let mut all = outline(ctx, object);
    let children: Vec<Value> = object.children.iter().map(child).collect();
    let fields: Vec<Value> = object.fields.iter().map(|one| field(object, one)).collect();
    let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
    put("actionOverrides", json!([]));
    put("childRelationships", Value::Array(children));
    put("compactLayoutable", json!(!object.readonly));
    put("fields", Value::Array(fields));
    put("listviewable", Value::Null);
    put("lookupLayoutable", Value::Null);
    put("namedLayoutInfos", json!([]));
    put("networkScopeFieldName", Value::Null);
    put("recordTypeInfos", json!([master_record_type(ctx, object)]));
    put("sobjectDescribeOption", json!("FULL"));
    put(
        "supportedScopes",
        json!([
            { "label": format!("All {}", object.plural), "name": "everything" },
            { "label": format!("My {}", object.plural), "name": "mine" },
        ]),
    );
    Reply::data("DescribeSObject", Value::Object(all))
}

/// What describe global says of an object.
pub(super) fn outline(ctx: &Ctx<'_>, object: &Object) -> Map<String, Value> {
    let writes = !object.readonly;
    let path = ctx.url(&format!("sobjects/{}", object.name));
    let value = json!({
        "activateable": false,
        "associateEntityType": null,
        "associateParentEntity": null,
        "createable": writes,
        "custom": object.custom(),
        "customSetting": false,
        "deepCloneable": false,
        "deletable": writes,
        "deprecatedAndHidden": false,
        "feedEnabled": writes,
        "hasSubtypes": false,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.plural,
        "layoutable": writes,
        "mergeable": matches!(object.name.as_str(), "Account" | "Contact" | "Lead"),
        "mruEnabled": writes,
        "name": object.name,
        "queryable": true,
        "replicateable": true,
        "retrieveable": true,
        "searchable": writes,
        "triggerable": writes,
        "undeletable": writes,
        "updateable": writes,
        "urls": {
            "sobject": path,
            "describe": format!("{path}/describe"),
            "rowTemplate": format!("{path}/{{ID}}"),
        },
    });
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn child(child: &Child) -> Value {
    json!({
        "cascadeDelete": child.cascade,
        "childSObject": child.object,
        "deprecatedAndHidden": false,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.relationship,
        "restrictedDelete": false,
    })
}

/// The record type that every object has.
fn master_record_type(ctx: &Ctx<'_>, object: &Object) -> Value {
    let id = "012000000000000AAA";
    let layout = ctx.url(&format!("sobjects/{}/describe/layouts/{id}", object.name));
    json!({
        "active": true,
        "available": true,
        "defaultRecordTypeMapping": true,
        "developerName": "Master",
        "master": true,
        "name": "Master",
        "recordTypeId": id,
        "urls": { "layout": layout },
    })
}

/// Attributes that are the same for every field of these orgs.
const NEVER: [&str; 14] = [
    "aiPredictionField",
    "calculated",
    "caseSensitive",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "queryByDistance",
    "restrictedDelete",
    "searchPrefilterable",
    "writeRequiresMasterRead",
];

/// Attributes that no field of these orgs has.
const NOTHING: [&str; 8] = [
    "calculatedFormula",
    "controllerName",
    "defaultValueFormula",
    "filteredLookupInfo",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
];

fn field(object: &Object, field: &Field) -> Value {
    let mut all: Map<String, Value> = own_attributes(object, field);
    all.extend(NEVER.map(|name| (name.to_owned(), Value::Bool(false))));
    all.extend(NOTHING.map(|name| (name.to_owned(), Value::Null)));
    all.sort_keys();
    Value::Object(all)
}

fn own_attributes(object: &Object, field: &Field) -> Map<String, Value> {
    let writes = !object.readonly && !field.system;
    let is_name = object.name_field().is_some_and(|name| name.name == field.name);
    let long = field.length > 255;
    [
        ("aggregatable", json!(field.is_sortable() && field.kind != Kind::Boolean)),
        ("autoNumber", json!(field.auto_number.is_some())),
        ("byteLength", json!(field.length * 3)),
        ("cascadeDelete", json!(field.cascade)),
        ("compoundFieldName", compound_of(object, field)),
        ("createable", json!(writes)),
        ("custom", json!(field.custom())),
        ("defaultValue", default_value(field)),
        ("defaultedOnCreate", json!(field.system || field.defaulted || field.default.is_some())),
        ("digits", json!(if field.kind == Kind::Int { field.precision } else { 0 })),
        ("externalId", json!(field.external_id)),
        ("extraTypeInfo", if long { json!("plaintextarea") } else { Value::Null }),
        ("filterable", json!(field.is_filterable())),
        ("groupable", json!(field.is_groupable())),
        ("idLookup", json!(field.kind == Kind::Id || field.external_id)),
        ("inlineHelpText", json!(field.help)),
        ("label", json!(field.label)),
        ("length", json!(field.length)),
        ("name", json!(field.name)),
        ("nameField", json!(is_name)),
        ("namePointing", json!(field.to.len() > 1)),
        ("nillable", json!(!field.required && field.kind != Kind::Boolean)),
        ("permissionable", json!(!field.required && !field.system)),
        ("picklistValues", picklist(field)),
        ("polymorphicForeignKey", json!(field.to.len() > 1)),
        ("precision", json!(field.precision)),
        ("referenceTo", json!(field.to)),
        ("relationshipName", json!(field.relationship)),
        ("restrictedPicklist", json!(field.restricted)),
        ("scale", json!(field.scale)),
        ("soapType", json!(field.kind.soap_name())),
        ("sortable", json!(field.is_sortable())),
        ("type", json!(field.kind.name())),
        ("unique", json!(field.unique)),
        ("updateable", json!(writes)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// `BillingAddress` for `BillingCity`, `Name` for `LastName`.
fn compound_of(object: &Object, field: &Field) -> Value {
    if object.full_name && matches!(field.name.as_str(), "FirstName" | "LastName" | "Salutation") {
        return json!("Name");
    }
    let addresses = object.fields.iter().filter(|one| one.kind == Kind::Address);
    let found = addresses.into_iter().find(|address| {
        ["Street", "City", "State", "PostalCode", "Country"]
            .iter()
            .any(|part| address.address_part(part) == field.name)
    });
    json!(found.map(|address| &address.name))
}

fn default_value(field: &Field) -> Value {
    match (&field.default, field.kind) {
        (Some(toml::Value::Boolean(value)), _) => json!(value),
        (None, Kind::Boolean) => json!(false),
        _ => Value::Null,
    }
}

fn picklist(field: &Field) -> Value {
    let default = field.default.as_ref().and_then(toml::Value::as_str);
    field
        .values
        .iter()
        .map(|value| {
            json!({
                "active": true,
                "defaultValue": default == Some(value.as_str()),
                "label": value,
                "validFor": null,
                "value": value,
            })
        })
        .collect()
}
