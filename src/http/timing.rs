//! Where the time of an exchange goes, and how far it got.
//!
//! The HTTP client tells neither. So the parts of a connection that are ours to give it (the resolver, a layer
//! around its connector, the store it asks for TLS sessions) note the time in a task-local recorder.
//! A connection that is finished in the background, for a request that took another one, has no recorder, and
//! that is right.

use super::{Connection, Phase, Timings};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{
    NamedGroup,
    client::{
        ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
    },
    pki_types::ServerName,
};
use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tower::{Layer, Service};

tokio::task_local! {
    static RECORDER: Recorder;
}

/// Notes when each part of a connection began and ended.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Marks>>);

#[derive(Clone, Copy, Default)]
struct Marks {
    began: Option<Instant>,
    dns_began: Option<Instant>,
    dns_ended: Option<Instant>,
    tls_began: Option<Instant>,
    connected: Option<Instant>,
}

impl Recorder {
    /// Runs `act` with this recorder in place.
    pub(super) async fn during<F: Future>(&self, act: F) -> F::Output {
        RECORDER.scope(self.clone(), act).await
    }

    /// How far the exchange got, while no answer has come.
    pub(super) fn phase(&self) -> Phase {
        let marks = self.marks();
        match marks {
            Marks { began: None, .. } | Marks { connected: Some(_), .. } => Phase::Wait,
            Marks { tls_began: Some(_), .. } => Phase::Tls,
            Marks { dns_began: Some(_), dns_ended: None, .. } => Phase::Dns,
            _ => Phase::Connect,
        }
    }

    /// The parts up to the connection's being there; `wait` and the rest are the caller's to know.
    pub(super) fn timings(&self, sent: Instant) -> Timings {
        let marks = self.marks();
        let since = |end: Option<Instant>, start: Option<Instant>| Some(end?.duration_since(start?));
        Timings {
            connection: if marks.connected.is_some() { Connection::New } else { Connection::Reused },
            dns: since(marks.dns_ended, marks.dns_began),
            connect: since(marks.tls_began.or(marks.connected), marks.dns_ended.or(marks.began)),
            tls: since(marks.connected, marks.tls_began),
            wait: Some(marks.connected.unwrap_or(sent).elapsed()),
            receive: None,
            total: Duration::ZERO,
        }
    }

    fn marks(&self) -> Marks {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the time in the recorder of the running exchange, if it has one.
fn mark(note: impl FnOnce(&mut Marks, Instant)) {
    let _ = RECORDER.try_with(|recorder| {
        let mut marks = recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut marks, Instant::now());
    });
}

/// The system's resolver, timed.
pub(super) struct Resolver;

/// A name that does not resolve.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct DnsFailure(std::io::Error);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            mark(|marks, now| marks.dns_began = Some(now));
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(DnsFailure)?;
            mark(|marks, now| marks.dns_ended = Some(now));
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// Goes around the client's connector: notes when connecting begins, and when the connection is there.
#[derive(Clone)]
pub(super) struct TimedConnect;

impl<S> Layer<S> for TimedConnect {
    type Service = TimedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimedConnector(inner)
    }
}

#[derive(Clone)]
pub(super) struct TimedConnector<S>(S);

impl<S, R> Service<R> for TimedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async move {
            mark(|marks, now| marks.began = Some(now));
            let connected = connecting.await?;
            mark(|marks, now| marks.connected = Some(now));
            Ok(connected)
        })
    }
}

/// A cache of TLS sessions. It is asked first thing in a handshake, which tells when that began.
pub(super) struct TimedSessions(ClientSessionMemoryCache);

impl TimedSessions {
    /// Enough for every org of a day.
    pub(super) fn new() -> Self {
        Self(ClientSessionMemoryCache::new(64))
    }
}

impl fmt::Debug for TimedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimedSessions")
    }
}

impl ClientSessionStore for TimedSessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        mark(|marks, now| {
            marks.tls_began.get_or_insert(now);
        });
        self.0.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        mark(|marks, now| {
            marks.tls_began.get_or_insert(now);
        });
        self.0.take_tls13_ticket(server)
    }
}
