//! The values that the configuration spells as one of a few words, and what is known of each.
//!
//! Facts about Salesforce's side, as data. Reading the file and judging hosts live beside this.

use super::{
    fields::ProfileField as F,
    profile::{ClientAuth, Environment, Flow, HistoryKeep, PlainSecrets, SecretStore, Theme},
};

/// A value spelled as one of a few words.
pub(super) trait Choice: Copy + PartialEq + Sized + 'static {
    /// Every value, in the order a list shows them.
    const EVERY: &'static [Self];
    /// What a sentence calls such a value.
    const WHAT: &'static str;
    /// Their words, in the same order.
    const WORDS: &'static [&'static str];
}

/// One row a type: its values, the word of each in the file, what a sentence calls them.
macro_rules! choices {
    ($($type:ident, $what:literal: $($value:ident = $word:literal),+;)+) => {$(
        impl $type {
            /// Every value, in the order a list shows them.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The word in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }

            /// The value of a word in the configuration.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)+ _ => None }
            }
        }

        impl Choice for $type {
            const EVERY: &'static [Self] = Self::ALL;
            const WHAT: &'static str = $what;
            const WORDS: &'static [&'static str] = &[$($word),+];
        }
    )+};
}

choices! {
    Environment, "environment": Production = "production", Sandbox = "sandbox", Scratch = "scratch",
        Developer = "developer", Custom = "custom", Site = "site";
    Flow, "flow": AuthorizationCode = "authorization_code", ClientCredentials = "client_credentials",
        JwtBearer = "jwt_bearer", Password = "password", AccessToken = "access_token", Device = "device",
        RefreshToken = "refresh_token", HeadlessCode = "headless_code", TokenExchange = "token_exchange",
        SamlBearer = "saml_bearer", Asset = "asset", UserAgent = "user_agent", SoapLogin = "soap_login";
    Theme, "theme": Dark = "dark", Light = "light", HighContrast = "high-contrast", Mono = "mono";
    PlainSecrets, "value": Warn = "warn", Allow = "allow";
    SecretStore, "store": Auto = "auto", Keyring = "keyring", Vault = "vault", Session = "session";
    ClientAuth, "value": Body = "body", Basic = "basic";
    HistoryKeep, "value": Full = "full", Headers = "headers", Off = "off";
}

impl Environment {
    /// Four letters at most, for lists.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Production => "PROD",
            Self::Sandbox => "SBX",
            Self::Scratch => "SCR",
            Self::Developer => "DEV",
            Self::Custom => "MYD",
            Self::Site => "SITE",
        }
    }

    /// The word for the status row and for dialogs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Production => "PRODUCTION",
            Self::Sandbox => "SANDBOX",
            Self::Scratch => "SCRATCH ORG",
            Self::Developer => "DEVELOPER",
            Self::Custom => "MY DOMAIN",
            Self::Site => "SITE",
        }
    }

    /// The generic login host, where there is one.
    ///
    /// Source: Salesforce Help: production and Developer Edition log in at one generic host, sandboxes and
    /// scratch orgs at the other; a My Domain or a site is its own.
    pub fn login_host(self) -> Option<&'static str> {
        match self {
            Self::Production | Self::Developer => Some("https://login.salesforce.com"),
            Self::Sandbox | Self::Scratch => Some("https://test.salesforce.com"),
            Self::Custom | Self::Site => None,
        }
    }
}

/// The profile fields that a flow uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Without these there is no token.
    pub required: &'static [F],
    /// These are used where they are set.
    pub optional: &'static [F],
}

impl Needs {
    /// Whether the flow looks at the field at all.
    pub fn uses(&self, field: F) -> bool {
        self.required.contains(&field) || self.optional.contains(&field)
    }
}

