//! All that an answer says of failures, read once.

use super::{ApiError, FailedPart, failed_parts, name_requests, parse};
use http::StatusCode;

/// What failed, by an answer's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Errors of the answer as a whole.
    pub errors: Vec<ApiError>,
    /// Parts that failed inside an answer that is well as a whole.
    pub parts: Vec<FailedPart>,
}

impl Said {
    /// Reads an answer to a request of that path and body. Takes as long as parsing the body does.
    pub fn read(status: StatusCode, path: &str, request_body: &[u8], body: &[u8]) -> Self {
        let mut parts = failed_parts(path, body);
        name_requests(&mut parts, request_body);
        Self { errors: parse(status, body), parts }
    }

    /// Whether nothing failed.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.parts.is_empty()
    }
}
