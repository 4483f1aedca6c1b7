//! A request to an OAuth endpoint: its parameters, and the app that sent it.
//!
//! May know forms, apps and their secrets. May not know what is granted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::refusal::{Format, Refusal, of_barrier};
use crate::demo_org::call::Call;
use crate::demo_org::jwt::Jwt;
use crate::demo_org::orgs::{AppSpec, OrgSpec, UserSpec};
use crate::demo_org::world::{Login, World};

/// What Login History calls a login of an app.
const KIND: &str = "Remote Access 2.0";

/// How an app proves that it is itself with a signed token instead of its secret.
const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request to an OAuth endpoint.
pub(super) struct Asked<'a> {
    pub(super) world: &'a World,
    pub(super) call: &'a Call,
    pub(super) form: &'a [(String, String)],
}

impl<'a> Asked<'a> {
    pub(super) fn param(&self, name: &str) -> Option<&'a str> {
        self.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    pub(super) fn required(&self, name: &str, missing: &'static str) -> Result<&'a str, Refusal> {
        self.param(name).ok_or(Refusal::new("invalid_request", missing))
    }

    pub(super) fn org(&self) -> &'a OrgSpec {
        &self.world.org(self.call.door).spec
    }

    /// The address that was asked, without a slash at the end.
    pub(super) fn base(&self) -> &'a str {
        self.world.base(self.call.door)
    }

    /// `format=` beats Accept.
    pub(super) fn format(&self) -> Format {
        match self.param("format") {
            Some("urlencoded") => Format::UrlEncoded,
            Some("xml") => Format::Xml,
            Some(_) => Format::Json,
            None if self.call.wants_xml => Format::Xml,
            None if self.call.header("accept").is_some_and(|text| text.contains("urlencoded")) => {
                Format::UrlEncoded
            }
            None => Format::Json,
        }
    }

    /// The app of a consumer key, if the org knows it by now.
    ///
    /// Source: Salesforce Help, Create a Connected App (a new app takes up to 10 minutes). That the password flow
    /// has its own word for it is known from public questions.
    pub(super) fn known(&self, key: &str) -> Result<&'a AppSpec, Refusal> {
        let app =
            self.org().app(key).ok_or(Refusal::new("invalid_client_id", "client identifier invalid"))?;
        if self.world.org(self.call.door).has_settled(app, self.world.clock.now()) {
            Ok(app)
        } else if self.param("grant_type") == Some("password") {
            Err(Refusal::authentication_failure())
        } else {
            Err(Refusal::new("invalid_client_id", "client identifier invalid"))
        }
    }

    /// The app that calls, which must prove itself.
    pub(super) fn app(&self) -> Result<&'a AppSpec, Refusal> {
        self.client(|_| true)
    }

    /// The app that calls: consumer key and secret from the body, else from Basic, else a signed assertion. A
    /// secret that the app need not send is checked all the same if it is sent.
    ///
    /// Source: Salesforce Help, and cirrus (a public client) for the order.
    pub(super) fn client(&self, needs_secret: impl Fn(&AppSpec) -> bool) -> Result<&'a AppSpec, Refusal> {
        let wrong = || Refusal::new("invalid_client", "invalid client credentials");
        let asserted = self.param("client_assertion").and_then(Jwt::read);
        let (key, secret) = match (self.param("client_id"), self.basic()?) {
            (Some(key), basic) => {
                let secret = self.param("client_secret").filter(|secret| !secret.is_empty());
                (key.to_owned(), secret.map(str::to_owned).or(basic.map(|pair| pair.1)))
            }
            (None, Some((key, secret))) => (key, Some(secret)),
            (None, None) => {
                let issuer = asserted.as_ref().and_then(|token| token.text("iss"));
                (issuer.unwrap_or_default().to_owned(), None)
            }
        };
        let app = self.known(&key)?;
        let is_proved = match (secret, asserted) {
            (Some(secret), _) => secret == app.consumer_secret,
            (None, Some(token)) => self.proves(&token, app),
            (None, None) => !needs_secret(app),
        };
        if is_proved { Ok(app) } else { Err(wrong()) }
    }

    /// Source: RFC 7523, section 3; Salesforce Help (issuer and subject are the consumer key).
    fn proves(&self, token: &Jwt, app: &AppSpec) -> bool {
        let url = format!("{}/services/oauth2/token", self.base());
        let key = app.public_key();
        self.param("client_assertion_type") == Some(CLIENT_ASSERTION)
            && key.is_some_and(|key| token.is_signed_by(&key))
            && [token.text("iss"), token.text("sub")] == [Some(app.consumer_key.as_str()); 2]
            && token.audiences().contains(&url.as_str())
            && token.moment("exp").is_some_and(|moment| moment > self.world.clock.now())
    }

    /// Consumer key and secret, or username and password, from the Authorization header.
    pub(super) fn basic(&self) -> Result<Option<(String, String)>, Refusal> {
        let malformed = Refusal::new("invalid_basic_auth_header", "invalid basic auth header");
        let Some(header) = self.call.header("authorization") else { return Ok(None) };
        let Some(("Basic" | "basic", encoded)) = header.split_once(' ') else { return Ok(None) };
        let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed.clone())?;
        let text = String::from_utf8(bytes).map_err(|_| malformed.clone())?;
        let (key, secret) = text.split_once(':').ok_or(malformed)?;
        Ok(Some((key.to_owned(), secret.to_owned())))
    }

    /// Writes a login, successful or not, to the user's Login History.
    pub(super) fn record(&self, user_id: &str, status: &'static str, app: &AppSpec) {
        self.world.record(self.call.door, user_id, status, KIND, &app.name);
    }

    /// Refuses, and says why in the user's Login History.
    pub(super) fn fail<T>(
        &self,
        user_id: &str,
        app: &AppSpec,
        status: &'static str,
        refusal: Refusal,
    ) -> Result<T, Refusal> {
        self.record(user_id, status, app);
        Err(refusal)
    }

    /// Lets a user in, if nothing is wrong with the user, and notes it.
    pub(super) fn admit(&self, user: &UserSpec, user_id: &str, app: &AppSpec) -> Result<(), Refusal> {
        self.no_barrier(user, user_id, app)?;
        self.record(user_id, "Success", app);
        Ok(())
    }

    /// Refuses a user whom something keeps out, and notes it.
    pub(super) fn no_barrier(&self, user: &UserSpec, user_id: &str, app: &AppSpec) -> Result<(), Refusal> {
        match self.world.org(self.call.door).standings.barrier(user, user_id) {
            Some(barrier) => self.fail(user_id, app, barrier.status(), of_barrier(barrier)),
            None => Ok(()),
        }
    }
}

impl World {
    /// Writes a row of Login History.
    pub(in crate::demo_org) fn record(
        &self,
        door: crate::demo_org::call::Door,
        user_id: &str,
        status: &'static str,
        kind: &'static str,
        application: &str,
    ) {
        self.org(door).record(Login {
            user_id: user_id.to_owned(),
            status,
            kind,
            application: application.to_owned(),
            url: self.base(door).to_owned(),
            at: self.clock.now(),
        });
    }
}
