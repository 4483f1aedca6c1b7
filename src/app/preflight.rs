//! What is worth a word before something is sent: looked for when what it hangs on has changed, never at each key, and
//! applied by one key. It holds nothing back.

use super::{
    Action, App, Effects, Now, Pane,
    panes::request::{RequestPane, Tab, Writing},
};
use crate::{
    config::{ApiVersion, Profile, VersionChoice},
    diagnosis::{Facts, LOOKED_AT, Remedy, Spot, Warning, Written, of_request, of_token_request},
    format,
    salesforce::{Lifetime, Session, oauth::FALLBACK_VERSION},
    workspace::{AuthChoice, BodyKind, Draft, Entry, Scope, guard, is_write, mend},
};
use std::{sync::Arc, time::SystemTime};

/// The last API version that SOAP `login()` is in.
///
/// Source: Salesforce Help 005132110, Platform SOAP API login() Retirement.
const LAST_OF_LOGIN: ApiVersion = ApiVersion(64);
/// The last API version that has been retired.
///
/// Source: Salesforce Help, Salesforce Platform API Versions 21.0 through 30.0 Retirement.
const LAST_RETIRED: ApiVersion = ApiVersion(30);

/// What was found last, and for what.
#[derive(Debug, Default)]
pub struct Preflight {
    /// Before a token request with the profile in use.
    pub token: Vec<Warning>,
    /// Before the request in the composer.
    request: Vec<Warning>,
    seen: Seen,
    /// The composer's draft has changed since.
    stale: bool,
}

/// What the warnings hang on beside the draft.
#[derive(Debug, Default)]
struct Seen {
    profile: Option<Arc<Profile>>,
    session: Option<Arc<Session>>,
    has_ended: bool,
}

impl Seen {
    fn is_same(&self, other: &Self) -> bool {
        fn same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
            one.map(Arc::as_ptr) == other.map(Arc::as_ptr)
        }
        same(self.profile.as_ref(), other.profile.as_ref())
            && same(self.session.as_ref(), other.session.as_ref())
            && self.has_ended == other.has_ended
    }
}

impl App {
    /// Looks again where something has changed. What is being written is looked at when its field is left.
    pub(super) fn look_before_sending(&mut self, now: Now) {
        let seen = Seen {
            profile: self.active().cloned(),
            session: self.session().cloned(),
            has_ended: self.session().is_some_and(|session| has_ended(session, now.wall)),
        };
        if !seen.is_same(&self.preflight.seen) {
            self.preflight.token = match &seen.profile {
                Some(profile) => of_token_request(&self.facts_of(profile, now), profile),
                None => Vec::new(),
            };
            self.preflight.seen = seen;
            self.preflight.stale = true;
        }
        self.preflight.stale |= self.request.changed;
        if self.preflight.stale && self.request.writing.is_none() {
            self.preflight.stale = false;
            self.preflight.request = self.look_at_draft(now);
        }
    }

    fn look_at_draft(&self, now: Now) -> Vec<Warning> {
        let draft = &self.request.draft;
        match self.active() {
            Some(profile) if !draft.url.trim().is_empty() => {
                let session = self.session().map(AsRef::as_ref);
                before_sending(self.facts_of(profile, now), draft, profile, session, now.wall)
            }
            _ => Vec::new(),
        }
    }

    /// Whether this profile has logged in at its host, in this run or before.
    pub(super) fn has_logged_in(&self, profile: &Profile) -> bool {
        self.sessions.contains_key(&profile.id)
            || profile.login_host().is_some_and(|host| self.logged_in.contains(&(profile.id.clone(), host)))
    }

    /// A token has come for this profile.
    pub(super) fn note_login(&mut self, profile: &Profile) {
        self.logged_in.extend(profile.login_host().map(|host| (profile.id.clone(), host)));
    }

    /// The warnings about the request, without those at the field that is being written.
    pub fn request_warnings(&self) -> impl Iterator<Item = &Warning> {
        let written = spot_of_writing(&self.request);
        self.preflight.request.iter().filter(move |warning| Some(warning.at) != written)
    }

    /// The warning that the request pane shows: that of the cursor's row, else the first.
    fn shown_warning(&self) -> Option<&Warning> {
        let at = spot_of_row(&self.request);
        self.request_warnings()
            .find(|warning| Some(warning.at) == at)
            .or_else(|| self.request_warnings().next())
    }

    /// That in a line, with the key that puts it right; nothing where the preview needs the room.
    pub fn warning_text(&self) -> Option<String> {
        let warning = self.shown_warning().filter(|_| self.request.tab != Tab::Preview)?;
        let key = self.keymap.key_of(&Action::ApplyFix).filter(|_| warning.remedy.is_some());
        let fix = key.map(|key| format!(" · {key}: {}", warning.key)).unwrap_or_default();
        let more = match self.request_warnings().count() {
            1 => String::new(),
            n => format!(" (+{})", n - 1),
        };
        Some(format!("! {}{fix}{more}", warning.text))
    }

    /// The tabs' labels, marked where something in them is worth a word.
    pub fn request_tabs(&self) -> [String; 4] {
        Tab::ALL.map(|tab| {
            let marked = self.request_warnings().any(|warning| tab_of(warning.at) == Some(tab));
            format!("{}{}", tab.label(), if marked { "!" } else { "" })
        })
    }

    /// Whether something beside the tabs is worth a word: method, URL, token.
    pub fn is_url_marked(&self) -> bool {
        self.request_warnings().any(|warning| tab_of(warning.at).is_none())
    }

