//! Why an org refused a login, in its own words: who can be asked, what is asked, and how the answers are read.
//!
//! The token endpoint has one text for a dozen causes; the org notes the true one in `LoginHistory`, which somebody who
//! is logged in there may read. Pure: the worker asks. What an answer means is the diagnosis's matter.
//!
//! Source: Object Reference, `LoginHistory`, `User`, `UserLogin`; SOQL and SOSL Reference, quoted string escapes.

use super::{OrgKind, Session, error, host, ids, moment, rest};
use crate::config::{Profile, host_and_port, is_generic_login, is_loopback};
use http::StatusCode;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;
use url::Url;

/// How far a row may be from the attempt. The org's own clock is known to the second; ours may be wrong.
const NEAR: Duration = Duration::from_secs(60);
const NEAR_BY_OUR_CLOCK: Duration = Duration::from_secs(5 * 60);
/// Rows from before the attempt are shown beside it, so far back.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);
/// So many rows of one user.
const ROWS: usize = 20;
/// So many, where nobody knows which user it was.
const ROWS_OF_ALL: usize = 200;

/// How sure it is that a session is of the org that refused a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It is: by the org's id, or by its own host.
    Same,
    /// It is an org of the same login host; whether it knows the user, only asking tells.
    Perhaps,
}

/// Whether a session's org may be the one that refused the login of that profile; `own` is the profile's own session,
/// if it has one. `None` where it is another org.
pub fn reach(refused: &Profile, own: Option<&Session>, session: &Session) -> Option<Reach> {
    let meant = refused.expected_org_id.as_deref().or_else(|| org_id(own?));
    if let (Some(meant), Some(org)) = (meant, org_id(session)) {
        return ids::same(meant, org).then_some(Reach::Same);
    }
    let login = refused.login_url.as_ref()?;
    if is_generic_login(login) {
        let at_production = login.host_str() == Some("login.salesforce.com");
        return (at_production == is_at_production(session)?).then_some(Reach::Perhaps);
    }
    let is_login = |url: &Url| url.origin() == login.origin();
    let by_name =
        || host::my_domain(login).is_some_and(|n| host::my_domain(&session.instance_url) == Some(n));
    if is_login(&session.instance_url) || by_name() {
        return Some(Reach::Same);
    }
    // Several of the simulated orgs share a login host on this machine.
    let shared = if is_loopback(login) { Reach::Perhaps } else { Reach::Same };
    session.login_url.as_ref().is_some_and(is_login).then_some(shared)
}

fn org_id(session: &Session) -> Option<&str> {
    let told = session.org.facts().map(|facts| &facts.org_id);
    told.or(session.org_id.as_ref()).map(|id| id.0.as_str())
}

/// Whether the org's users log in at the production login host.
fn is_at_production(session: &Session) -> Option<bool> {
    if let Some(facts) = session.org.facts() {
        return Some(!matches!(facts.kind, OrgKind::Sandbox | OrgKind::Scratch));
    }
    match session.login_url.as_ref()?.host_str()? {
        "login.salesforce.com" => Some(true),
        "test.salesforce.com" => Some(false),
        _ => None,
    }
}

/// `Acme (sandbox)`; where the org did not tell, its host.
pub fn name_of(session: &Session) -> String {
    match session.org.facts() {
        Some(facts) => format!("{} ({})", facts.name, facts.kind.label()),
        None => host_and_port(&session.instance_url),
    }
}

/// Which attempt is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyQuestion {
    /// Whose login it was; `None` where the flow names nobody.
    pub username: Option<String>,
    /// When the attempt began and ended, by the org's clock as well as that is known, with what is allowed for.
    from: SystemTime,
    to: SystemTime,
    /// When it was refused.
    at: SystemTime,
}

impl WhyQuestion {
    /// An attempt that ended at that time and took that long. `by_org` says that the time is from the org's own clock.
    pub fn new(username: Option<&str>, at: SystemTime, took: Duration, by_org: bool) -> Self {
        let near = if by_org { NEAR } else { NEAR_BY_OUR_CLOCK };
        Self {
            username: username.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            from: at.checked_sub(took + near).unwrap_or(SystemTime::UNIX_EPOCH),
            to: at + near,
            at,
        }
    }

    /// Where the user's record is read.
    pub fn user(&self, session: &Session, username: &str) -> Url {
        query(session, &format!("SELECT Id, IsActive FROM User WHERE Username = '{}'", quoted(username)))
    }

