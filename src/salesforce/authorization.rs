//! The `Authorization` header as people write it by hand, and as Salesforce wants it.
//!
//! Source: REST API Developer Guide, `Authorization: Bearer` and one blank before the access token.

/// Whether a header's name is nearly `Authorization`; upper and lower case do not matter.
pub fn is_misspelt_name(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let near = name.starts_with("auth") && (11..=16).contains(&name.len());
    let is_other = matches!(name.as_str(), "authorization" | "authentication-info");
    (near && !is_other)
        || matches!(name.as_str(), "auth" | "autorization" | "athorization" | "bearer" | "token")
}

/// Whether a value begins with a scheme that Salesforce knows.
pub fn has_scheme(value: &str) -> bool {
    let value = value.trim_start().to_ascii_lowercase();
    ["bearer", "oauth", "basic"].iter().any(|scheme| value.starts_with(scheme))
}

/// `Bearer Bearer x`.
pub fn is_bearer_doubled(value: &str) -> bool {
    value.to_ascii_lowercase().matches("bearer").count() > 1
}

/// `Bearer: x`, `Bearerx`, two blanks.
pub fn has_bad_spacing(value: &str) -> bool {
    let value = value.trim_start();
    value.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("bearer")) && {
        let rest = &value[6..];
        !rest.starts_with(' ')
            || rest.starts_with("  ")
            || rest.trim_end() != rest.trim_end_matches(['\n', '\r'])
    }
}

/// The value as it should be: exactly `Bearer`, one blank, and the token without blanks, quotes and line ends.
/// `None` where no token is in it. What names another scheme (`Basic`) stays as it is.
pub fn corrected(value: &str) -> Option<String> {
    const BEFORE: &[&str] = &["authorization", "bearer", "oauth"];
    let is_mark = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '<' | '>' | '`' | ':' | '=')
    };
    let mut rest = value.trim();
    if rest.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")) {
        return Some(rest.to_owned());
    }
    loop {
        rest = rest.trim_start_matches(is_mark);
        let word = BEFORE
            .iter()
            .find(|word| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
        match word {
            Some(word) => rest = &rest[word.len()..],
            None => break,
        }
    }
    let token: String = rest
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '<' | '>' | '`'))
        .collect();
    let nothing =
        ["", "null", "undefined", "none", "[objectobject]"].iter().any(|no| token.eq_ignore_ascii_case(no));
    (!nothing).then(|| format!("Bearer {token}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_corrected() {
        for written in [
            "Bearer 00Dxx!AQ.x",
            "bearer  00Dxx!AQ.x",
            "Bearer: 00Dxx!AQ.x",
            "Bearer00Dxx!AQ.x",
            "Bearer Bearer 00Dxx!AQ.x",
            "00Dxx!AQ.x",
            "\"Bearer 00Dxx!AQ.x\"",
            "Bearer <00Dxx!AQ.x>",
            "Bearer '00Dxx!\n  AQ.x'\n",
            "Authorization: Bearer 00Dxx!AQ.x",
            "OAuth 00Dxx!AQ.x",
        ] {
            assert_eq!(corrected(written).as_deref(), Some("Bearer 00Dxx!AQ.x"), "{written}");
        }
        for empty in ["", "Bearer", "Bearer ", "Bearer null", "bearer undefined", "Bearer \"\""] {
            assert_eq!(corrected(empty), None, "{empty}");
        }
        assert_eq!(corrected("Bearer {{token}}").as_deref(), Some("Bearer {{token}}"));
        assert_eq!(corrected(" Basic YTpi").as_deref(), Some("Basic YTpi"));
        assert_eq!(corrected("Bearer eyJhbGci.e30.c2ln==").as_deref(), Some("Bearer eyJhbGci.e30.c2ln=="));
    }

    #[test]
    fn near_names_are_known_and_others_left() {
        for near in ["Authorisation", "Authentication", "Autorization", "token", "Bearer", "Authorization:"] {
            assert!(is_misspelt_name(near), "{near}");
        }
        for other in ["Authorization", "authorization", "Accept", "Authentication-Info", "X-Auth-Token"] {
            assert!(!is_misspelt_name(other), "{other}");
        }
    }
}
