//! What a person does in Salesforce, and what is looked at here: pages of Setup, the guide, the callback, another try.

use super::{App, Case};
use crate::{
    app::{
        Action, Effect, Effects, Now, Seat, Secretable,
        overlays::{Overlay, address::AddressBox},
    },
    diagnosis::{Remedy, SetupPage},
};
use url::Url;

impl App {
    /// Everything that changes neither profile nor request.
    pub(super) fn mend_elsewhere(&mut self, action: &Remedy, case: &Case, now: Now) -> Effects {
        match action {
            Remedy::Retry => self.try_again(case, now),
            Remedy::RetryLater => self.try_later(case, now),
            Remedy::WaitForApp => self.wait_for_app(case, now),
            Remedy::CopyCallback => {
                let text = case.profile.callback().into_owned();
                self.say(format!("register exactly {text}: it is copied"), now);
                Effect::Copy { text: Secretable::Plain(text), what: "the callback URL" }.into()
            }
            Remedy::OpenGuide => {
                self.open_guide();
                Effects::none()
            }
            Remedy::ShowLimits => self.show_limits(now),
            Remedy::ShowFirstFailure => {
                if let Some(hints) = self.response.hints_mut() {
                    hints.go_to(0);
                }
                Effects::none()
            }
            Remedy::AskLoginHistory | Remedy::OpenLoginHistory => self.look_at_login_history(case, now),
            Remedy::OpenSetup(page) => self.open_setup(case, page.path()),
            Remedy::ResetTokenPage => {
                self.open_setup(case, "/lightning/settings/personal/ResetApiToken/home")
            }
            _ => Effects::none(),
        }
    }

    /// Once more, as it was.
    pub(super) fn try_again(&mut self, case: &Case, now: Now) -> Effects {
        match &case.draft {
            Some(draft) => self.send_draft(crate::workspace::Draft::clone(draft), now),
            None => {
                self.doubted.remove(&case.profile.id);
                self.get_token(now)
            }
        }
    }

    fn show_limits(&mut self, now: Now) -> Effects {
        self.apply_anywhere(Action::OpenLimits, now)
    }

    /// The org is asked, where somebody is logged in there; else its page is opened.
    fn look_at_login_history(&mut self, case: &Case, now: Now) -> Effects {
        let of = &case.profile.id;
        let asked = self.why_offer(of).and_then(|_| self.ask_why_of(of, now).ok());
        asked.unwrap_or_else(|| self.open_setup(case, SetupPage::LoginHistory.path()))
    }

    /// Opens a page of the org: where a browser would not be seen, its address is copied and shown whole.
    fn open_setup(&mut self, case: &Case, path: &str) -> Effects {
        let Some(url) = self.page_of(case, path) else { return Effects::none() };
        let text = Secretable::Plain(url.to_string());
        match self.surroundings.seat {
            Seat::Desktop => Effect::OpenUrl { url: text, private: case.profile.private_window }.into(),
            seat @ (Seat::Remote | Seat::NoDisplay) => {
                self.overlays.push(Overlay::Address(AddressBox::new(url, seat)));
                Effect::Copy { text, what: "the page's address" }.into()
            }
        }
    }

    /// A page of the profile's org; behind the login host, where the org's own is not known.
    fn page_of(&self, case: &Case, path: &str) -> Option<Url> {
        let session = self.sessions.get(&case.profile.id);
        let home = session.map(|session| &session.instance_url).or(case.profile.login_url.as_ref())?;
        if crate::config::is_generic_login(home) {
            let mut url = home.clone();
            url.query_pairs_mut().append_pair("startURL", path);
            return Some(url);
        }
        home.join(path).ok()
    }

    fn wait_for_app(&mut self, case: &Case, now: Now) -> Effects {
        let effects = self.apply_anywhere(Action::AppSaved, now);
        self.try_when_app_is_known(case, now);
        effects
    }
}
