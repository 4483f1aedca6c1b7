//! The ready requests that the program comes with.

use super::RequestFile;
use std::sync::LazyLock;

/// The request files, in the order a list shows them.
macro_rules! catalogue {
    ($($name:literal),+ $(,)?) => { [$(include_str!(concat!("../../assets/catalogue/", $name, ".toml"))),+] };
}

const FILES: [&str; 16] = catalogue![
    "query",
    "query-all",
    "search",
    "describe-global",
    "describe-account",
    "create-record",
    "read-record",
    "update-record",
    "upsert-record",
    "delete-record",
    "create-record-xml",
    "apex-rest",
    "api-versions",
    "version-resources",
    "limits",
    "userinfo",
];

static READY: LazyLock<Vec<RequestFile>> = LazyLock::new(|| {
    FILES.iter().map(|text| RequestFile::parse(text).expect("a test has read every file")).collect()
});

/// The ready requests, grouped; read when first asked for.
pub fn ready_requests() -> &'static [RequestFile] {
    &READY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Scope, is_write};

    #[test]
    fn every_one_can_be_sent_with_an_org_and_an_account() {
        let mut scope = Scope::default();
        for (name, value) in
            [("instance_url", "https://acme.my.salesforce.com"), ("version", "v66.0"), ("account_id", "001")]
        {
            scope.set(name, value);
        }
        for ready in ready_requests() {
            let prepared = ready.draft.prepare(&scope, &[]);
            let prepared = prepared.unwrap_or_else(|problems| panic!("{}: {problems:?}", ready.draft.name));
            assert!(prepared.url.as_str().starts_with("https://acme.my.salesforce.com/services/"));
            let about = &ready.about;
            assert!(![&about.group, &about.description, &about.fact].iter().any(|text| text.is_empty()));
            assert_eq!(
                is_write(&prepared.method, prepared.url.path()),
                about.group == "Records" && prepared.method != "GET"
            );
        }
    }

    #[test]
    fn without_an_account_the_variable_is_named() {
        let mut scope = Scope::default();
        scope.set("instance_url", "https://acme.my.salesforce.com");
        scope.set("version", "v66.0");
        let read = ready_requests().iter().find(|ready| ready.draft.name == "Read a record").unwrap();
        let problems = read.draft.prepare(&scope, &[]).unwrap_err();
        assert_eq!(problems[0].message, "{{account_id}} has no value: add it to the profile's variables");
    }

    #[test]
    fn names_are_unique_and_every_file_is_built_in() {
        let mut names: Vec<_> = ready_requests().iter().map(|ready| &ready.draft.name).collect();
        names.sort();
        names.dedup();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/catalogue");
        assert_eq!(names.len(), std::fs::read_dir(folder).unwrap().count());
    }
}
