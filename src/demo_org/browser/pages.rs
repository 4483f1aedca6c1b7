//! The frame of every page, and the pages that only say something.

use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::demo_org::call::{Call, Door, Reply};
use crate::demo_org::html::Html;
use crate::demo_org::world::World;

/// A template of `assets/demo/pages/` in the frame of all pages.
pub(super) fn page(
    status: StatusCode,
    title: &str,
    place: &str,
    template: &str,
    pieces: &[(&str, Html)],
) -> Reply {
    let frame = include_str!("../../../assets/demo/pages/layout.html");
    let content = Html::fill(template, pieces);
    let pieces = [("title", title.into()), ("place", place.into()), ("content", content)];
    Reply::page(status, Html::fill(frame, &pieces).into_string())
}

/// What a person is told about where a page is.
pub(super) fn place(world: &World, door: Door) -> String {
    match door {
        Door::Login => "login.salesforce.com".to_owned(),
        Door::Test => "test.salesforce.com".to_owned(),
        door => format!("{}, {}", world.org(door).spec.name, world.base(door)),
    }
}

/// A page with a sentence.
pub(in crate::demo_org) fn notice(status: StatusCode, title: &str, message: &str) -> Reply {
    let template = include_str!("../../../assets/demo/pages/notice.html");
    page(status, title, "Salesforce", template, &[("message", message.into())])
}

/// What is shown if the browser cannot be sent back to the app: error and description, as the address of such a
/// page has them.
pub(in crate::demo_org) fn error_page((error, description): (&str, &str)) -> Reply {
    let code = match error {
        "app_blocked" => "OAUTH_APP_BLOCKED : This app is blocked by your administrator.",
        _ => {
            "OAUTH_APPROVAL_ERROR_GENERIC : An unexpected error has occurred during authentication. Please try again."
        }
    };
    let template = include_str!("../../../assets/demo/pages/error.html");
    let description = utf8_percent_encode(description, NON_ALPHANUMERIC).to_string().replace("%5F", "_");
    let pieces = [("code", code.into()), ("error", error.into()), ("description", (&description).into())];
    page(StatusCode::BAD_REQUEST, "Authorization Error", "Salesforce", template, &pieces)
}

/// The page to which a browser is sent if the app may not be used: only its address says why.
pub(super) fn remote_access_error(call: &Call) -> Reply {
    let param = |name| call.param(name).unwrap_or("unknown_error");
    error_page((param("error"), param("error_description")))
}
