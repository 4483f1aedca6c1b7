//! SOAP `login`, which ends with API 64.0, and `logout`: the only SOAP calls that are served.
//!
//! Source: jsforce's deprecation text (the last version); Salesforce's partner WSDL, as jsforce ships it (codes).

use http::StatusCode;
use serde_json::Value;

use super::call::{Call, Door, Reply};
use super::oauth::wrong_password;
use super::orgs::UserSpec;
use super::sessions::Owner;
use super::standing::{Barrier, Standings};
use super::world::World;
use super::xml;

/// The last version that has `login()`.
const LAST_VERSION: u16 = 64;

/// The first that was not retired.
const FIRST_VERSION: u16 = 31;

/// How long a session is valid, in seconds.
const SESSION_SECONDS: u32 = 7200;

/// `/services/Soap/u/64.0` (partner) or `/c/` (enterprise).
pub(super) fn answer(world: &World, call: &Call, api: &str, version: &str) -> Reply {
    let Ok(envelope) = xml::read(&call.body) else {
        return fault("XML_PARSER_ERROR", "the request is no XML");
    };
    let body = envelope["Body"].as_object();
    match body.and_then(|body| body.keys().next()).map_or("", String::as_str) {
        "login" => match attempt(world, call, version, &envelope["Body"]["login"]) {
            Ok((user, user_id)) => success(world, call, api, version, user, user_id),
            Err((code, text)) => fault(code, text),
        },
        "logout" => logout(world, call, envelope["Header"]["SessionHeader"]["sessionId"].as_str(), api),
        other => fault("UNSUPPORTED_CLIENT", &format!("No operation available for request {other}")),
    }
}

fn logout(world: &World, call: &Call, session_id: Option<&str>, api: &str) -> Reply {
    let session = session_id.and_then(|token| world.sessions.get(token));
    match session.filter(|session| session.of.org == call.door.org()) {
        Some(session) => {
            world.sessions.end(&session.token);
            envelope(StatusCode::OK, &format!(r#"<logoutResponse xmlns="{}"/>"#, namespace(api)))
        }
        None => fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session"),
    }
}

fn namespace(api: &str) -> &'static str {
    if api == "u" { "urn:partner.soap.sforce.com" } else { "urn:enterprise.soap.sforce.com" }
}

type Fault = (&'static str, &'static str);

fn attempt<'a>(
    world: &'a World,
    call: &Call,
    version: &str,
    login: &Value,
) -> Result<(&'a UserSpec, String), Fault> {
    let number = version.strip_suffix(".0").and_then(|text| text.parse::<u16>().ok());
    if !number.is_some_and(|number| (FIRST_VERSION..=LAST_VERSION).contains(&number)) {
        return Err(("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL"));
    }
    let (Some(username), Some(password)) = (login["username"].as_str(), login["password"].as_str()) else {
        return Err(INVALID_LOGIN);
    };
    let org = world.org(call.door);
    let user = org.spec.user(username).filter(|(user, _)| !user.site_member);
    let (user, user_id) = user.ok_or(INVALID_LOGIN)?;
    let failed = trouble(&org.standings, user, &user_id, password);
    let status = failed.map_or("Success", |(status, _)| status);
    world.record(call.door, &user_id, status, "Other Apex API", "SOAP login");
    match failed {
        Some((_, fault)) => Err(fault),
        None => Ok((user, user_id)),
    }
}

const INVALID_LOGIN: Fault =
    ("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");

/// What keeps a user out: the word of Login History, and the fault.
fn trouble(
    standings: &Standings,
    user: &UserSpec,
    user_id: &str,
    password: &str,
) -> Option<(&'static str, Fault)> {
    const TOKEN: Fault = (
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "Invalid username, password, security token; or user locked out. Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from outside of your company’s trusted networks, you must add a security token to your password to log in.",
    );
    const RESTRICTED: Fault = ("LOGIN_DURING_RESTRICTED_DOMAIN", "cannot login from current domain");
    const EXPIRED: Fault = (
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
        "The users password has expired, you must call SetPassword before attempting any other API operations",
    );
    const NO_API: Fault = ("API_CURRENTLY_DISABLED", "API is disabled for this User");
    match standings.password(user, user_id, wrong_password(user, password)) {
        Some("Failed: API security token required") => {
            return Some(("Failed: API security token required", TOKEN));
        }
        Some(status) => return Some((status, INVALID_LOGIN)),
        None => {}
    }
    if let Some(barrier) = standings.barrier(user, user_id) {
        let fault = if barrier == Barrier::RestrictedIp { RESTRICTED } else { INVALID_LOGIN };
        Some((barrier.status(), fault))
    } else if user.password_expired {
        Some(("Password expired", EXPIRED))
    } else if !user.api_enabled {
        Some(("API disabled", NO_API))
    } else {
        None
    }
}

fn success(world: &World, call: &Call, api: &str, version: &str, user: &UserSpec, user_id: String) -> Reply {
    let place = call.door.org();
    let org = &world.orgs[place].spec;
    let org_id = world.orgs[place].id();
    let owner = Owner { org: place, user_id, scopes: vec!["api".to_owned()], ..Owner::default() };
    let session = world.sessions.open(&org_id, owner);
    let instance = world.base(Door::instance_of(place));
    let server = |api: &str| format!("{instance}/services/Soap/{api}/{version}/{}", &org_id[..15]);
    let info = [
        ("accessibilityMode", "false".to_owned()),
        ("currencySymbol", "€".to_owned()),
        ("orgDefaultCurrencyIsoCode", "EUR".to_owned()),
        ("organizationId", org_id.clone()),
        ("organizationMultiCurrency", "false".to_owned()),
        ("organizationName", org.name.clone()),
        ("sessionSecondsValid", SESSION_SECONDS.to_string()),
        ("userEmail", user.username.clone()),
        ("userFullName", user.full_name()),
        ("userId", session.of.user_id.clone()),
        ("userLanguage", "en_US".to_owned()),
        ("userLocale", "en_GB".to_owned()),
        ("userName", user.username.clone()),
        ("userTimeZone", "Europe/Berlin".to_owned()),
        ("userType", "Standard".to_owned()),
    ];
    let info: serde_json::Map<String, Value> =
        info.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
    let result = serde_json::json!({
        "metadataServerUrl": server("m"),
        "passwordExpired": user.password_expired,
        "sandbox": org.sandbox,
        "serverUrl": server(api),
        "sessionId": session.token,
        "userId": session.of.user_id,
        "userInfo": info,
    });
    let result = xml::write("result", &result);
    let (namespace, body) = (namespace(api), without_declaration(&result));
    envelope(StatusCode::OK, &format!(r#"<loginResponse xmlns="{namespace}">{body}</loginResponse>"#))
}

/// A fault as a login has it.
pub(super) fn fault(code: &str, text: &str) -> Reply {
    let text = xml::text_of(text);
    let body = format!(
        r#"<soapenv:Fault xmlns:sf="urn:fault.partner.soap.sforce.com"><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring><detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{text}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"#
    );
    envelope(StatusCode::INTERNAL_SERVER_ERROR, &body)
}

fn without_declaration(xml: &str) -> &str {
    xml.split_once("?>").map_or(xml, |(_, rest)| rest)
}

fn envelope(status: StatusCode, body: &str) -> Reply {
    let text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"#
    );
    Reply::text(status, "text/xml; charset=utf-8", text)
}
