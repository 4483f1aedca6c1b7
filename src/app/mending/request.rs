//! Other requests: the one that failed, put right and sent again.

use super::{App, Case, Undo};
use crate::{
    app::{
        Effects, Now,
        field::Field,
        panes::request::{Column, RequestPane, Tab, Writing},
    },
    diagnosis::{Remedy, allowed_methods, object_of, position},
    workspace::{Draft, mend},
};

impl App {
    /// What changes the request. `None` if the remedy is no matter of it.
    pub(super) fn mend_request(&mut self, action: &Remedy, case: &Case, now: Now) -> Option<Effects> {
        let version = self.session().map_or(crate::salesforce::oauth::FALLBACK_VERSION, |s| s.api_version);
        let change: Box<dyn FnOnce(&mut Draft) -> bool> = match action {
            Remedy::UseTokenInstance => Box::new(mend::to_instance),
            Remedy::FixAuthorization => Box::new(mend::fix_authorization),
            Remedy::UseNewestVersion => Box::new(move |draft| mend::with_version(draft, version)),
            Remedy::UseMethod(method) => {
                let method = method.clone();
                Box::new(move |draft| mend::with_method(draft, &method))
            }
            Remedy::UseAllowedMethod => {
                let Some(method) = allowed(case) else {
                    self.open_case(case);
                    self.say("the answer does not say which methods there are: m chooses one", now);
                    return Some(Effects::none());
                };
                Box::new(move |draft| mend::with_method(draft, &method))
            }
            Remedy::AddHeader(name, value) => {
                let (name, value) = (name.clone(), value.clone());
                Box::new(move |draft| mend::with_header(draft, &name, &value))
            }
            Remedy::RemoveHeader(name) => {
                let name = name.clone();
                Box::new(move |draft| mend::without_header(draft, &name))
            }
            Remedy::EncodeQuery => Box::new(mend::encode_query),
            Remedy::DropBody => Box::new(mend::drop_body),
            Remedy::UseTooling => Box::new(mend::to_tooling),
            Remedy::UseDataApi => Box::new(mend::to_data_api),
            Remedy::GoToError => return Some(self.go_to_error(case, now)),
            Remedy::EditRequest => {
                self.open_case(case);
                return Some(Effects::none());
            }
            Remedy::DescribeObject => {
                let object = case.error.as_ref().and_then(|error| object_of(&error.error));
                let url = object
                    .map_or_else(|| "sobjects".to_owned(), |object| format!("sobjects/{object}/describe"));
                return Some(self.send_new(&url, now));
            }
            Remedy::ListVersions => return Some(self.send_new("/services/data", now)),
            _ => return None,
        };
        Some(self.send_changed(case, change, action.label(), now))
    }

    /// Sends the request with a change. What stood in the composer can be taken back.
    pub(super) fn send_changed(
        &mut self,
        case: &Case,
        change: impl FnOnce(&mut Draft) -> bool,
        says: String,
        now: Now,
    ) -> Effects {
        let before = self.request.draft.clone();
        let is_before_sending = case.error.is_none();
        let mut draft = case.draft.as_deref().unwrap_or(&before).clone();
        if !change(&mut draft) {
            self.say("the request is so already; look at what was sent: Wire", now);
            return Effects::none();
        }
        self.undo = Some(Undo::Draft(Box::new(before)));
        if is_before_sending {
            self.request.change_to(draft);
            self.say(format!("the request is put right{}", self.how_to_undo()), now);
            return Effects::none();
        }
        self.request.open(draft.clone());
        self.send_again(case, draft, says, now)
    }

    /// Puts the request of an answer into the composer, if it is not there.
    fn open_case(&mut self, case: &Case) {
        match &case.draft {
            Some(draft) if **draft != self.request.draft => self.open_draft(Draft::clone(draft)),
            _ => self.go_to(crate::app::Pane::Request),
        }
    }

    /// Goes to where the error says that something is wrong.
    fn go_to_error(&mut self, case: &Case, now: Now) -> Effects {
        self.open_case(case);
        let place = case.error.as_ref().and_then(|error| position(&error.error));
        let field = case.error.as_ref().and_then(|error| error.error.fields.first().cloned());
        if !go_to_place(&mut self.request, place, field.as_deref()) {
            self.say("the error does not say where; its text is in the answer", now);
        }
        Effects::none()
    }

    fn send_new(&mut self, url: &str, now: Now) -> Effects {
        let draft = Draft { url: url.to_owned(), ..Draft::new() };
        self.request.open(draft.clone());
        self.send_draft(draft, now)
    }
}

/// Puts the cursor where something is wrong: in the body, at a line and a column from one or at a field's name; in the
/// SOQL of a query. False where there is no such place.
fn go_to_place(pane: &mut RequestPane, place: Option<(usize, usize)>, field: Option<&str>) -> bool {
    let soql = pane.draft.params.iter().position(|row| row.on && row.name.trim() == "q");
    if let Some(row) = soql {
        let Some((_, column)) = place else { return false };
        pane.show(Tab::Params);
        (pane.row, pane.column) = (row + 1, Column::Value);
        let mut text = Field::line(&pane.draft.params[row].value);
        text.go_to(0, column.saturating_sub(1));
        pane.writing = Some(Writing::Line(Box::new(text)));
        return true;
    }
    if pane.draft.body.is_empty() {
        return false;
    }
    let found = || {
        let name = field?;
        let lines = pane.draft.body.split('\n').enumerate();
        lines.filter_map(|(line, text)| Some((line + 1, text[..text.find(name)?].chars().count() + 1))).next()
    };
    let Some((line, column)) = place.or_else(found) else { return false };
    pane.show(Tab::Body);
    if !pane.has_editor() {
        return false;
    }
    pane.row = 1;
    pane.body.go_to(line.saturating_sub(1), column.saturating_sub(1));
    pane.writing = Some(Writing::Body);
    true
}

/// What to send it with in place of the method that is not allowed: a change by PATCH where that is offered.
fn allowed(case: &Case) -> Option<String> {
    let allowed = allowed_methods(&case.error.as_ref()?.error, case.exchange.as_deref())?;
    let offered: Vec<&str> = allowed.split([',', ' ']).filter(|method| !method.is_empty()).collect();
    let asked = case.exchange.as_ref().map(|exchange| exchange.request.method.to_string());
    let writes = asked.as_deref().is_some_and(|method| matches!(method, "POST" | "PUT" | "PATCH"));
    let best: &[&str] = if writes { &["PATCH", "POST", "PUT"] } else { &["GET", "POST"] };
    let found = best.iter().find(|method| offered.contains(method)).or(offered.first());
    found.map(|method| (*method).to_owned())
}
