//! Names and paths: `Account.Owner.Name` becomes joins and a column; `What.Name`, whose parent may be of several
//! types, becomes subqueries.

use super::Mistake;
use super::ast::{Name, Path};
use super::translate::{Expr, Join, Scope, Translator};
use crate::demo_org::schema::{Field, Kind, Object, SCHEMA};
use crate::demo_org::sight::Sight;

/// Relationships that a path may go up.
const PARENT_LEVELS: usize = 5;

impl Translator {
    pub(super) fn field(&mut self, scope: &mut Scope, path: &Path) -> Result<Expr, Mistake> {
        let mut names = path.names.as_slice();
        let first = names.first().ok_or_else(|| Mistake::malformed(path.at(), "a field is missing"))?;
        let is_alias = scope.soql_alias.as_deref().is_some_and(|alias| first.is(alias));
        if names.len() > 1
            && (is_alias || (first.is(&scope.object.name) && relationship(scope.object, first).is_none()))
        {
            names = &names[1..];
        }
        if names.len() > PARENT_LEVELS + 1 {
            let message = "SOQL statements cannot query parent relationships more than 5 levels away";
            return Err(Mistake::malformed(path.at(), message));
        }
        let alias = scope.alias.clone();
        self.walk(scope, scope.object, &alias, "", names)
    }

    /// Follows relationships up to a field, joining what is on the way.
    pub(super) fn walk(
        &mut self,
        scope: &mut Scope,
        mut object: &'static Object,
        root: &str,
        key: &str,
        names: &[Name],
    ) -> Result<Expr, Mistake> {
        let (mut alias, mut key) = (root.to_owned(), key.to_owned());
        let mut trail = Vec::new();
        let mut rest = names;
        while let [step, more @ ..] = rest {
            if more.is_empty() {
                let field = object.field(&step.text).ok_or_else(|| no_such_column(object, step))?;
                return Ok(Expr { trail, ..own_field(&alias, field) });
            }
            let lookup = relationship_of(object, step)?;
            let lookup_sql = format!(r#"{alias}."{}""#, lookup.name);
            let name = lookup.relationship.clone().unwrap_or_default();
            let [target] = lookup.to.as_slice() else {
                trail.push((name, lookup_sql.clone(), None));
                return Ok(Expr { trail, ..any_parent(&lookup_sql, lookup, more)? });
            };
            let target = SCHEMA.object(target).filter(|target| self.view.sight.reads(target));
            let target = target.ok_or_else(|| no_such_relationship(step))?;
            key = format!("{key}.{}", step.text.to_ascii_lowercase());
            trail.push((name, lookup_sql.clone(), Some(target)));
            alias = self.join(scope, key.clone(), &lookup_sql, target);
            object = target;
            rest = more;
        }
        Err(Mistake::malformed(0, "a field is missing"))
    }

    pub(super) fn join(&mut self, scope: &mut Scope, key: String, lookup: &str, target: &Object) -> String {
        if let Some(join) = scope.joins.iter().find(|join| join.key == key) {
            return join.alias.clone();
        }
        let alias = self.alias();
        let sql = format!(r#" LEFT JOIN "{}" {alias} ON {alias}."Id" = {lookup}"#, target.name);
        scope.joins.push(Join { key, alias: alias.clone(), sql });
        alias
    }
}

pub(super) fn own_field(alias: &str, field: &'static Field) -> Expr {
    // A compound field has no column; its alias is enough to find those of its parts.
    let sql =
        if field.kind == Kind::Address { alias.to_owned() } else { format!(r#"{alias}."{}""#, field.name) };
    Expr {
        sql,
        kind: field.kind,
        name: Some(field.name.clone()),
        trail: Vec::new(),
        field: Some(field),
        aggregate: false,
    }
}

/// A field of a parent that may be of several types: `What.Name`.
pub(super) fn any_parent(lookup_sql: &str, lookup: &Field, names: &[Name]) -> Result<Expr, Mistake> {
    let [name] = names else {
        return Err(names
            .first()
            .map_or_else(|| Mistake::malformed(0, "a field is missing"), no_such_relationship));
    };
    let targets: Vec<&'static Object> = lookup.to.iter().filter_map(|target| SCHEMA.object(target)).collect();
    let expr = |sql, kind, own: &str| Expr {
        sql,
        kind,
        name: Some(own.to_owned()),
        trail: Vec::new(),
        field: None,
        aggregate: false,
    };
    if name.is("Id") {
        return Ok(expr(lookup_sql.to_owned(), Kind::Id, "Id"));
    }
    if name.is("Type") {
        let cases: String = targets
            .iter()
            .map(|object| format!(" WHEN '{}' THEN '{}'", object.prefix, object.name))
            .collect();
        return Ok(expr(format!("CASE substr({lookup_sql}, 1, 3){cases} END"), Kind::String, "Type"));
    }
    let found: Vec<(&Object, &Field)> = targets
        .iter()
        .filter_map(|object| {
            let field = if name.is("Name") { object.name_field() } else { object.field(&name.text) };
            Some((*object, field?))
        })
        .collect();
    let Some((_, first)) = found.first() else {
        let message = format!(
            "No such column '{}' on entity 'Name'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            name.text
        );
        return Err(Mistake::new("INVALID_FIELD", name.at, message));
    };
    let own = if name.is("Name") { "Name" } else { first.name.as_str() };
    let parts: Vec<String> = found
        .iter()
        .map(|(object, field)| {
            format!(r#"(SELECT "{}" FROM "{}" WHERE "Id" = {lookup_sql})"#, field.name, object.name)
        })
        .collect();
    Ok(expr(format!("COALESCE({}, NULL)", parts.join(", ")), first.kind, own))
}

/// The object of a name, if it is in sight: otherwise it might as well not be there.
pub(super) fn object_named(name: &Name, sight: &Sight) -> Result<&'static Object, Mistake> {
    sight.object(&name.text).ok_or_else(|| unsupported_type(name))
}

fn relationship<'a>(object: &'a Object, name: &Name) -> Option<&'a Field> {
    object.fields.iter().find(|field| field.relationship.as_deref().is_some_and(|own| name.is(own)))
}

pub(super) fn relationship_of(object: &'static Object, name: &Name) -> Result<&'static Field, Mistake> {
    relationship(object, name).ok_or_else(|| no_such_relationship(name))
}

pub(super) fn unsupported_type(name: &Name) -> Mistake {
    let message = format!(
        "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
        name.text
    );
    Mistake::new("INVALID_TYPE", name.at, message)
}

fn no_such_column(object: &Object, name: &Name) -> Mistake {
    let message = format!(
        "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
        name.text, object.name
    );
    Mistake::new("INVALID_FIELD", name.at, message)
}

fn no_such_relationship(name: &Name) -> Mistake {
    let message = format!(
        "Didn't understand relationship '{}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
        name.text
    );
    Mistake::new("INVALID_FIELD", name.at, message)
}
