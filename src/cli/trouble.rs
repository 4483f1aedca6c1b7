//! What goes wrong, as scripts and people get it: an exit code, and an explanation on standard error.

use super::hints;
use crate::{
    config::{ConfigError, Profile},
    diagnosis::{Explained, Facts, Hint, Rules, explain_exchange},
    document::safe,
    jobs::{Answer, Failure, FailureKind},
    salesforce::error::ApiError,
};
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode};

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
    pub(super) fn kind(self) -> &'static str {
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
            FailureKind::Guard | FailureKind::LockoutNear => Self::Guard,
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
    /// What to do, where that is known without a diagnosis.
    fixes: Vec<String>,
    /// What can be explained, once it is reported.
    seen: Option<Box<Seen>>,
    as_json: bool,
}

/// What was seen of an error, and what is known beside it.
#[derive(Debug)]
struct Seen {
    facts: Facts,
    error: Unexplained,
    /// Why no new token was got for the one that had expired.
    not_renewed: Option<Failure>,
}

#[derive(Debug)]
enum Unexplained {
    Failure(Failure),
    Answer(Answer),
}

/// What is said besides the error.
#[derive(Default)]
struct Explanation {
    /// Why no new token was got, and what that most likely means.
    not_renewed: Option<(String, Vec<Hint>)>,
    /// Each error of an answer, the most telling one first.
    errors: Vec<Explained>,
    /// What is wrong with the person's own hints.
    warnings: Vec<String>,
}

