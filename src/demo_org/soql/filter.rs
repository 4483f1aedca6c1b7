//! Conditions of WHERE and HAVING in SQL.
//!
//! SOQL knows true and false only: a comparison with an empty field is false, and NOT of it true. SQL's third
//! value is therefore never let through a NOT.

use rusqlite::types::Value as Sql;

use super::Mistake;
use super::ast::{Condition, Literal, Operand, Operator, Term};
use super::dates;
use super::translate::{Expr, Scope, Translator};
use crate::demo_org::clock::{Day, Moment};
use crate::demo_org::ids;
use crate::demo_org::schema::{Kind, Object};

/// A condition; `having` allows aggregate functions.
pub(super) fn condition(
    translator: &mut Translator,
    scope: &mut Scope,
    condition: &Condition,
    having: bool,
) -> Result<String, Mistake> {
    match condition {
        Condition::All(parts) => joined(translator, scope, parts, having, " AND "),
        Condition::Any(parts) => joined(translator, scope, parts, having, " OR "),
        Condition::Not(inner) => {
            Ok(format!("({}) IS NOT TRUE", self::condition(translator, scope, inner, having)?))
        }
        Condition::Compare { term, operator, operand } => {
            compare(translator, scope, term, *operator, operand, having)
        }
        Condition::Holds { pattern, scope: fields } => Ok(holds(translator, scope, pattern, fields)),
    }
}

fn joined(
    translator: &mut Translator,
    scope: &mut Scope,
    parts: &[Condition],
    having: bool,
    between: &str,
) -> Result<String, Mistake> {
    let parts: Result<Vec<String>, Mistake> =
        parts.iter().map(|part| condition(translator, scope, part, having)).collect();
    Ok(format!("({})", parts?.join(between)))
}

fn compare(
    translator: &mut Translator,
    scope: &mut Scope,
    term: &Term,
    operator: Operator,
    operand: &Operand,
    having: bool,
) -> Result<String, Mistake> {
    let expr = translator.term(scope, term)?;
    let name = expr.name.clone().unwrap_or_default();
    if expr.field.is_some_and(|field| !field.is_filterable()) {
        let message = format!("field '{name}' can not be filtered in a query call");
        return Err(Mistake::new("INVALID_FIELD", term.at(), message));
    }
    if expr.aggregate && !having {
        return Err(Mistake::malformed(
            term.at(),
            "aggregate functions are not allowed in WHERE: use HAVING",
        ));
    }
    let sides = Sides { expr: &expr, name: &name, at: term.at() };
    match (operator, operand) {
        (Operator::Includes | Operator::Excludes, Operand::Many(values)) => {
            includes(translator, &sides, operator, values)
        }
        (Operator::In | Operator::NotIn, Operand::Many(values)) => {
            one_of(translator, &sides, operator, values)
        }
        (Operator::In | Operator::NotIn, Operand::Query(query)) => {
            if !expr.kind.is_id() {
                let message =
                    format!("The left operand field '{name}' must be an ID or lookup for a semi join");
                return Err(Mistake::malformed(term.at(), message));
            }
            let rows = translator.semi_join(query)?;
            Ok(match operator {
                Operator::In => format!("{} IN ({rows})", expr.sql),
                _ => format!("({0} NOT IN ({rows}) OR {0} IS NULL)", expr.sql),
            })
        }
        (Operator::Like, Operand::One(literal, at)) => like(translator, &sides, literal, *at),
        (_, Operand::One(literal, at)) => single(translator, &sides, operator, literal, *at),
        _ => Err(sides.wrong_operator()),
    }
}

struct Sides<'a> {
    expr: &'a Expr,
    name: &'a str,
    at: usize,
}

impl Sides<'_> {
    fn wrong_operator(&self) -> Mistake {
        let message = format!("invalid operator on {} field", self.expr.kind.name());
        Mistake::new("INVALID_QUERY_FILTER_OPERATOR", self.at, message)
    }
}

