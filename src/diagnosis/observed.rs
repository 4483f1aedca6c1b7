//! Facts of what orgdeck itself sent and got: from a profile, a session and the masked record of an exchange.

use super::{
    Explained,
    facts::{Asked, Facts, LARGEST_BODY, Place},
    rules::Rules,
    told::explained,
};
use crate::{
    config::{Flow, Profile, SecretField, VersionChoice},
    http::{self, Exchange, Phase, Purpose, Reply, RequestRecord, TransportFailure},
    salesforce::{
        Lifetime, LoginWhy, OrgKind, Session,
        error::{self, ApiError, Said},
        oauth,
    },
    secrets::{SecretRef, Shape},
};
use ::http::{StatusCode, header};
use std::time::{Duration, SystemTime};

impl Facts {
    /// What a profile tells. Our own requests encode what they send, so that is never what is wrong.
    pub fn of_profile(profile: &Profile) -> Self {
        let mut facts = Self {
            flow: Some(profile.flow),
            login: profile.login_url.clone(),
            username: profile.username.clone(),
            environment: Some(profile.environment),
            ..Self::default()
        };
        let known = &mut facts.known;
        if matches!(profile.flow, Flow::Password | Flow::SoapLogin) {
            known.security_token = Some(profile.security_token.is_some());
            known.trusted_address = Some(profile.trusted_ip);
            known.security_token_in_password = profile.security_token_in_password;
        }
        if profile.flow.waits_for_person() {
            known.callback = Some(profile.callback().into_owned());
            known.pkce = Some(profile.pkce);
        }
        known.audience = Some(oauth::audience(profile));
        known.consumer_secret = Some(profile.consumer_secret.is_some());
        known.scopes = Some(profile.scopes.clone()).filter(|scopes| !scopes.is_empty());
        if let VersionChoice::Pinned(version) = profile.api_version {
            known.api_version = Some(version.number());
        }
        known.soap_version = profile.soap_api_version.map(crate::config::ApiVersion::number);
        known.profile_org.clone_from(&profile.expected_org_id);
        known.proxy = profile.proxy.is_some();
        let look = |text: &Option<String>| text.as_deref().map(own_shapes).unwrap_or_default();
        known.consumer_key_shape = look(&profile.consumer_key);
        known.username_shape = look(&profile.username);
        for field in profile.secrets_in_use() {
            if let Some(SecretRef::Plain(secret)) = profile.secret(field) {
                facts.take_shape(field, &secret.shapes());
            }
        }
        facts
    }

    /// What the value of a secret looked like when it was read.
    pub fn take_shape(&mut self, field: SecretField, shapes: &[Shape]) {
        let known = &mut self.known;
        let into = match field {
            SecretField::ConsumerSecret => &mut known.consumer_secret_shape,
            SecretField::Password => &mut known.password_shape,
            SecretField::SecurityToken => &mut known.security_token_shape,
            SecretField::AccessToken => &mut known.token_shape,
            SecretField::RefreshToken | SecretField::SubjectToken | SecretField::ActorToken => return,
        };
        *into = shapes.iter().copied().filter(|shape| !is_encoded_by_us(*shape)).collect();
    }

    /// What the token in use tells.
    #[must_use]
    pub fn with_session(mut self, session: &Session, now: SystemTime) -> Self {
        let known = &mut self.known;
        known.token_shape = session.access_token.shapes();
        known.token_org = session.org_id.as_ref().map(|id| id.0.chars().take(15).collect());
        known.token_age_minutes = now.duration_since(session.issued_at).ok().map(|age| age.as_secs() / 60);
        known.token_ended = matches!(session.lifetime, Lifetime::Until(end) if end <= now);
        known.instance_host = session.instance_url.host_str().map(str::to_owned);
        // A pinned version says nothing of the org's newest one.
        known.newest_version = known.api_version.is_none().then(|| session.api_version.number());
        known.logged_in_here = true;
        let scope = session.fields.iter().find(|field| field.name == "scope");
        known.granted_scopes = scope.map(|field| field.value.split_whitespace().map(str::to_owned).collect());
        if let Some(org) = session.org.facts() {
            let kind = match org.kind {
                OrgKind::Production => "production",
                OrgKind::Sandbox => "sandbox",
                OrgKind::Scratch => "scratch",
                OrgKind::Developer => "developer",
                OrgKind::Trial => "trial",
            };
            known.org_kind = Some(kind.to_owned());
            known.edition = Some(org.edition.clone());
        }
        self
    }

    /// What an org said of the login when it was asked why; `org` is its name.
    #[must_use]
    pub fn with_login_why(mut self, why: &LoginWhy, org: &str) -> Self {
        let known = &mut self.known;
        known.asked_org = Some(org.to_owned());
        known.history = why.of_attempt().into_iter().map(|row| row.status.clone()).collect();
        known.history.dedup();
        known.no_such_user = why.has_user == Some(false);
        known.user_inactive |= why.is_active == Some(false);
        known.user_frozen |= why.is_frozen == Some(true);
        known.user_locked |= why.is_locked == Some(true);
        // Of a password that it takes or refuses, an org always notes a row; of assertions nobody says so.
        let noted = matches!(self.flow, Some(Flow::Password | Flow::SoapLogin));
        known.no_login_history = noted && why.has_no_row();
        self
    }