impl Flow {
    /// Its name for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::Password => "Username-password",
            Self::ClientCredentials => "Client credentials",
            Self::AccessToken => "Pasted access token",
            Self::AuthorizationCode => "Authorization code (web server)",
            Self::JwtBearer => "JWT bearer",
            Self::Device => "Device",
            Self::RefreshToken => "Refresh token",
            Self::HeadlessCode => "Authorization code and credentials (headless)",
            Self::TokenExchange => "Token exchange",
            Self::SamlBearer => "SAML bearer assertion",
            Self::Asset => "Asset token",
            Self::UserAgent => "User-agent (implicit)",
            Self::SoapLogin => "SOAP login()",
        }
    }

    /// Whether it works on the org's own host only, never on login.salesforce.com or test.salesforce.com.
    ///
    /// Source: Salesforce Help, OAuth 2.0 client credentials flow and token exchange flow.
    pub fn needs_my_domain(self) -> bool {
        matches!(self, Self::ClientCredentials | Self::TokenExchange)
    }

    /// Whether a person logs in elsewhere, in a browser, while the job waits.
    pub fn waits_for_person(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::UserAgent | Self::Device)
    }

    /// Whether it sends a user's password, so that an org may lock the user out by what it refuses.
    pub fn sends_password(self) -> bool {
        matches!(self, Self::Password | Self::SoapLogin | Self::HeadlessCode)
    }

    /// Whether its answer may bring a refresh token, which later gets new tokens without a person.
    ///
    /// Source: Salesforce Help, OAuth authorization flows: the others have what they need for a new token anyway.
    pub fn may_give_refresh_token(self) -> bool {
        matches!(self, Self::RefreshToken | Self::HeadlessCode | Self::TokenExchange)
            || self.waits_for_person()
    }

    /// The profile fields it uses.
    pub fn needs(self) -> Needs {
        let (required, optional): (&[F], &[F]) = match self {
            Self::AuthorizationCode => (
                &[F::LoginUrl, F::ConsumerKey],
                &[
                    F::ConsumerSecret,
                    F::ClientAuth,
                    F::RedirectUri,
                    F::Scopes,
                    F::Username,
                    F::Pkce,
                    F::Prompt,
                    F::PrivateWindow,
                ],
            ),
            Self::ClientCredentials => {
                (&[F::LoginUrl, F::ConsumerKey, F::ConsumerSecret], &[F::ClientAuth, F::Scopes])
            }
            Self::JwtBearer | Self::SamlBearer => {
                (&[F::LoginUrl, F::ConsumerKey, F::Username, F::PrivateKeyFile], &[F::JwtAudience])
            }
            Self::Password => (
                &[F::LoginUrl, F::ConsumerKey, F::ConsumerSecret, F::Username, F::Password],
                &[F::SecurityToken, F::TrustedIp, F::SecurityTokenInPassword, F::ClientAuth],
            ),
            Self::AccessToken => (&[F::InstanceUrl, F::AccessToken], &[]),
            Self::Device => (&[F::LoginUrl, F::ConsumerKey], &[F::ConsumerSecret, F::ClientAuth, F::Scopes]),
            Self::RefreshToken => {
                (&[F::LoginUrl, F::ConsumerKey, F::RefreshToken], &[F::ConsumerSecret, F::ClientAuth])
            }
            Self::HeadlessCode => (
                &[F::LoginUrl, F::ConsumerKey, F::Username, F::Password],
                &[F::ConsumerSecret, F::ClientAuth, F::RedirectUri, F::Scopes],
            ),
            Self::TokenExchange => (
                &[F::LoginUrl, F::ConsumerKey, F::SubjectToken],
                &[F::SubjectTokenType, F::TokenHandler, F::ConsumerSecret, F::ClientAuth, F::Scopes],
            ),
            Self::Asset => (&[F::LoginUrl, F::SubjectToken, F::ActorToken], &[F::InstanceUrl]),
            Self::UserAgent => (
                &[F::LoginUrl, F::ConsumerKey],
                &[
                    F::ConsumerSecret,
                    F::ClientAuth,
                    F::RedirectUri,
                    F::Scopes,
                    F::Username,
                    F::Prompt,
                    F::PrivateWindow,
                ],
            ),
            Self::SoapLogin => (
                &[F::LoginUrl, F::Username, F::Password],
                &[F::SecurityToken, F::TrustedIp, F::SecurityTokenInPassword, F::SoapApiVersion],
            ),
        };
        Needs { required, optional }
    }
}
