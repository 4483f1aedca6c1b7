//! The response pane: what came back, or why nothing did, for each exchange of this run.

use super::{Handled, hints::HintList};
use crate::{
    app::{Action, Kind, Running, wire},
    config::{Profile, ProfileId},
    diagnosis::Explained,
    document::{Document, Presentation, View},
    format,
    http::{Exchange, Purpose},
    jobs::{Failure, JobId},
    workspace::Draft,
};
use bytes::Bytes;
use std::{sync::Arc, time::SystemTime};

/// How many exchanges are kept to go back to.
const KEPT: usize = 500;
/// How much of bodies is kept to go back to, in bytes. The newest answer is kept whatever its size.
const KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// Cells that one key scrolls sideways.
const SIDEWAYS: i64 = 16;

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
    /// What an error in it most likely means.
    Hints,
}

impl Face {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 5] = [Self::Tree, Self::Raw, Self::Headers, Self::Wire, Self::Hints];

    /// The tab's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tree => "Tree",
            Self::Raw => "Raw",
            Self::Headers => "Headers",
            Self::Wire => "Wire",
            Self::Hints => "Hints",
        }
    }
}

/// Numbers the records of one run, so that a late look-up never finds another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordId(u64);

/// What the pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Showing {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A call on its way.
    Waiting(JobId),
    /// A record.
    Record(RecordId),
}

/// One exchange, or an attempt that never became one, and where a person is in it.
#[derive(Debug)]
pub struct Record {
    /// Its number.
    pub id: RecordId,
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
    /// What the errors in it most likely mean.
    pub hints: HintList,
    /// The request as it was written, if a person wrote it.
    pub draft: Option<Arc<Draft>>,
    /// The profile as it was then.
    pub sent_as: Option<Arc<Profile>>,
    /// Which face is shown.
    pub face: Face,
    body: Option<View>,
    headers: Option<View>,
    wire: Option<View>,
}

impl Record {
    fn new(id: RecordId, job: JobId, profile: ProfileId, title: String, at: SystemTime) -> Self {
        Self {
            id,
            job,
            profile,
            title,
            at,
            exchange: None,
            failure: None,
            hints: HintList::default(),
            draft: None,
            sent_as: None,
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
            Face::Hints => None,
        }
    }

    fn view_mut(&mut self) -> Option<&mut View> {
        match self.face {
            Face::Tree | Face::Raw => self.body.as_mut(),
            Face::Headers => self.headers.as_mut(),
            Face::Wire => self.wire.as_mut(),
            Face::Hints => None,
        }
    }

    /// The body as something to look at.
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.body.as_ref().map(View::document)
    }

    /// Shows a face; the body's view follows its two presentations.
    fn show(&mut self, face: Face) {
        self.face = face;
        self.make_texts();
        if let Some(view) = &mut self.body {
            match face {
                Face::Tree => view.set_presentation(Presentation::Tree),
                Face::Raw => view.set_presentation(Presentation::Raw),
                Face::Headers | Face::Wire | Face::Hints => {}
            }
        }
    }

    /// Makes the text of headers or wire when it is looked at.
    fn make_texts(&mut self) {
        let Some(exchange) = &self.exchange else { return };
        match (self.face, &exchange.reply) {
            (Face::Wire, _) if self.wire.is_none() => {
                self.wire = Some(text_view(&wire::transcript(exchange)));
            }
            (Face::Headers, Ok(reply)) if self.headers.is_none() => {
                self.headers = Some(text_view(&wire::reply_head(reply)));
            }
            _ => {}
        }
    }

    fn move_in(&mut self, action: &Action) -> Handled {
        if self.face == Face::Hints {
            return if self.hints.handle(action) { Handled::Yes } else { Handled::No };
        }
        self.view_mut().map_or(Handled::No, |view| move_in(view, action))
    }

    /// Takes what its errors mean: that is what is looked at first. The body stays one key away.
    fn take_hints(&mut self, job: &Running, hints: Vec<Explained>) {
        self.sent_as.clone_from(&job.profile);
        match &job.kind {
            Kind::Call { draft, .. } => self.draft.clone_from(draft),
            // What waited for the token is what was wanted.
            Kind::Token(errand) => self.draft = errand.then_send.as_deref().cloned().map(Arc::new),
            _ => {}
        }
        self.hints = HintList::new(hints);
        if !self.hints.is_empty() {
            self.face = Face::Hints;
        }
    }

    /// What it keeps in memory, in bytes, but for the index of a body that was looked at.
    fn size(&self) -> u64 {
        let Some(exchange) = &self.exchange else { return 0 };
        let reply = exchange.reply.as_ref().map_or(0, |reply| reply.body.0.len());
        (reply + exchange.request.body.len()) as u64
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
        self.hints.summary().map(|hint| format!("→ {hint}"))
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
    /// What is on the screen.
    pub showing: Showing,
    last: u64,
}

