//! A request taken apart and an answer not yet written: what the handlers work with.
//!
//! May know HTTP and the formats of bodies. May not know orgs, records or what a path means.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::error::Fault;
use super::xml;

/// Which of the four listeners was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// The generic production login host.
    Login,
    /// The generic sandbox login host.
    Test,
    /// My Domain and instance of the production org.
    Production,
    /// My Domain and instance of the sandbox.
    Sandbox,
    /// The Experience Cloud site of the production org: a path of its My Domain, a login host of its own.
    Site,
}

impl Door {
    pub(super) const ALL: [Door; 5] = [Door::Login, Door::Test, Door::Production, Door::Sandbox, Door::Site];

    /// Those with a port of their own, in this order.
    pub(super) const LISTENERS: [Door; 4] = [Door::Login, Door::Test, Door::Production, Door::Sandbox];

    /// Finds an org by username, has no data of its own.
    pub(super) fn is_generic(self) -> bool {
        matches!(self, Door::Login | Door::Test)
    }

    /// The place, among the orgs, of the one behind it.
    pub(super) fn org(self) -> usize {
        match self {
            Door::Login | Door::Production | Door::Site => 0,
            Door::Test | Door::Sandbox => 1,
        }
    }

    /// The generic host on which an org's users log in.
    pub(super) fn generic_of(org: usize) -> Self {
        if org == 0 { Door::Login } else { Door::Test }
    }

    /// A word for names that must differ from door to door.
    pub(super) fn name(self) -> &'static str {
        match self {
            Door::Login => "login",
            Door::Test => "test",
            Door::Production => "production",
            Door::Sandbox => "sandbox",
            Door::Site => "site",
        }
    }

    /// The instance of an org.
    pub(super) fn instance_of(org: usize) -> Self {
        if org == 0 { Door::Production } else { Door::Sandbox }
    }
}

/// What a URL cannot hold as it is; `%` stays, since the rest may be encoded already.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A request. Has no `Debug`: it holds tokens and passwords.
pub(super) struct Call {
    pub(super) door: Door,
    pub(super) method: Method,
    /// The decoded segments of the path, without empty ones and without `.json` or `.xml` at the end.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The answer is to be XML, by `Accept` or by the path's suffix.
    pub(super) wants_xml: bool,
    /// How long the work is to take, for what must be seen at work.
    pub(super) delay: Duration,
}

impl Call {
    pub(super) fn new(door: Door, method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let (path, suffix) = segments(uri.path());
        let query = form_pairs(uri.query().unwrap_or_default().as_bytes());
        let accepts = |mime: &str| header_text(&headers, "accept").is_some_and(|text| text.contains(mime));
        let wants_xml = match suffix {
            Some(Suffix::Xml) => true,
            Some(Suffix::Json) => false,
            None => (accepts("application/xml") || accepts("text/xml")) && !accepts("json"),
        };
        let delay = Duration::ZERO;
        let mut call = Self { door, method, path, query, headers, body, wants_xml, delay };
        // Clients that cannot send PATCH send POST with this parameter.
        if let (&Method::POST, Some(real)) = (&call.method, call.param("_HttpMethod")) {
            call.method = Method::from_bytes(real.to_ascii_uppercase().as_bytes()).unwrap_or(Method::POST);
        }
        call
    }

    /// A request inside a composite one; `None` if the URL is none.
    pub(super) fn inside(outer: &Self, method: Method, url: &str, body: &Value) -> Option<Self> {
        // URLs inside a body are often written with blanks and quotes.
        let uri: Uri = utf8_percent_encode(url, ILLEGAL).to_string().parse().ok()?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        Some(Self::new(outer.door, method, &uri, headers, body))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header_text(&self.headers, name)
    }

    /// A parameter of the query string.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The parameters of a form body, after those of the query string.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        let mut pairs = self.query.clone();
        if self.content_type().is_none_or(|mime| mime.contains("urlencoded")) {
            pairs.extend(form_pairs(&self.body));
        }
        pairs
    }

    /// A cookie of that name.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }

    /// What follows `Bearer` (or `OAuth`) in the Authorization header.
    pub(super) fn bearer(&self) -> Bearer<'_> {
        let Some(text) = self.header("authorization") else { return Bearer::Missing };
        match text.split_once(' ') {
            Some((scheme, token))
                if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth") =>
            {
                Bearer::Token(token)
            }
            _ => Bearer::Malformed,
        }
    }

    /// The body as a JSON value, read from JSON or XML by its content type.
    pub(super) fn data(&self) -> Result<Value, Fault> {
        let mime = self.content_type().unwrap_or("application/json").to_ascii_lowercase();
        if mime.contains("xml") {
            return xml::read(&self.body).map_err(|message| Fault::bad("XML_PARSER_ERROR", message));
        }
        if !mime.contains("json") {
            let message = format!("Content-Type header not supported for this resource: {mime}");
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        serde_json::from_slice(&self.body).map_err(|error| json_fault(&self.body, &error))
    }
}

