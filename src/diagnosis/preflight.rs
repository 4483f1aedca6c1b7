//! What is worth a word before a token request or a request goes out: slips that would be refused, each at its field
//! and with what one key does about it. Nothing here stops anything.
//!
//! The warnings are data in `assets/hints/preflight.toml`; they ask for the same signals as the hints, and for some of
//! their own, which are here.

use super::{
    facts::{Asked, Facts},
    remedy::Remedy,
    signals::{Ending, SIGNALS, username_ending},
    words::{fill, is_word, words_of},
};
use crate::{
    config::{Environment, Flow, Profile, ProfileField},
    salesforce::{
        authorization,
        typed_query::{self, Slip},
    },
    secrets::Shape,
};
use serde::Deserialize;
use std::{fmt, sync::LazyLock};
use url::Url;

/// So much of a body is looked at, in bytes.
pub const LOOKED_AT: usize = 4 * 1024;

/// Something that will probably be refused, or is worth a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its name in the data.
    pub id: &'static str,
    /// Where.
    pub at: Spot,
    /// What is odd: one sentence, lower case, no full stop.
    pub text: String,
    /// What one key does about it.
    pub remedy: Option<Remedy>,
    /// That in a few words.
    pub key: &'static str,
}

/// With the field's name where it is one of the profile.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Spot::Profile(field) = self.at {
            write!(f, "{}: ", field.key())?;
        }
        f.write_str(&self.text)
    }
}

/// Where a warning belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A field of the profile.
    Profile(ProfileField),
    /// The request's method.
    Method,
    /// The URL.
    Url,
    /// A row of the query parameters, from 0.
    Param(usize),
    /// A row of the headers, from 0.
    Header(usize),
    /// The body.
    Body,
    /// The token that goes with it.
    Token,
}

/// A request as it is written, in plain values.
#[derive(Clone, Debug, Default)]
pub struct Written<'a> {
    /// The method.
    pub method: &'a str,
    /// The URL as typed.
    pub url: &'a str,
    /// The URL as it will be sent, where that is known already.
    pub target: Option<Url>,
    /// The parameters that are on: row, name, value.
    pub params: Vec<(usize, &'a str, &'a str)>,
    /// The headers that are on: row, name, value.
    pub headers: Vec<(usize, &'a str, &'a str)>,
    /// The `Content-Type` that will be sent.
    pub content_type: Option<String>,
    /// The body's beginning; see [`LOOKED_AT`].
    pub body: &'a str,
    /// Whether the profile's token goes with it.
    pub with_token: bool,
    /// Whether it writes to a production org.
    pub writes_to_production: bool,
}

/// What is worth a word before a token is asked for with this profile. `facts` are those of the profile, with what is
/// known beside it.
pub fn of_token_request(facts: &Facts, profile: &Profile) -> Vec<Warning> {
    let view = View { facts, profile: Some(profile), written: None };
    let is_used = |field: ProfileField| {
        let of_some_flow = Flow::ALL.iter().any(|flow| flow.needs().uses(field));
        !of_some_flow || profile.flow.needs().uses(field)
    };
    let rows = RULES.token.iter().filter(|rule| rule.flows.is_empty() || rule.flows.contains(&profile.flow));
    rows.filter_map(|rule| {
        let At::Profile(field) = rule.at else { return None };
        (is_used(field) && rule.holds(&view)).then(|| rule.warning(Spot::Profile(field), facts))
    })
    .collect()
}

/// What is worth a word before this request goes out. `facts` are those of the profile and the token.
pub fn of_request(facts: Facts, written: &Written) -> Vec<Warning> {
    let facts = Facts { asked: Some(asked(written)), ..facts };
    let view = View { facts: &facts, profile: None, written: Some(written) };
    let holding = RULES.request.iter().filter(|rule| rule.holds(&view));
    holding.map(|rule| rule.warning(written.spot(rule), &facts)).collect()
}

fn asked(written: &Written) -> Asked {
    let path = match &written.target {
        Some(url) => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        // A bare URL has no version of its own yet.
        None if written.url.contains("/services/") => written.url.to_owned(),
        None => String::new(),
    };
    // What a variable will hold is not known here.
    let headers = written.headers.iter().filter(|(_, _, value)| !value.trim_start().starts_with("{{"));
    let headers = headers.map(|(_, name, value)| (name.trim().to_ascii_lowercase(), (*value).to_owned()));
    let others = headers.filter(|(name, _)| name != "content-type");
    let content_type = written.content_type.iter().map(|value| ("content-type".to_owned(), value.clone()));
    Asked {
        method: written.method.trim().to_ascii_uppercase(),
        host: written.target.as_ref().and_then(Url::host_str).map(str::to_owned),
        path,
        headers: others.chain(content_type).collect(),
        body: written.body.to_owned(),
        knows_body: true,
    }
}

