//! Signals: what can be told of the facts by yes or no, each by its name in the data.
//!
//! `assets/hints/signals.toml` has for each the sentence that shows it as evidence, and the phrases by which a note
//! tells it. Which signal speaks for which cause is the hints' matter. Source of the signals: Salesforce Help and the
//! developer guides on each error; that they raise a cause is this program's own judgement.

use super::{
    facts::{Asked, Facts, Known, Place, plain_words},
    words::{asked_version, limit, object_of},
};
use crate::{
    config::Environment,
    salesforce::{authorization, error::Page, oauth::FALLBACK_VERSION},
    secrets::Shape,
};

/// A signal: its name, and whether the facts have it.
pub(super) struct Signal {
    pub(super) name: &'static str,
    pub(super) holds: fn(&Facts) -> bool,
}

macro_rules! signals {
    ($($name:literal => $holds:expr),+ $(,)?) => {
        /// Every signal.
        pub(super) const SIGNALS: &[Signal] = &[$(Signal { name: $name, holds: $holds }),+];
    };
}

/// Only a note can tell.
fn told(_: &Facts) -> bool {
    false
}

signals! {
    // Where one logs in, and as whom.
    "production-login-host" => |f| f.is_production_login() == Some(true),
    "sandbox-login-host" => |f| f.is_production_login() == Some(false),
    "generic-login-host" => Facts::is_generic_login,
    "my-domain-host" => |f| f.login_name().is_some_and(|host| host.contains(".my.salesforce.") || host.contains(".my-salesforce.")),
    "site-host" => |f| f.login_name().is_some_and(|host| host.ends_with(".my.site.com")),
    "odd-login-host" => is_odd_login_host,
    "plain-http" => |f| f.login.as_ref().is_some_and(|url| url.scheme() == "http" && !crate::config::is_loopback(url)),
    "sandbox-like-username" => |f| username_ending(f) == Some(Ending::Sandbox),
    "plain-username" => |f| username_ending(f) == Some(Ending::Plain),
    "scratch-username" => |f| username_ending(f) == Some(Ending::Scratch),
    "email-like-sub" => told,
    "logged-in-here" => |f| f.known.logged_in_here,
    // What was sent to prove it.
    "no-security-token" => |f| {
        f.known.security_token == Some(false) && f.known.trusted_address != Some(true) && !f.known.security_token_in_password
    },
    "security-token-sent" => |f| f.known.security_token == Some(true) || f.known.security_token_in_password,
    "trusted-address" => |f| f.known.trusted_address == Some(true),
    "address-not-trusted" => told,
    "password-tail-not-token" => |f| {
        f.known.security_token != Some(true) && f.known.trusted_address != Some(true)
            && f.known.password_shape.contains(&Shape::NoTokenTail)
    },
    "blanks-around" => |f| !damaged(f).is_empty(),
    "quotes-around" => |f| credentials(&f.known).iter().any(|(_, shapes)| shapes.contains(&Shape::Quotes)),
    "key-and-secret-swapped" => |f| {
        f.known.consumer_key_shape.contains(&Shape::Secret) || f.known.consumer_secret_shape.contains(&Shape::ConsumerKey)
    },
    "no-consumer-secret" => |f| f.known.consumer_secret == Some(false),
    "basic-and-body" => |f| f.asked.as_ref().is_some_and(|asked| {
        asked.header("authorization").is_some_and(|value| value.to_ascii_lowercase().starts_with("basic"))
            && asked.body.contains("client_secret=")
    }),
    "value-needs-encoding" => |f| {
        [&f.known.password_shape, &f.known.username_shape].iter().any(|shapes| shapes.contains(&Shape::Special))
    },
    "refused-twice" => |f| f.known.refused_attempts >= 2,
    "refused-thrice" => |f| f.known.refused_attempts >= 3,
    "no-login-history" => |f| f.known.no_login_history,
    "no-such-user" => |f| f.known.no_such_user,
    "user-inactive" => |f| f.known.user_inactive,
    "user-frozen" => |f| f.known.user_frozen,
    "user-locked" => |f| f.known.user_locked,
    "password-changed" => told,
    // The app.
    "new-app" => |f| f.known.app_age_minutes.is_some_and(|minutes| minutes < 10),
    "pkce-off" => |f| f.known.pkce == Some(false),
    "pkce-on" => |f| f.known.pkce == Some(true),
    "external-client-app" => told,
    "callback-trailing-slash" => |f| callback(f).is_some_and(|url| url.ends_with('/')),
    "callback-plain-http" => |f| callback(f).is_some_and(|url| {
        url.starts_with("http://") && !url.starts_with("http://localhost")
    }),
    "callback-loopback-ip" => |f| callback(f).is_some_and(|url| url.contains("//127.") || url.contains("//[::1]")),
    "callback-blank" => |f| callback(f).is_some_and(|url| url.trim() != url || url.contains(' ') || url.contains("%20")),
    "scope-lacks-api" => |f| lacks_scope(f.known.scopes.as_ref(), &["api", "full"]),
    "scope-lacks-refresh" => |f| lacks_scope(f.known.scopes.as_ref(), &["refresh_token", "offline_access"]),
    "scopes-with-commas" => |f| f.known.scopes.iter().flatten().any(|scope| scope.contains(',')),
    "code-percent-encoded" => |f| f.known.code_shape.contains(&Shape::Percent),
    "code-padding-missing" => |f| f.known.code_shape.contains(&Shape::NoPadding),
    "code-old" => |f| f.known.code_age_minutes.is_some_and(|minutes| minutes >= 2),
    "code-used" => |f| f.known.code_used,
    "key-rotated" => told,
    "app-in-sandbox" => told,
    // The token.
    "token-blanks" => |f| f.known.token_shape.contains(&Shape::Blank),
    "token-quotes" => |f| f.known.token_shape.contains(&Shape::Quotes),
    "token-other-org" => |f| differ(f.known.token_org.as_deref(), f.known.profile_org.as_deref(), 15),
    "token-other-host" => |f| differ(
        f.known.instance_host.as_deref(), f.asked.as_ref().and_then(|asked| asked.host.as_deref()), usize::MAX,
    ) && !is_login_host(f.asked.as_ref().and_then(|asked| asked.host.as_deref())),
    "token-old" => |f| f.known.token_age_minutes.is_some_and(|minutes| minutes >= 120),
    "token-jwt" => |f| f.known.token_shape.contains(&Shape::Jwt),
    "token-cut" => |f| f.known.token_shape.contains(&Shape::Cut),
    "token-revoked" => told,
    "token-scope-lacks-api" => |f| lacks_scope(f.known.granted_scopes.as_ref(), &["api", "full"]),
    "token-of-ui" => told,
    "header-misspelt" => |f| f.asked.as_ref().is_some_and(has_misspelt_header),
    "bearer-missing" => |f| own_header(f).is_some_and(|value| !authorization::has_scheme(value)),
    "bearer-doubled" => |f| own_header(f).is_some_and(authorization::is_bearer_doubled),
    "bearer-spacing" => |f| own_header(f).is_some_and(authorization::has_bad_spacing),
    "no-authorization" => |f| f.asked.as_ref().is_some_and(|asked| {
        !asked.headers.is_empty() && asked.header("authorization").is_none()
            && asked.header("x-sfdc-session").is_none() && !has_misspelt_header(asked)
    }),
    "no-session-header" => |f| f.path().contains("/services/async/") && f.asked.as_ref().is_some_and(|asked| {
        !asked.headers.is_empty() && asked.header("x-sfdc-session").is_none()
    }),
    "address-changed" => told,
    "refreshed-elsewhere" => told,
    "idle-policy" => told,
    // The request.
    "request-to-login-host" => |f| is_login_host(f.asked.as_ref().and_then(|asked| asked.host.as_deref())),
    "request-to-other-kind" => |f| {
        let host = f.asked.as_ref().and_then(|asked| asked.host.as_deref());
        let to_sandbox = host.is_some_and(|host| host.contains("--") || host.contains(".sandbox."));
        let to_org = host.is_some_and(|host| host.contains(".my.salesforce.com"));
        f.is_generic_login() && to_org && f.is_production_login() == Some(to_sandbox)
    },
    "request-to-ui-host" => |f| f.asked.as_ref().and_then(|asked| asked.host.as_deref()).is_some_and(is_ui_host),
    "version-retired" => |f| version(f).is_some_and(|number| number <= 30.0),
    "version-too-new" => |f| match (version(f), newest(f)) {
        (Some(asked), Some(newest)) => asked > newest,
        _ => false,
    },
    "version-ahead" => |f| newest(f).is_none() && version(f).is_some_and(|number| number > f64::from(FALLBACK_VERSION.0)),
    "version-misspelt" => |f| data_segment(f).is_some_and(|segment| !is_version(segment) && segment.contains(|c: char| c.is_ascii_digit())),
    "no-version" => |f| data_segment(f).is_some_and(|segment| !segment.contains(|c: char| c.is_ascii_digit())),
    "soap-version-too-new" => |f| {
        let of_path = f.path().to_ascii_lowercase().contains("/services/soap/").then(|| version(f)).flatten();
        of_path.or_else(|| f.known.soap_version.as_ref()?.parse().ok()).is_some_and(|number| number >= 65.0)
    },
    "get-with-body" => |f| f.asked.as_ref().is_some_and(|asked| asked.method == "GET" && !asked.body.trim().is_empty()),
    "no-content-type" => |f| f.asked.as_ref().is_some_and(|asked| {
        !asked.headers.is_empty() && !asked.body.trim().is_empty() && asked.header("content-type").is_none()
    }),
    "content-type-mismatch" => |f| f.asked.as_ref().is_some_and(is_content_type_wrong),
    "content-type-not-form" => |f| f.place == Some(Place::Token) && f.asked.as_ref().is_some_and(|asked| {
        asked.header("content-type").is_some_and(|value| !value.contains("form"))
    }),
    "bulk-without-csv" => |f| f.asked.as_ref().is_some_and(|asked| {
        asked.method == "PUT" && asked.path.contains("/jobs/ingest/") && asked.path.contains("/batches")
            && !asked.headers.is_empty() && !asked.header("content-type").is_some_and(|value| value.contains("csv"))
    }),
    "query-not-encoded" => |f| query(f).is_some_and(is_not_encoded),
    "double-quotes" => |f| soql(f).is_some_and(|soql| soql.contains('"')),
    "select-star" => |f| soql(f).is_some_and(|soql| plain_words(&soql).contains("select *")),
    "date-quoted" => |f| soql(f).is_some_and(|soql| DATE_QUOTED.is_match(&soql)),
    "trailing-comma" => has_trailing_comma,
    "no-from" => |f| soql(f).is_some_and(|soql| {
        let words = plain_words(&soql);
        words.starts_with("select") && !words.contains(" from ")
    }),
    "fields-without-limit" => |f| soql(f).is_some_and(|soql| {
        let words = plain_words(&soql);
        (words.contains("fields(all)") || words.contains("fields(custom)")) && !words.contains(" limit ")
    }),
    "tooling-object" => |f| object(f).is_some_and(|name| TOOLING.iter().any(|tooling| name.eq_ignore_ascii_case(tooling))),
    "custom-name" => |f| f.error.message.contains("__c"),
    "relationship-name" => |f| f.error.message.contains("__r") || plain_words(&f.error.message).contains("relationship"),
    "bulk-v1" => |f| f.path().contains("/services/async/"),
    "bulk-v2" => |f| f.path().contains("/jobs/ingest") || f.path().contains("/jobs/query"),
    "tooling-path" => |f| f.path().contains("/tooling/"),
    "data-path" => |f| f.path().contains("/services/data/") && !f.path().contains("/tooling/"),
    "apexrest-path" => |f| f.path().contains("/services/apexrest"),
    "composite" => |f| f.path().contains("/composite"),
    "id-in-body" => |f| f.asked.as_ref().is_some_and(|asked| ID_IN_BODY.is_match(&asked.body)),
    "long-url" => |f| f.path().len() > 8_000,
    "post-on-record" => |f| f.asked.as_ref().is_some_and(|asked| asked.method == "POST" && RECORD_PATH.is_match(&asked.path)),
    "put-not-patch" => |f| f.asked.as_ref().is_some_and(|asked| asked.method == "PUT" && asked.path.contains("/sobjects/")),
    "bom" => |f| f.asked.as_ref().is_some_and(|asked| asked.body.starts_with('\u{feff}')),
    "redirected" => |f| f.status.is_some_and(|status| matches!(status, 301 | 302 | 303 | 307 | 308)),
    "cross-host-redirect" => |f| {
        let location = f.reply_header("location").and_then(|to| url::Url::parse(to).ok());
        let to = location.as_ref().and_then(url::Url::host_str);
        differ(to, f.asked.as_ref().and_then(|asked| asked.host.as_deref()), usize::MAX)
    },
    "xml-body" => |f| f.asked.as_ref().is_some_and(|asked| asked.body.trim_start().starts_with('<')),
    "json-body" => |f| f.asked.as_ref().is_some_and(|asked| asked.body.trim_start().starts_with(['{', '['])),
    "empty-body" => |f| f.asked.as_ref().is_some_and(|asked| {
        matches!(asked.method.as_str(), "POST" | "PATCH" | "PUT") && asked.has_no_body()
    }),
    "parallel-requests" => told,
    // The answer.
    "html-answer" => |f| f.page.is_some() || f.reply_header("content-type").is_some_and(|value| value.contains("text/html")),
    "maintenance-page" => |f| f.page == Some(Page::Maintenance),
    "login-page" => |f| f.page == Some(Page::Login),
    "expired-org-page" => |f| f.page == Some(Page::ExpiredOrg),
    "captive-portal" => |f| {
        matches!(f.page, Some(Page::Other { .. })) && f.place == Some(Place::Token) && f.status.is_none_or(|status| status < 400)
    },
    "clock-skewed" => |f| f.known.clock_skew_seconds.is_some_and(|seconds| seconds.abs() > 60),
    "retry-after" => |f| f.reply_header("retry-after").is_some(),
    "limit-reached" => |f| limit(f).is_some_and(|(used, allowed)| {
        matches!((used.parse::<u64>(), allowed.parse::<u64>()), (Ok(used), Ok(allowed)) if used >= allowed)
    }),
    "part-of-composite" => |f| f.is_part,
    // The org.
    "sandbox-refreshed" => told,
    "new-org" => told,
    "org-trial" => |f| f.known.org_kind.as_deref() == Some("trial"),
    "org-expired" => |f| f.page == Some(Page::ExpiredOrg) || f.status == Some(420),
    "edition-without-api" => |f| f.known.edition.as_deref().is_some_and(|edition| {
        let edition = edition.to_ascii_lowercase();
        ["professional", "group", "team", "essentials", "starter"].iter().any(|name| edition.contains(name))
    }),
    "production-org" => |f| {
        f.known.org_kind.as_deref().map_or(f.environment == Some(Environment::Production), |kind| kind == "production")
    },
    "sandbox-org" => |f| {
        f.known.org_kind.as_deref().map_or(f.environment == Some(Environment::Sandbox), |kind| kind == "sandbox")
    },
    // The way there.
    "proxy-in-use" => |f| f.known.proxy,
    "ssh-session" => |f| f.known.ssh,
}