impl Trouble {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            code: None,
            description: None,
            status: None,
            fixes: Vec::new(),
            seen: None,
            as_json: false,
        }
    }

    /// A configuration that cannot be used; its message says what to do.
    pub(super) fn config(error: &ConfigError) -> Self {
        Self::new(Exit::Config, error.to_string())
    }

    /// A job that failed.
    pub(super) fn failure(mut failure: Failure, profile: &Profile) -> Self {
        if failure.kind == FailureKind::LockoutNear {
            failure.fix =
                failure.fix.map(|fix| format!("{fix}; `orgdeck token --anyway` sends it all the same"));
        }
        let mut trouble = Self {
            code: failure.code.clone(),
            description: failure.description.clone(),
            status: failure.status,
            ..Self::new(failure.kind.into(), failure.message.clone())
        };
        trouble.sees(Facts::of_profile(profile), Unexplained::Failure(failure));
        trouble
    }

    /// An answer that says no, or that is not whole. Its body has gone to standard output; this is what it means.
    pub(super) fn answer(answer: &Answer, facts: Facts) -> Self {
        let mut trouble = match &answer.exchange.reply {
            Ok(reply) => match &reply.incomplete {
                Some(broken) => Self::new(Exit::Network, broken.message.clone()),
                None => {
                    let parts = answer.said.parts.iter().map(|part| &part.error);
                    Self::api(reply.status.as_u16(), answer.said.errors.iter().chain(parts))
                }
            },
            Err(failure) => Self::new(Exit::Network, failure.message.clone()),
        };
        trouble.sees(facts, Unexplained::Answer(answer.clone()));
        trouble
    }

    /// An answer that is not taken, for a reason of ours.
    pub(super) fn not_taken(exit: Exit, message: impl Into<String>, answer: &Answer, facts: Facts) -> Self {
        let mut trouble = Self::new(exit, message);
        trouble.status = answer.exchange.reply.as_ref().ok().map(|reply| reply.status.as_u16());
        trouble.sees(facts, Unexplained::Answer(answer.clone()));
        trouble
    }

    fn api<'a>(status: u16, errors: impl Iterator<Item = &'a ApiError>) -> Self {
        let mut errors: Vec<_> = errors.collect();
        errors.sort_by_key(|error| error.is_halted()); // what stopped the others comes first
        let more = errors.len().saturating_sub(1);
        let first = errors.first().copied().cloned().unwrap_or_default();
        let said = match (&first.code, first.message.as_str()) {
            (Some(code), "") => format!("{status}: {code}"),
            (Some(code), message) => format!("{status}: {code}: {message}"),
            (None, "") => format!("the API answered {status}"),
            (None, message) => format!("{status}: {message}"),
        };
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        Self {
            code: first.code,
            description: Some(first.message).filter(|text| !text.is_empty()),
            status: Some(status),
            ..Self::new(Exit::Api, format!("{said}{more}"))
        }
    }

    fn sees(&mut self, facts: Facts, error: Unexplained) {
        self.seen = Some(Box::new(Seen { facts, error, not_renewed: None }));
    }

    pub(super) fn fix(&mut self, fix: impl Into<String>) {
        self.fixes.push(fix.into());
    }

    /// What else is known, as of the token that was used.
    pub(super) fn knowing(mut self, facts: Facts) -> Self {
        if let Some(seen) = &mut self.seen {
            seen.facts = facts;
        }
        self
    }

    /// What comes first where the token had expired and no new one was got.
    pub(super) fn without_new_token(mut self, why: Option<Failure>) -> Self {
        if let Some(seen) = &mut self.seen {
            seen.not_renewed = why;
        }
        self
    }

    /// To be reported as one JSON object.
    pub(super) fn told_as_json(mut self, yes: bool) -> Self {
        self.as_json = yes;
        self
    }

    /// Explains it on standard error, by the hints that hold beside this configuration; the exit code to end with.
    pub(super) fn report(mut self, config_file: Option<&Path>) -> ExitCode {
        let explanation = match self.seen.take() {
            Some(seen) => {
                let (rules, warnings) = hints::rules(config_file);
                Explanation { warnings, ..self.explain(*seen, &rules) }
            }
            None => Explanation::default(),
        };
        if self.as_json {
            eprintln!("{}", self.json(&explanation));
        } else {
            eprint!("{}", self.text(&explanation));
        }
        self.exit.into()
    }

    /// A failure's own advice stands where the diagnosis knows nothing better.
    fn explain(&mut self, seen: Seen, rules: &Rules) -> Explanation {
        let Seen { facts, error, not_renewed } = seen;
        let not_renewed = not_renewed.map(|failure| {
            let causes = known(failure.explain(rules, facts.clone()));
            let hints = causes.into_iter().next().map(|first| first.hints).unwrap_or_default();
            let fix = failure.fix.filter(|_| hints.is_empty()).map(|fix| format!("; {fix}"));
            (format!("no new token was got: {}{}", failure.message, fix.unwrap_or_default()), hints)
        });
        let (errors, fix) = match error {
            Unexplained::Failure(failure) => (failure.explain(rules, facts), failure.fix),
            Unexplained::Answer(answer) => {
                (explain_exchange(rules, facts, &answer.exchange, &answer.said), None)
            }
        };
        let errors = known(errors);
        self.fixes.extend(fix.filter(|_| errors.is_empty()));
        Explanation { not_renewed, errors, warnings: Vec::new() }
    }

    /// Lines for a terminal: what came from outside cannot act on it.
    fn text(&self, explanation: &Explanation) -> String {
        /// Causes of one error that are told; `--json` has all.
        const CAUSES: usize = 3;
        /// Further errors of one answer that are told.
        const ERRORS: usize = 5;
        let mut lines: Vec<String> =
            explanation.warnings.iter().map(|text| format!("warning: {text}")).collect();
        lines.push(format!("error: {}", self.message));
        if let Some((why, hints)) = &explanation.not_renewed {
            lines.push(format!("hint: {why}"));
            lines.extend(hints.iter().take(1).flat_map(cause));
        }
        lines.extend(self.fixes.iter().map(|fix| format!("hint: {fix}")));
        let mut errors = explanation.errors.iter();
        lines.extend(errors.next().iter().flat_map(|first| first.hints.iter().take(CAUSES)).flat_map(cause));
        for other in errors.clone().take(ERRORS) {
            let part = Some(format!("{}: ", other.reference)).filter(|_| !other.reference.is_empty());
            let said = hints::said(other.status, &other.error);
            lines.push(format!("also: {}{said}", part.unwrap_or_default()));
            lines.extend(cause(other.first()));
        }
        let untold = errors.len().saturating_sub(ERRORS);
        lines.extend((untold > 0).then(|| format!("also: {untold} more")));
        let lines = lines.iter().flat_map(|text| text.lines());
        lines.map(|line| safe(line).into_owned() + "\n").collect()
    }

    fn json(&self, explanation: &Explanation) -> Value {
        let advice =
            |fix: &str| json!({ "id": null, "cause": null, "evidence": [], "fix": fix, "action": null });
        let mut list: Vec<Value> = Vec::new();
        if let Some((why, hints)) = &explanation.not_renewed {
            list.push(advice(why));
            list.extend(hints.iter().map(hints::hint));
        }
        list.extend(self.fixes.iter().map(|fix| advice(fix)));
        list.extend(explanation.errors.first().map(hints::hints).unwrap_or_default());
        let description = self.description.as_deref().unwrap_or(&self.message);
        let error = hints::error(self.exit, self.code.as_deref(), Some(description), self.status);
        let mut all = json!({ "error": error, "hints": list });
        if let Some(parts) = hints::parts(&explanation.errors, |_| self.exit) {
            all["parts"] = parts;
        }
        if !explanation.warnings.is_empty() {
            all["warnings"] = json!(explanation.warnings);
        }
        all
    }
}

