//! What is done with an answer: following its links, copying from it, saving it, naming it.

use super::{
    App, Copied, Effect, Effects, Now, Secretable,
    field::Field,
    overlays::{Overlay, SaveBody},
};
use crate::{document::Target, format, secrets::Secret, workspace::Draft};

impl App {
    /// What the cursor of the response leads to: a link there, else the query's next page.
    pub fn link(&self) -> Option<String> {
        let view = self.response.view()?;
        match view.target() {
            Some(Target::Url(url)) => Some(url),
            _ => view.document().records().and_then(|records| records.next_records_url.clone()),
        }
    }

    pub(super) fn follow_link(&mut self, now: Now) {
        match self.link() {
            Some(url) => {
                self.open_draft(Draft { url, ..Draft::new() });
                self.say("the link is the new request; s sends it, o has the old one", now);
            }
            None => self.complain("there is no link here", now),
        }
    }

    pub(super) fn ask_where_to_save(&mut self, now: Now) {
        let record = self.response.record();
        let reply = record.and_then(|r| r.exchange.as_ref()).and_then(|x| x.reply.as_ref().ok());
        let (Some(document), Some(reply)) = (record.and_then(|r| r.document()), reply) else {
            self.complain("there is no body to save", now);
            return;
        };
        let ending = match document.kind() {
            crate::document::Kind::Json => "json",
            crate::document::Kind::Xml => "xml",
            crate::document::Kind::Csv => "csv",
            crate::document::Kind::Html => "html",
            crate::document::Kind::Text => "txt",
            _ => "bin",
        };
        let path = Field::line(&format!("response.{ending}"));
        let body = reply.body.0.clone();
        self.overlays.push(Overlay::SaveBody(SaveBody { path, body, exists: None }));
    }

    pub(super) fn copy(&mut self, what: Copied, now: Now) -> Effects {
        let Some((text, name)) = self.copied(what, now) else {
            self.complain("there is nothing to copy here, or it is too large: S saves it to a file", now);
            return Effects::none();
        };
        Effect::Copy { text, what: name }.into()
    }

    fn copied(&self, what: Copied, now: Now) -> Option<(Secretable, &'static str)> {
        let plain = |text: Option<String>, name| text.map(|text| (Secretable::Plain(text), name));
        let view = self.response.view();
        match what {
            Copied::Value => plain(view?.value(), "the value"),
            Copied::Path => plain(view?.path(), "the path"),
            Copied::Body => plain(self.whole_body(), "the body"),
            Copied::Headers => plain(self.reply_headers(), "the headers"),
            Copied::Url => plain(self.final_url(), "the URL"),
            Copied::Token => {
                Some((Secretable::Secret(self.session()?.access_token.clone()), "the access token"))
            }
            Copied::Authorization => {
                let header = format!("Authorization: Bearer {}", self.session()?.access_token.expose());
                Some((Secretable::Secret(Secret::new(header)), "the Authorization header"))
            }
            Copied::InstanceUrl => {
                let url = self.session()?.instance_url.as_str().trim_end_matches('/').to_owned();
                plain(Some(url), "the instance URL")
            }
            Copied::OrgId => plain(self.session()?.org_id.as_ref().map(ToString::to_string), "the org id"),
            Copied::Finding => plain(self.found_text(), "the finding"),
            Copied::Guided => self.guided_copy().map(|(text, name)| (Secretable::Plain(text), name)),
            Copied::TokenField => {
                let rows = super::panes::token::rows(self, now);
                plain(rows.get(self.token.cursor).map(|row| row.value.clone()), "the field")
            }
        }
    }

    fn whole_body(&self) -> Option<String> {
        /// More than this no clipboard is for.
        const MOST: usize = 8 * 1024 * 1024;
        let exchange = self.response.record()?.exchange.as_ref()?;
        let body = &exchange.reply.as_ref().ok()?.body.0;
        (body.len() <= MOST).then(|| String::from_utf8(body.to_vec()).ok()).flatten()
    }

    fn reply_headers(&self) -> Option<String> {
        let exchange = self.response.record()?.exchange.as_ref()?;
        Some(super::wire::reply_head(exchange.reply.as_ref().ok()?))
    }

    fn final_url(&self) -> Option<String> {
        let profile = self.active()?;
        let scope = crate::workspace::Scope::new(profile, self.session().map(AsRef::as_ref));
        let prepared = self.request.draft.prepare(&scope, &profile.headers).ok()?;
        Some(prepared.url.to_string())
    }

    /// The summary in the response's title.
    pub fn response_title(&self) -> Option<String> {
        let record = self.response.record()?;
        let exchange = record.exchange.as_ref()?;
        let reply = exchange.reply.as_ref().ok()?;
        let (wire, whole) = (reply.wire_len, reply.body.0.len() as u64);
        let mut title = format!(
            "{} · {} · {}",
            super::wire::status(reply.status),
            format::span(exchange.timings.total),
            format::bytes(whole)
        );
        if wire < whole {
            title.push_str(&format!(" ({} gzip)", format::bytes(wire)));
        }
        if let Some(records) = record.document().and_then(|document| document.records()) {
            let total = records.total.unwrap_or(records.shown);
            title.push_str(&format!(
                " · {} of {} records",
                format::count(records.shown),
                format::count(total)
            ));
        }
        if self.profile.as_ref() != Some(&record.profile) {
            title.push_str(&format!(" · of {}", record.profile));
        }
        if exchange.replayed {
            title.push_str(" · sent again with a new token");
        }
        Some(title)
    }
}
