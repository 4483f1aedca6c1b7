//! An exchange as text: what went out and what came back, as the record has it, secrets masked.

use crate::format;
use crate::http::{Connection, Exchange, Phase, Redacted, Reply, Timings, TransportFailure};
use http::{HeaderMap, Method, StatusCode, Version};
use std::fmt::Write;
use url::Url;

/// How much of a body the transcript shows, in bytes; the body itself has its own views.
const BODY: usize = 16 * 1024;

/// `GET query`: a request in a few letters.
pub fn title(method: &Method, url: &Url) -> String {
    let mut parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    let last = parts.next_back().unwrap_or("/");
    format!("{method} {}", percent_encoding::percent_decode_str(last).decode_utf8_lossy())
}

/// `200 OK`; the number alone where the standard has no words.
pub fn status(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(words) => format!("{} {words}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Status line and headers of a reply.
pub fn reply_head(reply: &Reply) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} {}", version(reply.version), status(reply.status));
    headers(&mut out, &reply.headers);
    out
}

/// The whole exchange: requests (redirects first), answer, timing.
pub fn transcript(exchange: &Exchange) -> String {
    let mut out = String::new();
    for request in exchange.redirects.iter().chain([&exchange.request]) {
        let _ = writeln!(out, "{} {}", request.method, request.url.as_str());
        headers(&mut out, &request.headers);
        body(&mut out, &request.body);
        out.push('\n');
    }
    if exchange.replayed {
        out.push_str("(sent again with a new token)\n\n");
    }
    match &exchange.reply {
        Ok(reply) => {
            out.push_str(&reply_head(reply));
            body(&mut out, &reply.body.0);
            if let Some(failure) = &reply.incomplete {
                let _ = writeln!(out, "\n(the body is not whole: {})", failure.message);
            }
        }
        Err(failure) => {
            let _ = writeln!(out, "({})", told(failure));
        }
    }
    out.push('\n');
    timing(&mut out, exchange.timings, exchange.reply.as_ref().ok());
    out
}

/// A failure with how far it got.
pub fn told(failure: &TransportFailure) -> String {
    format!("{} · while {}", failure.message, phase(failure.phase))
}

/// What was being done.
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Dns => "resolving the name",
        Phase::Connect => "connecting",
        Phase::Tls => "shaking hands for TLS",
        Phase::Send => "sending",
        Phase::Wait => "waiting for the answer",
        Phase::Receive => "receiving the body",
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

fn headers(out: &mut String, headers: &Redacted<HeaderMap>) {
    for (name, value) in headers.iter() {
        let _ = writeln!(out, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
}

fn body(out: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let shown = &bytes[..bytes.len().min(BODY)];
    let _ = write!(out, "\n{}", String::from_utf8_lossy(shown));
    if shown.len() < bytes.len() {
        let rest = format::bytes((bytes.len() - shown.len()) as u64);
        let _ = write!(out, "\n… {rest} more: see Tree and Raw");
    }
    out.push('\n');
}

fn timing(out: &mut String, timings: Timings, reply: Option<&Reply>) {
    let connection = match timings.connection {
        Connection::New => "new connection",
        Connection::Reused => "kept connection",
    };
    let _ = write!(out, "— {connection}");
    if let Some(peer) = reply.and_then(|reply| reply.peer) {
        let _ = write!(out, " to {peer}");
    }
    let parts = [
        ("DNS", timings.dns),
        ("connect", timings.connect),
        ("TLS", timings.tls),
        ("wait", timings.wait),
        ("receive", timings.receive),
        ("total", Some(timings.total)),
    ];
    for (name, took) in parts {
        if let Some(took) = took {
            let _ = write!(out, " · {name} {}", format::span(took));
        }
    }
    if let Some(reply) = reply {
        let (wire, whole) = (reply.wire_len, reply.body.0.len() as u64);
        let _ = write!(out, " · {} on the wire", format::bytes(wire));
        if wire != whole {
            let _ = write!(out, ", {} unpacked", format::bytes(whole));
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_method_and_the_last_part_of_the_path() {
        let url =
            Url::parse("https://acme.my.salesforce.com/services/data/v66.0/query/?q=SELECT+Id").unwrap();
        assert_eq!(title(&Method::GET, &url), "GET query");
        let root = Url::parse("https://acme.my.salesforce.com").unwrap();
        assert_eq!(title(&Method::GET, &root), "GET /");
    }
}