    /// What the record of an exchange tells, but for the errors in its body.
    #[must_use]
    pub fn with_exchange(mut self, exchange: &Exchange) -> Self {
        self.place = match exchange.purpose {
            Purpose::Token => Some(Place::of_path(exchange.request.url.path()).unwrap_or(Place::Token)),
            Purpose::Api | Purpose::Metadata => {
                Place::of_path(exchange.request.url.path()).or(Some(Place::Rest))
            }
        };
        self.asked = Some(asked(&exchange.request));
        let org = exchange.request.headers.get("authorization").and_then(|value| {
            value.as_bytes().windows(15).find(|part| part.starts_with(b"00D") && part.is_ascii())
        });
        if let Some(org) = org {
            self.known.token_org = Some(String::from_utf8_lossy(org).into_owned());
        }
        match &exchange.reply {
            Ok(reply) => {
                self.status = Some(reply.status.as_u16());
                let headers = reply.headers.iter();
                self.reply = headers
                    .map(|(name, value)| (name.to_string(), http::header_text(value).into_owned()))
                    .collect();
                self.page = error::page(self.status, &reply.body.0);
                self.known.clock_skew_seconds =
                    clock_skew(exchange.started + exchange.timings.total, &self.reply);
            }
            Err(failure) => self.take_transport_failure(failure),
        }
        self
    }

    /// No answer came, or not the whole.
    pub fn take_transport_failure(&mut self, failure: &TransportFailure) {
        self.place = Some(Place::Network);
        self.status = None;
        self.error = ApiError {
            code: Some(network_code(failure).to_owned()),
            message: failure.message.clone(),
            ..ApiError::default()
        };
    }
}

/// Each error of an exchange, with its causes; none where nothing failed. `said` is what its answer says.
pub fn explain_exchange(rules: &Rules, facts: Facts, exchange: &Exchange, said: &Said) -> Vec<Explained> {
    let mut facts = facts.with_exchange(exchange);
    let reply = match &exchange.reply {
        Ok(reply) => reply,
        Err(failure) if failure.cancelled => return Vec::new(),
        Err(_) => return vec![Explained::of(rules, facts.clone(), facts.error)],
    };
    if let Some(failure) = &reply.incomplete {
        if failure.cancelled {
            return Vec::new();
        }
        facts.take_transport_failure(failure);
        return vec![Explained::of(rules, facts.clone(), facts.error)];
    }
    let status = reply.status;
    let failed = status.is_client_error() || status.is_server_error() || is_unfollowed_redirect(reply);
    // A page in the place of an API's answer: a login wall, a captive portal.
    let odd_page = facts.page.is_some() && facts.place != Some(Place::Authorize) && !is_for_people(exchange);
    if !failed && said.parts.is_empty() && !odd_page {
        return Vec::new();
    }
    explained(rules, &facts, &said.errors, &said.parts)
}

fn is_unfollowed_redirect(reply: &Reply) -> bool {
    reply.status == StatusCode::MULTIPLE_CHOICES
        || (reply.status.is_redirection() && reply.headers.contains_key(header::LOCATION))
}

/// Whether a path's answers are pages or files anyway.
fn is_for_people(exchange: &Exchange) -> bool {
    Place::of_path(exchange.request.url.path()).is_none()
}

fn asked(request: &RequestRecord) -> Asked {
    let url = &*request.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), http::header_text(value).into_owned()));
    let body = &request.body[..request.body.len().min(LARGEST_BODY)];
    Asked {
        method: request.method.to_string(),
        host: url.host_str().map(str::to_owned),
        path,
        headers: headers.collect(),
        body: String::from_utf8_lossy(body).into_owned(),
        knows_body: true,
    }
}

/// How the data calls what kept an answer from coming.
fn network_code(failure: &TransportFailure) -> &'static str {
    let says = |part: &str| failure.message.contains(part);
    match failure.phase {
        _ if failure.cancelled => "cancelled",
        _ if says("proxy") => "proxy",
        Phase::Dns => "dns",
        Phase::Tls if says("certificate") => "certificate",
        Phase::Tls => "tls",
        Phase::Connect => "connect",
        Phase::Send | Phase::Wait | Phase::Receive if says("reset") || says("broke off") => "reset",
        Phase::Receive if says("closed after") => "cut-off",
        Phase::Send | Phase::Wait | Phase::Receive => "timeout",
    }
}

fn own_shapes(text: &str) -> Vec<Shape> {
    Shape::of(text).into_iter().filter(|shape| !is_encoded_by_us(*shape)).collect()
}

fn is_encoded_by_us(shape: Shape) -> bool {
    matches!(shape, Shape::Special | Shape::Percent)
}

/// How far this computer's clock is from the server's, in seconds; positive where it is ahead. The header is whole
/// seconds, and the way takes time: a few seconds mean nothing.
fn clock_skew(here: SystemTime, reply: &[(String, String)]) -> Option<i64> {
    let (_, date) = reply.iter().find(|(name, _)| name == "date")?;
    let there = httpdate::parse_http_date(date).ok()?;
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Some(match here.duration_since(there) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    })
}
