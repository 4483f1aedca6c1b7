//! The first half of the browser flows: what `authorize` checks before it asks a person, and how it sends the browser
//! back. The person is asked by `browser`.
//!
//! ```text
//! start ─▶ no app, no callback to trust ─▶ an error page (the client never hears of it)
//!       ─▶ anything else wrong          ─▶ back, with error, error_description and state
//!       ─▶ headless                        ─▶ Pending::allowed, or an error in the answer
//!       ─▶ Pending, by its `source`     ─▶ browser::proceed ─▶ Pending::allowed or Pending::refused
//! ```
//!
//! Source: Salesforce Help, OAuth 2.0 Web Server Flow, User-Agent Flow and OAuth 2.0 Authorization Errors; sfdx-core
//! (absent scope: all of the app's).

use http::StatusCode;
use serde_json::{Map, Value};

use super::granted::{self, Granted, Nonce};
use super::{Asked, Refusal, headless, pkce, scopes};
use crate::demo_org::browser;
use crate::demo_org::call::{Call, Door, Reply};
use crate::demo_org::orgs::AppSpec;
use crate::demo_org::sessions::random_text;
use crate::demo_org::world::World;

/// A request that waits for a person, or that a person has answered.
#[derive(Clone)]
pub(in crate::demo_org) struct Pending {
    pub(in crate::demo_org) org: usize,
    pub(in crate::demo_org) consumer_key: String,
    pub(in crate::demo_org) scopes: Vec<String>,
    pub(super) redirect_uri: String,
    answer: Answer,
    state: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Nonce,
    pub(in crate::demo_org) prompt: Prompt,
    pub(in crate::demo_org) login_hint: Option<String>,
    /// No page may be shown: it works at once or not at all.
    pub(in crate::demo_org) immediate: bool,
}

/// What the browser takes back.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Code,
    /// The tokens themselves, behind a `#`.
    Tokens {
        id_token: bool,
    },
}

/// What the person is to be asked, although it could be done without.
#[derive(Clone, Copy, Default)]
pub(in crate::demo_org) struct Prompt {
    /// To log in, even with a session there. Done once for each request.
    pub(in crate::demo_org) login: bool,
    /// To allow, even if it was allowed before.
    pub(in crate::demo_org) consent: bool,
    /// As whom to go on.
    pub(in crate::demo_org) select_account: bool,
}

/// An authorisation code on its way.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) pending: Pending,
    pub(super) user_id: String,
}

/// `/services/oauth2/authorize`.
pub(super) fn start(asked: &Asked<'_>) -> Reply {
    let key = asked.param("client_id").unwrap_or_default();
    let app = match asked.known(key) {
        Ok(app) => app,
        Err(refusal) => return browser::error_page(refusal.said()),
    };
    let Some(redirect_uri) = asked.param("redirect_uri") else {
        return browser::error_page(Refusal::new("redirect_uri_missing", "redirect_uri not provided").said());
    };
    if !asked.world.is_callback(app, redirect_uri) {
        let refusal = Refusal::new("redirect_uri_mismatch", "redirect_uri must match configuration");
        return browser::error_page(refusal.said());
    }
    let mut pending = Pending::of(asked, app, redirect_uri);
    if asked.param("response_type") == Some(headless::RESPONSE_TYPE) {
        let checked = pending.check(asked, app).and_then(|()| headless::user_id(asked, app));
        return match checked {
            Ok(user_id) => pending.allowed(asked.world, asked.call.door, &user_id),
            Err(refusal) => refusal.reply(asked.format()),
        };
    }
    match pending.check(asked, app) {
        Ok(()) => {
            let source = format!("CAAAA{}", random_text(40));
            asked.world.authorizations.pending.put(source.clone(), pending);
            browser::proceed(asked.world, asked.call, &source)
        }
        Err(refusal) => pending.refused(refusal.said()),
    }
}

impl Pending {
    fn of(asked: &Asked<'_>, app: &AppSpec, redirect_uri: &str) -> Self {
        let text = |name| asked.param(name).map(str::to_owned);
        let prompts: Vec<&str> = asked.param("prompt").unwrap_or_default().split_whitespace().collect();
        let is_implicit = |text: &str| text.split_whitespace().any(|word| word == "token");
        let wanted = asked.param("response_type").unwrap_or_default();
        Self {
            org: asked.call.door.org(),
            consumer_key: app.consumer_key.clone(),
            scopes: Vec::new(),
            redirect_uri: redirect_uri.to_owned(),
            answer: if is_implicit(wanted) {
                Answer::Tokens { id_token: wanted.contains("id_token") }
            } else {
                Answer::Code
            },
            state: text("state"),
            challenge: None,
            nonce: text("nonce"),
            prompt: Prompt {
                login: prompts.contains(&"login"),
                consent: prompts.contains(&"consent"),
                select_account: prompts.contains(&"select_account"),
            },
            login_hint: text("login_hint"),
            immediate: asked.param("immediate") == Some("true"),
        }
    }

