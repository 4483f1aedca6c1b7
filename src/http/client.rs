//! The HTTP clients: one per proxy and CA file, so that connections are kept and reused.
//!
//! Reading the system's certificates takes tens of milliseconds, so a client is built off the async threads
//! and when it is first needed; plain http to loopback (the demo orgs) needs no certificates at all.

use super::{
    CONNECT_TIMEOUT, Phase, Route, TransportFailure,
    timing::{Resolver, TimedConnect, TimedSessions},
};
use crate::config::is_loopback;
use reqwest::{Client, Proxy, redirect};
use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;
use url::Url;

/// The clients built so far.
#[derive(Clone, Default)]
pub(super) struct Clients(Arc<Mutex<HashMap<Kind, Arc<OnceCell<Client>>>>>);

/// What makes two clients different.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// Plain http to loopback: no proxy, no certificates.
    Loopback,
    /// Everything else.
    Network { proxy: ProxyChoice, ca_file: Option<PathBuf> },
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum ProxyChoice {
    None,
    System,
    This(Url),
}

impl Clients {
    /// The client that goes this way; built if there is none yet.
    pub(super) async fn client(&self, url: &Url, route: &Route) -> Result<Client, TransportFailure> {
        let kind = Kind::of(url, route);
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            cells.entry(kind.clone()).or_default().clone()
        };
        cell.get_or_try_init(|| async {
            match kind {
                Kind::Loopback => build(Kind::Loopback),
                kind => tokio::task::spawn_blocking(move || build(kind))
                    .await
                    .unwrap_or_else(|crash| Err(format!("the HTTP client could not be made: {crash}"))),
            }
        })
        .await
        .cloned()
        .map_err(|message| TransportFailure { phase: Phase::Connect, cancelled: false, message })
    }
}

impl Kind {
    fn of(url: &Url, route: &Route) -> Self {
        let loopback = is_loopback(url);
        if loopback && url.scheme() == "http" {
            return Self::Loopback;
        }
        Self::Network {
            proxy: match &route.proxy {
                _ if loopback => ProxyChoice::None,
                Some(proxy) => ProxyChoice::This(proxy.clone()),
                None => ProxyChoice::System,
            },
            ca_file: route.ca_file.clone(),
        }
    }
}

fn build(kind: Kind) -> Result<Client, String> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(Resolver)
        .connector_layer(TimedConnect);
    builder = match kind {
        Kind::Loopback => builder.no_proxy().tls_backend_preconfigured(trusting_nobody()?),
        Kind::Network { proxy, ca_file } => {
            let builder = builder.tls_backend_preconfigured(trusting_the_system(ca_file.as_deref())?);
            match proxy {
                ProxyChoice::System => builder,
                ProxyChoice::None => builder.no_proxy(),
                ProxyChoice::This(url) => builder.proxy(
                    Proxy::all(url)
                        .map_err(|e| format!("the profile's proxy cannot be used: {}", e.without_url()))?,
                ),
            }
        }
    };
    builder.build().map_err(|e| format!("the HTTP client could not be made: {e}"))
}

/// TLS as the system trusts it, and the authorities of `ca_file` beside.
fn trusting_the_system(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let provider = provider();
    let verifier = match ca_file {
        Some(file) => Verifier::new_with_extra_roots(authorities(file)?, provider.clone()),
        None => Verifier::new(provider.clone()),
    }
    .map_err(|e| format!("the system's certificates cannot be read: {e}"))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?
        .dangerous() // the builder's word for any verifier of one's own; this one is the platform's
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::store(Arc::new(TimedSessions::new()));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The client wants a TLS configuration even where it never uses one.
fn trusting_nobody() -> Result<ClientConfig, String> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = file.display();
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|e| format!("the profile's ca_file {shown} cannot be read: {e}"))?;
    if found.is_empty() {
        return Err(format!("the profile's ca_file {shown} holds no certificate in PEM form"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_takes_no_proxy_and_no_certificates() {
        let route = Route { proxy: Some(Url::parse("http://proxy:3128").unwrap()), ..Route::default() };
        let kind = |url: &str| Kind::of(&Url::parse(url).unwrap(), &route);
        assert!(kind("http://127.0.0.1:8080/") == Kind::Loopback);
        assert!(matches!(kind("https://localhost/"), Kind::Network { proxy: ProxyChoice::None, .. }));
        assert!(matches!(
            kind("https://login.salesforce.com/"),
            Kind::Network { proxy: ProxyChoice::This(_), .. }
        ));
    }

    #[tokio::test]
    async fn a_ca_file_that_holds_none_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let route = Route { ca_file: Some(file.path().to_owned()), ..Route::default() };
        let url = Url::parse("https://acme.my.salesforce.com/").unwrap();
        let failure = Clients::default().client(&url, &route).await.unwrap_err();
        assert!(failure.message.contains("holds no certificate"), "{}", failure.message);
        assert!(failure.message.contains(&file.path().display().to_string()));
    }
}
