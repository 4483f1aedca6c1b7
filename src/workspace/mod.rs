//! Requests as they are written: drafts, variables, the ready requests.

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

/// A draft with its variables filled in, ready to be sent: everything but the token.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: Url,
    /// Headers, the profile's and the draft's, without `Authorization` unless the draft sets its own.
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Bytes,
}