/// What a literal means for a field.
enum Bound {
    Null,
    Value(Sql),
    /// From the first to before the second.
    Span(Sql, Sql),
}

fn single(
    translator: &mut Translator,
    sides: &Sides<'_>,
    operator: Operator,
    literal: &Literal,
    at: usize,
) -> Result<String, Mistake> {
    let sql = &sides.expr.sql;
    let orders = !matches!(operator, Operator::Equal | Operator::NotEqual);
    if orders && matches!(sides.expr.kind, Kind::Boolean | Kind::Multipicklist) {
        return Err(sides.wrong_operator());
    }
    Ok(match bound(sides, literal, at, translator.view.today)? {
        Bound::Null => match operator {
            Operator::Equal => format!("{sql} IS NULL"),
            Operator::NotEqual => format!("{sql} IS NOT NULL"),
            // Nothing is less or greater than nothing.
            _ => "0".to_owned(),
        },
        Bound::Value(value) => {
            let value = translator.bind(value);
            format!("{sql} {} {value}", sign(operator))
        }
        // Only what the SQL names may be bound.
        Bound::Span(first, after) => match operator {
            Operator::Less => format!("{sql} < {}", translator.bind(first)),
            Operator::LessOrEqual => format!("{sql} < {}", translator.bind(after)),
            Operator::Greater => format!("{sql} >= {}", translator.bind(after)),
            Operator::GreaterOrEqual => format!("{sql} >= {}", translator.bind(first)),
            _ => {
                let (first, after) = (translator.bind(first), translator.bind(after));
                match operator {
                    Operator::NotEqual => format!("({sql} < {first} OR {sql} >= {after} OR {sql} IS NULL)"),
                    _ => format!("({sql} >= {first} AND {sql} < {after})"),
                }
            }
        },
    })
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::NotEqual => "IS NOT",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        _ => "=",
    }
}

fn one_of(
    translator: &mut Translator,
    sides: &Sides<'_>,
    operator: Operator,
    values: &[(Literal, usize)],
) -> Result<String, Mistake> {
    if sides.expr.kind == Kind::Multipicklist {
        return Err(sides.wrong_operator());
    }
    let sql = &sides.expr.sql;
    let (mut marks, mut other) = (Vec::new(), Vec::new());
    for (literal, at) in values {
        match bound(sides, literal, *at, translator.view.today)? {
            Bound::Value(value) => marks.push(translator.bind(value)),
            _ => other.push(single(translator, sides, Operator::Equal, literal, *at)?),
        }
    }
    other.push(format!("{sql} IN ({})", marks.join(", ")));
    let any = other.join(" OR ");
    Ok(if operator == Operator::NotIn { format!("({any}) IS NOT TRUE") } else { format!("({any})") })
}

fn like(
    translator: &mut Translator,
    sides: &Sides<'_>,
    literal: &Literal,
    at: usize,
) -> Result<String, Mistake> {
    if !sides.expr.kind.is_text() || sides.expr.kind == Kind::Multipicklist {
        return Err(sides.wrong_operator());
    }
    match literal {
        Literal::Null => Ok(format!("{} IS NULL", sides.expr.sql)),
        Literal::Text { pattern, .. } => {
            let pattern = translator.bind(Sql::Text(pattern.clone()));
            Ok(format!(r"{} LIKE {pattern} ESCAPE '\'", sides.expr.sql))
        }
        _ => Err(wrong_value(sides, at)),
    }
}

/// `INCLUDES ('A;B', 'C')`: both A and B, or C.
fn includes(
    translator: &mut Translator,
    sides: &Sides<'_>,
    operator: Operator,
    values: &[(Literal, usize)],
) -> Result<String, Mistake> {
    if sides.expr.kind != Kind::Multipicklist {
        return Err(sides.wrong_operator());
    }
    let mut any = Vec::new();
    for (literal, at) in values {
        let Literal::Text { text, .. } = literal else { return Err(wrong_value(sides, *at)) };
        let all: Vec<String> = text
            .split(';')
            .map(|value| {
                let value = translator.bind(Sql::Text(format!(";{};", value.trim())));
                format!("instr(';' || {} || ';', {value}) > 0", sides.expr.sql)
            })
            .collect();
        any.push(format!("({})", all.join(" AND ")));
    }
    let any = any.join(" OR ");
    Ok(if operator == Operator::Excludes { format!("({any}) IS NOT TRUE") } else { format!("({any})") })
}

