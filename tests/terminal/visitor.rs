//! A browser without a window: cookies, redirects, the first form of a page. It goes to the demo orgs alone, and
//! says where they send it in the end.

use std::collections::BTreeMap;

use reqwest::{Method, header};
use url::{Url, form_urlencoded};

use super::desk::ADA;
use crate::web::{Page, Web};

pub struct Visitor {
    web: Web,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub fn new() -> Self {
        Self { web: Web::new(), cookies: BTreeMap::new() }
    }

    /// Logs Ada in and allows access; the address that the browser is sent to then.
    pub fn logs_in(&mut self, address: &str) -> String {
        let login = self.visit(Method::GET, address, "").expect("a login page");
        let (username, password) = ADA;
        let approval = self.submit(&login, &[("username", username), ("pw", password)]);
        let approval = approval.expect("the question whether the app may");
        self.submit(&approval, &[("save", "Allow")]).err().expect("sent back to the app")
    }

    /// The address that the browser is sent to without being asked anything.
    pub fn is_sent_back(&mut self, address: &str) -> String {
        self.visit(Method::GET, address, "").err().expect("sent back to the app")
    }

    /// The text of the page that an address leads to.
    pub fn sees(&mut self, address: &str) -> String {
        self.visit(Method::GET, address, "").map_or_else(|address| address, |page| page.text)
    }

    /// A page; or the address of another host that it leads to.
    fn visit(&mut self, method: Method, address: &str, body: &str) -> Result<Page, String> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = [
            (header::COOKIE, &*cookies.join("; ")),
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        ];
        let page = self.web.ask(method, address, &headers, body).expect("the demo orgs answer");
        for cookie in page.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').expect("a name and a value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let Some(location) = page.headers.get(header::LOCATION) else { return Ok(page) };
        let next = page.url.join(location.to_str().unwrap()).expect("an address");
        match next.host_str() == page.url.host_str() {
            true => self.visit(Method::GET, next.as_str(), ""),
            false => Err(location.to_str().unwrap().to_owned()),
        }
    }

    /// Sends the first form of a page: its hidden fields and these.
    fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Result<Page, String> {
        let form = between(&page.text, "<form ", "</form>");
        let hidden = form.split("<input type=\"hidden\" ").skip(1).map(|input| {
            (between(input, "name=\"", "\"").to_owned(), unescaped(between(input, "value=\"", "\"")))
        });
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(hidden).extend_pairs(fields);
        let action: Url = page.url.join(&unescaped(between(form, "action=\"", "\""))).unwrap();
        self.visit(Method::POST, action.as_str(), &body.finish())
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start} in: {text}")).1;
    rest.split_once(end).unwrap_or_else(|| panic!("no {end} in: {text}")).0
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).unwrap().into_owned()
}
