//! What one key does about a cause: the actions that hints can name.

use crate::config::ProfileField;
use std::fmt;

/// What can be done about a cause by one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its word in the data, told by `label`")]
pub enum Remedy {
    UseProductionHost,
    UseSandboxHost,
    UseMyDomain,
    UseHttps,
    EnterSecurityToken,
    SendWithoutSecurityToken,
    StripBlanks,
    SwapKeyAndSecret,
    CompleteCode,
    DecodeCode,
    LogInAgain,
    GetNewToken,
    UseTokenInstance,
    FixAuthorization,
    CopyCallback,
    TurnOnPkce,
    UseNewestVersion,
    UseSoapVersion,
    Retry,
    RetryLater,
    WaitForApp,
    UseAllowedMethod,
    EncodeQuery,
    DropBody,
    GoToError,
    UseTooling,
    UseDataApi,
    DescribeObject,
    ListVersions,
    ShowLimits,
    OpenLoginHistory,
    AskLoginHistory,
    OpenGuide,
    EditRequest,
    ShowFirstFailure,
    ResetTokenPage,
    /// Open the profile's form at a field.
    Edit(ProfileField),
    /// Ask for a scope too, and log in again.
    AddScope(String),
    /// Send with this header.
    AddHeader(String, String),
    /// Send without this header.
    RemoveHeader(String),
    /// Send with this method.
    UseMethod(String),
    /// Open a page of Setup in a browser.
    OpenSetup(SetupPage),
}

/// A page of an org's Setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named as in Setup")]
pub enum SetupPage {
    LoginHistory,
    Users,
    OauthSettings,
    ConnectedApps,
    OauthUsage,
    ExternalClientApps,
    SessionSettings,
    IpRanges,
    MyDomain,
}

impl SetupPage {
    /// Word in the data, and path on the org's host.
    ///
    /// Source: Salesforce Help, URL formats of Setup pages as guides show them; a page that has moved leads to Setup's
    /// start.
    const TABLE: &'static [(&'static str, Self, &'static str)] = &[
        ("login-history", Self::LoginHistory, "/lightning/setup/OrgLoginHistory/home"),
        ("users", Self::Users, "/lightning/setup/ManageUsers/home"),
        ("oauth-settings", Self::OauthSettings, "/lightning/setup/OauthOidcSettings/home"),
        ("connected-apps", Self::ConnectedApps, "/lightning/setup/NavigationMenus/home"),
        ("oauth-usage", Self::OauthUsage, "/lightning/setup/ConnectedAppsUsage/home"),
        (
            "external-client-apps",
            Self::ExternalClientApps,
            "/lightning/setup/ManageExternalClientApplication/home",
        ),
        ("session-settings", Self::SessionSettings, "/lightning/setup/SecuritySession/home"),
        ("ip-ranges", Self::IpRanges, "/lightning/setup/NetworkAccess/home"),
        ("my-domain", Self::MyDomain, "/lightning/setup/OrgDomain/home"),
    ];

    fn parse(word: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(name, ..)| *name == word).map(|(_, page, _)| *page)
    }

    fn row(self) -> (&'static str, &'static str) {
        Self::TABLE
            .iter()
            .find(|(_, page, _)| *page == self)
            .map_or(("", "/"), |(name, _, path)| (name, path))
    }

    /// Its path on the org's host.
    pub fn path(self) -> &'static str {
        self.row().1
    }
}

/// The actions without a parameter: word, action, what the key does, in a few words.
const PLAIN: &[(&str, Remedy, &str)] = &[
    ("use-production-host", Remedy::UseProductionHost, "try at the production login host"),
    ("use-sandbox-host", Remedy::UseSandboxHost, "try at the sandbox login host"),
    ("use-my-domain", Remedy::UseMyDomain, "log in at the My Domain"),
    ("use-https", Remedy::UseHttps, "use https"),
    ("enter-security-token", Remedy::EnterSecurityToken, "enter the security token and try"),
    ("send-without-security-token", Remedy::SendWithoutSecurityToken, "try once without the security token"),
    ("strip-blanks", Remedy::StripBlanks, "strip the blanks and try"),
    ("swap-key-and-secret", Remedy::SwapKeyAndSecret, "swap key and secret"),
    ("complete-code", Remedy::CompleteCode, "log in again; where the code is pasted, a key adds the ="),
    ("decode-code", Remedy::DecodeCode, "log in again; where the code is pasted, a key decodes it"),
    ("log-in-again", Remedy::LogInAgain, "log in again"),
    ("get-new-token", Remedy::GetNewToken, "get a new token and send again"),
    ("use-token-instance", Remedy::UseTokenInstance, "send to the token's own instance"),
    ("fix-authorization", Remedy::FixAuthorization, "send with a correct Authorization header"),
    ("copy-callback", Remedy::CopyCallback, "copy the callback to register"),
    ("turn-on-pkce", Remedy::TurnOnPkce, "log in with PKCE"),
    ("use-newest-version", Remedy::UseNewestVersion, "send with the org's newest API version"),
    ("use-soap-version", Remedy::UseSoapVersion, "log in with API version 64.0"),
    ("retry", Remedy::Retry, "try again"),
    ("retry-later", Remedy::RetryLater, "count down and try again"),
    ("wait-for-app", Remedy::WaitForApp, "count down until the app is known"),
    ("use-allowed-method", Remedy::UseAllowedMethod, "send with the allowed method"),
    ("encode-query", Remedy::EncodeQuery, "encode the query and send"),
    ("drop-body", Remedy::DropBody, "send without the body"),
    ("go-to-error", Remedy::GoToError, "go to the place of the error"),
    ("use-tooling", Remedy::UseTooling, "send to the Tooling API"),
    ("use-data-api", Remedy::UseDataApi, "send to the data API"),
    ("describe-object", Remedy::DescribeObject, "describe the sObject"),
    ("list-versions", Remedy::ListVersions, "list the org's API versions"),
    ("show-limits", Remedy::ShowLimits, "show the org's limits"),
    ("open-login-history", Remedy::OpenLoginHistory, "open Login History in the org"),
    ("ask-login-history", Remedy::AskLoginHistory, "ask the org why"),
    ("open-guide", Remedy::OpenGuide, "open the setup guide"),
    ("edit-request", Remedy::EditRequest, "go to the request"),
    ("show-first-failure", Remedy::ShowFirstFailure, "go to the first failure"),
    ("reset-token-page", Remedy::ResetTokenPage, "open Reset My Security Token"),
];

