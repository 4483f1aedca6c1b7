//! Which org a token is of: what the org says of itself, and how that is held against what was known before.
//!
//! Pure: the questions are built and the answers read here, the worker asks them and keeps what is known.

use super::{OrgId, UserId};
use serde::{Deserialize, Serialize};
use url::Url;

/// What kind of org it is, by its own word.
///
/// Source: Object Reference, Organization: `IsSandbox`, `OrganizationType`, `TrialExpirationDate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrgKind {
    /// Neither of the others; also what is believed where the org does not say.
    Production,
    /// `IsSandbox`, without a trial date.
    Sandbox,
    /// `IsSandbox`, with a trial date.
    Scratch,
    /// `OrganizationType` is Developer Edition.
    Developer,
    /// A trial date, and none of the others.
    Trial,
}

impl OrgKind {
    /// Its name in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
            Self::Scratch => "scratch org",
            Self::Developer => "Developer Edition",
            Self::Trial => "trial org",
        }
    }
}

/// An org and the user of a token in it, as the org itself tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgFacts {
    /// The org's id.
    pub org_id: OrgId,
    /// The org's name.
    pub name: String,
    /// `OrganizationType`: "Developer Edition", "Enterprise Edition".
    pub edition: String,
    /// What kind it is.
    pub kind: OrgKind,
    /// The instance it lives on: `CS42`, `DEU26S`.
    #[serde(default)]
    pub instance: Option<String>,
    /// Where the API calls go.
    pub instance_url: Url,
    /// The user's id.
    pub user_id: UserId,
    /// The user's username.
    pub username: String,
}

/// What is known of a session's org.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum OrgReading {
    /// Nobody has asked it.
    #[default]
    NotAsked,
    /// It told.
    Read(OrgFacts),
    /// It was asked and did not tell; a sentence says why. It is held to be a production org.
    Unreadable(String),
}

impl OrgReading {
    /// What it told.
    pub fn facts(&self) -> Option<&OrgFacts> {
        match self {
            Self::Read(facts) => Some(facts),
            Self::NotAsked | Self::Unreadable(_) => None,
        }
    }
}

/// How a new token's org and user stand to what was known before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They are the known ones, or those that the profile expects.
    AsBefore,
    /// The profile had no token before. What its username or host says otherwise is named.
    First {
        /// "the profile says ada@acme.com, the token is of eve@acme.com".
        odd: Vec<String>,
    },
    /// They are others than before.
    Differs {
        /// Those before.
        before: Box<OrgFacts>,
        /// Probably the same sandbox, refreshed: same My Domain, still a sandbox, another org id.
        refreshed: bool,
    },
    /// It could not be checked; a sentence says why.
    Unchecked(String),
}
