//! Misbehaviour on purpose, under `/demo/…` of every host: what a client must survive.
//!
//! Any other call can be slowed down by its header `X-Demo-Delay: SECONDS` (see `server`), or made to fail (see `errors`).
//!
//! Needs no token, except `expire-session`, which ends the session that the token names.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::call::{Bearer, Call, Reply};
use super::error::Fault;
use super::server::{FOR_EVER, written};
use super::world::World;

/// The largest body that can be asked for, in MB.
const MOST_MEGABYTES: usize = 2048;

/// The deepest nesting that can be asked for.
const MOST_LEVELS: usize = 10_000_000;

const JSON: &str = "application/json;charset=UTF-8";

/// Answers `/demo/WHAT`.
pub(super) async fn answer(world: &World, call: &Call) -> Response {
    let what = call.path.get(1).map_or("", String::as_str);
    match what {
        "expire-session" => written(call, expire(world, call)),
        "slow" => slow(number(call, "seconds", 5), number(call, "bytes", 1000)),
        "hang" => {
            tokio::time::sleep(FOR_EVER).await;
            written(call, Reply::no_content())
        }
        "cut" => cut(),
        "html" => plain(
            "text/html;charset=UTF-8",
            "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We'll be back</h1><p>The org is down for maintenance.</p></body></html>",
        ),
        "half-json" => plain(
            JSON,
            r#"{"totalSize":2,"done":true,"records":[{"Id":"001gK0000000001AAA","Name":"Half of a "#,
        ),
        "binary" => plain("application/octet-stream", binary()),
        "escape" => plain("text/plain", ESCAPES),
        "deep" => plain(JSON, deep(number(call, "levels", 100_000).min(MOST_LEVELS))),
        "csv" => plain(
            "text/csv;charset=UTF-8",
            "Id,Name,Note\n001gK0000000001AAA,\"Müller, Söhne & Co.\",\"two\nlines and a \"\"quote\"\"\"\n001gK0000000002AAA,青空商事,\n",
        ),
        "big" => big(number(call, "megabytes", 20).min(MOST_MEGABYTES)),
        "redirect" => redirect(call),
        "status" => status(call),
        _ => written(call, Fault::not_found().into()),
    }
}

fn number(call: &Call, name: &str, otherwise: usize) -> usize {
    call.param(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn plain(mime: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    response
}

fn expire(world: &World, call: &Call) -> Reply {
    match call.bearer() {
        Bearer::Token(token) if world.sessions.end(token) => Reply::no_content(),
        _ => Fault::dead_session().into(),
    }
}

/// A body in ten pieces over the time asked for.
fn slow(seconds: usize, bytes: usize) -> Response {
    const PIECES: usize = 10;
    let pause = Duration::from_secs(seconds.min(3600) as u64) / PIECES as u32;
    let text = vec![b'.'; bytes.min(MOST_MEGABYTES << 20).div_ceil(PIECES)];
    let pieces = stream::iter(0..PIECES).then(move |_| {
        let piece = Bytes::from(text.clone());
        async move {
            tokio::time::sleep(pause).await;
            Ok::<_, Infallible>(piece)
        }
    });
    plain("text/plain", Body::from_stream(pieces))
}

/// Promises 1,000 bytes and closes the connection after the first ones.
fn cut() -> Response {
    const PIECE: &[u8] = br#"{"totalSize":5,"done":true,"records":["#;
    let pieces = stream::iter([true, false]).then(|first| async move {
        if first {
            return Ok(Bytes::from_static(PIECE));
        }
        // Without a pause the head would not have left before the connection closes.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    });
    let mut response = plain(JSON, Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("1000"));
    response
}

/// Every byte, four times.
fn binary() -> Vec<u8> {
    (0..4).flat_map(|_| 0..=u8::MAX).collect()
}

/// Clears the screen, changes the title, copies to the clipboard, turns the text round, if it is let through.
const ESCAPES: &[u8] = b"plain \x1b[2J\x1b[H\x1b[31mred\x1b[0m \x1b]0;new title\x07 \x1b]52;c;ZXZpbA==\x07 \
bidi \xe2\x80\xae.reversed\xe2\x80\xac \xe2\x81\xa6isolate\xe2\x81\xa9 zero\xe2\x80\x8bwidth nul \0 bell \x07 \
backspace \x08 c1 \xc2\x9b31m invalid \xff\xfe\xc3( overlong \xc0\xaf end\r\nover\rwritten\n";

fn deep(levels: usize) -> Vec<u8> {
    let mut body = vec![b'['; levels];
    body.resize(2 * levels, b']');
    body
}

/// A query answer of that many megabytes, made while it is sent.
fn big(megabytes: usize) -> Response {
    let size = megabytes << 20;
    plain(JSON, Body::from_stream(records(size)))
}

fn records(size: usize) -> impl Stream<Item = Result<Bytes, Infallible>> {
    const ROWS: usize = 200;
    let row = |number: usize| {
        let id = super::ids::id18("001", "gK", number as u64);
        json!({
            "attributes": { "type": "Account", "url": format!("/services/data/v66.0/sobjects/Account/{id}") },
            "Id": id,
            "Name": format!("Nordwind Möbelwerke {number} GmbH"),
            "AnnualRevenue": number * 1000,
            "Active__c": number.is_multiple_of(3),
            "Description": null,
        })
        .to_string()
    };
    let count = size / (row(1_000_000).len() + 1);
    let head = format!(r#"{{"totalSize":{count},"done":true,"records":["#);
    let rows = (0..count.div_ceil(ROWS)).map(move |chunk| {
        let end = ((chunk + 1) * ROWS).min(count);
        let rows: Vec<String> = (chunk * ROWS..end).map(row).collect();
        let comma = if end < count { "," } else { "" };
        format!("{}{comma}", rows.join(","))
    });
    let parts = std::iter::once(head).chain(rows).chain(std::iter::once("]}".to_owned()));
    stream::iter(parts.map(|part| Ok(Bytes::from(part))))
}

fn redirect(call: &Call) -> Response {
    let to = call.param("to").unwrap_or("/services/data");
    let code = call.param("status").and_then(|text| text.parse().ok()).unwrap_or(302);
    let status =
        StatusCode::from_u16(code).ok().filter(StatusCode::is_redirection).unwrap_or(StatusCode::FOUND);
    written(call, Reply::text(status, "text/html", "moved").header(header::LOCATION, to))
}

/// `/demo/status/503?retry-after=5`: any status with an error body of the usual shape.
fn status(call: &Call) -> Response {
    let code = call.path.get(2).and_then(|text| text.parse::<u16>().ok());
    let Some(status) =
        code.and_then(|code| StatusCode::from_u16(code).ok()).filter(|status| status.as_u16() >= 200)
    else {
        return written(call, Fault::not_found().into());
    };
    let mut reply = match status.as_u16() {
        204 | 304 => Reply::no_content().status(status),
        420 => Reply::text(status, "text/html", "<html>Scratch org expired</html>"),
        503 => Fault::new(status, "SERVER_UNAVAILABLE", "server temporarily unavailable").into(),
        400.. => {
            Fault::new(status, "UNKNOWN_EXCEPTION", format!("status {} on request", status.as_u16())).into()
        }
        _ => Reply::data("Result", json!({ "status": status.as_u16() })).status(status),
    };
    if let Some(seconds) = call.param("retry-after") {
        reply = reply.header(header::RETRY_AFTER, seconds);
    }
    written(call, reply)
}
