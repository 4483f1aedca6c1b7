//! From a draft to a request that can be sent, or to everything that is wrong with it.

use super::{
    AuthChoice, BodyKind, Draft, Entry, Scope, Unresolved,
    query::{encode_data, encode_illegal, encode_name, encode_segment, is_encoded, pairs},
    variables::{Piece, joined, names_in},
};
use crate::config::is_loopback;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::{fmt, ops::Range};
use url::Url;

/// A draft with its variables filled in, ready to be sent: everything but the token.
#[derive(Clone)]
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

/// Method and host only: what a person wrote may hold a secret.
impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} to {})", self.method, self.url.host_str().unwrap_or_default())
    }
}

/// A part of a draft that something can be wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The method.
    Method,
    /// The URL.
    Url,
    /// A row of the params, from 0.
    Param(usize),
    /// A row of the headers, from 0.
    Header(usize),
    /// One of the profile's headers, from 0.
    ProfileHeader(usize),
    /// The body's text.
    Body,
    /// A row of the form, from 0.
    FormRow(usize),
}

/// A place in a text, as a person counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// One-based.
    pub line: usize,
    /// One-based, in characters.
    pub column: usize,
}

impl Place {
    /// The place of a byte offset; one inside a character counts as the character's.
    pub fn in_text(text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
        Self {
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: 1 + before[line_start..].iter().filter(is_first).count(),
        }
    }
}

/// Why a draft cannot be sent, at the field where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DraftProblem {
    /// Where.
    pub field: Field,
    /// Where in the field, if at a certain place.
    pub place: Option<Place>,
    /// What is wrong and what to do, lower case, no full stop.
    pub message: String,
}

impl From<Unresolved> for DraftProblem {
    fn from(unresolved: Unresolved) -> Self {
        let message = unresolved.to_string();
        Self { field: unresolved.field, place: Some(unresolved.place), message }
    }
}

/// Methods that a draft may have.
pub const METHODS: &[&str] = &["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"];

/// Headers that the connection sets; a draft's own would contradict it.
const OF_THE_CONNECTION: &[HeaderName] = &[
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
];

/// Whether a request changes something: any method but GET and HEAD, and GET on `…/executeAnonymous`, which
/// runs the code it is given.
pub fn is_write(method: &Method, path: &str) -> bool {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().to_ascii_lowercase();
    path.split('/').any(|segment| {
        segment.strip_prefix("executeanonymous").is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

impl Draft {
    /// The request, with variables filled in and everything encoded; or all that is wrong with it.
    pub fn prepare(
        &self,
        scope: &Scope,
        profile_headers: &[(String, String)],
    ) -> Result<Prepared, Vec<DraftProblem>> {
        let mut work = Preparation { scope, problems: Vec::new() };
        let method = work.method(&self.method);
        let url = work.url(self);
        let headers = work.headers(self, profile_headers);
        let body = work.body(self);
        match (method, url) {
            (Some(method), Some(url)) if work.problems.is_empty() => {
                Ok(Prepared { method, url, headers, body })
            }
            _ => Err(work.problems),
        }
    }

    /// Where it would go and with which headers, as far as that is known already; the body is not looked at.
    pub fn head(&self, scope: &Scope, profile_headers: &[(String, String)]) -> (Option<Url>, HeaderMap) {
        let mut work = Preparation { scope, problems: Vec::new() };
        (work.url(self), work.headers(self, profile_headers))
    }

    /// Whether a token is needed before this draft can be sent: to be sent with it, or to fill in what only a
    /// token's answer tells.
    pub fn needs_session(&self, scope: &Scope) -> bool {
        let needs_token = |name: &str| scope.needs_token(name);
        self.auth == AuthChoice::Profile
            || base_names(&self.url).iter().any(|name| needs_token(name))
            || self.texts().any(|text| names_in(text).any(needs_token))
    }

    /// Every text of which variables are filled in.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let form: &[Entry] = if self.body_kind == BodyKind::Form { &self.form } else { &[] };
        let body = (!matches!(self.body_kind, BodyKind::None | BodyKind::Form)).then_some(self.body.as_str());
        [self.url.as_str()].into_iter().chain(body).chain(
            self.params
                .iter()
                .chain(&self.headers)
                .chain(form)
                .filter(|row| row.on)
                .flat_map(|row| [row.name.as_str(), row.value.as_str()]),
        )
    }
}

/// The built-in names that a URL's form brings with it.
fn base_names(url: &str) -> &'static [&'static str] {
    match UrlForm::of(url.trim()) {
        UrlForm::Absolute => &[],
        UrlForm::Rooted => &["instance_url"],
        UrlForm::Bare => &["instance_url", "version"],
    }
}

/// How a URL is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UrlForm {
    /// With its scheme.
    Absolute,
    /// From `/`: relative to the instance URL.
    Rooted,
    /// A resource: relative to the API version's path.
    Bare,
}