/// sObjects that only the Tooling API has.
///
/// Source: Tooling API Developer Guide, its reference of objects.
const TOOLING: &[&str] = &[
    "ApexCodeCoverage",
    "ApexCodeCoverageAggregate",
    "ApexExecutionOverlayAction",
    "ApexOrgWideCoverage",
    "CompactLayout",
    "ContainerAsyncRequest",
    "CustomField",
    "CustomObject",
    "DebugLevel",
    "EntityDefinition",
    "FieldDefinition",
    "Flow",
    "FlowDefinition",
    "FlexiPage",
    "Layout",
    "MetadataContainer",
    "MetadataComponentDependency",
    "TraceFlag",
    "ValidationRule",
    "WorkflowRule",
    "SymbolTable",
    "CustomTab",
    "InstalledSubscriberPackage",
    "Package2",
    "Package2Version",
    "SourceMember",
    "SubscriberPackage",
    "SubscriberPackageVersion",
];

macro_rules! pattern {
    ($name:ident, $text:literal) => {
        static $name: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| regex::Regex::new($text).expect("a pattern of ours, used by tests"));
    };
}

pattern!(DATE_QUOTED, r"[<>=]\s*'\d{4}-\d\d-\d\d");
pattern!(ID_IN_BODY, r#"(?i)["<]id[">]"#);
pattern!(RECORD_PATH, r"/sobjects/\w+/[A-Za-z0-9]{15,18}(?:[/?]|$)");

/// The credentials with white space around or inside, in words.
pub(super) fn damaged(facts: &Facts) -> Vec<&'static str> {
    let all = credentials(&facts.known);
    all.into_iter().filter(|(_, shapes)| shapes.contains(&Shape::Blank)).map(|(name, _)| name).collect()
}

