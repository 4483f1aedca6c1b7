//! What a browser, another site and another program may and may not do to the listener.

use super::*;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn login(port: u16, in_fragment: bool) -> Login {
    Login {
        authorize: Url::parse("https://login.salesforce.com/services/oauth2/authorize?state=s3").unwrap(),
        redirect_uri: format!("http://localhost:{port}/OauthRedirect"),
        state: "s3".into(),
        in_fragment,
    }
}

/// A listener on a port that was free a moment ago.
async fn listening(in_fragment: bool) -> (u16, Listener) {
    loop {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        if let Bound::Here(listener) = Listener::bind(&login(free, in_fragment)).await {
            return (free, listener);
        }
    }
}

/// Sends a request as it is and reads the answer to its end.
async fn ask(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(port: u16, target: &str, more: &str) -> String {
    ask(port, &format!("GET {target} HTTP/1.1\nHost: localhost:{port}\n{more}Connection: close\n\n")).await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

async fn nothing_came(listener: &mut Listener) -> bool {
    let soon = Duration::from_millis(1);
    tokio::time::timeout(soon, listener.answer()).await.is_err()
}

#[tokio::test]
async fn the_answer_of_this_login_is_handed_over_once() {
    let (port, mut listener) = listening(false).await;
    let answer = get(port, "/OauthRedirect?code=aPrx%3D%3D&state=s3", "").await;
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("go back to the terminal") && !answer.contains("aPrx"), "{answer}");
    assert!(answer.to_lowercase().contains("cache-control: no-store"));
    let second = get(port, "/OauthRedirect?code=other&state=s3", "").await;
    assert_eq!(status(&second), 410);
    let address = listener.answer().await;
    assert_eq!(address, format!("http://localhost:{port}/OauthRedirect?code=aPrx%3D%3D&state=s3"));
    assert!(nothing_came(&mut listener).await);
}

#[tokio::test]
async fn another_state_is_not_this_login() {
    let (port, mut listener) = listening(false).await;
    for query in ["code=x&state=s4", "code=x", "code=x&state=", "code=x&state=s3&state=s4", "state"] {
        assert_eq!(status(&get(port, &format!("/OauthRedirect?{query}"), "").await), 400, "{query}");
    }
    assert!(nothing_came(&mut listener).await);
    // The right one still comes through.
    assert_eq!(status(&get(port, "/OauthRedirect?code=x&state=s3", "").await), 200);
    assert!(listener.answer().await.ends_with("?code=x&state=s3"));
}

#[tokio::test]
async fn another_name_for_this_machine_is_refused() {
    let (port, mut listener) = listening(false).await;
    for host in ["evil.example", "localhost.evil.example", &format!("evil.example:{port}"), "localhost", ""] {
        let request =
            format!("GET /OauthRedirect?code=x&state=s3 HTTP/1.1\nHost: {host}\nConnection: close\n\n");
        assert_eq!(status(&ask(port, &request).await), 403, "{host}");
    }
    assert!(nothing_came(&mut listener).await);
}

#[tokio::test]
async fn a_page_of_another_site_gets_nothing() {
    let (port, mut listener) = listening(true).await;
    let from = [
        "Origin: https://evil.example\n",
        "Origin: null\n",
        "Sec-Fetch-Mode: cors\nSec-Fetch-Site: cross-site\n",
        "Sec-Fetch-Mode: no-cors\nSec-Fetch-Site: cross-site\nSec-Fetch-Dest: image\n",
        "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\n",
    ];
    for headers in from {
        let answer = get(port, "/OauthRedirect?code=x&state=s3", headers).await;
        assert_eq!(status(&answer), 403, "{headers}");
        assert!(!answer.to_lowercase().contains("access-control-allow"), "{answer}");
    }
    let body = "access_token=stolen&state=s3";
    for origin in ["", "Origin: https://evil.example\n"] {
        let post = format!(
            "POST /OauthRedirect HTTP/1.1\nHost: localhost:{port}\n{origin}Content-Length: {}\nConnection: close\n\n{body}",
            body.len()
        );
        assert_eq!(status(&ask(port, &post).await), 403, "{origin}");
    }
    assert!(nothing_came(&mut listener).await);
}

#[tokio::test]
async fn the_first_page_leads_to_the_login_and_the_rest_is_not_there() {
    let (port, mut listener) = listening(false).await;
    let first = get(port, "/", "").await;
    assert_eq!(status(&first), 302);
    assert!(first.contains("https://login.salesforce.com/services/oauth2/authorize?state=s3"));
    assert_eq!(listener.page.as_str(), format!("http://localhost:{port}/"));
    for target in
        ["/favicon.ico", "/apple-touch-icon-precomposed.png", "/OauthRedirect", "/x?code=x&state=s3"]
    {
        assert_eq!(status(&get(port, target, "").await), 404, "{target}");
    }
    let head = format!(
        "HEAD /OauthRedirect?code=x&state=s3 HTTP/1.1\nHost: localhost:{port}\nConnection: close\n\n"
    );
    assert_eq!(status(&ask(port, &head).await), 404, "a look must not use the code up");
    assert!(nothing_came(&mut listener).await);
}

#[tokio::test]
async fn a_fragment_is_sent_on_by_the_page_s_own_script() {
    let (port, mut listener) = listening(true).await;
    let page = get(port, "/OauthRedirect", "").await;
    assert_eq!(status(&page), 200);
    assert!(page.contains("location.hash") && page.contains("script-src 'sha256-"), "{page}");
    let body = "access_token=00D%21x&state=s3";
    let post = format!(
        "POST /OauthRedirect HTTP/1.1\nHost: localhost:{port}\nOrigin: http://localhost:{port}\n\
         Sec-Fetch-Mode: cors\nSec-Fetch-Site: same-origin\nSec-Fetch-Dest: empty\n\
         Content-Length: {}\nConnection: close\n\n{body}",
        body.len()
    );
    assert_eq!(status(&ask(port, &post).await), 200);
    assert_eq!(listener.answer().await, format!("http://localhost:{port}/OauthRedirect#{body}"));
}

#[tokio::test]
async fn a_refusal_is_handed_over_too() {
    let (port, mut listener) = listening(false).await;
    let query = "error=access_denied&error_description=%3Cscript%3E&state=s3";
    let answer = get(port, &format!("/OauthRedirect?{query}"), "").await;
    assert!(answer.contains("did not let the app in") && !answer.contains("<script>&"), "{answer}");
    assert!(listener.answer().await.ends_with(query));
}

#[tokio::test]
async fn only_loopback_callbacks_are_listened_for() {
    for elsewhere in [
        "https://localhost:1717/OauthRedirect",
        "http://192.168.0.7:1717/OauthRedirect",
        "http://localhost.evil.example:1717/",
        "https://login.salesforce.com/services/oauth2/success",
        "https://oauth.pstmn.io/v1/callback",
        "com.example.app://callback",
        "nonsense",
    ] {
        assert!(loopback(elsewhere).is_none(), "{elsewhere}");
    }
    assert_eq!(loopback("http://127.0.0.1:8443/x").unwrap().1, ["127.0.0.1:8443".parse().unwrap()]);
    assert_eq!(loopback("http://[::1]:1717/x").unwrap().0.as_str(), "http://[::1]:1717/");
}

#[tokio::test]
async fn a_busy_port_is_said_to_be_busy() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    assert!(matches!(Listener::bind(&login(port, false)).await, Bound::Busy { port: p, .. } if p == port));
}

#[tokio::test]
async fn with_the_listener_its_port_goes() {
    let (port, listener) = listening(false).await;
    drop(listener);
    let mut again = Listener::bind(&login(port, false)).await;
    while matches!(again, Bound::Busy { .. }) {
        tokio::task::yield_now().await;
        again = Listener::bind(&login(port, false)).await;
    }
    assert!(matches!(again, Bound::Here(_)));
}