impl Written<'_> {
    fn header(&self, is: impl Fn(&str) -> bool) -> Option<Spot> {
        self.headers.iter().find(|(_, name, _)| is(name.trim())).map(|(row, ..)| Spot::Header(*row))
    }

    fn spot(&self, rule: &Rule) -> Spot {
        let named = |wanted: &'static str| move |name: &str| name.eq_ignore_ascii_case(wanted);
        match rule.at {
            At::Profile(field) => Spot::Profile(field),
            At::Method => Spot::Method,
            At::Body => Spot::Body,
            At::Token => Spot::Token,
            At::Url => Spot::Url,
            At::Query => self.odd_row().map_or(Spot::Url, Spot::Param),
            At::ContentType => self.header(named("content-type")).unwrap_or(Spot::Body),
            At::Authorization => {
                let near = || self.header(authorization::is_misspelt_name);
                self.header(named("authorization")).or_else(near).unwrap_or(Spot::Url)
            }
        }
    }

    /// The row whose SOQL is written oddly.
    fn odd_row(&self) -> Option<usize> {
        let is_odd = |name: &str, value: &str| {
            typed_query::is_encoded_soql(value)
                || (name == "q" && typed_query::with_single_quotes(value).is_some())
        };
        self.params.iter().find(|(_, name, value)| is_odd(name, value)).map(|(row, ..)| *row)
    }

    fn query(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }
}

/// What a signal looks at.
struct View<'a> {
    facts: &'a Facts,
    profile: Option<&'a Profile>,
    written: Option<&'a Written<'a>>,
}

impl View<'_> {
    fn slips(&self, slip: Slip) -> bool {
        self.written.is_some_and(|written| typed_query::slip(written.query()) == Some(slip))
    }
}

/// A signal of the warnings alone, by its name in the data.
type Own = (&'static str, fn(&View) -> bool);

const OWN: &[Own] = &[
    ("production-like-username", |v| is_production_like(v.facts)),
    ("scratch-environment", |v| v.facts.environment == Some(Environment::Scratch)),
    ("flow-needs-my-domain", |v| v.facts.flow.is_some_and(Flow::needs_my_domain)),
    ("key-blank", |v| v.facts.known.consumer_key_shape.contains(&Shape::Blank)),
    ("key-quoted", |v| v.facts.known.consumer_key_shape.contains(&Shape::Quotes)),
    ("secret-blank", |v| v.facts.known.consumer_secret_shape.contains(&Shape::Blank)),
    ("secret-quoted", |v| v.facts.known.consumer_secret_shape.contains(&Shape::Quotes)),
    ("username-blank", |v| v.facts.username.as_ref().is_some_and(|name| name.contains(char::is_whitespace))),
    ("username-quoted", |v| v.facts.known.username_shape.contains(&Shape::Quotes)),
    ("security-token-blank", |v| v.facts.known.security_token_shape.contains(&Shape::Blank)),
    ("tokens-to-be-remembered", |v| {
        v.profile.is_some_and(|profile| profile.remember_tokens && profile.flow.may_give_refresh_token())
    }),
    ("query-ampersand", |v| v.slips(Slip::Ampersand)),
    ("query-percent", |v| v.slips(Slip::Percent)),
    ("query-plus", |v| v.slips(Slip::Plus)),
    ("query-encoded-twice", |v| {
        let rows = v.written.iter().flat_map(|written| &written.params);
        rows.into_iter().any(|(_, _, value)| typed_query::is_encoded_soql(value))
    }),
    ("query-quotes", |v| {
        let rows = v.written.iter().flat_map(|written| &written.params);
        let in_rows = rows.into_iter().filter(|(_, name, _)| *name == "q");
        let typed = v.written.map_or("", Written::query);
        let in_url = url::form_urlencoded::parse(typed.as_bytes()).filter(|(name, _)| name == "q");
        let texts = in_rows.map(|(_, _, value)| (*value).to_owned());
        let mut texts = texts.chain(in_url.map(|(_, value)| value.into_owned()));
        texts.any(|soql| typed_query::with_single_quotes(&soql).is_some())
    }),
    ("versioned-path", |v| {
        let path = v.facts.path().to_ascii_lowercase();
        ["/services/data/", "/services/async/", "/services/soap/"].iter().any(|part| path.contains(part))
    }),
    ("soap-login", |v| {
        let body = v.facts.asked.as_ref().map_or("", |asked| &asked.body);
        ["<login", ":login>", ":login "].iter().any(|part| body.contains(part))
    }),
    ("body-without-type", |v| {
        v.written.is_some_and(|written| !written.body.trim().is_empty() && written.content_type.is_none())
    }),
    ("with-token", |v| v.written.is_some_and(|written| written.with_token)),
    ("token-ended", |v| v.facts.known.token_ended),
    ("write-to-production", |v| v.written.is_some_and(|written| written.writes_to_production)),
];

/// A username that ends as an e-mail address does, and has nothing in it that speaks of a sandbox.
fn is_production_like(facts: &Facts) -> bool {
    const OF_SANDBOXES: &[&str] =
        &["sandbox", "sbx", "uat", "test", "dev", "qa", "stag", "preprod", "scratch", "full", "partial"];
    let name = facts.username.as_deref().unwrap_or_default().to_ascii_lowercase();
    let last = name.trim().rsplit('.').next().unwrap_or_default();
    let is_address =
        matches!(last, "com" | "org" | "net" | "edu" | "gov" | "io" | "info" | "biz" | "example")
            || last.len() == 2;
    username_ending(facts) == Some(Ending::Plain)
        && is_address
        && !OF_SANDBOXES.iter().any(|word| name.contains(word))
}

/// One warning of the data, checked.
struct Rule {
    raw: RawRule,
    at: At,
    flows: Vec<Flow>,
    with: Vec<Asks>,
    without: Vec<Asks>,
    remedy: Option<Remedy>,
}

/// Where the data say that a warning belongs.
#[derive(Clone, Copy)]
enum At {
    Profile(ProfileField),
    Method,
    Url,
    Query,
    Body,
    Authorization,
    ContentType,
    Token,
}

/// A signal that a warning asks for.
#[derive(Clone, Copy)]
enum Asks {
    Shared(fn(&Facts) -> bool),
    Own(fn(&View) -> bool),
}

impl Rule {
    fn holds(&self, view: &View) -> bool {
        let has = |asks: &Asks| match asks {
            Asks::Shared(holds) => holds(view.facts),
            Asks::Own(holds) => holds(view),
        };
        self.with.iter().all(has) && !self.without.iter().any(has)
    }

    fn warning(&'static self, at: Spot, facts: &Facts) -> Warning {
        let text = fill(&self.raw.says, facts);
        Warning { id: &self.raw.id, at, text, remedy: self.remedy.clone(), key: &self.raw.key }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    at: String,
    with: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    flows: Vec<String>,
    says: String,
    action: Option<String>,
    #[serde(default)]
    key: String,
    /// For whoever mends the file; a test wants one.
    #[cfg_attr(not(test), expect(dead_code, reason = "only a test looks at it"))]
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    token: Vec<RawRule>,
    request: Vec<RawRule>,
}

struct Rules {
    token: Vec<Rule>,
    request: Vec<Rule>,
}

/// Part of the program; a test reads them.
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../assets/hints/preflight.toml"))
        .expect("part of the program; a test reads it");
    let checked = |rules: Vec<RawRule>| -> Vec<Rule> {
        rules.into_iter().map(|rule| rule.check().expect("part of the program; a test reads it")).collect()
    };
    Rules { token: checked(file.token), request: checked(file.request) }
});

