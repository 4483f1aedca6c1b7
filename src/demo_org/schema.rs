//! The sObjects of the demo orgs, read from `assets/demo/schema.toml`.
//!
//! May know the file and the names of types. May not know HTTP, SQL or the records.

use std::sync::LazyLock;

use serde::Deserialize;

/// The schema that both orgs share.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::parse(include_str!("../../assets/demo/schema.toml")).expect("the schema is checked by a test")
});

/// All sObjects.
#[derive(Debug)]
pub(super) struct Schema {
    /// In the order of the file.
    pub(super) objects: Vec<Object>,
}

/// One sObject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Object {
    pub(super) name: String,
    #[serde(default)]
    pub(super) label: String,
    pub(super) plural: String,
    /// The first three characters of its ids.
    pub(super) prefix: String,
    /// `Name` is put together from `FirstName` and `LastName`.
    #[serde(default)]
    pub(super) full_name: bool,
    /// The API may read it only.
    #[serde(default)]
    pub(super) readonly: bool,
    /// Only for users with the permission Manage Users.
    #[serde(default)]
    pub(super) manages_users: bool,
    /// Which API has it.
    #[serde(default)]
    pub(super) api: Api,
    /// Records that share the value of this field are duplicates.
    #[serde(default)]
    pub(super) duplicates_by: Option<String>,
    /// Validation rules.
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<Rule>,
    pub(super) fields: Vec<Field>,
    /// Lookups of other objects to this one; filled in after reading.
    #[serde(skip)]
    pub(super) children: Vec<Child>,
}

/// An API that has an sObject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Api {
    #[default]
    Data,
    Tooling,
    Both,
}

/// A validation rule: a number that is not below the least one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) field: String,
    pub(super) least: f64,
    /// What the administrator wrote for whom it stops.
    pub(super) message: String,
}

/// One field of an sObject.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(default)]
    pub(super) label: String,
    #[serde(default, rename = "type")]
    pub(super) kind: Kind,
    /// In characters.
    #[serde(default)]
    pub(super) length: usize,
    #[serde(default)]
    pub(super) precision: u32,
    #[serde(default)]
    pub(super) scale: u32,
    /// A record cannot be saved without it.
    #[serde(default)]
    pub(super) required: bool,
    /// The org fills it when a record is created without it.
    #[serde(default)]
    pub(super) defaulted: bool,
    /// Only the org writes it.
    #[serde(default)]
    pub(super) system: bool,
    /// An administrator may change it by the API, although the object is read only.
    #[serde(default)]
    pub(super) administered: bool,
    #[serde(default)]
    pub(super) unique: bool,
    #[serde(default)]
    pub(super) external_id: bool,
    /// Names the record, where that is not `Name`.
    #[serde(default)]
    pub(super) name_field: bool,
    /// The sObjects a lookup may point to.
    #[serde(default)]
    pub(super) to: Vec<String>,
    /// The relationship to the parent.
    #[serde(default, rename = "as")]
    pub(super) relationship: Option<String>,
    /// The relationship from the parent back.
    #[serde(default, rename = "children")]
    pub(super) back: Option<String>,
    /// Deleting the parent deletes these too.
    #[serde(default)]
    pub(super) cascade: bool,
    /// The values of a picklist.
    #[serde(default)]
    pub(super) values: Vec<String>,
    /// No other value is taken.
    #[serde(default)]
    pub(super) restricted: bool,
    #[serde(default)]
    pub(super) default: Option<toml::Value>,
    /// The pattern of an auto number: letters, then zeros to count in.
    #[serde(default)]
    pub(super) auto_number: Option<String>,
    /// The help text beside the field.
    #[serde(default)]
    pub(super) help: Option<String>,
}

/// The types of fields, as describe names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Id,
    #[default]
    String,
    Textarea,
    Picklist,
    Multipicklist,
    Combobox,
    Boolean,
    Int,
    Double,
    Currency,
    Percent,
    Date,
    Datetime,
    Email,
    Phone,
    Url,
    Reference,
    Address,
}

/// A lookup seen from its parent.
#[derive(Clone, Debug)]
pub(super) struct Child {
    /// The object that has the lookup.
    pub(super) object: String,
    /// The lookup field.
    pub(super) field: String,
    /// Its name in child subqueries.
    pub(super) relationship: Option<String>,
    /// Deleted with the parent.
    pub(super) cascade: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    system: System,
    object: Vec<Object>,
}

#[derive(Deserialize)]
struct System {
    first: Vec<Field>,
    last: Vec<Field>,
}

impl Schema {
    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let File { system, mut object } = toml::from_str(text)?;
        for one in &mut object {
            let own = std::mem::take(&mut one.fields);
            one.fields = system.first.iter().cloned().chain(own).chain(system.last.iter().cloned()).collect();
            one.complete();
        }
        let mut schema = Self { objects: object };
        schema.link_children();
        Ok(schema)
    }

    fn link_children(&mut self) {
        let mut found: Vec<(String, Child)> = Vec::new();
        for object in &self.objects {
            for field in &object.fields {
                let child = Child {
                    object: object.name.clone(),
                    field: field.name.clone(),
                    relationship: field.back.clone(),
                    cascade: field.cascade,
                };
                found.extend(field.to.iter().map(|parent| (parent.clone(), child.clone())));
            }
        }
        for (parent, child) in found {
            if let Some(object) = self.objects.iter_mut().find(|object| object.name == parent) {
                object.children.push(child);
            }
        }
    }

    /// The object of that API name, whatever its case.
    pub(super) fn object(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.name.eq_ignore_ascii_case(name))
    }

    /// The object whose ids begin like this one.
    pub(super) fn object_of_id(&self, id: &str) -> Option<&Object> {
        let prefix = id.get(..3)?;
        self.objects.iter().find(|object| object.prefix == prefix)
    }
}

