//! The Salesforce CLI's `sfdxAuthUrl`: app, refresh token and host of a login in one text.
//!
//! `force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST`, the secret often empty, the host without a scheme. It is as
//! good as a password: nothing here shows a part of it but app and host. Source: sfdx-core (authInfo.ts);
//! salesforcecli/plugin-auth (the files that it takes).

use crate::secrets::{Secret, clean_pasted};
use serde_json::Value;
use url::Url;

const SCHEME: &str = "force://";

/// What the CLI writes in the place of a secret.
const REDACTED: &str = "[REDACTED]";

/// A login that the CLI has made, to be carried on by refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SfdxAuthUrl {
    /// The consumer key: `PlatformCLI` for the CLI's own app.
    pub client_id: String,
    /// The consumer secret; the CLI's own app has none.
    pub client_secret: Option<Secret>,
    /// The refresh token.
    pub refresh_token: Secret,
    /// The org's host, with its port if it has one.
    pub host: String,
}

/// Why a text is no sfdxAuthUrl; never a part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SfdxAuthUrlError {
    /// The CLI did not tell it.
    #[error(
        "the CLI has blacked the sfdxAuthUrl out ([REDACTED]); \
         `sf org auth show-sfdx-auth-url --target-org NAME --json` shows it"
    )]
    Redacted,
    /// A JSON file of something else.
    #[error(
        "the file has no sfdxAuthUrl, at its top or in `result`; only orgs that were logged in to by browser have one"
    )]
    NotInFile,
    /// It begins in another way.
    #[error("an sfdxAuthUrl begins with force://")]
    OtherScheme,
    /// It has not the parts of one.
    #[error("an sfdxAuthUrl is force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST; this has not these parts")]
    OtherParts,
    /// The form of an old CLI, which no CLI reads.
    #[error(
        "the sfdxAuthUrl has no client id before the first colon, as old CLIs left it out; write PlatformCLI there if \
         the login was made with the CLI's own app"
    )]
    NoClientId,
    /// It cannot be used for anything.
    #[error("the sfdxAuthUrl has no refresh token")]
    NoRefreshToken,
    /// Something in it that cannot be there.
    #[error(
        "the sfdxAuthUrl's {0} has characters that it cannot have; was it cut, or joined with something else?"
    )]
    Damaged(&'static str),
}

impl SfdxAuthUrl {
    /// Reads the text of a file, or what was pasted: the bare text, or JSON that the CLI has printed.
    pub fn read(text: &str) -> Result<Self, SfdxAuthUrlError> {
        if !text.trim_start().starts_with('{') {
            return Self::parse(text);
        }
        let answer: Value = serde_json::from_str(text).map_err(|_| SfdxAuthUrlError::NotInFile)?;
        let found = [&answer, &answer["result"]].into_iter().find_map(|place| place["sfdxAuthUrl"].as_str());
        Self::parse(found.ok_or(SfdxAuthUrlError::NotInFile)?)
    }

    fn parse(text: &str) -> Result<Self, SfdxAuthUrlError> {
        use SfdxAuthUrlError as E;
        let (clean, _) = clean_pasted(text);
        let text = clean.expose();
        if text.contains(REDACTED) {
            return Err(E::Redacted);
        }
        let (app, host) =
            text.strip_prefix(SCHEME).ok_or(E::OtherScheme)?.rsplit_once('@').ok_or(E::OtherParts)?;
        let [id, secret, token] = app.split(':').collect::<Vec<_>>()[..] else { return Err(E::OtherParts) };
        if id.is_empty() {
            return Err(E::NoClientId);
        }
        if token.is_empty() {
            return Err(E::NoRefreshToken);
        }
        for (part, name) in [(id, "client id"), (secret, "client secret"), (token, "refresh token")] {
            if !is_part(part) {
                return Err(E::Damaged(name));
            }
        }
        let host = host.strip_prefix("https://").unwrap_or(host).trim_end_matches('/');
        login_url(host).ok_or(E::Damaged("host"))?;
        Ok(Self {
            client_id: id.to_owned(),
            client_secret: (!secret.is_empty()).then(|| Secret::new(secret)),
            refresh_token: Secret::new(token),
            host: host.to_owned(),
        })
    }

    /// The text that the CLI takes: `sf org login sfdx-url`.
    pub fn print(&self) -> Secret {
        let secret = self.client_secret.as_ref().map_or("", Secret::expose);
        let token = self.refresh_token.expose();
        Secret::new(format!("{SCHEME}{}:{secret}:{token}@{}", self.client_id, self.host))
    }

    /// Where the refresh token is good.
    pub fn login_url(&self) -> Url {
        login_url(&self.host).expect("it was read by the same function")
    }
}

fn login_url(host: &str) -> Option<Url> {
    let fits = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":._-".contains(&byte));
    format!("https://{host}").parse().ok().filter(|url: &Url| fits && url.has_host())
}