impl UrlForm {
    /// A URL that begins with a variable counts as absolute until the variable is filled in.
    pub(super) fn of(text: &str) -> Self {
        let scheme_end =
            text.find("://").filter(|end| text[..*end].chars().all(|c| c.is_ascii_alphanumeric()));
        if scheme_end.is_some() || text.starts_with("{{") {
            Self::Absolute
        } else if text.starts_with('/') {
            Self::Rooted
        } else {
            Self::Bare
        }
    }
}

/// A preparation under way: what is wrong is gathered, so that all of it can be shown at once.
struct Preparation<'a> {
    scope: &'a Scope,
    problems: Vec<DraftProblem>,
}

impl Preparation<'_> {
    fn problem(&mut self, field: Field, message: impl Into<String>) {
        self.problems.push(DraftProblem { field, place: None, message: message.into() });
    }

    /// The pieces of a range of a text, or `None` after noting what is unresolved.
    fn pieces(&mut self, text: &str, range: Range<usize>, field: Field) -> Option<Vec<Piece>> {
        match self.scope.pieces(text, range, field) {
            Ok(pieces) => Some(pieces),
            Err(unresolved) => {
                self.problems.extend(unresolved.into_iter().map(DraftProblem::from));
                None
            }
        }
    }

    fn fill(&mut self, text: &str, field: Field) -> Option<String> {
        Some(joined(&self.pieces(text, 0..text.len(), field)?))
    }

    fn method(&mut self, method: &str) -> Option<Method> {
        let upper = method.trim().to_ascii_uppercase();
        if METHODS.contains(&upper.as_str()) {
            return Method::from_bytes(upper.as_bytes()).ok();
        }
        self.problem(
            Field::Method,
            format!("\"{}\" is no method; use {}", method.trim(), METHODS.join(", ")),
        );
        None
    }

    fn url(&mut self, draft: &Draft) -> Option<Url> {
        let typed = draft.url.as_str();
        let end = typed.find('?').unwrap_or(typed.len());
        let base = self.base(typed, end);
        let mut query = Vec::new();
        if end < typed.len() {
            query.extend(self.typed_query(typed, end + 1));
        }
        for (i, row) in draft.params.iter().enumerate().filter(|(_, row)| row.on) {
            query.extend(
                self.row(row, Field::Param(i))
                    .map(|(name, value)| format!("{}={}", encode_name(&name), encode_data(&value))),
            );
        }
        let mut text = base?;
        if !query.is_empty() {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(&query.join("&"));
        }
        self.judge(&text, draft.auth)
    }

    /// Everything before the query, absolute and encoded.
    fn base(&mut self, typed: &str, end: usize) -> Option<String> {
        let start = typed.len() - typed.trim_start().len();
        let end = start.max(typed[..end].trim_end().len());
        if start >= end {
            self.problem(Field::Url, "there is no URL; type one, such as limits or /services/data");
            return None;
        }
        let pieces = self.pieces(typed, start..end, Field::Url)?;
        let path: String = pieces
            .iter()
            .enumerate()
            .map(|(i, piece)| {
                // A variable at the very beginning holds a URL or its beginning; later ones hold data.
                if piece.is_value && i > 0 {
                    encode_segment(&piece.text)
                } else {
                    encode_illegal(&piece.text)
                }
            })
            .collect();
        self.absolute(path.trim_start())
    }

    fn absolute(&mut self, path: &str) -> Option<String> {
        match UrlForm::of(path) {
            UrlForm::Absolute => Some(path.to_owned()),
            UrlForm::Rooted => Some(self.prefix("{{instance_url}}")? + path),
            UrlForm::Bare => {
                let first = path.split('/').next().unwrap_or_default();
                if looks_like_a_host(first) {
                    self.problem(Field::Url, format!("{first} looks like a host; write https://{path}"));
                    return None;
                }
                Some(self.prefix("{{instance_url}}/services/data/{{version}}/")? + path)
            }
        }
    }

    /// What the form of a URL puts before it. Nobody typed this, so what is unresolved in it has no place.
    fn prefix(&mut self, template: &str) -> Option<String> {
        match self.scope.fill(template, Field::Url) {
            Ok(prefix) => Some(prefix),
            Err(unresolved) => {
                self.problem(Field::Url, unresolved[0].to_string());
                None
            }
        }
    }

    /// The parameters typed in the URL, encoded.
    fn typed_query(&mut self, typed: &str, start: usize) -> Vec<String> {
        let mut query = Vec::new();
        for pair in pairs(typed, start).into_iter().filter(|pair| !pair.is_empty(typed)) {
            let encoded = is_encoded(&typed[pair.value.clone()]);
            let Some(name) = self.pieces(typed, pair.name.clone(), Field::Url) else { continue };
            let Some(value) = self.pieces(typed, pair.value.clone(), Field::Url) else { continue };
            let encode = |piece: &Piece, keep: bool| {
                if keep && !piece.is_value { encode_illegal(&piece.text) } else { encode_data(&piece.text) }
            };
            let mut text: String = name.iter().map(|piece| encode(piece, true)).collect();
            if typed[pair.name.end..].starts_with('=') {
                text.push('=');
            }
            text.extend(value.iter().map(|piece| encode(piece, encoded)));
            query.push(text);
        }
        query
    }

    fn judge(&mut self, text: &str, auth: AuthChoice) -> Option<Url> {
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(error) => {
                self.problem(Field::Url, format!("this is not a URL ({error})"));
                return None;
            }
        };
        let wrong = if !matches!(url.scheme(), "https" | "http") {
            "only http and https URLs can be sent"
        } else if !url.username().is_empty() || url.password().is_some() {
            "the URL holds a name or password before the host; take it out"
        } else if url.scheme() == "http" && auth == AuthChoice::Profile && !is_loopback(&url) {
            "a token is sent over https only; write https://, or set auth to none"
        } else {
            return Some(url);
        };
        self.problem(Field::Url, wrong);
        None
    }

    /// Name and value of a row; `None` for an empty row, or after noting what is wrong.
    fn row(&mut self, row: &Entry, field: Field) -> Option<(String, String)> {
        if row.name.trim().is_empty() {
            if !row.value.is_empty() {
                self.problem(field, "this row has a value and no name");
            }
            return None;
        }
        let (name, value) = (self.fill(row.name.trim(), field), self.fill(&row.value, field));
        name.zip(value)
    }

    fn headers(&mut self, draft: &Draft, profile_headers: &[(String, String)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (i, (name, value)) in profile_headers.iter().enumerate() {
            if let Some((name, value)) = self.header(&Entry::new(name, value), Field::ProfileHeader(i)) {
                headers.insert(name, value);
            }
        }
        let mut own = HeaderMap::new();
        for (i, row) in draft.headers.iter().enumerate().filter(|(_, row)| row.on) {
            if let Some((name, value)) = self.header(row, Field::Header(i)) {
                own.append(name, value);
            }
        }
        for name in own.keys() {
            headers.remove(name);
        }
        headers.extend(own);
        if let Some(content_type) = draft.body_kind.content_type() {
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        }
        headers
    }

    fn header(&mut self, row: &Entry, field: Field) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = self.row(row, field)?;
        let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
            self.problem(field, format!("\"{name}\" is not a header's name"));
            return None;
        };
        if OF_THE_CONNECTION.contains(&parsed) {
            self.problem(field, format!("{name} is set by the connection itself; switch this row off"));
            return None;
        }
        if value.contains(['\r', '\n']) {
            self.problem(
                field,
                format!("the value of {name} has a line end in it, which would begin another header"),
            );
            return None;
        }
        let Ok(mut parsed_value) = HeaderValue::from_str(value.trim()) else {
            self.problem(field, format!("the value of {name} has a character that a header cannot carry"));
            return None;
        };
        parsed_value.set_sensitive(matches!(parsed.as_str(), "authorization" | "x-sfdc-session" | "cookie"));
        Some((parsed, parsed_value))
    }

    fn body(&mut self, draft: &Draft) -> Bytes {
        match draft.body_kind {
            BodyKind::None => Bytes::new(),
            BodyKind::Form => self.form(&draft.form),
            BodyKind::Json => self.json(&draft.body),
            BodyKind::Xml | BodyKind::Raw => self.fill(&draft.body, Field::Body).unwrap_or_default().into(),
        }
    }

    fn form(&mut self, rows: &[Entry]) -> Bytes {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (i, row) in rows.iter().enumerate().filter(|(_, row)| row.on) {
            if let Some((name, value)) = self.row(row, Field::FormRow(i)) {
                form.append_pair(&name, &value);
            }
        }
        form.finish().into()
    }

    fn json(&mut self, body: &str) -> Bytes {
        if body.trim().is_empty() {
            self.problem(Field::Body, "the body is empty; write JSON, or set the body to none");
            return Bytes::new();
        }
        let Some(pieces) = self.pieces(body, 0..body.len(), Field::Body) else { return Bytes::new() };
        let filled = joined(&pieces);
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&filled) {
            let at =
                if error.is_eof() { filled.len() } else { offset(&filled, error.line(), error.column()) };
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or(&text);
            let place = Place::in_text(body, typed_offset(&pieces, at, body.len()));
            self.problems.push(DraftProblem {
                field: Field::Body,
                place: Some(place),
                message: format!("this is not JSON: {what} at line {}, column {}", place.line, place.column),
            });
        }
        filled.into()
    }
}

/// Whether the first segment of a URL without a scheme was meant as a host.
pub(super) fn looks_like_a_host(segment: &str) -> bool {
    let segment = segment.split(':').next().unwrap_or_default();
    segment == "localhost"
        || [".com", ".mil", ".cn", ".org", ".net"]
            .iter()
            .any(|end| segment.to_ascii_lowercase().ends_with(end))
}

/// The byte offset of serde_json's line and column: both from 1, the column in bytes and on the last byte read.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    line_start + column.saturating_sub(1)
}

/// Where an offset of the filled text is in the text as typed; inside a value, it is where the variable stands.
fn typed_offset(pieces: &[Piece], offset: usize, end: usize) -> usize {
    let mut before = 0;
    for piece in pieces {
        if offset < before + piece.text.len() {
            return if piece.is_value { piece.from } else { piece.from + offset - before };
        }
        before += piece.text.len();
    }
    end
}
