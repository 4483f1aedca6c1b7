//! What went wrong on the network, in a sentence for a person.
//!
//! The HTTP client's errors are chains of causes of many types; what matters is found in them by type, and by
//! how far the exchange had got. No URL is printed but its host and port.

use super::{CONNECT_TIMEOUT, Phase, TransportFailure, timing::DnsFailure};
use crate::{config::host_and_port, format};
use rustls::CertificateError;
use std::{error::Error, io, time::Duration};
use url::Url;

/// A person's cancel.
pub(super) fn cancelled(phase: Phase) -> TransportFailure {
    TransportFailure { phase, cancelled: true, message: "cancelled".into() }
}

/// Silence for too long.
pub(super) fn timed_out(phase: Phase, url: &Url, after: Duration, whole: bool) -> TransportFailure {
    let (at, after) = (host_and_port(url), seconds(after));
    let message = match (phase, whole) {
        (Phase::Receive, false) => format!("nothing more came from {at} for {after}"),
        (Phase::Receive, true) => format!("the body was not whole after {after}, the profile's timeout"),
        (_, false) => format!("no answer from {at} for {after}"),
        (_, true) => format!("no answer from {at} within {after}, the profile's timeout"),
    };
    TransportFailure { phase, cancelled: false, message }
}

/// No answer: what the client says, at the phase that the recorder saw last.
pub(super) fn unanswered(error: &reqwest::Error, phase: Phase, url: &Url) -> TransportFailure {
    let at = host_and_port(url);
    let (phase, message) = if let Some(tls) = cause::<rustls::Error>(error) {
        (Phase::Tls, tls_sentence(tls, &at))
    } else if cause::<DnsFailure>(error).is_some() {
        let name = url.host_str().unwrap_or_default();
        (Phase::Dns, format!("the name {name} does not resolve"))
    } else if error.is_connect() {
        (phase, connect_sentence(error, phase, &at))
    } else {
        (phase, lost_sentence(error, &at))
    };
    TransportFailure { phase, cancelled: false, message }
}

/// The body broke off after `received` bytes.
pub(super) fn cut(error: &reqwest::Error, received: u64, of: Option<u64>) -> TransportFailure {
    let so_far = format::count(received);
    let ended = if reset(error) { "the connection was reset" } else { "the connection closed" };
    let message = match of {
        Some(all) => format!("{ended} after {so_far} of {} bytes", format::count(all)),
        None => format!("{ended} after {so_far} bytes, before the body's end"),
    };
    TransportFailure { phase: Phase::Receive, cancelled: false, message }
}

fn connect_sentence(error: &reqwest::Error, phase: Phase, at: &str) -> String {
    if error.is_timeout() {
        let after = seconds(CONNECT_TIMEOUT);
        return match phase {
            Phase::Dns => format!("the name of {at} did not resolve within {after}"),
            Phase::Tls => format!("{at} did not finish the TLS handshake within {after}"),
            _ => format!("{at} cannot be reached: no connection within {after}"),
        };
    }
    match cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => format!("{at} refuses the connection"),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            format!("{at} cannot be reached from this network")
        }
        _ if phase == Phase::Tls => format!("{at} broke off the TLS handshake"),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => {
            format!("{at} broke off the connection")
        }
        _ => match proxy_words(error) {
            Some(words) => format!("the proxy did not connect to {at}: {words}"),
            None => format!("no connection to {at}: {}", last_cause(error)),
        },
    }
}

fn tls_sentence(error: &rustls::Error, at: &str) -> String {
    match error {
        rustls::Error::InvalidCertificate(problem) => certificate_sentence(problem, at),
        rustls::Error::InvalidMessage(_) => format!("{at} does not speak TLS"),
        rustls::Error::AlertReceived(alert) => format!("{at} refused the TLS handshake: {alert:?}"),
        rustls::Error::PeerIncompatible(_) => {
            format!("{at} offers no TLS version or cipher that orgdeck accepts")
        }
        other => format!("TLS with {at} failed: {other}"),
    }
}

fn certificate_sentence(problem: &CertificateError, at: &str) -> String {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {at} has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {at} is not valid yet; is this computer's clock right?")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate of {at} is for another name")
        }
        CertificateError::UnknownIssuer => {
            format!(
                "the certificate of {at} is not trusted: it was issued by an authority that this system does not know"
            )
        }
        CertificateError::Revoked => format!("the certificate of {at} was revoked"),
        other => format!("the certificate of {at} is not trusted: {other}"),
    }
}

fn lost_sentence(error: &reqwest::Error, at: &str) -> String {
    if reset(error) {
        return format!("{at} reset the connection before it answered");
    }
    let last = last_cause(error);
    if last.contains("before message completed") || last.contains("end of file") {
        return format!("{at} closed the connection before it answered");
    }
    if last.contains("invalid HTTP") || last.contains("parse") {
        return format!("{at} does not answer in HTTP: {last}");
    }
    format!("the exchange with {at} failed: {last}")
}

/// The first cause of this type, also inside an [`io::Error`].
fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    causes(error).find_map(|e| e.downcast_ref::<T>())
}

/// The causes from the outermost to the last, stepping into [`io::Error`]s, whose `source` skips what they wrap.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |e| cause_of(*e))
}

fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn reset(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| {
        matches!(
            e.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted
        )
    })
}

/// The client names a proxy's refusal only in words.
fn proxy_words(error: &reqwest::Error) -> Option<String> {
    causes(error).map(ToString::to_string).find(|words| words.contains("tunnel") || words.contains("proxy"))
}

fn last_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "unknown cause".to_owned(), ToString::to_string)
}

fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis.is_multiple_of(1000) { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_says_how_long_it_was_and_whose() {
        let url = Url::parse("https://acme.my.salesforce.com/services/oauth2/token?password=x").unwrap();
        let idle = timed_out(Phase::Wait, &url, Duration::from_secs(60), false);
        assert_eq!(idle.message, "no answer from acme.my.salesforce.com for 60 s");
        let whole = timed_out(Phase::Receive, &url, Duration::from_millis(1500), true);
        assert_eq!(whole.message, "the body was not whole after 1500 ms, the profile's timeout");
    }

    #[test]
    fn certificate_problems_have_their_own_sentences() {
        let say = |problem| tls_sentence(&rustls::Error::InvalidCertificate(problem), "acme");
        assert!(say(CertificateError::Expired).contains("has expired"));
        assert!(say(CertificateError::NotValidForName).contains("another name"));
        assert!(say(CertificateError::UnknownIssuer).contains("not trusted"));
    }
}
