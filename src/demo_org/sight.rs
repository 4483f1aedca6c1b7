//! What a user may see and change, through which API.
//!
//! May know user profiles and the schema. May not know HTTP, SOQL or records.

use super::orgs::{OrgSpec, ProfileSpec};
use super::schema::{Api, Object, SCHEMA};

/// What is in sight.
#[derive(Clone)]
pub(super) struct Sight {
    /// None for the org itself, which sees everything.
    profile: Option<ProfileSpec>,
    /// Which API is asked, if it is one: the Tooling API has objects of its own.
    api: Option<Api>,
}

impl Sight {
    /// Of a user, through the Data API.
    pub(super) fn of(spec: &OrgSpec, user_id: &str) -> Self {
        let profile = spec.user_of_id(user_id).and_then(|user| spec.profile(user)).cloned();
        Self { profile, api: Some(Api::Data) }
    }

    /// Of the org itself.
    pub(super) fn whole() -> Self {
        Self { profile: None, api: None }
    }

    /// The same user, through another API.
    pub(super) fn through(&self, api: Api) -> Self {
        Self { api: Some(api), ..self.clone() }
    }

    /// Whether the user may read records of the object.
    pub(super) fn reads(&self, object: &Object) -> bool {
        self.profile.as_ref().is_none_or(|profile| {
            let is_hidden = profile.hides.contains(&object.name);
            !is_hidden && (profile.manages_users || !object.manages_users)
        })
    }

    /// Whether the API has the object, for this user.
    pub(super) fn has(&self, object: &Object) -> bool {
        let is_there = self.api.is_none_or(|api| object.api == api || object.api == Api::Both);
        is_there && self.reads(object)
    }

    /// Whether the user may change records.
    pub(super) fn writes(&self) -> bool {
        self.profile.as_ref().is_none_or(|profile| profile.writes)
    }

    /// Whether the user may activate, freeze and unlock others.
    pub(super) fn manages_users(&self) -> bool {
        self.profile.as_ref().is_none_or(|profile| profile.manages_users)
    }

    /// The object of that API name, if it is in sight.
    pub(super) fn object(&self, name: &str) -> Option<&'static Object> {
        SCHEMA.object(name).filter(|object| self.has(object))
    }

    /// Every object in sight.
    pub(super) fn objects(&self) -> impl Iterator<Item = &'static Object> {
        SCHEMA.objects.iter().filter(|object| self.has(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_sees_what_the_profile_permits_and_the_api_has() {
        let spec = &OrgSpec::all()[0];
        let of = |name: &str| Sight::of(spec, &spec.user(name).unwrap().1);
        let (ada, reader) = (of("ada@nordlicht.example"), of("reader@nordlicht.example"));
        assert!(ada.object("LoginHistory").is_some() && reader.object("LoginHistory").is_none());
        assert!(ada.object("invoice__c").is_some() && reader.object("invoice__c").is_none());
        assert!(reader.object("Account").is_some() && !reader.writes() && ada.writes());
        assert!(ada.object("ValidationRule").is_none());
        let tooling = ada.through(Api::Tooling);
        assert!(tooling.object("ValidationRule").is_some() && tooling.object("Account").is_none());
        assert!(tooling.object("ApexClass").is_some() && ada.object("ApexClass").is_some());
        assert!(Sight::whole().object("ValidationRule").is_some());
    }
}