impl Remedy {
    /// Reads `use-sandbox-host`, `edit:username`, `add-header:Name: value`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some((_, remedy, _)) = PLAIN.iter().find(|(word, ..)| *word == text) {
            return Ok(remedy.clone());
        }
        let (word, parameter) = text.split_once(':').ok_or_else(|| format!("there is no action `{text}`"))?;
        let parameter = parameter.trim();
        Ok(match word {
            "edit" => Self::Edit(
                ProfileField::all()
                    .find(|field| field.key() == parameter)
                    .ok_or_else(|| format!("a profile has no field `{parameter}`"))?,
            ),
            "add-scope" => Self::AddScope(parameter.to_owned()),
            "add-header" => {
                let (name, value) = parameter
                    .split_once(':')
                    .ok_or_else(|| format!("`{parameter}` is no header: Name: value"))?;
                Self::AddHeader(name.trim().to_owned(), value.trim().to_owned())
            }
            "remove-header" => Self::RemoveHeader(parameter.to_owned()),
            "use-method" => Self::UseMethod(parameter.to_owned()),
            "open-setup" => Self::OpenSetup(
                SetupPage::parse(parameter)
                    .ok_or_else(|| format!("there is no page of Setup `{parameter}`"))?,
            ),
            _ => return Err(format!("there is no action `{word}`")),
        })
    }

    /// What the key does, in a few words.
    pub fn label(&self) -> String {
        match self {
            Self::Edit(field) => format!("edit {}", field.label()),
            Self::AddScope(scope) => format!("ask for the scope {scope} too, and log in again"),
            Self::AddHeader(name, value) => format!("send with {name}: {value}"),
            Self::RemoveHeader(name) => format!("send without {name}"),
            Self::UseMethod(method) => format!("send with {method}"),
            Self::OpenSetup(_) => "open the page in Setup".to_owned(),
            plain => {
                PLAIN.iter().find(|(_, remedy, _)| remedy == plain).map_or("", |(.., label)| label).to_owned()
            }
        }
    }
}

/// As it stands in the data.
impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit(field) => write!(f, "edit:{}", field.key()),
            Self::AddScope(scope) => write!(f, "add-scope:{scope}"),
            Self::AddHeader(name, value) => write!(f, "add-header:{name}: {value}"),
            Self::RemoveHeader(name) => write!(f, "remove-header:{name}"),
            Self::UseMethod(method) => write!(f, "use-method:{method}"),
            Self::OpenSetup(page) => write!(f, "open-setup:{}", page.row().0),
            plain => {
                f.write_str(PLAIN.iter().find(|(_, remedy, _)| remedy == plain).map_or("", |(word, ..)| word))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_as_it_is_written() {
        let with_parameter = [
            "edit:username",
            "edit:jwt.private_key_file",
            "add-scope:api",
            "add-header:Sforce-Duplicate-Rule-Header: allowSave=true",
            "remove-header:X",
            "use-method:PATCH",
            "open-setup:login-history",
        ];
        for word in PLAIN.iter().map(|(word, ..)| *word).chain(with_parameter) {
            let remedy = Remedy::parse(word).unwrap();
            assert_eq!(remedy.to_string(), word);
            assert!(!remedy.label().is_empty(), "{word}");
        }
        for wrong in ["", "use-it", "edit:nothing", "open-setup:nowhere", "add-header:x"] {
            assert!(Remedy::parse(wrong).is_err(), "{wrong}");
        }
    }
}
