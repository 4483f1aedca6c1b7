//! Everything that the four listeners share: the orgs, their records, the sessions, the addresses.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::browser::Browsers;
use super::call::{Bearer, Call, Door};
use super::clock::{Clock, Moment};
use super::error::Fault;
use super::errors::Stumbles;
use super::ids;
use super::oauth::Authorizations;
use super::orgs::{AppSpec, OrgSpec};
use super::seed;
use super::sessions::{Session, Sessions};
use super::soql::Plan;
use super::standing::{Standing, Standings};
use super::store::Store;

/// Calls a day, as in a Developer Edition.
pub(super) const DAILY_CALLS: u64 = 15_000;

/// The whole simulated world.
pub(super) struct World {
    pub(super) orgs: Vec<Org>,
    pub(super) clock: Clock,
    pub(super) sessions: Sessions,
    pub(super) authorizations: Authorizations,
    pub(super) browsers: Browsers,
    pub(super) stumbles: Stumbles,
    /// `http://127.0.0.1:PORT` of each door.
    bases: [String; 5],
    /// Waited before each answer.
    pub(super) latency: Duration,
}

/// One org.
pub(super) struct Org {
    pub(super) spec: OrgSpec,
    /// How often it was made anew; a sandbox gets another org id each time.
    refreshed: AtomicU64,
    data: OnceLock<Mutex<OrgData>>,
    pub(super) standings: Standings,
    calls: AtomicU64,
    /// Logins not yet written to `LoginHistory`: a token must not wait for the records.
    logins: Mutex<Vec<Login>>,
    /// When an app that was created just now was first asked for, by consumer key.
    first_asked: Mutex<HashMap<String, Moment>>,
}

/// What changes in an org.
pub(super) struct OrgData {
    pub(super) store: Store,
    pub(super) cursors: Cursors,
    /// How users stand, as the records tell it.
    told: HashMap<String, Standing>,
}

/// A row for `LoginHistory`.
pub(super) struct Login {
    pub(super) user_id: String,
    pub(super) status: &'static str,
    pub(super) kind: &'static str,
    pub(super) application: String,
    pub(super) url: String,
    pub(super) at: Moment,
}

/// Open queries with more pages.
#[derive(Default)]
pub(super) struct Cursors {
    pub(super) made: u64,
    pub(super) open: VecDeque<Cursor>,
}

/// A query with more pages.
pub(super) struct Cursor {
    /// `01g…`
    pub(super) locator: String,
    pub(super) user_id: String,
    pub(super) plan: Plan,
    pub(super) total: u64,
    pub(super) size: u64,
}

impl World {
    /// The addresses are those of [`Door::LISTENERS`].
    pub(super) fn new(bases: [String; 4], latency: Duration) -> Self {
        let clock = Clock::default();
        let orgs: Vec<Org> = OrgSpec::all().into_iter().map(|spec| Org::new(spec, &clock)).collect();
        let [login, test, production, sandbox] = bases;
        let path = orgs[0].spec.site.as_ref().map_or("", |site| site.path.as_str());
        let site = format!("{production}/{path}");
        Self {
            orgs,
            sessions: Sessions::new(&clock),
            authorizations: Authorizations::new(&clock),
            browsers: Browsers::new(&clock),
            stumbles: Stumbles::default(),
            clock,
            bases: [login, test, production, sandbox, site],
            latency,
        }
    }

    /// A call to the site comes to the My Domain, below the site's path.
    pub(super) fn entered(&self, mut call: Call) -> Call {
        let site = self.org(call.door).spec.site.as_ref();
        if call.door == Door::Production && call.path.first() == site.map(|site| &site.path) {
            call.path.remove(0);
            call.door = Door::Site;
        }
        call
    }

    /// A path on a door as a browser at that door is sent to it.
    pub(super) fn path(&self, door: Door, path: &str) -> String {
        match self.org(door).spec.site.as_ref().filter(|_| door == Door::Site) {
            Some(site) => format!("/{}{path}", site.path),
            None => path.to_owned(),
        }
    }

    /// Makes an org anew, as refreshing a sandbox does: another org id, the records it began with, and none of
    /// the tokens given out before. Its apps stay, those too that a refresh would drop, so that profiles go on.
    pub(super) fn refresh(&self, org: usize) -> Result<String, Fault> {
        let refreshed = &self.orgs[org];
        let mut data = refreshed.data()?;
        refreshed.refreshed.fetch_add(1, Ordering::Relaxed);
        *data = refreshed.seeded();
        self.sessions.end_if(|owner| owner.org == org);
        self.authorizations.forget_org(org);
        self.browsers.forget_org(org);
        Ok(refreshed.id())
    }

    /// The address of a door, without a slash at the end.
    pub(super) fn base(&self, door: Door) -> &str {
        &self.bases[door as usize]
    }