fn bound(sides: &Sides<'_>, literal: &Literal, at: usize, today: Day) -> Result<Bound, Mistake> {
    let kind = sides.expr.kind;
    let wrong = || wrong_value(sides, at);
    Ok(match literal {
        Literal::Null if kind == Kind::Boolean => return Err(wrong()),
        Literal::Null => Bound::Null,
        Literal::Boolean(value) if kind == Kind::Boolean => Bound::Value(Sql::Integer(i64::from(*value))),
        Literal::Text { text, .. } if kind.is_id() => match ids::canonical(text) {
            Some(id) => Bound::Value(Sql::Text(id)),
            None if text.is_empty() => Bound::Null,
            None => {
                let message = format!("invalid ID field: {text}");
                return Err(Mistake::new("INVALID_QUERY_FILTER_OPERATOR", at, message));
            }
        },
        Literal::Text { text, .. } if kind.is_text() && text.is_empty() => Bound::Null,
        Literal::Text { text, .. } if kind.is_text() => Bound::Value(Sql::Text(text.clone())),
        Literal::Number(number) if kind.is_number() => Bound::Value(Sql::Real(*number)),
        Literal::Date(text) if kind == Kind::Date => {
            Bound::Value(Sql::Text(Day::parse(text).ok_or_else(wrong)?.text()))
        }
        Literal::Datetime(text) if kind == Kind::Datetime => {
            Bound::Value(Sql::Text(Moment::parse(text).ok_or_else(wrong)?.text()))
        }
        Literal::Relative(word, count) if matches!(kind, Kind::Date | Kind::Datetime) => {
            let (first, after) = dates::span(word, *count, today).ok_or_else(wrong)?;
            let text = |day: Day| Sql::Text(if kind == Kind::Date { day.text() } else { day.start().text() });
            Bound::Span(text(first), text(after))
        }
        _ => return Err(wrong()),
    })
}

fn wrong_value(sides: &Sides<'_>, at: usize) -> Mistake {
    let kind = sides.expr.kind;
    let quotes = if kind.is_text() || kind.is_id() { "should be" } else { "should not be" };
    let name = if kind == Kind::Datetime { "dateTime" } else { kind.name() };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {name} and {quotes} enclosed in quotes",
        sides.name
    );
    Mistake::new("INVALID_FIELD", at, message)
}

/// Any of the fields that a search looks at holds the pattern.
fn holds(translator: &mut Translator, scope: &Scope, pattern: &str, fields: &str) -> String {
    let names: Vec<&str> = searched(scope.object, fields).collect();
    if names.is_empty() {
        return "0".to_owned();
    }
    let pattern = translator.bind(Sql::Text(pattern.to_owned()));
    let like = |name: &str| format!(r#"{}."{name}" LIKE {pattern} ESCAPE '\'"#, scope.alias);
    format!("({})", names.into_iter().map(like).collect::<Vec<_>>().join(" OR "))
}

fn searched<'a>(object: &'a Object, fields: &'a str) -> impl Iterator<Item = &'a str> {
    let name = object.name_field().map(|field| field.name.as_str());
    object
        .fields
        .iter()
        .filter(move |field| match fields {
            "NAME" => Some(field.name.as_str()) == name,
            "EMAIL" => field.kind == Kind::Email,
            "PHONE" => field.kind == Kind::Phone,
            _ => field.kind.is_text() && !matches!(field.kind, Kind::Picklist | Kind::Multipicklist),
        })
        .map(|field| field.name.as_str())
}