impl ResponsePane {
    /// The record on the screen.
    pub fn record(&self) -> Option<&Record> {
        self.records.get(self.index()?)
    }

    fn index(&self) -> Option<usize> {
        let Showing::Record(id) = self.showing else { return None };
        self.records.iter().position(|record| record.id == id)
    }

    /// The call that is waited for on the screen.
    pub fn waiting(&self) -> Option<JobId> {
        match self.showing {
            Showing::Waiting(job) => Some(job),
            _ => None,
        }
    }

    /// The view on the screen.
    pub fn view(&self) -> Option<&View> {
        self.record()?.view()
    }

    /// The view on the screen, to move in.
    pub fn view_mut(&mut self) -> Option<&mut View> {
        self.current_mut()?.view_mut()
    }

    /// Whether a search is on in what is shown.
    pub fn searching(&self) -> bool {
        self.view().is_some_and(|view| view.matches().is_some())
    }

    /// Shows that a call is on its way.
    pub fn wait_for(&mut self, job: JobId) {
        self.showing = Showing::Waiting(job);
    }

    /// Keeps an exchange that is over. It is not shown before its job ends.
    pub fn keep(&mut self, job: JobId, exchange: Arc<Exchange>, at: SystemTime) {
        let title = wire::title(&exchange.request.method, &exchange.request.url);
        let index = self.push(job, exchange.profile.clone(), title, at);
        self.records[index].exchange = Some(exchange);
        self.forget_oldest();
    }

    /// Gives an answer its body and shows it, unless the person looks at something else by now; says whether it is
    /// shown.
    pub fn show_answer(
        &mut self,
        job: &Running,
        answer: &crate::jobs::Answer,
        hints: Vec<Explained>,
    ) -> bool {
        let id = answer.exchange.id;
        let found = self.records.iter().rposition(|r| r.exchange.as_ref().is_some_and(|x| x.id == id));
        let Some(index) = found else { return false };
        let record = &mut self.records[index];
        record.take_hints(job, hints);
        record.body = Some(View::new(Arc::clone(&answer.document)));
        let record = record.id;
        let free = matches!(self.showing, Showing::Nothing) || self.waiting() == Some(job.id);
        if free {
            self.showing = Showing::Record(record);
        }
        self.forget_oldest();
        free
    }

    /// Shows why a job brought nothing: at its exchange if it had one, else as a record of its own. A refused token
    /// is shown at once, as it was asked for by a key; a call's failure only to who waits for it.
    pub fn show_failure(&mut self, job: &Running, failure: Failure, hints: Vec<Explained>, at: SystemTime) {
        let Some(profile) = &job.profile else { return };
        let of_job = self.records.iter().rposition(|r| r.job == job.id && r.exchange.is_some());
        let index = of_job.unwrap_or_else(|| self.push(job.id, profile.id.clone(), job.title.clone(), at));
        let record = &mut self.records[index];
        record.take_hints(job, hints);
        record.failure = Some(failure);
        let record = record.id;
        let wanted = match job.kind {
            Kind::Token(_) => self.waiting().is_none(),
            _ => self.showing == Showing::Nothing || self.waiting() == Some(job.id),
        };
        if wanted {
            self.showing = Showing::Record(record);
        }
    }

    /// The causes of a job's failure, weighed anew by what an org has said of it.
    pub fn explain_anew(&mut self, job: JobId, hints: Vec<Explained>, told: Vec<String>) {
        let failed = |record: &&mut Record| record.job == job && record.failure.is_some();
        if let Some(record) = self.records.iter_mut().rev().find(failed) {
            record.hints = HintList::told(hints, told);
            record.show(Face::Hints);
        }
    }

