//! What is wrong with a configuration, and where.

use super::fields::ProfileField;
use std::{fmt, ops::Range, path::Path};

/// What is wrong with a configuration: the place, the field, and what to do. Never holds a secret's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, where it is known.
    pub path: Option<Box<Path>>,
    /// One-based line, where it is known.
    pub line: Option<usize>,
    /// One-based column in characters, where it is known.
    pub column: Option<usize>,
    /// `profiles.acme-uat.flow`; empty where no field is to blame.
    pub field: String,
    /// What is wrong, lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl ConfigError {
    /// Without a place.
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: None,
            line: None,
            column: None,
            field: field.into(),
            message: message.into(),
            hint: None,
        }
    }

    /// At a byte range of the text.
    pub(super) fn at(mut self, text: &str, span: Option<Range<usize>>) -> Self {
        if let Some(span) = span {
            let (line, column) = place(text, span.start);
            (self.line, self.column) = (Some(line), Some(column));
        }
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The field of that profile's form that is to blame.
    pub fn profile_field(&self, profile: &str) -> Option<ProfileField> {
        if self.field == "name" {
            return Some(ProfileField::Name);
        }
        let rest = self.field.strip_prefix("profiles.")?.strip_prefix(profile)?;
        let Some(rest) = rest.strip_prefix('.') else { return rest.is_empty().then_some(ProfileField::Name) };
        ProfileField::all().find(|field| {
            rest.strip_prefix(field.key()).is_some_and(|after| after.is_empty() || after.starts_with('.'))
        })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "{} ", self.field)?;
        }
        f.write_str(&self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for ConfigError {}

/// Line and column of a byte offset, both from 1, the column in characters.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The known word that a mistyped one is nearest to, if one is near.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    known
        .map(|candidate| (distance(&word, &candidate.replace('-', "_")), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swapped = if swapped { rows[i - 2][j - 2] + 1 } else { usize::MAX };
                replaced.min(swapped).min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1)
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_its_neighbour() {
        let words = ["password", "client_credentials", "flow", "username"];
        let find = |word| nearest(word, words.into_iter());
        assert_eq!(find("passwrod"), Some("password"));
        assert_eq!(find("Client-Credentials"), Some("client_credentials"));
        assert_eq!(find("flwo"), Some("flow"));
        assert_eq!(find("user_name"), Some("username"));
        assert_eq!(find("oauth"), None);
    }

    #[test]
    fn an_error_reads_as_a_sentence() {
        let error =
            ConfigError::new("profiles.uat.flow", "is \"pw\", which is no flow").hint("allowed: password");
        let error = error.at("a = 1\nä = x", Some(9..10));
        assert_eq!(
            error.to_string(),
            "line 2, column 3: profiles.uat.flow is \"pw\", which is no flow; allowed: password"
        );
    }
}
