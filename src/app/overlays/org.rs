//! Which org a token is of: shown before it is used for the first time, and when it is another one than before.

use super::page::{Line, Page, Tone};
use crate::{
    config::{Profile, host_and_port},
    salesforce::{OrgFacts, OrgKind, Session, Standing},
    workspace::Draft,
};
use std::sync::Arc;

/// The box.
#[derive(Debug)]
pub struct OrgBox {
    /// Whose token.
    pub profile: Arc<Profile>,
    /// The token, which knows its org.
    pub session: Arc<Session>,
    /// What is sent once the person has said that it is the right org.
    pub then_send: Option<Box<Draft>>,
    /// What is said.
    pub page: Page,
    /// The org is a production org, by its own word.
    pub production: bool,
    /// It is another org, or another user, than before.
    pub differs: bool,
}

impl OrgBox {
    /// A box for a token whose org has told what it is.
    pub fn new(
        profile: Arc<Profile>,
        session: Arc<Session>,
        facts: &OrgFacts,
        standing: &Standing,
        then_send: Option<Box<Draft>>,
    ) -> Self {
        let production = facts.kind == OrgKind::Production;
        let differs = matches!(standing, Standing::Differs { .. });
        let lines = match standing {
            Standing::Differs { before, refreshed } => compared(before, facts, *refreshed),
            Standing::First { odd } => described(facts, odd),
            Standing::AsBefore | Standing::Unchecked(_) => described(facts, &[]),
        };
        Self { profile, session, then_send, page: Page::new(lines), production, differs }
    }

    /// Whether another login can bring another org or user: the flow asks a person each time.
    pub fn asks_a_person(&self) -> bool {
        self.profile.flow.waits_for_person()
    }
}

fn described(facts: &OrgFacts, odd: &[String]) -> Vec<Line> {
    let tone = if facts.kind == OrgKind::Production { Tone::Production } else { Tone::Good };
    // What speaks against it comes first: it must not be below the edge of a small screen.
    let odd = odd.iter().map(|what| Line::Text(Tone::Bad, format!("! {what}")));
    let named = [
        Line::Named("Org", Tone::Strong, facts.name.clone()),
        Line::Named("Kind", tone, kind(facts)),
        Line::Named("User", Tone::Strong, facts.username.clone()),
        Line::Named("Host", Tone::Plain, host(facts)),
        Line::Named("Edition", Tone::Plain, facts.edition.clone()),
        Line::Named("Org id", Tone::Plain, facts.org_id.to_string()),
    ];
    odd.chain(named).collect()
}

fn compared(before: &OrgFacts, now: &OrgFacts, refreshed: bool) -> Vec<Line> {
    let same_org = crate::salesforce::ids::same(&before.org_id.0, &now.org_id.0);
    let what = if same_org {
        "The token is of another user than before."
    } else {
        "The token is of another org than before."
    };
    let mut lines = vec![Line::Text(Tone::Bad, what.into())];
    if now.kind == OrgKind::Production && before.kind != OrgKind::Production {
        lines.push(Line::Text(Tone::Production, "PRODUCTION: the org before was not.".into()));
    }
    if refreshed {
        lines.push(Line::Text(Tone::Odd, REFRESHED.into()));
    }
    let row = |name, of: fn(&OrgFacts) -> String| Line::Compared(name, of(before), of(now));
    lines.extend([
        Line::Heads("before", "now"),
        row("Org", |facts| facts.name.clone()),
        row("Kind", kind),
        row("User", |facts| facts.username.clone()),
        row("Host", host),
        row("Edition", |facts| facts.edition.clone()),
        row("Org id", |facts| facts.org_id.to_string()),
        row("User id", |facts| facts.user_id.to_string()),
    ]);
    lines
}

const REFRESHED: &str = "Probably the same sandbox, refreshed: its id is new, and record ids that were saved may be, too. \
                         To accept it forgets the tokens kept of the old one.";

fn kind(facts: &OrgFacts) -> String {
    match facts.kind {
        OrgKind::Production => "PRODUCTION".into(),
        kind => kind.label().to_owned(),
    }
}

fn host(facts: &OrgFacts) -> String {
    let host = host_and_port(&facts.instance_url);
    match &facts.instance {
        Some(instance) => format!("{host} ({instance})"),
        None => host,
    }
}