fn credentials(known: &Known) -> [(&'static str, &[Shape]); 5] {
    [
        ("the consumer key", &known.consumer_key_shape),
        ("the consumer secret", &known.consumer_secret_shape),
        ("the username", &known.username_shape),
        ("the password", &known.password_shape),
        ("the security token", &known.security_token_shape),
    ]
}

/// What a username's end says.
#[derive(PartialEq, Eq)]
pub(super) enum Ending {
    Sandbox,
    Scratch,
    Plain,
}

/// Top-level domains of countries after which a company's own label is none of a subdomain: `ada@acme.de.uat`.
const COUNTRIES: &str = "ae ar at au be br ca ch cl cn co cz de dk es eu fi fr gr hk hu ie il in it jp kr lu mx my nl no nz ph \
     pl pt ro ru sa se sg sk th tr tw ua uk us vn za";

/// `ada@acme.com.uat`: something follows the top-level domain. Not the generated users of scratch orgs, and not
/// country codes (`.com.au`), and not what companies add in production (`.crm`).
///
/// This program's own judgement: no published source gives such a rule.
pub(super) fn username_ending(facts: &Facts) -> Option<Ending> {
    const TOP_LEVEL: &[&str] = &["com", "org", "net", "edu", "gov", "io", "co", "info", "biz", "example"];
    const OF_PRODUCTION: &[&str] =
        &["crm", "prod", "production", "live", "force", "salesforce", "sfdc", "admin"];
    let username = facts.username.as_deref()?.trim().to_ascii_lowercase();
    let (name, domain) = username.rsplit_once('@')?;
    if name.starts_with("test-") && domain == "example.com" {
        return Some(Ending::Scratch);
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let [.., before, last] = labels.as_slice() else { return Some(Ending::Plain) };
    let country_before = COUNTRIES.split(' ').any(|country| country == *before);
    let follows = (labels.len() > 2 && TOP_LEVEL.contains(before)) || country_before;
    let added = last.len() > 2 && !TOP_LEVEL.contains(last) && !OF_PRODUCTION.contains(last);
    Some(if follows && added { Ending::Sandbox } else { Ending::Plain })
}

/// A host that never runs the token endpoint: user interface, Visualforce, a site's old domain, setup pages.
fn is_odd_login_host(facts: &Facts) -> bool {
    let Some(host) = facts.login_name() else { return false };
    host.ends_with(".lightning.force.com")
        || host.ends_with(".salesforce-setup.com")
        || host.contains(".vf.force.com")
        || host.ends_with(".visual.force.com")
        || (host.ends_with(".force.com") && !host.ends_with(".my.force.com"))
        || matches!(host, "www.salesforce.com" | "salesforce.com" | "help.salesforce.com")
}

/// Lightning, Setup and Visualforce pages: no API answers there.
fn is_ui_host(host: &str) -> bool {
    host.ends_with(".lightning.force.com")
        || host.ends_with(".salesforce-setup.com")
        || host.contains(".vf.force.com")
}

fn is_login_host(host: Option<&str>) -> bool {
    host.is_some_and(|host| matches!(host, "login.salesforce.com" | "test.salesforce.com"))
}

fn callback(facts: &Facts) -> Option<&str> {
    facts.known.callback.as_deref()
}

fn lacks_scope(scopes: Option<&Vec<String>>, any_of: &[&str]) -> bool {
    let words = |scope: &String| -> Vec<String> { scope.split([' ', ',', '+']).map(str::to_owned).collect() };
    scopes.is_some_and(|scopes| {
        !scopes.is_empty() && !scopes.iter().flat_map(words).any(|scope| any_of.contains(&scope.as_str()))
    })
}

fn differ(one: Option<&str>, other: Option<&str>, over: usize) -> bool {
    let cut = |text: &str| text.chars().take(over).collect::<String>().to_ascii_lowercase();
    matches!((one, other), (Some(one), Some(other)) if cut(one) != cut(other))
}

fn own_header(facts: &Facts) -> Option<&str> {
    facts.asked.as_ref()?.header("authorization")
}

/// A header that is nearly `Authorization`.
fn has_misspelt_header(asked: &Asked) -> bool {
    asked.headers.iter().any(|(name, _)| authorization::is_misspelt_name(name))
}

fn is_content_type_wrong(asked: &Asked) -> bool {
    let (Some(value), body) = (asked.header("content-type"), asked.body.trim_start()) else { return false };
    let value = value.to_ascii_lowercase();
    (body.starts_with(['{', '[']) && !value.contains("json"))
        || (body.starts_with('<') && !value.contains("xml") && !value.contains("html"))
}

fn version(facts: &Facts) -> Option<f64> {
    asked_version(facts)?.trim_start_matches('v').parse().ok()
}

fn newest(facts: &Facts) -> Option<f64> {
    facts.known.newest_version.as_ref()?.trim_start_matches('v').parse().ok()
}

/// What stands where the version belongs.
fn data_segment(facts: &Facts) -> Option<&str> {
    let (_, rest) = facts.path().split_once("/services/data/")?;
    rest.split(['/', '?']).next().filter(|segment| !segment.is_empty())
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .and_then(|number| number.strip_suffix(".0"))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn query(facts: &Facts) -> Option<&str> {
    facts.path().split_once('?').map(|(_, query)| query)
}

/// Characters that belong encoded, a `%` that encodes nothing, or a part after `&` that is no parameter.
fn is_not_encoded(query: &str) -> bool {
    let encodes = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    query.contains([' ', '"', '<', '>', '#'])
        || query.split('%').skip(1).any(|rest| !encodes(rest))
        || query.split('&').skip(1).any(|part| !part.is_empty() && !part.contains('='))
}

/// The SOQL of a query request, decoded.
fn soql(facts: &Facts) -> Option<String> {
    let query = query(facts)?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "q")
        .map(|(_, value)| value.into_owned())
}

fn has_trailing_comma(facts: &Facts) -> bool {
    let in_soql = soql(facts)
        .is_some_and(|soql| plain_words(&soql).replace(' ', "").to_ascii_lowercase().contains(",from"));
    let in_json = facts.asked.as_ref().is_some_and(|asked| {
        let dense: String = asked.body.chars().filter(|c| !c.is_whitespace()).collect();
        dense.contains(",}") || dense.contains(",]")
    });
    in_soql || in_json
}

fn object(facts: &Facts) -> Option<String> {
    object_of(&facts.error)
}
