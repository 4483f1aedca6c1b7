//! The types of one exchange.

use crate::config::ProfileId;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version};
use std::{
    fmt,
    net::SocketAddr,
    time::{Duration, SystemTime},
};
use url::Url;

/// Numbers the exchanges of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub u64);

/// The real request, secrets and all: neither `Debug` nor `Clone`. A replay builds it anew.
pub struct RequestSpec {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: Url,
    /// Every header that goes out, but those of the connection itself.
    pub headers: HeaderMap,
    /// Body.
    pub body: RequestBody,
}

/// What a request carries.
pub enum RequestBody {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Bytes),
}

/// A part of a record with its secrets already masked. Only `http::redact` makes one.
#[derive(Clone, Debug)]
pub struct Redacted<T>(pub(in crate::http) T);

impl<T> std::ops::Deref for Redacted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// One network act, kept whether it succeeded, failed or was cancelled.
#[derive(Debug)]
pub struct Exchange {
    /// Its number.
    pub id: ExchangeId,
    /// What it was for.
    pub purpose: Purpose,
    /// For whom.
    pub profile: ProfileId,
    /// When it began.
    pub started: SystemTime,
    /// What went out, masked.
    pub request: RequestRecord,
    /// What came back, or why nothing did.
    pub reply: Result<Reply, TransportFailure>,
    /// How long each part took.
    pub timings: Timings,
    /// The requests that were answered by a redirect which was followed.
    pub redirects: Vec<RequestRecord>,
    /// It was sent again with a new token after a 401.
    pub replayed: bool,
}

/// What an exchange was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A token request.
    Token,
    /// A call that a person composed.
    Api,
    /// orgdeck's own question to the org.
    Metadata,
}

/// What went out, masked.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// Method.
    pub method: Method,
    /// URL.
    pub url: Redacted<Url>,
    /// Headers in the order they were sent.
    pub headers: Redacted<HeaderMap>,
    /// Body.
    pub body: Redacted<Bytes>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// HTTP version.
    pub version: Version,
    /// Who answered.
    pub peer: Option<SocketAddr>,
    /// Headers, masked.
    pub headers: Redacted<HeaderMap>,
    /// The body, decompressed. A token response's secrets are masked in it.
    pub body: Body,
    /// Bytes of the body as they came over the wire, compressed if they were.
    pub wire_len: u64,
    /// Why the body is not whole, if it is not: cancelled, cut, undecodable.
    pub incomplete: Option<TransportFailure>,
    /// What a person should know of this answer that its status does not say: a redirect that was not followed.
    pub note: Option<String>,
}

/// A body kept in memory.
#[derive(Clone, Default)]
pub struct Body(pub Bytes);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

/// How long each part took; `None` where it did not happen or cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// What became of the connection.
    pub connection: Connection,
    /// Name resolution.
    pub dns: Option<Duration>,
    /// TCP connect.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// From the request sent to the first byte of the answer.
    pub wait: Option<Duration>,
    /// From the first byte to the last.
    pub receive: Option<Duration>,
    /// The whole.
    pub total: Duration,
}

/// What became of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Made for this exchange.
    #[default]
    New,
    /// Kept from an earlier one.
    Reused,
}

/// Why no (whole) answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportFailure {
    /// How far it got.
    pub phase: Phase,
    /// Whether a person stopped it.
    pub cancelled: bool,
    /// A sentence for a person, without secrets, lower case, no full stop.
    pub message: String,
}

/// How far an exchange got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Resolving the name.
    Dns,
    /// Connecting.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request.
    Send,
    /// Waiting for the answer.
    Wait,
    /// Receiving the body.
    Receive,
}
