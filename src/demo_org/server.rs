//! The four listeners, on their own thread with their own small runtime, and where each path leads.
//!
//! ```text
//! listener (door) ─▶ serve ─▶ /demo/…            misbehave (async: it may trickle or hang)
//!                          ─▶ everything else ─▶ a blocking thread ─▶ respond ─▶ Reply
//!                                                                      (pages: browser, tokens: oauth, data: rest)
//! ```

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderValue, Method, StatusCode, header};
use tokio::sync::oneshot;

use super::call::{Call, Content, Door, Reply};
use super::error::Fault;
use super::world::World;
use super::{browser, controls, errors, misbehave, oauth, rest, soap};

/// The largest request body. Unconfirmed: not read in a published source.
const LARGEST_BODY: usize = 50 * 1024 * 1024;

/// The longest path and query. Unconfirmed: not read in a published source.
const LONGEST_URI: usize = 16_384;

/// Answers shorter than this are not worth compressing.
const SMALLEST_GZIP: usize = 512;

/// The running thread; dropping it stops the listeners and waits for the thread.
pub(super) struct Running {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves the listeners, which are in the order of [`Door::LISTENERS`].
pub(super) fn run(listeners: [TcpListener; 4], world: Arc<World>) -> std::io::Result<Running> {
    for listener in &listeners {
        listener.set_nonblocking(true)?;
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(8).build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("demo-org".to_owned()).spawn(move || {
        runtime.block_on(async {
            for (door, listener) in Door::LISTENERS.into_iter().zip(listeners) {
                listen(door, listener, &world);
            }
            // The records are made at once, so that the first query need not wait for them.
            tokio::task::spawn_blocking(move || world.orgs.iter().for_each(|org| drop(org.data())));
            let _ = stopped.await;
        });
        // Trickling and hanging answers are cut off here.
        runtime.shutdown_background();
    })?;
    Ok(Running { stop: Some(stop), thread: Some(thread) })
}

fn listen(door: Door, listener: TcpListener, world: &Arc<World>) {
    // Both fail only without a runtime, and `run` has just entered one.
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new().fallback(serve).with_state((door, Arc::clone(world)));
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn serve(State((door, world)): State<(Door, Arc<World>)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if head.uri.path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URI) {
        return bare(StatusCode::URI_TOO_LONG);
    }
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return bare(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let is_packed = head.headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "gzip");
    let body = if is_packed { unpacked(&body) } else { Some(body) };
    let Some(body) = body else { return bare(StatusCode::BAD_REQUEST) };
    let mut call = world.entered(Call::new(door, head.method, &head.uri, head.headers, body));
    call.delay = world.latency + asked_delay(&call);
    if !call.delay.is_zero() && !oauth::takes_its_time(&call) {
        tokio::time::sleep(call.delay).await;
    }
    let is_demo = call.path.first().is_some_and(|first| first == "demo");
    if is_demo && !controls::knows(&call) && !errors::knows(&call) {
        return misbehave::answer(&world, &call).await;
    }
    let answered = tokio::task::spawn_blocking(move || {
        let reply = respond(&world, &call);
        let mut response = written(&call, reply);
        // A client that compares clocks sees the orgs' one.
        if world.clock.ahead() != 0
            && let Ok(date) = HeaderValue::from_str(&world.clock.now().http_date())
        {
            response.headers_mut().insert(header::DATE, date);
        }
        response
    });
    // A panic in a handler ends its own call and nothing else.
    answered.await.unwrap_or_else(|_| bare(StatusCode::INTERNAL_SERVER_ERROR))
}

/// `X-Demo-Delay: 2.5`: seconds that the caller wants any answer to take longer.
fn asked_delay(call: &Call) -> Duration {
    let seconds = call.header("x-demo-delay").and_then(|text| text.trim().parse().ok()).unwrap_or(0.0);
    Duration::try_from_secs_f64(seconds).unwrap_or_default().min(FOR_EVER)
}

/// Finds what a path means.
pub(super) fn respond(world: &World, call: &Call) -> Reply {
    if let Some(error) = errors::asked_for(call, &world.stumbles) {
        return error;
    }
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let no_such_page = || html(StatusCode::NOT_FOUND, "URL No Longer Exists");
    match path.as_slice() {
        ["services", "oauth2", "authorize", _brand] => {
            oauth::answer(world, call, "authorize").unwrap_or_else(no_such_page)
        }
        ["services", "oauth2", endpoint] => oauth::answer(world, call, endpoint).unwrap_or_else(no_such_page),
        ["services", "data", ..] => rest::answer(world, call),
        ["services", "apexrest", ..] => rest::apex_rest(world, call),
        ["services", "Soap", api @ ("u" | "c"), version, ..] if call.method == Method::POST => {
            soap::answer(world, call, api, version)
        }
        ["services", ..] => Fault::not_found().into(),
        ["id", org, user] => oauth::identity(world, call, org, user),
        ["id", "keys"] => oauth::keys(),
        [".well-known", "openid-configuration"] => oauth::openid_configuration(world, call),
        ["demo", "error", name @ ..] => errors::answer(name.first().copied()),
        ["demo", ..] => controls::answer(world, call),
        pages => browser::answer(world, call, pages).unwrap_or_else(no_such_page),
    }
}

fn html(status: StatusCode, title: &str) -> Reply {
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    );
    Reply::text(status, "text/html;charset=UTF-8", text)
}

/// Writes an answer: format, compression, headers.
pub(super) fn written(call: &Call, reply: Reply) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    for (name, value) in &reply.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache,must-revalidate,max-age=0,no-store,private"));
    if matches!(reply.content, Content::Empty) {
        return response;
    }
    let (mime, mut bytes) = reply.render(call);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    let accepts = call.header("accept-encoding").is_some_and(|text| text.contains("gzip"));
    if accepts
        && bytes.len() >= SMALLEST_GZIP
        && let Some(packed) = gzip(&bytes)
    {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        bytes = packed;
    }
    *response.body_mut() = Body::from(bytes);
    response
}

/// A packed request body; `None` if it is damaged or too large.
fn unpacked(bytes: &[u8]) -> Option<Bytes> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).take(LARGEST_BODY as u64 + 1).read_to_end(&mut plain).ok()?;
    (plain.len() <= LARGEST_BODY).then(|| Bytes::from(plain))
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Binds four listeners on the loopback: at consecutive ports from `first`, or at any that are free.
pub(super) fn bind(first: Option<u16>) -> std::io::Result<[TcpListener; 4]> {
    let at = |offset: u16| {
        let port = match first {
            None => 0,
            Some(first) => first.checked_add(offset).ok_or(std::io::ErrorKind::InvalidInput)?,
        };
        TcpListener::bind(("127.0.0.1", port))
    };
    Ok([at(0)?, at(1)?, at(2)?, at(3)?])
}

/// How long a hanging answer hangs: longer than anyone's timeout.
pub(super) const FOR_EVER: Duration = Duration::from_secs(24 * 3600);
