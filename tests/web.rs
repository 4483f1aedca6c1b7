//! HTTP for tests: one request, one answer, text alone. Nothing is followed and nothing is kept.

use reqwest::{
    Client, Method, StatusCode,
    header::{HeaderMap, HeaderName},
    redirect::Policy,
};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::terminal::pty::PATIENCE;

/// Asks.
pub struct Web {
    client: Client,
    runtime: Runtime,
}

/// What came.
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Web {
    pub fn new() -> Self {
        // The client wants one, though nothing here is https; another test may have been faster.
        _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        // Longer than any that it talks to waits itself.
        let client = Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE * 2).build();
        let runtime = Builder::new_current_thread().enable_all().build();
        Self { client: client.expect("an HTTP client"), runtime: runtime.expect("a runtime") }
    }

    /// Asks and waits for the whole answer.
    ///
    /// # Errors
    /// Nobody answers.
    pub fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(HeaderName, &str)],
        body: &str,
    ) -> reqwest::Result<Page> {
        let request = self.client.request(method, url).body(body.to_owned());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
        self.runtime.block_on(async {
            let answer = request.send().await?;
            let (url, status, headers) = (answer.url().clone(), answer.status(), answer.headers().clone());
            Ok(Page { url, status, headers, text: answer.text().await? })
        })
    }
}
