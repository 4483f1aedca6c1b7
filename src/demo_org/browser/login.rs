//! The login page and what follows from it. A browser needs no security token.
//!
//! The words for a wrong password are Salesforce's.

use http::StatusCode;

use super::pages::{page as framed, place};
use super::visits::Visit;
use crate::demo_org::call::{Call, Door, Reply};
use crate::demo_org::html::Html;
use crate::demo_org::orgs::UserSpec;
use crate::demo_org::standing::{Barrier, INVALID_PASSWORD, Standings};
use crate::demo_org::world::World;

const WRONG: &str = "Please check your username and password. If you still can't log in, contact your Salesforce administrator.";

/// Where who was sent nowhere goes.
pub(super) const HOME: &str = "/home/home.jsp";

/// A form from elsewhere, or one that lay open for too long.
pub(super) const STALE: &str = "This page was open for too long. Please try again.";

/// `GET /`: the login page, or home for who is logged in and was sent nowhere.
pub(super) fn page(world: &World, call: &Call) -> Reply {
    if let Some(domain) = call.param("mydomain") {
        return custom_domain(world, call, domain);
    }
    let visit = world.browsers.visit(call);
    if visit.user_id.is_some() && call.param("startURL").is_none() {
        return Reply::redirect(world.path(call.door, HOME));
    }
    let username = call.param("un").unwrap_or_default();
    let start = start_of(world, call.door, call.param("startURL"));
    visit.with(world, form(world, call.door, &visit, &start, username, None))
}

/// `POST /`: logs in, or shows the page again.
pub(super) fn attempt(world: &World, call: &Call) -> Reply {
    let (form_data, visit) = (call.form(), world.browsers.visit(call));
    let field =
        |name: &str| form_data.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let username = field("username").trim();
    let start = start_of(world, call.door, Some(field("startURL")));
    let again = |message| visit.with(world, form(world, call.door, &visit, &start, username, Some(message)));
    if !visit.sent(&form_data) {
        return again(STALE);
    }
    let is_site = call.door == Door::Site;
    let user = world.org(call.door).spec.user(username).filter(|(user, _)| user.site_member == is_site);
    let Some((user, user_id)) = user else { return again(WRONG) };
    let failed = trouble(&world.org(call.door).standings, user, &user_id, field("pw"));
    world.record(call.door, &user_id, failed.unwrap_or("Success"), "Application", "Browser");
    if let Some(status) = failed {
        return again(if status == "Password expired" { "Your password has expired." } else { WRONG });
    }
    if let Some(source) = source_of(&start) {
        world.authorizations.pending.change(&source, |pending| {
            pending.prompt.login = false;
            pending.prompt.select_account = false;
        });
    }
    world.browsers.forget(&visit);
    world.browsers.log_in(world, call.door, &user_id, Reply::redirect(start))
}

/// What keeps a user out of the browser: the word of Login History.
fn trouble(standings: &Standings, user: &UserSpec, user_id: &str, password: &str) -> Option<&'static str> {
    let wrong = (password != user.password).then_some(INVALID_PASSWORD);
    standings
        .password(user, user_id, wrong)
        .or_else(|| standings.barrier(user, user_id).map(Barrier::status))
        .or(user.password_expired.then_some("Password expired"))
}

/// Where the browser goes to log in before it goes on to `start`.
pub(super) fn path_to(world: &World, door: Door, start: &str, username: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("ec", "302").append_pair("startURL", start);
    if let Some(username) = username {
        query.append_pair("un", username);
    }
    world.path(door, &format!("/?{}", query.finish()))
}

/// `/secur/logout.jsp`: forgets who is logged in.
pub(super) fn log_out(world: &World, call: &Call) -> Reply {
    let visit = world.browsers.visit(call);
    world.browsers.forget(&visit);
    let start = start_of(world, call.door, call.param("startURL"));
    Reply::redirect(path_to(world, call.door, &start, None))
}

