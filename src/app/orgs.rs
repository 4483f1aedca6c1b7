//! Which org a token is of: nobody's request goes to an org that no person has seen the name of.

use super::{
    App, Chore, Effects, Errand, Now, Sequel, Task,
    overlays::{Overlay, editor::ProfileEditor, org::OrgBox},
};
use crate::{
    config::ProfileId,
    jobs::{Wanted, Wish},
    salesforce::{OrgFacts, Session, Standing},
    workspace::Draft,
};
use std::sync::Arc;

/// A token whose org nobody has looked at yet.
#[derive(Debug)]
pub(super) struct Unaccepted {
    /// How it stands to what was known before.
    standing: Standing,
    /// What was asked for with the token, and waits.
    then_send: Option<Box<Draft>>,
    /// Nobody has been shown it.
    unseen: bool,
}

impl App {
    /// Whether somebody still has to say that a profile's token is of the right org.
    pub fn is_org_open(&self, profile: &ProfileId) -> bool {
        self.unaccepted.contains_key(profile)
    }

    /// Judges a new token by its org. Answers with what may be sent now; else it waits for a person.
    pub(super) fn judge_org(
        &mut self,
        id: &ProfileId,
        session: &Session,
        standing: Standing,
        then_send: Option<Box<Draft>>,
        now: Now,
    ) -> Option<Box<Draft>> {
        self.unaccepted.remove(id);
        let of = match (session.org.facts(), &session.org_id) {
            (Some(facts), _) => format!(" · {}", words(facts)),
            (None, Some(org)) => format!(" · org {org}"),
            (None, None) => String::new(),
        };
        match standing {
            Standing::Unchecked(why) => {
                self.complain(format!("token for {id}, held to be production: {why}"), now);
            }
            Standing::First { .. } | Standing::Differs { .. } if session.org.facts().is_some() => {
                // Said where it is not shown at once.
                self.say(format!("token for {id}{of}: is this the right org?"), now);
                let open = Unaccepted { standing, then_send, unseen: true };
                self.unaccepted.insert(id.clone(), open);
                return None;
            }
            _ => self.say(format!("token for {id}{of}"), now),
        }
        then_send
    }

    /// Shows the org of the profile in use, once nothing else is open and nobody is writing: a key that was meant for
    /// something else must not say yes to an org.
    pub(super) fn show_org_where_free(&mut self) {
        if !self.overlays.is_empty() || self.request.writing.is_some() {
            return;
        }
        let open = self.profile.as_ref().and_then(|id| self.unaccepted.get_mut(id));
        if let Some(open) = open.filter(|open| open.unseen) {
            let draft = open.then_send.take();
            self.show_org(draft);
        }
    }

    /// Shows the org of the token in use, if a person has to say that it is the right one, and then sends.
    pub(super) fn ask_which_org(&mut self, then_send: Option<Box<Draft>>, now: Now) {
        if !self.show_org(then_send) {
            self.complain("there is no token whose org is to be looked at", now);
        }
    }

    fn show_org(&mut self, then_send: Option<Box<Draft>>) -> bool {
        let (Some(profile), Some(session)) = (self.active().cloned(), self.session().cloned()) else {
            return false;
        };
        let (Some(open), Some(facts)) = (self.unaccepted.get_mut(&profile.id), session.org.facts()) else {
            return false;
        };
        open.unseen = false;
        self.notice = None;
        let shown = OrgBox::new(profile, Arc::clone(&session), facts, &open.standing, then_send);
        self.overlays.push(Overlay::Org(Box::new(shown)));
        true
    }

    /// The person has said that it is the right org: it is the profile's from now on.
    pub(super) fn accept_org(&mut self, now: Now) -> Effects {
        let Some(Overlay::Org(shown)) = self.overlays.pop() else { return Effects::none() };
        let OrgBox { profile, session, then_send, .. } = *shown;
        let is_current = self.sessions.get(&profile.id).is_some_and(|current| Arc::ptr_eq(current, &session));
        if !is_current {
            self.complain("not accepted: there is another token by now", now);
            return Effects::none();
        }
        self.unaccepted.remove(&profile.id);
        let accept = Chore::AcceptOrg(Arc::clone(&profile), session);
        let mut effects = self.start_chore(accept, Sequel::None, now);
        if let Some(draft) = then_send {
            effects.extend(self.send_for(&profile, *draft, now));
        }
        effects
    }

    /// Not now: the token stays, and whatever would use it asks again.
    pub(super) fn leave_org(&mut self, now: Now) {
        let Some(Overlay::Org(shown)) = self.overlays.pop() else { return };
        let not_sent = if shown.then_send.is_some() { "not sent: " } else { "" };
        self.say(format!("{not_sent}the token is kept; the next request asks again which org it is"), now);
    }

    /// It is the wrong org: the person logs in again, in a browser that asks who they are.
    pub(super) fn log_in_again(&mut self, now: Now) -> Effects {
        let Some(Overlay::Org(shown)) = self.overlays.pop() else { return Effects::none() };
        let wish = Wish { wanted: Wanted::Anew, prompt: Some("login".into()), ..Wish::default() };
        self.begin(Task::Token(Errand { wish, then_send: shown.then_send, trial: None }), now)
    }

    /// It is the wrong org because the profile says so.
    pub(super) fn edit_after_org(&mut self) {
        let Some(Overlay::Org(shown)) = self.overlays.pop() else { return };
        self.overlays.push(Overlay::Editor(Box::new(ProfileEditor::new(Some(&shown.profile)))));
    }
}

/// `Acme · sandbox`: an org in a few words.
pub(super) fn words(facts: &OrgFacts) -> String {
    format!("{} · {}", facts.name, facts.kind.label())
}