    /// The org behind a door.
    pub(super) fn org(&self, door: Door) -> &Org {
        &self.orgs[door.org()]
    }

    /// The session that a data call may use.
    ///
    /// Source: REST API Developer Guide, status codes; sfdx-core (`URL_NOT_RESET`); salesforcedx-vscode, issue 2387 (a
    /// user without the permission API Enabled hears of the org).
    pub(super) fn session(&self, call: &Call) -> Result<Session, Fault> {
        if call.door.is_generic() {
            let message = "Destination URL not reset. The URL returned from login must be set";
            return Err(Fault::bad("URL_NOT_RESET", message));
        }
        let token = match call.bearer() {
            Bearer::Token(token) => token,
            Bearer::Missing => return Err(Fault::dead_session()),
            Bearer::Malformed => {
                let status = http::StatusCode::UNAUTHORIZED;
                return Err(Fault::new(status, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"));
            }
        };
        let session = self.sessions.get(token).ok_or_else(Fault::dead_session)?;
        if session.of.org != call.door.org() {
            return Err(Fault::dead_session());
        }
        if !session.of.has_scope(&["api", "full"]) {
            let status = http::StatusCode::UNAUTHORIZED;
            let message = "This session is not valid for use with the REST API";
            return Err(Fault::new(status, "INVALID_SESSION_ID", message));
        }
        let Some(user) = self.orgs[session.of.org].spec.user_of_id(&session.of.user_id) else {
            return Ok(session);
        };
        let forbidden = |code, message| Fault::new(http::StatusCode::FORBIDDEN, code, message);
        if !user.api_enabled {
            let message = "The REST API is not enabled for this Organization.";
            return Err(forbidden("API_DISABLED_FOR_ORG", message));
        }
        if user.password_expired {
            let message = "The users password has expired, you must call SetPassword before attempting any other API operations";
            return Err(forbidden("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", message));
        }
        Ok(session)
    }
}

impl Org {
    fn new(spec: OrgSpec, clock: &Clock) -> Self {
        Self {
            standings: Standings::new(&spec, clock),
            spec,
            refreshed: AtomicU64::new(0),
            data: OnceLock::new(),
            calls: AtomicU64::new(0),
            logins: Mutex::default(),
            first_asked: Mutex::default(),
        }
    }

    /// The org id: the file's, with another number in its middle each time the org was made anew.
    pub(super) fn id(&self) -> String {
        let first = &self.spec.id;
        match self.refreshed.load(Ordering::Relaxed) {
            0 => first.clone(),
            times => {
                let number = first[5..11].parse::<u64>().unwrap_or(0) + times;
                let other = format!("{}{number:06}{}", &first[..5], &first[11..15]);
                ids::canonical(&other).unwrap_or(other)
            }
        }
    }

    fn seeded(&self) -> OrgData {
        let spec = OrgSpec { id: self.id(), ..self.spec.clone() };
        let store = seed::store(&spec).expect("the seed is the program's own data, made by a test too");
        OrgData { store, cursors: Cursors::default(), told: HashMap::new() }
    }

    /// The records; made on the first use, others wait meanwhile.
    pub(super) fn data(&self) -> Result<MutexGuard<'_, OrgData>, Fault> {
        let made = self.data.get_or_init(|| Mutex::new(self.seeded()));
        let mut data = made.lock().unwrap_or_else(PoisonError::into_inner);
        let logins = std::mem::take(&mut *self.logins.lock().unwrap_or_else(PoisonError::into_inner));
        for login in logins {
            seed::add_login(&mut data.store, &login)?;
        }
        let standings = self.standings.all();
        let changed: Vec<_> =
            standings.into_iter().filter(|(id, now)| data.told.get(id) != Some(now)).collect();
        seed::tell_standings(&data.store, &changed)?;
        data.told.extend(changed);
        Ok(data)
    }

    /// Whether an app is known everywhere by now; one that was created just now is not for some minutes.
    pub(super) fn has_settled(&self, app: &AppSpec, now: Moment) -> bool {
        let Some(minutes) = app.settles_after_minutes else { return true };
        let mut all = self.first_asked.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *all.entry(app.consumer_key.clone()).or_insert(now);
        first.0 + minutes * 60_000 <= now.0
    }

    /// Notes a login for `LoginHistory`.
    pub(super) fn record(&self, login: Login) {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner).push(login);
    }

    /// Counts one API call and says how many there were today, this one included; `None` if there are none left.
    pub(super) fn count_call(&self) -> Option<u64> {
        let more = |used| (used < DAILY_CALLS).then_some(used + 1);
        self.calls.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|before| before + 1)
    }

    /// Says that so many API calls were made.
    pub(super) fn set_calls(&self, used: u64) {
        self.calls.store(used.min(DAILY_CALLS), Ordering::Relaxed);
    }

    /// API calls so far.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}
