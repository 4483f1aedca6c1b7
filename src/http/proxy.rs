//! Which proxy a request goes through, for a person to read: never with the name and password in its URL.

use super::Route;
use crate::config::{host_and_port, is_loopback};
use hyper_util::client::proxy::matcher::Matcher;
use std::fmt;
use url::Url;

/// The way to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// None.
    None,
    /// The profile's own, `scheme://host:port`.
    Profile(String),
    /// The one that environment or system name, `scheme://host:port`.
    System(String),
}

impl Proxy {
    /// What is used for a URL: as the client itself decides it. Reads the environment and the system's settings.
    pub fn of(url: &Url, route: &Route) -> Self {
        Self::by(url, route, Matcher::from_system)
    }

    fn by(url: &Url, route: &Route, system: impl FnOnce() -> Matcher) -> Self {
        if is_loopback(url) {
            return Self::None;
        }
        if let Some(own) = &route.proxy {
            return Self::Profile(format!("{}://{}", own.scheme(), host_and_port(own)));
        }
        let intercept = url.as_str().parse().ok().and_then(|uri| system().intercept(&uri));
        intercept.map_or(Self::None, |proxy| {
            let uri = proxy.uri();
            let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
            let (scheme, host) = (uri.scheme_str().unwrap_or("http"), uri.host().unwrap_or_default());
            Self::System(format!("{scheme}://{host}{port}"))
        })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none is used"),
            Self::Profile(proxy) => write!(f, "{proxy}, the profile's"),
            Self::System(proxy) => write!(f, "{proxy}, of the environment or the system"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(url: &str, own: Option<&str>) -> Proxy {
        let route = Route { proxy: own.map(|own| own.parse().unwrap()), ..Route::default() };
        let system =
            || Matcher::builder().https("http://ada:hunter2@proxy.acme.com:3128").no(".internal").build();
        Proxy::by(&url.parse().unwrap(), &route, system)
    }

    #[test]
    fn the_proxy_is_told_without_its_credentials() {
        let system = by("https://login.salesforce.com/", None);
        assert_eq!(system, Proxy::System("http://proxy.acme.com:3128".into()));
        let own = by("https://login.salesforce.com/", Some("socks5://ada:hunter2@10.0.0.1:1080"));
        assert_eq!(own, Proxy::Profile("socks5://10.0.0.1:1080".into()));
        assert!(!format!("{system:?} {system} {own:?} {own}").contains("hunter2"));
    }

    #[test]
    fn what_is_exempt_goes_directly() {
        assert_eq!(by("https://org.internal/", None), Proxy::None);
        assert_eq!(by("https://127.0.0.1:8443/", Some("http://10.0.0.1:3128")), Proxy::None);
        assert_eq!(by("http://other.example/", None), Proxy::None);
    }
}
