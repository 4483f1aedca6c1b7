//! What the assertion flows share: for whom an app may vouch, and to whom it must address what it signs.
//!
//! Source: Salesforce Help, OAuth 2.0 JWT Bearer Flow and SAML Bearer Assertion Flow.

use super::{Asked, Refusal, scopes};
use crate::demo_org::call::Door;
use crate::demo_org::orgs::AppSpec;

/// The audiences that an org takes: the generic login host by its name in the world and by its address here, and
/// its My Domain. A site takes itself alone.
///
/// Source: Salesforce Help, OAuth 2.0 JWT Bearer Flow; the My Domain by what sfdx-core tries.
pub(super) fn audiences(asked: &Asked<'_>) -> Vec<String> {
    let (door, org) = (asked.call.door, asked.call.door.org());
    if door == Door::Site {
        return vec![asked.base().to_owned()];
    }
    let generic =
        if asked.org().sandbox { "https://test.salesforce.com" } else { "https://login.salesforce.com" };
    let own = [Door::generic_of(org), Door::instance_of(org)].map(|door| asked.world.base(door).to_owned());
    std::iter::once(generic.to_owned()).chain(own).collect()
}

/// Lets the user in for whom somebody vouches: approved by an administrator, or by the user's own earlier permission
/// to come back at any time. A username that the org does not have gets the same words.
pub(super) fn admit(
    asked: &Asked<'_>,
    app: &AppSpec,
    username: &str,
) -> Result<(String, Vec<String>), Refusal> {
    let unknown = Refusal::grant("user hasn't approved this consumer");
    let is_site = asked.call.door == Door::Site;
    let user = asked.org().user(username).filter(|(user, _)| user.site_member == is_site);
    let (user, user_id) = user.ok_or(unknown.clone())?;
    let returns =
        || asked.world.authorizations.may_return(asked.call.door.org(), &user_id, &app.consumer_key);
    if !app.pre_authorizes(user) && (app.admin_approved_only || !returns()) {
        let refusal = if app.admin_approved_only {
            Refusal::new("invalid_app_access", "user is not admin approved to access this app")
        } else {
            unknown
        };
        return asked.fail(&user_id, app, "Failed: Not approved for access", refusal);
    }
    let scopes = scopes::granted(app, asked.param("scope"))?;
    if scopes.iter().all(|scope| scopes::is_refresh(scope)) {
        return Err(Refusal::grant("no valid scopes defined"));
    }
    asked.admit(user, &user_id, app)?;
    Ok((user_id, scopes))
}
