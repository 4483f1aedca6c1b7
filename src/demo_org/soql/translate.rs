//! From the tree to SQL: names are resolved against the schema, relationships become joins, values become
//! parameters, and a [`Plan`] remembers how a row becomes a record again.

use rusqlite::types::Value as Sql;

use super::Mistake;
use super::ast::{Condition, Item, Literal, Name, Operand, Operator, Order, Path, Query, Search, Term};
use super::filter;
use super::functions;
use crate::demo_org::clock::Day;
use crate::demo_org::schema::{Child, Field, Kind, Object, SCHEMA};

/// Relationships that a path may go up.
const PARENT_LEVELS: usize = 5;

/// The largest OFFSET (rest.md §3).
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

/// Translates a query; `deleted` also finds what lies in the recycle bin.
pub(in crate::demo_org) fn translate(query: &Query, deleted: bool, today: Day) -> Result<Plan, Mistake> {
    let object = object_named(&query.from)?;
    let mut translator =
        Translator { params: Vec::new(), aliases: 0, deleted: deleted || query.all_rows, today };
    translator.plan(query, object, None)
}

/// The plan that reads one record by its id: all fields, or the ones named (paths to parents too).
pub(in crate::demo_org) fn by_id(
    object: &'static Object,
    fields: Option<&[&str]>,
    id: &str,
) -> Result<Plan, Mistake> {
    let name = |text: &str| Name { text: text.to_owned(), at: 0 };
    let item = |path: &str| {
        let names = path.split('.').map(name).collect();
        Item::Term { term: Term::Field(Path { names }), alias: None }
    };
    let all = || object.fields.iter().map(|field| item(&field.name)).collect();
    let select = fields.map_or_else(all, |fields| {
        // The API gives the id along with the fields asked for.
        let id = fields.iter().all(|field| !field.eq_ignore_ascii_case("Id")).then_some("Id");
        fields.iter().copied().chain(id).map(item).collect()
    });
    let text = Literal::Text { text: id.to_owned(), pattern: String::new() };
    let filter = Condition::Compare {
        term: Term::Field(Path { names: vec![name("Id")] }),
        operator: Operator::Equal,
        operand: Operand::One(text, 0),
    };
    let query = Query {
        select,
        from: name(&object.name),
        alias: None,
        filter: Some(filter),
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: None,
        offset: None,
        all_rows: false,
    };
    translate(&query, false, Day(0))
}

/// The queries of a search and the limit over all of them.
pub(in crate::demo_org) struct SearchPlans {
    pub(in crate::demo_org) queries: Vec<Plan>,
    pub(in crate::demo_org) limit: Option<u64>,
}

/// Translates a search: each object's query with the condition of FIND added.
pub(in crate::demo_org) fn search_plans(search: &Search, today: Day) -> Result<SearchPlans, Mistake> {
    let mut queries = Vec::new();
    for query in &search.returning {
        let own = query.filter.clone();
        let filter = own.into_iter().chain([search.find.clone()]).collect();
        let query = Query { filter: Some(Condition::All(filter)), ..query.clone() };
        queries.push(translate(&query, false, today)?);
    }
    Ok(SearchPlans { queries, limit: search.limit })
}

/// What stays the same over all parts of one SQL statement.
pub(super) struct Translator {
    pub(super) params: Vec<Sql>,
    aliases: usize,
    deleted: bool,
    pub(super) today: Day,
}

/// The object that names are looked up in, with the joins that they needed so far.
pub(super) struct Scope {
    pub(super) object: &'static Object,
    pub(super) alias: String,
    soql_alias: Option<String>,
    joins: Vec<Join>,
    columns: Vec<String>,
    pub(super) aggregates: bool,
}

struct Join {
    /// The path that led here, in lower case.
    key: String,
    alias: String,
    sql: String,
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
        let order = self.order(&mut scope, &query.order)?;
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

