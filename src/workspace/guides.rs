//! Setup guides: for each flow what to do in Salesforce, read from `assets/guides/`.
//!
//! Knows the texts, the pages of Setup, the scopes and how long a change takes. Whose guide it is and what is ticked off
//! is the screen's matter.

use crate::config::{Flow, ProfileField};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

/// A flow's guide.
#[derive(Debug)]
pub struct Guide {
    /// The flow.
    pub flow: Flow,
    /// What the flow is for.
    pub about: String,
    /// The kinds of app that it can be set up with, the better first; none where it needs no app.
    pub apps: Vec<AppKind>,
    /// The scopes that it needs.
    pub scopes: Vec<String>,
    /// The steps of every kind of app, in order.
    pub steps: Vec<Step>,
}

/// What stands for the client in the org.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum AppKind {
    /// An External Client App.
    External,
    /// A connected app.
    Connected,
}

impl AppKind {
    /// Its name for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::External => "External Client App",
            Self::Connected => "Connected app",
        }
    }
}

/// The parts of a guide, in order.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The login host.
    Host,
    /// What the whole org must allow.
    Org,
    /// The app.
    App,
    /// Users and permissions.
    Users,
    /// Consumer key, secret and private key.
    Keys,
    /// How long it takes.
    Effect,
    /// The login page.
    Login,
    /// Security practices.
    Practice,
}

impl Part {
    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Host => "Where to log in",
            Self::Org => "What the org must allow",
            Self::App => "The app",
            Self::Users => "Who may use it",
            Self::Keys => "Key and secret",
            Self::Effect => "Until it takes effect",
            Self::Login => "What the login page may show",
            Self::Practice => "Before it goes live",
        }
    }
}

/// One thing to do, or to know.
#[derive(Debug)]
pub struct Step {
    /// Its name: the same step of several guides has the same.
    pub id: String,
    /// Where it belongs.
    pub part: Part,
    /// The kind of app it is for; `None` for both.
    pub app: Option<AppKind>,
    /// What to do, in one sentence.
    pub says: String,
    /// What one should know about it.
    pub why: Option<String>,
    /// Where in Setup.
    pub page: Option<&'static Page>,
    /// Fields of the profile that belong to it.
    pub fields: Vec<ProfileField>,
    /// The scopes are listed with it.
    pub scopes: bool,
    /// A text to copy; `{login}` stands for the login host.
    pub copy: Option<String>,
    /// There is nothing to do, only to know.
    pub know: bool,
    /// From here on time counts until the app is known everywhere.
    pub counts: bool,
}

/// A page of Setup.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// What to write into Quick Find; the page's title as well.
    pub find: String,
    /// Its path on the org's My Domain.
    pub path: String,
}

/// A scope as Setup shows it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeLabel {
    /// In the list of available OAuth scopes.
    pub label: String,
    /// What that said in earlier releases.
    pub before: Option<String>,
    /// What one should know about it.
    pub about: Option<String>,
}

/// How long a new or changed app takes to be known everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// Seldom sooner.
    pub least: Duration,
    /// Seldom later.
    pub most: Duration,
    /// As older texts have it.
    pub longest: Duration,
}

/// The guide of a flow.
pub fn guide(flow: Flow) -> &'static Guide {
    GUIDES.iter().find(|guide| guide.flow == flow).expect("one was read for each flow")
}

/// How Setup labels a scope, if it is one that is known here.
pub fn scope_label(name: &str) -> Option<&'static ScopeLabel> {
    SCOPES.get(name)
}

/// How long to wait for a new or changed app.
pub fn effect() -> Effect {
    let minutes = |n: u64| Duration::from_secs(n * 60);
    Effect { least: minutes(EFFECT.least), most: minutes(EFFECT.most), longest: minutes(EFFECT.longest) }
}

/// Whether a refusal of the token endpoint is what an app that is not known everywhere yet is answered.
pub fn may_not_be_known_yet(code: &str, description: &str) -> bool {
    let description = description.to_lowercase();
    EFFECT.before.iter().any(|row| row.code == code && description.contains(&row.says))
}

