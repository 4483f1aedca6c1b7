//! SOQL's functions in SQL.

use super::Mistake;
use super::ast::Name;
use super::translate::Expr;
use crate::demo_org::schema::Kind;

const AGGREGATES: [&str; 6] = ["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"];

/// Whether a function takes all rows of a group together.
pub(super) fn is_aggregate(function: &Name) -> bool {
    AGGREGATES.iter().any(|one| function.is(one))
}

/// A function applied to its argument.
pub(super) fn call(function: &Name, argument: Option<Expr>) -> Result<Expr, Mistake> {
    let upper = function.text.to_ascii_uppercase();
    let Some(argument) = argument else {
        return match upper.as_str() {
            "COUNT" => Ok(Expr::of_function("COUNT(*)".to_owned(), Kind::Int, true)),
            _ => Err(Mistake::malformed(function.at, format!("unexpected token: '{}'", function.text))),
        };
    };
    if argument.aggregate || argument.kind == Kind::Address {
        return Err(refused(function, &argument));
    }
    if is_aggregate(function) {
        return aggregate(function, &upper, &argument);
    }
    match upper.as_str() {
        "TOLABEL" | "CONVERTCURRENCY" | "CONVERTTIMEZONE" => Ok(argument),
        "FORMAT" => {
            Ok(Expr { sql: format!("CAST({} AS TEXT)", argument.sql), kind: Kind::String, ..argument })
        }
        _ => date_part(function, &upper, &argument),
    }
}

fn aggregate(function: &Name, upper: &str, argument: &Expr) -> Result<Expr, Mistake> {
    let sql = &argument.sql;
    let (sql, kind) = match upper {
        "COUNT" => (format!("COUNT({sql})"), Kind::Int),
        "COUNT_DISTINCT" => (format!("COUNT(DISTINCT {sql})"), Kind::Int),
        "SUM" | "AVG" if !argument.kind.is_number() => return Err(refused(function, argument)),
        "SUM" => (format!("SUM({sql})"), argument.kind),
        "AVG" => (format!("AVG({sql})"), Kind::Double),
        _ if argument.kind == Kind::Boolean => return Err(refused(function, argument)),
        _ => (format!("{upper}({sql})"), argument.kind),
    };
    Ok(Expr::of_function(sql, kind, true))
}

/// Fiscal years equal calendar years in these orgs; times are UTC.
fn date_part(function: &Name, upper: &str, argument: &Expr) -> Result<Expr, Mistake> {
    let sql = &argument.sql;
    let (date, month, day) =
        (format!("substr({sql}, 1, 10)"), format!("substr({sql}, 6, 2)"), format!("substr({sql}, 9, 2)"));
    let part = match upper {
        "CALENDAR_YEAR" | "FISCAL_YEAR" => format!("substr({sql}, 1, 4)"),
        "CALENDAR_MONTH" | "FISCAL_MONTH" => month,
        "CALENDAR_QUARTER" | "FISCAL_QUARTER" => format!("({month} + 2) / 3"),
        "DAY_IN_MONTH" => day,
        "DAY_IN_WEEK" => format!("strftime('%w', {date}) + 1"),
        "DAY_IN_YEAR" => format!("strftime('%j', {date})"),
        "WEEK_IN_MONTH" => format!("({day} - 1) / 7 + 1"),
        "WEEK_IN_YEAR" => format!("(strftime('%j', {date}) - 1) / 7 + 1"),
        "HOUR_IN_DAY" => format!("substr({sql}, 12, 2)"),
        "DAY_ONLY" => date,
        _ => return Err(Mistake::malformed(function.at, format!("unexpected token: '{}'", function.text))),
    };
    let fits = match upper {
        "HOUR_IN_DAY" | "DAY_ONLY" => argument.kind == Kind::Datetime,
        _ => matches!(argument.kind, Kind::Date | Kind::Datetime),
    };
    if !fits {
        return Err(refused(function, argument));
    }
    Ok(if upper == "DAY_ONLY" {
        Expr::of_function(part, Kind::Date, false)
    } else {
        Expr::of_function(format!("CAST({part} AS INTEGER)"), Kind::Int, false)
    })
}

fn refused(function: &Name, argument: &Expr) -> Mistake {
    let name = argument.name.clone().unwrap_or_default();
    let message =
        format!("field {name} does not support aggregate operator {}", function.text.to_ascii_uppercase());
    Mistake::malformed(function.at, message)
}
