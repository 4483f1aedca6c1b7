//! A job that waits for a person: a login in a browser, or a code to be typed elsewhere. Says what is waited for,
//! takes the address that the browser ended at, and explains the pages that no listener hears of.

use super::{
    ask::edit_masked,
    page::{Line, Page, Tone},
};
use crate::{
    app::{Action, Seat, host_of},
    config::{Profile, host_and_port},
    format::span,
    jobs::{JobId, Listening, Waiting},
    salesforce::oauth::{DeviceCode, Login, Slip, mended},
    secrets::{Masked, Secret},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use url::Url;

/// The box.
#[derive(Debug)]
pub struct LoginBox {
    /// The job that waits.
    pub job: JobId,
    /// For whom.
    pub profile: Arc<Profile>,
    /// For what.
    pub waiting: Arc<Waiting>,
    /// Since when.
    pub since: Instant,
    /// What is said.
    pub page: Page,
    /// The address or code being pasted: whoever has it can finish the login.
    pub typed: Masked,
    /// Letters go into the field.
    pub writing: bool,
    /// Whether its text is shown.
    pub revealed: bool,
    /// What the field's text was found to be, if it is not what is waited for; or what was cleaned off it.
    pub remark: Option<(Tone, String)>,
    /// The pasted code looks miscopied; nothing is mended unasked.
    pub slip: Option<Slip>,
    /// The code was refused for that, and is sent when it is mended.
    pub refused: bool,
    /// The person sees an error page, and reads what it may mean.
    pub explains: bool,
    seat: Seat,
}

impl LoginBox {
    /// A box for a job that waits.
    pub fn new(job: JobId, profile: Arc<Profile>, waiting: Arc<Waiting>, seat: Seat, since: Instant) -> Self {
        let page = Page::new(lines(&waiting, &profile, seat));
        let typed = Masked::new();
        let (writing, revealed, explains) = (false, false, false);
        let (remark, slip, refused) = (None, None, false);
        Self {
            job,
            profile,
            waiting,
            since,
            page,
            typed,
            writing,
            revealed,
            remark,
            slip,
            refused,
            explains,
            seat,
        }
    }

    /// Whether there is something to be pasted.
    pub fn takes_text(&self) -> bool {
        matches!(&*self.waiting, Waiting::Browser { .. })
    }

    /// Where the browser goes.
    pub fn address(&self) -> &Url {
        match &*self.waiting {
            Waiting::Browser { login, .. } => &login.authorize,
            Waiting::Code(code) => &code.verification_uri,
        }
    }

    /// What is copied beside the address: the code to type, or the callback URL to register; and its name.
    pub fn other(&self) -> (&str, &'static str) {
        match &*self.waiting {
            Waiting::Browser { login, .. } => (&login.redirect_uri, "the callback URL"),
            Waiting::Code(code) => (&code.user_code, "the code"),
        }
    }

    /// What was pasted, if anything.
    pub fn pasted(&self) -> Option<Secret> {
        (!self.typed.is_empty()).then(|| Secret::new(self.typed.reveal()))
    }

    /// How long is waited already, or how long there still is.
    pub fn status(&self, now: Instant) -> String {
        let waited = now.saturating_duration_since(self.since);
        match &*self.waiting {
            Waiting::Browser { .. } if self.refused => format!("waiting for the code · {}", seconds(waited)),
            Waiting::Browser { .. } => format!("waiting for the login · {}", seconds(waited)),
            Waiting::Code(DeviceCode { lives, .. }) => match lives.checked_sub(waited) {
                Some(left) => format!("{} left for typing the code", seconds(left)),
                None => "too old by now: Esc, then t for a new one".into(),
            },
        }
    }

    /// Carries out what concerns this box alone. The text's area is of that size.
    pub fn handle(&mut self, action: &Action, width: u16, height: u16) -> bool {
        match action {
            Action::Back if self.writing => self.writing = false,
            Action::BeginEditing if self.takes_text() => self.writing = true,
            Action::Enter if self.takes_text() && self.typed.is_empty() => self.writing = !self.writing,
            Action::ToggleReveal => self.revealed = !self.revealed,
            Action::ExplainErrorPage if self.takes_text() => self.explain(),
            Action::Edit(edit) if self.writing => {
                edit_masked(&mut self.typed, *edit);
                (self.remark, self.slip) = (None, None);
            }
            _ => return !self.writing && self.page.handle(action, width, height),
        }
        true
    }

    /// Takes what was pasted; `None` if nothing can be.
    pub fn paste(&mut self, text: &str) -> Option<bool> {
        if !self.takes_text() {
            return None;
        }
        // A second try is meant to be in place of the first.
        if self.remark.take().is_some_and(|(tone, _)| tone == Tone::Bad) {
            self.typed.clear();
        }
        let cleaned: Vec<&str> = self.typed.paste(text).iter().map(|cleaned| cleaned.says()).collect();
        self.slip = self.see_slip();
        self.remark = match self.slip {
            Some(slip) => {
                Some((Tone::Odd, format!("{slip} · Ctrl-X {} · Enter sends it as it is", slip.mends())))
            }
            None if cleaned.is_empty() => None,
            None => Some((Tone::Odd, format!("cleaned: {}", cleaned.join(", ")))),
        };
        self.writing = true;
        Some(true)
    }

    /// Says that the text is not what the job waits for; it stays, to be mended.
    pub fn refuse(&mut self, sentence: String) {
        self.remark = Some((Tone::Bad, sentence));
    }

    /// Says that the code was refused, and how it would be mended.
    pub fn refuse_code(&mut self, sentence: &str) {
        self.slip = self.see_slip();
        self.refused = true;
        self.explains = false;
        self.page = Page::new(refused_lines());
        // The key first: in a small terminal the rest may not fit.
        let mends = self.slip.map(|slip| format!("Ctrl-X {} and sends it · ", slip.mends()));
        self.remark = Some((Tone::Bad, format!("{}{sentence}", mends.unwrap_or_default())));
    }

    /// Mends what looks miscopied in the field; false where nothing does.
    pub fn mend(&mut self) -> bool {
        let Some(whole) = mended(self.typed.reveal()).filter(|_| self.takes_code()) else { return false };
        self.typed.clear();
        self.typed.paste(whole.expose());
        self.slip = None;
        self.remark = Some((Tone::Good, "the code is mended · Enter sends it".into()));
        true
    }

    fn see_slip(&self) -> Option<Slip> {
        Slip::in_pasted(self.typed.reveal()).filter(|_| self.takes_code())
    }

    /// Whether it is a code that is waited for, and not a token.
    fn takes_code(&self) -> bool {
        matches!(&*self.waiting, Waiting::Browser { login, .. } if !login.in_fragment)
    }

    /// What can be done with the field, for the line below it.
    pub fn field_help(&self) -> &'static str {
        match (self.writing, self.typed.is_empty()) {
            (true, _) => "Enter sends it · Ctrl-R shows it · Esc ends the writing",
            (false, true) => "Paste here the address at which the browser ends, or its code.",
            (false, false) => "Enter sends it · i changes it",
        }
    }

    fn explain(&mut self) {
        self.explains = !self.explains;
        self.page = Page::new(match &*self.waiting {
            Waiting::Browser { login, .. } if self.explains => error_pages(login, &self.profile),
            Waiting::Browser { .. } if self.refused => refused_lines(),
            waiting => lines(waiting, &self.profile, self.seat),
        });
    }
}

