//! What goes wrong, as scripts and people get it: an exit code, and an explanation on standard error.

use crate::{
    config::{ConfigError, Profile},
    document::safe,
    jobs::{Failure, FailureKind},
    salesforce::{Context, Hint, error::ApiError, explain},
};
use serde_json::json;
use std::process::ExitCode;

/// Exit codes; a script may rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The arguments cannot be followed.
    Usage = 2,
    /// The configuration or a secret.
    Config = 3,
    /// The token endpoint refused.
    OAuth = 4,
    /// The API answered 400 or above, or 200 with a failed part.
    Api = 5,
    /// No (whole) answer.
    Network = 6,
    /// Cancelled.
    Cancelled = 7,
    /// Stopped by a guard: production, read-only, another org or host.
    Guard = 8,
    /// A person is needed.
    PersonNeeded = 9,
    /// A bug in orgdeck.
    Bug = 70,
}

impl Exit {
    fn kind(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Config => "config",
            Self::OAuth => "oauth",
            Self::Api => "api",
            Self::Network => "network",
            Self::Cancelled => "cancelled",
            Self::Guard => "guard",
            Self::PersonNeeded => "person_needed",
            Self::Bug => "bug",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<FailureKind> for Exit {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Config => Self::Config,
            FailureKind::PersonNeeded | FailureKind::VaultLocked => Self::PersonNeeded,
            FailureKind::Network => Self::Network,
            FailureKind::OAuth => Self::OAuth,
            FailureKind::Guard => Self::Guard,
            FailureKind::Bug => Self::Bug,
        }
    }
}

/// Something that ends a subcommand.
#[derive(Debug)]
pub struct Trouble {
    exit: Exit,
    message: String,
    code: Option<String>,
    description: Option<String>,
    status: Option<u16>,
    hints: Vec<Advice>,
    as_json: bool,
}

#[derive(Debug)]
struct Advice {
    id: Option<&'static str>,
    cause: Option<String>,
    fix: String,
}

impl Trouble {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            code: None,
            description: None,
            status: None,
            hints: Vec::new(),
            as_json: false,
        }
    }

    /// A configuration that cannot be used; its message says what to do.
    pub(super) fn config(error: &ConfigError) -> Self {
        Self::new(Exit::Config, error.to_string())
    }

    /// A job that failed.
    pub(super) fn failure(failure: Failure, profile: &Profile) -> Self {
        let Failure { kind, message, fix, code, description, status, .. } = failure;
        let mut trouble = Self { code, description, status, ..Self::new(kind.into(), message) };
        trouble.explain(profile, kind == FailureKind::OAuth);
        if let (true, Some(fix)) = (trouble.hints.is_empty(), fix) {
            trouble.fix(fix);
        }
        trouble
    }

    /// An answer that says no. The body has gone to standard output; this is what it means.
    pub(super) fn api(status: u16, errors: &[ApiError], profile: &Profile) -> Self {
        let first = errors.first().cloned().unwrap_or_default();
        let said = match (&first.code, first.message.as_str()) {
            (Some(code), "") => format!("{status}: {code}"),
            (Some(code), message) => format!("{status}: {code}: {message}"),
            (None, "") => format!("the API answered {status}"),
            (None, message) => format!("{status}: {message}"),
        };
        let more = errors.len().saturating_sub(1);
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        let mut trouble = Self {
            code: first.code,
            description: Some(first.message).filter(|text| !text.is_empty()),
            status: Some(status),
            ..Self::new(Exit::Api, format!("{said}{more}"))
        };
        trouble.explain(profile, false);
        trouble
    }

    pub(super) fn fix(&mut self, fix: impl Into<String>) {
        self.hints.push(Advice { id: None, cause: None, fix: fix.into() });
    }

    /// What comes first where the token had expired and no new one was got.
    pub(super) fn without_new_token(mut self, why: Option<Failure>) -> Self {
        let advice = why.map(|Failure { message, fix, .. }| {
            let why = format!("no new token was got: {message}");
            match fix {
                Some(fix) => Advice { id: None, cause: Some(why), fix },
                None => Advice { id: None, cause: None, fix: why },
            }
        });
        self.hints.splice(0..0, advice);
        self
    }

    /// To be reported as one JSON object.
    pub(super) fn told_as_json(mut self, yes: bool) -> Self {
        self.as_json = yes;
        self
    }

    /// Explains it on standard error; the exit code to end with.
    pub(super) fn report(self) -> ExitCode {
        if self.as_json {
            eprintln!("{}", self.json());
        } else {
            eprint!("{}", self.text());
        }
        self.exit.into()
    }

    /// Lines for a terminal: what came from outside cannot act on it.
    fn text(&self) -> String {
        let mut lines = vec![format!("error: {}", self.message)];
        for Advice { cause, fix, .. } in &self.hints {
            lines.push(format!("hint: {}", cause.as_ref().unwrap_or(fix)));
            lines.extend(cause.is_some().then(|| format!("      {fix}")));
        }
        let lines = lines.iter().flat_map(|text| text.lines());
        lines.map(|line| safe(line).into_owned() + "\n").collect()
    }

    fn json(&self) -> serde_json::Value {
        let hints: Vec<_> = self
            .hints
            .iter()
            .map(|Advice { id, cause, fix }| {
                json!({ "id": id, "cause": cause, "evidence": [], "fix": fix, "action": null })
            })
            .collect();
        json!({
            "error": {
                "kind": self.exit.kind(),
                "code": self.code,
                "description": self.description.as_ref().unwrap_or(&self.message),
                "status": self.status,
            },
            "hints": hints,
        })
    }

    fn explain(&mut self, profile: &Profile, at_token_endpoint: bool) {
        let Some(code) = &self.code else { return };
        let description = self.description.as_deref().unwrap_or_default();
        let hints = explain(code, description, Context { profile, at_token_endpoint });
        let advice = |Hint { id, cause, fix }| Advice { id: Some(id), cause: Some(cause), fix };
        self.hints.extend(hints.into_iter().map(advice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flow, salesforce::tests::profile};

    #[test]
    fn a_refused_token_is_one_json_object_with_ranked_hints() {
        let failure = Failure {
            kind: FailureKind::OAuth,
            message: "invalid_grant: authentication failure".into(),
            fix: Some("a shorter one".into()),
            code: Some("invalid_grant".into()),
            description: Some("authentication failure".into()),
            status: Some(400),
            exchange: None,
            shapes: Vec::new(),
        };
        let trouble = Trouble::failure(failure, &profile(Flow::Password));
        assert_eq!(trouble.exit, Exit::OAuth);
        let json = trouble.json();
        assert_eq!(
            json["error"],
            json!({"kind": "oauth", "code": "invalid_grant", "description": "authentication failure", "status": 400})
        );
        let ids: Vec<_> = json["hints"].as_array().unwrap().iter().map(|hint| &hint["id"]).collect();
        assert_eq!(ids, ["no-security-token", "wrong-credentials"]);
    }

    #[test]
    fn an_api_error_says_status_code_and_message() {
        let errors = [
            ApiError {
                code: Some("INVALID_FIELD".into()),
                message: "no such column".into(),
                fields: Vec::new(),
            },
            ApiError::default(),
        ];
        let trouble = Trouble::api(400, &errors, &profile(Flow::Password));
        assert_eq!(trouble.message, "400: INVALID_FIELD: no such column (and 1 more)");
        assert_eq!(trouble.exit as u8, 5);
    }
}