/// Without what only says that nothing is known.
fn known(mut errors: Vec<Explained>) -> Vec<Explained> {
    if errors.iter().all(Explained::is_unknown) {
        errors.clear();
    }
    errors
}

/// A cause for a terminal, what speaks for it, and what to do.
fn cause(hint: &Hint) -> Vec<String> {
    let mut lines = vec![format!("hint: {} ({})", hint.cause, hint.confidence.words())];
    lines.extend(hint.evidence.iter().map(|text| format!("      seen: {text}")));
    lines.push(format!("      fix: {}", hint.fix));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flow, salesforce::tests::profile};

    fn refused(code: &str, description: &str) -> Trouble {
        let failure = Failure {
            fix: Some("a shorter one".into()),
            code: Some(code.into()),
            description: Some(description.into()),
            status: Some(400),
            ..Failure::new(FailureKind::OAuth, format!("{code}: {description}"))
        };
        Trouble::failure(failure, &profile(Flow::Password))
    }

    fn explained(mut trouble: Trouble) -> (Trouble, Explanation) {
        let seen = trouble.seen.take().unwrap();
        let explanation = trouble.explain(*seen, Rules::built_in());
        (trouble, explanation)
    }

    #[test]
    fn a_refused_token_is_one_json_object_with_ranked_hints() {
        let (trouble, explanation) = explained(refused("invalid_grant", "authentication failure"));
        assert_eq!(trouble.exit, Exit::OAuth);
        let json = trouble.json(&explanation);
        assert_eq!(
            json["error"],
            json!({"kind": "oauth", "code": "invalid_grant", "description": "authentication failure", "status": 400})
        );
        let first = &json["hints"][0];
        for text in ["id", "cause", "fix", "action", "confidence"] {
            assert!(first[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {first}");
        }
        assert!(!first["evidence"].as_array().unwrap().is_empty(), "{first}");
        assert!(json["hints"].as_array().unwrap().len() > 1, "{json}");
        assert_eq!(json.get("parts"), None, "there is one error");
        let text = trouble.text(&explanation);
        assert!(text.starts_with("error: invalid_grant: authentication failure\nhint: "), "{text}");
        assert!(!text.contains("a shorter one"), "the diagnosis knows more");
    }

    #[test]
    fn where_the_diagnosis_knows_nothing_the_failure_s_own_advice_stands() {
        let (trouble, mut explanation) = explained(refused("never_heard_of", "odd"));
        explanation.errors.clear();
        let plain =
            Failure { fix: Some("set it".into()), ..Failure::new(FailureKind::Config, "it is not set") };
        let (plain, nothing) = explained(Trouble::failure(plain, &profile(Flow::Password)));
        assert_eq!(plain.text(&nothing), "error: it is not set\nhint: set it\n");
        assert_eq!(
            plain.json(&nothing)["hints"],
            json!([{"id": null, "cause": null, "evidence": [], "fix": "set it", "action": null}])
        );
        assert_eq!(trouble.json(&explanation)["error"]["code"], "never_heard_of");
    }

    #[test]
    fn why_no_new_token_was_got_comes_first_with_its_own_cause() {
        let refusal = Failure {
            code: Some("invalid_grant".into()),
            description: Some("expired access/refresh token".into()),
            status: Some(400),
            ..Failure::new(FailureKind::OAuth, "invalid_grant: expired access/refresh token")
        };
        let trouble =
            refused("INVALID_SESSION_ID", "Session expired or invalid").without_new_token(Some(refusal));
        let (trouble, explanation) = explained(trouble);
        let json = trouble.json(&explanation);
        let hints = json["hints"].as_array().unwrap();
        assert_eq!(hints[0]["fix"], "no new token was got: invalid_grant: expired access/refresh token");
        assert!(hints[1]["evidence"].to_string().contains("expired access/refresh token"), "{json}");
    }

    #[test]
    fn an_api_error_says_status_code_and_message() {
        let error = |code: &str, message: &str| ApiError {
            code: Some(code.into()),
            message: message.into(),
            ..ApiError::default()
        };
        let errors = [error("PROCESSING_HALTED", "the other"), error("INVALID_FIELD", "no such column")];
        let trouble = Trouble::api(400, errors.iter());
        assert_eq!(trouble.message, "400: INVALID_FIELD: no such column (and 1 more)");
        assert_eq!(trouble.exit as u8, 5);
    }
}
