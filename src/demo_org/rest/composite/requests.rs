//! Composite, graph and batch: whole requests inside one.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::references::{Answers, filled, filled_text};
use super::{all_or_nothing, list};
use crate::demo_org::call::{Call, Content, Reply};
use crate::demo_org::error::Fault;
use crate::demo_org::rest::{Ctx, allows_duplicates, route, versions};

/// Requests in one composite or batch. Source: cirrus (a public client).
const MOST: usize = 25;

/// Nodes over all graphs of one call.
const MOST_NODES: usize = 500;

/// Graphs in one call.
const MOST_GRAPHS: usize = 75;

/// `/composite`.
pub(super) fn composite(ctx: &mut Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    if ctx.inside_composite {
        return Err(Fault::bad("INVALID_INPUT", "Nested composite requests are not allowed"));
    }
    let data = call.data()?;
    let requests = list(&data, "compositeRequest", MOST)?;
    let strict = data["allOrNone"].as_bool().unwrap_or(false);
    let (answers, _) = run(ctx, call, requests, strict)?;
    Ok(Reply::data("CompositeResult", json!({ "compositeResponse": answers })))
}

/// `/composite/graph`: each graph holds or fails as a whole.
pub(super) fn graphs(ctx: &mut Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let data = call.data()?;
    let graphs = list(&data, "graphs", MOST_GRAPHS)?;
    let nodes: usize =
        graphs.iter().filter_map(|graph| graph["compositeRequest"].as_array()).map(Vec::len).sum();
    if nodes > MOST_NODES {
        let message = format!("The graphs hold {nodes} nodes: the limit is {MOST_NODES}");
        return Err(Fault::bad("INVALID_INPUT", message));
    }
    let mut results = Vec::new();
    for graph in graphs {
        let (answers, good) = run(ctx, call, list(graph, "compositeRequest", MOST_NODES)?, true)?;
        results.push(json!({
            "graphId": graph["graphId"],
            "graphResponse": { "compositeResponse": answers },
            "isSuccessful": good,
        }));
    }
    Ok(Reply::data("GraphResult", json!({ "graphs": results })))
}

/// One after the other; with `strict` nothing stays if one fails, and the rest says so.
fn run(
    ctx: &mut Ctx<'_>,
    call: &Call,
    requests: &[Value],
    strict: bool,
) -> Result<(Vec<Value>, bool), Fault> {
    check_ids(requests)?;
    let attempt = |ctx: &mut Ctx<'_>| {
        let (answers, good) = in_order(ctx, call, requests);
        if good || !strict { Ok((answers, good)) } else { Err(Failed::Some(answers)) }
    };
    match all_or_nothing(ctx, attempt) {
        Ok(done) => Ok(done),
        Err(Failed::Some(answers)) => Ok((answers.into_iter().map(rolled_back).collect(), false)),
        Err(Failed::Store(error)) => Err(error.into()),
    }
}

