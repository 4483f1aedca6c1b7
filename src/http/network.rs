//! The real [`Transport`]: one exchange over the network, its redirects, its body, its clock.
//!
//! ```text
//! spec ─▶ client (kept) ─▶ head ─▶ redirect to the same host? ─▶ again, at most five times
//!                            └───▶ body, chunk by chunk ─▶ decoded ─▶ masked ─▶ Sent
//! ```
//! Every header is set here, so that the record is what went out.

use super::{
    BODY_LIMIT, Body, Connection, IDLE_TIMEOUT, Observer, Outgoing, Phase, Purpose, Reply, RequestBody,
    RequestSpec, Route, Sent, Timings, Transport, TransportFailure, Unmasked,
    client::Clients,
    decode::{self, decode},
    failure,
    redact::Masker,
    timing::Recorder,
};
use crate::{config::host_and_port, format};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::Response;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// A redirect chain longer than this is a loop.
const MOST_REDIRECTS: usize = 5;

/// Tokens and orgdeck's own questions to an org are answered in a few kilobytes; who sends more is no org.
const OWN_ANSWER_LIMIT: u64 = 4 << 20;
/// How long one of them may take in all, where the profile sets no `timeout`: others may wait for the same token.
const OWN_QUESTION_WITHIN: Duration = Duration::from_secs(120);

/// Bodies larger than this are decoded and masked on a thread of their own.
const READY_IN_PLACE: usize = 64 * 1024;

/// What orgdeck calls itself.
const USER_AGENT: &str = concat!("orgdeck/", env!("CARGO_PKG_VERSION"));

/// HTTP over the network. Cheap to clone; clones share the kept connections.
#[derive(Clone, Default)]
pub struct Network {
    clients: Clients,
}

impl Network {
    /// Without any connection yet; nothing is read or opened before the first exchange.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Transport for Network {
    async fn send(&self, outgoing: Outgoing, observer: &dyn Observer, stop: CancellationToken) -> Sent {
        let Outgoing { mut spec, purpose, route, known } = outgoing;
        let (started, clock) = (SystemTime::now(), Clock::new(&route, purpose, stop));
        let mut redirects = Vec::new();
        let mut opened = None;
        loop {
            complete_headers(&mut spec);
            let masker = Arc::new(Masker::new(&spec, purpose, &known));
            let request = masker.request(&spec);
            let recorder = Recorder::default();
            let hop = Hop {
                clock: &clock,
                began: Instant::now(),
                recorder: &recorder,
                url: spec.url.clone(),
                method: spec.method.clone(),
            };
            let head = hop.head(&self.clients, &route, &spec).await;
            let mut note = None;
            if let Ok(response) = &head {
                match redirect(&spec, response, redirects.len()) {
                    Redirect::Follow(next) => {
                        opened = Some(hop.timings(opened));
                        redirects.push(request);
                        spec = *next;
                        continue;
                    }
                    Redirect::Show(said) => note = Some(said),
                    Redirect::None => {}
                }
            }
            let mut timings = hop.timings(opened);
            let (reply, unmasked) = match head {
                Err(failure) => {
                    timings.wait = None;
                    (Err(failure), None)
                }
                Ok(response) => {
                    let (mut reply, unmasked) =
                        hop.reply(response, observer, &masker, purpose, &mut timings).await;
                    reply.note = note;
                    (Ok(reply), unmasked)
                }
            };
            timings.total = clock.began.elapsed();
            return Sent { started, request, reply, timings, redirects, unmasked };
        }
    }
}

/// How long may still be waited, and whether a person has had enough.
struct Clock {
    began: Instant,
    idle: Option<Duration>,
    whole: Option<Duration>,
    stop: CancellationToken,
}

enum Interrupted {
    Cancelled,
    Idle(Duration),
    Whole(Duration),
}

impl Clock {
    fn new(route: &Route, purpose: Purpose, stop: CancellationToken) -> Self {
        let own = (purpose != Purpose::Api).then_some(OWN_QUESTION_WITHIN);
        let whole = route.timeout.or(own);
        let idle = if whole.is_none() { Some(IDLE_TIMEOUT) } else { None };
        Self { began: Instant::now(), idle, whole, stop }
    }

    /// The future's output, unless it is cancelled or takes too long.
    async fn within<F: Future>(&self, act: F) -> Result<F::Output, Interrupted> {
        let left = self.whole.map(|whole| whole.saturating_sub(self.began.elapsed()));
        let limit = left.or(self.idle).unwrap_or(IDLE_TIMEOUT);
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Interrupted::Cancelled),
            output = act => Ok(output),
            () = tokio::time::sleep(limit) => Err(match self.whole {
                Some(whole) => Interrupted::Whole(whole),
                None => Interrupted::Idle(limit),
            }),
        }
    }
}

