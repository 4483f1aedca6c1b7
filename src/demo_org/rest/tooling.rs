//! The Tooling API: its query, its objects, and executeAnonymous.

use serde_json::{Value, json};

use super::{Ctx, describe, query, sobjects};
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::schema::Api;

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let sight = ctx.sight.through(Api::Tooling);
    let data = std::mem::replace(&mut ctx.sight, sight);
    let answer = resource(ctx, call, path);
    ctx.sight = data;
    answer
}

fn resource(ctx: &mut Ctx<'_>, call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    match path {
        [] => {
            super::get(call)?;
            let names = ["executeAnonymous", "query", "sobjects"];
            let all = names.map(|name| (name.to_owned(), Value::String(ctx.url(&format!("tooling/{name}")))));
            Ok(Reply::data("Resources", Value::Object(all.into_iter().collect())))
        }
        ["query"] => query::query(ctx, call, false),
        ["query", locator] => query::more(ctx, locator),
        ["sobjects"] => Ok(describe::global(ctx)),
        ["sobjects", object, rest @ ..] => sobjects::route(ctx, call, object, rest),
        ["executeAnonymous"] => {
            super::get(call)?;
            let code = call.param("anonymousBody").unwrap_or_default();
            Ok(Reply::data("ExecuteAnonymousResult", execute(code)))
        }
        _ => Err(Fault::not_found()),
    }
}

/// Nothing runs: the code is only looked at. Statements end with `;`, `throw` throws, brackets match.
fn execute(code: &str) -> Value {
    let answer = |compiled: bool,
                  success: bool,
                  line: i64,
                  column: i64,
                  problem: Option<&str>,
                  thrown: Option<&str>| {
        json!({
            "line": line,
            "column": column,
            "compiled": compiled,
            "success": success,
            "compileProblem": problem,
            "exceptionStackTrace": thrown.map(|_| format!("AnonymousBlock: line {line}, column 1")),
            "exceptionMessage": thrown,
        })
    };
    let last = code.trim_end();
    let line = last.lines().count().max(1) as i64;
    let column = last.lines().last().unwrap_or_default().chars().count() as i64 + 1;
    let count = |letter| code.matches(letter).count();
    if count('(') != count(')') || count('{') != count('}') {
        return answer(false, false, line, column, Some("Unexpected token '<EOF>'."), None);
    }
    if !last.is_empty() && !last.ends_with([';', '}']) {
        let text = format!("Unexpected token '{}'.", last.split_whitespace().last().unwrap_or_default());
        return answer(false, false, line, column, Some(&text), None);
    }
    if let Some(place) = code.find("throw new ") {
        let line = code[..place].matches('\n').count() as i64 + 1;
        let name = code[place + 10..].split(['(', ' ', ';']).next().unwrap_or_default();
        return answer(true, false, line, 1, None, Some(&format!("{name}: Script-thrown exception")));
    }
    answer(true, true, -1, -1, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apex_that_runs_and_apex_that_does_not() {
        assert_eq!(execute("System.debug('x');")["success"], true);
        assert_eq!(execute("System.debug('x')")["compiled"], false);
        assert_eq!(execute("if (true) {")["compiled"], false);
        let thrown = execute("Integer i = 1;\nthrow new AuraHandledException('no');");
        assert_eq!(
            (&thrown["compiled"], &thrown["success"], &thrown["line"]),
            (&json!(true), &json!(false), &json!(2))
        );
    }
}
