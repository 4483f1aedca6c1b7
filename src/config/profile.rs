//! What a valid configuration is made of. Reading and writing the file live beside this.

use crate::secrets::{SecretRef, Told};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use url::Url;

pub use crate::secrets::SecretStore;

/// Everything the configuration file says, valid, in the file's order.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[settings]`.
    pub settings: Settings,
    /// `[profiles.*]`, in the file's order.
    pub profiles: Vec<Arc<Profile>>,
    /// What works but should be mended: plain-text secrets, unknown keys, wide permissions.
    pub warnings: Vec<Warning>,
}

impl Config {
    /// What the secret stores have to know of it.
    pub fn told(&self) -> Told {
        let Settings { secret_store: store, vault_passphrase: passphrase, .. } = &self.settings;
        let of_profiles =
            self.profiles.iter().flat_map(|profile| profile.secrets().map(|(_, reference)| reference));
        let name = |reference: &SecretRef| match reference {
            SecretRef::Env(name) => Some(name.clone()),
            _ => None,
        };
        let mut withheld: Vec<_> = of_profiles.chain(passphrase).filter_map(name).collect();
        withheld.sort();
        withheld.dedup();
        Told { store: *store, passphrase: passphrase.clone(), withheld }
    }

    /// The profile of that name.
    pub fn profile(&self, id: &ProfileId) -> Option<&Arc<Profile>> {
        self.profiles.iter().find(|p| p.id == *id)
    }
}

/// Something in the file that works but should be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where: `profiles.acme-uat.password`; empty where it is about the file itself.
    pub field: String,
    /// One-based line in the file, where known.
    pub line: Option<usize>,
    /// What is wrong and what to do, without the value.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// `[settings]`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Colours of the screen.
    pub theme: Theme,
    /// In which environments a write asks for the profile's name first.
    pub confirm_writes: Vec<Environment>,
    /// Whether the mouse is taken; without it the terminal's own selection works at once.
    pub mouse: bool,
    /// Whether secrets as plain text are worth a warning.
    pub plain_secrets: PlainSecrets,
    /// Where new secrets and refresh tokens go.
    pub secret_store: SecretStore,
    /// Where the vault's passphrase comes from; `None`: a person is asked.
    pub vault_passphrase: Option<SecretRef>,
    /// From how many percent of a limit on a warning is given: 1 to 100.
    pub limit_warning: u8,
    /// `[settings.keys]`: action name → keys, as written; checked against the keymap by the app.
    pub keys: Vec<(String, Vec<String>)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::Dark,
            confirm_writes: vec![Environment::Production],
            mouse: true,
            plain_secrets: PlainSecrets::Warn,
            secret_store: SecretStore::Auto,
            vault_passphrase: None,
            limit_warning: 80,
            keys: Vec::new(),
        }
    }
}

/// What becomes of secrets written as plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainSecrets {
    /// Each is a warning that stays.
    Warn,
    /// They are meant to be there, as in a throw-away configuration for the demo orgs.
    Allow,
}

/// A palette's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// For dark terminals.
    Dark,
    /// For light terminals.
    Light,
    /// Strong contrast, no grey.
    HighContrast,
    /// No colour at all; also what `NO_COLOR` gives.
    Mono,
}

/// A profile's name, unique in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProfileId(Arc<str>);

impl ProfileId {
    /// The name as the configuration spells it.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of org a profile says it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// A production org; writes ask first.
    Production,
    /// A sandbox.
    Sandbox,
    /// A scratch org.
    Scratch,
    /// Developer Edition or a Trailhead Playground.
    Developer,
    /// A My Domain host; production unless the host says otherwise.
    Custom,
    /// An Experience Cloud site.
    Site,
}

/// An OAuth flow (or another way to a token), by the name the configuration uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// `grant_type=password`.
    Password,
    /// `grant_type=client_credentials`.
    ClientCredentials,
    /// Web server flow, with or without PKCE.
    AuthorizationCode,
    /// Authorization code and credentials (headless login).
    HeadlessCode,
    /// JWT bearer assertion.
    JwtBearer,
    /// Device flow.
    Device,
    /// A stored refresh token.
    RefreshToken,
    /// RFC 8693 token exchange.
    TokenExchange,
    /// SAML bearer assertion.
    SamlBearer,
    /// Asset token.
    Asset,
    /// User-agent (implicit) flow.
    UserAgent,
    /// SOAP `login()`.
    SoapLogin,
    /// A token pasted or read from a reference.
    AccessToken,
}

/// A profile's field that holds a secret reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretField {
    /// `consumer_secret`.
    ConsumerSecret,
    /// `password`.
    Password,
    /// `security_token`.
    SecurityToken,
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
    /// `subject_token`.
    SubjectToken,
    /// `actor_token`.
    ActorToken,
}

