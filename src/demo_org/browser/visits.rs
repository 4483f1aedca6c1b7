//! Browsers and who is logged in with them: one cookie a door.
//!
//! Salesforce calls the cookie `sid` on each host. Here the hosts differ in their port alone, and browsers do not tell
//! ports apart in cookies, so the door is part of the name.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::SET_COOKIE;

use crate::demo_org::call::{Call, Door, Reply};
use crate::demo_org::clock::{Clock, Moment};
use crate::demo_org::sessions::random_text;
use crate::demo_org::world::World;

/// How long a browser stays logged in without being used, in milliseconds.
const IDLE_MILLIS: i64 = 12 * 3600 * 1000;

/// The browsers that have been here. No `Debug`: their cookies open doors.
pub(in crate::demo_org) struct Browsers {
    clock: Clock,
    known: Mutex<HashMap<String, Browser>>,
}

#[derive(Clone)]
struct Browser {
    door: Door,
    /// What every form of this browser has to send back.
    csrf: String,
    user_id: Option<String>,
    seen: Moment,
}

/// A browser at a door, for the length of a call.
pub(super) struct Visit {
    cookie: String,
    door: Door,
    is_new: bool,
    pub(super) csrf: String,
    pub(super) user_id: Option<String>,
}

impl Browsers {
    pub(in crate::demo_org) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), known: Mutex::default() }
    }

    /// Forgets the browsers of an org's doors.
    pub(in crate::demo_org) fn forget_org(&self, org: usize) {
        self.lock().retain(|_, browser| browser.door.org() != org);
    }

    /// The browser that makes a call; a new one if it shows no cookie of this door.
    pub(super) fn visit(&self, call: &Call) -> Visit {
        let now = self.clock.now();
        let mut known = self.lock();
        known.retain(|_, browser| browser.seen.0 + IDLE_MILLIS > now.0);
        let shown = call.cookie(&cookie_name(call.door)).and_then(|cookie| {
            let browser = known.get_mut(cookie).filter(|browser| browser.door == call.door)?;
            browser.seen = now;
            Some((cookie.to_owned(), browser.clone()))
        });
        let is_new = shown.is_none();
        let (cookie, browser) = shown.unwrap_or_else(|| {
            let browser = Browser { door: call.door, csrf: random_text(32), user_id: None, seen: now };
            let cookie = random_text(48);
            known.insert(cookie.clone(), browser.clone());
            (cookie, browser)
        });
        Visit { cookie, door: call.door, is_new, csrf: browser.csrf, user_id: browser.user_id }
    }

    /// Logs a user in with the browser, under a new cookie: who knew the old one knows nothing.
    pub(in crate::demo_org) fn log_in(
        &self,
        world: &World,
        door: Door,
        user_id: &str,
        reply: Reply,
    ) -> Reply {
        let browser = Browser {
            door,
            csrf: random_text(32),
            user_id: Some(user_id.to_owned()),
            seen: self.clock.now(),
        };
        let cookie = random_text(48);
        self.lock().insert(cookie.clone(), browser);
        with_cookie(world, door, &cookie, reply)
    }

    /// Forgets the browser of a visit.
    pub(super) fn forget(&self, visit: &Visit) {
        self.lock().remove(&visit.cookie);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Browser>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// Gives a new browser its cookie.
    pub(super) fn with(&self, world: &World, reply: Reply) -> Reply {
        if self.is_new { with_cookie(world, self.door, &self.cookie, reply) } else { reply }
    }

    /// Whether a form comes from one of our own pages in this browser.
    pub(super) fn sent(&self, form: &[(String, String)]) -> bool {
        form.iter().any(|(name, value)| name == "csrf" && *value == self.csrf)
    }
}

fn cookie_name(door: Door) -> String {
    format!("sid_{}", door.name())
}

fn with_cookie(world: &World, door: Door, cookie: &str, reply: Reply) -> Reply {
    let path = world.path(door, "/");
    reply.header(SET_COOKIE, format!("{}={cookie}; Path={path}; HttpOnly; SameSite=Lax", cookie_name(door)))
}
