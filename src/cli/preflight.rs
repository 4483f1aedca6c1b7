//! What is worth a word before something is sent, on standard error. Nothing is held back, and a program that reads
//! JSON is told nothing.

use crate::{
    app::preflight::before_sending,
    config::Profile,
    diagnosis::{Facts, Warning, of_token_request},
    salesforce::Session,
    worker::Home,
    workspace::Draft,
};
use std::time::SystemTime;

/// The words about a token request. What has worked at this host is not doubted.
pub(super) fn warn_of_token_request(profile: &Profile, home: &Home) {
    let mut facts = Facts::of_profile(profile);
    let host = profile.login_host();
    facts.known.logged_in_here =
        home.logged_in().any(|(id, at)| id == profile.id && Some(&at) == host.as_ref());
    print(&of_token_request(&facts, profile));
}

/// The words about a request. Who writes to production has said `--yes` already.
pub(super) fn warn_of_request(facts: Facts, draft: &Draft, profile: &Profile, session: Option<&Session>) {
    let mut warnings = before_sending(facts, draft, profile, session, SystemTime::now());
    warnings.retain(|warning| warning.id != "write-to-production");
    print(&warnings);
}

fn print(warnings: &[Warning]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}
