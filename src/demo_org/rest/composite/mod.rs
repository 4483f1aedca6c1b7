//! Calls that hold several: composite, graph and batch take whole requests; collections and trees take records.
//!
//! Each request inside goes through the same [`super::route`] as one that comes alone.

mod collections;
mod references;
mod requests;
mod tree;

use serde_json::Value;

use super::{Ctx, allow};
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::error::Fault;

/// Answers `/composite/…`.
pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    match path {
        ["sobjects", rest @ ..] => return collections::route(ctx, call, rest),
        ["tree" | "batch" | "graph", ..] if ctx.inside_composite => {
            return Err(Fault::bad("INVALID_INPUT", "Nested composite requests are not allowed"));
        }
        _ => {}
    }
    match path {
        [] if call.method == http::Method::GET => Ok(index(ctx)),
        [] => {
            allow(call, "GET,POST")?;
            requests::composite(ctx, call)
        }
        ["graph"] => {
            allow(call, "POST")?;
            requests::graphs(ctx, call)
        }
        ["batch"] => {
            allow(call, "POST")?;
            requests::batch(ctx, call)
        }
        ["tree", object] => {
            allow(call, "POST")?;
            tree::create(ctx, call, object)
        }
        _ => Err(Fault::not_found()),
    }
}

fn index(ctx: &Ctx<'_>) -> Reply {
    let names = ["tree", "batch", "sobjects", "graph"];
    let all = names.map(|name| (name.to_owned(), Value::String(ctx.url(&format!("composite/{name}")))));
    Reply::data("Resources", Value::Object(all.into_iter().collect()))
}

/// Does work of which nothing stays if it fails.
fn all_or_nothing<T, E: From<rusqlite::Error>>(
    ctx: &mut Ctx<'_>,
    work: impl FnOnce(&mut Ctx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    ctx.data.store.mark()?;
    let result = work(ctx);
    ctx.data.store.finish(result.is_ok())?;
    result
}

/// The list under a name, which must be there and no longer than `most`.
fn list<'a>(data: &'a Value, name: &str, most: usize) -> Result<&'a [Value], Fault> {
    let Some(all) = data.get(name).and_then(Value::as_array) else {
        return Err(Fault::bad("INVALID_INPUT", format!("The request body must hold an array {name}")));
    };
    if all.len() > most {
        let message = format!("{name} limit reached: cannot submit more than {most} in this call");
        return Err(Fault::bad("EXCEEDED_ID_LIMIT", message));
    }
    Ok(all)
}