    /// What the key would put right in this pane.
    pub(super) fn next_fix(&self) -> Option<(&Warning, &Remedy)> {
        let with_remedy = |warning: &'_ Warning| warning.remedy.is_some();
        let warning = match self.focus {
            Pane::Token => self.preflight.token.iter().find(|warning| with_remedy(warning)),
            Pane::Request => self
                .shown_warning()
                .filter(|warning| with_remedy(warning))
                .or_else(|| self.request_warnings().find(|warning| with_remedy(warning))),
            Pane::Profiles | Pane::Response => None,
        };
        warning.and_then(|warning| Some((warning, warning.remedy.as_ref()?)))
    }

    /// Puts right what is warned of first.
    pub(super) fn apply_fix(&mut self, now: Now) -> Effects {
        match self.next_fix().map(|(_, remedy)| remedy.clone()) {
            Some(remedy) if self.focus == Pane::Request => self.mend_written(&remedy, now),
            Some(remedy) => self.mend_before(&remedy, now),
            None => {
                self.say("nothing here is warned of that a key could put right", now);
                Effects::none()
            }
        }
    }

    /// In the composer a version is one of the path, whatever the profile says.
    fn mend_written(&mut self, remedy: &Remedy, now: Now) -> Effects {
        let version = match remedy {
            Remedy::UseNewestVersion => self.version_for_path(),
            Remedy::UseSoapVersion => LAST_OF_LOGIN,
            other => return self.mend_before(other, now),
        };
        self.mend_draft(|draft| mend::with_version(draft, version), now)
    }

    fn version_for_path(&self) -> ApiVersion {
        match (self.active().map(|profile| profile.api_version), self.session()) {
            (Some(VersionChoice::Pinned(version)), _) if version > LAST_RETIRED => version,
            (Some(VersionChoice::Latest), Some(session)) => session.api_version,
            _ => FALLBACK_VERSION,
        }
    }

    /// `Enter` on a warning of the token pane.
    pub(super) fn apply_token_fix(&mut self, index: usize, now: Now) -> Effects {
        let Some(warning) = self.preflight.token.get(index) else { return Effects::none() };
        match (&warning.remedy, warning.at) {
            (Some(remedy), _) => self.mend_before(&remedy.clone(), now),
            (None, Spot::Profile(field)) => self.edit_profile_at(field, now),
            (None, _) => Effects::none(),
        }
    }
}

/// What is worth a word before a draft is sent with a profile. `facts` are the profile's.
pub fn before_sending(
    facts: Facts,
    draft: &Draft,
    profile: &Profile,
    session: Option<&Session>,
    now: SystemTime,
) -> Vec<Warning> {
    let scope = Scope::new(profile, session);
    let (target, sent) = draft.head(&scope, &profile.headers);
    let has_own = sent.contains_key(http::header::AUTHORIZATION);
    let method = draft.method.trim().to_ascii_uppercase();
    let path = target.as_ref().map_or(draft.url.as_str(), |url| url.path());
    let writes = method.parse().is_ok_and(|method| is_write(&method, path));
    let written = Written {
        method: &method,
        url: draft.url.trim(),
        params: on(&draft.params),
        headers: on(&draft.headers),
        content_type: sent
            .get(http::header::CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        body: body(draft),
        with_token: draft.auth == AuthChoice::Profile && session.is_some() && !has_own,
        writes_to_production: writes && guard::is_production(profile, session),
        target,
    };
    let facts = match session {
        Some(session) => facts.with_session(session, now),
        None => facts,
    };
    of_request(facts, &written)
}

fn on(rows: &[Entry]) -> Vec<(usize, &str, &str)> {
    let rows = rows.iter().enumerate().filter(|(_, row)| row.on);
    rows.map(|(i, row)| (i, row.name.as_str(), row.value.as_str())).collect()
}

/// The beginning of what is sent.
fn body(draft: &Draft) -> &str {
    match draft.body_kind {
        BodyKind::None => "",
        BodyKind::Form => draft.form.iter().find(|row| row.on).map_or("", |row| &row.name),
        BodyKind::Json | BodyKind::Xml | BodyKind::Raw => format::beginning(&draft.body, LOOKED_AT),
    }
}

fn has_ended(session: &Session, now: SystemTime) -> bool {
    matches!(session.lifetime, Lifetime::Until(end) if end <= now)
}

fn tab_of(spot: Spot) -> Option<Tab> {
    match spot {
        Spot::Param(_) => Some(Tab::Params),
        Spot::Header(_) => Some(Tab::Headers),
        Spot::Body => Some(Tab::Body),
        Spot::Method | Spot::Url | Spot::Token | Spot::Profile(_) => None,
    }
}

fn spot_of_writing(pane: &RequestPane) -> Option<Spot> {
    match pane.writing {
        Some(Writing::Body) => Some(Spot::Body),
        Some(Writing::Line(_)) => spot_of_row(pane),
        None => None,
    }
}

fn spot_of_row(pane: &RequestPane) -> Option<Spot> {
    match (pane.tab, pane.row.checked_sub(1)) {
        (_, None) => Some(Spot::Url),
        (Tab::Params, Some(row)) => Some(Spot::Param(row)),
        (Tab::Headers, Some(row)) => Some(Spot::Header(row)),
        (Tab::Body, Some(_)) => Some(Spot::Body),
        (Tab::Preview, Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_a_large_body_is_looked_at() {
        let draft = |body: String| Draft { body_kind: BodyKind::Raw, body, ..Draft::new() };
        assert_eq!(body(&draft("é".repeat(LOOKED_AT))).len(), LOOKED_AT);
        assert_eq!(body(&draft(format!("a{}", "é".repeat(LOOKED_AT)))).len(), LOOKED_AT - 1);
        assert_eq!(body(&draft("{}".into())), "{}");
        assert_eq!(body(&Draft { body_kind: BodyKind::None, ..draft("{}".into()) }), "");
    }
}
