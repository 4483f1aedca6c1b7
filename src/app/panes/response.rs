//! The response pane: what came back, or why nothing did, for each exchange of this run.

use super::Handled;
use crate::{
    app::{Action, wire},
    config::ProfileId,
    document::{Document, Presentation, View},
    format,
    http::{Exchange, Purpose},
    jobs::{Failure, JobId},
};
use bytes::Bytes;
use std::{sync::Arc, time::SystemTime};

/// How many exchanges are kept to go back to.
const KEPT: usize = 500;
/// How much of bodies is kept to go back to, in bytes. The newest answer is kept whatever its size.
const KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// One way to look at an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// The body, made readable.
    Tree,
    /// The body, as received.
    Raw,
    /// The response headers.
    Headers,
    /// What went out and what came back.
    Wire,
}

impl Face {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Tree, Self::Raw, Self::Headers, Self::Wire];

    /// The tab's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tree => "Tree",
            Self::Raw => "Raw",
            Self::Headers => "Headers",
            Self::Wire => "Wire",
        }
    }
}

/// One exchange, or an attempt that never became one, and where a person is in it.
#[derive(Debug)]
pub struct Record {
    /// In which job it happened.
    pub job: JobId,
    /// For whom.
    pub profile: ProfileId,
    /// `GET query`.
    pub title: String,
    /// When it was recorded.
    pub at: SystemTime,
    /// The exchange; `None` if nothing was sent.
    pub exchange: Option<Arc<Exchange>>,
    /// Why it brought nothing, if so.
    pub failure: Option<Failure>,
    /// What an error in the answer most likely means, and what to do.
    pub hint: Option<String>,
    /// Which face is shown.
    pub face: Face,
    body: Option<View>,
    headers: Option<View>,
    wire: Option<View>,
}

impl Record {
    fn new(job: JobId, profile: ProfileId, title: String, at: SystemTime) -> Self {
        Self {
            job,
            profile,
            title,
            at,
            exchange: None,
            failure: None,
            hint: None,
            face: Face::Tree,
            body: None,
            headers: None,
            wire: None,
        }
    }

    /// The view that is on the screen.
    pub fn view(&self) -> Option<&View> {
        match self.face {
            Face::Tree | Face::Raw => self.body.as_ref(),
            Face::Headers => self.headers.as_ref(),
            Face::Wire => self.wire.as_ref(),
        }
    }

    fn view_mut(&mut self) -> Option<&mut View> {
        match self.face {
            Face::Tree | Face::Raw => self.body.as_mut(),
            Face::Headers => self.headers.as_mut(),
            Face::Wire => self.wire.as_mut(),
        }
    }

    /// The body as something to look at.
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.body.as_ref().map(View::document)
    }

    fn attach(&mut self, exchange: Arc<Exchange>) {
        self.wire = Some(text_view(&wire::transcript(&exchange)));
        self.headers = exchange.reply.as_ref().ok().map(|reply| text_view(&wire::reply_head(reply)));
        self.exchange = Some(exchange);
    }

    /// Shows a face; the body's view follows its two presentations.
    fn show(&mut self, face: Face) {
        self.face = face;
        if let Some(view) = &mut self.body {
            match face {
                Face::Tree => view.set_presentation(Presentation::Tree),
                Face::Raw => view.set_presentation(Presentation::Raw),
                Face::Headers | Face::Wire => {}
            }
        }
    }

    fn size(&self) -> u64 {
        self.document().map_or(0, |document| document.len())
    }

    /// What a person must know before reading the body: that it is not whole, not what it says it is, or what the
    /// error in it most likely means.
    pub fn note(&self) -> Option<String> {
        if !matches!(self.face, Face::Tree | Face::Raw) {
            return None;
        }
        let reply = self.exchange.as_ref()?.reply.as_ref().ok()?;
        if let Some(failure) = &reply.incomplete {
            return Some(format!("! the body is not whole: {}", failure.message));
        }
        if let Some(note) = &reply.note {
            return Some(format!("! {note}"));
        }
        if let Some(problem) = self.document()?.problem() {
            return Some(format!("! line {}, column {}: {}", problem.line, problem.column, problem.message));
        }
        self.hint.as_ref().map(|hint| format!("→ {hint}"))
    }

    /// One line for lists: status or failure, time, size.
    pub fn summary(&self) -> String {
        let Some(exchange) = &self.exchange else { return "not sent".into() };
        let took = format::span(exchange.timings.total);
        match &exchange.reply {
            Ok(reply) => {
                let size = format::bytes(reply.body.0.len() as u64);
                format!("{} · {took} · {size}", wire::status(reply.status))
            }
            Err(failure) if failure.cancelled => format!("cancelled · {took}"),
            Err(_) => format!("failed · {took}"),
        }
    }
}

/// A small text as something to look at; texts made here are far below what would hold up the screen.
fn text_view(text: &str) -> View {
    View::new(Arc::new(Document::build(Bytes::copy_from_slice(text.as_bytes()), Some("text/plain"))))
}

/// The pane's state.
#[derive(Debug, Default)]
pub struct ResponsePane {
    /// Every exchange of this run, oldest first.
    pub records: Vec<Record>,
    /// The one on the screen.
    pub current: Option<usize>,
    /// The call that the pane waits for.
    pub waiting: Option<JobId>,
}