/// Letters, digits, `.`, `_`, `-`, and at the end up to two `=`.
fn is_part(part: &str) -> bool {
    let body = part.trim_end_matches('=');
    part.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_cli_s_own_app_and_others_are_read() {
        let stock = SfdxAuthUrl::read("force://PlatformCLI::5Aep861==@acme.my.salesforce.com\n").unwrap();
        assert_eq!((stock.client_id.as_str(), &stock.client_secret), ("PlatformCLI", &None));
        assert_eq!(stock.refresh_token.expose(), "5Aep861==");
        assert_eq!(stock.login_url().as_str(), "https://acme.my.salesforce.com/");
        let own = SfdxAuthUrl::read("\"force://3MVG9.a_b:ABCDEF:5Aep@localhost:8443\"").unwrap();
        assert_eq!(own.client_secret.as_ref().unwrap().expose(), "ABCDEF");
        assert_eq!(own.login_url().as_str(), "https://localhost:8443/");
        let lenient = SfdxAuthUrl::read("force://PlatformCLI::5Aep@https://acme.my.salesforce.com/").unwrap();
        assert_eq!(lenient.host, "acme.my.salesforce.com");
        assert!(!format!("{own:?}").contains("5Aep") && !format!("{own:?}").contains("ABCDEF"));
    }

    #[test]
    fn files_of_the_cli_are_read() {
        let url = "force://PlatformCLI::5Aep@acme.my.salesforce.com";
        for file in [
            format!(r#"{{"sfdxAuthUrl":"{url}"}}"#),
            format!("  {{\"status\":0,\"result\":{{\"username\":\"ada\",\"sfdxAuthUrl\":\"{url}\"}}}}\n"),
        ] {
            assert_eq!(SfdxAuthUrl::read(&file).unwrap().print().expose(), url);
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_the_text() {
        use SfdxAuthUrlError::*;
        let redacted =
            r#"{"result":{"sfdxAuthUrl":"[REDACTED] Use 'sf org auth show-sfdx-auth-url' to view"}}"#;
        let cases = [
            (redacted, Redacted),
            ("[REDACTED] Use 'sf …' to view", Redacted),
            (r#"{"result":{"username":"ada"}}"#, NotInFile),
            (r#"{"sfdxAuthUrl":"#, NotInFile),
            ("https://acme.my.salesforce.com", OtherScheme),
            ("", OtherScheme),
            ("force://PlatformCLI:5Aep@acme.my.salesforce.com", OtherParts),
            ("force://PlatformCLI::5Aep", OtherParts),
            ("force://a:b:c:d@acme.my.salesforce.com", OtherParts),
            ("force://:5Aep@acme.my.salesforce.com", OtherParts),
            ("force://::5Aep@acme.my.salesforce.com", NoClientId),
            ("force://PlatformCLI::@acme.my.salesforce.com", NoRefreshToken),
            ("force://PlatformCLI::5A ep@acme.my.salesforce.com", Damaged("refresh token")),
            ("force://PlatformCLI::5Aep===@acme.my.salesforce.com", Damaged("refresh token")),
            ("force://PlatformCLI::5Aep@", Damaged("host")),
            ("force://PlatformCLI::5Aep@acme.my.salesforce.com/x", Damaged("host")),
            ("force://PlatformCLI::5Aep@http://acme.my.salesforce.com", Damaged("host")),
        ];
        for (text, error) in cases {
            assert_eq!(SfdxAuthUrl::read(text), Err(error), "{text}");
            assert!(!error.to_string().contains("5Aep"));
        }
        assert!(Redacted.to_string().contains("sf org auth show-sfdx-auth-url"));
    }

    fn any_auth() -> impl Strategy<Value = SfdxAuthUrl> {
        let part = "[A-Za-z0-9._-]{1,40}={0,2}";
        let secret = prop::option::of(part.prop_map(Secret::new));
        let host = "[a-z][a-z0-9-]{0,10}[a-z](\\.[a-z]{2,8}){1,3}(:[1-9][0-9]{0,3})?";
        (part, secret, part.prop_map(Secret::new), host).prop_map(
            |(client_id, client_secret, refresh_token, host)| SfdxAuthUrl {
                client_id,
                client_secret,
                refresh_token,
                host,
            },
        )
    }

    proptest! {
        #[test]
        fn it_survives_print_and_read(auth in any_auth()) {
            prop_assert_eq!(SfdxAuthUrl::read(auth.print().expose()), Ok(auth));
        }

        #[test]
        fn nothing_panics(text in ".{0,60}|force://[a-z:=@.]{0,40}|\\{.{0,40}") {
            let _ = SfdxAuthUrl::read(&text).map(|auth| auth.login_url());
        }
    }
}
