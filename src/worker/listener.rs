//! The listener that takes the answer of a login in a browser: on loopback only, for one login only, once.
//!
//! ```text
//! GET /                       ─▶ 302 to the login, for a browser that comes through `ssh -L`
//! GET callback?state=…&code=… ─▶ the state is this login's: handed over, and a page that says so
//! GET callback (in fragment)  ─▶ a page whose script posts the fragment, which browsers do not send
//! anything else               ─▶ refused: another Host, another site's request, another state, a second answer
//! ```
//! What it takes is text; the flow judges it.

use crate::salesforce::oauth::Login;
use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::{Host, Url};

/// A fragment with tokens and ids is a few kilobytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Where a login's answer can be listened for.
pub(super) enum Bound {
    /// Here.
    Here(Listener),
    /// The port is another program's.
    Busy {
        /// The port.
        port: u16,
        /// Why, in the system's words.
        cause: String,
    },
    /// The callback is not on this machine, or is https, which nothing here can speak.
    Elsewhere,
}

/// Listens until it is dropped.
pub(super) struct Listener {
    /// Its own first page, which leads to the login.
    pub(super) page: Url,
    answers: mpsc::Receiver<String>,
    _stop: DropGuard,
}

impl Listener {
    /// Binds the callback's port on every loopback address that its host name means.
    pub(super) async fn bind(login: &Login) -> Bound {
        let Some((page, addresses)) = loopback(&login.redirect_uri) else { return Bound::Elsewhere };
        let mut sockets = Vec::new();
        for address in addresses {
            match TcpListener::bind(address).await {
                Ok(socket) => sockets.push(socket),
                // A machine without IPv6 says so in many ways; that is no reason not to listen on the other address. A
                // port that another program has there is one: the browser may go to it.
                Err(error) if !sockets.is_empty() && !is_taken(&error) => {}
                Err(error) => return Bound::Busy { port: address.port(), cause: error.to_string() },
            }
        }
        let (sender, answers) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let waiting = Arc::new(Awaited::new(login, page.clone(), sender));
        for socket in sockets {
            let served = axum::serve(socket, router(waiting.clone()));
            // The page that is being sent when the login goes on is still sent whole.
            tokio::spawn(served.with_graceful_shutdown(stop.clone().cancelled_owned()).into_future());
        }
        Bound::Here(Self { page, answers, _stop: stop.drop_guard() })
    }

    /// The address that the browser came back to, with all its parameters; tokens of a fragment as its fragment.
    pub(super) async fn answer(&mut self) -> String {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await, // the server has died; pasting still works
        }
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

/// The first page of a listener for that callback, and the addresses it binds; `None` if it is not for us to listen.
fn loopback(redirect_uri: &str) -> Option<(Url, Vec<SocketAddr>)> {
    let mut page = Url::parse(redirect_uri).ok().filter(|url| url.scheme() == "http")?;
    let ips: Vec<IpAddr> = match page.host()? {
        Host::Domain(name) if name.eq_ignore_ascii_case("localhost") => {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        }
        Host::Domain(_) => return None,
        Host::Ipv4(ip) if ip.is_loopback() => vec![ip.into()],
        Host::Ipv6(ip) if ip.is_loopback() => vec![ip.into()],
        Host::Ipv4(_) | Host::Ipv6(_) => return None,
    };
    let port = page.port_or_known_default()?;
    page.set_path("/");
    page.set_query(None);
    page.set_fragment(None);
    Some((page, ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect()))
}

/// The login that is waited for.
struct Awaited {
    /// `localhost:1717`: what the `Host` header must say.
    host: String,
    origin: String,
    path: String,
    redirect_uri: String,
    authorize: String,
    state: String,
    in_fragment: bool,
    answers: mpsc::Sender<String>,
}

impl Awaited {
    fn new(login: &Login, page: Url, answers: mpsc::Sender<String>) -> Self {
        let path = Url::parse(&login.redirect_uri).map_or_else(|_| "/".into(), |url| url.path().to_owned());
        Self {
            host: page.authority().to_owned(),
            origin: page.origin().ascii_serialization(),
            path,
            redirect_uri: login.redirect_uri.clone(),
            authorize: login.authorize.to_string(),
            state: login.state.clone(),
            in_fragment: login.in_fragment,
            answers,
        }
    }

    /// Whether parameters are of this login, and of none that somebody else has begun.
    fn is_ours(&self, parameters: &str) -> bool {
        let mut states =
            url::form_urlencoded::parse(parameters.as_bytes()).filter(|(name, _)| name == "state");
        match (states.next(), states.next()) {
            (Some((_, state)), None) => {
                verify_slices_are_equal(state.as_bytes(), self.state.as_bytes()).is_ok()
            }
            _ => false,
        }
    }

