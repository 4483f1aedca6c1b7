//! An error as somebody saw it elsewhere: a log, a chat, Postman, `curl -i`. Finds what is in it.

use super::{ApiError, FailedPart, Page};

/// What a pasted text says of an error. Nothing in it is a secret: what looks like one is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The answer's HTTP status.
    pub status: Option<u16>,
    /// The answer's headers, as written.
    pub headers: Vec<(String, String)>,
    /// Method and path or URL of the request; the method is empty where only the address is told.
    pub request: Option<(String, String)>,
    /// The request's headers, as written.
    pub request_headers: Vec<(String, String)>,
    /// The errors. Where nothing is recognised, one without a code, whose message is the text.
    pub errors: Vec<ApiError>,
    /// What failed inside an answer of status 200.
    pub parts: Vec<FailedPart>,
    /// The HTML page that came in an answer's place.
    pub page: Option<Page>,
    /// The rest, at most 500 characters.
    pub text: String,
}

/// Reads an error as pasted.
pub fn seen(text: &str) -> Seen {
    let _ = text;
    Seen::default()
}