/// A page for who is logged in.
pub(super) fn home(world: &World, call: &Call) -> Reply {
    let visit = world.browsers.visit(call);
    let spec = &world.org(call.door).spec;
    let Some(user) = visit.user_id.as_deref().and_then(|id| spec.user_of_id(id)) else {
        return Reply::redirect(path_to(world, call.door, &world.path(call.door, HOME), None));
    };
    let template = include_str!("../../../assets/demo/pages/home.html");
    let logout = world.path(call.door, "/secur/logout.jsp");
    let message = format!("{} · org {}", spec.name, world.org(call.door).id());
    let pieces =
        [("username", (&user.username).into()), ("logout", (&logout).into()), ("message", (&message).into())];
    framed(StatusCode::OK, "Home", &place(world, call.door), template, &pieces)
}

fn form(world: &World, door: Door, visit: &Visit, start: &str, username: &str, error: Option<&str>) -> Reply {
    let template = include_str!("../../../assets/demo/pages/login.html");
    let error = error.map_or(Html::text(""), |error| {
        Html::fill(r#"<p class="error" id="error">{{error}}</p>"#, &[("error", error.into())])
    });
    let pieces = [
        ("action", (&world.path(door, "/")).into()),
        ("csrf", (&visit.csrf).into()),
        ("start", start.into()),
        ("username", username.into()),
        ("error", error),
        ("links", links(door, start)),
    ];
    framed(StatusCode::OK, "Log In", &place(world, door), template, &pieces)
}

/// Only a generic host asks for another domain.
fn links(door: Door, start: &str) -> Html {
    if !door.is_generic() {
        return Html::text("");
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("mydomain", ""), ("startURL", start)])
        .finish();
    Html::fill(
        r#"<p><a id="mydomainLink" href="/?{{query}}">Use Custom Domain</a></p>"#,
        &[("query", (&query).into())],
    )
}

/// Asks for the My Domain, or sends the browser there to log in.
fn custom_domain(world: &World, call: &Call, domain: &str) -> Reply {
    let start = start_of(world, call.door, call.param("startURL"));
    let start = start.as_str();
    let instance = Door::instance_of(call.door.org());
    if call.door.is_generic() && domain.trim().eq_ignore_ascii_case(&world.org(instance).spec.my_domain) {
        let path = path_to(world, instance, start, None);
        return Reply::redirect(format!("{}{path}", world.base(instance)));
    }
    let error = if domain.is_empty() {
        Html::text("")
    } else {
        Html::fill(r#"<p class="error" id="error">We can't find that domain.</p>"#, &[])
    };
    let template = include_str!("../../../assets/demo/pages/custom_domain.html");
    let back = path_to(world, call.door, start, None);
    let pieces = [
        ("action", (&world.path(call.door, "/")).into()),
        ("start", start.into()),
        ("back", (&back).into()),
        ("error", error),
    ];
    framed(StatusCode::OK, "Use Custom Domain", &place(world, call.door), template, &pieces)
}

/// Where the login page goes on to: the path that it was given, else home.
fn start_of(world: &World, door: Door, text: Option<&str>) -> String {
    own_path(text).map_or_else(|| world.path(door, HOME), str::to_owned)
}

/// A path of this host and nothing else: what comes from an address must not lead away.
pub(super) fn own_path(text: Option<&str>) -> Option<&str> {
    text.filter(|text| {
        text.starts_with('/')
            && !text.starts_with("//")
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    })
}

/// The waiting request that an address leads to.
fn source_of(start: &str) -> Option<String> {
    let (_, query) = start.split_once('?')?;
    let pairs = crate::demo_org::call::form_pairs(query.as_bytes());
    pairs.into_iter().find(|(name, _)| name == "source").map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_page_leads_nowhere_else() {
        assert_eq!(own_path(Some("/setup/secur/x?source=a%20b")), Some("/setup/secur/x?source=a%20b"));
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "/a b", "", "/x\r\nY: 1"]
        {
            assert_eq!(own_path(Some(elsewhere)), None, "{elsewhere}");
        }
        assert_eq!(source_of("/x?y=1&source=a.b_c").as_deref(), Some("a.b_c"));
    }
}
