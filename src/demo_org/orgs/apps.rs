//! Connected apps, and the Apex handlers of token exchange, as the file describes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use super::users::UserSpec;
use super::yes;
use crate::demo_org::keys::PublicKey;

/// An Apex token exchange handler: whose tokens it takes, and for whom.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo_org) struct HandlerSpec {
    pub(in crate::demo_org) name: String,
    /// Who signs tokens, and the certificate of the key.
    pub(in crate::demo_org) issuer: String,
    pub(in crate::demo_org) certificate: String,
    /// Tokens without a content, and the username that the identity provider tells for each.
    #[serde(default)]
    pub(in crate::demo_org) opaque: BTreeMap<String, String>,
}

/// A connected app or External Client App.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::demo_org) struct AppSpec {
    pub(in crate::demo_org) name: String,
    pub(in crate::demo_org) consumer_key: String,
    pub(in crate::demo_org) consumer_secret: String,
    /// The flows that are switched on.
    pub(in crate::demo_org) flows: Vec<String>,
    pub(in crate::demo_org) scopes: Vec<String>,
    /// Whom client credentials act as.
    #[serde(default)]
    pub(in crate::demo_org) run_as: Option<String>,
    /// External Client Apps never do the username-password flow.
    #[serde(default)]
    pub(in crate::demo_org) external_client_app: bool,
    /// Callback URLs; `{login}` and its like stand for the addresses of this run, a port `*` for any port. The
    /// latter is the demo's own: Salesforce knows no such thing, but tests listen wherever a port is free.
    #[serde(default)]
    pub(in crate::demo_org) callbacks: Vec<String>,
    /// Require Secret for Web Server Flow.
    #[serde(default = "yes")]
    pub(in crate::demo_org) secret_for_web_server: bool,
    /// Require Secret for Refresh Token Flow.
    #[serde(default = "yes")]
    pub(in crate::demo_org) secret_for_refresh: bool,
    /// Require Secret for Token Exchange Flow.
    #[serde(default = "yes")]
    pub(in crate::demo_org) secret_for_token_exchange: bool,
    /// Require Proof Key for Code Exchange (PKCE).
    #[serde(default)]
    pub(in crate::demo_org) requires_pkce: bool,
    /// Refresh token rotation.
    #[serde(default)]
    pub(in crate::demo_org) rotates_refresh_tokens: bool,
    /// Refresh Token Policy: expires so many hours after it was issued; without it, when it is revoked.
    #[serde(default)]
    pub(in crate::demo_org) refresh_token_hours: Option<i64>,
    /// Use Digital Signatures: a certificate of `assets/demo/keys/`.
    #[serde(default)]
    pub(in crate::demo_org) certificate: Option<String>,
    /// Permitted Users: Admin approved users are pre-authorized.
    #[serde(default)]
    pub(in crate::demo_org) admin_approved_only: bool,
    /// The usernames whom an administrator approved.
    #[serde(default)]
    pub(in crate::demo_org) pre_authorized: Vec<String>,
    /// Created just now: not known until so many minutes after it was first asked for.
    #[serde(default)]
    pub(in crate::demo_org) settles_after_minutes: Option<i64>,
    /// How long its codes are good, in seconds, where that is not as usual.
    #[serde(default)]
    pub(in crate::demo_org) code_seconds: Option<i64>,
    /// Seconds between two questions of a device.
    #[serde(default)]
    pub(in crate::demo_org) device_interval: Option<i64>,
    #[serde(default = "yes")]
    pub(in crate::demo_org) installed: bool,
    /// Blocked under Connected Apps OAuth Usage.
    #[serde(default)]
    pub(in crate::demo_org) blocked: bool,
    /// The token exchange handlers that are enabled for it; the first is the default.
    #[serde(default)]
    pub(in crate::demo_org) token_handlers: Vec<String>,
    /// The app as an administrator leaves it in Setup. In the file: what changes.
    #[serde(default)]
    pub(in crate::demo_org) mended: Option<Box<AppSpec>>,
    #[serde(skip)]
    pub(in crate::demo_org) is_mended: Arc<AtomicBool>,
}

/// The certificates that apps and handlers name.
const CERTIFICATES: &[(&str, &str)] = &[
    ("build-server-certificate.pem", include_str!("../../../assets/demo/keys/build-server-certificate.pem")),
    (
        "identity-provider-certificate.pem",
        include_str!("../../../assets/demo/keys/identity-provider-certificate.pem"),
    ),
];

/// The public key of a certificate of `assets/demo/keys/`.
fn certified_key(name: &str) -> Option<PublicKey> {
    let (_, pem) = CERTIFICATES.iter().find(|(file, _)| *file == name)?;
    PublicKey::of_certificate(pem)
}

impl AppSpec {
    /// As it is now: an administrator may have mended it.
    pub(super) fn now(&self) -> &Self {
        self.mended.as_deref().filter(|_| self.is_mended.load(Ordering::Relaxed)).unwrap_or(self)
    }

    /// As it comes along into a sandbox, where usernames end differently.
    pub(super) fn copied(&self, suffix: &str) -> Self {
        let renamed = |name: &String| format!("{name}{suffix}");
        Self {
            run_as: self.run_as.as_ref().map(renamed),
            pre_authorized: self.pre_authorized.iter().map(renamed).collect(),
            mended: self.mended.as_ref().map(|mended| Box::new(mended.copied(suffix))),
            is_mended: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether a flow is switched on.
    pub(in crate::demo_org) fn allows(&self, flow: &str) -> bool {
        self.flows.iter().any(|one| one == flow)
    }

    /// Whether an administrator approved the user.
    pub(in crate::demo_org) fn pre_authorizes(&self, user: &UserSpec) -> bool {
        self.pre_authorized.iter().any(|name| name.eq_ignore_ascii_case(&user.username))
    }

    /// The key that checks what the app signs.
    pub(in crate::demo_org) fn public_key(&self) -> Option<PublicKey> {
        certified_key(self.certificate.as_deref()?)
    }
}

impl HandlerSpec {
    /// The key of the identity provider whose tokens it takes.
    pub(in crate::demo_org) fn public_key(&self) -> Option<PublicKey> {
        certified_key(&self.certificate)
    }
}

impl std::fmt::Debug for AppSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppSpec").field("name", &self.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for HandlerSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandlerSpec").field("name", &self.name).finish_non_exhaustive()
    }
}
