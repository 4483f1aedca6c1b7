use super::*;
use http::Method;
use proptest::prelude::*;

const TOKEN: &str = "00D58000000arpq!AR8AQO.1xyz_abcdefghijklmnop";

fn spec(url: &str, headers: &[(&'static str, &str)], body: &str) -> RequestSpec {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    RequestSpec {
        method: Method::POST,
        url: Url::parse(url).unwrap(),
        headers: map,
        body: RequestBody::Bytes(Bytes::from(body.to_owned())),
    }
}

fn api(url: &str) -> Masker {
    Masker::new(&spec(url, &[], ""), Purpose::Api, &[])
}

#[test]
fn authorization_keeps_scheme_and_org() {
    let spec = spec("https://a.my.salesforce.com/", &[("authorization", &format!("Bearer {TOKEN}"))], "");
    let record = Masker::new(&spec, Purpose::Api, &[]).request(&spec);
    assert_eq!(header_text(&record.headers["authorization"]), "Bearer 00D58000000arpq!••••");
}

#[test]
fn session_cookies_lose_their_values_and_keep_their_attributes() {
    let masker = api("https://a.my.salesforce.com/");
    let mut headers = HeaderMap::new();
    headers.append("set-cookie", HeaderValue::from_static("sid=00Dabc; Path=/; Secure"));
    headers.append("set-cookie", HeaderValue::from_static("BrowserId=x; Path=/"));
    headers.insert("cookie", HeaderValue::from_static("a=1; sid_Client=zz; b=2"));
    let masked = masker.headers(&headers);
    let cookies: Vec<_> = masked.get_all("set-cookie").iter().map(header_text).collect();
    assert_eq!(cookies, ["sid=••••; Path=/; Secure", "BrowserId=x; Path=/"]);
    assert_eq!(header_text(&masked["cookie"]), "a=1; sid_Client=••••; b=2");
}

#[test]
fn urls_lose_secrets_by_name_and_keep_the_rest_as_written() {
    let masked = |url: &str| api(url).url(&Url::parse(url).unwrap()).to_string();
    assert_eq!(
        masked("https://a/secur/frontdoor.jsp?sid=00D!x&retURL=%2Fhome#access_token=abc&x=1"),
        "https://a/secur/frontdoor.jsp?sid=****&retURL=%2Fhome#access_token=****&x=1"
    );
    assert_eq!(masked("https://u:pw@a/x?q=SELECT+Id"), "https://u:****@a/x?q=SELECT+Id");
}

#[test]
fn a_token_request_shows_names_and_what_is_no_secret() {
    let spec = spec(
        "https://login.salesforce.com/services/oauth2/token",
        &[("content-type", "application/x-www-form-urlencoded")],
        "grant_type=password&client_id=3MVG9&client_secret=s3cret&username=a%40b.c&password=p%2Bw+token",
    );
    let record = Masker::new(&spec, Purpose::Token, &[]).request(&spec);
    assert_eq!(
        std::str::from_utf8(&record.body).unwrap(),
        "grant_type=password&client_id=3MVG9&client_secret=••••&username=a%40b.c&password=••••"
    );
}

#[test]
fn what_each_flow_makes_up_or_passes_on_is_masked_by_its_name() {
    let form = |pairs: &[&str]| pairs.iter().map(|name| format!("{name}=hush")).collect::<Vec<_>>().join("&");
    let names = [
        "code",
        "code_verifier",
        "client_secret",
        "assertion",
        "client_assertion",
        "device_code",
        "refresh_token",
        "subject_token",
        "actor_token",
        "token",
        "password",
    ];
    let url = "https://login.salesforce.com/services/oauth2/token";
    let sent = spec(url, &[("content-type", "application/x-www-form-urlencoded")], &form(&names));
    let masker = Masker::new(&sent, Purpose::Token, &[]);
    let record = masker.request(&sent);
    assert_eq!(record.body[..], *form(&names).replace("hush", "••••").as_bytes());
    let device = r#"{"device_code":"hush","user_code":"GG4QHZ7T","verification_uri":"https://a/b"}"#;
    let shown = masker.reply_body(Bytes::from(device));
    assert_eq!(shown.bytes()[..], *device.replace("hush", "••••").as_bytes());
    let mut headers = HeaderMap::new();
    headers
        .insert("location", HeaderValue::from_static("https://a/echo?code=hush%3D%3D&state=s#id_token=hush"));
    let masked = masker.headers(&headers);
    assert_eq!(header_text(&masked["location"]), "https://a/echo?code=****&state=s#id_token=****");
}

#[test]
fn an_address_in_a_page_loses_its_code() {
    let page = "<html><a href=\"/echo?code=hush%3D%3D&amp;state=s\">go</a> decode=x location='?state=s&code=hush'</html>";
    let url = "https://acme.my.site.com/shop/services/oauth2/authorize";
    let masked = Masker::new(&spec(url, &[], ""), Purpose::Token, &[]).reply_body(Bytes::from(page));
    assert_eq!(
        std::str::from_utf8(masked.bytes()).unwrap(),
        page.replace("hush%3D%3D", "••••").replace("hush", "••••")
    );
}

#[test]
fn a_token_response_is_masked_field_by_field() {
    let body = format!(
        r#"{{ "access_token" : "{TOKEN}", "refresh_token":"5Aep\"x", "id":"https://a/id/00D/005", "code":"z" }}"#
    );
    let url = "https://login.salesforce.com/services/oauth2/token";
    let masked = Masker::new(&spec(url, &[], ""), Purpose::Token, &[]).reply_body(Bytes::from(body));
    assert_eq!(
        std::str::from_utf8(masked.bytes()).unwrap(),
        r#"{ "access_token" : "00D58000000arpq!••••", "refresh_token":"••••", "id":"https://a/id/00D/005", "code":"••••" }"#
    );
}

#[test]
fn an_orgs_data_stays_as_it_is_but_for_the_token() {
    let spec = spec("https://a.my.salesforce.com/x", &[("authorization", &format!("Bearer {TOKEN}"))], "");
    let masker = Masker::new(&spec, Purpose::Api, &[]);
    let data = Bytes::from_static(br#"{"password":"a picklist label","token":"t"}"#);
    assert_eq!(masker.reply_body(data.clone()).bytes(), &data);
    let echo = Bytes::from(format!("you sent {TOKEN} twice: {TOKEN}"));
    assert_eq!(masker.reply_body(echo).bytes(), "you sent 00D58000000arpq!•••• twice: 00D58000000arpq!••••");
}

#[test]
fn soap_credentials_are_masked_whatever_their_prefix() {
    let body = "<e:Envelope><n1:login><n1:username>ada</n1:username><n1:password>pw1</n1:password>\
                <sid/><h:sessionId>00D!x</h:sessionId></n1:login></e:Envelope>";
    let spec =
        spec("https://login.salesforce.com/services/Soap/u/64.0", &[("content-type", "text/xml")], body);
    let record = Masker::new(&spec, Purpose::Token, &[]).request(&spec);
    assert_eq!(
        std::str::from_utf8(&record.body).unwrap(),
        "<e:Envelope><n1:login><n1:username>ada</n1:username><n1:password>••••</n1:password>\
         <sid/><h:sessionId>••••</h:sessionId></n1:login></e:Envelope>"
    );
}

#[test]
fn a_name_written_with_escapes_is_still_the_name() {
    let masked = mask_structured(br#"{"access\u005ftoken":"x"}"#, Names::Everywhere, MASK).unwrap();
    assert_eq!(masked, r#"{"access\u005ftoken":"••••"}"#.as_bytes());
}

/// Long enough not to be found by chance, and with characters that need each kind of escaping.
fn any_secret() -> impl Strategy<Value = String> {
    r#"[A-Za-z0-9+%&=<"\\ !.ü]{12,40}"#.prop_map(|s| s.trim().to_owned()).prop_filter("length", |s| s.len() > 10)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

proptest! {
    #[test]
    fn no_secret_of_a_request_is_in_its_record(secret in any_secret(), elsewhere in any_secret()) {
        let form = spec(
            &format!("https://a/x?access_token={}", encoded(&elsewhere)),
            &[("content-type", "application/x-www-form-urlencoded"), ("x-echo", &encoded(&secret))],
            &format!("client_secret={}&password={}", encoded(&secret), encoded(&elsewhere)),
        );
        let masker = Masker::new(&form, Purpose::Token, &[]);
        let record = masker.request(&form);
        let shown = format!("{record:?} {} {}", record.url.as_str(), String::from_utf8_lossy(&record.body));
        for text in [secret.clone(), encoded(&secret), elsewhere.clone(), encoded(&elsewhere)] {
            prop_assert!(!shown.contains(&text), "{text:?} in {shown}");
        }
    }

    #[test]
    fn no_known_secret_is_in_an_answer(secret in any_secret(), around in "[a-z{}\":, ]{0,30}") {
        let spec = spec("https://a/services/data", &[], "");
        let masker = Masker::new(&spec, Purpose::Api, &[Secret::new(secret.clone())]);
        let json = serde_json::to_string(&secret).unwrap();
        for echo in [secret.clone(), json, encoded(&secret), quick_xml::escape::escape(&secret).into_owned()] {
            let body = masker.reply_body(Bytes::from(format!("{around}{echo}{around}")));
            let shown = String::from_utf8_lossy(body.bytes()).into_owned();
            prop_assert!(!shown.contains(&secret) && !shown.contains(echo.trim_matches('"')), "{shown}");
        }
    }

    #[test]
    fn any_bytes_can_be_masked(body in proptest::collection::vec(any::<u8>(), 0..200), start in "[{<a]") {
        let body = [start.as_bytes(), &body].concat();
        let _ = mask_structured(&body, Names::InTokenExchange, MASK);
        let _ = mask_form(&body, Names::InTokenExchange, MASK);
    }
}
