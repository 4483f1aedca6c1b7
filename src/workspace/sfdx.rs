//! A profile out of an sfdxAuthUrl, which has all that a login of the Salesforce CLI leaves behind.

use crate::{
    config::{
        Environment, Flow, FormValue, ProfileField as F, ProfileForm, SecretField, SecretInput, SecretKind,
        environment_of_host,
    },
    salesforce::sfdx_auth_url::SfdxAuthUrl,
    secrets::Secret,
};

/// The callback with which the CLI logs in.
///
/// Source: sfdx-core.
const CALLBACK: &str = "http://localhost:1717/OauthRedirect";

/// A form that refreshes this login, with its secrets kept in `kind`, and the secrets to be put there.
pub fn profile_of(
    url: &SfdxAuthUrl,
    name: &str,
    kind: SecretKind,
) -> (ProfileForm, Vec<(SecretField, Secret)>) {
    let mut form = ProfileForm::blank();
    let login_url = url.login_url();
    let environment = environment_of_host(login_url.as_str()).unwrap_or(Environment::Custom);
    form.set_text(F::Name, name);
    form.set_text(F::Environment, environment.name());
    form.set_text(F::LoginUrl, login_url.as_str().trim_end_matches('/'));
    form.set_text(F::Flow, Flow::RefreshToken.name());
    form.set_text(F::ConsumerKey, &*url.client_id);
    form.set_text(F::RedirectUri, CALLBACK);
    let secret = url.client_secret.clone().map(|secret| (SecretField::ConsumerSecret, secret));
    let secrets: Vec<_> =
        secret.into_iter().chain([(SecretField::RefreshToken, url.refresh_token.clone())]).collect();
    for (field, _) in &secrets {
        form.set(F::of_secret(*field), FormValue::Secret(SecretInput::new(kind, "")));
    }
    (form, secrets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn a_cli_login_becomes_a_profile_that_refreshes_it() {
        let text = "force://3MVG9x.y:s3cret:5Aep861==@acme--uat.sandbox.my.salesforce.com";
        let url = SfdxAuthUrl::read(text).unwrap();
        let (form, secrets) = profile_of(&url, "uat", SecretKind::Vault);
        let file = config::upsert_profile("", None, &form).unwrap();
        assert!(!file.contains("s3cret") && !file.contains("5Aep861"), "{file}");
        let config = config::parse(&file).unwrap();
        let profile = &config.profiles[0];
        assert_eq!((profile.environment, profile.flow), (Environment::Sandbox, Flow::RefreshToken));
        assert!(profile.missing().is_empty(), "{:?}", profile.missing());
        assert_eq!(secrets[1], (SecretField::RefreshToken, Secret::new("5Aep861==")));
    }
}