    /// Hands the answer over; the first one only.
    fn take(&self, parameters: &str) -> Response {
        if !self.is_ours(parameters) {
            return page(StatusCode::BAD_REQUEST, "Not this login", OTHER_LOGIN);
        }
        let mark = if self.in_fragment { '#' } else { '?' };
        let address = format!("{}{mark}{parameters}", self.redirect_uri);
        if self.answers.try_send(address).is_err() {
            return page(StatusCode::GONE, "Already taken", SECOND_ANSWER);
        }
        let refused = url::form_urlencoded::parse(parameters.as_bytes()).any(|(name, _)| name == "error");
        match refused {
            false => page(StatusCode::OK, "Logged in", THANKS),
            true => page(StatusCode::OK, "Not logged in", REFUSED),
        }
    }
}

const THANKS: &str = "orgdeck has what it needs. You can close this window and go back to the terminal.";
const REFUSED: &str =
    "Salesforce did not let the app in. The terminal says what it answered; you can close this window.";
const OTHER_LOGIN: &str = "This answer does not belong to the login that orgdeck is waiting for, so it was not \
    used. Start the login again from the terminal, and use only the newest window.";
const SECOND_ANSWER: &str = "orgdeck has already got an answer to this login. This one was not used.";
const NOT_HERE: &str = "There is nothing here. orgdeck listens only for the answer of a login.";
const FROM_ELSEWHERE: &str =
    "This request came from another site, or under another name; it was not answered.";

fn router(awaited: Arc<Awaited>) -> Router {
    Router::new().fallback(serve).layer(DefaultBodyLimit::max(LARGEST_ANSWER)).with_state(awaited)
}

async fn serve(State(awaited): State<Arc<Awaited>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !is_from_the_browser_itself(&awaited, &parts.method, &parts.headers) {
        return page(StatusCode::FORBIDDEN, "Not answered", FROM_ELSEWHERE);
    }
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    match parts.method {
        Method::GET if path == awaited.path && !query.is_empty() => awaited.take(query),
        Method::GET if path == awaited.path && awaited.in_fragment => script_page(),
        Method::GET if path == "/" => to_login(&awaited.authorize),
        Method::POST if path == awaited.path && awaited.in_fragment => {
            match axum::body::to_bytes(body, LARGEST_ANSWER).await.unwrap_or_else(|_| Bytes::new()) {
                fragment if fragment.is_empty() => page(StatusCode::BAD_REQUEST, "Nothing came", OTHER_LOGIN),
                fragment => awaited.take(&String::from_utf8_lossy(&fragment)),
            }
        }
        _ => page(StatusCode::NOT_FOUND, "Nothing here", NOT_HERE),
    }
}

/// Whether a request is a person's browser going somewhere, or our own page's: not a script, an image or a form of
/// another site, and not a name that somebody else has made to mean this machine.
fn is_from_the_browser_itself(awaited: &Awaited, method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let ours = |origin: &str| origin == awaited.origin;
    let host = text("host").is_some_and(|host| host.eq_ignore_ascii_case(&awaited.host));
    let origin = match method {
        &Method::POST => text("origin").is_some_and(ours),
        _ => text("origin").is_none_or(ours),
    };
    // Absent in older browsers and in other clients, which no foreign page can make ask in their place.
    let mode = text("sec-fetch-mode").is_none_or(|mode| {
        mode == "navigate" || (text("sec-fetch-site") == Some("same-origin") && method == Method::POST)
    });
    let place = text("sec-fetch-dest").is_none_or(|place| place == "document" || place == "empty");
    host && origin && mode && place
}

fn to_login(authorize: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(value) = HeaderValue::from_str(authorize) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    quiet(response, "default-src 'none'")
}

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    // The code is used up at once; it need not stay in the address bar either.
    let html = document(title, text, CLEAR_ADDRESS);
    quiet((status, Html(html)).into_response(), &policy(CLEAR_ADDRESS))
}

/// The page that sends the fragment on, and then forgets it.
fn script_page() -> Response {
    let html = document("One moment", "Passing the answer on to orgdeck…", SEND_FRAGMENT);
    quiet((StatusCode::OK, Html(html)).into_response(), &policy(SEND_FRAGMENT))
}

fn document(title: &str, text: &str, script: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>orgdeck: {title}</title>\
         <body style=\"font-family:sans-serif;max-width:36em;margin:15vh auto;padding:0 1em\">\
         <h1 id=\"title\">{title}</h1><p id=\"text\">{text}</p><script>{script}</script></body></html>"
    )
}

const CLEAR_ADDRESS: &str = "history.replaceState(null,'',location.pathname)";
const SEND_FRAGMENT: &str = "const f=location.hash.slice(1);history.replaceState(null,'',location.pathname);\
    fetch(location.pathname,{method:'POST',headers:{'content-type':'text/plain'},body:f})\
    .then(r=>r.text()).then(t=>{document.open();document.write(t);document.close()})\
    .catch(()=>{document.getElementById('text').textContent=\
    'orgdeck no longer waits for this login. Start it again from the terminal.'})";

/// Nothing is loaded and nothing runs but this one script.
fn policy(script: &str) -> String {
    let hash = |script: &str| BASE64_STANDARD.encode(digest::digest(&digest::SHA256, script.as_bytes()));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; script-src 'sha256-{}' 'sha256-{}'",
        hash(script),
        hash(CLEAR_ADDRESS)
    )
}

fn quiet(mut response: Response, policy: &str) -> Response {
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put("cache-control", "no-store");
    put("connection", "close");
    put("content-security-policy", policy);
    put("referrer-policy", "no-referrer");
    put("x-content-type-options", "nosniff");
    put("x-frame-options", "DENY");
    response
}

#[cfg(test)]
#[path = "listener_tests.rs"]
mod tests;
