//! One HTTP exchange: what goes out, what comes back, and its masked record.
//!
//! Knows no profile's flow and no pane. A [`RequestSpec`] is the real thing; the [`Exchange`] that is kept and
//! shown holds only [`Redacted`] parts, so that an unmasked record cannot be built.

mod client;
mod decode;
mod exchange;
mod failure;
mod network;
mod proxy;
pub mod redact;
mod timing;
mod transport;

pub use exchange::{
    Body, Connection, Exchange, ExchangeId, Phase, Purpose, Redacted, Reply, RequestBody, RequestRecord,
    RequestSpec, Timings, TransportFailure,
};
pub use network::Network;
pub use proxy::Proxy;
pub use redact::{header_text, mask_text};
pub use transport::{
    BODY_LIMIT, CONNECT_TIMEOUT, IDLE_TIMEOUT, Observer, Outgoing, Route, Sent, Transport, Unmasked,
    Unobserved,
};
