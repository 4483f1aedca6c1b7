//! A profile and a session to test with.

use super::*;
use crate::{
    config::{ApiVersion, Environment, Flow, Profile, ProfileId, VersionChoice},
    secrets::{Secret, SecretRef},
};
use std::time::{Duration, UNIX_EPOCH};

pub(crate) fn profile(flow: Flow) -> Profile {
    Profile {
        id: ProfileId::new("acme"),
        environment: Environment::Production,
        login_url: Some("https://login.salesforce.com/".parse().unwrap()),
        flow,
        consumer_key: Some("3MVG9key".into()),
        consumer_secret: Some(SecretRef::Ask),
        username: Some("ada@acme.com".into()),
        password: Some(SecretRef::Ask),
        security_token: None,
        access_token: None,
        instance_url: None,
        refresh_token: None,
        subject_token: None,
        subject_token_type: None,
        actor_token: None,
        token_handler: None,
        redirect_uri: None,
        scopes: Vec::new(),
        api_version: VersionChoice::Latest,
        pkce: true,
        prompt: None,
        private_window: false,
        jwt: Default::default(),
        soap_api_version: None,
        client_auth: Default::default(),
        trusted_ip: false,
        security_token_in_password: false,
        expected_org_id: None,
        read_only: false,
        colour: None,
        history: None,
        remember_tokens: false,
        headers: Vec::new(),
        variables: Vec::new(),
        timeout: None,
        ca_file: None,
        proxy: None,
    }
}

pub(crate) fn session(instance: &str) -> Session {
    Session {
        profile: ProfileId::new("acme"),
        access_token: Secret::new("00D58000000arpq!AQ.session"),
        refresh_token: None,
        instance_url: instance.parse().unwrap(),
        org_id: None,
        user_id: None,
        org: OrgReading::NotAsked,
        login_url: None,
        api_version: ApiVersion(66),
        issued_at: UNIX_EPOCH,
        signature: SignatureCheck::NotCheckable("a test"),
        lifetime: Lifetime::Policy(Duration::from_secs(7200)),
        fields: Vec::new(),
    }
}