/// One request and its answer, of a chain of redirects.
struct Hop<'a> {
    clock: &'a Clock,
    began: Instant,
    recorder: &'a Recorder,
    url: Url,
    method: Method,
}

impl Hop<'_> {
    async fn head(
        &self,
        clients: &Clients,
        route: &Route,
        spec: &RequestSpec,
    ) -> Result<Response, TransportFailure> {
        let act = async {
            let client = clients.client(&self.url, route).await?;
            let request = to_client(spec);
            self.recorder
                .during(client.execute(request))
                .await
                .map_err(|error| failure::unanswered(&error, self.recorder.phase(), &self.url))
        };
        match self.clock.within(act).await {
            Ok(result) => result,
            Err(interrupted) => Err(self.interrupted(&interrupted, self.recorder.phase())),
        }
    }

    /// This hop's own waiting, and the connection it used: where it was kept from the hop before, that one's
    /// opening is part of this exchange.
    fn timings(&self, before: Option<Timings>) -> Timings {
        let timings = self.recorder.timings(self.began);
        match (timings.connection, before) {
            (Connection::Reused, Some(opened)) => Timings { wait: timings.wait, ..opened },
            _ => timings,
        }
    }

    async fn reply(
        &self,
        mut response: Response,
        observer: &dyn Observer,
        masker: &Arc<Masker>,
        purpose: Purpose,
        timings: &mut Timings,
    ) -> (Reply, Option<Unmasked>) {
        let began = Instant::now();
        let of = length(response.headers());
        observer.head(response.status(), of);
        let limit = if purpose == Purpose::Api { BODY_LIMIT } else { OWN_ANSWER_LIMIT };
        let (mut wire, mut incomplete) = self.receive(&mut response, observer, of, limit).await;
        wire.shrink_to_fit();
        timings.receive = Some(began.elapsed());
        let wire_len = wire.len() as u64;
        let Ready { plain, masked, problem } = made_ready(response.headers(), wire, masker).await;
        if let Some(message) = problem {
            incomplete.get_or_insert(TransportFailure { phase: Phase::Receive, cancelled: false, message });
        }
        let location =
            response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let unmasked = (purpose == Purpose::Token).then_some(Unmasked { body: plain, location });
        let reply = Reply {
            status: response.status(),
            version: response.version(),
            peer: response.remote_addr(),
            headers: masker.headers(response.headers()),
            body: masked,
            wire_len,
            incomplete,
            note: None,
        };
        (reply, unmasked)
    }

    /// The body as far as it comes.
    async fn receive(
        &self,
        response: &mut Response,
        observer: &dyn Observer,
        of: Option<u64>,
        limit: u64,
    ) -> (Vec<u8>, Option<TransportFailure>) {
        if self.method == Method::HEAD {
            return (Vec::new(), None);
        }
        let mut wire = Vec::with_capacity(of.map_or(0, |of| expected_capacity(of.min(limit))));
        loop {
            let received = wire.len() as u64;
            match self.clock.within(response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    if received + chunk.len() as u64 > limit {
                        let message = format!(
                            "the body is larger than {}; the rest was not received",
                            format::bytes(limit)
                        );
                        let failure = TransportFailure { phase: Phase::Receive, cancelled: false, message };
                        return (wire, Some(failure));
                    }
                    wire.extend_from_slice(&chunk);
                    observer.bytes(wire.len() as u64, of);
                }
                Ok(Ok(None)) => return (wire, None),
                Ok(Err(error)) => return (wire, Some(failure::cut(&error, received, of))),
                Err(interrupted) => return (wire, Some(self.interrupted(&interrupted, Phase::Receive))),
            }
        }
    }

    fn interrupted(&self, interrupted: &Interrupted, phase: Phase) -> TransportFailure {
        match interrupted {
            Interrupted::Cancelled => failure::cancelled(phase),
            Interrupted::Idle(after) => failure::timed_out(phase, &self.url, *after, false),
            Interrupted::Whole(after) => failure::timed_out(phase, &self.url, *after, true),
        }
    }
}

/// Room for what the answer promises, but no more than a modest amount on its word alone.
fn expected_capacity(of: u64) -> usize {
    usize::try_from(of.min(256 << 20)).unwrap_or(0)
}

/// A body made ready: decoded, and its masked form for the record.
struct Ready {
    plain: Bytes,
    masked: Body,
    problem: Option<String>,
}