    fn alias(&mut self) -> String {
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
        let object = object_named(&query.from)?;
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
        if !self.deleted {
            all.push(format!(r#"{}."IsDeleted" = 0"#, scope.alias));
        }
        if let Some(condition) = &query.filter {
            all.push(filter::condition(self, scope, condition, false)?);
        }
        Ok(all)
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
        let found = parent.children.iter().find(|child| {
            child.relationship.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&query.from.text))
        });
        let child = found.ok_or_else(|| {
            let message = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
                query.from.text
            );
            Mistake::new("INVALID_TYPE", query.from.at, message)
        })?;
        let object = SCHEMA.object(&child.object).ok_or_else(|| unsupported_type(&query.from))?;
        let mut inner =
            Translator { params: vec![Sql::Null], aliases: 0, deleted: self.deleted, today: self.today };
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
            let target = object_named(object)?;
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
            let groupable = !expr.aggregate && !expr.field.is_some_and(|field| !is_groupable(field));
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

    fn order(&mut self, scope: &mut Scope, order: &[Order]) -> Result<Vec<String>, Mistake> {
        let mut all = Vec::new();
        for one in order {
            let expr = self.term(scope, &one.term)?;
            if let Some(field) = expr.field
                && !is_sortable(field)
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

    fn field(&mut self, scope: &mut Scope, path: &Path) -> Result<Expr, Mistake> {
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
    fn walk(
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
            let target = SCHEMA.object(target).ok_or_else(|| unsupported_type(step))?;
            key = format!("{key}.{}", step.text.to_ascii_lowercase());
            trail.push((name, lookup_sql.clone(), Some(target)));
            alias = self.join(scope, key.clone(), &lookup_sql, target);
            object = target;
            rest = more;
        }
        Err(Mistake::malformed(0, "a field is missing"))
    }

    fn join(&mut self, scope: &mut Scope, key: String, lookup: &str, target: &Object) -> String {
        if let Some(join) = scope.joins.iter().find(|join| join.key == key) {
            return join.alias.clone();
        }
        let alias = self.alias();
        let sql = format!(r#" LEFT JOIN "{}" {alias} ON {alias}."Id" = {lookup}"#, target.name);
        scope.joins.push(Join { key, alias: alias.clone(), sql });
        alias
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

fn own_field(alias: &str, field: &'static Field) -> Expr {
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

fn address(scope: &mut Scope, alias: &str, field: &Field, name: String) -> Out {
    let part = |part: &str| format!(r#"{alias}."{}""#, field.address_part(part));
    let columns = ADDRESS_PARTS.iter().map(|(own, _)| scope.column(part(own))).collect();
    Out::Address { name, columns }
}

/// A field of a parent that may be of several types: `What.Name`.
fn any_parent(lookup_sql: &str, lookup: &Field, names: &[Name]) -> Result<Expr, Mistake> {
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

/// Long text cannot be filtered, sorted or grouped.
pub(in crate::demo_org) fn is_filterable(field: &Field) -> bool {
    field.kind != Kind::Address && field.length <= 4000
}

/// As describe says it.
pub(in crate::demo_org) fn is_sortable(field: &Field) -> bool {
    is_filterable(field) && field.kind != Kind::Multipicklist
}

/// As describe says it.
pub(in crate::demo_org) fn is_groupable(field: &Field) -> bool {
    is_sortable(field)
        && field.kind != Kind::Datetime
        && !matches!(field.kind, Kind::Double | Kind::Currency | Kind::Percent)
}

fn object_named(name: &Name) -> Result<&'static Object, Mistake> {
    SCHEMA.object(&name.text).ok_or_else(|| unsupported_type(name))
}

fn relationship<'a>(object: &'a Object, name: &Name) -> Option<&'a Field> {
    object.fields.iter().find(|field| field.relationship.as_deref().is_some_and(|own| name.is(own)))
}

fn relationship_of(object: &'static Object, name: &Name) -> Result<&'static Field, Mistake> {
    relationship(object, name).ok_or_else(|| no_such_relationship(name))
}

fn unsupported_type(name: &Name) -> Mistake {
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
