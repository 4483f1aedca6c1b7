//! What a host's answers mean. Pure: what came is given, with the difference of the clocks already taken.

use crate::{
    config::{ApiVersion, Profile, ProfileField, VersionChoice, host_and_port, is_generic_login},
    format,
    http::{Connection, Phase, Timings},
    jobs::{Finding, Mend, State},
    salesforce::{discovery, rest},
    worker::failure::fix_of,
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use url::Url;

/// The exp of a JWT is at most minutes ahead, so clocks may not be further apart than this.
///
/// Source: Salesforce Help, OAuth 2.0 JWT bearer flow (minutes); the number is this program's own.
const CLOCKS_APART: u64 = 60;

/// One answer, as far as it matters here.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) is_html: bool,
    pub(super) body: Bytes,
    /// Where it sends on to, if that was not followed.
    pub(super) elsewhere: Option<String>,
    /// The host's clock less ours, in seconds, if it told.
    pub(super) ahead: Option<i64>,
    pub(super) timings: Timings,
}

/// How far a request came that got no answer.
#[derive(Clone, Debug)]
pub(super) struct Silence {
    pub(super) phase: Phase,
    /// A sentence.
    pub(super) why: String,
}

/// The connection stands.
pub(super) fn connected(timings: &Timings) -> Finding {
    let parts = [("DNS", timings.dns), ("TCP", timings.connect), ("TLS", timings.tls)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(name, took)| Some(format!("{name} {}", format::span(took?))))
        .collect();
    let seen = match timings.connection {
        Connection::Reused => "one from before is still open".to_owned(),
        Connection::New if parts.is_empty() => "stands".to_owned(),
        Connection::New => parts.join(", "),
    };
    Finding::ok("connection", seen)
}

/// There is no answer; what came before the trouble was well.
pub(super) fn silent(silence: &Silence, url: &Url) -> Finding {
    let at = match silence.phase {
        Phase::Dns => "DNS",
        Phase::Connect => "TCP",
        Phase::Tls => "TLS",
        Phase::Send | Phase::Wait | Phase::Receive => "HTTP",
    };
    let fix = match silence.phase {
        // These two are spelt right, and everybody's name server knows them.
        Phase::Dns if is_generic_login(url) => {
            "see that this computer is online and that its name server works"
        }
        phase => fix_of(phase).unwrap_or(OUTAGE),
    };
    Finding::broken("connection", format!("{at}: {}", silence.why)).fix(fix)
}

/// What is said of no answer within the time that a probe has.
pub(super) fn too_late(phase: Phase, url: &Url, within: Duration) -> String {
    let (at, within) = (host_and_port(url), within.as_secs());
    match phase {
        Phase::Dns => format!("the name of {at} did not resolve within {within} s"),
        Phase::Connect => format!("no connection to {at} within {within} s"),
        Phase::Tls => format!("{at} did not finish the TLS handshake within {within} s"),
        Phase::Send | Phase::Wait | Phase::Receive => format!("no answer from {at} within {within} s"),
    }
}

const OUTAGE: &str = "try again in a while; https://status.salesforce.com tells of outages";

/// How the clocks stand; nothing where the host does not tell.
pub(super) fn clock(ahead: Option<i64>) -> Option<Finding> {
    let ahead = ahead?;
    let apart = format::age(Duration::from_secs(ahead.unsigned_abs()));
    if ahead.unsigned_abs() <= CLOCKS_APART {
        return Some(Finding::ok("clock", "agrees with this computer's"));
    }
    let how = if ahead > 0 { "behind" } else { "ahead of" };
    let seen = format!("this computer's is {apart} {how} the host's: JWT assertions fail");
    Some(Finding::warning("clock", seen).fix("set this computer's clock by the network (NTP)"))
}

