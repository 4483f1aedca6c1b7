//! A browser for tests: it keeps cookies, follows redirects within its host, fills in the first form of a page.

use std::collections::BTreeMap;

use super::*;

pub(super) struct Browser<'a> {
    world: &'a World,
    door: Door,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(super) fn at(world: &'a World, door: Door) -> Self {
        Self { world, door, cookies: BTreeMap::new() }
    }

    /// The same person at another host; cookies come along, as those of 127.0.0.1 do.
    pub(super) fn goes_to(&mut self, door: Door) -> &mut Self {
        self.door = door;
        self
    }

    pub(super) fn get(&mut self, uri: &str) -> Answer {
        let answer = self.call("GET", uri, "");
        self.follow(answer)
    }

    /// Sends the first form of a page with its hidden fields and these.
    pub(super) fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let form_text = between(&page.text, "<form ", "</form>");
        let action = unescaped(between(form_text, "action=\"", "\""));
        let hidden = form_text.split("<input type=\"hidden\" ").skip(1).map(|input| {
            (between(input, "name=\"", "\"").to_owned(), unescaped(between(input, "value=\"", "\"")))
        });
        let mut pairs: Vec<(String, String)> = hidden.collect();
        pairs.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = if between(form_text, "method=\"", "\"") == "get" {
            self.call("GET", &format!("{action}?{}", form(&pairs)), "")
        } else {
            self.call("POST", &action, &form(&pairs))
        };
        self.follow(answer)
    }

    pub(super) fn log_in(&mut self, page: &Answer, username: &str) -> Answer {
        let password = &self.world.org(self.door).spec.user(username).unwrap().0.password;
        self.submit(page, &[("username", username), ("pw", password)])
    }

    pub(super) fn allow(&mut self, page: &Answer) -> Answer {
        assert!(page.text.contains(r#"id="oaapprove""#), "not asked: {}", page.text);
        self.submit(page, &[("save", "Allow")])
    }

    pub(super) fn deny(&mut self, page: &Answer) -> Answer {
        self.submit(page, &[("cancel", "Deny")])
    }

    /// From the beginning of a request to the address that the browser is sent back to.
    pub(super) fn authorizes(&mut self, uri: &str, username: &str) -> String {
        let page = self.get(uri);
        let page = self.log_in(&page, username);
        let back = if page.text.contains("oaapprove") { self.allow(&page) } else { page };
        back.header("location").unwrap_or_else(|| panic!("not sent back: {}", back.text)).to_owned()
    }

    fn call(&mut self, method: &str, uri: &str, body: &str) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer =
            ask_of(self.world, self.door, method, uri, &[FORM, ("cookie", &cookies.join("; "))], body);
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            match answer.header("location").map(str::to_owned) {
                Some(path) if path.starts_with('/') => answer = self.call("GET", &path, ""),
                Some(_) => return answer,
                None => {
                    assert_eq!(answer.mime, "text/html;charset=UTF-8");
                    return answer;
                }
            }
        }
        panic!("sent round in circles");
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start}: {text}")).1;
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}: {text}")).0
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).unwrap().into_owned()
}

/// The parameters behind the `?` or `#` of an address.
pub(super) fn parameters(address: &str) -> BTreeMap<String, String> {
    let (_, text) = address.split_once(['?', '#']).unwrap_or((address, ""));
    crate::demo_org::call::form_pairs(text.as_bytes()).into_iter().collect()
}
