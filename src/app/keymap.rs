//! The keys: one table that dispatch, footer, help, palette and the configuration read.
//!
//! A binding belongs to a [`Where`]; a key is looked up along the chain of places that the state gives
//! (say: search → response → list → anywhere), the first that knows it wins.

use super::{
    action::{Action, Copied, Pane},
    field::{Edit, Motion},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A place where keys mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Where {
    /// Everywhere but in a text field and in an overlay.
    Anywhere,
    /// Lists and trees.
    List,
    /// The profiles pane.
    Profiles,
    /// The token pane.
    Token,
    /// The request pane.
    Request,
    /// The response pane.
    Response,
    /// The response pane while a search is on.
    Matches,
    /// A list to choose from, in an overlay.
    Menu,
    /// A form's fields, in an overlay.
    Form,
    /// A setup guide.
    Guide,
    /// What a check-up has found.
    Doctor,
    /// The list of an org's limits.
    Limits,
    /// The box of a login that waits for a person.
    Login,
    /// The box that asks which org a token is of.
    Org,
    /// The box with the address of a page.
    Address,
    /// A text field being written.
    Text,
    /// A text field of several lines being written.
    Lines,
}

impl Where {
    /// The heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Anywhere => "Anywhere but in a text field",
            Self::List => "Lists and trees",
            Self::Profiles => "Profiles",
            Self::Token => "Token",
            Self::Request => "Request",
            Self::Response => "Response",
            Self::Matches => "While a search is on",
            Self::Menu => "Choosing from a list",
            Self::Form => "Forms",
            Self::Guide => "Setup guide",
            Self::Doctor => "Doctor",
            Self::Limits => "Limits",
            Self::Login => "While a login waits",
            Self::Org => "Which org is this?",
            Self::Address => "A page to be opened elsewhere",
            Self::Text => "Writing in a text field",
            Self::Lines => "Writing in an editor of several lines",
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Where it holds.
    pub at: Where,
    /// Its name in `[settings.keys]`.
    pub name: &'static str,
    /// The keys.
    pub keys: Vec<Key>,
    /// What they mean.
    pub action: Action,
    /// What help and palette say.
    pub says: &'static str,
    /// The one or two words the footer has room for; empty if it does not stand there.
    pub hint: &'static str,
}

/// A key with its modifiers, as terminals tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Key {
    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        match code {
            KeyCode::BackTab => Self { code: KeyCode::Tab, modifiers: known | KeyModifiers::SHIFT },
            // The character says already whether Shift was held.
            KeyCode::Char(c) if known.contains(KeyModifiers::CONTROL) => {
                Self { code: KeyCode::Char(c.to_ascii_lowercase()), modifiers: known - KeyModifiers::SHIFT }
            }
            KeyCode::Char(_) => Self { code, modifiers: known - KeyModifiers::SHIFT },
            _ => Self { code, modifiers: known },
        }
    }

    /// The character it types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// The key without `Alt`, if it has it: what remains where a terminal glued `Esc` and the next key together.
    pub fn without_alt(self) -> Option<Self> {
        self.modifiers
            .contains(KeyModifiers::ALT)
            .then(|| Self { modifiers: self.modifiers - KeyModifiers::ALT, ..self })
    }

    /// Reads `Ctrl-P`, `F5`, `Shift-Tab`, `?`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((word, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty()) {
            modifiers |= match word.to_ascii_lowercase().as_str() {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return Err(format!("`{text}` is no key: `{word}` is none of Ctrl, Alt, Shift")),
            };
            rest = after;
        }
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(rest)).map(|(_, code)| *code);
        let mut chars = rest.chars();
        let code = match (named, chars.next(), chars.next()) {
            (Some(code), ..) => code,
            (None, Some(c), None) => KeyCode::Char(c),
            (None, Some('F' | 'f'), Some(_)) => match rest[1..].parse() {
                Ok(n @ 1..=24) => KeyCode::F(n),
                _ => return Err(format!("`{text}` is no key: function keys are F1 to F24")),
            },
            _ => return Err(format!("`{text}` is no key: write it like s, Ctrl-P, F5, Enter, Shift-Tab")),
        };
        Ok(Self::new(code, modifiers))
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            other => write!(f, "{other}"),
        }
    }
}

