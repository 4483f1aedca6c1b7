//! The simulated Salesforce orgs behind `orgdeck demo`: a production org and its sandbox, on the loopback.
//! Imports nothing else of this crate.
//!
//! ```text
//! server ─▶ oauth, soap ─▶ sessions, orgs          (who may come in)
//!        ─▶ browser ─▶ oauth                       (what a person is asked)
//!        ─▶ rest ─▶ soql ─▶ store ◀─ seed          (the records)
//!        ─▶ controls                               (the clock, the calls used up, what is done in Setup)
//!        ─▶ errors, misbehave                      (any error; answers no client should choke on)
//! ```
//!
//! What is data stands in `assets/demo/`: `orgs.toml` (users and apps), `schema.toml` (sObjects and fields),
//! `names.toml` (what records are made of), `profiles.toml` (the config that `orgdeck demo` starts with), `errors.toml`
//! (errors on demand), `pages/` (what a browser sees), `keys/` (keys and certificates; they open nothing but these orgs).

mod browser;
mod call;
mod clock;
mod controls;
mod error;
mod errors;
mod html;
mod ids;
mod jwt;
mod keys;
mod misbehave;
mod oauth;
mod orgs;
mod profiles;
mod rest;
mod saml;
mod schema;
mod seed;
mod server;
mod sessions;
mod sight;
mod soap;
mod soql;
mod standing;
mod store;
#[cfg(test)]
mod tests;
mod tickets;
mod world;
mod xml;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use call::Door;
use world::World;

/// How the demo orgs are served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The first of four consecutive ports; without it any four that are free.
    pub port: Option<u16>,
    /// Waited before each answer, as if the orgs were far away.
    pub latency: Duration,
}

/// The running demo orgs; dropping it stops them.
pub struct Demo {
    world: Arc<World>,
    /// Tokens for the profiles that hold one.
    ready: profiles::Ready,
    _running: server::Running,
}

/// Binds the listeners and returns at once; the records are made on the server's own threads, and requests for
/// them wait until they are there.
///
/// # Errors
///
/// A port is taken, or the system gives no thread.
pub fn start(options: Options) -> std::io::Result<Demo> {
    let listeners = server::bind(options.port)?;
    let mut bases: [String; 4] = Default::default();
    for (base, listener) in bases.iter_mut().zip(&listeners) {
        *base = format!("http://{}", listener.local_addr()?);
    }
    let world = Arc::new(World::new(bases, options.latency));
    let ready = profiles::Ready::new(&world);
    let running = server::run(listeners, Arc::clone(&world))?;
    Ok(Demo { world, ready, _running: running })
}

/// Names and PEM texts of the private keys that the profiles of [`Demo::config_toml`] name. They open nothing but the
/// demo orgs.
pub fn key_files() -> &'static [(&'static str, &'static str)] {
    profiles::KEY_FILES
}

impl Demo {
    /// The generic production login host, without a slash at the end.
    pub fn login_url(&self) -> &str {
        self.world.base(Door::Login)
    }

    /// The generic sandbox login host.
    pub fn test_url(&self) -> &str {
        self.world.base(Door::Test)
    }

    /// My Domain and instance URL of the production org.
    pub fn production_url(&self) -> &str {
        self.world.base(Door::Production)
    }

    /// My Domain and instance URL of the sandbox.
    pub fn sandbox_url(&self) -> &str {
        self.world.base(Door::Sandbox)
    }

    /// The Experience Cloud site of the production org, below a path of its My Domain.
    pub fn site_url(&self) -> &str {
        self.world.base(Door::Site)
    }

    /// Addresses, users, apps and their credentials, for scripts: what `orgdeck demo --serve` prints.
    pub fn summary(&self) -> Value {
        profiles::summary(&self.world, &self.ready)
    }

    /// A `config.toml` with profiles that work and, after them, profiles named after their trouble. The files of
    /// [`key_files`] are taken to stand in the folder `keys`, an absolute path.
    pub fn config_toml(&self, keys: &Path) -> String {
        profiles::config_toml(&self.world, &self.ready, keys)
    }

    /// Puts the clock of the orgs forward: sessions, codes and tokens of theirs expire.
    pub fn advance_clock(&self, by: Duration) {
        self.world.clock.advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Makes the sandbox anew, as a refresh does: same My Domain, no session, another org id, which is returned.
    pub fn refresh_sandbox(&self) -> String {
        let org = Door::Sandbox.org();
        // The records are the program's own; only they could fail, and a test makes them.
        self.world.refresh(org).unwrap_or_else(|_| self.world.orgs[org].id())
    }
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").field("login_url", &self.login_url()).finish_non_exhaustive()
    }
}
