//! What a key, a click, a palette row or a footer hint means.

use super::{About, field::Edit};
use crate::jobs::Wanted;

/// One of the four panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    /// Connected-app profiles.
    Profiles,
    /// The token request and the token.
    Token,
    /// The request composer.
    Request,
    /// The response viewer.
    Response,
}

impl Pane {
    /// All panes, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Profiles, Self::Token, Self::Request, Self::Response];

    /// The pane's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Profiles => "Profiles",
            Self::Token => "Token",
            Self::Request => "Request",
            Self::Response => "Response",
        }
    }

    /// The title where there is little room.
    pub fn short_title(self) -> &'static str {
        match self {
            Self::Profiles => "Prof",
            Self::Token => "Token",
            Self::Request => "Req",
            Self::Response => "Resp",
        }
    }

    /// The key that leads to it.
    pub fn number(self) -> usize {
        self as usize + 1
    }
}

/// Everything a person can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go to a pane.
    Focus(Pane),
    /// Go to the next pane.
    NextPane,
    /// Go to the previous pane.
    PreviousPane,
    /// The focused pane on the whole screen, and back.
    Zoom,
    /// Every action, by a few letters.
    OpenPalette,
    /// What the keys do here.
    OpenHelp,
    /// Choose another profile.
    SwitchProfile,
    /// Use the profile of this name.
    UseProfile(String),
    /// Get an access token; a second press stops it.
    GetToken,
    /// Get a token in this way.
    GetTokenBy {
        /// Which will do.
        wanted: Wanted,
        /// The `prompt` of this one login; `None` is the profile's.
        prompt: Option<&'static str>,
    },
    /// Log in with another `prompt` than the profile's.
    ChoosePrompt,
    /// Ask something about the token, or do something with it.
    AskAbout(About),
    /// Make the token dead in the org, after a question.
    Revoke,
    /// Look at the org that the token is of.
    ShowOrg,
    /// Log in again, since the token is of another org than it should be.
    LogInAgain,
    /// What can be done with the token.
    OpenTokenMenu,
    /// Drop the token here, also where it is kept; in the org it stays valid.
    ForgetToken,
    /// Send the request.
    Send,
    /// Open a ready request or an earlier draft.
    OpenRequests,
    /// Put this ready request into the composer.
    OpenReady(usize),
    /// Put this earlier draft into the composer.
    OpenDraft(usize),
    /// Begin an empty request; the present one is kept.
    NewRequest,
    /// The exchanges of this run.
    OpenHistory,
    /// What the org allows, and what is left of it.
    OpenLimits,
    /// Ask the org again.
    AskAgain,
    /// Also what is left out at first, and back.
    ShowAll,
    /// Show the answer of this number.
    ShowAnswer(super::panes::response::RecordId),
    /// Show what the newest error most likely means.
    ShowHints,
    /// Ask the org why it refused the login.
    AskWhy,
    /// Take back what was mended last.
    UndoMending,
    /// Show the answer before this one.
    AnswerBack,
    /// Show the answer after this one.
    AnswerForward,
    /// What can be copied.
    OpenCopyMenu,
    /// Copy this.
    Copy(Copied),
    /// Give the mouse to the terminal for its own selection, and take it again.
    FreeMouse,
    /// The next theme.
    NextTheme,
    /// Put the program to sleep, as the shell's job control does.
    Suspend,
    /// Leave.
    Quit,
    /// Leave although something runs.
    QuitAnyway,
    /// Undo one thing: completion, overlay, editing, search, running job.
    Back,
    /// `Ctrl-C`: cancel or clear; twice leaves.
    Interrupt,

    /// One up.
    Up,
    /// One down.
    Down,
    /// One to the left; in a tree, fold or go to the parent.
    Left,
    /// One to the right; in a tree, unfold.
    Right,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Do what the row is for.
    Enter,
    /// Search or filter.
    Search,
    /// The next match.
    NextMatch,
    /// The previous match.
    PreviousMatch,
    /// The next tab or view.
    NextTab,
    /// The previous tab or view.
    PreviousTab,
    /// The tab or view of this number.
    Tab(usize),
    /// Put the cursor on this row of the focused pane.
    Row(usize),

    /// Write a new profile.
    AddProfile,
    /// Change the selected profile.
    EditProfile,
    /// Copy the selected profile under another name.
    DuplicateProfile,
    /// Delete the selected profile, after a question.
    DeleteProfile,
    /// Delete the profile of this name; it was confirmed.
    DeleteProfileNow(String),
    /// Move the selected profile up in the file.
    MoveProfileUp,
    /// Move the selected profile down in the file.
    MoveProfileDown,

    /// Choose the method.
    ChooseMethod,
    /// Set the method.
    SetMethod(String),
    /// Choose the kind of body.
    ChooseBody,
    /// Set the kind of body.
    SetBody(crate::workspace::BodyKind),
    /// Edit the URL.
    EditUrl,
    /// Add a row to the table.
    AddRow,
    /// Delete the row.
    DeleteRow,
    /// Switch the row on or off.
    ToggleRow,
    /// Write the text in `$VISUAL` or `$EDITOR`.
    EditExternally,
    /// Put right what is warned of in this pane.
    ApplyFix,

    /// Unfold everything.
    ExpandAll,
    /// Fold everything.
    CollapseAll,
    /// Show what is cut off at the left.
    ScrollLeft,
    /// Show what is cut off at the right.
    ScrollRight,
    /// Follow the link under the cursor: it becomes the next request.
    FollowLink,
    /// Save the body to a file.
    SaveBody,

    /// Begin to write in the field.
    BeginEditing,
    /// Change the text being written.
    Edit(Edit),
    /// The next field.
    NextField,
    /// The previous field.
    PreviousField,
    /// Save the form.
    SaveForm,
    /// Show or hide the secret being typed.
    ToggleReveal,

    /// Open the page that a login waits for, in a private window or not.
    OpenLogin {
        /// Without the browser's open sessions.
        private: bool,
    },
    /// Copy the address of the page that a login waits for, or that is to be opened elsewhere.
    CopyLogin,
    /// Copy the callback URL to register, or the code to type.
    CopyOther,
    /// Show that address alone on the terminal, to be selected whole.
    PrintLogin,
    /// What an error page in the browser may mean, and back.
    ExplainErrorPage,
    /// Mends a pasted code that looks miscopied.
    MendCode,
    /// Open the box for the vault's passphrase.
    OpenVault(super::overlays::vault::Purpose),
    /// Forget the vault's passphrase.
    LockVault,
    /// Keep the offered login in the vault.
    KeepLogin,
    /// Keep the offered login for this run only.
    DoNotKeepLogin,
    /// Choose where the secret of this row is kept.
    MoveSecret,
    /// Move this secret there.
    MoveSecretTo(crate::config::SecretField, crate::config::SecretKind),
    /// Give this login up; it was confirmed.
    GiveUp(crate::jobs::JobId),

    /// Try the demo orgs.
    OpenDemo,
    /// Look what does not work, and why; on that page, once more.
    OpenDoctor,

    /// How the app of the chosen profile, or of the form, is set up in Salesforce.
    OpenGuide,
    /// How an app is set up for this flow.
    OpenGuideOf(crate::config::Flow),
    /// Choose the flow whose guide is to be read.
    ChooseGuide,
    /// All is saved in Setup: count until the app should be known everywhere.
    AppSaved,
}

/// What can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The value under the cursor.
    Value,
    /// Where the cursor is, as a path.
    Path,
    /// The whole body.
    Body,
    /// The response's headers.
    Headers,
    /// The final request URL.
    Url,
    /// The access token.
    Token,
    /// `Authorization: Bearer …`.
    Authorization,
    /// The instance URL.
    InstanceUrl,
    /// The org id.
    OrgId,
    /// The selected field of the token answer.
    TokenField,
    /// What the row of the setup guide has to copy.
    Guided,
    /// The finding under the cursor.
    Finding,
}