/// The keys that have names, spelled as they are shown; the first name of a key is the one shown.
const NAMES: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Space", KeyCode::Char(' ')),
    ("Backspace", KeyCode::Backspace),
    ("Del", KeyCode::Delete),
    ("Ins", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
];

/// All bindings, with the person's changes.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: table() }
    }
}

impl Keymap {
    /// The table with `[settings.keys]` applied, and what was wrong with those.
    pub fn with(changes: &[(String, Vec<String>)]) -> (Self, Vec<String>) {
        let mut map = Self::default();
        let mut problems = Vec::new();
        for (name, keys) in changes {
            if !map.bindings.iter().any(|b| b.name == name) {
                problems.push(format!("settings.keys: there is no action `{name}`; the help lists them"));
                continue;
            }
            let parsed: Result<Vec<Key>, String> = keys.iter().map(|key| Key::parse(key)).collect();
            match parsed {
                Ok(keys) => map.rebind(name, &keys),
                Err(problem) => problems.push(format!("settings.keys.{name}: {problem}")),
            }
        }
        (map, problems)
    }

    /// Gives an action other keys; another action of the same place loses them, or they would be dead.
    fn rebind(&mut self, name: &str, keys: &[Key]) {
        let places: Vec<Where> = self.bindings.iter().filter(|b| b.name == name).map(|b| b.at).collect();
        for binding in &mut self.bindings {
            if binding.name == name {
                binding.keys = keys.to_vec();
            } else if places.contains(&binding.at) {
                binding.keys.retain(|key| !keys.contains(key));
            }
        }
    }

    /// What a key means along a chain of places.
    pub fn action(&self, chain: &[Where], key: Key) -> Option<&Action> {
        chain.iter().find_map(|at| {
            self.bindings.iter().find(|b| b.at == *at && b.keys.contains(&key)).map(|b| &b.action)
        })
    }

    /// All rows, in the table's order.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The rows of a chain of places, each with its first key that no earlier place takes.
    pub fn reachable(&self, chain: &[Where]) -> Vec<(&Binding, Key)> {
        let place_of = |key: &Key| {
            chain.iter().find(|at| self.bindings.iter().any(|b| b.at == **at && b.keys.contains(key)))
        };
        let rows = chain.iter().flat_map(|at| self.bindings.iter().filter(move |b| b.at == *at));
        rows.filter_map(|binding| {
            let key = binding.keys.iter().find(|key| place_of(key) == Some(&binding.at))?;
            Some((binding, *key))
        })
        .collect()
    }

    /// The first key of an action, for texts that name it.
    pub fn key_of(&self, action: &Action) -> Option<Key> {
        self.bindings.iter().find(|b| b.action == *action).and_then(|b| b.keys.first().copied())
    }
}

const fn go(to: Motion) -> Action {
    Action::Edit(Edit::Move { to, select: false })
}

const fn select(to: Motion) -> Action {
    Action::Edit(Edit::Move { to, select: true })
}

const fn delete(to: Motion) -> Action {
    Action::Edit(Edit::Delete(to))
}

/// One line of [`table`]: place, name, keys, action, what help says, what the footer says.
type Line = (Where, &'static str, &'static str, Action, &'static str, &'static str);

fn table() -> Vec<Binding> {
    lines()
        .into_iter()
        .map(|(at, name, keys, action, says, hint)| {
            let keys = keys
                .split_ascii_whitespace()
                .map(|key| Key::parse(key).expect("the table's keys are parsed by a test"))
                .collect();
            Binding { at, name, keys, action, says, hint }
        })
        .collect()
}

