//! What Salesforce blocks, discourages or retires, read from `assets/guides/retirements.toml`: dates move, so they are data.

use super::profile::Flow;
use serde::Deserialize;
use std::{collections::HashMap, sync::LazyLock};

/// What stands against creating a connected app.
const CONNECTED_APP: &str = "connected_app";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    of: String,
    says: String,
    #[serde(default)]
    when: String,
    /// For whoever mends the file; a test wants one.
    #[cfg_attr(not(test), expect(dead_code, reason = "only a test looks at it"))]
    source: String,
}

fn read() -> File {
    toml::from_str(include_str!("../../assets/guides/retirements.toml"))
        .expect("part of the program; a test reads it")
}

/// Everything that is said of a flow, in one sentence each.
static NOTES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut notes: HashMap<String, String> = HashMap::new();
    for entry in read().entry {
        let says = entry.says.replace("{when}", &entry.when);
        let note = notes.entry(entry.of).or_default();
        if !note.is_empty() {
            note.push_str("; ");
        }
        note.push_str(&says);
    }
    notes
});

impl Flow {
    /// Why the flow is discouraged, blocked or on its way out, or what it cannot do without, where there is such a
    /// thing. Lower case, no full stop.
    pub fn note(self) -> Option<&'static str> {
        NOTES.get(self.name()).map(String::as_str)
    }
}

/// What stands against creating a connected app today. Lower case, no full stop.
pub fn connected_app_note() -> &'static str {
    NOTES.get(CONNECTED_APP).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_of_a_flow_whole_and_sourced() {
        for entry in read().entry {
            let Entry { of, says, when, source } = entry;
            assert!(Flow::parse(&of).is_some() || of == CONNECTED_APP, "{of}");
            assert!(!source.is_empty() && !says.ends_with('.'), "{of}: {says}");
            assert_eq!(says.contains("{when}"), !when.is_empty(), "{of}: {says}");
        }
    }

    #[test]
    fn what_is_on_its_way_out_says_when() {
        for (flow, when) in [
            (Flow::Password, "Winter '27"),
            (Flow::Password, "Summer '23"),
            (Flow::SoapLogin, "1 June 2027"),
            (Flow::Device, "28 August 2025"),
        ] {
            assert!(flow.note().unwrap().contains(when), "{flow:?}: {when}");
        }
        assert!(connected_app_note().contains("Spring '26"));
        assert_eq!(Flow::JwtBearer.note(), None);
    }
}