/// A person's time: no tenths.
fn seconds(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => span(time),
    }
}

type Lines = Vec<Line>;

fn lines(waiting: &Waiting, profile: &Profile, seat: Seat) -> Lines {
    match waiting {
        Waiting::Browser { login, listening } => browser_lines(login, listening, profile, seat),
        Waiting::Code(code) => code_lines(code),
    }
}

fn browser_lines(login: &Login, listening: &Listening, profile: &Profile, seat: Seat) -> Lines {
    let user = profile.username.as_ref().map(|user| format!(" as {user}")).unwrap_or_default();
    let host = host_and_port(&login.authorize);
    let mut lines = vec![Line::Text(Tone::Strong, format!("Log in{user} at {host}."))];
    lines.extend(match seat {
        Seat::Desktop => None,
        Seat::Remote => Some(Line::Text(Tone::Odd, "You are here by SSH, so no browser was opened.".into())),
        Seat::NoDisplay => {
            Some(Line::Text(Tone::Odd, "There is no display here, so no browser was opened.".into()))
        }
    });
    match listening {
        Listening::At(here) => lines.extend(lines_of_listener(here, seat)),
        Listening::Busy { port, cause } => {
            lines.push(Line::Text(
                Tone::Bad,
                format!("Port {port}, where the answer comes, is taken: {cause}."),
            ));
            lines.push(Line::Text(Tone::Plain, BUSY.into()));
        }
        Listening::Elsewhere => {
            let text =
                format!("It ends at {}: copy that page's address and paste it here.", login.redirect_uri);
            lines.push(Line::Text(Tone::Plain, text));
        }
    }
    if login.in_fragment {
        lines.push(Line::Text(
            Tone::Plain,
            "Paste it whole: the token is in it, behind #access_token.".into(),
        ));
    }
    if seat != Seat::Desktop && !matches!(listening, Listening::At(_)) {
        lines.push(Line::Text(
            Tone::Plain,
            "u shows the address of the login: open it in any browser.".into(),
        ));
    }
    lines.push(Line::Text(Tone::Muted, "An error page in the browser? e explains it.".into()));
    lines
}