/// Whether it is a Salesforce login host.
pub(super) fn login(answer: &Answer, url: &Url) -> Finding {
    let about = "login host";
    let at = host_and_port(url);
    if let Some(elsewhere) = &answer.elsewhere {
        return Finding::warning(about, format!("{at} sends on to {elsewhere}"))
            .fix(format!("write https://{elsewhere} as login_url, if that is the org's My Domain"));
    }
    match (answer.status, discovery::read(&answer.body)) {
        (200..300, Some(found)) => Finding::ok(about, format!("is one of Salesforce; tokens are issued by {}", found.issuer)),
        (200..300, None) if answer.is_html => {
            Finding::broken(about, format!("{at} answers with a web page, not as a login host")).fix(PORTAL)
        }
        (500.., _) => Finding::warning(about, format!("{at} answers {}", answer.status)).fix(OUTAGE),
        (status, _) => {
            Finding::warning(about, format!("{at} does not say that it is one (status {status})")).fix(
                "see that login_url is login.salesforce.com, test.salesforce.com, the org's My Domain or a site",
            )
        }
    }
}

const PORTAL: &str = "open the host in a browser: a network's own login page may stand in between; else correct the \
                      address in the profile";

/// Whether its API answers, and the versions that profiles are pinned to. `is_instance`: requests go there.
pub(super) fn api(answer: &Answer, url: &Url, is_instance: bool, profiles: &[Arc<Profile>]) -> Vec<Finding> {
    let (Some(versions), 200..300) = (rest::versions(&answer.body), answer.status) else {
        return vec![no_api(answer, url, is_instance)];
    };
    let (Some(oldest), Some(newest)) = (versions.first().copied(), versions.last().copied()) else {
        return vec![no_api(answer, url, is_instance)];
    };
    let mut findings = vec![Finding::ok("API", format!("answers; the newest version is {newest}"))];
    for profile in profiles {
        let VersionChoice::Pinned(pinned) = profile.api_version else { continue };
        if !versions.contains(&pinned) {
            findings.push(pinned_wrong(profile, pinned, (oldest, newest), is_generic_login(url)));
        }
    }
    findings
}

/// A generic login host speaks for no org in particular: an org may be a release ahead.
fn pinned_wrong(
    profile: &Profile,
    pinned: ApiVersion,
    (oldest, newest): (ApiVersion, ApiVersion),
    is_generic: bool,
) -> Finding {
    let state = if is_generic { State::Warning } else { State::Broken };
    let why = match pinned {
        _ if pinned.0 > newest.0 => format!("newer than the newest here, {newest}"),
        _ if pinned.0 < oldest.0 => format!("retired: the oldest here is {oldest}"),
        _ => "not offered here".to_owned(),
    };
    let seen = format!("{} is pinned to {pinned}, which is {why}", profile.id);
    Finding::new(state, "API version", seen)
        .fix("write api_version = \"latest\" in the profile, or a version in between")
        .mend(Mend::Field(profile.id.clone(), ProfileField::ApiVersion))
}

