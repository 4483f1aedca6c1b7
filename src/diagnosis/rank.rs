//! Facts held against the hints: which may be meant, how likely each is, and what speaks for it.

use super::{
    facts::{Facts, Place},
    phrases::{comparable, tells},
    remedy::Remedy,
    rules::{Rule, Rules, Seen},
    signals::SIGNALS,
    words::fill,
};
use crate::http::mask_text;

/// How the evidence begins that only repeats the error.
pub const ANSWER: &str = "the answer is ";

/// Below this a cause is not worth a person's time.
const LEAST: i32 = 5;

/// What a cause that the org itself names is worth.
const TOLD: i32 = 97;

/// What a cause is worth that a person names: they may be wrong.
const SUPPOSED: i32 = 84;

/// How far a hint falls whose flow, or whose place, is not known to be the one.
const UNSURE: i32 = 16;

/// The id of the hint that says that nothing is known.
pub(super) const UNKNOWN: &str = "unknown";

/// More causes than this are not read.
const MOST: usize = 8;

/// A likely cause of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Its name, stable for scripts.
    pub id: String,
    /// How likely it is.
    pub confidence: Confidence,
    /// What is most likely wrong.
    pub cause: String,
    /// What was seen that speaks for it, a sentence each.
    pub evidence: Vec<String>,
    /// What to look at, in the order a skilled engineer does.
    pub checks: Vec<String>,
    /// What to do about it.
    pub fix: String,
    /// What one key does about it.
    pub action: Option<Remedy>,
}

/// How likely a cause is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// To be looked at when nothing else holds.
    LessLikely,
    /// One of several.
    Possible,
    /// More likely than the others.
    Likely,
    /// What was seen leaves little else.
    AlmostCertain,
}

impl Confidence {
    fn of(score: i32) -> Self {
        match score {
            85.. => Self::AlmostCertain,
            60..85 => Self::Likely,
            30..60 => Self::Possible,
            _ => Self::LessLikely,
        }
    }

    /// As it is shown.
    pub fn words(self) -> &'static str {
        match self {
            Self::LessLikely => "less likely",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::AlmostCertain => "almost certain",
        }
    }
}

/// The likely causes, the likeliest first; never none.
pub fn diagnose(rules: &Rules, mut facts: Facts) -> Vec<Hint> {
    facts.infer();
    let view = View::new(rules, &facts);
    let mut found: Vec<(i32, &Rule)> =
        rules.rules.iter().filter_map(|rule| Some((view.score(rule)?, rule))).collect();
    // Stable: equals stay in the order of the files.
    found.sort_by_key(|(score, _)| -score);
    let named = found.iter().any(|(score, rule)| *score >= LEAST && !rule.last_resort);
    found.retain(|(score, rule)| *score >= LEAST && !(named && rule.last_resort));
    found.truncate(MOST);
    let is_told = found.iter().any(|(_, rule)| view.told(rule).is_some());
    let mut hints: Vec<Hint> = found.into_iter().map(|(score, rule)| view.hint(rule, score)).collect();
    if hints.is_empty() {
        hints.push(view.unknown());
    }
    // The org's own word comes first, also where no hint knows it.
    if let (false, Some((_, status))) = (is_told, view.history.first()) {
        hints[0].evidence.insert(0, in_history(status));
    }
    hints
}

fn in_history(status: &str) -> String {
    format!("Login History says “{status}”")
}

/// The facts, with all that is asked of them again and again worked out once.
struct View<'a> {
    rules: &'a Rules,
    facts: &'a Facts,
    code: String,
    /// The code that a description without one implies.
    implied: String,
    says: String,
    /// What older releases add to “authentication failure”.
    reason: String,
    note: String,
    /// The org's own words on the user's logins, the newest first; lower case, and as they are.
    history: Vec<(String, &'a str)>,
    /// For each signal whether it holds.
    signals: Vec<bool>,
}

/// Words that name a cause.
struct Said {
    sentence: String,
    /// The org's own words, not a person's.
    by_org: bool,
}