    /// Where the login history is read: of that user, or of everybody at that time.
    pub fn history(&self, session: &Session, user_id: Option<&str>) -> Url {
        let (whose, from, rows) = match user_id {
            Some(id) => {
                let from = self.from.checked_sub(BEFORE).unwrap_or(SystemTime::UNIX_EPOCH);
                (format!("UserId = '{}' AND ", quoted(id)), from, ROWS)
            }
            None => (String::new(), self.from, ROWS_OF_ALL),
        };
        let (from, to) = (moment::print(from), moment::print(self.to));
        query(
            session,
            &format!(
                "SELECT LoginTime, Status, Application, LoginType, SourceIp, LoginUrl FROM LoginHistory \
                 WHERE {whose}LoginTime >= {from} AND LoginTime <= {to} ORDER BY LoginTime DESC LIMIT {rows}"
            ),
        )
    }

    /// Where it is read whether the user is frozen or locked out.
    pub fn standing(&self, session: &Session, user_id: &str) -> Url {
        query(
            session,
            &format!("SELECT IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = '{}'", quoted(user_id)),
        )
    }
}

fn query(session: &Session, soql: &str) -> Url {
    let mut url = rest::at(session, &format!("/services/data/{}/query", session.api_version));
    url.query_pairs_mut().append_pair("q", soql);
    url
}

/// A text inside the quotes of SOQL.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out
}

/// One row of the login history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAttempt {
    /// When, by the org's clock.
    pub time: SystemTime,
    /// The org's own word on what became of it.
    pub status: String,
    /// By which app, as the org calls it.
    pub application: String,
    /// By which way: `Remote Access 2.0`, `Other Apex API`.
    pub login_type: String,
    /// From which address.
    pub source_ip: String,
    /// At which host.
    pub login_url: String,
}

impl LoginAttempt {
    fn is_refused(&self) -> bool {
        !self.status.eq_ignore_ascii_case("success")
    }

    /// `“Invalid Password” at 06:12:03 UTC, from 203.0.113.7, by Nightly Sync`.
    pub fn in_words(&self) -> String {
        let at = OffsetDateTime::from(self.time);
        let mut words =
            format!("“{}” at {:02}:{:02}:{:02} UTC", self.status, at.hour(), at.minute(), at.second());
        for (between, text) in [("from", &self.source_ip), ("by", &self.application)] {
            if !text.is_empty() {
                words.push_str(&format!(", {between} {text}"));
            }
        }
        words
    }
}

/// What an org says of a login that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginWhy {
    /// What was asked.
    pub question: WhyQuestion,
    /// Whether the org has the user; `None` where nobody was asked for.
    pub has_user: Option<bool>,
    /// Whether the user is active, frozen, locked out, where the org tells.
    pub is_active: Option<bool>,
    /// See `is_active`.
    pub is_frozen: Option<bool>,
    /// See `is_active`.
    pub is_locked: Option<bool>,
    /// The rows, the newest first; `None` where they were not read.
    pub attempts: Option<Vec<LoginAttempt>>,
    /// What was not told and why, a sentence each.
    pub untold: Vec<String>,
}

impl LoginWhy {
    /// Before anything is known.
    pub fn new(question: WhyQuestion) -> Self {
        Self {
            question,
            has_user: None,
            is_active: None,
            is_frozen: None,
            is_locked: None,
            attempts: None,
            untold: Vec::new(),
        }
    }

    /// Takes the rows over, or why there are none.
    pub fn take_history(&mut self, read: Result<Vec<Value>, String>) {
        match read {
            Ok(records) => self.attempts = Some(attempts_of(&records)),
            Err(told) => self.untold.push(told),
        }
    }

    /// Takes over how the user stands, or why that is not known.
    pub fn take_standing(&mut self, read: Result<Vec<Value>, String>) {
        match read {
            Ok(records) => (self.is_frozen, self.is_locked) = standing_of(&records),
            Err(told) => self.untold.push(told),
        }
    }

    /// The rows of this attempt, the nearest first. Where nobody knows which user it was and the rows of that time
    /// disagree, none: they may be anybody's.
    pub fn of_attempt(&self) -> Vec<&LoginAttempt> {
        let WhyQuestion { from, to, at, username } = &self.question;
        let rows = self.attempts.iter().flatten();
        let mut rows: Vec<_> =
            rows.filter(|row| row.is_refused() && (*from..=*to).contains(&row.time)).collect();
        if username.is_none() && rows.windows(2).any(|pair| pair[0].status != pair[1].status) {
            return Vec::new();
        }
        let away = |time: SystemTime| at.duration_since(time).unwrap_or_else(|later| later.duration());
        rows.sort_by_key(|row| away(row.time));
        rows
    }