    /// Checks all that can be told without knowing the person.
    fn check(&mut self, asked: &Asked<'_>, app: &AppSpec) -> Result<(), Refusal> {
        let unsupported = Err(Refusal::new("unsupported_response_type", "response type not supported"));
        match asked.param("response_type").unwrap_or_default() {
            "code" if app.allows("authorization_code") => {}
            "token" | "token id_token" | "id_token token"
                if app.allows("user_agent") && asked.org().user_agent_flow => {}
            headless::RESPONSE_TYPE if headless::is_served(asked, app) => {}
            _ => return unsupported,
        }
        let (challenge, method) = (asked.param("code_challenge"), asked.param("code_challenge_method"));
        let needs_challenge = app.requires_pkce && self.answer == Answer::Code;
        self.challenge = pkce::challenge(challenge, method, needs_challenge)?;
        self.scopes = scopes::granted(app, asked.param("scope"))?;
        Ok(())
    }

    /// Sends the browser back with what was allowed.
    pub(in crate::demo_org) fn allowed(&self, world: &World, door: Door, user_id: &str) -> Reply {
        let Some(app) = world.orgs[self.org].spec.app(&self.consumer_key) else {
            return self.refused(("invalid_client_id", "client identifier invalid"));
        };
        world.authorizations.approve(self.org, user_id, &self.consumer_key, &self.scopes);
        match self.answer {
            Answer::Code => {
                let code = format!("aPrx{}==", random_text(76));
                let what = Code { pending: self.clone(), user_id: user_id.to_owned() };
                match app.code_seconds {
                    Some(seconds) => world.authorizations.codes.put_for(code.clone(), what, seconds),
                    None => world.authorizations.codes.put(code.clone(), what),
                };
                let mut pairs = vec![("code", code)];
                let of_site = granted::site_fields(world, self.org, user_id);
                pairs.extend(of_site.into_iter().filter(|(name, _)| name.starts_with("sfdc_community")));
                self.back(pairs)
            }
            Answer::Tokens { id_token } => {
                let scopes = self.scopes.clone();
                let granted = Granted {
                    id_token: id_token.then(|| self.nonce.clone()),
                    ..Granted::by_person(user_id.to_owned(), app, scopes, None)
                };
                world.record(door, user_id, "Success", "Remote Access 2.0", &app.name);
                let answer: Map<String, Value> = granted::open(world, door, granted);
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                self.back(answer.iter().map(|(name, value)| (name.as_str(), text(value))).collect())
            }
        }
    }

    /// Sends the browser back with an error and its description.
    pub(in crate::demo_org) fn refused(&self, (error, description): (&str, &str)) -> Reply {
        self.back(vec![("error", error.to_owned()), ("error_description", description.to_owned())])
    }

    fn back(&self, mut pairs: Vec<(&str, String)>) -> Reply {
        if let Some(state) = &self.state {
            pairs.push(("state", state.clone()));
        }
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let uri = &self.redirect_uri;
        let mark = match self.answer {
            Answer::Tokens { .. } => '#',
            Answer::Code if uri.contains('?') => '&',
            Answer::Code => '?',
        };
        Reply::redirect(format!("{uri}{mark}{text}"))
    }
}

impl Refusal {
    /// Error and description.
    pub(super) fn said(&self) -> (&'static str, &'static str) {
        (self.error, self.description)
    }
}

impl World {
    /// Whether the app has registered this callback, letter by letter.
    fn is_callback(&self, app: &AppSpec, uri: &str) -> bool {
        app.callbacks.iter().any(|registered| {
            let registered = self.with_addresses(registered);
            match registered.split_once(":*/") {
                None => registered == uri,
                Some((before, path)) => uri
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_prefix(':')?.strip_suffix(path)?.strip_suffix('/'))
                    .is_some_and(|port| port.parse::<u16>().is_ok()),
            }
        })
    }

    /// A text of the data with the addresses of this run in place of `{login}` and its like.
    pub(in crate::demo_org) fn with_addresses(&self, text: &str) -> String {
        Door::ALL.iter().fold(text.to_owned(), |text, door| {
            text.replace(&format!("{{{}}}", door.name()), self.base(*door))
        })
    }
}

/// Where a browser may be sent if nobody listens: the code stands in the address.
pub(super) fn success_page() -> Reply {
    browser::notice(
        StatusCode::OK,
        "Remote Access Application Authorization",
        "Authorization was successful. What was granted stands in the address of this page; you can close the page \
         when it has been copied.",
    )
}

/// Says what it was called with, for clients that read the answer themselves.
pub(super) fn echo(call: &Call) -> Reply {
    let pairs = call.query.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    Reply::data("echo", Value::Object(pairs.collect()))
}