impl<'a> View<'a> {
    fn new(rules: &'a Rules, facts: &'a Facts) -> Self {
        let note = comparable(&facts.note);
        let told = |index: usize| rules.tellings[index].note.iter().any(|phrase| tells(&note, phrase));
        let signals =
            SIGNALS.iter().enumerate().map(|(i, signal)| (signal.holds)(facts) || told(i)).collect();
        let history =
            facts.known.history.iter().map(|status| (comparable(status), status.as_str())).collect();
        let says = facts.says();
        let reason = says.split_once("authentication failure").map(|(_, reason)| comparable(reason));
        Self {
            rules,
            facts,
            code: facts.code().to_lowercase(),
            implied: facts.implied_code().to_lowercase(),
            says,
            reason: reason.unwrap_or_default().trim_start_matches([' ', '-', ':']).to_owned(),
            note,
            history,
            signals,
        }
    }

    /// What a rule is worth here; `None` where it is not meant.
    fn score(&self, rule: &Rule) -> Option<i32> {
        if !self.matches(&rule.seen) {
            return None;
        }
        let told = self.told(rule).map(|told| if told.by_org { TOLD } else { SUPPOSED });
        let weighed = rule.weigh.iter().filter(|(index, _)| self.signals[*index]);
        let raised: i32 = weighed.map(|(_, points)| points).sum();
        let unsure = (!rule.seen.flows.is_empty() && self.facts.flow.is_none())
            || (!rule.seen.at.is_empty() && self.facts.place.is_none());
        Some(
            (rule.rank + raised - if unsure { UNSURE } else { 0 })
                .clamp(0, 100)
                .max(told.unwrap_or_default()),
        )
    }

