//! The hints as data: read, checked, ready to be held against facts.
//!
//! The built-in ones are `assets/hints/*.toml`; a person may add files of the same form. A wrong entry of ours fails a
//! test; a wrong one of a person is told with its file and name and left out, the others hold.

use super::{
    facts::Place,
    phrases::comparable,
    remedy::Remedy,
    signals::SIGNALS,
    words::{is_word, words_of},
};
use crate::config::Flow;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

/// The built-in files, in the order in which equals are ranked.
const BUILT_IN: &[(&str, &str)] = &[
    ("token.toml", include_str!("../../assets/hints/token.toml")),
    ("authorize.toml", include_str!("../../assets/hints/authorize.toml")),
    ("soap.toml", include_str!("../../assets/hints/soap.toml")),
    ("session.toml", include_str!("../../assets/hints/session.toml")),
    ("rest.toml", include_str!("../../assets/hints/rest.toml")),
    ("query.toml", include_str!("../../assets/hints/query.toml")),
    ("write.toml", include_str!("../../assets/hints/write.toml")),
    ("bulk.toml", include_str!("../../assets/hints/bulk.toml")),
    ("network.toml", include_str!("../../assets/hints/network.toml")),
    ("other.toml", include_str!("../../assets/hints/other.toml")),
];

/// One cause: when it may be meant, and what is said of it.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) cause: String,
    pub(super) fix: String,
    pub(super) checks: Vec<String>,
    pub(super) action: Option<Remedy>,
    pub(super) rank: i32,
    pub(super) last_resort: bool,
    pub(super) seen: Seen,
    /// Signals by their place in [`SIGNALS`], and the points each adds.
    pub(super) weigh: Vec<(usize, i32)>,
    /// Phrases by which the org tells it in Login History, made [`comparable`].
    pub(super) history: Vec<String>,
}

/// What must have been seen. An empty list asks for nothing.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) at: Vec<Place>,
    pub(super) codes: Vec<String>,
    pub(super) says: Vec<String>,
    pub(super) status: Vec<String>,
    pub(super) flows: Vec<Flow>,
    pub(super) methods: Vec<String>,
    pub(super) paths: Vec<String>,
    pub(super) fields: Vec<String>,
    pub(super) with: Vec<usize>,
    pub(super) without: Vec<usize>,
}

/// How a signal is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Telling {
    /// The sentence that shows it as evidence.
    pub(super) evidence: String,
    /// Phrases by which a note tells it, made [`comparable`].
    #[serde(default)]
    pub(super) note: Vec<String>,
}

/// All hints there are.
#[derive(Debug)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) tellings: Vec<Telling>,
}

/// The built-in hints. They are part of the program; a test reads them.
static OURS: LazyLock<Rules> = LazyLock::new(|| Rules::read(BUILT_IN.iter().copied()).0);

impl Rules {
    /// The built-in hints.
    pub fn built_in() -> &'static Self {
        &OURS
    }

    /// The built-in hints and a person's own, which stand before ours and replace those of the same id. With what is
    /// wrong with the person's, a sentence each.
    pub fn with_own<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<String>) {
        let (mut mine, problems) = Self::read(own);
        let replaced: HashSet<String> = mine.rules.iter().map(|rule| rule.id.clone()).collect();
        let (ours, _) = Self::read(BUILT_IN.iter().copied());
        mine.rules.extend(ours.rules.into_iter().filter(|rule| !replaced.contains(&rule.id)));
        (mine, problems)
    }

    /// The ids of all hints, in their order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    /// Reads files of hints, name and text; with what is wrong in them.
    fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<String>) {
        let (tellings, mut problems) = read_tellings();
        let mut rules: Vec<Rule> = Vec::new();
        for (name, text) in files {
            let file: File = match toml::from_str(text) {
                Ok(file) => file,
                Err(error) => {
                    problems.push(format!("{name}: {}", described(text, &error)));
                    continue;
                }
            };
            for raw in file.hint {
                let id = raw.id.clone();
                match raw.check() {
                    Ok(rule) if rules.iter().any(|other| other.id == rule.id) => {
                        problems.push(format!("{name}: {id}: there are two hints of this id"));
                    }
                    Ok(rule) => rules.push(rule),
                    Err(wrong) => {
                        problems.extend(wrong.into_iter().map(|what| format!("{name}: {id}: {what}")))
                    }
                }
            }
        }
        (Self { rules, tellings }, problems)
    }
}

