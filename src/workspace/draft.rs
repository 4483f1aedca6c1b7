//! A request as a person writes it, and the small TOML file it is kept in.
//!
//! A request file never holds a secret: a draft has no token, only the choice whether one is sent.

use serde::{Deserialize, Serialize};

/// A request as it is being written. Any text may be in it; [`Draft::prepare`](super::Draft::prepare) judges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What a person calls it.
    pub name: String,
    /// The method, as typed.
    pub method: String,
    /// The URL as typed: absolute, from `/`, or bare (`limits`), with or without a query.
    pub url: String,
    /// Query parameters beside those in the URL.
    pub params: Vec<Entry>,
    /// Headers.
    pub headers: Vec<Entry>,
    /// What kind of body goes out.
    pub body_kind: BodyKind,
    /// The body's text, for JSON, XML and raw; kept when another kind is chosen.
    pub body: String,
    /// The body's rows, for a form; kept when another kind is chosen.
    pub form: Vec<Entry>,
    /// Whether the profile's token is sent.
    pub auth: AuthChoice,
}

impl Draft {
    /// An empty GET.
    pub fn new() -> Self {
        Self { method: "GET".to_owned(), ..Self::default() }
    }
}

/// A row of params, headers or a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whether it is sent.
    pub on: bool,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

impl Entry {
    /// A row that is sent.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { on: true, name: name.into(), value: value.into() }
    }
}

/// What kind of body a draft sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    /// No body.
    #[default]
    None,
    /// JSON, checked before it is sent.
    Json,
    /// XML.
    Xml,
    /// `application/x-www-form-urlencoded`, from rows.
    Form,
    /// Text as it stands.
    Raw,
}

impl BodyKind {
    /// Every kind, in the order a list shows them.
    pub const ALL: &'static [Self] = &[Self::None, Self::Json, Self::Xml, Self::Form, Self::Raw];

    /// Its name for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Json => "JSON",
            Self::Xml => "XML",
            Self::Form => "form",
            Self::Raw => "raw",
        }
    }

    /// The `Content-Type` that is sent where the draft has none.
    pub fn content_type(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Json => Some("application/json; charset=UTF-8"),
            Self::Xml => Some("application/xml; charset=UTF-8"),
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::Raw => Some("text/plain; charset=UTF-8"),
        }
    }
}

/// Whose token a draft sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthChoice {
    /// The current profile's.
    #[default]
    Profile,
    /// Nobody's.
    None,
}

/// What a request file says beside the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct About {
    /// Where a list shows it.
    pub group: String,
    /// One line about it.
    pub description: String,
    /// A fact of the API that helps to use it.
    pub fact: String,
}

/// A request file: the draft and what is said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFile {
    /// The request.
    pub draft: Draft,
    /// What is said about it.
    pub about: About,
}

/// A request file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct RequestFileError {
    /// One-based.
    pub line: usize,
    /// One-based.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl RequestFile {
    /// Reads a request file.
    pub fn parse(text: &str) -> Result<Self, RequestFileError> {
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let place = super::Place::in_text(text, at);
            RequestFileError { line: place.line, column: place.column, message: error.message().to_owned() }
        })?;
        Ok(raw.into())
    }

    /// Writes it as text that [`RequestFile::parse`] reads as the same.
    pub fn print(&self) -> String {
        toml::to_string_pretty(&Raw::from(self))
            .expect("strings, switches and tables only, all of which TOML has")
    }
}

