//! What a person does in Salesforce, and what is looked at here: pages of Setup, the guide, the callback, another try.

use super::{App, Case};
use crate::{
    app::{
        Action, Effect, Effects, Now, Seat, Secretable,
        overlays::{
            Overlay,
            address::AddressBox,
            confirm::{Confirm, Then},
        },
        wire,
    },
    diagnosis::{Remedy, SetupPage},
    http::Phase,
    jobs::Wanted,
    workspace::{Draft, is_write},
};
use url::Url;

impl Case {
    /// Whether it writes.
    pub(super) fn writes(&self) -> bool {
        let draft = self.draft.as_ref();
        let method = draft.map(|draft| draft.method.trim().parse().unwrap_or(http::Method::POST));
        let method = method.or(self.exchange.as_ref().map(|exchange| exchange.request.method.clone()));
        let path = draft.map_or("", |draft| draft.url.split('?').next().unwrap_or_default());
        method.is_some_and(|method| is_write(&method, path))
    }

    /// Whether it writes, was sent, and nobody knows what became of it.
    fn may_have_been_done(&self) -> bool {
        let lost = |exchange: &crate::http::Exchange| match &exchange.reply {
            Ok(reply) => reply.incomplete.is_some(),
            Err(failure) => matches!(failure.phase, Phase::Send | Phase::Wait | Phase::Receive),
        };
        self.writes() && self.exchange.as_deref().is_some_and(lost)
    }
}

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
            Remedy::OpenSetup(page) => self.open_setup(case, page.path(), now),
            Remedy::ResetTokenPage => {
                self.open_setup(case, "/lightning/settings/personal/ResetApiToken/home", now)
            }
            _ => {
                self.say("no key does that here: the arrow says what to do", now);
                Effects::none()
            }
        }
    }

    /// Once more, as it was.
    pub(super) fn try_again(&mut self, case: &Case, now: Now) -> Effects {
        match &case.draft {
            // Whether the org has done it nobody knows: a second time may be one too many.
            Some(draft) if case.may_have_been_done() => {
                let lines = vec![
                    case.exchange
                        .as_ref()
                        .map_or_else(String::new, |x| wire::title(&x.request.method, &x.request.url)),
                    "No whole answer came, so the org may have done it already. Look there first.".into(),
                ];
                let mut confirm =
                    Confirm::plain("Send it again?", lines, Then::SendDraft(Box::new(Draft::clone(draft))));
                confirm.production = self.is_production();
                self.overlays.push(Overlay::Confirm(confirm));
                Effects::none()
            }
            Some(draft) => self.send_again(case, Draft::clone(draft), "sent again".into(), now),
            None => {
                self.doubted.remove(&case.profile.id);
                let wanted = if self.session().is_some() { Wanted::Fresh } else { Wanted::Any };
                self.get_token_by(wanted, None, now)
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
        asked.unwrap_or_else(|| self.open_setup(case, SetupPage::LoginHistory.path(), now))
    }

    /// Opens a page of the org: where a browser would not be seen, its address is copied and shown whole.
    fn open_setup(&mut self, case: &Case, path: &str, now: Now) -> Effects {
        let Some(url) = self.page_of(case, path) else {
            self.say("the org's address is not known here: open Setup there", now);
            return Effects::none();
        };
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
        let profile = &case.profile;
        let home = session.map(|session| &session.instance_url);
        let home = home.or(profile.instance_url.as_ref()).or(profile.login_url.as_ref())?;
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