impl RawRule {
    fn check(self) -> Result<Rule, String> {
        let wrong = |what: String| format!("{}: {what}", self.id);
        let signals = |names: &[String]| -> Result<Vec<Asks>, String> {
            let each = names.iter().map(|name| asks(name).ok_or_else(|| wrong(format!("no signal {name}"))));
            each.collect()
        };
        if let Some(word) = words_of(&self.says).find(|word| !is_word(word)) {
            return Err(wrong(format!("no word {word}")));
        }
        let flows =
            self.flows.iter().map(|name| Flow::parse(name).ok_or_else(|| wrong(format!("no flow {name}"))));
        Ok(Rule {
            at: At::parse(&self.at).ok_or_else(|| wrong(format!("no place {}", self.at)))?,
            flows: flows.collect::<Result<_, _>>()?,
            with: signals(&self.with)?,
            without: signals(&self.without)?,
            remedy: self.action.as_deref().map(Remedy::parse).transpose().map_err(wrong)?,
            raw: self,
        })
    }
}

fn asks(name: &str) -> Option<Asks> {
    let shared =
        || SIGNALS.iter().find(|signal| signal.name == name).map(|signal| Asks::Shared(signal.holds));
    OWN.iter().find(|(own, _)| *own == name).map(|(_, holds)| Asks::Own(*holds)).or_else(shared)
}

impl At {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "method" => Self::Method,
            "url" => Self::Url,
            "query" => Self::Query,
            "body" => Self::Body,
            "authorization" => Self::Authorization,
            "content-type" => Self::ContentType,
            "token" => Self::Token,
            field => Self::Profile(ProfileField::all().find(|known| known.key() == field)?),
        })
    }
}

/// How many warnings there are, each looked at.
#[cfg(test)]
pub(super) fn every_rule_is_whole() -> usize {
    let mut ids = std::collections::HashSet::new();
    for rule in RULES.token.iter().chain(&RULES.request) {
        let RawRule { id, says, source, key, .. } = &rule.raw;
        assert!(ids.insert(id), "{id}: there are two");
        assert!(!source.is_empty() && !says.ends_with('.') && !says.is_empty(), "{id}");
        assert_eq!(rule.remedy.is_some(), !key.is_empty(), "{id}");
        assert!(!rule.with.is_empty(), "{id}");
    }
    for rule in &RULES.token {
        assert!(matches!(rule.at, At::Profile(_)), "{}", rule.raw.id);
    }
    ids.len()
}
