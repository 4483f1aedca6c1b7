//! A host as it is shown, and what its name says: whether the org behind it is production. What people paste in its
//! place is `address`'s matter.

use super::profile::{Environment, Flow, Profile, SecretField};
use crate::secrets::SecretRef;
use std::borrow::Cow;
use url::{Host, Url};

/// Where a browser comes back to if the profile does not say.
const DEFAULT_CALLBACK: &str = "http://localhost:1717/OauthRedirect";

impl Profile {
    /// Whether the org counts as production, where writes ask first: by the environment; My Domain and site
    /// profiles by their host, and as production where that says nothing. A host that only production orgs have
    /// outweighs what the profile says.
    pub fn is_production(&self) -> bool {
        let url = self.home();
        match self.environment {
            Environment::Production => true,
            Environment::Sandbox | Environment::Scratch | Environment::Developer => {
                url.is_some_and(is_production_host)
            }
            Environment::Custom | Environment::Site => {
                url.and_then(Url::host_str).is_none_or(|host| !names_non_production(host))
            }
        }
    }

    /// Where it gets its token; where that is pasted, the org that it is for.
    pub(crate) fn home(&self) -> Option<&Url> {
        match self.flow {
            Flow::AccessToken => self.instance_url.as_ref(),
            _ => self.login_url.as_ref(),
        }
    }

    /// The host where it logs in, and its port where that is unusual.
    pub fn login_host(&self) -> Option<String> {
        self.home().map(host_and_port)
    }

    /// Whether a token of the other is one of this too: same name, same way to it, same app, host, user and org.
    pub(crate) fn same_login(&self, other: &Self) -> bool {
        fn login(p: &Profile) -> impl PartialEq {
            let way = (&p.id, p.flow, &p.login_url, &p.instance_url, &p.access_token);
            let given = (&p.refresh_token, &p.subject_token, &p.actor_token);
            (way, given, &p.consumer_key, &p.username, &p.expected_org_id)
        }
        login(self) == login(other)
    }

    /// The reference in a secret field.
    pub fn secret(&self, field: SecretField) -> Option<&SecretRef> {
        match field {
            SecretField::ConsumerSecret => self.consumer_secret.as_ref(),
            SecretField::Password => self.password.as_ref(),
            SecretField::SecurityToken => self.security_token.as_ref(),
            SecretField::AccessToken => self.access_token.as_ref(),
            SecretField::RefreshToken => self.refresh_token.as_ref(),
            SecretField::SubjectToken => self.subject_token.as_ref(),
            SecretField::ActorToken => self.actor_token.as_ref(),
        }
    }

    /// Every secret field that refers to a secret, used by the flow or not.
    pub fn secrets(&self) -> impl Iterator<Item = (SecretField, &SecretRef)> {
        SecretField::ALL.iter().filter_map(|field| Some((*field, self.secret(*field)?)))
    }

    /// The callback URL: the profile's own, else the one that a login in a browser has by default; for a headless
    /// login the site's own echo.
    ///
    /// Source: the Salesforce CLI (its callback, which many apps have registered); the public Salesforce Platform
    /// APIs collection, Headless Identity (the echo).
    pub fn callback(&self) -> Cow<'_, str> {
        match &self.redirect_uri {
            Some(own) => own.into(),
            None => default_callback(self.flow, self.login_url.as_ref().map(Url::as_str)),
        }
    }

    /// The secrets that this profile's flow uses and that only a person can give (`ask`), without those that
    /// `answered` says are there.
    pub fn needs_person(&self, answered: impl Fn(SecretField) -> bool) -> Vec<SecretField> {
        self.secrets_in_use()
            .filter(|field| self.secret(*field) == Some(&SecretRef::Ask) && !answered(*field))
            .collect()
    }

    /// The secret fields that this profile's flow looks at.
    pub fn secrets_in_use(&self) -> impl Iterator<Item = SecretField> + '_ {
        let needs = self.flow.needs();
        SecretField::ALL.iter().copied().filter(move |field| {
            needs.uses(super::ProfileField::of_secret(*field))
                && !(*field == SecretField::SecurityToken
                    && (self.trusted_ip || self.security_token_in_password))
        })
    }

    /// The fields without which this profile's flow cannot get a token, and which are not there.
    pub fn missing(&self) -> Vec<super::ProfileField> {
        use super::ProfileField as F;
        let is_there = |field: &F| match field {
            F::LoginUrl => self.login_url.is_some(),
            F::ConsumerKey => self.consumer_key.is_some(),
            F::ConsumerSecret => self.consumer_secret.is_some(),
            F::Username => self.username.is_some(),
            F::Password => self.password.is_some(),
            F::AccessToken => self.access_token.is_some(),
            F::InstanceUrl => self.instance_url.is_some(),
            F::RefreshToken => self.refresh_token.is_some(),
            F::SubjectToken => self.subject_token.is_some(),
            F::ActorToken => self.actor_token.is_some(),
            F::PrivateKeyFile => self.jwt.private_key_file.is_some(),
            _ => true,
        };
        self.flow.needs().required.iter().copied().filter(|field| !is_there(field)).collect()
    }
}