/// Both take time in proportion to the body; a large one is taken off the async threads.
async fn made_ready(headers: &HeaderMap, wire: Vec<u8>, masker: &Arc<Masker>) -> Ready {
    let encodings = headers.get(header::CONTENT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (encodings, wire, masker) = (encodings.to_owned(), Bytes::from(wire), masker.clone());
    if wire.len() <= READY_IN_PLACE {
        return make_ready(&encodings, wire, &masker);
    }
    tokio::task::spawn_blocking(move || make_ready(&encodings, wire, &masker)).await.unwrap_or_else(|_| {
        Ready {
            plain: Bytes::new(),
            masked: Body::default(),
            problem: Some("the body could not be decoded".into()),
        }
    })
}

fn make_ready(encodings: &str, wire: Bytes, masker: &Masker) -> Ready {
    let (plain, problem) = decode(encodings, wire);
    Ready { masked: masker.reply_body(plain.clone()), plain, problem }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Adds the headers that a request must or should have and that the draft does not set.
fn complete_headers(spec: &mut RequestSpec) {
    let defaults = [
        (header::USER_AGENT, USER_AGENT),
        (header::ACCEPT, "*/*"),
        (header::ACCEPT_ENCODING, decode::ACCEPTED),
    ];
    let host = HeaderValue::from_str(&host_and_port(&spec.url)).ok();
    let length = match &spec.body {
        RequestBody::Bytes(body) => Some(body.len()),
        RequestBody::Empty => [Method::POST, Method::PUT, Method::PATCH].contains(&spec.method).then_some(0),
    };
    let mut put = |name: HeaderName, value: Option<HeaderValue>| {
        if let (false, Some(value)) = (spec.headers.contains_key(&name), value) {
            spec.headers.insert(name, value);
        }
    };
    put(header::HOST, host);
    for (name, value) in defaults {
        put(name, Some(HeaderValue::from_static(value)));
    }
    put(header::CONTENT_LENGTH, length.map(HeaderValue::from));
}

fn to_client(spec: &RequestSpec) -> reqwest::Request {
    let mut request = reqwest::Request::new(spec.method.clone(), spec.url.clone());
    *request.headers_mut() = spec.headers.clone();
    // The client derives it from the URL, as HTTP/2 needs; one that a draft sets goes out as set.
    if spec.headers.get(header::HOST).is_some_and(|v| v.as_bytes() == host_and_port(&spec.url).as_bytes()) {
        request.headers_mut().remove(header::HOST);
    }
    if let RequestBody::Bytes(body) = &spec.body {
        *request.body_mut() = Some(body.clone().into());
    }
    request
}

enum Redirect {
    /// No redirect.
    None,
    /// To the same host: go there.
    Follow(Box<RequestSpec>),
    /// Elsewhere, or not safely repeatable: show the answer and say why.
    Show(String),
}

/// What to do with an answer that says to look elsewhere.
///
/// A token never goes to another host; a POST never becomes a GET behind a person's back.
/// Both are this program's own rules. Why the second: an http login host makes the token call a GET, refused with
/// `grant type not supported` (b2c-crm-sync issue 16).
fn redirect(spec: &RequestSpec, response: &Response, so_far: usize) -> Redirect {
    let status = response.status();
    let repeats = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let gets = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER);
    let location = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok());
    let Some(target) = location.filter(|_| repeats || gets).and_then(|to| spec.url.join(to).ok()) else {
        return Redirect::None;
    };
    let safe = spec.method == Method::GET || spec.method == Method::HEAD;
    if gets && !safe {
        return Redirect::Show(format!(
            "the answer points to {}, where only a GET may go; the {} was not sent again",
            host_and_port(&target),
            spec.method
        ));
    }
    if !same_host(&spec.url, &target) {
        return Redirect::Show(format!(
            "{} points to {}://{}; it was not followed: nothing of this request, its token least of all, goes to another host",
            host_and_port(&spec.url),
            target.scheme(),
            host_and_port(&target)
        ));
    }
    if so_far >= MOST_REDIRECTS {
        return Redirect::Show(format!("redirected {MOST_REDIRECTS} times; this may be a loop"));
    }
    let mut headers = spec.headers.clone();
    headers.remove(header::HOST);
    let body = match &spec.body {
        RequestBody::Empty => RequestBody::Empty,
        RequestBody::Bytes(body) => RequestBody::Bytes(body.clone()),
    };
    Redirect::Follow(Box::new(RequestSpec { method: spec.method.clone(), url: target, headers, body }))
}

/// Same host and port, and not from https down to http.
fn same_host(from: &Url, to: &Url) -> bool {
    from.host() == to.host()
        && from.port_or_known_default() == to.port_or_known_default()
        && from.scheme() == to.scheme()
}