    fn matches(&self, seen: &Seen) -> bool {
        let facts = self.facts;
        let any = |list: &[String], holds: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|one| holds(one))
        };
        // Where the place is not known it may be the one, but then something else must speak for it.
        let place = |at: &Place| facts.place.map_or(seen.speaks_for_itself(), |place| place == *at);
        let status = || match facts.status {
            Some(status) => any(&seen.status, &|pattern| fits_status(pattern, status)),
            // An error without a code fits too many statuses.
            None => {
                let has_code = seen.codes.iter().any(|code| !code.is_empty() && self.has_code(code));
                seen.status.is_empty() || !seen.says.is_empty() || has_code
            }
        };
        (seen.at.is_empty() || seen.at.iter().any(place))
            && any(&seen.codes, &|code| self.has_code(code))
            && any(&seen.says, &|part| self.says.contains(part))
            && status()
            && (seen.flows.is_empty() || facts.flow.is_none_or(|flow| seen.flows.contains(&flow)))
            && any(&seen.methods, &|method| facts.asked.as_ref().is_some_and(|asked| asked.method == method))
            && any(&seen.paths, &|pattern| fits_path(pattern, facts.path()))
            && any(&seen.fields, &|field| {
                facts.error.fields.iter().any(|own| own.eq_ignore_ascii_case(field))
            })
            && seen.with.iter().all(|index| self.signals[*index])
            && !seen.without.iter().any(|index| self.signals[*index])
    }

    fn has_code(&self, pattern: &str) -> bool {
        fits_code(pattern, &self.code) || (!self.implied.is_empty() && fits_code(pattern, &self.implied))
    }

    /// The org's own word that names this cause: the newest login that was refused, what the answer adds to its usual
    /// sentence, or a note.
    fn told(&self, rule: &Rule) -> Option<Said> {
        let says = |text: &str| rule.history.iter().any(|phrase| tells(text, phrase));
        if let Some((_, status)) = self.history.first().filter(|(plain, _)| says(plain)) {
            return Some(Said { sentence: in_history(status), by_org: true });
        }
        if says(&self.reason) {
            let reason = shortened(&mask_text(&self.reason));
            return Some(Said {
                sentence: format!("the answer gives the reason: “{reason}”"), by_org: true
            });
        }
        says(&self.note).then(|| Said {
            sentence: format!("the note says “{}”", self.quoted(&rule.history)),
            by_org: ["history", "status", "login error"].iter().any(|word| self.note.contains(word)),
        })
    }

    /// The part of the note around what was recognised in it: the clause, else the sentence.
    fn quoted(&self, phrases: &[String]) -> String {
        const LONGEST: usize = 120;
        let note = &self.facts.note;
        let sentences = || note.split(['\n', ';']).flat_map(|line| line.split(". "));
        let clauses = sentences().flat_map(|sentence| sentence.split(", "));
        let said = |part: &&str| phrases.iter().any(|phrase| tells(&comparable(part), phrase));
        let part = clauses.filter(said).chain(sentences().filter(said)).next().unwrap_or(note);
        let masked = mask_text(part.trim());
        match masked.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &masked[..end]),
            None => masked.into_owned(),
        }
    }

    fn hint(&self, rule: &Rule, score: i32) -> Hint {
        let words = |text: &String| self.fill(text);
        Hint {
            id: rule.id.clone(),
            confidence: Confidence::of(score),
            cause: words(&rule.cause),
            evidence: self.evidence(rule),
            checks: rule.checks.iter().map(words).collect(),
            fix: words(&rule.fix),
            action: rule.action.clone(),
        }
    }

    /// Answers and notes come from outside and may hold anything: what looks like a secret is masked.
    fn fill(&self, text: &str) -> String {
        let filled = fill(text, self.facts);
        if filled == text { filled } else { mask_text(&filled).into_owned() }
    }

    fn evidence(&self, rule: &Rule) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.told(rule).map(|told| told.sentence));
        let raising = rule.weigh.iter().filter(|(_, points)| *points > 0).map(|(index, _)| *index);
        for index in rule.seen.with.iter().copied().chain(raising).filter(|index| self.signals[*index]) {
            let telling = &self.rules.tellings[index];
            let sentence = match (SIGNALS[index].holds)(self.facts) {
                true => self.fill(&telling.evidence),
                false => format!("the note says “{}”", self.quoted(&telling.note)),
            };
            if !all.contains(&sentence) {
                all.push(sentence);
            }
        }
        all.extend(self.answer_in_words(&rule.seen));
        all
    }

    /// What was answered, as far as the rule looked at it.
    fn answer_in_words(&self, seen: &Seen) -> Option<String> {
        let looked = !seen.codes.is_empty() || !seen.says.is_empty() || !seen.status.is_empty();
        let code = self.facts.error.code.as_deref().filter(|code| !code.is_empty());
        let message = mask_text(&self.facts.error.message); // before the quotes: a value ends where it ends
        let message = Some(&*message).filter(|text| !text.is_empty());
        if let (true, Some(Place::Network), Some(message)) = (looked, self.facts.place, message) {
            return Some(format!("no whole answer came: “{}”", shortened(message)));
        }
        let status = self.facts.status.map(|status| format!("{status} ")).unwrap_or_default();
        let said = match (code, message) {
            (Some(code), Some(message)) => format!("{status}{code}: “{}”", shortened(message)),
            (Some(code), None) => format!("{status}{code}"),
            (None, Some(message)) => format!("{status}“{}”", shortened(message)),
            (None, None) => status.trim().to_owned(),
        };
        (looked && !said.is_empty()).then(|| format!("{ANSWER}{said}"))
    }

    /// Nothing is known of it, not even a status.
    fn unknown(&self) -> Hint {
        Hint {
            id: UNKNOWN.to_owned(),
            confidence: Confidence::LessLikely,
            cause: "this is no error that orgdeck knows".to_owned(),
            evidence: self.answer_in_words(&Seen { says: vec![String::new()], ..Seen::default() }).into_iter().collect(),
            checks: Vec::new(),
            fix: "read the answer as it came; with the status, the request and the whole answer more can be said".to_owned(),
            action: None,
        }
    }
}

fn shortened(message: &str) -> String {
    const LONGEST: usize = 160;
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn fits_code(pattern: &str, code: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => code == pattern,
    }
}

fn fits_status(pattern: &str, status: u16) -> bool {
    let status = status.to_string();
    pattern == status || (pattern.ends_with("xx") && status.starts_with(&pattern[..1]))
}

/// Whether a path fits a pattern in which `*` stands for anything.
fn fits_path(pattern: &str, path: &str) -> bool {
    let Some((start, pattern)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut rest) = path.strip_prefix(start) else { return false };
    let (middle, end) = pattern.rsplit_once('*').unwrap_or(("", pattern));
    for part in middle.split('*') {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::{fits_path, fits_status};

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, path, fits) in [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/a*", "/ab", true),
            ("*/jobs/*/batches", "/services/data/v66.0/jobs/ingest/750/batches", true),
            ("*/jobs/*/batches", "/services/jobs/1/batches/2", false),
            ("*b", "/abab", true),
            ("*/x*y*", "/1/x2/z", false),
        ] {
            assert_eq!(fits_path(pattern, path), fits, "{pattern} {path}");
        }
        assert!(fits_status("5xx", 503) && fits_status("400", 400) && !fits_status("4xx", 503));
    }
}
