//! Jobs that wait for a person: their box, the browser, and what the person gives back.

use super::{
    Action, App, Effect, Effects, Now, Seat, Secretable,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
        login::LoginBox,
        page::Tone,
    },
};
use crate::jobs::{JobId, Waiting};
use std::sync::Arc;

impl App {
    /// A job waits: its box opens, and the browser, where somebody sits before it.
    pub(super) fn on_waiting(&mut self, id: JobId, waiting: Arc<Waiting>, now: Now) -> Effects {
        let Some(profile) = self.jobs.wait(id).and_then(|job| job.profile.clone()) else {
            return Effects::none(); // it is being stopped
        };
        self.close_login(id);
        let browser = match &*waiting {
            Waiting::Browser { login, .. } if self.surroundings.seat == Seat::Desktop => {
                Some(open(&login.authorize, profile.private_window))
            }
            // A code is read first, and typed on that page or another device's.
            _ => None,
        };
        let login =
            Overlay::Login(Box::new(LoginBox::new(id, profile, waiting, self.surroundings.seat, now.mono)));
        // Below what is open: somebody may be typing there.
        self.overlays.insert(0, login);
        browser.map_or_else(Effects::none, Effects::from)
    }

    pub(super) fn on_not_that(&mut self, id: JobId, sentence: String) {
        if let Some(login) = self.login_of(id) {
            login.refuse(sentence);
        }
    }

    /// The code that was pasted was refused, and looks miscopied: the box says so, and offers to mend it.
    pub(super) fn on_code_refused(&mut self, id: JobId, sentence: &str) {
        if let Some(login) = self.login_of(id) {
            login.refuse_code(sentence);
        }
    }

    fn login_of(&mut self, id: JobId) -> Option<&mut LoginBox> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Login(login) if login.job == id => Some(&mut **login),
            _ => None,
        })
    }

    /// Mends the pasted code in the box. One that was refused goes on its way at once: that is what the key was
    /// pressed for.
    pub(super) fn mend_code(&mut self, now: Now) -> Effects {
        let Some(Overlay::Login(login)) = self.overlays.last_mut() else { return Effects::none() };
        if !login.mend() {
            self.say("nothing of it looks miscopied", now);
            return Effects::none();
        }
        let text = login.pasted().filter(|_| login.refused);
        text.map_or_else(Effects::none, |text| {
            login.remark = Some((Tone::Good, "the mended code is on its way".into()));
            Effect::Say(login.job, text).into()
        })
    }

    /// Closes the box of a job that no longer waits, and the question whether it is to be given up.
    pub(super) fn close_login(&mut self, id: JobId) {
        self.overlays.retain(|overlay| match overlay {
            Overlay::Login(login) => login.job != id,
            Overlay::Confirm(Confirm { then: Then::Do(Action::GiveUp(job)), .. }) => *job != id,
            _ => true,
        });
    }

    /// Stops a login; the person has said yes.
    pub(super) fn give_up(&mut self, id: JobId, now: Now) -> Effects {
        self.close_login(id);
        self.cancel_job(id, now)
    }

    /// What is done with the address of the login whose box has the keys.
    pub(super) fn with_login(&mut self, action: &Action) -> Effects {
        let login = match self.overlays.last() {
            Some(Overlay::Login(login)) => login,
            Some(Overlay::Address(shown)) => return with_address(&shown.url, action).into(),
            _ => return Effects::none(),
        };
        let address = login.address();
        match action {
            Action::OpenLogin { private } => open(address, *private),
            Action::PrintLogin => Effect::PrintBare(address.clone()),
            Action::CopyOther => {
                let (text, what) = login.other();
                Effect::Copy { text: Secretable::Plain(text.to_owned()), what }
            }
            _ => Effect::Copy {
                text: Secretable::Plain(address.to_string()),
                what: "the address of the login",
            },
        }
        .into()
    }
}

/// What is done with the address of a page that is opened elsewhere.
fn with_address(url: &url::Url, action: &Action) -> Effect {
    match action {
        Action::PrintLogin => Effect::PrintBare(url.clone()),
        _ => Effect::Copy { text: Secretable::Plain(url.to_string()), what: "the page's address" },
    }
}

fn open(url: &url::Url, private: bool) -> Effect {
    Effect::OpenUrl { url: Secretable::Plain(url.to_string()), private }
}
