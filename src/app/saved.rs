//! What outlives a run beside the configuration: drafts and the last profile.
//!
//! A draft is what a person wrote, word by word, so the file is for its owner alone; the values of headers that
//! carry credentials are left out of it all the same.

use crate::workspace::{Draft, RequestFile};
use serde::{Deserialize, Serialize};

/// What is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The profile that was in use.
    pub profile: Option<String>,
    /// The request as it was being written.
    pub draft: Draft,
    /// Earlier drafts, newest first.
    pub shelf: Vec<Draft>,
}

impl Default for Saved {
    fn default() -> Self {
        Self { profile: None, draft: Draft::new(), shelf: Vec::new() }
    }
}

/// The file: each draft as the text of a request file, so that there is one way to write a draft.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct File {
    profile: Option<String>,
    draft: Option<String>,
    shelf: Vec<String>,
}

impl Saved {
    /// Reads what [`Saved::print`] wrote; `None` if it is not such a file.
    pub fn parse(text: &str) -> Option<Self> {
        let file: File = toml::from_str(text).ok()?;
        let read = |text: &String| RequestFile::parse(text).ok().map(|file| file.draft);
        let draft = match &file.draft {
            Some(text) => read(text)?,
            None => Draft::new(),
        };
        let shelf = file.shelf.iter().map(read).collect::<Option<_>>()?;
        Some(Self { profile: file.profile, draft, shelf })
    }

    /// The file's text.
    pub fn print(&self) -> String {
        let write = |draft: &Draft| {
            RequestFile { draft: without_credentials(draft), ..RequestFile::default() }.print()
        };
        let file = File {
            profile: self.profile.clone(),
            draft: Some(write(&self.draft)),
            shelf: self.shelf.iter().map(write).collect(),
        };
        toml::to_string_pretty(&file).expect("strings and lists of strings, both of which TOML has")
    }
}

/// The draft without the values of headers that carry credentials; a `{{variable}}` is none.
fn without_credentials(draft: &Draft) -> Draft {
    const CREDENTIALS: &[&str] = &["authorization", "proxy-authorization", "cookie", "x-sfdc-session"];
    let mut draft = draft.clone();
    for header in &mut draft.headers {
        let name = header.name.trim().to_ascii_lowercase();
        if CREDENTIALS.contains(&name.as_str()) && !header.value.contains("{{") {
            header.value.clear();
        }
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{BodyKind, Entry};

    #[test]
    fn drafts_survive_print_and_parse() {
        let draft = Draft {
            url: "query".into(),
            params: vec![Entry::new("q", "SELECT Id FROM Account WHERE Name = '''x'''")],
            body_kind: BodyKind::Json,
            body: "{\n\t\"a\": \"\\u0000\"\n}".into(),
            ..Draft::new()
        };
        let saved =
            Saved { profile: Some("acme-uat".into()), shelf: vec![draft.clone(), Draft::new()], draft };
        assert_eq!(Saved::parse(&saved.print()), Some(saved));
    }

    #[test]
    fn a_token_written_into_a_header_is_not_saved() {
        let headers =
            vec![Entry::new("Authorization", "Bearer 00Dxx!secret"), Entry::new("Accept", "text/csv")];
        let saved = Saved { draft: Draft { headers, ..Draft::new() }, ..Saved::default() };
        let text = saved.print();
        assert!(!text.contains("secret") && text.contains("Authorization") && text.contains("text/csv"));
    }

    #[test]
    fn a_damaged_file_is_known_as_such() {
        assert_eq!(Saved::parse("not toml ["), None);
        assert_eq!(Saved::parse("draft = \"[\"\n"), None);
        assert_eq!(Saved::parse(""), Some(Saved::default()));
    }
}