fn lines_of_listener(here: &Url, seat: Seat) -> Lines {
    let page = format!("{}://{}", here.scheme(), host_and_port(here));
    let mut lines = vec![Line::Text(Tone::Good, format!("Waiting on {page}: the rest goes by itself."))];
    if seat == Seat::Desktop {
        lines.push(Line::Text(Tone::Muted, NO_PAGE.into()));
        return lines;
    }
    let host = here.host_str().unwrap_or_default();
    let port = here.port_or_known_default().unwrap_or_default();
    if seat == Seat::Remote {
        lines.extend([
            Line::Text(Tone::Plain, "1 On your own computer, with the host as you know it:".into()),
            Line::Text(Tone::Strong, format!("  ssh -L {port}:{host}:{port} HOST")),
            Line::Text(Tone::Plain, format!("  and open {host}:{port} there: it leads on to the login.")),
            Line::Text(Tone::Plain, "2 Or without that:".into()),
        ]);
    }
    let indent = if seat == Seat::Remote { "  " } else { "" };
    lines.push(Line::Text(Tone::Plain, format!("{indent}{BY_HAND}")));
    lines
}

/// For the one whose browser did not open, or opened where nobody is.
const NO_PAGE: &str = "No page? o opens the browser again, p a private window. Or open the address anywhere (y copies \
                       it), and paste here the address at which it ends.";

/// For the one whose browser is on another computer than the listener.
const BY_HAND: &str = "u shows the address of the login: open it in any browser. Your browser will show an error \
                       page at the end: copy its address and paste it here.";

const BUSY: &str = "Close the other program and log in again, or register another port with the app. Pasting works \
                    meanwhile: the browser ends at a page that is not ours; copy its address and paste it here.";

/// Once a miscopied code was refused: nothing comes from the browser any more.
fn refused_lines() -> Lines {
    vec![
        Line::Text(Tone::Strong, "The org does not know the code that was pasted.".into()),
        Line::Text(Tone::Plain, REFUSED.into()),
        Line::Text(Tone::Muted, "A second refusal ends this login; t begins another.".into()),
    ]
}

const REFUSED: &str = "It looks miscopied, so the org's own code is not used up: mended, or pasted whole, it is sent once \
                       more in this login.";

fn code_lines(code: &DeviceCode) -> Lines {
    let place = host_of(&code.verification_uri);
    vec![
        Line::Text(Tone::Plain, format!("On any device open {place}")),
        Line::Text(Tone::Plain, "(o opens it here, y copies it) and type this code (c copies it):".into()),
    ]
}

/// Errors of which Salesforce tells the browser alone, because it may not send it back.
///
/// Source: Salesforce Help, OAuth 2.0 Authorization Errors.
fn error_pages(login: &Login, profile: &Profile) -> Lines {
    let host = host_and_port(&login.authorize);
    let key = profile.consumer_key.as_deref().unwrap_or_default();
    let plain = |text: &str| Line::Text(Tone::Plain, text.to_owned());
    vec![
        plain("orgdeck hears nothing of what such a page says; look for these words on it:"),
        Line::Text(Tone::Strong, "redirect_uri_mismatch".into()),
        plain("  The app has another callback URL. Register exactly this one (c copies it):"),
        Line::Text(Tone::Good, format!("  {}", login.redirect_uri)),
        Line::Text(Tone::Strong, "invalid_client_id".into()),
        Line::Text(Tone::Plain, format!("  {host} does not know the consumer key {key}. {UNKNOWN_KEY}")),
        Line::Text(Tone::Strong, "error= in the page's address".into()),
        plain("  Copy the address and paste it here: orgdeck explains it."),
        Line::Text(Tone::Muted, "A change of the app takes 2 to 10 minutes. e: back.".into()),
    ]
}

const UNKNOWN_KEY: &str =
    "Is the key whole, and is this the org's login host? A new app is known after 2 to 10 minutes.";