/// What is wrong with a file as a whole, in one line.
fn described(text: &str, error: &toml::de::Error) -> String {
    let what = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return what };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {what}")
}

/// The evidence sentences, in the order of [`SIGNALS`].
fn read_tellings() -> (Vec<Telling>, Vec<String>) {
    let mut problems = Vec::new();
    let mut table: BTreeMap<String, Telling> =
        match toml::from_str(include_str!("../../assets/hints/signals.toml")) {
            Ok(table) => table,
            Err(error) => {
                problems.push(format!("signals.toml: {error}"));
                BTreeMap::new()
            }
        };
    let tellings = SIGNALS
        .iter()
        .map(|signal| {
            let mut telling = table.remove(signal.name).unwrap_or_else(|| {
                problems.push(format!("signals.toml: {} is missing", signal.name));
                Telling { evidence: signal.name.replace('-', " "), note: Vec::new() }
            });
            telling.note.iter_mut().for_each(|phrase| *phrase = comparable(phrase));
            telling
        })
        .collect();
    problems.extend(table.keys().map(|name| format!("signals.toml: there is no signal {name}")));
    (tellings, problems)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    hint: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    cause: String,
    fix: String,
    #[serde(default)]
    checks: Vec<String>,
    action: Option<String>,
    #[serde(default = "half")]
    rank: i32,
    #[serde(default)]
    last_resort: bool,
    /// For whoever mends the file; a test wants one of ours.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "only a test looks at it"))]
    source: String,
    #[serde(default)]
    seen: RawSeen,
    #[serde(default)]
    weigh: BTreeMap<String, i32>,
    #[serde(default)]
    told: RawTold,
}

