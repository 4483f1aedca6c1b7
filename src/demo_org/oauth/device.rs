//! Device: the app shows a short code, a person types it into a browser somewhere else, the app asks until that is done.
//! The person's side is in `browser`.
//!
//! Source: Salesforce Help, OAuth 2.0 Device Flow; sfdx-core and Force CLI (names and intervals). Descriptions of the
//! errors are unconfirmed.

use serde_json::{Map, Value, json};

use super::{Asked, Granted, Refusal, scopes};
use crate::demo_org::clock::{Clock, Moment};
use crate::demo_org::sessions::{random_of, random_text};
use crate::demo_org::tickets::{Found, Tickets};

/// How long a code is good, in seconds.
const LIFETIME: i64 = 600;

/// Seconds between two questions, if the app says nothing else; a device that asks too soon gets as many more.
const INTERVAL: i64 = 5;

/// Letters of a user code: none that looks like another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The devices that wait.
pub(in crate::demo_org) struct Devices {
    /// By device code.
    waiting: Tickets<Device>,
    /// Device codes by user code.
    user_codes: Tickets<String>,
}

/// A device that waits.
#[derive(Clone)]
pub(in crate::demo_org) struct Device {
    pub(in crate::demo_org) org: usize,
    pub(in crate::demo_org) consumer_key: String,
    pub(in crate::demo_org) scopes: Vec<String>,
    outcome: Option<Outcome>,
    interval: i64,
    asked: Option<Moment>,
}

/// What a person said.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo_org) enum Outcome {
    /// Allowed, by this user.
    Allowed(String),
    Denied,
}

impl Devices {
    pub(super) fn new(clock: &Clock) -> Self {
        Self { waiting: Tickets::new(clock, LIFETIME), user_codes: Tickets::new(clock, LIFETIME) }
    }

    pub(super) fn forget_org(&self, org: usize) {
        self.waiting.drop_if(|device| device.org == org);
    }

    /// The waiting device whose code a person typed, in any case and with any hyphens.
    pub(in crate::demo_org) fn typed(&self, user_code: &str) -> Option<Device> {
        let Found::Good(code) = self.user_codes.look(&plain(user_code)) else { return None };
        match self.waiting.look(&code) {
            Found::Good(device) => Some(device).filter(|device| device.outcome.is_none()),
            _ => None,
        }
    }

    /// Tells a device what the person said; `false` if it no longer waits.
    pub(in crate::demo_org) fn settle(&self, user_code: &str, outcome: Outcome) -> bool {
        let Found::Good(code) = self.user_codes.take(&plain(user_code)) else { return false };
        self.waiting.change(&code, |device| device.outcome = Some(outcome)).is_some()
    }
}

fn plain(user_code: &str) -> String {
    user_code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// The first call: codes for the device and for the person.
pub(super) fn begin(asked: &Asked<'_>) -> Result<Map<String, Value>, Refusal> {
    let app = asked.known(asked.param("client_id").unwrap_or_default())?;
    if !app.allows("device") {
        return Err(Refusal::new("oauth_flow_disabled", "device flow is not enabled"));
    }
    let scopes = scopes::granted(app, asked.param("scope"))?;
    let interval = app.device_interval.unwrap_or(INTERVAL);
    let (device_code, user_code) = (random_text(64), random_of(LETTERS, 8));
    let devices = &asked.world.authorizations.devices;
    devices.user_codes.put(user_code.clone(), device_code.clone());
    devices.waiting.put(
        device_code.clone(),
        Device {
            org: asked.call.door.org(),
            consumer_key: app.consumer_key.clone(),
            scopes,
            outcome: None,
            interval,
            asked: None,
        },
    );
    let verification_uri = format!("{}/setup/connect", asked.base());
    Ok([
        ("device_code", json!(device_code)),
        ("user_code", json!(user_code)),
        ("verification_uri", json!(verification_uri)),
        ("interval", json!(interval)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect())
}

/// The later calls.
pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let app = asked.client(|app| app.secret_for_web_server)?;
    let code = asked.required("code", "missing required parameter: code")?;
    let waiting = &asked.world.authorizations.devices.waiting;
    let now = asked.world.clock.now();
    let polled = waiting.change(code, |device| {
        let soonest = device.asked.map(|last| last.0 + device.interval * 1000);
        let is_early = soonest.is_some_and(|soonest| now.0 < soonest);
        device.asked = Some(now);
        device.interval += if is_early { INTERVAL } else { 0 };
        (device.clone(), is_early)
    });
    let Some((device, is_early)) = polled else {
        return Err(Refusal::grant(match waiting.look(code) {
            Found::Unknown => "invalid authorization code",
            _ => "expired authorization code",
        }));
    };
    if device.org != asked.call.door.org() || device.consumer_key != app.consumer_key {
        return Err(Refusal::grant("invalid authorization code"));
    }
    let user_id = match device.outcome {
        None if is_early => return Err(Refusal::new("slow_down", "polling too frequently")),
        None => return Err(Refusal::new("authorization_pending", "end-user authorization is pending")),
        Some(Outcome::Denied) => return Err(Refusal::new("access_denied", "end-user denied authorization")),
        Some(Outcome::Allowed(user_id)) => user_id,
    };
    waiting.take(code);
    let user = asked.org().user_of_id(&user_id).ok_or(Refusal::authentication_failure())?;
    asked.admit(user, &user_id, app)?;
    Ok(Granted::by_person(user_id, app, device.scopes, None))
}
