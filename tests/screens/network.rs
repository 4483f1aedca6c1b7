//! A network that answers what a test has scripted, one exchange after the other, through the real masking.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use orgdeck::http::{
    Body, Connection, Observer, Outgoing, Phase, Purpose, Reply, RequestBody, Sent, Timings, Transport,
    TransportFailure, Unmasked, redact::Masker,
};
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio_util::sync::CancellationToken;

/// The user of the scratch org, who is another one than that of the other orgs.
pub const SCRATCH_USER: &str = "0055800000AdaScAAJ";

/// What the next exchange comes to.
#[derive(Clone)]
pub enum Reaction {
    /// A whole answer, or as much of one as came before it broke off.
    Answer(Answered),
    /// No answer.
    Failure(TransportFailure),
    /// Status and half of the body, then nothing until it is stopped.
    Half(Answered),
}

/// An answer.
#[derive(Clone)]
pub struct Answered {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// Bytes on the wire, where they are fewer.
    pub wire: Option<u64>,
    pub incomplete: Option<TransportFailure>,
    pub note: Option<String>,
}

impl Answered {
    pub fn new(status: u16, kind: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![
            ("date", "Sun, 15 Jun 2025 15:06:40 GMT".to_owned()),
            ("content-type", kind.to_owned()),
            ("sforce-limit-info", "api-usage=1234/15000".to_owned()),
        ];
        Self { status, headers, body: body.into(), wire: None, incomplete: None, note: None }
    }

    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json;charset=UTF-8", body.to_string())
    }

    pub fn cut(self, message: &str) -> Self {
        let failure =
            TransportFailure { phase: Phase::Receive, cancelled: false, message: message.to_owned() };
        Self { incomplete: Some(failure), ..self }
    }
}

/// The script and what was asked of it.
#[derive(Clone, Default)]
pub struct Network(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    script: VecDeque<Reaction>,
    seen: Vec<String>,
}

impl Network {
    /// Adds what a further exchange comes to.
    pub fn script(&self, reaction: Reaction) {
        self.0.lock().unwrap().script.push_back(reaction);
    }

    /// The requests so far: method, URL and body, secrets and all.
    pub fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().seen.clone()
    }

    fn take(&self, outgoing: &Outgoing) -> Reaction {
        if let Some(answered) = about_org(outgoing) {
            return Reaction::Answer(answered);
        }
        let mut state = self.0.lock().unwrap();
        let body = match &outgoing.spec.body {
            RequestBody::Empty => String::new(),
            RequestBody::Bytes(bytes) => format!(" {}", String::from_utf8_lossy(bytes)),
        };
        state.seen.push(format!("{} {}{body}", outgoing.spec.method, outgoing.spec.url));
        state.script.pop_front().expect("the test has scripted this exchange")
    }
}

/// What an org answers when orgdeck asks which one it is; no test scripts that, and none sees it.
fn about_org(outgoing: &Outgoing) -> Option<Answered> {
    let url = &outgoing.spec.url;
    let sandbox = url.host_str()?.contains(".sandbox.");
    let asked = outgoing.purpose == Purpose::Metadata;
    let organization = || {
        json!({"totalSize": 1, "done": true, "records": [{
            "Id": if sandbox { "00D58000000arpqEAA" } else { "00D58000000prodEAA" },
            "Name": "Acme Corporation", "OrganizationType": "Enterprise Edition",
            "IsSandbox": sandbox, "TrialExpirationDate": null,
            "InstanceName": if sandbox { "DEU26S" } else { "DEU26" },
        }]})
    };
    let user = |id: &str| {
        let username = match (id, sandbox) {
            (SCRATCH_USER, _) => "ada@scratch.example",
            (_, true) => "ada@acme.com.uat",
            (_, false) => "ada@acme.com",
        };
        json!({"user_id": id, "username": username, "preferred_username": username})
    };
    match url.path() {
        path if asked && path.ends_with("/query") && url.as_str().contains("FROM+Organization") => {
            Some(Answered::json(200, &organization()))
        }
        path if asked && path.starts_with("/id/") => {
            Some(Answered::json(200, &user(path.rsplit('/').next().unwrap_or_default())))
        }
        "/services/oauth2/userinfo" if asked => Some(Answered::json(200, &user("0055800000AdaLoAAJ"))),
        _ => None,
    }
}

impl Transport for Network {
    async fn send(&self, outgoing: Outgoing, observer: &dyn Observer, stop: CancellationToken) -> Sent {
        let reaction = self.take(&outgoing);
        let mut unmasked = None;
        let masker = Masker::new(&outgoing.spec, outgoing.purpose, &outgoing.known);
        let reply = match reaction {
            Reaction::Failure(failure) => Err(failure),
            Reaction::Answer(answered) => {
                unmasked = (outgoing.purpose == Purpose::Token)
                    .then(|| Unmasked { body: answered.body.clone(), location: None });
                Ok(reply(&masker, answered))
            }
            Reaction::Half(answered) => {
                let whole = answered.body.len();
                observer.head(StatusCode::OK, Some(whole as u64));
                stop.cancelled().await;
                let stopped =
                    TransportFailure { phase: Phase::Receive, cancelled: true, message: "cancelled".into() };
                let body = answered.body.slice(..whole / 2);
                Ok(reply(&masker, Answered { body, incomplete: Some(stopped), ..answered }))
            }
        };
        Sent {
            started: SystemTime::UNIX_EPOCH,
            request: masker.request(&outgoing.spec),
            reply,
            timings: timings(),
            redirects: Vec::new(),
            unmasked,
        }
    }
}

/// The record of an answer.
pub fn reply(masker: &Masker, answered: Answered) -> Reply {
    let mut headers = HeaderMap::new();
    for (name, value) in &answered.headers {
        headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    Reply {
        status: StatusCode::from_u16(answered.status).unwrap(),
        version: Version::HTTP_11,
        peer: Some(([203, 0, 113, 7], 443).into()),
        headers: masker.headers(&headers),
        wire_len: answered.wire.unwrap_or(answered.body.len() as u64),
        body: Body(masker.reply_body(answered.body).0),
        incomplete: answered.incomplete,
        note: answered.note,
    }
}

/// The same for every exchange.
pub fn timings() -> Timings {
    let ms = |n| Some(Duration::from_millis(n));
    Timings {
        connection: Connection::New,
        dns: ms(3),
        connect: ms(11),
        tls: ms(24),
        wait: ms(96),
        receive: ms(8),
        total: Duration::from_millis(142),
    }
}