impl Object {
    /// Fills in what the file may leave out.
    fn complete(&mut self) {
        if self.label.is_empty() {
            self.label.clone_from(&self.name);
        }
        for field in &mut self.fields {
            if field.label.is_empty() {
                field.label =
                    if field.kind == Kind::Id { format!("{} ID", self.label) } else { field.name.clone() };
            }
            if !field.to.is_empty() {
                field.kind = Kind::Reference;
            }
            if matches!(field.kind, Kind::Id | Kind::Reference) {
                field.length = 18;
            }
            if field.kind.is_text() && field.length == 0 {
                field.length = 255;
            }
            field.system |= field.kind == Kind::Address;
        }
    }

    /// The field of that API name, whatever its case.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field that names a record.
    pub(super) fn name_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.name_field).or_else(|| self.field("Name"))
    }

    /// Fields that have a column of their own in the store.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.kind != Kind::Address)
    }

    /// An object that an administrator made.
    pub(super) fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }
}

impl Field {
    /// A field that an administrator made.
    pub(super) fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Long text cannot be filtered.
    pub(super) fn is_filterable(&self) -> bool {
        self.kind != Kind::Address && self.length <= 4000
    }

    pub(super) fn is_sortable(&self) -> bool {
        self.is_filterable() && self.kind != Kind::Multipicklist
    }

    pub(super) fn is_groupable(&self) -> bool {
        self.is_sortable()
            && !matches!(self.kind, Kind::Datetime | Kind::Double | Kind::Currency | Kind::Percent)
    }

    /// The fields behind a compound address: `BillingAddress` has `BillingStreet`, `BillingCity`, …
    pub(super) fn address_part(&self, part: &str) -> String {
        format!("{}{part}", self.name.trim_end_matches("Address"))
    }
}

impl Kind {
    /// The name that describe gives it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Id => "id",
            Kind::String => "string",
            Kind::Textarea => "textarea",
            Kind::Picklist => "picklist",
            Kind::Multipicklist => "multipicklist",
            Kind::Combobox => "combobox",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Double => "double",
            Kind::Currency => "currency",
            Kind::Percent => "percent",
            Kind::Date => "date",
            Kind::Datetime => "datetime",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Url => "url",
            Kind::Reference => "reference",
            Kind::Address => "address",
        }
    }

    /// The name that SOAP gives it.
    pub(super) fn soap_name(self) -> &'static str {
        match self {
            Kind::Id | Kind::Reference => "tns:ID",
            Kind::Boolean => "xsd:boolean",
            Kind::Int => "xsd:int",
            Kind::Double | Kind::Currency | Kind::Percent => "xsd:double",
            Kind::Date => "xsd:date",
            Kind::Datetime => "xsd:dateTime",
            Kind::Address => "urn:address",
            _ => "xsd:string",
        }
    }

    /// Written as a JSON string without further rules on its form.
    pub(super) fn is_text(self) -> bool {
        matches!(
            self,
            Kind::String
                | Kind::Textarea
                | Kind::Picklist
                | Kind::Multipicklist
                | Kind::Combobox
                | Kind::Email
                | Kind::Phone
                | Kind::Url
        )
    }

    /// A number with or without a fraction.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Kind::Int | Kind::Double | Kind::Currency | Kind::Percent)
    }

    /// The id of a record.
    pub(super) fn is_id(self) -> bool {
        matches!(self, Kind::Id | Kind::Reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_point_to_objects_that_exist() {
        for object in &SCHEMA.objects {
            for field in &object.fields {
                for target in &field.to {
                    assert!(SCHEMA.object(target).is_some(), "{}.{} → {target}", object.name, field.name);
                }
                assert_eq!(field.relationship.is_some(), !field.to.is_empty(), "{}", field.name);
            }
        }
    }

    #[test]
    fn parents_know_their_children() {
        let account = SCHEMA.object("account").unwrap();
        let contacts =
            account.children.iter().find(|child| child.relationship.as_deref() == Some("Contacts"));
        assert_eq!(contacts.unwrap().field, "AccountId");
    }

    #[test]
    fn names_and_prefixes_are_unique() {
        for (place, object) in SCHEMA.objects.iter().enumerate() {
            for other in &SCHEMA.objects[..place] {
                assert_ne!(object.prefix, other.prefix);
                assert!(!object.name.eq_ignore_ascii_case(&other.name));
            }
            for (at, field) in object.fields.iter().enumerate() {
                let twin =
                    object.fields[..at].iter().find(|other| other.name.eq_ignore_ascii_case(&field.name));
                assert!(twin.is_none(), "{}.{} twice", object.name, field.name);
            }
        }
    }
}