/// Why nothing stays.
enum Failed {
    Some(Vec<Value>),
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

fn check_ids(requests: &[Value]) -> Result<(), Fault> {
    let mut seen: Vec<&str> = Vec::new();
    for request in requests {
        let id = request["referenceId"].as_str().unwrap_or_default();
        let valid = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !valid || seen.contains(&id) {
            let what = if valid { "is used twice" } else { "must hold letters, digits and underscores only" };
            return Err(Fault::bad("INVALID_INPUT", format!("The referenceId '{id}' {what}")));
        }
        seen.push(id);
    }
    Ok(())
}

fn in_order(ctx: &mut Ctx<'_>, call: &Call, requests: &[Value]) -> (Vec<Value>, bool) {
    let (mut bodies, mut answers, mut good) = (Answers::new(), Vec::new(), true);
    for request in requests {
        let id = request["referenceId"].as_str().unwrap_or_default();
        let reply = match prepared(request, &bodies) {
            Ok((url, body)) => inside(ctx, call, request, &url, &body, "httpHeaders"),
            Err(message) => Fault::bad("PROCESSING_HALTED", message).into(),
        };
        good &= !reply.status.is_client_error() && !reply.status.is_server_error();
        let (status, headers, body) = parts(reply);
        answers.push(
            json!({ "body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": id }),
        );
        if status < 400 {
            bodies.insert(id.to_owned(), body);
        }
    }
    (answers, good)
}

fn prepared(request: &Value, bodies: &Answers) -> Result<(String, Value), String> {
    let url = filled_text(request["url"].as_str().unwrap_or_default(), bodies)?;
    Ok((url, filled(&request["body"], bodies)?))
}

/// A good answer whose work was undone because of another one.
fn rolled_back(answer: Value) -> Value {
    if answer["httpStatusCode"].as_u64().is_some_and(|status| status >= 400) {
        return answer;
    }
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    let fault = Fault::bad("PROCESSING_HALTED", message);
    json!({
        "body": fault.body(),
        "httpHeaders": {},
        "httpStatusCode": 400,
        "referenceId": answer["referenceId"],
    })
}

/// `/composite/batch`: requests that know nothing of each other.
pub(super) fn batch(ctx: &mut Ctx<'_>, call: &Call) -> Result<Reply, Fault> {
    let data = call.data()?;
    let requests = list(&data, "batchRequests", MOST)?;
    let halts = data["haltOnError"].as_bool().unwrap_or(false);
    let (mut results, mut failed) = (Vec::new(), false);
    for request in requests {
        let reply = if failed && halts {
            let message = "Batch processing halted per request";
            Fault::new(StatusCode::PRECONDITION_FAILED, "BATCH_PROCESSING_HALTED", message).into()
        } else {
            let url = format!(
                "/services/data/{}",
                request["url"].as_str().unwrap_or_default().trim_start_matches('/')
            );
            inside(ctx, call, request, &url, &request["richInput"], "headers")
        };
        let (status, _, body) = parts(reply);
        failed |= status >= 400;
        results.push(json!({ "statusCode": status, "result": body }));
    }
    Ok(Reply::data("batchResults", json!({ "hasErrors": failed, "results": results })))
}

/// Answers a request inside another; its headers stand under `headers_at`.
fn inside(
    ctx: &mut Ctx<'_>,
    outer: &Call,
    request: &Value,
    url: &str,
    body: &Value,
    headers_at: &str,
) -> Reply {
    let method = request["method"].as_str().unwrap_or("GET").to_ascii_uppercase();
    let Ok(method) = Method::from_bytes(method.as_bytes()) else {
        return Fault::bad("INVALID_INPUT", format!("'{method}' is no HTTP method")).into();
    };
    let Some(mut call) = Call::inside(outer, method, url, body) else {
        return Fault::bad("INVALID_INPUT", format!("'{url}' is no valid URL")).into();
    };
    extend(&mut call.headers, &request[headers_at]);
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let ["services", "data", version, rest @ ..] = path.as_slice() else {
        return Fault::not_found().into();
    };
    let answered = versions::check(&ctx.org.spec, version).and_then(|version| {
        let mut inner = Ctx {
            world: ctx.world,
            org: ctx.org,
            data: ctx.data,
            session: ctx.session,
            used: ctx.used,
            allows_duplicates: allows_duplicates(&call),
            sight: ctx.sight.clone(),
            version: &version,
            inside_composite: true,
        };
        route(&mut inner, &call, rest)
    });
    answered.unwrap_or_else(Reply::from)
}

fn extend(headers: &mut HeaderMap, more: &Value) {
    let more = more.as_object().into_iter().flatten();
    let pairs = more.filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value.as_str()?).ok()?))
    });
    headers.extend(pairs);
}

/// Status, headers and body as composite answers hold them.
fn parts(reply: Reply) -> (u16, Map<String, Value>, Value) {
    // Header names are written as in HTTP/1.1 here: `Location`.
    let title = |name: &HeaderName| {
        let words = name.as_str().split('-').map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            format!("{}{rest}", first.to_ascii_uppercase())
        });
        words.collect::<Vec<_>>().join("-")
    };
    let headers = reply.headers.iter().map(|(name, value)| (title(name), json!(value))).collect();
    let body = match reply.content {
        Content::Data(_, value) => value,
        Content::Empty => Value::Null,
        Content::Text(_, bytes) => Value::String(String::from_utf8_lossy(&bytes).into_owned()),
    };
    (reply.status.as_u16(), headers, body)
}