#[rustfmt::skip]
fn lines() -> Vec<Line> {
    use Where::{
        Address, Anywhere, Doctor, Form, Guide, Limits, Lines, List, Login, Matches, Menu, Org, Profiles, Request, Response,
        Text, Token,
    };
    vec![
        // The order here is the order of help and footer.
        (Profiles, "use_profile",       "Enter",        Action::Enter,            "use this profile", "use"),
        (Profiles, "add_profile",       "a",            Action::AddProfile,       "write a new profile", "add"),
        (Profiles, "edit_profile",      "e",            Action::EditProfile,      "edit this profile", "edit"),
        (Profiles, "duplicate_profile", "d",            Action::DuplicateProfile, "copy this profile under another name", "duplicate"),
        (Profiles, "delete_profile",    "x Del",        Action::DeleteProfile,    "delete this profile, after a question", "delete"),
        (Profiles, "move_profile_up",   "K Shift-Up",   Action::MoveProfileUp,    "move this profile up", ""),
        (Profiles, "move_profile_down", "J Shift-Down", Action::MoveProfileDown,  "move this profile down", ""),

        (Token, "token_row",    "Enter", Action::Enter,         "get a token, or edit the field", "do it"),
        (Token, "apply_fix",    "f",     Action::ApplyFix,      "apply the first fix of what is warned of", "fix"),
        (Token, "edit_profile", "e",     Action::EditProfile,   "edit the profile's fields", "edit"),
        (Token, "move_secret",  "m",     Action::MoveSecret,    "move this secret to the keyring or the vault", "move"),
        (Token, "forget_token", "x Del", Action::ForgetToken,   "forget the token (it stays valid in the org)", "forget"),

        (Request, "edit_field",   "Enter i", Action::BeginEditing, "write in this field", "write"),
        (Request, "apply_fix",    "f",       Action::ApplyFix,     "apply the first fix of what is warned of", "fix"),
        (Request, "next_tab",     "]",       Action::NextTab,      "next tab", "tabs"),
        (Request, "previous_tab", "[",       Action::PreviousTab,  "previous tab", ""),
        (Request, "method",       "m",       Action::ChooseMethod, "choose the method", "method"),
        (Request, "edit_url",     "u",       Action::EditUrl,      "write the URL", "URL"),
        (Request, "add_row",      "a",       Action::AddRow,       "add a row to the table", "add"),
        (Request, "delete_row",   "x Del",   Action::DeleteRow,    "delete the row", "delete"),
        (Request, "toggle_row",   "Space",   Action::ToggleRow,    "switch the row on or off", "on/off"),
        (Request, "body_kind",    "K",       Action::ChooseBody,   "choose the kind of body", ""),
        (Request, "edit_externally", "Ctrl-O", Action::EditExternally, "write the body in $VISUAL or $EDITOR", ""),

        (Matches, "next_match",     "n", Action::NextMatch,     "next match", "next"),
        (Matches, "previous_match", "N", Action::PreviousMatch, "previous match", "previous"),

        (Response, "fold",          "Enter Space", Action::Enter,   "fold or unfold; on a link, make it the next request", "fold"),
        (Response, "search",        "/",     Action::Search,        "search", "search"),
        (Response, "next_view",     "] v",   Action::NextTab,       "next view", "view"),
        (Response, "previous_view", "[",     Action::PreviousTab,   "previous view", ""),
        (Response, "expand_all",    "e",     Action::ExpandAll,     "unfold everything", ""),
        (Response, "collapse_all",  "E",     Action::CollapseAll,   "fold everything", ""),
        (Response, "scroll_left",   "Shift-Left",  Action::ScrollLeft,  "show what is cut off at the left", ""),
        (Response, "scroll_right",  "Shift-Right", Action::ScrollRight, "show what is cut off at the right", ""),
        (Response, "next_page",     ">",     Action::FollowLink,    "make the link (or the next page) the next request", "follow"),
        (Response, "save_body",     "S",     Action::SaveBody,      "save the body to a file", "to file"),

        (List, "up",        "Up k",    Action::Up,       "up", ""),
        (List, "down",      "Down j",  Action::Down,     "down", ""),
        (List, "left",      "Left h",  Action::Left,     "left; fold, or to the parent", ""),
        (List, "right",     "Right l", Action::Right,    "right; unfold, or to the first member", ""),
        (List, "top",       "g Home",  Action::Top,      "to the first", ""),
        (List, "bottom",    "G End",   Action::Bottom,   "to the last", ""),
        (List, "page_up",   "PgUp Ctrl-B",   Action::PageUp,   "a page up", ""),
        (List, "page_down", "PgDn Ctrl-F",   Action::PageDown, "a page down", ""),

        (Anywhere, "send",         "s F5",   Action::Send,          "send the request", "send"),
        (Anywhere, "get_token",    "t",      Action::GetToken,      "get an access token; a second press stops it", "token"),
        (Anywhere, "setup_guide",  "U",      Action::OpenGuide,     "how the app is set up in Salesforce, step by step", "setup"),
        (Anywhere, "token_menu",   "T",      Action::OpenTokenMenu, "what can be done with the token", ""),
        (Anywhere, "profile",      "p",      Action::SwitchProfile, "switch to another profile", "profile"),
        (Anywhere, "open",         "o",      Action::OpenRequests,  "open a ready request or an earlier draft", "open"),
        (Anywhere, "new_request",  "n",      Action::NewRequest,    "begin an empty request; the present one is kept", ""),
        (Anywhere, "copy",         "y",      Action::OpenCopyMenu,  "copy something of this pane", "copy"),
        (Anywhere, "answer_back",  "b",      Action::AnswerBack,    "the answer before this one", ""),
        (Anywhere, "answer_forward", "B",    Action::AnswerForward, "the answer after this one", ""),
        (Anywhere, "hints",        "!",      Action::ShowHints,     "what the newest error means, and what mends it", ""),
        (Anywhere, "ask_why",      "W",      Action::AskWhy,        "ask the org why it refused the login", "ask why"),
        (Anywhere, "undo_mending", "Z",      Action::UndoMending,   "take back what a hint's key has changed", ""),
        (Anywhere, "history",      "H",      Action::OpenHistory,   "every exchange of this run", ""),
        (Anywhere, "limits",       "L",      Action::OpenLimits,    "what the org allows, and what is left of it", ""),
        (Anywhere, "zoom",         "z",      Action::Zoom,          "the pane on the whole screen, and back", "zoom"),
        (Anywhere, "profiles_pane", "1",     Action::Focus(Pane::Profiles), "to the profiles", ""),
        (Anywhere, "token_pane",   "2",      Action::Focus(Pane::Token),    "to the token", ""),
        (Anywhere, "request_pane", "3",      Action::Focus(Pane::Request),  "to the request", ""),
        (Anywhere, "response_pane", "4",     Action::Focus(Pane::Response), "to the response", ""),
        (Anywhere, "next_pane",    "Tab",    Action::NextPane,      "next pane", ""),
        (Anywhere, "previous_pane", "Shift-Tab", Action::PreviousPane, "previous pane", ""),
        (Anywhere, "doctor",       "",       Action::OpenDoctor,    "doctor: what does not work, and why", ""),
        (Anywhere, "theme",        "Ctrl-T", Action::NextTheme,     "the next theme, for this run", ""),
        (Anywhere, "free_mouse",   "M",      Action::FreeMouse,     "give the mouse to the terminal's own selection, and take it again", ""),
        (Anywhere, "palette",      ": Ctrl-P", Action::OpenPalette, "every action, by a few letters", ""),
        (Anywhere, "help",         "?",      Action::OpenHelp,      "what the keys do here", ""),
        (Anywhere, "back",         "Esc",    Action::Back,          "undo one thing: search, then what runs", ""),
        (Anywhere, "suspend",      "Ctrl-Z", Action::Suspend,       "put orgdeck to sleep; `fg` wakes it", ""),
        (Anywhere, "interrupt",    "Ctrl-C", Action::Interrupt,     "cancel what runs; twice leaves", ""),
        (Anywhere, "quit",         "q",      Action::Quit,          "leave; asks if something runs", "quit"),

        (Menu, "choose",         "Enter",         Action::Enter,    "choose", "choose"),
        (Menu, "menu_up",        "Up Ctrl-P Ctrl-K", Action::Up,    "up", ""),
        (Menu, "menu_down",      "Down Ctrl-N Ctrl-J", Action::Down, "down", ""),
        (Menu, "menu_page_up",   "PgUp",          Action::PageUp,   "a page up", ""),
        (Menu, "menu_page_down", "PgDn",          Action::PageDown, "a page down", ""),
        (Menu, "menu_close",     "Esc",           Action::Back,     "close", "close"),
        (Menu, "menu_interrupt", "Ctrl-C",        Action::Interrupt, "close", ""),

        (Form, "form_save",      "Ctrl-S F2",      Action::SaveForm,      "save", "save"),
        (Form, "form_edit",      "Enter i",        Action::BeginEditing,  "write in the field, or choose", "write"),
        (Form, "form_next",      "Tab Down j",     Action::NextField,     "next field", "fields"),
        (Form, "form_previous",  "Shift-Tab Up k", Action::PreviousField, "previous field", ""),
        (Form, "form_right",     "Right l Space",  Action::Right,         "next choice", ""),
        (Form, "form_left",      "Left h",         Action::Left,          "previous choice", ""),
        (Form, "form_guide",     "U",              Action::OpenGuide,     "how the app is set up in Salesforce, step by step", "setup"),
        (Form, "form_close",     "Esc q",          Action::Back,          "close; asks if something was changed", "close"),
        (Form, "form_interrupt", "Ctrl-C",         Action::Interrupt,     "close", ""),

        (Guide, "guide_enter",   "Enter",   Action::Enter,         "tick the step off; copy the value, or write one that is missing", "do it"),
        (Guide, "guide_tick",    "Space",   Action::ToggleRow,     "tick the step off, or take that back", "tick"),
        (Guide, "guide_copy",    "y",       Action::Copy(Copied::Guided), "copy the value, or the address of the Setup page", "copy"),
        (Guide, "guide_saved",   "s",       Action::AppSaved,      "all is saved in Setup: count until it takes effect", "saved"),
        (Guide, "guide_token",   "t",       Action::GetToken,      "get a token, also before the time is over", "token"),
        (Guide, "guide_app",     "] [ Tab", Action::NextTab,       "the steps for the other kind of app", "other app"),
        (Guide, "guide_edit",    "e",       Action::EditProfile,   "edit the profile, at this value", "edit"),
        (Guide, "guide_flow",    "f",       Action::ChooseGuide,   "the guide of another flow", "flow"),
        (Guide, "guide_close",   "Esc q",   Action::Back,          "close", "close"),
        (Guide, "guide_interrupt", "Ctrl-C", Action::Interrupt,    "close", ""),
        (Doctor, "doctor_mend",  "Enter",   Action::Enter,         "go where it is mended; else copy what to type or do", "mend"),
        (Doctor, "doctor_next",  "n",       Action::NextMatch,     "to the next that is not as it should be", "next"),
        (Doctor, "doctor_again", "r",       Action::OpenDoctor,    "look again", "again"),
        (Doctor, "doctor_close", "Esc q",   Action::Back,          "close; what is still under way is stopped", "close"),
        (Doctor, "doctor_copy",  "y",       Action::Copy(Copied::Finding), "copy what was found", "copy"),
        (Doctor, "doctor_previous", "N",    Action::PreviousMatch, "to the one before that is not as it should be", ""),
        (Doctor, "doctor_interrupt", "Ctrl-C", Action::Interrupt,  "close", ""),

        (Limits, "limits_filter", "/",       Action::Search,        "filter all limits by a few letters", "filter"),
        (Limits, "limits_all",   "a",       Action::ShowAll,       "also those of which nothing is used, and back", "all"),
        (Limits, "limits_again", "r",       Action::AskAgain,      "ask the org again", "again"),
        (Limits, "limits_token", "t",       Action::GetToken,      "get an access token", "token"),
        (Limits, "limits_close", "Esc q L", Action::Back,          "close", "close"),
        (Limits, "limits_interrupt", "Ctrl-C", Action::Interrupt,  "close", ""),
        (Login, "login_enter",   "Enter",  Action::Enter,            "paste the address or the code, and send it", "paste"),
        (Login, "login_close",   "Esc",    Action::Back,             "give the login up, after a question", "give up"),
        (Login, "login_write",   "i",      Action::BeginEditing,     "write in the field", ""),
        (Login, "login_mend",    "m Ctrl-X", Action::MendCode,       "mend a pasted code that looks miscopied", "mend code"),
        (Login, "login_open",    "o",      Action::OpenLogin { private: false }, "open the browser (again)", "open"),
        (Login, "login_private", "p",      Action::OpenLogin { private: true }, "open it in a private window", "private"),
        (Login, "login_copy",    "y",      Action::CopyLogin,        "copy the address of the login", "copy"),
        (Login, "login_copy_other", "c",   Action::CopyOther,        "copy the code to type, or the callback URL to register", "copy code"),
        (Login, "login_print",   "u",      Action::PrintLogin,       "show the address alone, to be selected whole", "address"),
        (Login, "login_error_page", "e",   Action::ExplainErrorPage, "what an error page in the browser means", "error page"),
        (Login, "login_interrupt", "Ctrl-C", Action::Interrupt,      "give the login up, after a question", ""),

        // Not Enter: the question comes by itself, and a key on its way must not be the answer to it.
        (Org, "org_accept",    "a",      Action::Enter,       "accept: this is the right org", "accept"),
        (Org, "org_close",     "Esc",    Action::Back,        "not now; the next request asks again", "not now"),
        (Org, "org_login",     "l",      Action::LogInAgain,  "log in again, as somebody else", "log in again"),
        (Org, "org_profile",   "e",      Action::EditProfile, "change the profile", "edit profile"),
        (Org, "org_interrupt", "Ctrl-C", Action::Interrupt,   "not now", ""),

        (Address, "address_copy",  "y",         Action::CopyLogin,  "copy the address", "copy"),
        (Address, "address_print", "u",         Action::PrintLogin, "show the address alone, to be selected whole", "address"),
        (Address, "address_close", "Esc q Enter", Action::Back,     "close", "close"),
        (Address, "address_interrupt", "Ctrl-C", Action::Interrupt, "close", ""),

        (Text, "text_send",   "F5 Ctrl-G Ctrl-Enter", Action::Send, "send the request", "send"),
        (Text, "text_save",   "Ctrl-S F2",     Action::SaveForm,    "save the form", "save"),
        (Text, "text_end",    "Esc",           Action::Back,        "stop writing", "done"),
        (Text, "text_next",   "Tab",           Action::NextField,   "next field", "next field"),
        (Text, "text_previous", "Shift-Tab",   Action::PreviousField, "previous field", ""),
        (Text, "text_accept", "Enter",         Action::Enter,       "accept; in an editor of several lines, a new line", ""),
        (Text, "text_reveal", "Ctrl-R",        Action::ToggleReveal, "show or hide the secret being written", ""),
        (Text, "text_mend",   "Ctrl-X",        Action::MendCode,    "mend a pasted code that looks miscopied", "mend code"),
        (Text, "text_editor", "Ctrl-O",        Action::EditExternally, "write it in $VISUAL or $EDITOR", ""),
        (Text, "text_interrupt", "Ctrl-C",     Action::Interrupt,   "stop writing", ""),
        (Text, "text_newline", "Ctrl-J",       Action::Edit(Edit::Newline), "a new line", ""),
        (Text, "text_left",   "Left Ctrl-B",   go(Motion::Left),    "left", ""),
        (Text, "text_right",  "Right Ctrl-F",  go(Motion::Right),   "right", ""),
        (Text, "text_word_left",  "Ctrl-Left Alt-b",  go(Motion::WordLeft),  "a word left", ""),
        (Text, "text_word_right", "Ctrl-Right Alt-f", go(Motion::WordRight), "a word right", ""),
        (Text, "text_home",   "Home Ctrl-A",   go(Motion::LineStart), "to the beginning of the line", ""),
        (Text, "text_line_end", "End Ctrl-E",  go(Motion::LineEnd), "to the end of the line", ""),
        (Text, "text_backspace", "Backspace Ctrl-H", delete(Motion::Left), "delete the character before", ""),
        (Text, "text_delete", "Del Ctrl-D",    delete(Motion::Right), "delete the character here", ""),
        (Text, "text_delete_word", "Ctrl-W Alt-Backspace", delete(Motion::WordLeft), "delete the word before", ""),
        (Text, "text_delete_next_word", "Alt-d", delete(Motion::WordRight), "delete the word here", ""),
        (Text, "text_delete_to_end", "Ctrl-K", delete(Motion::LineEnd), "delete to the end of the line", ""),
        (Text, "text_delete_to_start", "Ctrl-U", delete(Motion::LineStart), "delete to the beginning of the line", ""),
        (Text, "text_yank",   "Ctrl-Y",        Action::Edit(Edit::Yank), "put back what was deleted", ""),
        (Text, "text_undo",   "Ctrl-Z Ctrl-_", Action::Edit(Edit::Undo), "take the last change back", ""),
        (Text, "text_redo",   "Alt-z",         Action::Edit(Edit::Redo), "make it again", ""),
        (Text, "text_select_all", "Alt-a",     Action::Edit(Edit::SelectAll), "select everything", ""),
        (Text, "text_select_left",  "Shift-Left",  select(Motion::Left),  "select to the left", ""),
        (Text, "text_select_right", "Shift-Right", select(Motion::Right), "select to the right", ""),
        (Text, "text_select_home",  "Shift-Home",  select(Motion::LineStart), "select to the beginning of the line", ""),
        (Text, "text_select_end",   "Shift-End",   select(Motion::LineEnd), "select to the end of the line", ""),

        (Lines, "lines_newline", "Enter",      Action::Edit(Edit::Newline), "a new line", ""),
        (Lines, "lines_indent", "Tab",         Action::Edit(Edit::Indent), "indent", ""),
        (Lines, "lines_up",    "Up Ctrl-P",    go(Motion::Up),   "a line up", ""),
        (Lines, "lines_down",  "Down Ctrl-N",  go(Motion::Down), "a line down", ""),
        (Lines, "lines_page_up", "PgUp",       go(Motion::PageUp), "a page up", ""),
        (Lines, "lines_page_down", "PgDn",     go(Motion::PageDown), "a page down", ""),
        (Lines, "lines_start", "Ctrl-Home",    go(Motion::Start), "to the beginning", ""),
        (Lines, "lines_end",   "Ctrl-End",     go(Motion::End), "to the end", ""),
        (Lines, "lines_select_up", "Shift-Up", select(Motion::Up), "select upwards", ""),
        (Lines, "lines_select_down", "Shift-Down", select(Motion::Down), "select downwards", ""),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_key_prints_as_it_is_read() {
        for binding in table() {
            for key in binding.keys {
                assert_eq!(Key::parse(&key.to_string()), Ok(key), "{key}");
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let mut seen = HashSet::new();
        for binding in table() {
            for key in &binding.keys {
                assert!(seen.insert((binding.at, *key)), "{key} twice in {:?}", binding.at);
            }
        }
    }

    #[test]
    fn a_changed_key_moves_and_frees_the_old_one() {
        let (map, problems) = Keymap::with(&[("send".into(), vec!["Ctrl-X".into(), "t".into()])]);
        assert_eq!(problems, Vec::<String>::new());
        let at = [Where::Anywhere];
        assert_eq!(map.action(&at, Key::parse("Ctrl-X").unwrap()), Some(&Action::Send));
        assert_eq!(map.action(&at, Key::parse("t").unwrap()), Some(&Action::Send));
        assert_eq!(map.action(&at, Key::parse("s").unwrap()), None);
    }

    #[test]
    fn what_is_wrong_with_a_changed_key_is_named() {
        let (_, problems) =
            Keymap::with(&[("sned".into(), vec!["s".into()]), ("send".into(), vec!["Hyper-s".into()])]);
        assert!(problems[0].contains("no action `sned`"));
        assert!(problems[1].contains("settings.keys.send: `Hyper-s` is no key"));
    }

    #[test]
    fn terminals_spell_the_same_key_in_several_ways() {
        let back_tab = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Key::from(back_tab), Key::parse("Shift-Tab").unwrap());
        let upper = KeyEvent::new(KeyCode::Char('S'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(upper), Key::parse("S").unwrap());
    }
}
