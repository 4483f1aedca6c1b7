//! The lists to choose from: palette, profiles, requests, methods, copies, token actions, start page.

use super::{
    About, Action, App, Copied, Now, Weight,
    keymap::Where,
    overlays::{
        Overlay,
        help::Help,
        picker::{Item, Picker},
    },
};
use crate::{
    config::Profile,
    document::safe,
    format::wrap,
    jobs::{Question, Wanted},
    workspace::{AuthChoice, BodyKind, METHODS, Prepared, ready_requests},
};

impl App {
    fn open_picker(&mut self, mut picker: Picker) {
        picker.refilter();
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Every action that a key does here, and some that no key does.
    pub(super) fn open_palette(&mut self) {
        let chain = self.chain();
        let mut items: Vec<Item> = Vec::new();
        for (binding, key) in self.keymap.reachable(&chain) {
            let skip = matches!(binding.at, Where::List | Where::Text | Where::Lines | Where::Menu)
                || matches!(binding.action, Action::OpenPalette | Action::Back);
            if !skip {
                let tag = if binding.at == Where::Anywhere { "" } else { binding.at.heading() };
                let detail = format!("{} {tag}", binding.name);
                let item = Item::new(binding.says, binding.action.clone()).key(key.to_string());
                items.push(item.detail(detail.trim_end()));
            }
        }
        let keyless = self.keymap.bindings().iter().filter(|b| chain.contains(&b.at) && b.keys.is_empty());
        items.extend(keyless.map(|b| Item::new(b.says, b.action.clone()).detail(b.name)));
        items.push(
            Item::new("how the app of another flow is set up", Action::ChooseGuide).detail("setup guide"),
        );
        let of_token = self.ways_to_a_token().into_iter().skip(1).chain(self.token_items());
        items.extend(of_token.map(|item| Item { detail: format!("token · {}", item.detail), ..item }));
        items.extend(self.vault_items());
        for profile in &self.config.profiles {
            let id = profile.id.to_string();
            items.push(
                Item::new(format!("use profile {id}"), Action::UseProfile(id))
                    .detail(profile.environment.word()),
            );
        }
        for (i, ready) in ready_requests().iter().enumerate() {
            let name = format!("open request: {}", ready.draft.name);
            items.push(Item::new(name, Action::OpenReady(i)).detail(ready.about.group.clone()));
        }
        self.open_picker(Picker::filtered("What to do", items));
    }

    pub(super) fn open_profile_switcher(&mut self) {
        let at = self.config.profiles.iter().position(|p| Some(&p.id) == self.profile.as_ref());
        let items = self.config.profiles.iter().map(|profile| self.profile_item(profile)).collect();
        let mut picker = Picker::filtered("Switch profile", items);
        picker.empty = "no profile of that name";
        self.open_picker(picker);
        if let (Some(at), Some(Overlay::Picker(picker))) = (at, self.overlays.last_mut()) {
            picker.cursor = at;
        }
    }

    fn profile_item(&self, profile: &Profile) -> Item {
        let host = profile.login_url.as_ref().or(profile.instance_url.as_ref()).map(super::host_of);
        let host = host.map(|host| format!(" · {host}")).unwrap_or_default();
        let token =
            self.sessions.get(&profile.id).map_or_else(String::new, |session| match session.org.facts() {
                Some(facts) => format!(" · token of {}", super::orgs::words(facts)),
                None => " · token".into(),
            });
        Item::new(profile.id.to_string(), Action::UseProfile(profile.id.to_string()))
            .tag(profile.environment.tag())
            .detail(format!("{}{host}{token}", profile.flow.label()))
    }

    pub(super) fn open_requests(&mut self) {
        let drafts = self.request.shelf.iter().enumerate().map(|(i, draft)| {
            let name = if draft.name.is_empty() { &draft.url } else { &draft.name };
            Item::new(name.clone(), Action::OpenDraft(i))
                .tag(draft.method.clone())
                .detail(format!("earlier draft · {}", draft.url))
        });
        let ready = ready_requests().iter().enumerate().map(|(i, ready)| {
            Item::new(ready.draft.name.clone(), Action::OpenReady(i))
                .tag(ready.draft.method.clone())
                .detail(format!("{} · {}", ready.about.group, ready.about.description))
        });
        let items = ready.chain(drafts).collect();
        let mut picker = Picker::filtered("Open a request", items);
        picker.empty = "no request matches";
        self.open_picker(picker);
    }

    pub(super) fn open_methods(&mut self) {
        let at = METHODS.iter().position(|m| *m == self.request.draft.method).unwrap_or(0);
        let items = METHODS.iter().map(|m| Item::new(*m, Action::SetMethod((*m).to_owned()))).collect();
        self.open_picker(Picker::menu("Method", items).at(at));
    }

    pub(super) fn open_body_kinds(&mut self) {
        let at = BodyKind::ALL.iter().position(|k| *k == self.request.draft.body_kind).unwrap_or(0);
        let items = BodyKind::ALL
            .iter()
            .map(|kind| {
                let sends = kind.content_type().unwrap_or("no body is sent");
                Item::new(kind.label(), Action::SetBody(*kind)).detail(sends)
            })
            .collect();
        self.open_picker(Picker::menu("Kind of body", items).at(at));
    }

    pub(super) fn open_copy_menu(&mut self) {
        let mut items = Vec::new();
        if let Some(view) = self.response.view() {
            items.push(Item::new("value under the cursor", Action::Copy(Copied::Value)));
            if let Some(path) = view.path() {
                items.push(Item::new("path of the cursor", Action::Copy(Copied::Path)).detail(path));
            }
            items.push(Item::new("whole body", Action::Copy(Copied::Body)));
            items.push(Item::new("response headers", Action::Copy(Copied::Headers)));
        }
        items.push(Item::new("request URL", Action::Copy(Copied::Url)));
        items.extend(self.token_items().into_iter().filter(|item| matches!(item.action, Action::Copy(_))));
        self.open_picker(Picker::menu("Copy", items));
    }

    pub(super) fn open_token_menu(&mut self) {
        let mut items = self.ways_to_a_token();
        items.extend(self.token_items());
        items.push(Item::new("edit the profile", Action::EditProfile));
        self.open_picker(Picker::menu("Token", items));
    }

    fn ways_to_a_token(&self) -> Vec<Item> {
        let Some(profile) = self.active() else { return Vec::new() };
        let by = |label: &str, wanted| Item::new(label, Action::GetTokenBy { wanted, prompt: None });
        let refreshes = self.session().is_some_and(|session| session.refresh_token.is_some());
        let mut items = vec![match (self.session().is_some(), refreshes) {
            (true, true) => by("refresh the token now", Wanted::Fresh).detail("by its refresh token"),
            (true, false) => by("get a new token", Wanted::Fresh),
            (false, _) => by("get a token", Wanted::Any).detail("one that an earlier run has kept will do"),
        }];
        if refreshes || self.session().is_none() {
            items.push(
                by("get a token anew", Wanted::Anew).detail("by the flow itself; no kept token is used"),
            );
        }
        if super::tokens::has_prompt(profile.flow) {
            items.push(
                Item::new("log in with another prompt…", Action::ChoosePrompt)
                    .detail("for one login; the profile's is not changed"),
            );
        }
        items
    }

    /// What Salesforce's login page may be told, for one login.
    ///
    /// Source: Salesforce Help, OAuth 2.0 Web Server Flow (`prompt`).
    pub(super) fn open_prompts(&mut self) {
        let prompts = [
            ("login", "asks who you are, whatever the browser is logged in to"),
            ("", "none: takes the login that the browser has, which may be of another org"),
            ("consent", "asks again whether the app may"),
            ("select_account", "offers the logins that the browser knows"),
            ("login consent", "both"),
        ];
        let items = prompts.into_iter().map(|(prompt, detail)| {
            let label = if prompt.is_empty() { "no prompt" } else { prompt };
            let action = Action::GetTokenBy { wanted: Wanted::Anew, prompt: Some(prompt) };
            Item::new(label, action).detail(detail)
        });
        let items = items.collect();
        self.open_picker(Picker::menu("Log in with the prompt", items));
    }

    /// What can be done with the token that is there.
    fn token_items(&self) -> Vec<Item> {
        let Some((session, profile)) = self.session().zip(self.active()) else { return Vec::new() };
        let about = |question, copies| Action::AskAbout(About { question, copies });
        let ask = |label: &str, question| Item::new(label, about(question, false));
        let mut items = Vec::new();
        if self.is_org_open(&profile.id) {
            items.push(Item::new("is this the right org?", Action::ShowOrg));
        }
        items.extend([
            ask("userinfo", Question::UserInfo).detail("whose it is, by OpenID Connect's endpoint"),
            ask("identity", Question::Identity).detail("whose it is, by the identity URL"),
            ask("introspect", Question::Introspect).detail("whether it is alive, and what it may do"),
            ask("open the org in the browser", Question::OpenOrg).detail("logged in as the token's user"),
            Item::new("copy a link to the org", about(Question::OpenOrg, true))
                .detail("logs in whoever has it: good once, for a minute"),
            Item::new("copy the access token", Action::Copy(Copied::Token))
                .detail("the real one, to the clipboard"),
            Item::new("copy the Authorization header", Action::Copy(Copied::Authorization))
                .detail("with the real token"),
            Item::new("copy the instance URL", Action::Copy(Copied::InstanceUrl))
                .detail(session.instance_url.to_string()),
        ]);
        if let Some(org) = &session.org_id {
            items.push(Item::new("copy the org id", Action::Copy(Copied::OrgId)).detail(org.to_string()));
        }
        items.extend([
            Item::new("forget the token", Action::ForgetToken).detail("here only; in the org it stays valid"),
            Item::new("revoke the token…", Action::Revoke)
                .detail("in the org, for all who use it; asks first"),
        ]);
        items
    }

    pub(super) fn open_history(&mut self, now: Now) {
        if self.response.records.is_empty() {
            self.notice = Some(super::Notice {
                text: "nothing was sent yet".into(),
                weight: Weight::Info,
                until: now.mono + std::time::Duration::from_secs(6),
            });
            return;
        }
        let items = self.response.records.iter().rev().map(|record| {
            let age = crate::format::age(now.wall.duration_since(record.at).unwrap_or_default());
            Item::new(record.title.clone(), Action::ShowAnswer(record.id)).detail(format!(
                "{} · {} · {age} ago",
                record.summary(),
                record.profile
            ))
        });
        let items = items.collect();
        self.open_picker(Picker::filtered("Exchanges of this run", items));
    }

    pub(super) fn open_help(&mut self) {
        let chain = self.chain();
        let title = format!("Help: {}", self.focus.title());
        let about: &[&'static str] = match self.focus {
            super::Pane::Profiles => &[
                "Profiles are connected apps (or External Client Apps), each in one org.",
                "● has a token · ○ has none · ◐ is getting one · ✗ was refused one.",
            ],
            super::Pane::Token => &[
                "What the profile's flow sends, one button, and what is known of the token and its org.",
                "Enter on a row of the answer copies it; the line below explains the row.",
                "T: ask whose the token is, open the org with it, revoke it, log in another way.",
                "A token of an org that nobody has said yes to is not used.",
            ],
            super::Pane::Request => &[
                "The URL is absolute, or begins with / (from the instance URL), or is bare: limits",
                "means /services/data/{{version}}/limits. {{instance_url}}, {{org_id}}, {{user_id}} and",
                "the profile's variables are filled in; Preview shows what will be sent.",
                "Authorization: Bearer is set by itself, and goes to the instance URL only.",
            ],
            super::Pane::Response => &[
                "Tree, Raw, Headers, and Wire: what exactly went out and came back, secrets masked.",
                "b and B go back and forward through the answers; > follows a link or the next page.",
            ],
        };
        self.overlays.push(Overlay::Help(Help::new(&self.keymap, &title, about, &chain)));
    }

    /// With no profile there is nothing to work with: offer the ways to one.
    pub(super) fn show_start_page(&mut self) {
        let there = self.overlays.iter().any(|o| matches!(o, Overlay::Picker(p) if p.stays));
        if there || !self.config.profiles.is_empty() || self.config_problem.is_some() {
            return;
        }
        let mut items = Vec::new();
        if self.has_demo {
            items.push(
                Item::new("Try the demo orgs", Action::OpenDemo)
                    .detail("a simulated Salesforce on this machine; nothing is kept"),
            );
        }
        items.push(
            Item::new("Write a profile", Action::AddProfile)
                .detail("a connected app of your own org, by a form"),
        );
        items.push(
            Item::new("Read a setup guide", Action::ChooseGuide)
                .detail("what to switch on in Salesforce first, by flow"),
        );
        items.push(Item::new("What the keys do", Action::OpenHelp));
        items.push(Item::new("Leave", Action::Quit));
        let mut picker = Picker::menu("Welcome to orgdeck", items);
        picker.intro = vec![
            "A workbench for Salesforce APIs: profiles, tokens, requests, answers.".into(),
            "There is no profile yet. Nothing is written to disk before you save one.".into(),
            format!("Profiles will be kept in {}", self.config_file),
        ];
        picker.stays = true;
        self.overlays.insert(0, Overlay::Picker(picker));
    }

    /// The request in a few words, for titles.
    pub fn request_title(&self) -> String {
        let draft = &self.request.draft;
        if !draft.name.is_empty() {
            return draft.name.clone();
        }
        let path = draft.url.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("empty").to_owned()
    }

    /// What will be sent, or why it cannot be, in rows of that width.
    pub fn preview(&self, width: u16) -> Vec<PreviewLine> {
        let lines = match self.active() {
            None => vec![(PreviewPart::Problem, "✗ no profile".to_owned())],
            Some(profile) => {
                let scope = crate::workspace::Scope::new(profile, self.session().map(AsRef::as_ref));
                match self.request.draft.prepare(&scope, &profile.headers) {
                    Err(problems) => {
                        problems.iter().map(|p| (PreviewPart::Problem, format!("✗ {p}"))).collect()
                    }
                    Ok(prepared) => preview_of(&prepared, self.session().is_some(), self.request.draft.auth),
                }
            }
        };
        // One cell at each side: the cursor's mark and the scrollbar.
        let width = usize::from(width.saturating_sub(2)).max(1);
        let rows = lines.into_iter().flat_map(|(part, text)| {
            wrap(&safe(&text), width).into_iter().map(move |text| PreviewLine { part, text })
        });
        rows.collect()
    }
}

/// A row of the preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewLine {
    /// What it belongs to.
    pub part: PreviewPart,
    /// Its text, safe to draw.
    pub text: String,
}

/// A part of a request, or of what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewPart {
    /// Method and URL.
    Request,
    /// A header.
    Header,
    /// The body.
    Body,
    /// Why it cannot be sent as it is.
    Problem,
}

fn preview_of(prepared: &Prepared, session: bool, auth: AuthChoice) -> Vec<(PreviewPart, String)> {
    let mut lines = vec![(PreviewPart::Request, format!("{} {}", prepared.method, prepared.url))];
    if auth == AuthChoice::Profile && !prepared.headers.contains_key("authorization") {
        let token = if session { "Bearer ••••" } else { "Bearer (a token is got first)" };
        lines.push((PreviewPart::Header, format!("authorization: {token}")));
    }
    for (name, value) in &prepared.headers {
        let value = match name.as_str() {
            "authorization" | "x-sfdc-session" | "cookie" => "••••".into(),
            _ => String::from_utf8_lossy(value.as_bytes()),
        };
        lines.push((PreviewPart::Header, format!("{name}: {value}")));
    }
    if !prepared.body.is_empty() {
        lines.push((PreviewPart::Body, String::new()));
        let text = String::from_utf8_lossy(&prepared.body);
        lines.extend(text.lines().map(|line| (PreviewPart::Body, line.to_owned())));
    }
    lines
}
