//! What the form of a pasted login request tells: who, where back to, for what, and how what it holds looks.
//!
//! Of the secrets in it only their shapes are kept. For requests that were told alone: the record of our own is masked,
//! and what it would say the profile says better.

use super::{
    facts::{Facts, Place},
    phrases::{comparable, tells},
};
use crate::secrets::Shape;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;
use url::{Url, form_urlencoded};

impl Facts {
    /// Takes from the request's form, or an authorize URL's query, what is not known otherwise.
    pub(super) fn take_form(&mut self) {
        let Some(asked) = self.asked.clone() else { return };
        let place = Place::of_path(&asked.path);
        if !matches!(place, Some(Place::Token | Place::Authorize | Place::Soap)) {
            return;
        }
        if self.login.is_none() {
            self.login = asked.host.as_deref().and_then(|host| Url::parse(&format!("https://{host}")).ok());
        }
        let query = asked.path.split_once('?').map_or("", |(_, query)| query);
        let form =
            Form(if asked.body.contains("=") && place == Some(Place::Token) { &asked.body } else { query });
        if self.username.is_none() {
            self.username = form.text("username").map(|text| text.trim().to_owned());
        }
        if place == Some(Place::Authorize) && form.text("response_type").as_deref() == Some("code") {
            self.known.pkce.get_or_insert(form.raw("code_challenge").is_some());
        }
        let known = &mut self.known;
        known.callback = known.callback.take().or_else(|| form.text("redirect_uri"));
        known.scopes = known
            .scopes
            .take()
            .or_else(|| form.text("scope").map(|text| text.split_whitespace().map(str::to_owned).collect()));
        let slips = &[Shape::Blank, Shape::Quotes, Shape::ConsumerKey, Shape::Secret];
        form.look("client_id", slips, &mut known.consumer_key_shape);
        form.look("client_secret", slips, &mut known.consumer_secret_shape);
        form.look("username", &[Shape::Blank, Shape::Quotes], &mut known.username_shape);
        form.look("password", &[Shape::Blank, Shape::Quotes, Shape::NoTokenTail], &mut known.password_shape);
        form.look("code", &[Shape::Blank, Shape::Percent, Shape::NoPadding], &mut known.code_shape);
        if form.raw("password").is_some_and(is_unencoded) {
            known.password_shape.push(Shape::Special);
        }
        if let Some(claims) = form.text("assertion").as_deref().and_then(claims) {
            let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
            known.audience = known.audience.take().or_else(|| text("aud"));
            self.username = self.username.take().or_else(|| text("sub")).or_else(|| text("prn"));
        }
    }
}

impl Facts {
    /// The Salesforce CLI says what it used: `audience is invalid [audience=https://… login=https://…]`.
    pub(super) fn take_named_hosts(&mut self) {
        let said = &self.error.message;
        let after = |name: &str| {
            let value = said.split_once(name)?.1.split([' ', ']']).next()?;
            Some(value.trim_end_matches('/').to_owned()).filter(|value| value.starts_with("https://"))
        };
        let (audience, login) = (after("[audience="), after(" login="));
        self.known.audience = self.known.audience.take().or(audience);
        self.login = self.login.take().or_else(|| Url::parse(&login?).ok());
    }

    /// A note may name the host where one logs in, if it names but one, and the user.
    pub(super) fn take_note(&mut self) {
        let comparable_note = comparable(&self.note);
        let lower = self.note.to_lowercase();
        let told = |host: &&str| tells(&comparable_note, &comparable(host));
        let mut hosts: Vec<&str> = HOST.find_iter(&lower).map(|found| found.as_str()).filter(told).collect();
        hosts.dedup();
        if let ([host], None) = (hosts.as_slice(), &self.login) {
            self.login = Url::parse(&format!("https://{host}")).ok();
        }
        let named = || Some(USER.captures(&self.note)?[1].to_owned());
        self.username = self.username.take().or_else(named);
    }
}

static HOST: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"\b(?:login|test)\.salesforce\.com\b|\b[a-z0-9][a-z0-9.-]*\.my\.salesforce\.com\b")
});

/// A user named as one, in some languages; other addresses in a note are mail.
static USER: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)(?:user|benutzer|utilisateur|usuario|utente|log\w* (?:on|in) as|authenticat\w+ as)[^@.;]{0,30}?([\w+-][\w.+-]*@[\w-]+(?:\.[\w-]+)+)",
    )
});

fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours, used by tests")
}

/// A form as it was sent, encoded.
struct Form<'a>(&'a str);

impl<'a> Form<'a> {
    /// A value as it stands there. What was blotted out for the report is none.
    fn raw(&self, name: &str) -> Option<&'a str> {
        let of_name = |pair: &&'a str| pair.split_once('=').is_some_and(|(key, _)| key.trim() == name);
        let value = self.0.split('&').find(of_name)?.split_once('=')?.1;
        let blotted = ["...", "…", "*", "•", "<", "{", "xxx", "XXX"].iter().any(|mark| value.contains(mark));
        (!value.is_empty() && !blotted).then_some(value)
    }

    /// A value, decoded.
    fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(decoded)
    }

    /// Notes how a value looks where that is not known yet.
    fn look(&self, name: &str, wanted: &[Shape], into: &mut Vec<Shape>) {
        if let (Some(text), true) = (self.text(name), into.is_empty()) {
            *into = Shape::of(&text).into_iter().filter(|shape| wanted.contains(shape)).collect();
        }
    }
}

