//! The seam between jobs and the network: what is given to a transport, and what it answers with.
//!
//! Jobs know only [`Transport`]; tests put a fake one there. No socket and no TLS here.

use super::{
    Body, Exchange, ExchangeId, Purpose, Reply, RequestRecord, RequestSpec, Timings, TransportFailure,
};
use crate::{config::ProfileId, secrets::Secret};
use bytes::Bytes;
use http::StatusCode;
use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// One HTTP exchange at a time. A transport knows no profile and no job; it answers with a record also when
/// the exchange failed or was cancelled half-way.
pub trait Transport: Clone + Send + Sync + 'static {
    /// Sends and receives. Returns soon after `stop` is cancelled, with what had come until then.
    fn send(
        &self,
        outgoing: Outgoing,
        observer: &dyn Observer,
        stop: CancellationToken,
    ) -> impl Future<Output = Sent> + Send;
}

/// Told how far an exchange is. Called on the task that receives: must not block.
pub trait Observer: Send + Sync {
    /// Status and headers are there; `of` is the length of the body on the wire, where the answer tells it.
    fn head(&self, status: StatusCode, of: Option<u64>);
    /// So many bytes of the body have come over the wire.
    fn bytes(&self, received: u64, of: Option<u64>);
}

/// An observer that does not look.
pub struct Unobserved;

impl Observer for Unobserved {
    fn head(&self, _: StatusCode, _: Option<u64>) {}
    fn bytes(&self, _: u64, _: Option<u64>) {}
}

/// A request with all that its sending needs. Holds secrets: no `Debug`.
pub struct Outgoing {
    /// The request itself.
    pub spec: RequestSpec,
    /// What it is for; decides how much of the answer is masked.
    pub purpose: Purpose,
    /// Which way it goes, and how long it may take.
    pub route: Route,
    /// Secrets that must not appear anywhere in the record, beyond those the request itself carries.
    pub known: Vec<Secret>,
}

/// Which way a request goes. A proxy's URL may hold a password: no `Debug`.
#[derive(Clone, Default)]
pub struct Route {
    /// A proxy for this request; else the system's. Never used for loopback.
    pub proxy: Option<Url>,
    /// A PEM file with certificate authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// How long the whole exchange may take. `None`: as long as something arrives every
    /// [`IDLE_TIMEOUT`].
    pub timeout: Option<Duration>,
}

/// How long orgdeck waits for the next byte where the profile sets no `timeout` of its own.
///
/// The platform lets SOQL run for about 120 s before it answers; anything longer is silence. `Esc` is always
/// there, and a profile sets its own `timeout` where it knows better.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(150);

/// How long name resolution, connecting and the TLS handshake may take together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of a body that are kept; the rest is not received.
pub const BODY_LIMIT: u64 = 1 << 30;

/// What a transport answers with: an exchange without its job's part. Holds secrets in `unmasked`: no `Debug`.
pub struct Sent {
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
    /// The answer as it came, for reading a token out of it. Only for [`Purpose::Token`], and never kept.
    pub unmasked: Option<Unmasked>,
}

/// What of an answer may hold a token or a code. No `Debug`.
#[derive(Clone, Default)]
pub struct Unmasked {
    /// The body.
    pub body: Bytes,
    /// The `Location` header: one flow is answered by a redirect that carries the code.
    pub location: Option<String>,
}

impl Sent {
    /// The record, with what only the job knows.
    pub fn into_exchange(
        self,
        id: ExchangeId,
        profile: ProfileId,
        purpose: Purpose,
        replayed: bool,
    ) -> Exchange {
        let Self { started, request, reply, timings, redirects, unmasked: _ } = self;
        Exchange { id, purpose, profile, started, request, reply, timings, redirects, replayed }
    }
}

impl Body {
    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}
