//! README.md and ARCHITECTURE.md are true where a program can tell: commands, keys, settings, exit codes, paths.

use std::path::Path;

use orgdeck::{
    app::keymap::{Key, Keymap, Where},
    cli::Exit,
    config,
    diagnosis::Rules,
};

use crate::{
    headless::command::{DemoServer, Orgdeck},
    home::Home,
};

const README: &str = include_str!("../README.md");
const ARCHITECTURE: &str = include_str!("../ARCHITECTURE.md");

/// The places whose keys README.md lists; those of menus, forms and text fields are left to the help.
const LISTED: [Where; 7] = [
    Where::Anywhere,
    Where::Profiles,
    Where::Token,
    Where::Request,
    Where::Response,
    Where::Matches,
    Where::List,
];

/// The contents of the fenced blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The cells of the rows of the table under this header.
fn table<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let (_, rows) = text.split_once(header).unwrap_or_else(|| panic!("no table {header}"));
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What stands between backticks, outside fenced blocks.
fn quoted(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// The words of a command line as a shell would take them: blanks divide, single quotes hold together.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let mut words = vec![String::new()];
    for (i, part) in parts {
        if i % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        let mut pieces = part.split(' ');
        words.last_mut().unwrap().push_str(pieces.next().unwrap());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The command lines for scripts, without the program's name.
fn commands() -> Vec<Vec<String>> {
    let lines = blocks(README, "sh").into_iter().flat_map(str::lines);
    let commands: Vec<_> = lines.filter_map(|line| line.strip_prefix("orgdeck ")).map(words).collect();
    assert!(commands.len() > 5, "{commands:?}");
    commands
}

#[test]
fn every_command_works() {
    let demo = DemoServer::start();
    let sandbox = demo.told["orgs"].as_array().unwrap().iter().find(|org| org["sandbox"] == true).unwrap();
    demo.home.write_config(&format!(
        "[profiles.acme-uat]\nenvironment = \"sandbox\"\nflow = \"access_token\"\ninstance_url = {}\naccess_token = {{ env = \"TOKEN\" }}\n",
        sandbox["instance_url"]
    ));
    let token = sandbox["access_token"].as_str().unwrap();
    for command in commands().iter().filter(|command| command[0] != "demo") {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let done = Orgdeck::new(&demo.home, &arguments).env("TOKEN", token).run();
        assert_eq!(done.code, Some(0), "{command:?}: {done:?}");
    }
}

#[test]
fn every_option_is_one() {
    let home = Home::new();
    for command in commands() {
        let subcommand = match command[0].as_str() {
            "profiles" => &command[..2],
            _ => &command[..1],
        };
        let arguments: Vec<&str> = subcommand.iter().map(String::as_str).chain(["--help"]).collect();
        let help = Orgdeck::new(&home, &arguments).run().code(0).stdout.clone();
        for option in command.iter().filter(|word| word.starts_with('-')) {
            assert!(help.contains(&format!("{option} ")) || help.contains(&format!("{option},")), "{option}");
        }
    }
}

#[test]
fn the_keys_are_those_of_the_keymap() {
    let keymap = Keymap::default();
    let rows = table(README, "| where | keys |");
    let listed = rows.iter().flat_map(|row| row[1].split(" · ").map(|item| (row[0], item)));
    let mut listed: Vec<String> = listed.map(|(at, item)| format!("{at}: {item}")).collect();
    let there =
        keymap.bindings().iter().filter(|binding| LISTED.contains(&binding.at) && !binding.keys.is_empty());
    let mut there: Vec<String> = there
        .map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(|key: &Key| format!("`{key}`")).collect();
            format!("{}: {} {}", binding.at.heading(), keys.join(" "), binding.name.replace('_', " "))
        })
        .collect();
    listed.sort();
    there.sort();
    let missing: Vec<_> = there.iter().filter(|row| !listed.contains(row)).collect();
    let wrong: Vec<_> = listed.iter().filter(|row| !there.contains(row)).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "README.md lacks {missing:#?}, has {wrong:#?}");
}

/// The blocks of configuration, and those of hints.
fn settings_and_hints() -> (Vec<&'static str>, Vec<&'static str>) {
    blocks(README, "toml").into_iter().partition(|block| !block.contains("[[hint]]"))
}

#[test]
fn the_hints_are_hints() {
    let hints = settings_and_hints().1;
    assert!(!hints.is_empty());
    let (_, problems) = Rules::with_own(hints.into_iter().map(|block| ("README.md", block)));
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn the_settings_load() {
    let blocks: Vec<_> = settings_and_hints().0;
    assert!(!blocks.is_empty());
    for block in blocks {
        let config = config::parse(block).unwrap_or_else(|error| panic!("{error} in\n{block}"));
        assert_eq!(config.warnings, [], "{block}");
        for profile in &config.profiles {
            assert_eq!(profile.missing(), [], "{block}");
        }
        let (_, problems) = Keymap::with(&config.settings.keys);
        assert_eq!(problems, Vec::<String>::new(), "{block}");
    }
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let rows = table(README, "| exit code | |");
    let listed: Vec<u8> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    let all = [
        Exit::Usage,
        Exit::Config,
        Exit::OAuth,
        Exit::Api,
        Exit::Network,
        Exit::Cancelled,
        Exit::Guard,
        Exit::PersonNeeded,
        Exit::Bug,
    ];
    let all: Vec<u8> = [0].into_iter().chain(all.map(|exit| exit as u8)).collect();
    assert_eq!(listed, all);
}

#[test]
fn what_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for text in [README, ARCHITECTURE] {
        let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        let links = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
        let folders = ["src/", "tests/", "assets/", "benches/", ".ci/", ".cargo/"];
        // `src/x/{a,b}.rs` names a family, `NAME` one that is yet to be made.
        let is_path = |text: &&str| {
            folders.iter().any(|folder| text.starts_with(folder))
                && !text.contains(['{', ' '])
                && !text.contains("NAME")
        };
        let paths = quoted(text).into_iter().filter(is_path);
        missing.extend(links.chain(paths).filter(|path| !root.join(path).exists()));
    }
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn a_command_line_is_taken_apart_as_by_a_shell() {
    assert_eq!(
        words("send uat -d '{\"a\": 1}' --query 'q=x y'  end"),
        ["send", "uat", "-d", "{\"a\": 1}", "--query", "q=x y", "end"]
    );
}