    /// Whether the user's history is known to have no row of this attempt, not even of a login that went well: another
    /// org was asked, or the row is not written yet.
    pub fn has_no_row(&self) -> bool {
        let Some(rows) = self.attempts.as_ref().filter(|_| self.has_user == Some(true)) else { return false };
        rows.iter().all(|row| row.time < self.question.from)
    }

    /// Whether more cannot be had from this org.
    pub fn is_told(&self) -> bool {
        !self.of_attempt().is_empty()
            || self.is_active == Some(false)
            || self.is_frozen == Some(true)
            || self.is_locked == Some(true)
    }
}

/// The answer to a query: its records, or why there are none, as [`denial`] tells it.
///
/// # Errors
/// The sentence; `who` is the user that asked, `what` what was to be read.
pub fn records(status: StatusCode, body: &[u8], who: &str, what: &str) -> Result<Vec<Value>, String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    match answer["records"].as_array() {
        Some(records) if status.is_success() => Ok(records.clone()),
        _ => Err(denial(status, body, who, what)),
    }
}

/// Why something was not read. An org hides an object from who may not see it as if there were none.
fn denial(status: StatusCode, body: &[u8], who: &str, what: &str) -> String {
    const HIDDEN: &[&str] = &["INVALID_TYPE", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"];
    let said = error::parse(status, body).into_iter().next().unwrap_or_default();
    match said.code.as_deref() {
        Some(code) if HIDDEN.contains(&code) => {
            format!("{who} may not read {what}: ask an administrator for Manage Users or View Setup")
        }
        Some(code) => format!("{what} was not read: {code}"),
        None if status.is_success() => format!("{what} was not read: the answer is no list of records"),
        None => format!("{what} was not read: {status}"),
    }
}

/// A user's id, and whether the user is active.
pub fn user_of(records: &[Value]) -> Option<(String, Option<bool>)> {
    let record = records.first()?;
    let id = record["Id"].as_str().filter(|id| ids::is_id(id))?;
    Some((id.to_owned(), record["IsActive"].as_bool()))
}

/// Whether a user is frozen, and whether locked out.
fn standing_of(records: &[Value]) -> (Option<bool>, Option<bool>) {
    let flag = |name: &str| records.first().and_then(|record| record[name].as_bool());
    (flag("IsFrozen"), flag("IsPasswordLocked"))
}

/// The rows of a login history, the newest first. One without a time or a status tells nothing.
fn attempts_of(records: &[Value]) -> Vec<LoginAttempt> {
    let attempt = |record: &Value| {
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        Some(LoginAttempt {
            time: moment::parse(record["LoginTime"].as_str()?)?,
            status: record["Status"].as_str().filter(|status| !status.is_empty())?.to_owned(),
            application: text("Application"),
            login_type: text("LoginType"),
            source_ip: text("SourceIp"),
            login_url: text("LoginUrl"),
        })
    };
    let mut all: Vec<_> = records.iter().filter_map(attempt).collect();
    all.sort_by_key(|row| std::cmp::Reverse(row.time));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Flow,
        salesforce::{
            OrgFacts, OrgId, OrgReading, UserId,
            tests::{profile, session},
        },
    };
    use proptest::prelude::*;
    use serde_json::json;

    const HOME: &str = "https://acme.my.salesforce.com";
    const ORG: &str = "00D58000000arpqEAA";

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000 + seconds)
    }

    fn of_org(instance: &str, kind: OrgKind) -> Session {
        let session = session(instance);
        let facts = OrgFacts {
            org_id: OrgId(ORG.into()),
            name: "Acme".into(),
            edition: String::new(),
            kind,
            instance: None,
            instance_url: session.instance_url.clone(),
            user_id: UserId("0055800000AdaLoAAJ".into()),
            username: "ada@acme.com".into(),
        };
        Session { org: OrgReading::Read(facts), ..session }
    }

    fn refused(login: &str) -> Profile {
        Profile { login_url: Some(login.parse().unwrap()), ..profile(Flow::Password) }
    }

    fn question(took: u64) -> WhyQuestion {
        WhyQuestion::new(Some("ada@acme.com"), at(0), Duration::from_secs(took), true)
    }

    fn row(seconds: i64, status: &str) -> Value {
        let time = (1_750_000_000 + seconds) as u64;
        let time =
            moment::print(SystemTime::UNIX_EPOCH + Duration::from_secs(time)).replace('Z', ".000+0000");
        json!({"LoginTime": time, "Status": status, "Application": "Sync", "SourceIp": "203.0.113.7"})
    }

    fn why(rows: &[Value]) -> LoginWhy {
        LoginWhy { has_user: Some(true), attempts: Some(attempts_of(rows)), ..LoginWhy::new(question(2)) }
    }

    fn statuses(why: &LoginWhy) -> Vec<&str> {
        why.of_attempt().iter().map(|row| row.status.as_str()).collect()
    }

    #[test]
    fn the_org_s_id_decides_who_can_be_asked() {
        let mut profile = refused("https://login.salesforce.com");
        let production = of_org(HOME, OrgKind::Production);
        profile.expected_org_id = Some("00D58000000arpq".into());
        assert_eq!(reach(&profile, None, &production), Some(Reach::Same));
        profile.expected_org_id = Some("00D58000000zzzz".into());
        assert_eq!(reach(&profile, None, &production), None);
        profile.expected_org_id = None;
        assert_eq!(reach(&profile, Some(&production), &production), Some(Reach::Same), "by its own token");
    }

    #[test]
    fn else_the_hosts_do() {
        let (production, sandbox) = (OrgKind::Production, OrgKind::Sandbox);
        let asked = |login: &str, instance: &str, kind| reach(&refused(login), None, &of_org(instance, kind));
        for (login, instance, kind, reached) in [
            (HOME, HOME, production, Some(Reach::Same)),
            ("https://acme.my.site.com/partners", HOME, production, Some(Reach::Same)),
            ("https://other.my.salesforce.com", HOME, production, None),
            ("https://acme--uat.sandbox.my.salesforce.com", HOME, production, None),
            ("https://login.salesforce.com", HOME, production, Some(Reach::Perhaps)),
            ("https://login.salesforce.com", HOME, OrgKind::Developer, Some(Reach::Perhaps)),
            ("https://login.salesforce.com", HOME, sandbox, None),
            ("https://test.salesforce.com", HOME, sandbox, Some(Reach::Perhaps)),
            ("https://test.salesforce.com", HOME, OrgKind::Scratch, Some(Reach::Perhaps)),
            ("https://test.salesforce.com", HOME, production, None),
            ("http://127.0.0.1:1", "http://127.0.0.1:2", production, None),
            ("http://127.0.0.1:1", "http://127.0.0.1:1", production, Some(Reach::Same)),
        ] {
            assert_eq!(asked(login, instance, kind), reached, "{login} {instance} {kind:?}");
        }
        // An org that did not tell what it is, by the host that its token is from.
        let silent =
            Session { login_url: Some("https://test.salesforce.com".parse().unwrap()), ..session(HOME) };
        assert_eq!(reach(&refused("https://test.salesforce.com"), None, &silent), Some(Reach::Perhaps));
        assert_eq!(reach(&refused("https://login.salesforce.com"), None, &silent), None);
        assert_eq!(reach(&refused("https://login.salesforce.com"), None, &session(HOME)), None);
    }

    #[test]
    fn the_queries_name_user_and_time_and_let_no_quote_out() {
        let session = session(HOME);
        let soql = |url: Url| {
            assert_eq!(url.path(), "/services/data/v66.0/query");
            url.query_pairs().find(|(name, _)| name == "q").map(|(_, soql)| soql.into_owned()).unwrap()
        };
        let question = question(10);
        assert_eq!(
            soql(question.user(&session, r"o'neil\@acme.com")),
            r"SELECT Id, IsActive FROM User WHERE Username = 'o\'neil\\@acme.com'"
        );
        assert_eq!(
            soql(question.history(&session, Some("005xx000001SwiUAAS"))),
            "SELECT LoginTime, Status, Application, LoginType, SourceIp, LoginUrl FROM LoginHistory \
             WHERE UserId = '005xx000001SwiUAAS' AND LoginTime >= 2025-06-14T15:05:30Z \
             AND LoginTime <= 2025-06-15T15:07:40Z ORDER BY LoginTime DESC LIMIT 20"
        );
        let of_all = soql(question.history(&session, None));
        assert!(of_all.contains("WHERE LoginTime >= 2025-06-15T15:05:30Z AND"), "{of_all}");
        assert!(soql(question.standing(&session, "005")).ends_with("FROM UserLogin WHERE UserId = '005'"));
    }

    #[test]
    fn only_rows_of_the_attempt_speak_for_it() {
        let rows = [
            row(3_600, "Of a later one"),
            row(40, "Restricted IP"),
            row(1, "Success"),
            row(0, "Invalid Password"),
            row(-63, "Of an earlier one"),
            row(-7_200, "Password Lockout"),
        ];
        assert_eq!(statuses(&why(&rows)), ["Invalid Password", "Restricted IP"], "the nearest first");
        assert!(!why(&rows).has_no_row() && why(&rows).is_told());
        let by_our_clock = WhyQuestion::new(Some("a"), at(0), Duration::ZERO, false);
        let loose = LoginWhy { question: by_our_clock, ..why(&rows) };
        assert!(statuses(&loose).contains(&"Of an earlier one"));
    }

    #[test]
    fn no_row_is_told_only_where_the_history_is_known() {
        assert!(why(&[]).has_no_row() && !why(&[]).is_told());
        assert!(why(&[row(-7_200, "Invalid Password")]).has_no_row());
        assert!(!why(&[row(0, "Success")]).has_no_row(), "somebody came in");
        assert!(!LoginWhy { attempts: None, ..why(&[]) }.has_no_row());
        assert!(!LoginWhy { has_user: None, ..why(&[]) }.has_no_row());
    }

    #[test]
    fn rows_of_everybody_speak_only_with_one_voice() {
        let nobody = |rows: &[Value]| {
            let question = WhyQuestion { username: None, ..question(2) };
            LoginWhy { question, has_user: None, ..why(rows) }
        };
        let one = [row(0, "Not approved"), row(3, "Not approved"), row(2, "Success")];
        assert_eq!(statuses(&nobody(&one)), ["Not approved", "Not approved"]);
        assert!(statuses(&nobody(&[row(0, "Invalid Password"), row(1, "Restricted IP")])).is_empty());
    }

    #[test]
    fn what_may_not_be_read_is_told_as_such() {
        let told = |status: u16, body: &str| {
            let status = StatusCode::from_u16(status).unwrap();
            records(status, body.as_bytes(), "ada@acme.com", "Login History").unwrap_err()
        };
        let hidden =
            r#"[{"message":"sObject type 'LoginHistory' is not supported.","errorCode":"INVALID_TYPE"}]"#;
        let words =
            "ada@acme.com may not read Login History: ask an administrator for Manage Users or View Setup";
        assert_eq!(told(400, hidden), words);
        assert_eq!(told(403, r#"[{"message":"no","errorCode":"INSUFFICIENT_ACCESS"}]"#), words);
        let full = r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#;
        assert_eq!(told(403, full), "Login History was not read: REQUEST_LIMIT_EXCEEDED");
        assert_eq!(told(502, ""), "Login History was not read: 502 Bad Gateway");
        assert_eq!(told(200, "<html>"), "Login History was not read: the answer is no list of records");
        assert_eq!(records(StatusCode::OK, br#"{"records":[]}"#, "", "").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn records_are_read_and_odd_ones_left() {
        assert_eq!(
            user_of(&[json!({"Id": "005xx000001SwiUAAS", "IsActive": false})]),
            Some(("005xx000001SwiUAAS".into(), Some(false)))
        );
        assert_eq!(user_of(&[json!({"Id": "nobody"})]), None);
        assert_eq!(user_of(&[]), None);
        let login = json!({"IsFrozen": true, "IsPasswordLocked": false});
        assert_eq!(standing_of(&[login]), (Some(true), Some(false)));
        assert_eq!(standing_of(&[]), (None, None));
        let rows =
            [json!({"LoginTime": "soon", "Status": "x"}), json!({"Status": "x"}), row(5, "Restricted IP")];
        let read = attempts_of(&rows);
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].in_words(), "“Restricted IP” at 15:06:45 UTC, from 203.0.113.7, by Sync");
        let bare = LoginAttempt { application: String::new(), source_ip: String::new(), ..read[0].clone() };
        assert_eq!(bare.in_words(), "“Restricted IP” at 15:06:45 UTC");
    }

    proptest! {
        #[test]
        fn a_quoted_text_ends_at_its_own_quote_alone(text in "[a-c'\\\\\n]{0,12}") {
            let quoted = quoted(&text);
            let mut chars = quoted.chars();
            while let Some(c) = chars.next() {
                prop_assert!(c != '\'' && c != '\n');
                if c == '\\' {
                    prop_assert!(chars.next().is_some());
                }
            }
        }
    }
}
