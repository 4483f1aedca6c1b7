//! Phrases: whether what a person wrote beside an error tells what a phrase of the data says.
//!
//! A phrase counts as whole words, within one sentence, and not where it is denied. This is no understanding of language:
//! what it misses is only not told.

use super::facts::plain_words;
use regex::Regex;
use std::sync::LazyLock;

/// So much may stand between the parts of a phrase, in bytes.
const GAP: usize = 60;

/// A word of a phrase may have so many letters more: a plural's, a past tense's.
const ENDING: usize = 2;

/// So many words may stand between a denial and what it denies.
const BETWEEN: usize = 3;

const DENIALS: &[&str] = &["not", "no", "never", "without", "neither", "nor", "nobody", "cannot", "whether"];

/// Words that keep a denial alive: `not in the`, `not behind a`.
const FILLERS: &[&str] = &[
    "a", "an", "the", "any", "my", "our", "your", "their", "this", "that", "in", "on", "of", "by", "to",
    "from", "with", "behind", "use", "used", "using", "sent", "be", "been", "being", "have", "has", "had",
    "ever", "yet", "even", "also", "really", "actually", "longer", "security", "session",
];

static FEW_MINUTES: LazyLock<Regex> = LazyLock::new(|| {
    let number =
        "[1-9]|10|one|two|three|four|five|six|seven|eight|nine|ten|an?|few|some|several|(?:a )?couple of";
    Regex::new(&format!(r"\b(?:a )?(?:{number}) ?(?:min|sec)(?:ute|ond)?s?\b|\b(?:a )?moments?\b"))
        .expect("a pattern of ours, used by tests")
});

/// What denies the words before it. Not every `is not` does: "the app is not installed" is about an app.
static DENIED_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\w{0,2} (?:is|was|are|were) (?:turned |switched )?(?:off|not (?:used|enabled|on|in use|active|involved))\b")
        .expect("a pattern of ours, used by tests")
});

/// What a person wrote, made comparable: as [`plain_words`], contractions in full, hyphens and underscores as blanks,
/// every span of up to ten minutes alike. Phrases are made so too.
pub(super) fn comparable(text: &str) -> String {
    let mut text = plain_words(text).replace("e-mail", "email").replace("n't", " not");
    for word in ["dont", "didnt", "doesnt", "isnt", "arent", "wasnt", "werent", "hasnt", "havent"] {
        if text.contains(word) {
            text = text.replace(word, &format!("{} not", &word[..word.len() - 2]));
        }
    }
    FEW_MINUTES.replace_all(&text.replace(['-', '_'], " "), "few minutes").into_owned()
}

/// Whether a note tells what a phrase says, both [`comparable`]. `*` stands for anything within a sentence, up to
/// [`GAP`] bytes of it.
pub(super) fn tells(note: &str, phrase: &str) -> bool {
    told_from(note, 0, phrase)
}

/// As [`tells`], with the search begun at `from`; what stands before it may still deny.
fn told_from(note: &str, from: usize, phrase: &str) -> bool {
    let (part, rest) = match phrase.split_once('*') {
        Some((part, rest)) => (part.trim_end(), Some(rest.trim_start())),
        None => (phrase, None),
    };
    if part.is_empty() {
        return false;
    }
    note[from..].match_indices(part).any(|(at, _)| {
        let (start, end) = (from + at, from + at + part.len());
        let denied = is_denied(&note[..start]) || DENIED_AFTER.is_match(&note[end..]);
        if denied || !are_whole_words(note, start, end) {
            return false;
        }
        rest.is_none_or(|rest| told_from(&note[..end + gap(&note[end..])], end, rest))
    })
}

/// How far the next part of a phrase may be.
fn gap(behind: &str) -> usize {
    let longest =
        (0..=behind.len().min(GAP)).rev().find(|end| behind.is_char_boundary(*end)).unwrap_or_default();
    end_of_sentence(&behind[..longest]).unwrap_or(longest)
}

/// A mark that ends a sentence: one that a blank or nothing follows. That of 127.0.0.1 does not.
fn end_of_sentence(text: &str) -> Option<usize> {
    let ends = |(at, mark): &(usize, char)| {
        matches!(mark, '.' | ';' | '!' | '?') && text[at + 1..].chars().next().is_none_or(char::is_whitespace)
    };
    text.char_indices().find(ends).map(|(at, _)| at)
}

fn are_whole_words(note: &str, start: usize, end: usize) -> bool {
    let letter = |c: char| c.is_alphanumeric();
    let begins = !note[start..].starts_with(letter) || !note[..start].ends_with(letter);
    let more = note[end..].chars().take_while(|c| letter(*c)).count();
    begins && (more <= ENDING || !note[..end].ends_with(letter))
}

/// Whether the words right before a phrase deny it.
fn is_denied(before: &str) -> bool {
    let sentence = before.rsplit(". ").next().unwrap_or(before);
    let mut words =
        sentence.split_whitespace().rev().map(|word| word.trim_start_matches(['"', '(', '“', '„', '«']));
    for _ in 0..=BETWEEN {
        match words.next() {
            Some(word) if DENIALS.contains(&word) => return true,
            Some(word) if FILLERS.contains(&word) => {}
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(note: &str, phrase: &str) -> bool {
        tells(&comparable(note), &comparable(phrase))
    }

    #[test]
    fn a_phrase_may_have_gaps_within_a_sentence() {
        assert!(told("I copied the token out of the terminal", "copied * terminal"));
        assert!(!told("I copied it. The terminal is new", "copied * terminal"));
        assert!(told("Größe a then b", "a * b"));
        assert!(told("sent to 127.0.0.1 by http", "sent * http"));
    }

    #[test]
    fn a_phrase_is_whole_words() {
        assert!(!told("because of that", "eca") && told("an ECA.", "eca"));
        assert!(told("special characters", "special character") && !told("training", "train"));
        assert!(told("url-encoded", "url encoded") && told("refresh_token missing", "refresh token missing"));
        assert!(told("(http://login.salesforce.com)", "http://login"));
    }

    #[test]
    fn what_is_denied_is_not_told() {
        for note in [
            "it is not an External Client App",
            "it isn’t an external client app",
            "we dont use an external client app",
            "No external client app.",
            "I wonder whether the external client app matters",
        ] {
            assert!(!told(note, "external client app"), "{note}");
        }
        assert!(told("it does not work. External client app!", "external client app"));
        assert!(told("it does not work for the external client app", "external client app"));
        assert!(told("an external client app, not a connected app", "external client app"));
        assert!(!told("rotation is not enabled", "rotation") && !told("Nobody logged out", "logged out"));
        assert!(told("the external client app is not installed", "external client app"));
        assert!(!told("the sandbox was NOT refreshed", "sandbox * refreshed"));
        assert!(told("we didn't append the token", "not append * token"));
        assert!(told("there is no security token", "no security token"));
    }

    #[test]
    fn a_few_minutes_are_ten_at_most() {
        for note in [
            "created 5 minutes ago",
            "created a minute ago",
            "created about two mins ago",
            "created a couple of minutes ago",
        ] {
            assert!(told(note, "created * few minutes ago"), "{note}");
        }
        assert!(!told("created 45 minutes ago", "created * few minutes ago"));
        assert!(!told("created an hour ago", "created * few minutes ago"));
    }
}