impl Guide {
    /// The steps for a kind of app.
    pub fn steps_for(&self, app: Option<AppKind>) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.app.is_none() || step.app == app)
    }
}

static GUIDES: LazyLock<Vec<Guide>> = LazyLock::new(|| Flow::ALL.iter().copied().map(read_guide).collect());
pub(super) static STEPS: LazyLock<BTreeMap<String, RawStep>> =
    LazyLock::new(|| read(include_str!("../../assets/guides/steps.toml")));
pub(super) static PAGES: LazyLock<BTreeMap<String, Page>> =
    LazyLock::new(|| read(include_str!("../../assets/guides/setup.toml")));
static SCOPES: LazyLock<BTreeMap<String, ScopeLabel>> =
    LazyLock::new(|| read(include_str!("../../assets/guides/scopes.toml")));
static EFFECT: LazyLock<RawEffect> = LazyLock::new(|| read(include_str!("../../assets/guides/effect.toml")));

/// The text of a flow's guide.
pub(super) fn text(flow: Flow) -> &'static str {
    macro_rules! guide {
        ($name:literal) => {
            include_str!(concat!("../../assets/guides/", $name, ".toml"))
        };
    }
    match flow {
        Flow::Password => guide!("password"),
        Flow::ClientCredentials => guide!("client_credentials"),
        Flow::AccessToken => guide!("access_token"),
        Flow::AuthorizationCode => guide!("authorization_code"),
        Flow::JwtBearer => guide!("jwt_bearer"),
        Flow::Device => guide!("device"),
        Flow::RefreshToken => guide!("refresh_token"),
        Flow::HeadlessCode => guide!("headless_code"),
        Flow::TokenExchange => guide!("token_exchange"),
        Flow::SamlBearer => guide!("saml_bearer"),
        Flow::Asset => guide!("asset"),
        Flow::UserAgent => guide!("user_agent"),
        Flow::SoapLogin => guide!("soap_login"),
    }
}

/// A flow's guide as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGuide {
    about: String,
    apps: Vec<AppKind>,
    scopes: Vec<String>,
    pub(super) steps: Vec<String>,
    #[serde(default)]
    pub(super) own: BTreeMap<String, RawStep>,
}

/// A step as the files have it; `steps.toml` says what each line means.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    part: Part,
    app: Option<AppKind>,
    #[serde(rename = "do")]
    says: String,
    why: Option<String>,
    page: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    scopes: bool,
    copy: Option<String>,
    #[serde(default)]
    know: bool,
    #[serde(default)]
    counts: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEffect {
    least: u64,
    most: u64,
    longest: u64,
    before: Vec<Before>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    code: String,
    #[serde(default)]
    says: String,
}

pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("part of the program; a test reads it: {error}"))
}

fn read_guide(flow: Flow) -> Guide {
    let raw: RawGuide = read(text(flow));
    let steps = raw.steps.iter().map(|id| {
        let step = raw.own.get(id).or_else(|| STEPS.get(id));
        let step = step.unwrap_or_else(|| panic!("{}: there is no step {id}", flow.name()));
        finish(id, step.clone())
    });
    Guide { flow, about: raw.about, apps: raw.apps, scopes: raw.scopes, steps: steps.collect() }
}

fn finish(id: &str, raw: RawStep) -> Step {
    let page = raw.page.map(|name| {
        PAGES.get(&name).unwrap_or_else(|| panic!("step {id}: there is no page {name} in setup.toml"))
    });
    let field = |key: &String| {
        let field = ProfileField::all().find(|field| field.key() == key);
        field.unwrap_or_else(|| panic!("step {id}: a profile has no field {key}"))
    };
    let numbers = |text: String| {
        text.replace("{least}", &EFFECT.least.to_string())
            .replace("{most}", &EFFECT.most.to_string())
            .replace("{longest}", &EFFECT.longest.to_string())
    };
    Step {
        id: id.to_owned(),
        part: raw.part,
        app: raw.app,
        says: raw.says,
        why: raw.why.map(numbers),
        page,
        fields: raw.fields.iter().map(field).collect(),
        scopes: raw.scopes,
        copy: raw.copy,
        know: raw.know,
        counts: raw.counts,
    }
}