/// What the file says: like a [`RequestFile`], with all that is as usual left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    method: String,
    url: String,
    #[serde(default, skip_serializing_if = "is_default")]
    auth: AuthChoice,
    #[serde(default, skip_serializing_if = "is_default")]
    about: About,
    #[serde(default, rename = "param", skip_serializing_if = "Vec::is_empty")]
    params: Vec<RawEntry>,
    #[serde(default, rename = "header", skip_serializing_if = "Vec::is_empty")]
    headers: Vec<RawEntry>,
    #[serde(default, skip_serializing_if = "is_default")]
    body: RawBody,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBody {
    #[serde(default)]
    kind: BodyKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(default, rename = "row", skip_serializing_if = "Vec::is_empty")]
    rows: Vec<RawEntry>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    name: String,
    value: String,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    on: bool,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_yes(on: &bool) -> bool {
    *on
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<&Entry> for RawEntry {
    fn from(entry: &Entry) -> Self {
        Self { name: entry.name.clone(), value: entry.value.clone(), on: entry.on }
    }
}

impl From<RawEntry> for Entry {
    fn from(raw: RawEntry) -> Self {
        Self { on: raw.on, name: raw.name, value: raw.value }
    }
}

impl From<&RequestFile> for Raw {
    fn from(file: &RequestFile) -> Self {
        let RequestFile { draft, about } = file;
        let entries = |rows: &[Entry]| rows.iter().map(RawEntry::from).collect();
        Self {
            name: draft.name.clone(),
            method: draft.method.clone(),
            url: draft.url.clone(),
            auth: draft.auth,
            about: about.clone(),
            params: entries(&draft.params),
            headers: entries(&draft.headers),
            body: RawBody { kind: draft.body_kind, text: draft.body.clone(), rows: entries(&draft.form) },
        }
    }
}

impl From<Raw> for RequestFile {
    fn from(raw: Raw) -> Self {
        let entries = |rows: Vec<RawEntry>| rows.into_iter().map(Entry::from).collect();
        let draft = Draft {
            name: raw.name,
            method: raw.method,
            url: raw.url,
            params: entries(raw.params),
            headers: entries(raw.headers),
            body_kind: raw.body.kind,
            body: raw.body.text,
            form: entries(raw.body.rows),
            auth: raw.auth,
        };
        Self { draft, about: raw.about }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        prop::collection::vec(
            (any::<bool>(), any::<String>(), "(?s).{0,20}").prop_map(|(on, name, value)| Entry {
                on,
                name,
                value,
            }),
            0..3,
        )
    }

    fn files() -> impl Strategy<Value = RequestFile> {
        (
            (any::<String>(), any::<String>(), any::<String>(), "(?s)[a-z\"'\\\\\r\n\t {}]{0,60}"),
            (entries(), entries(), entries()),
            (0..BodyKind::ALL.len(), any::<bool>(), any::<String>()),
        )
            .prop_map(|((name, method, url, body), (params, headers, form), (kind, auth, group))| {
                RequestFile {
                    draft: Draft {
                        name,
                        method,
                        url,
                        params,
                        headers,
                        body_kind: BodyKind::ALL[kind],
                        body,
                        form,
                        auth: if auth { AuthChoice::Profile } else { AuthChoice::None },
                    },
                    about: About { group, ..About::default() },
                }
            })
    }

    proptest! {
        #[test]
        fn a_request_file_survives_print_and_parse(file in files()) {
            prop_assert_eq!(RequestFile::parse(&file.print()).unwrap(), file);
        }
    }

    #[test]
    fn a_file_is_small_and_readable() {
        let file = RequestFile {
            draft: Draft {
                name: "Create an account".into(),
                method: "POST".into(),
                url: "sobjects/Account".into(),
                headers: vec![Entry { on: false, ..Entry::new("Sforce-Auto-Assign", "FALSE") }],
                body_kind: BodyKind::Json,
                body: "{\n  \"Name\": \"Acme\"\n}\n".into(),
                ..Draft::default()
            },
            about: About::default(),
        };
        assert_eq!(
            file.print(),
            r#"name = "Create an account"
method = "POST"
url = "sobjects/Account"

[[header]]
name = "Sforce-Auto-Assign"
value = "FALSE"
on = false

[body]
kind = "json"
text = """
{
  "Name": "Acme"
}
"""
"#
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error =
            RequestFile::parse("name = \"x\"\nmethod = \"GET\"\nurl = \"\"\nmetod = 1\n").unwrap_err();
        assert_eq!((error.line, error.column), (4, 1));
        assert!(error.message.contains("metod"), "{error}");
    }
}