fn no_api(answer: &Answer, url: &Url, is_instance: bool) -> Finding {
    let at = host_and_port(url);
    let state = if is_instance { State::Broken } else { State::Warning };
    let (seen, fix) = match answer {
        Answer { elsewhere: Some(elsewhere), .. } => (
            format!("{at} sends on to {elsewhere}"),
            "log in again: the org may have another instance URL by now".to_owned(),
        ),
        Answer { is_html: true, .. } => (
            format!("{at} answers with a web page (status {}), not as an API", answer.status),
            PORTAL.to_owned(),
        ),
        Answer { status: 500.., .. } => (format!("{at} answers {}", answer.status), OUTAGE.to_owned()),
        Answer { status, .. } => (
            format!("{at} does not list its API versions (status {status})"),
            "see that the address is an org's: https://….my.salesforce.com".to_owned(),
        ),
    };
    Finding::new(state, "API", seen).fix(fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flow, salesforce::tests::profile};

    const DISCOVERY: &str = r#"{"issuer":"https://login.salesforce.com","token_endpoint":"https://login.salesforce.com/services/oauth2/token"}"#;
    const VERSIONS: &str = r#"[{"version":"31.0"},{"version":"65.0"},{"version":"66.0"}]"#;

    fn url(host: &str) -> Url {
        format!("https://{host}").parse().unwrap()
    }

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer { status, body: body.into(), is_html: body.starts_with('<'), ..Answer::default() }
    }

    fn pinned(version: u16) -> Vec<Arc<Profile>> {
        let api_version = VersionChoice::Pinned(ApiVersion(version));
        vec![Arc::new(Profile { api_version, ..profile(Flow::Password) })]
    }

    #[test]
    fn a_login_host_is_told_from_what_answers_in_its_place() {
        let host = url("login.salesforce.com");
        let found = |answer: Answer| login(&answer, &host);
        assert_eq!(found(answer(200, DISCOVERY)).state, State::Ok);
        let portal = found(answer(200, "<html>Guest network</html>"));
        assert_eq!(portal.state, State::Broken);
        assert!(portal.seen.contains("web page") && portal.fix.unwrap().contains("network's own login page"));
        assert_eq!(found(answer(404, "<html>")).state, State::Warning);
        assert!(found(answer(503, "")).fix.unwrap().contains("status.salesforce.com"));
        let elsewhere = Some("acme.my.salesforce.com".to_owned());
        let moved = found(Answer { elsewhere, ..answer(301, "") });
        assert!(moved.fix.unwrap().contains("https://acme.my.salesforce.com as login_url"));
        // A document of another identity provider is none.
        let other = r#"{"issuer":"https://idp","token_endpoint":"https://idp/token"}"#;
        assert_eq!(found(answer(200, other)).state, State::Warning);
    }

    #[test]
    fn clocks_may_be_a_minute_apart() {
        let state = |ahead| clock(Some(ahead)).unwrap().state;
        assert_eq!([state(0), state(60), state(-60)], [State::Ok; 3]);
        assert_eq!([state(61), state(-61)], [State::Warning; 2]);
        assert!(clock(Some(900)).unwrap().seen.contains("15 min behind"));
        assert!(clock(Some(-900)).unwrap().seen.contains("15 min ahead of"));
        assert_eq!(clock(None), None);
    }

    #[test]
    fn a_pinned_version_is_held_against_those_that_the_org_lists() {
        let home = url("acme.my.salesforce.com");
        let found = |version| api(&answer(200, VERSIONS), &home, true, &pinned(version));
        assert_eq!(found(66).len(), 1);
        assert!(found(66)[0].seen.contains("v66.0"));
        for (version, why) in
            [(70, "newer than the newest here, v66.0"), (20, "retired"), (40, "not offered")]
        {
            let pinned = &found(version)[1];
            assert_eq!(pinned.state, State::Broken);
            assert!(pinned.seen.contains(why), "{}", pinned.seen);
            assert!(matches!(&pinned.mend, Some(Mend::Field(_, ProfileField::ApiVersion))));
        }
        let generic = api(&answer(200, VERSIONS), &url("login.salesforce.com"), false, &pinned(67));
        assert_eq!(generic[1].state, State::Warning, "the org may be a release ahead");
    }

    #[test]
    fn what_lists_no_versions_is_no_api() {
        let found = |answer: Answer, is_instance| {
            api(&answer, &url("acme.my.salesforce.com"), is_instance, &[]).remove(0)
        };
        assert_eq!(found(answer(200, "<html>"), true).state, State::Broken);
        assert_eq!(found(answer(404, "[]"), false).state, State::Warning);
        assert_eq!(found(answer(200, "[]"), true).state, State::Broken);
        assert!(found(answer(503, ""), true).fix.unwrap().contains("outages"));
    }

    #[test]
    fn no_answer_says_how_far_it_came_and_what_to_do() {
        let host = url("acme.my.salesforce.com");
        for (phase, word) in
            [(Phase::Dns, "DNS: "), (Phase::Connect, "TCP: "), (Phase::Tls, "TLS: "), (Phase::Wait, "HTTP: ")]
        {
            let why = too_late(phase, &host, Duration::from_secs(5));
            let found = silent(&Silence { phase, why }, &host);
            assert!(found.seen.starts_with(word) && found.seen.contains("within 5 s"), "{}", found.seen);
            assert!(found.state == State::Broken && found.fix.is_some());
        }
    }

    #[test]
    fn what_a_connection_took_is_told_where_it_is_known() {
        let ms = |n| Some(Duration::from_millis(n));
        let timings = Timings { dns: ms(3), connect: ms(11), tls: ms(24), ..Timings::default() };
        assert_eq!(connected(&timings).seen, "DNS 3 ms, TCP 11 ms, TLS 24 ms");
        let kept = Timings { connection: Connection::Reused, ..Timings::default() };
        assert!(connected(&kept).seen.contains("still open"));
    }
}