/// How consumer key and secret travel on token requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// In the form body.
    #[default]
    Body,
    /// In an `Authorization: Basic` header.
    Basic,
}

/// A platform API version; prints as `v66.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiVersion(pub u16);

impl ApiVersion {
    /// Reads `66.0`, `66` or `v66.0`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim().trim_start_matches(['v', 'V']);
        let number = number.strip_suffix(".0").unwrap_or(number);
        number.parse().ok().filter(|number| (7..1000).contains(number)).map(Self)
    }

    /// Without the `v`, as SOAP and Bulk v1 paths have it: `66.0`.
    pub fn number(self) -> String {
        format!("{}.0", self.0)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.0", self.0)
    }
}

/// Which API version `{{version}}` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VersionChoice {
    /// The newest one the org lists.
    #[default]
    Latest,
    /// This one.
    Pinned(ApiVersion),
}

/// What the history keeps of a profile's exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HistoryKeep {
    /// Headers and bodies.
    Full,
    /// Headers and sizes, no bodies.
    Headers,
    /// Nothing.
    Off,
}

/// `[profiles.NAME.jwt]`: what signs the assertion of the JWT and SAML bearer flows, and whom it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jwt {
    /// The RSA private key whose certificate the connected app holds, as a PEM file.
    pub private_key_file: Option<PathBuf>,
    /// The assertion's audience, where it is another than the login host's kind has.
    pub audience: Option<String>,
}

/// One connected app (or External Client App) in one org, as a person uses it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub id: ProfileId,
    /// What kind of org it says it is for.
    pub environment: Environment,
    /// Host (and path, for sites) that runs OAuth; derived from the environment where the file has none.
    /// `None` where the flow needs a My Domain and none is given.
    pub login_url: Option<Url>,
    /// How it gets a token.
    pub flow: Flow,
    /// Consumer key (client id).
    pub consumer_key: Option<String>,
    /// Consumer secret (client secret).
    pub consumer_secret: Option<SecretRef>,
    /// The username, which is not the e-mail address.
    pub username: Option<String>,
    /// The password, without the security token.
    pub password: Option<SecretRef>,
    /// The security token, appended to the password when sent.
    pub security_token: Option<SecretRef>,
    /// Flow `access_token`: the token itself.
    pub access_token: Option<SecretRef>,
    /// Flow `access_token`: where the token is good.
    pub instance_url: Option<Url>,
    /// Flow `refresh_token`: the refresh token.
    pub refresh_token: Option<SecretRef>,
    /// Flows `token_exchange` and `asset`: the token that is given for another one.
    pub subject_token: Option<SecretRef>,
    /// Flow `token_exchange`: what kind of token that is; `access_token` unless said otherwise.
    pub subject_token_type: Option<String>,
    /// Flow `asset`: the signed JWT that describes the device.
    pub actor_token: Option<SecretRef>,
    /// Flow `token_exchange`: the Apex handler, where it is not the app's default one.
    pub token_handler: Option<String>,
    /// Callback URL, exactly as registered; see [`Profile::callback`].
    pub redirect_uri: Option<String>,
    /// Scopes to ask for.
    pub scopes: Vec<String>,
    /// Which API version `{{version}}` is.
    pub api_version: VersionChoice,
    /// Whether the web server flow proves itself with PKCE.
    pub pkce: bool,
    /// The `prompt` parameter of the authorize URL (`login` unless said otherwise: a browser that is logged in
    /// to another org would give that org's token). `none`, or nothing but blanks, sends no such parameter.
    pub prompt: Option<String>,
    /// Whether a login in a browser is in a private window.
    pub private_window: bool,
    /// What signs a JWT assertion.
    pub jwt: Jwt,
    /// The API version of SOAP `login()`; it is gone from 65.0 on.
    pub soap_api_version: Option<ApiVersion>,
    /// How key and secret travel.
    pub client_auth: ClientAuth,
    /// The caller's IP address is trusted by the org, so no security token is needed.
    pub trusted_ip: bool,
    /// The password already ends with the security token.
    pub security_token_in_password: bool,
    /// The org this profile must reach.
    pub expected_org_id: Option<String>,
    /// No write is sent.
    pub read_only: bool,
    /// A colour's name (or `#rrggbb`) for the frame.
    pub colour: Option<String>,
    /// What the history keeps; `None`: as the environment says (headers only for production).
    pub history: Option<HistoryKeep>,
    /// Whether tokens outlive the run, in the secret store.
    pub remember_tokens: bool,
    /// Headers added to each request.
    pub headers: Vec<(String, String)>,
    /// `{{name}}` values.
    pub variables: Vec<(String, String)>,
    /// How long one exchange may take as a whole.
    pub timeout: Option<Duration>,
    /// A PEM file with further certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// A proxy for this profile alone; else the system's.
    pub proxy: Option<Url>,
}