/// What the Authorization header holds.
pub(super) enum Bearer<'a> {
    Token(&'a str),
    Malformed,
    Missing,
}

enum Suffix {
    Json,
    Xml,
}

fn segments(path: &str) -> (Vec<String>, Option<Suffix>) {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut all: Vec<String> = path.split('/').filter(|one| !one.is_empty()).map(decode).collect();
    let Some(last) = all.last_mut() else { return (all, None) };
    let suffix = if last.ends_with(".xml") {
        Some(Suffix::Xml)
    } else if last.ends_with(".json") {
        Some(Suffix::Json)
    } else {
        None
    };
    if suffix.is_some()
        && let Some(dot) = last.rfind('.')
    {
        last.truncate(dot);
    }
    (all, suffix)
}

/// Pairs of a query string or a form: `+` is a blank, `%2B` a plus.
pub(super) fn form_pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Salesforce's words for JSON that does not parse, with line and column.
fn json_fault(body: &[u8], error: &serde_json::Error) -> Fault {
    let at = format!("[line:{}, column:{}]", error.line(), error.column());
    let text = String::from_utf8_lossy(body);
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let found = if error.is_eof() { None } else { line.chars().nth(error.column().saturating_sub(1)) };
    let message = match found {
        Some(letter) => format!(
            "Unexpected character ('{letter}' (code {})): expected a valid value (number, String, array, object, 'true', 'false' or 'null') at {at}",
            u32::from(letter)
        ),
        None => format!("Unexpected end-of-input: expected close marker at {at}"),
    };
    Fault::bad("JSON_PARSER_ERROR", message)
}

/// An answer. Has no `Debug`: it may hold a token.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) content: Content,
}

/// The body of an answer.
pub(super) enum Content {
    Empty,
    /// Becomes JSON or XML, as the caller likes; the name is the XML root.
    Data(&'static str, Value),
    /// Sent as it is, with this content type.
    Text(&'static str, Vec<u8>),
}

impl Reply {
    /// 200 with data; `root` is the name of the XML root.
    pub(super) fn data(root: &'static str, value: Value) -> Self {
        Self::with_status(StatusCode::OK, Content::Data(root, value))
    }

    /// A page for a browser. It needs no script, and no other page may frame it.
    pub(super) fn page(status: StatusCode, html: impl Into<Vec<u8>>) -> Self {
        const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        Self::text(status, "text/html;charset=UTF-8", html)
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::REFERRER_POLICY, "no-referrer")
    }

    /// Sends a browser elsewhere.
    pub(super) fn redirect(to: impl Into<String>) -> Self {
        Self::with_status(StatusCode::FOUND, Content::Empty).header(header::LOCATION, to)
    }

    pub(super) fn no_content() -> Self {
        Self::with_status(StatusCode::NO_CONTENT, Content::Empty)
    }

    pub(super) fn with_status(status: StatusCode, content: Content) -> Self {
        Self { status, headers: Vec::new(), content }
    }

    pub(super) fn text(status: StatusCode, mime: &'static str, text: impl Into<Vec<u8>>) -> Self {
        Self::with_status(status, Content::Text(mime, text.into()))
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Content type and bytes, in the format that the caller asked for.
    pub(super) fn render(self, call: &Call) -> (&'static str, Vec<u8>) {
        match self.content {
            Content::Empty => ("", Vec::new()),
            Content::Text(mime, bytes) => (mime, bytes),
            Content::Data(root, value) if call.wants_xml => {
                ("application/xml;charset=UTF-8", xml::write(root, &value).into_bytes())
            }
            Content::Data(_, value) => ("application/json;charset=UTF-8", json_bytes(call, &value)),
        }
    }
}

impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        let reply = Self::with_status(fault.status, Content::Data("Errors", fault.body()));
        match fault.message.split_once("Allowed are ") {
            Some((_, allowed)) if fault.code == "METHOD_NOT_ALLOWED" => {
                reply.header(header::ALLOW, allowed.replace(',', ", "))
            }
            _ => reply,
        }
    }
}

fn json_bytes(call: &Call, value: &Value) -> Vec<u8> {
    let pretty = call.header("x-prettyprint").is_some_and(|text| text.trim() == "1" || text.trim() == "true");
    let bytes = if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
    bytes.expect("a JSON value has string keys and finite numbers")
}
