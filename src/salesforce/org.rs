//! Which org a token is of: what the org says of itself, and how that is held against what was known before.
//!
//! Pure: the questions are built and the answers read here, the worker asks them and keeps what is known.

use super::{OrgId, Session, UserId, error, host, ids, rest};
use crate::{
    config::{Profile, ProfileField, host_and_port},
    http::{RequestBody, RequestSpec},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

impl OrgFacts {
    /// Whether the other is the same user of the same org.
    pub fn is_same_login(&self, other: &Self) -> bool {
        ids::same(&self.org_id.0, &other.org_id.0) && ids::same(&self.user_id.0, &other.user_id.0)
    }
}

/// What is known of a session's org.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[expect(clippy::large_enum_variant, reason = "a session has one, and almost always it is the large one")]
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

/// What is asked of the org itself.
const ORGANIZATION: &str =
    "SELECT Id, Name, OrganizationType, IsSandbox, TrialExpirationDate, InstanceName FROM Organization";

/// The two requests that tell which org and which user a token is of, in the order of [`read`].
///
/// Both go to the instance: the login host of the identity URL would be another host.
pub fn questions(session: &Session) -> [RequestSpec; 2] {
    let mut query = rest::at(session, &format!("/services/data/{}/query", session.api_version));
    query.query_pairs_mut().append_pair("q", ORGANIZATION);
    [ask(session, query), ask(session, who(session))]
}

/// The identity URL's path on the instance where the ids are known, else OpenID Connect's endpoint.
///
/// Source: the public Salesforce Platform APIs collection, which asks the instance by the same path.
fn who(session: &Session) -> Url {
    match (&session.org_id, &session.user_id) {
        (Some(org), Some(user)) => rest::at(session, &format!("/id/{org}/{user}")),
        _ => rest::at(session, "/services/oauth2/userinfo"),
    }
}

fn ask(session: &Session, url: Url) -> RequestSpec {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut spec = RequestSpec { method: Method::GET, url, headers, body: RequestBody::Empty };
    // To its own instance it always goes, unless the token is damaged: then the answer says so.
    let _ = rest::authorize(&mut spec, session);
    spec
}

/// Reads the answers to [`questions`]; an error says in a sentence why the org is not known.
pub fn read(session: &Session, answers: &[(StatusCode, impl AsRef<[u8]>)]) -> Result<OrgFacts, String> {
    let [(status, organization), who] = answers else { return Err("the org was not asked".into()) };
    let refused = || {
        let said = error::parse(*status, organization.as_ref()).into_iter().next().unwrap_or_default();
        let code = said.code.unwrap_or_else(|| status.to_string());
        format!("it does not let its Organization record be read: {code}")
    };
    if !status.is_success() {
        return Err(refused());
    }
    let answer: Value = serde_json::from_slice(organization.as_ref()).map_err(|_| refused())?;
    let record = &answer["records"][0];
    let text = |name: &str| record[name].as_str().map(str::to_owned);
    let org_id = text("Id").filter(|id| ids::is_id(id)).ok_or_else(refused)?;
    let edition = text("OrganizationType").unwrap_or_default();
    let (user_id, username) = user(session, who)?;
    Ok(OrgFacts {
        org_id: OrgId(org_id),
        name: text("Name").unwrap_or_default(),
        kind: kind(record, &edition),
        edition,
        instance: text("InstanceName"),
        instance_url: session.instance_url.clone(),
        user_id,
        username,
    })
}

/// Source: Object Reference, Organization. Where the org does not say whether it is a sandbox, it is production.
fn kind(record: &Value, edition: &str) -> OrgKind {
    let trial = record["TrialExpirationDate"].is_string();
    match record["IsSandbox"].as_bool() {
        Some(true) if trial => OrgKind::Scratch,
        Some(true) => OrgKind::Sandbox,
        Some(false) if edition == "Developer Edition" => OrgKind::Developer,
        Some(false) if trial => OrgKind::Trial,
        Some(false) | None => OrgKind::Production,
    }
}

/// The user by the identity URL (`username`) or by userinfo (`preferred_username`).
fn user(
    session: &Session,
    (status, body): &(StatusCode, impl AsRef<[u8]>),
) -> Result<(UserId, String), String> {
    let answer: Value = serde_json::from_slice(body.as_ref()).unwrap_or_default();
    let text = |name: &str| answer[name].as_str().filter(|_| status.is_success()).map(str::to_owned);
    let username = text("username").or_else(|| text("preferred_username"));
    match (text("user_id").map(UserId).or_else(|| session.user_id.clone()), username) {
        (Some(id), username) => Ok((id, username.unwrap_or_default())),
        (None, _) => Err(format!("it does not say whose the token is: {status}")),
    }
}

/// How a token's org and user stand to those known before and to what the profile says.
pub fn standing(profile: &Profile, before: Option<&OrgFacts>, now: &OrgFacts) -> Standing {
    let expected = profile.expected_org_id.as_deref().is_some_and(|id| ids::same(id, &now.org_id.0));
    let Some(before) = before else {
        let odd = odd(profile, now);
        return if expected && odd.is_empty() { Standing::AsBefore } else { Standing::First { odd } };
    };
    let same_org = ids::same(&before.org_id.0, &now.org_id.0);
    let known = same_org && ids::same(&before.user_id.0, &now.user_id.0);
    // The profile was pointed at another org on purpose.
    if known || (expected && !same_org && odd(profile, now).is_empty()) {
        return Standing::AsBefore;
    }
    let refreshed = !same_org
        && before.instance_url.host() == now.instance_url.host()
        && [before.kind, now.kind] == [OrgKind::Sandbox; 2];
    Standing::Differs { before: Box::new(before.clone()), refreshed }
}

/// What the profile says otherwise than the org does.
fn odd(profile: &Profile, now: &OrgFacts) -> Vec<String> {
    let mut odd = Vec::new();
    let username = profile.username.as_deref().filter(|_| profile.flow.needs().uses(ProfileField::Username));
    if let Some(username) = username.map(str::trim)
        && !now.username.is_empty()
        && !username.eq_ignore_ascii_case(&now.username)
    {
        odd.push(format!("the profile is for {username}, the token is of {}", now.username));
    }
    if let Some(login) = &profile.login_url
        && let (Some(one), Some(other)) = (host::my_domain(login), host::my_domain(&now.instance_url))
        && one != other
    {
        odd.push(format!(
            "the profile logs in at {}, the org's own host is {}",
            host_and_port(login),
            host_and_port(&now.instance_url)
        ));
    }
    let is_production = now.kind == OrgKind::Production;
    if is_production != profile.is_production() && !matches!(now.kind, OrgKind::Developer | OrgKind::Trial) {
        let says = profile.environment.name();
        odd.push(format!("the profile says {says}, the org says that it is a {}", now.kind.label()));
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Environment, Flow},
        salesforce::tests::{profile, session},
    };

    const HOME: &str = "https://acme.my.salesforce.com";
    const WHO: &str = r#"{"user_id":"005xx000001SwiUAAS","username":"ada@acme.com"}"#;

    fn organization(more: &str) -> String {
        format!(
            r#"{{"records":[{{"Id":"00D58000000arpqEAA","Name":"Acme","OrganizationType":"Enterprise Edition","InstanceName":"DEU26"{more}}}]}}"#
        )
    }

    fn told(organization: &str, who: (u16, &str)) -> Result<OrgFacts, String> {
        let answers = [
            (StatusCode::OK, organization.as_bytes()),
            (StatusCode::from_u16(who.0).unwrap(), who.1.as_bytes()),
        ];
        read(&session(HOME), &answers)
    }

    fn facts() -> OrgFacts {
        told(&organization(r#","IsSandbox":false,"TrialExpirationDate":null"#), (200, WHO)).unwrap()
    }

    #[test]
    fn both_questions_go_to_the_instance_with_the_token() {
        let [organization, who] = questions(&session(HOME));
        let url = organization.url.as_str();
        assert!(url.starts_with("https://acme.my.salesforce.com/services/data/v66.0/query?q=SELECT+Id%2C"));
        assert_eq!(who.url.as_str(), "https://acme.my.salesforce.com/services/oauth2/userinfo");
        let named = Session {
            org_id: Some(OrgId("00D58000000arpqEAA".into())),
            user_id: Some(UserId("005xx000001SwiUAAS".into())),
            ..session(HOME)
        };
        let [_, who] = questions(&named);
        assert_eq!(
            who.url.as_str(),
            "https://acme.my.salesforce.com/id/00D58000000arpqEAA/005xx000001SwiUAAS"
        );
        assert!(who.headers.contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn an_org_s_kind_is_what_it_says_and_production_where_it_does_not() {
        for (more, kind) in [
            (r#","IsSandbox":true,"TrialExpirationDate":null"#, OrgKind::Sandbox),
            (r#","IsSandbox":true,"TrialExpirationDate":"2026-12-01T00:00:00.000+0000""#, OrgKind::Scratch),
            (r#","IsSandbox":false"#, OrgKind::Production),
            (r#","IsSandbox":false,"TrialExpirationDate":"2026-12-01T00:00:00.000+0000""#, OrgKind::Trial),
            ("", OrgKind::Production),
        ] {
            assert_eq!(told(&organization(more), (200, WHO)).unwrap().kind, kind, "{more}");
        }
        let developer = organization(r#","IsSandbox":false"#).replace("Enterprise", "Developer");
        assert_eq!(told(&developer, (200, WHO)).unwrap().kind, OrgKind::Developer);
    }

    #[test]
    fn an_org_that_does_not_tell_is_unreadable_and_says_why() {
        let forbidden = br#"[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]"#.as_slice();
        let answers = [(StatusCode::FORBIDDEN, forbidden), (StatusCode::OK, WHO.as_bytes())];
        assert!(read(&session(HOME), &answers).unwrap_err().ends_with("API_DISABLED_FOR_ORG"));
        assert!(told("<html>", (200, WHO)).is_err());
        assert!(
            told(&organization(""), (403, "Bad_OAuth_Token")).unwrap_err().contains("whose the token is")
        );
    }

    #[test]
    fn the_first_token_is_confirmed_and_what_differs_from_the_profile_is_named() {
        let plain = profile(Flow::AuthorizationCode);
        assert_eq!(standing(&plain, None, &facts()), Standing::First { odd: vec![] });
        let expecting = Profile { expected_org_id: Some("00D58000000arpq".into()), ..plain.clone() };
        assert_eq!(standing(&expecting, None, &facts()), Standing::AsBefore);
        let other = Profile {
            username: Some("eve@acme.com".into()),
            login_url: Some("https://acme--uat.sandbox.my.salesforce.com".parse().unwrap()),
            environment: Environment::Sandbox,
            ..expecting
        };
        let Standing::First { odd } = standing(&other, None, &facts()) else {
            panic!("it must be confirmed")
        };
        assert_eq!(odd.len(), 3, "{odd:?}");
    }

    #[test]
    fn nothing_is_odd_about_a_site_another_case_or_a_flow_without_a_person() {
        let standing = |change: fn(&mut Profile)| {
            let mut profile = profile(Flow::AuthorizationCode);
            change(&mut profile);
            standing(&profile, None, &facts())
        };
        for fine in [
            standing(|p| p.username = Some(" ADA@acme.com".into())),
            standing(|p| (p.flow, p.username) = (Flow::ClientCredentials, Some("eve@acme.com".into()))),
            standing(|p| p.login_url = Some("https://acme.my.site.com/shop".parse().unwrap())),
            standing(|p| p.login_url = Some("https://na139.salesforce.com".parse().unwrap())),
        ] {
            assert_eq!(fine, Standing::First { odd: vec![] });
        }
    }

    #[test]
    fn a_profile_that_expects_the_other_org_was_pointed_at_it() {
        let plain = profile(Flow::AuthorizationCode);
        let before = OrgFacts { org_id: OrgId("00D000000000001".into()), ..facts() };
        assert!(matches!(standing(&plain, Some(&before), &facts()), Standing::Differs { .. }));
        let expecting = Profile { expected_org_id: Some("00D58000000arpq".into()), ..plain };
        assert_eq!(standing(&expecting, Some(&before), &facts()), Standing::AsBefore);
        let user = OrgFacts { user_id: UserId("005xx000001SwiVAAS".into()), ..facts() };
        assert!(matches!(standing(&expecting, Some(&user), &facts()), Standing::Differs { .. }));
    }

    #[test]
    fn another_org_or_user_than_before_is_told() {
        let profile = profile(Flow::AuthorizationCode);
        assert_eq!(standing(&profile, Some(&facts()), &facts()), Standing::AsBefore);
        let user = OrgFacts { user_id: UserId("005xx000001SwiVAAS".into()), ..facts() };
        let org = OrgFacts { org_id: OrgId("00D000000000001".into()), ..facts() };
        for now in [&user, &org] {
            let standing = standing(&profile, Some(&facts()), now);
            assert!(matches!(standing, Standing::Differs { refreshed: false, .. }), "{standing:?}");
        }
        let sandbox = OrgFacts { kind: OrgKind::Sandbox, ..facts() };
        let refreshed = OrgFacts { kind: OrgKind::Sandbox, ..org };
        let standing = standing(&profile, Some(&sandbox), &refreshed);
        assert!(matches!(standing, Standing::Differs { refreshed: true, .. }), "{standing:?}");
    }
}
