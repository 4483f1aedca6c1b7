//! Telling a Salesforce login host from any other web server: OpenID Connect's discovery document, which it gives
//! without a token.
//!
//! Source: OpenID Connect Discovery 1.0; the public Salesforce Platform APIs collection (the path).

use super::oauth::request::below;
use serde::Deserialize;
use url::Url;

/// Where Salesforce's hosts have their token endpoint, below a site's path too.
const TOKEN_PATH: &str = "/services/oauth2/token";

/// What a login host says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Discovery {
    /// Who issues its tokens: the host itself, or the My Domain that it belongs to.
    pub issuer: String,
    /// Where tokens are got.
    pub token_endpoint: Url,
}

/// Where the document is. A site keeps its path.
pub fn url(login: &Url) -> Url {
    below(login, ".well-known/openid-configuration")
}

/// The document; `None` where it is none of a Salesforce host: other identity providers have one too.
pub fn read(body: &[u8]) -> Option<Discovery> {
    let discovery: Discovery = serde_json::from_slice(body).ok()?;
    discovery.token_endpoint.path().ends_with(TOKEN_PATH).then_some(discovery)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_keeps_its_path() {
        let at = |login: &str| url(&Url::parse(login).unwrap()).to_string();
        let well_known = ".well-known/openid-configuration";
        assert_eq!(at("https://login.salesforce.com"), format!("https://login.salesforce.com/{well_known}"));
        assert_eq!(
            at("https://acme.my.site.com/shop"),
            format!("https://acme.my.site.com/shop/{well_known}")
        );
    }

    #[test]
    fn only_salesforce_s_document_is_one() {
        let of = |token: &str| {
            read(format!(r#"{{"issuer":"https://x","token_endpoint":"{token}","more":[1]}}"#).as_bytes())
        };
        assert!(of("https://acme.my.salesforce.com/services/oauth2/token").is_some());
        assert!(of("https://acme.my.site.com/shop/services/oauth2/token").is_some());
        assert_eq!(of("https://accounts.example/o/oauth2/token"), None);
        assert_eq!(read(b"<html>Log in to the guest network</html>"), None);
        assert_eq!(read(br#"{"issuer":"https://x"}"#), None);
    }
}