/// The callback URL of a flow where a profile does not say; see [`Profile::callback`].
pub fn default_callback(flow: Flow, login_url: Option<&str>) -> Cow<'static, str> {
    match (flow, login_url) {
        (Flow::HeadlessCode, Some(site)) => {
            format!("{}/services/oauth2/echo", site.trim_end_matches('/')).into()
        }
        _ => DEFAULT_CALLBACK.into(),
    }
}

/// A URL's host, and its port where that is not the scheme's: `acme.my.salesforce.com`, `127.0.0.1:8080`.
pub fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a host is this machine: `localhost`, `127.0.0.0/8`, `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a host is one of the two generic login hosts.
pub(crate) fn is_generic_login(url: &Url) -> bool {
    matches!(url.host_str(), Some("login.salesforce.com" | "test.salesforce.com"))
}

/// Whether the host is an org's own and says that the org is a production org: a My Domain or a site without any
/// of the marks of other kinds of orgs. The generic login hosts say nothing.
pub fn is_production_host(url: &Url) -> bool {
    const ORGS: &[&str] = &[
        ".my.salesforce.com",
        ".my.salesforce.mil",
        ".my-salesforce.com",
        ".my.sfcrmproducts.cn",
        ".my.site.com",
    ];
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    ORGS.iter().any(|org| host.ends_with(org)) && !names_non_production(&host)
}

/// What the second label of an org's host may be: the kind of org that is not production.
///
/// Source: Salesforce Help, My Domain URL formats, partitioned domains.
pub(super) const KINDS: &[&str] =
    &["sandbox", "scratch", "develop", "trailblaze", "demo", "patch", "free", "trial"];

/// Whether the host itself says that the org is not production.
///
/// Source: Salesforce Help, My Domain URL formats: sandboxes have `--` in the first label and the label
/// `sandbox`; the second label names the other kinds of orgs.
fn names_non_production(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let (first, rest) = host.split_once('.').unwrap_or((&host, ""));
    host == "test.salesforce.com"
        || first.contains("--")
        || (first.ends_with("-dev-ed") && rest.starts_with("my."))
        || rest.split('.').next().is_some_and(|kind| KINDS.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::host_and_port;
    use crate::config::parse;

    #[test]
    fn a_port_is_shown_where_it_is_not_the_schemes() {
        let shown = |url: &str| host_and_port(&url.parse().unwrap());
        assert_eq!(shown("https://ada:secret@acme.my.salesforce.com:443/x?y"), "acme.my.salesforce.com");
        assert_eq!(shown("http://127.0.0.1:8080/x"), "127.0.0.1:8080");
        assert_eq!(shown("http://[::1]:443/"), "[::1]:443");
    }

    #[test]
    fn production_is_what_does_not_say_otherwise() {
        let cases = [
            ("production", "https://acme--uat.sandbox.my.salesforce.com", true),
            ("sandbox", "https://acme.my.salesforce.com", true),
            ("custom", "https://acme.my.salesforce.com", true),
            ("custom", "https://acme--uat.sandbox.my.salesforce.com", false),
            ("custom", "https://acme--uat.my.salesforce.com", false),
            ("custom", "https://ada-dev-ed.develop.my.salesforce.com", false),
            ("custom", "https://ada-dev-ed.my.salesforce.com", false),
            ("custom", "https://fun-otter.scratch.my.salesforce.com", false),
            ("custom", "https://sandbox.my.salesforce.com", true),
            ("custom", "https://test.salesforce.com", false),
            ("custom", "https://na139.salesforce.com", true),
            ("custom", "http://localhost:4000", true),
            ("sandbox", "http://127.0.0.1:4000", false),
            ("site", "https://acme--uat.sandbox.my.site.com/shop", false),
            ("site", "https://acme.my.site.com/shop", true),
        ];
        for (environment, url, expected) in cases {
            for (flow, key) in [("password", "login_url"), ("access_token", "instance_url")] {
                let text = format!("[profiles.x]\nflow='{flow}'\nenvironment='{environment}'\n{key}='{url}'");
                let profile = parse(&text).unwrap().profiles[0].clone();
                assert_eq!(profile.is_production(), expected, "{environment} {url}");
            }
        }
    }
}