fn half() -> i32 {
    50
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawSeen {
    at: Vec<String>,
    codes: Vec<String>,
    says: Vec<String>,
    status: Vec<String>,
    flows: Vec<String>,
    methods: Vec<String>,
    paths: Vec<String>,
    fields: Vec<String>,
    with: Vec<String>,
    without: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTold {
    history: Vec<String>,
}

impl RawRule {
    /// The rule, if nothing is wrong with it; else all that is.
    fn check(self) -> Result<Rule, Vec<String>> {
        let mut wrong = Vec::new();
        if self.id.is_empty()
            || !self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            wrong.push("an id is of small letters, digits and hyphens".to_owned());
        }
        for (what, text) in [("cause", &self.cause), ("fix", &self.fix)] {
            if text.trim().is_empty() {
                wrong.push(format!("there is no {what}"));
            }
        }
        for text in [&self.cause, &self.fix].into_iter().chain(&self.checks) {
            wrong.extend(
                words_of(text)
                    .filter(|word| !is_word(word))
                    .map(|word| format!("there is no word {{{word}}}")),
            );
        }
        let action = self.action.as_deref().map(Remedy::parse).transpose().unwrap_or_else(|problem| {
            wrong.push(problem);
            None
        });
        let seen = self.seen.check(&mut wrong);
        if seen.asks_nothing() && !self.last_resort && self.told.history.is_empty() {
            wrong.push("`seen` asks for nothing, so it would always be shown".to_owned());
        }
        let mut weigh = Vec::new();
        for (name, points) in self.weigh {
            match signal(&name) {
                Some(index) => weigh.push((index, points)),
                None => wrong.push(format!("there is no signal `{name}`")),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Rule {
            id: self.id,
            cause: self.cause,
            fix: self.fix,
            checks: self.checks,
            action,
            rank: self.rank,
            last_resort: self.last_resort,
            seen,
            weigh,
            history: self.told.history.iter().map(|phrase| comparable(phrase)).collect(),
        })
    }
}

impl RawSeen {
    fn check(self, wrong: &mut Vec<String>) -> Seen {
        fn each<T>(
            words: Vec<String>,
            what: &str,
            wrong: &mut Vec<String>,
            read: impl Fn(&str) -> Option<T>,
        ) -> Vec<T> {
            let mut all = Vec::new();
            for word in words {
                match read(&word) {
                    Some(value) => all.push(value),
                    None => wrong.push(format!("there is no {what} `{word}`")),
                }
            }
            all
        }
        let is_status = |text: &str| {
            let known = text.len() == 3 && text.starts_with(|c: char| ('1'..='9').contains(&c));
            (known && (text.ends_with("xx") || text.bytes().all(|b| b.is_ascii_digit())))
                .then(|| text.to_owned())
        };
        Seen {
            at: each(self.at, "place", wrong, Place::parse),
            codes: lowered(self.codes),
            says: lowered(self.says),
            status: each(self.status, "status", wrong, is_status),
            flows: each(self.flows, "flow", wrong, Flow::parse),
            methods: self.methods.into_iter().map(|method| method.to_ascii_uppercase()).collect(),
            paths: self.paths,
            fields: lowered(self.fields),
            with: each(self.with, "signal", wrong, signal),
            without: each(self.without, "signal", wrong, signal),
        }
    }
}

impl Seen {
    /// Whether more is asked for than a place, a flow, a method or a status, which many errors share.
    pub(super) fn speaks_for_itself(&self) -> bool {
        !(self.codes.is_empty()
            && self.says.is_empty()
            && self.paths.is_empty()
            && self.fields.is_empty()
            && self.with.is_empty())
    }

    fn asks_nothing(&self) -> bool {
        self.codes.is_empty()
            && self.says.is_empty()
            && self.status.is_empty()
            && self.paths.is_empty()
            && self.fields.is_empty()
            && self.with.is_empty()
    }
}

fn signal(name: &str) -> Option<usize> {
    SIGNALS.iter().position(|signal| signal.name == name)
}

fn lowered(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_whole() {
        let (rules, problems) = Rules::read(BUILT_IN.iter().copied());
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        for (name, text) in BUILT_IN {
            let file: File = toml::from_str(text).unwrap();
            for rule in file.hint {
                assert!(!rule.source.is_empty(), "{name}: {} has no source", rule.id);
                for text in [&rule.cause, &rule.fix].into_iter().chain(&rule.checks) {
                    assert!(!text.trim_end().ends_with('.'), "{name}: {}: no full stop: {text}", rule.id);
                }
            }
        }
        let used: HashSet<usize> = rules
            .rules
            .iter()
            .flat_map(|rule| {
                rule.weigh
                    .iter()
                    .map(|(index, _)| *index)
                    .chain(rule.seen.with.clone())
                    .chain(rule.seen.without.clone())
            })
            .collect();
        let idle: Vec<_> = SIGNALS
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(index))
            .map(|(_, s)| s.name)
            .collect();
        assert!(idle.is_empty(), "signals that no hint asks for: {idle:?}");
        for telling in &rules.tellings {
            assert!(words_of(&telling.evidence).all(is_word), "{}", telling.evidence);
        }
    }

    #[test]
    fn what_is_wrong_with_one_s_own_is_said_and_the_rest_holds() {
        let text = "[[hint]]\nid='good'\ncause='c'\nfix='f'\nseen.codes=['X']\n\
            [[hint]]\nid='bad'\ncause='{what}'\nfix='f'\naction='fly'\nseen.with=['moon']\n\
            [[hint]]\nid='call-limit'\ncause='ours'\nfix='f'\nseen.codes=['REQUEST_LIMIT_EXCEEDED']\n";
        let (rules, problems) = Rules::with_own([("own.toml", text), ("broken.toml", "[[hint]\n")]);
        assert_eq!(rules.rules[0].id, "good");
        assert_eq!(rules.ids().filter(|id| *id == "call-limit").count(), 1);
        let all = problems.join("\n");
        for part in [
            "own.toml: bad: there is no word {what}",
            "no action `fly`",
            "no signal `moon`",
            "broken.toml: line 1, column ",
        ] {
            assert!(all.contains(part), "{part}: {all}");
        }
    }

    #[test]
    fn a_hint_that_asks_for_nothing_is_no_hint() {
        let (_, problems) = Rules::with_own([("own.toml", "[[hint]]\nid='all'\ncause='c'\nfix='f'\n")]);
        assert!(problems[0].contains("asks for nothing"), "{problems:?}");
    }
}
