//! What a browser sees: the login page, the question whether an app may have access, what went wrong. Plain forms that
//! need no script; the ids of fields and buttons are those of Salesforce's pages.
//!
//! May know users, apps and what waits to be allowed. May not know tokens or records.
//!
//! ```text
//! proceed ─▶ login ─▶ (select the account) ─▶ approval ─▶ back to the app
//! ```

mod activation;
mod approval;
mod frontdoor;
mod login;
mod pages;
mod visits;

use http::Method;

use super::call::{Call, Reply};
use super::world::World;

pub(super) use approval::proceed;
pub(super) use pages::{error_page, notice};
pub(super) use visits::Browsers;

/// Answers a path that is a page; `None` if there is no such page.
pub(super) fn answer(world: &World, call: &Call, path: &[&str]) -> Option<Reply> {
    let is_post = call.method == Method::POST;
    Some(match path {
        [] if is_post => login::attempt(world, call),
        [] => login::page(world, call),
        ["home", "home.jsp"] | ["lightning", ..] => login::home(world, call),
        ["secur", "frontdoor.jsp"] => frontdoor::enter(world, call),
        ["secur", "logout.jsp"] => login::log_out(world, call),
        ["setup", "secur", "RemoteAccessAuthorizationPage.apexp"] if is_post => approval::answer(world, call),
        ["setup", "secur", "RemoteAccessAuthorizationPage.apexp"] => {
            proceed(world, call, call.param("source").unwrap_or_default())
        }
        ["setup", "connect"] if is_post => activation::answer(world, call),
        ["setup", "connect"] => activation::page_for(world, call),
        ["setup", "secur", "RemoteAccessErrorPage.apexp"] => pages::remote_access_error(call),
        _ => return None,
    })
}
