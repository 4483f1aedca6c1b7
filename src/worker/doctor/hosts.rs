//! The hosts of the profiles: which there are, and two questions to each that anybody may ask. Neither has a token, a
//! consumer key or a cookie in it.

use super::answers::{self, Answer, Silence};
use crate::{
    config::{Flow, Profile, host_and_port},
    http::{
        Outgoing, Phase, Proxy, Purpose, Reply, RequestBody, RequestSpec, Route, Timings, Transport,
        TransportFailure, Unobserved,
    },
    jobs::{Finding, Mend, State},
    salesforce::{discovery, rest},
    worker::keep::Keep,
};
use http::{HeaderMap, HeaderValue, Method, header};
use std::{
    convert::Infallible,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long one question may take in all, from the name to the answer.
const WITHIN: Duration = Duration::from_secs(5);

/// A host, by one way there.
pub(super) struct Host {
    /// Host, port and a site's path; where two ways lead there, also whose.
    pub(super) name: String,
    url: Url,
    proxy: Option<Url>,
    ca_file: Option<PathBuf>,
    /// It gives tokens to these.
    logs_in: Vec<Arc<Profile>>,
    /// It answers requests of these.
    serves: Vec<Arc<Profile>>,
    /// Whose API version is held against its own.
    pins: Vec<Arc<Profile>>,
}

/// The distinct hosts: where tokens come from, and the instances that are known from the configuration or from before.
pub(super) async fn of(profiles: &[Arc<Profile>], keep: &Keep) -> Vec<Host> {
    let mut hosts = Vec::new();
    for profile in profiles {
        let login = profile.login_url.clone().filter(|_| profile.flow != Flow::AccessToken);
        let known = keep.known(profile).await.org.map(|facts| facts.instance_url);
        let mut instances: Vec<Url> = profile.instance_url.clone().into_iter().chain(known).collect();
        instances.dedup();
        if let Some(url) = login {
            let host = note(&mut hosts, url, profile);
            host.logs_in.push(profile.clone());
            // Where the org itself can be asked, its login host has no say in versions.
            host.pins.extend(instances.is_empty().then(|| profile.clone()));
        }
        for url in instances {
            let host = note(&mut hosts, url, profile);
            host.serves.push(profile.clone());
            host.pins.push(profile.clone());
        }
    }
    tell_apart(&mut hosts);
    hosts
}

/// The host in the list; put there if it is new.
fn note<'a>(hosts: &'a mut Vec<Host>, url: Url, profile: &Profile) -> &'a mut Host {
    let is_it =
        |host: &Host| (&host.url, &host.proxy, &host.ca_file) == (&url, &profile.proxy, &profile.ca_file);
    let at = hosts.iter().position(is_it).unwrap_or_else(|| {
        let name = format!("{}{}", host_and_port(&url), url.path().trim_end_matches('/'));
        let (proxy, ca_file) = (profile.proxy.clone(), profile.ca_file.clone());
        hosts.push(Host {
            name,
            url,
            proxy,
            ca_file,
            logs_in: Vec::new(),
            serves: Vec::new(),
            pins: Vec::new(),
        });
        hosts.len() - 1
    });
    &mut hosts[at]
}

/// Two ways to one host have different names.
fn tell_apart(hosts: &mut [Host]) {
    let names: Vec<String> = hosts.iter().map(|host| host.name.clone()).collect();
    for host in hosts {
        let whose = host.logs_in.iter().chain(&host.serves).next();
        if let (true, Some(profile)) = (names.iter().filter(|name| **name == host.name).count() > 1, whose) {
            host.name = format!("{} by the way of {}", host.name, profile.id);
        }
    }
}

impl Host {
    /// What is found of it, as far as it answers.
    pub(super) async fn examine<T: Transport>(&self, transport: &T) -> Vec<Finding> {
        let is_login = !self.logs_in.is_empty();
        let mut findings =
            vec![self.whose(), Finding::ok("proxy", Proxy::of(&self.url, &self.route()).to_string())];
        let first = if is_login { discovery::url(&self.url) } else { rest::versions_url(&self.url) };
        let answer = match self.ask(transport, first).await {
            Ok(answer) => answer,
            Err(silence) => {
                findings.push(self.mended(answers::silent(&silence, &self.url)));
                return findings;
            }
        };
        findings.push(answers::connected(&answer.timings));
        findings.extend(answers::clock(answer.ahead));
        if !is_login {
            findings.extend(answers::api(&answer, &self.url, true, &self.pins));
            return findings;
        }
        findings.push(self.mended(answers::login(&answer, &self.url)));
        // The API of a site's org is on its My Domain.
        if self.url.path() != "/" {
            return findings;
        }
        match self.ask(transport, rest::versions_url(&self.url)).await {
            Ok(answer) => {
                findings.extend(answers::api(&answer, &self.url, !self.serves.is_empty(), &self.pins));
            }
            Err(silence) => {
                findings.push(Finding { about: "API".into(), ..answers::silent(&silence, &self.url) })
            }
        }
        findings
    }

