//! A token and what is known of it.

use crate::{
    config::{ApiVersion, ProfileId},
    salesforce::OrgReading,
    secrets::Secret,
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    time::{Duration, SystemTime},
};
use url::Url;

/// An org's id, 15 or 18 characters as received.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrgId(pub String);

/// A user's id, 15 or 18 characters as received.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserId(pub String);

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An access token with everything the org said beside it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub profile: ProfileId,
    /// The bearer token.
    pub access_token: Secret,
    /// The refresh token, where the flow gives one.
    pub refresh_token: Option<Secret>,
    /// Base URL of every API call, without a trailing slash in its path.
    pub instance_url: Url,
    /// From the identity URL, or the first 15 characters of an opaque token.
    pub org_id: Option<OrgId>,
    /// From the identity URL.
    pub user_id: Option<UserId>,
    /// What the org says of itself and of the user.
    pub org: OrgReading,
    /// The host that issued the token, where introspection and revocation are asked; `None` for a pasted one.
    pub login_url: Option<Url>,
    /// What `{{version}}` stands for.
    pub api_version: ApiVersion,
    /// When the org says that it issued the token; else when it arrived.
    pub issued_at: SystemTime,
    /// Whether `signature` is what the consumer secret makes it.
    pub signature: SignatureCheck,
    /// What is known of its end.
    pub lifetime: Lifetime,
    /// The answer's fields in their order, each with its meaning, secrets masked.
    pub fields: Vec<TokenField>,
}

/// Whether the answer's `signature` was made with the profile's consumer secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    /// It was.
    Valid,
    /// It was not: another secret is stored here, or the answer was altered on its way.
    Invalid,
    /// It cannot be told; the reason.
    NotCheckable(&'static str),
}

/// What is known of a token's end. Salesforce sends no `expires_in` and sessions slide with use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The token says it (`exp` of a JWT, or an `expires_in`).
    Until(SystemTime),
    /// By the org's session policy; this is what most orgs have, as idle time.
    Policy(Duration),
}

/// One field of a token response, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenField {
    /// Its name on the wire.
    pub name: String,
    /// Its value; masked if it is a secret.
    pub value: String,
    /// What it means.
    pub meaning: &'static str,
}
