//! From the tree to SQL: names are resolved against the schema, relationships become joins, values become
//! parameters, and a [`Plan`] remembers how a row becomes a record again.

use rusqlite::types::Value as Sql;

use super::Mistake;
use super::ast::{Item, Name, Path, Query, Term};
use super::filter;
use super::functions;
use super::paths::{any_parent, object_named, own_field, relationship_of, unsupported_type};
use crate::demo_org::clock::Day;
use crate::demo_org::schema::{Child, Field, Kind, Object, SCHEMA};
use crate::demo_org::sight::Sight;

/// The largest OFFSET. Unconfirmed: not read in a published source.
const LARGEST_OFFSET: u64 = 2000;

/// The largest LIMIT with `FIELDS(ALL)`.
const FIELDS_LIMIT: u64 = 200;

/// What a query gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo_org) enum Yields {
    Records,
    /// `SELECT COUNT()`: only a number.
    Count,
    /// Rows of GROUP BY or of aggregate functions.
    Aggregates,
}

/// A query ready to run.
#[derive(Debug)]
pub(in crate::demo_org) struct Plan {
    pub(in crate::demo_org) object: &'static Object,
    pub(in crate::demo_org) yields: Yields,
    /// Without LIMIT and OFFSET, which pages need for themselves.
    pub(super) sql: String,
    pub(super) params: Vec<Sql>,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
    pub(super) shape: Vec<Out>,
}

