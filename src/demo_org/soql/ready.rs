//! Queries that nobody wrote as SOQL: one record by its id, the children of a record, the parts of a search.

use super::Mistake;
use super::ast::{Condition, Item, Literal, Name, Operand, Operator, Path, Query, Search, Term};
use super::translate::{Plan, View, translate};
use crate::demo_org::clock::Day;
use crate::demo_org::schema::{Child, Object};
use crate::demo_org::sight::Sight;

/// The plan that reads one record by its id: all fields, or the ones named (paths to parents too).
pub(in crate::demo_org) fn by_id(
    object: &'static Object,
    fields: Option<&[&str]>,
    id: &str,
) -> Result<Plan, Mistake> {
    records_where(object, fields, "Id", id)
}

/// The plan that reads the children of a record with all their fields.
pub(in crate::demo_org) fn children_of(
    object: &'static Object,
    child: &Child,
    parent: &str,
) -> Result<Plan, Mistake> {
    records_where(object, None, &child.field, parent)
}

fn records_where(
    object: &'static Object,
    fields: Option<&[&str]>,
    field: &str,
    id: &str,
) -> Result<Plan, Mistake> {
    let all = || object.fields.iter().map(|field| item(&field.name)).collect();
    let select = fields.map_or_else(all, |fields| {
        // The API gives the id along with the fields asked for.
        let id = fields.iter().all(|field| !field.eq_ignore_ascii_case("Id")).then_some("Id");
        fields.iter().copied().chain(id).map(item).collect()
    });
    let filter = Condition::Compare {
        term: Term::Field(Path { names: vec![name(field)] }),
        operator: Operator::Equal,
        operand: Operand::One(Literal::Text { text: id.to_owned(), pattern: String::new() }, 0),
    };
    let query = Query { filter: Some(filter), ..Query::plain(select, name(&object.name)) };
    translate(&query, &View { today: Day(0), user_id: String::new(), sight: Sight::whole(), deleted: false })
}

fn item(path: &str) -> Item {
    let names = path.split('.').map(name).collect();
    Item::Term { term: Term::Field(Path { names }), alias: None }
}

/// A name that stands in no text.
fn name(text: &str) -> Name {
    Name { text: text.to_owned(), at: 0 }
}

/// The queries of a search and the limit over all of them.
pub(in crate::demo_org) struct SearchPlans {
    pub(in crate::demo_org) queries: Vec<Plan>,
    pub(in crate::demo_org) limit: Option<u64>,
}

/// Translates a search: each object's query with the condition of FIND added.
pub(in crate::demo_org) fn search_plans(search: &Search, view: &View) -> Result<SearchPlans, Mistake> {
    let mut queries = Vec::new();
    for query in &search.returning {
        let own = query.filter.clone();
        let filter = own.into_iter().chain([search.find.clone()]).collect();
        let query = Query { filter: Some(Condition::All(filter)), ..query.clone() };
        queries.push(translate(&query, view)?);
    }
    Ok(SearchPlans { queries, limit: search.limit })
}
