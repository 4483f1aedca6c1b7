//! A check-up: everything that stands between a person and an answer, looked at without a secret leaving this machine.
//!
//! ```text
//! configuration ─▶ which profiles, which hosts ─▶ stores, then each profile's secrets ─┐
//!                                             └─▶ each host, side by side ────────────┴─▶ findings, as they are known
//! ```
//! Probes are here, one file a subject; judging what they bring (`answers`, `surroundings`) is apart, so that it needs
//! neither network nor files. It is a job like any other, because screen and scripts start it, stop it and hear of it
//! the same way. Nothing is unlocked, nobody is asked, no consumer key and no secret is sent.

mod answers;
mod files;
mod hosts;
mod secrets;
mod stores;
mod surroundings;
#[cfg(test)]
mod tests;

use super::act::{Act, Halt};
use crate::{
    config::{Config, Profile, ProfileId},
    http::Transport,
    jobs::{Checkup, Event, Finding, Subject},
};
use futures_util::future::{join, join_all};
use std::sync::Arc;

impl<T: Transport> Act<T> {
    pub(super) async fn run_checkup(&self, checkup: &Checkup) -> Result<(), Halt> {
        self.unless_cancelled(self.examine(checkup)).await
    }

    async fn examine(&self, checkup: &Checkup) {
        let keep = &self.shared.keep;
        let (mut about_files, config) = files::examine(keep).await;
        let (profiles, unknown) = chosen(checkup, config.as_ref());
        about_files.extend(unknown);
        let hosts = if checkup.offline { Vec::new() } else { hosts::of(&profiles, keep).await };

        let mut subjects = vec![Subject::Configuration, Subject::Stores, Subject::Surroundings];
        subjects.extend(profiles.iter().map(|profile| Subject::Profile(profile.id.clone())));
        subjects.extend(hosts.iter().map(|host| Subject::Host(host.name.clone())));
        self.tell(Event::Examining(self.id, subjects)).await;
        self.found(Subject::Configuration, about_files).await;
        self.found(Subject::Surroundings, surroundings::examine(&checkup.surroundings)).await;

        let here = async {
            let seen = stores::look(&keep.stores).await;
            let needs = stores::Needs::of(&profiles, config.as_ref());
            self.found(Subject::Stores, stores::examine(&seen, needs, keep.stores.vault_file())).await;
            // One after the other: several commands at once would ask for one password several times.
            for profile in &profiles {
                let found = secrets::examine(profile, &keep.stores, &seen).await;
                self.found(Subject::Profile(profile.id.clone()), found).await;
            }
        };
        let there = join_all(hosts.iter().map(|host| async {
            let found = host.examine(&self.shared.transport).await;
            self.found(Subject::Host(host.name.clone()), found).await;
        }));
        join(here, there).await;
    }

    async fn found(&self, subject: Subject, findings: Vec<Finding>) {
        self.tell(Event::Examined(self.id, subject, findings)).await;
    }
}

/// The profiles to look at, and what is to be said of names that are none.
fn chosen(checkup: &Checkup, config: Option<&Config>) -> (Vec<Arc<Profile>>, Vec<Finding>) {
    let all = config.map_or(&checkup.last_good, |config| &config.profiles);
    if checkup.profiles.is_empty() {
        return (all.clone(), Vec::new());
    }
    let named = |id: &ProfileId| all.iter().find(|profile| profile.id == *id).cloned();
    let unknown = checkup.profiles.iter().filter(|id| config.is_some() && named(id).is_none());
    let names: Vec<&str> = all.iter().map(|profile| profile.id.as_str()).collect();
    let fix = match names.as_slice() {
        [] => "there is none in the file".to_owned(),
        names => format!("there are: {}", names.join(", ")),
    };
    let findings =
        unknown.map(|id| Finding::broken("profile", format!("there is no profile {id}")).fix(&fix));
    (checkup.profiles.iter().filter_map(named).collect(), findings.collect())
}