    fn whose(&self) -> Finding {
        let seen = match (self.logs_in.as_slice(), self.serves.as_slice()) {
            (logs_in, []) => format!("gives tokens to {}", names(logs_in)),
            ([], serves) => format!("takes the requests of {}", names(serves)),
            (logs_in, serves) if ids(logs_in).eq(ids(serves)) => {
                format!("gives tokens to {} and takes their requests", names(logs_in))
            }
            (logs_in, serves) => {
                format!("gives tokens to {}; takes the requests of {}", names(logs_in), names(serves))
            }
        };
        Finding::ok("used by", seen)
    }

    /// A wrong address is mended in the profile that has it.
    fn mended(&self, found: Finding) -> Finding {
        use crate::config::ProfileField as F;
        let (profile, field) = match (self.logs_in.first(), self.serves.first()) {
            (Some(profile), _) => (profile, F::LoginUrl),
            (None, Some(profile)) if profile.instance_url.is_some() => (profile, F::InstanceUrl),
            _ => return found,
        };
        match found.state {
            State::Ok => found,
            _ => found.mend(Mend::Field(profile.id.clone(), field)),
        }
    }

    fn route(&self) -> Route {
        // Longer than anybody waits: the probe's own deadline says what is too long.
        Route { proxy: self.proxy.clone(), ca_file: self.ca_file.clone(), timeout: Some(WITHIN * 2) }
    }

    /// Asks without saying who asks.
    async fn ask<T: Transport>(&self, transport: &T, url: Url) -> Result<Answer, Silence> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let spec = RequestSpec { method: Method::GET, url: url.clone(), headers, body: RequestBody::Empty };
        let outgoing = Outgoing { spec, purpose: Purpose::Metadata, route: self.route(), known: Vec::new() };
        // Stopped, not dropped: the transport then still says how far it came.
        let stop = CancellationToken::new();
        let sending = transport.send(outgoing, &Unobserved, stop.clone());
        let deadline = async {
            tokio::time::sleep(WITHIN).await;
            stop.cancel();
            std::future::pending::<Infallible>().await
        };
        let sent = tokio::select! {
            sent = sending => sent,
            never = deadline => match never {},
        };
        match sent.reply {
            Ok(reply) => Ok(Answer { timings: sent.timings, ..read(&reply, &url) }),
            Err(TransportFailure { cancelled: true, phase, .. }) => Err(late(phase, &url)),
            Err(TransportFailure { phase, message, .. }) => Err(Silence { phase, why: message }),
        }
    }
}

fn ids(profiles: &[Arc<Profile>]) -> impl Iterator<Item = &str> {
    profiles.iter().map(|profile| profile.id.as_str())
}

/// The first few; who has dozens on one host knows which.
fn names(profiles: &[Arc<Profile>]) -> String {
    const SHOWN: usize = 4;
    let more = match profiles.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    ids(profiles).take(SHOWN).collect::<Vec<_>>().join(", ") + &more
}

fn late(phase: Phase, url: &Url) -> Silence {
    Silence { phase, why: answers::too_late(phase, url, WITHIN) }
}

fn read(reply: &Reply, asked: &Url) -> Answer {
    let text = |name| reply.headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let target = text(header::LOCATION).and_then(|to| asked.join(to).ok());
    let target = target.filter(|_| reply.status.is_redirection() && reply.note.is_some());
    Answer {
        status: reply.status.as_u16(),
        is_html: kind.to_ascii_lowercase().starts_with("text/html"),
        body: reply.body.bytes().clone(),
        elsewhere: target.map(|url| host_and_port(&url)),
        ahead: text(header::DATE).and_then(|date| httpdate::parse_http_date(date).ok()).map(ahead),
        timings: Timings::default(),
    }
}

/// How far a clock is before ours, in seconds.
fn ahead(date: SystemTime) -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match date.duration_since(SystemTime::now()) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}