    /// Shows the last exchange of a job that was stopped before an answer was there, if it is waited for.
    pub fn stop_waiting(&mut self, job: JobId) {
        if self.waiting() == Some(job) {
            let last = self.records.iter().rev().find(|r| r.job == job).or(self.records.last());
            self.showing = last.map_or(Showing::Nothing, |record| Showing::Record(record.id));
        }
    }

    fn push(&mut self, job: JobId, profile: ProfileId, title: String, at: SystemTime) -> usize {
        self.last += 1;
        self.records.push(Record::new(RecordId(self.last), job, profile, title, at));
        self.records.len() - 1
    }

    /// Forgets the oldest records when there are too many; never the one on the screen, and never the newest.
    fn forget_oldest(&mut self) {
        let mut bytes: u64 = self.records.iter().map(Record::size).sum();
        let mut many = self.records.len();
        let (showing, last) = (self.showing, RecordId(self.last));
        self.records.retain(|record| {
            let full = many > KEPT || bytes > KEPT_BYTES;
            let kept = !full || Showing::Record(record.id) == showing || record.id == last;
            if !kept {
                bytes -= record.size();
                many -= 1;
            }
            kept
        });
    }

    /// Shows the answer before or after this one; token requests and orgdeck's own questions are skipped.
    fn walk(&mut self, forward: bool) {
        let composed = |r: &&Record| {
            r.failure.is_some() || r.exchange.as_ref().is_none_or(|x| x.purpose == Purpose::Api)
        };
        // From a call on its way, back is the newest answer.
        let at = self.index().unwrap_or(self.records.len());
        let found = if forward {
            self.records.iter().skip(at + 1).find(composed)
        } else {
            self.records[..at].iter().rev().find(composed)
        };
        if let Some(record) = found {
            self.showing = Showing::Record(record.id);
        }
    }

    /// Carries out what concerns this pane alone.
    pub fn handle(&mut self, action: &Action) -> Handled {
        match action {
            Action::AnswerBack => self.walk(false),
            Action::AnswerForward => self.walk(true),
            Action::ShowAnswer(id) if self.records.iter().any(|record| record.id == *id) => {
                self.showing = Showing::Record(*id);
            }
            Action::NextTab => self.turn(1),
            Action::PreviousTab => self.turn(Face::ALL.len() - 1),
            Action::Tab(index) => {
                if let (Some(record), Some(face)) = (self.current_mut(), Face::ALL.get(*index)) {
                    record.show(*face);
                }
            }
            _ => return self.current_mut().map_or(Handled::No, |record| record.move_in(action)),
        }
        Handled::Yes
    }

    /// Whether `Enter` mends something here.
    pub fn has_remedy(&self) -> bool {
        let shown = self.record().filter(|record| record.face == Face::Hints);
        shown.and_then(|record| record.hints.chosen()).is_some_and(|hint| hint.action.is_some())
    }

    /// Shows the hints of a record, from the first.
    pub fn show_hints(&mut self, id: RecordId) {
        self.showing = Showing::Record(id);
        if let Some(record) = self.current_mut() {
            record.hints.go_to(0);
            record.show(Face::Hints);
        }
    }

    /// Says at a record what has mended its error.
    pub fn mend(&mut self, id: RecordId, how: String) {
        if let Some(record) = self.records.iter_mut().find(|record| record.id == id) {
            record.hints.mend(how);
        }
    }

    /// The hints that are on the screen, to fit and to move in.
    pub fn hints_mut(&mut self) -> Option<&mut HintList> {
        self.current_mut().filter(|record| record.face == Face::Hints).map(|record| &mut record.hints)
    }

    fn current_mut(&mut self) -> Option<&mut Record> {
        let index = self.index()?;
        self.records.get_mut(index)
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
        Action::ScrollLeft => view.scroll_sideways(-SIDEWAYS),
        Action::ScrollRight => view.scroll_sideways(SIDEWAYS),
        Action::NextMatch => view.next_match(),
        Action::PreviousMatch => view.previous_match(),
        _ => return Handled::No,
    }
    Handled::Yes
}
