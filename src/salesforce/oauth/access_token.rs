//! A token that a person pasted, or that a command prints: no request at all.

use super::{Credentials, TokenError};
use crate::{
    config::{ApiVersion, Profile, SecretField},
    http::redact,
    salesforce::{Lifetime, OrgId, Session, SignatureCheck, TokenField},
    secrets::Secret,
};
use std::time::{Duration, SystemTime};

/// The session that the token is, cleaned of what comes along when one copies it.
pub fn session(
    profile: &Profile,
    secrets: &Credentials,
    version: ApiVersion,
    now: SystemTime,
) -> Result<Session, TokenError> {
    let (token, removed) = clean(secrets.need(SecretField::AccessToken)?);
    if token.is_empty() {
        return Err(TokenError::Missing("access_token"));
    }
    let instance_url = super::needed(profile.instance_url.clone(), "instance_url")?;
    super::check_instance(&instance_url)?;
    let field = |name: &str, value: String, meaning| TokenField { name: name.to_owned(), value, meaning };
    let mut fields = vec![
        field("access_token", redact::masked(&token), "bearer token, as pasted"),
        field("instance_url", super::shown(&instance_url), "base URL for every API call"),
    ];
    if !removed.is_empty() {
        fields.push(field(
            "cleaned",
            removed.join(", "),
            "what was pasted along with the token and taken off",
        ));
    }
    Ok(Session {
        profile: profile.id.clone(),
        org_id: super::response::org_in_token(&token).map(|id| OrgId(id.to_owned())),
        user_id: None,
        lifetime: super::response::jwt_end(&token).map_or(super::POLICY, Lifetime::Until),
        access_token: token,
        refresh_token: None,
        instance_url,
        api_version: version,
        issued_at: now,
        signature: SignatureCheck::NotCheckable("a pasted token comes without a signature"),
        fields,
    })
}

/// How long a session lives idle where no policy says otherwise.
///
/// Source: `reference/oauth.md` §10, Session timeout: two hours is the default.
pub(super) const DEFAULT_IDLE: Duration = Duration::from_secs(2 * 60 * 60);

/// Takes off line ends, blanks, quotes and a leading `Bearer`, and says which of them were there.
fn clean(pasted: &Secret) -> (Secret, Vec<&'static str>) {
    let mut removed = Vec::new();
    let mut text = pasted.expose().trim();
    if text.len() != pasted.expose().len() {
        removed.push("blanks or line ends around it");
    }
    let unquoted = text.trim_matches(['"', '\'', '`', '“', '”', '‘', '’']).trim();
    if unquoted.len() != text.len() {
        removed.push("quotes");
        text = unquoted;
    }
    let scheme = text.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer "));
    if scheme.is_some() {
        removed.push("a leading Bearer");
        text = text[7..].trim();
    }
    let unwanted = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}');
    if text.contains(unwanted) {
        removed.push("blanks or line ends inside it");
    }
    (Secret::new(text.replace(unwanted, "")), removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_comes_along_is_taken_off(
            token in "[A-Za-z0-9]{15}![A-Za-z0-9._]{20,60}",
            cut in 0..15usize,
            around in "[ \r\n\t]{0,3}",
            quote in "[\"']?",
            bearer in "(Bearer |bearer  )?",
        ) {
            let broken = format!("{}\n{}", &token[..cut], &token[cut..]);
            let (cleaned, removed) = clean(&Secret::new(format!("{around}{quote}{bearer}{broken}{quote}{around}")));
            prop_assert_eq!(cleaned.expose(), token.as_str());
            prop_assert!(!removed.is_empty());
        }

        #[test]
        fn a_clean_token_stays_as_it_is(token in "[A-Za-z0-9]{15}![A-Za-z0-9._]{20,60}") {
            let (cleaned, removed) = clean(&Secret::new(token.clone()));
            prop_assert_eq!(cleaned.expose(), token.as_str());
            prop_assert!(removed.is_empty());
        }
    }
}