impl ResponsePane {
    /// The record on the screen.
    pub fn record(&self) -> Option<&Record> {
        self.records.get(self.current?)
    }

    /// The view on the screen.
    pub fn view(&self) -> Option<&View> {
        self.record()?.view()
    }

    /// The view on the screen, to move in.
    pub fn view_mut(&mut self) -> Option<&mut View> {
        self.records.get_mut(self.current?)?.view_mut()
    }

    /// Whether a search is on in what is shown.
    pub fn searching(&self) -> bool {
        self.view().is_some_and(|view| view.matches().is_some())
    }

    /// Keeps an exchange that is over. It is not shown before its job ends.
    pub fn keep(&mut self, job: JobId, exchange: Arc<Exchange>, at: SystemTime) {
        let title = wire::title(&exchange.request.method, &exchange.request.url);
        let mut record = Record::new(job, exchange.profile.clone(), title, at);
        record.attach(exchange);
        self.push(record);
    }

    /// Gives an answer its body and shows it.
    pub fn show_answer(&mut self, answer: &crate::jobs::Answer, hint: Option<String>) {
        let id = answer.exchange.id;
        let found = self.records.iter().rposition(|r| r.exchange.as_ref().is_some_and(|x| x.id == id));
        let Some(index) = found else { return };
        self.records[index].hint = hint;
        self.records[index].body = Some(View::new(Arc::clone(&answer.document)));
        self.current = Some(index);
        self.forget_oldest();
    }

    /// Shows why a job brought nothing: at its exchange if it had one, else as a record of its own.
    pub fn show_failure(
        &mut self,
        job: JobId,
        profile: &ProfileId,
        title: &str,
        failure: Failure,
        at: SystemTime,
    ) {
        let of_job = self.records.iter().rposition(|r| r.job == job && r.exchange.is_some());
        let index = of_job.unwrap_or_else(|| {
            self.push(Record::new(job, profile.clone(), title.to_owned(), at));
            self.records.len() - 1
        });
        self.records[index].failure = Some(failure);
        self.current = Some(index);
    }

    /// Shows the last exchange of a job that was cancelled before an answer was there.
    pub fn show_last_of(&mut self, job: JobId) {
        self.current = self.records.iter().rposition(|r| r.job == job).or(self.current);
    }

    fn push(&mut self, record: Record) {
        self.records.push(record);
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        let mut bytes: u64 = self.records.iter().map(Record::size).sum();
        let mut gone = 0;
        while gone + 1 < self.records.len() && (self.records.len() - gone > KEPT || bytes > KEPT_BYTES) {
            bytes -= self.records[gone].size();
            gone += 1;
        }
        self.records.drain(..gone);
        self.current = self.current.map(|at| at.saturating_sub(gone));
    }

    /// Shows the answer before or after this one; token requests and orgdeck's own questions are skipped.
    fn walk(&mut self, forward: bool) {
        let composed =
            |r: &Record| r.failure.is_some() || r.exchange.as_ref().is_none_or(|x| x.purpose == Purpose::Api);
        let Some(at) = self.current else { return };
        let found = if forward {
            (at + 1..self.records.len()).find(|i| composed(&self.records[*i]))
        } else {
            (0..at).rev().find(|i| composed(&self.records[*i]))
        };
        self.current = found.or(self.current);
    }

    /// Carries out what concerns this pane alone.
    pub fn handle(&mut self, action: &Action) -> Handled {
        match action {
            Action::AnswerBack => self.walk(false),
            Action::AnswerForward => self.walk(true),
            Action::ShowAnswer(index) if *index < self.records.len() => {
                self.current = Some(*index);
                self.waiting = None;
            }
            Action::NextTab => self.turn(1),
            Action::PreviousTab => self.turn(Face::ALL.len() - 1),
            Action::Tab(index) => {
                if let (Some(record), Some(face)) = (self.current_mut(), Face::ALL.get(*index)) {
                    record.show(*face);
                }
            }
            _ => return self.view_mut().map_or(Handled::No, |view| move_in(view, action)),
        }
        Handled::Yes
    }

    fn current_mut(&mut self) -> Option<&mut Record> {
        self.records.get_mut(self.current?)
    }

    fn turn(&mut self, by: usize) {
        if let Some(record) = self.current_mut() {
            let at = Face::ALL.iter().position(|f| *f == record.face).unwrap_or(0);
            record.show(Face::ALL[(at + by) % Face::ALL.len()]);
        }
    }
}

fn move_in(view: &mut View, action: &Action) -> Handled {
    match action {
        Action::Up => view.move_by(-1),
        Action::Down => view.move_by(1),
        Action::PageUp => view.page(-1),
        Action::PageDown => view.page(1),
        Action::Top => view.to_start(),
        Action::Bottom => view.to_end(),
        Action::Left => view.leave(),
        Action::Right => view.enter(),
        Action::ExpandAll => view.expand_all(),
        Action::CollapseAll => view.collapse_all(),
        Action::NextMatch => view.next_match(),
        Action::PreviousMatch => view.previous_match(),
        _ => return Handled::No,
    }
    Handled::Yes
}
