//! One HTTP exchange: what goes out, what comes back, and its masked record.
//!
//! Knows no profile's flow and no pane. A [`RequestSpec`] is the real thing; the [`Exchange`] that is kept and
//! shown holds only [`Redacted`] parts, so that an unmasked record cannot be built.

mod exchange;

pub use exchange::{
    Body, Connection, Exchange, ExchangeId, Phase, Purpose, Redacted, Reply, RequestBody, RequestRecord,
    RequestSpec, Timings, TransportFailure,
};