/// A value, decoded once; whatever `=` is in it stays.
fn decoded(value: &str) -> String {
    let pair = format!("={value}");
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, text)| text.into_owned())
}

/// A plus sign, which arrives as a blank, or a percent sign that begins no encoded byte.
fn is_unencoded(value: &str) -> bool {
    let is_escape =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    value.contains('+') || value.split('%').skip(1).any(|rest| !is_escape(rest))
}

/// What an assertion states, if it is a JWT. It is read, not checked.
fn claims(assertion: &str) -> Option<Value> {
    let payload = assertion.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::facts::Asked;
    use super::*;

    fn facts(path: &str, body: &str) -> Facts {
        let asked = Asked {
            method: "POST".into(),
            host: Some("login.salesforce.com".into()),
            path: path.into(),
            body: body.into(),
            ..Asked::default()
        };
        let mut facts = Facts { asked: Some(asked), ..Facts::default() };
        facts.take_form();
        facts
    }

    #[test]
    fn a_token_request_tells_who_and_how() {
        let facts = facts(
            "/services/oauth2/token",
            "grant_type=password&client_id=3MVG9abc%20&client_secret=...&username=ada%40acme.com.uat&password=a+b",
        );
        assert_eq!(facts.username.as_deref(), Some("ada@acme.com.uat"));
        assert_eq!(facts.login_name(), Some("login.salesforce.com"));
        let known = &facts.known;
        assert_eq!(known.consumer_key_shape, [Shape::Blank, Shape::ConsumerKey]);
        assert_eq!(known.consumer_secret_shape, []);
        assert_eq!(known.password_shape, [Shape::NoTokenTail, Shape::Special]);
    }

    #[test]
    fn a_code_is_decoded_once() {
        let shape = |code: &str| {
            facts("/services/oauth2/token", &format!("grant_type=authorization_code&code={code}"))
                .known
                .code_shape
        };
        assert_eq!(shape("aPrxabc%253D%253D"), [Shape::Percent]);
        assert_eq!(shape("aPrxabc%3D%3D"), []);
        assert_eq!(shape("aPrxabc=="), []);
        assert_eq!(shape("aPrxabc"), [Shape::NoPadding]);
        assert_eq!(shape("aPrx..."), []);
    }

    #[test]
    fn an_authorize_url_tells_callback_scopes_and_pkce() {
        let facts = facts(
            "/services/oauth2/authorize?response_type=code&client_id=3MVG9&scope=api%20id&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2F",
            "",
        );
        assert_eq!(facts.known.callback.as_deref(), Some("http://localhost:1717/"));
        assert_eq!(facts.known.scopes, Some(vec!["api".to_owned(), "id".to_owned()]));
        assert_eq!(facts.known.pkce, Some(false));
    }

    #[test]
    fn the_cli_names_its_hosts() {
        let mut facts = Facts::default();
        facts.error.message =
            "audience is invalid [audience=https://login.salesforce.com/ login=https://acme--uat.sandbox.my.salesforce.com]".into();
        facts.take_named_hosts();
        assert_eq!(facts.known.audience.as_deref(), Some("https://login.salesforce.com"));
        assert_eq!(facts.login_name(), Some("acme--uat.sandbox.my.salesforce.com"));
    }

    #[test]
    fn a_note_names_host_and_user() {
        let named = |note: &str| {
            let mut facts = Facts { note: note.into(), ..Facts::default() };
            facts.take_note();
            (facts.login_name().map(str::to_owned), facts.username)
        };
        let both = |host: &str, user: &str| (Some(host.to_owned()), Some(user.to_owned()));
        assert_eq!(
            named("der Benutzer „ada@acme.de.uat“ meldet sich an login.salesforce.com an"),
            both("login.salesforce.com", "ada@acme.de.uat")
        );
        assert_eq!(
            named("not login.salesforce.com but TEST.salesforce.com. Logging in as ada@acme.com."),
            both("test.salesforce.com", "ada@acme.com")
        );
        assert_eq!(
            named("login.salesforce.com or test.salesforce.com? Mail me at ada@acme.com"),
            (None, None)
        );
    }

    #[test]
    fn an_assertion_tells_its_audience_and_user() {
        let payload = URL_SAFE_NO_PAD
            .encode(r#"{"iss":"3MVG9","sub":"ada@acme.com","aud":"https://test.salesforce.com"}"#);
        let facts = facts("/services/oauth2/token", &format!("assertion=eyJ9.{payload}.sig"));
        assert_eq!(facts.known.audience.as_deref(), Some("https://test.salesforce.com"));
        assert_eq!(facts.username.as_deref(), Some("ada@acme.com"));
    }
}