/// One part of a record.
#[derive(Debug)]
pub(super) enum Out {
    Value {
        name: String,
        column: usize,
        kind: Kind,
    },
    /// A compound field; columns in the order of [`ADDRESS_PARTS`].
    Address {
        name: String,
        columns: Vec<usize>,
    },
    /// The parent record, null where the lookup is empty; `of` is its type unless any may come.
    Parent {
        name: String,
        id: usize,
        of: Option<&'static Object>,
        fields: Vec<Out>,
    },
    /// The rows of a subquery, whose first parameter is the record's id.
    Children {
        name: String,
        plan: Box<Plan>,
    },
    TypeOf {
        name: String,
        id: usize,
        when: Vec<(&'static Object, Vec<Out>)>,
        otherwise: Vec<Out>,
    },
}

impl Out {
    fn name(&self) -> &str {
        match self {
            Out::Value { name, .. }
            | Out::Address { name, .. }
            | Out::Parent { name, .. }
            | Out::Children { name, .. }
            | Out::TypeOf { name, .. } => name,
        }
    }
}

/// The fields behind a compound address, with their names in JSON.
pub(super) const ADDRESS_PARTS: [(&str, &str); 5] = [
    ("City", "city"),
    ("Country", "country"),
    ("PostalCode", "postalCode"),
    ("State", "state"),
    ("Street", "street"),
];

/// Who asks, when, and whether for deleted records too.
#[derive(Clone)]
pub(in crate::demo_org) struct View {
    pub(in crate::demo_org) today: Day,
    pub(in crate::demo_org) user_id: String,
    pub(in crate::demo_org) sight: Sight,
    /// Finds also what lies in the recycle bin.
    pub(in crate::demo_org) deleted: bool,
}

/// Translates a query.
pub(in crate::demo_org) fn translate(query: &Query, view: &View) -> Result<Plan, Mistake> {
    let object = object_named(&query.from, &view.sight)?;
    let mut view = view.clone();
    view.deleted |= query.all_rows;
    Translator { params: Vec::new(), aliases: 0, view }.plan(query, object, None)
}

/// What stays the same over all parts of one SQL statement.
pub(super) struct Translator {
    pub(super) params: Vec<Sql>,
    aliases: usize,
    pub(super) view: View,
}

/// The object that names are looked up in, with the joins that they needed so far.
pub(super) struct Scope {
    pub(super) object: &'static Object,
    pub(super) alias: String,
    pub(super) soql_alias: Option<String>,
    pub(super) joins: Vec<Join>,
    columns: Vec<String>,
    pub(super) aggregates: bool,
}

/// A parent that was joined.
pub(super) struct Join {
    /// The path that led here, in lower case.
    pub(super) key: String,
    pub(super) alias: String,
    pub(super) sql: String,
}

/// A field or function in SQL.
pub(super) struct Expr {
    pub(super) sql: String,
    pub(super) kind: Kind,
    /// The field's API name, or none for a function.
    pub(super) name: Option<String>,
    /// Parents on the way: name, SQL of the lookup, type.
    pub(super) trail: Vec<(String, String, Option<&'static Object>)>,
    pub(super) field: Option<&'static Field>,
    pub(super) aggregate: bool,
}

impl Expr {
    /// The result of a function.
    pub(super) fn of_function(sql: String, kind: Kind, aggregate: bool) -> Self {
        Self { sql, kind, name: None, trail: Vec::new(), field: None, aggregate }
    }
}

impl Translator {
    fn plan(
        &mut self,
        query: &Query,
        object: &'static Object,
        child: Option<&Child>,
    ) -> Result<Plan, Mistake> {
        let mut scope = self.scope(query, object);
        let yields = yields(query);
        scope.aggregates = yields == Yields::Aggregates;
        if let Some((offset, at)) = query.offset
            && offset > LARGEST_OFFSET
        {
            return Err(Mistake::new(
                "NUMBER_OUTSIDE_VALID_RANGE",
                at,
                "Maximum SOQL offset allowed is 2000",
            ));
        }
        let shape = match yields {
            Yields::Records => self.records(&mut scope, query)?,
            Yields::Count => Vec::new(),
            Yields::Aggregates => self.aggregates(&mut scope, query)?,
        };
        let mut conditions = self.conditions(&mut scope, query)?;
        if let Some(child) = child {
            conditions.push(format!(r#"{}."{}" = ?1"#, scope.alias, child.field));
        }
        let group = self.group(&mut scope, query)?;
        let order = self.order(&mut scope, query)?;
        let sql = scope.statement(&conditions, &group, &order);
        Ok(Plan {
            object,
            yields,
            sql,
            params: std::mem::take(&mut self.params),
            limit: query.limit.map(|(limit, _)| limit),
            offset: query.offset.map_or(0, |(offset, _)| offset),
            shape,
        })
    }

    fn scope(&mut self, query: &Query, object: &'static Object) -> Scope {
        Scope {
            object,
            alias: self.alias(),
            soql_alias: query.alias.as_ref().map(|name| name.text.clone()),
            joins: Vec::new(),
            columns: Vec::new(),
            aggregates: false,
        }
    }

    pub(super) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    /// A parameter, as SQL names it.
    pub(super) fn bind(&mut self, value: Sql) -> String {
        self.params.push(value);
        format!("?{}", self.params.len())
    }

    /// The rows of a semi-join: one column, nulls left out.
    pub(super) fn semi_join(&mut self, query: &Query) -> Result<String, Mistake> {
        let object = object_named(&query.from, &self.view.sight)?;
        let mut scope = self.scope(query, object);
        let [Item::Term { term: Term::Field(path), .. }] = query.select.as_slice() else {
            return Err(Mistake::malformed(query.from.at, "a semi-join selects exactly one field"));
        };
        let expr = self.field(&mut scope, path)?;
        if !expr.kind.is_id() {
            let message = format!(
                "The selected field '{}' in the Semi join sub-select query must be an ID or lookup",
                path.text()
            );
            return Err(Mistake::malformed(path.at(), message));
        }
        let mut conditions = self.conditions(&mut scope, query)?;
        conditions.push(format!("{} IS NOT NULL", expr.sql));
        scope.columns.push(expr.sql);
        let mut sql = scope.statement(&conditions, &[], &[]);
        if let Some((limit, _)) = query.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        Ok(sql)
    }

    fn conditions(&mut self, scope: &mut Scope, query: &Query) -> Result<Vec<String>, Mistake> {
        let mut all = Vec::new();
        if !self.view.deleted {
            all.push(format!(r#"{}."IsDeleted" = 0"#, scope.alias));
        }
        if let Some(wanted) = &query.using {
            all.extend(self.using(scope, wanted)?);
        }
        if let Some(condition) = &query.filter {
            all.push(filter::condition(self, scope, condition, false)?);
        }
        Ok(all)
    }

    /// `USING SCOPE mine`.
    fn using(&mut self, scope: &Scope, wanted: &Name) -> Result<Option<String>, Mistake> {
        if wanted.is("everything") {
            return Ok(None);
        }
        if wanted.is("mine") && scope.object.field("OwnerId").is_some() {
            let user = self.bind(Sql::Text(self.view.user_id.clone()));
            return Ok(Some(format!(r#"{}."OwnerId" = {user}"#, scope.alias)));
        }
        let message = format!("scope '{}' is not supported for {}", wanted.text, scope.object.name);
        Err(Mistake::new("INVALID_QUERY_SCOPE", wanted.at, message))
    }

    /// The columns of records; the first is always the id.
    fn records(&mut self, scope: &mut Scope, query: &Query) -> Result<Vec<Out>, Mistake> {
        let id = format!(r#"{}."Id""#, scope.alias);
        scope.column(id);
        let mut shape = Vec::new();
        for item in &query.select {
            match item {
                Item::Term { term, alias } => self.selected(scope, &mut shape, term, alias.as_ref())?,
                Item::Fields(which) => self.all_fields(scope, &mut shape, which, query)?,
                Item::Children(inner) => shape.push(self.children(scope.object, inner)?),
                Item::TypeOf { relationship, when, otherwise } => {
                    let out = self.type_of(scope, relationship, when, otherwise)?;
                    shape.push(out);
                }
            }
        }
        Ok(shape)
    }

    fn selected(
        &mut self,
        scope: &mut Scope,
        shape: &mut Vec<Out>,
        term: &Term,
        alias: Option<&Name>,
    ) -> Result<(), Mistake> {
        if let (Term::Field(_), Some(alias)) = (term, alias) {
            return Err(Mistake::malformed(alias.at, "only aggregate expressions use field aliasing"));
        }
        let expr = self.term(scope, term)?;
        let name = alias.map(|alias| alias.text.clone()).or_else(|| expr.name.clone());
        let name = name.unwrap_or_else(|| "expr0".to_owned());
        self.place(scope, shape, expr, name, term.at())
    }

    /// Puts a column where its parents are.
    fn place(
        &mut self,
        scope: &mut Scope,
        shape: &mut Vec<Out>,
        expr: Expr,
        name: String,
        at: usize,
    ) -> Result<(), Mistake> {
        let mut here = shape;
        for (parent, lookup, of) in &expr.trail {
            let known = here.iter().position(|out| matches!(out, Out::Parent { name, .. } if name == parent));
            let place = known.unwrap_or_else(|| {
                let id = scope.column(lookup.clone());
                here.push(Out::Parent { name: parent.clone(), id, of: *of, fields: Vec::new() });
                here.len() - 1
            });
            let Out::Parent { fields, .. } = &mut here[place] else {
                unreachable!("found or pushed as a parent")
            };
            here = fields;
        }
        if here.iter().any(|out| out.name() == name) {
            return Err(Mistake::new("INVALID_FIELD", at, format!("duplicate field selected: {name}")));
        }
        here.push(match expr.field {
            Some(field) if expr.kind == Kind::Address => address(scope, &expr.sql, field, name),
            _ => Out::Value { name, column: scope.column(expr.sql), kind: expr.kind },
        });
        Ok(())
    }

    fn all_fields(
        &mut self,
        scope: &mut Scope,
        shape: &mut Vec<Out>,
        which: &Name,
        query: &Query,
    ) -> Result<(), Mistake> {
        let wanted: fn(&Field) -> bool = match which.text.to_ascii_uppercase().as_str() {
            "ALL" => |_| true,
            "CUSTOM" => Field::custom,
            "STANDARD" => |field| !field.custom(),
            _ => return Err(Mistake::malformed(which.at, format!("unexpected token: '{}'", which.text))),
        };
        if !which.is("STANDARD") && query.limit.is_none_or(|(limit, _)| limit > FIELDS_LIMIT) {
            let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
            return Err(Mistake::malformed(which.at, message));
        }
        for field in scope.object.fields.iter().filter(|field| wanted(field)) {
            if shape.iter().any(|out| out.name() == field.name) {
                continue;
            }
            let expr = own_field(scope.alias.as_str(), field);
            self.place(scope, shape, expr, field.name.clone(), which.at)?;
        }
        Ok(())
    }

    /// A subquery runs once for each record, so its parameters are its own; the first is the record's id.
    fn children(&mut self, parent: &'static Object, query: &Query) -> Result<Out, Mistake> {
        let is_meant = |child: &&Child| child.relationship.as_deref().is_some_and(|name| query.from.is(name));
        let mut children = parent.children.iter().filter(is_meant);
        let found =
            children.find(|child| SCHEMA.object(&child.object).is_some_and(|one| self.view.sight.reads(one)));
        let child = found.ok_or_else(|| {
            let message = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
                query.from.text
            );
            Mistake::new("INVALID_TYPE", query.from.at, message)
        })?;
        let object = SCHEMA.object(&child.object).ok_or_else(|| unsupported_type(&query.from))?;
        let mut inner = Translator { params: vec![Sql::Null], aliases: 0, view: self.view.clone() };
        let plan = inner.plan(query, object, Some(child))?;
        if plan.yields != Yields::Records {
            return Err(Mistake::malformed(query.from.at, "Only root queries support aggregate expressions"));
        }
        let name = child.relationship.clone().unwrap_or_default();
        Ok(Out::Children { name, plan: Box::new(plan) })
    }

    fn type_of(
        &mut self,
        scope: &mut Scope,
        relationship: &Name,
        when: &[(Name, Vec<Path>)],
        otherwise: &[Path],
    ) -> Result<Out, Mistake> {
        let lookup = relationship_of(scope.object, relationship)?;
        let lookup_sql = format!(r#"{}."{}""#, scope.alias, lookup.name);
        let id = scope.column(lookup_sql.clone());
        let mut branches = Vec::new();
        for (object, paths) in when {
            let target = object_named(object, &self.view.sight)?;
            let key = format!("{}#{}", relationship.text.to_ascii_lowercase(), target.name);
            let alias = self.join(scope, key.clone(), &lookup_sql, target);
            let mut fields = Vec::new();
            for path in paths {
                let expr = self.walk(scope, target, &alias, &key, &path.names)?;
                let name = expr.name.clone().unwrap_or_default();
                self.place(scope, &mut fields, expr, name, path.at())?;
            }
            branches.push((target, fields));
        }
        let mut rest = Vec::new();
        for path in otherwise {
            let expr = any_parent(&lookup_sql, lookup, &path.names)?;
            let name = expr.name.clone().unwrap_or_default();
            self.place(scope, &mut rest, expr, name, path.at())?;
        }
        let name = lookup.relationship.clone().unwrap_or_default();
        Ok(Out::TypeOf { name, id, when: branches, otherwise: rest })
    }

    fn aggregates(&mut self, scope: &mut Scope, query: &Query) -> Result<Vec<Out>, Mistake> {
        let mut shape = Vec::new();
        let mut unnamed = 0;
        for item in &query.select {
            let Item::Term { term, alias } = item else {
                return Err(Mistake::malformed(query.from.at, "Only fields and functions can be aggregated"));
            };
            let expr = self.term(scope, term)?;
            if !expr.aggregate && !self.grouped(scope, query, &expr)? {
                let text = match term {
                    Term::Field(path) => path.text(),
                    Term::Call { function, .. } => function.text.clone(),
                };
                return Err(Mistake::malformed(
                    term.at(),
                    format!("Field must be grouped or aggregated: {text}"),
                ));
            }
            let given = alias.as_ref().map(|alias| alias.text.clone());
            let name = given.or_else(|| expr.name.clone().filter(|_| !expr.aggregate)).unwrap_or_else(|| {
                unnamed += 1;
                format!("expr{}", unnamed - 1)
            });
            if shape.iter().any(|out: &Out| out.name() == name) {
                return Err(Mistake::malformed(term.at(), format!("duplicate alias: {name}")));
            }
            shape.push(Out::Value { name, column: scope.column(expr.sql), kind: expr.kind });
        }
        Ok(shape)
    }

    fn grouped(&mut self, scope: &mut Scope, query: &Query, expr: &Expr) -> Result<bool, Mistake> {
        for term in &query.group {
            if self.term(scope, term)?.sql == expr.sql {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The terms of GROUP BY, and HAVING as the last one.
    fn group(&mut self, scope: &mut Scope, query: &Query) -> Result<Vec<String>, Mistake> {
        let mut all = Vec::new();
        for term in &query.group {
            let expr = self.term(scope, term)?;
            let groupable = !expr.aggregate && expr.field.is_none_or(Field::is_groupable);
            if !groupable {
                let name = expr.name.unwrap_or_default();
                let message = format!("field '{name}' can not be grouped in a query call");
                return Err(Mistake::new("INVALID_FIELD", term.at(), message));
            }
            all.push(expr.sql);
        }
        if let (Some(last), Some(condition)) = (all.last_mut(), &query.having) {
            let having = filter::condition(self, scope, condition, true)?;
            last.push_str(&format!(" HAVING {having}"));
        }
        Ok(all)
    }

    fn order(&mut self, scope: &mut Scope, query: &Query) -> Result<Vec<String>, Mistake> {
        let mut all = Vec::new();
        for one in &query.order {
            let expr = self.term(scope, &one.term)?;
            let fits = if scope.aggregates {
                expr.aggregate || self.grouped(scope, query, &expr)?
            } else {
                !expr.aggregate
            };
            if !fits {
                let message = "Ordered field must be grouped or aggregated";
                return Err(Mistake::malformed(one.term.at(), message));
            }
            if let Some(field) = expr.field
                && !field.is_sortable()
            {
                let message = format!("field '{}' can not be sorted in a query call", field.name);
                return Err(Mistake::new("INVALID_FIELD", one.term.at(), message));
            }
            let direction = if one.descending { "DESC" } else { "ASC" };
            let nulls = if one.nulls_last { "LAST" } else { "FIRST" };
            all.push(format!("{} {direction} NULLS {nulls}", expr.sql));
        }
        Ok(all)
    }

    pub(super) fn term(&mut self, scope: &mut Scope, term: &Term) -> Result<Expr, Mistake> {
        match term {
            Term::Field(path) => self.field(scope, path),
            Term::Call { function, argument } => {
                let inner = match argument {
                    Some(argument) => Some(self.term(scope, argument)?),
                    None => None,
                };
                functions::call(function, inner)
            }
        }
    }
}

impl Scope {
    /// The place of a column, added if it is new.
    fn column(&mut self, sql: String) -> usize {
        self.columns.iter().position(|known| *known == sql).unwrap_or_else(|| {
            self.columns.push(sql);
            self.columns.len() - 1
        })
    }

    fn statement(&self, conditions: &[String], group: &[String], order: &[String]) -> String {
        let columns = if self.columns.is_empty() { "1".to_owned() } else { self.columns.join(", ") };
        let mut sql = format!(r#"SELECT {columns} FROM "{}" {}"#, self.object.name, self.alias);
        sql.extend(self.joins.iter().map(|join| join.sql.as_str()));
        for (word, parts, between) in
            [(" WHERE ", conditions, " AND "), (" GROUP BY ", group, ", "), (" ORDER BY ", order, ", ")]
        {
            if !parts.is_empty() {
                sql.push_str(word);
                sql.push_str(&parts.join(between));
            }
        }
        sql
    }
}

fn yields(query: &Query) -> Yields {
    let is_count = |item: &Item| match item {
        Item::Term { term: Term::Call { function, argument: None }, .. } => function.is("COUNT"),
        _ => false,
    };
    let is_aggregate = |item: &Item| match item {
        Item::Term { term: Term::Call { function, .. }, .. } => functions::is_aggregate(function),
        _ => false,
    };
    if let [only] = query.select.as_slice()
        && is_count(only)
        && query.group.is_empty()
    {
        Yields::Count
    } else if !query.group.is_empty() || query.select.iter().any(is_aggregate) {
        Yields::Aggregates
    } else {
        Yields::Records
    }
}

fn address(scope: &mut Scope, alias: &str, field: &Field, name: String) -> Out {
    let part = |part: &str| format!(r#"{alias}."{}""#, field.address_part(part));
    let columns = ADDRESS_PARTS.iter().map(|(own, _)| scope.column(part(own))).collect();
    Out::Address { name, columns }
}
