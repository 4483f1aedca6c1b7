//! The arrows of `ARCHITECTURE.md`: who may import whom, and who may touch the world. The table below
//! is the rule; the tests at the end show that each kind of breach is seen.

mod paths;

use std::path::{Path, PathBuf};

use paths::{Named, read};

/// One module of the crate root and what it may reach.
struct Layer {
    module: &'static str,
    /// Modules of this crate it may name, besides itself.
    may: &'static [&'static str],
    /// Sets of foreign paths it may not name.
    never: &'static [&'static [&'static str]],
}

const SCREEN: &[&str] = &["ratatui", "crossterm", "tui_textarea"];
const NETWORK: &[&str] = &["reqwest", "axum", "rustls", "tower"];
const ASYNC: &[&str] = &["tokio", "tokio_util", "futures_util"];
const SOCKETS: &[&str] = &["std::net::TcpStream", "std::net::TcpListener", "std::net::UdpSocket"];
const FILES: &[&str] = &["std::fs", "std::os", "tempfile"];
const SURROUNDINGS: &[&str] = &["std::env", "std::process", "std::thread"];
const CLOCK: &[&str] = &[
    "std::time::Instant::now",
    "std::time::Instant::elapsed",
    "std::time::SystemTime::now",
    "std::time::SystemTime::elapsed",
];
const DATABASE: &[&str] = &["rusqlite"];
/// Methods that read the clock without naming it; forbidden wherever [`CLOCK`] is.
const CLOCK_METHODS: &[&str] = &["elapsed"];

const LAYERS: &[Layer] = &[
    Layer {
        module: "cli",
        may: &[
            "runtime",
            "ui",
            "app",
            "worker",
            "jobs",
            "diagnosis",
            "workspace",
            "document",
            "salesforce",
            "http",
            "config",
            "secrets",
            "format",
            "fsio",
            "demo_org",
        ],
        never: &[DATABASE],
    },
    Layer {
        module: "runtime",
        may: &[
            "ui",
            "app",
            "worker",
            "jobs",
            "diagnosis",
            "workspace",
            "document",
            "salesforce",
            "http",
            "config",
            "secrets",
            "format",
            "fsio",
        ],
        never: &[NETWORK, DATABASE],
    },
    Layer {
        module: "ui",
        may: &[
            "app",
            "jobs",
            "diagnosis",
            "workspace",
            "document",
            "salesforce",
            "http",
            "config",
            "secrets",
            "format",
        ],
        never: &[NETWORK, ASYNC, &["std::net"], FILES, SURROUNDINGS, CLOCK, DATABASE],
    },
    Layer {
        module: "app",
        may: &[
            "jobs",
            "diagnosis",
            "workspace",
            "document",
            "salesforce",
            "http",
            "config",
            "secrets",
            "format",
        ],
        never: &[NETWORK, ASYNC, &["std::net"], FILES, SURROUNDINGS, CLOCK, DATABASE],
    },
    Layer {
        module: "worker",
        may: &[
            "jobs",
            "history",
            "workspace",
            "document",
            "salesforce",
            "http",
            "config",
            "secrets",
            "format",
            "fsio",
        ],
        never: &[SCREEN, DATABASE],
    },
    Layer {
        module: "history",
        may: &["salesforce", "config", "fsio"],
        never: &[SCREEN, NETWORK, ASYNC, CLOCK],
    },
    Layer {
        module: "jobs",
        may: &["diagnosis", "workspace", "document", "salesforce", "http", "config", "secrets"],
        never: &[SCREEN, NETWORK, ASYNC, DATABASE],
    },
    Layer {
        module: "workspace",
        may: &["salesforce", "http", "config", "secrets", "format", "fsio"],
        never: &[SCREEN, NETWORK, ASYNC, DATABASE],
    },
    Layer {
        module: "diagnosis",
        may: &["salesforce", "http", "config", "secrets", "format"],
        never: &[SCREEN, NETWORK, ASYNC, SOCKETS, FILES, SURROUNDINGS, CLOCK, DATABASE],
    },
    Layer { module: "document", may: &[], never: &[SCREEN, NETWORK, ASYNC, SOCKETS, DATABASE] },
    Layer {
        module: "salesforce",
        may: &["http", "config", "secrets", "format"],
        never: &[SCREEN, NETWORK, ASYNC, SOCKETS, FILES, SURROUNDINGS, CLOCK, DATABASE],
    },
    Layer { module: "http", may: &["config", "secrets", "format", "fsio"], never: &[SCREEN, DATABASE] },
    Layer { module: "config", may: &["secrets", "format", "fsio"], never: &[SCREEN, NETWORK, DATABASE] },
    Layer { module: "secrets", may: &["fsio"], never: &[SCREEN, NETWORK, DATABASE] },
    Layer { module: "format", may: &[], never: &[SCREEN, NETWORK, DATABASE] },
    Layer { module: "fsio", may: &[], never: &[SCREEN, NETWORK, DATABASE] },
    Layer { module: "demo_org", may: &[], never: &[SCREEN, &["reqwest"]] },
];

#[test]
fn the_arrows_point_downwards() {
    let breaches: Vec<String> =
        sources().iter().flat_map(|file| breaches(&file.text, &file.module)).collect();
    assert!(breaches.is_empty(), "{} breach(es):\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn every_module_has_its_row() {
    let mut rows: Vec<&str> = LAYERS.iter().map(|layer| layer.module).collect();
    let mut modules: Vec<String> = sources().iter().filter_map(|file| file.module.first().cloned()).collect();
    rows.sort_unstable();
    modules.sort_unstable();
    modules.dedup();
    assert_eq!(modules, rows, "the modules under src/ (left) and the rows of LAYERS (right)");
}

#[test]
fn the_table_has_no_way_round() {
    let layer = |name: &str| LAYERS.iter().find(|layer| layer.module == name);
    for Layer { module, may, .. } in LAYERS {
        for below in *may {
            let below =
                layer(below).unwrap_or_else(|| panic!("{module} may import {below}, which has no row"));
            assert!(!below.may.contains(module), "{module} and {} may import each other", below.module);
        }
    }
}

#[test]
fn every_file_says_what_lives_in_it() {
    let silent: Vec<_> = sources().into_iter().filter(|file| !file.text.starts_with("//!")).collect();
    let silent: Vec<_> = silent.iter().map(|file| file.path.display().to_string()).collect();
    assert!(silent.is_empty(), "no `//!` header: {}", silent.join(", "));
}

/// One file of the program.
struct File {
    path: PathBuf,
    module: Vec<String>,
    text: String,
}

/// All files under `src/` but those that are tests.
fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    let tests: Vec<Vec<String>> = files.iter().flat_map(test_modules).collect();
    files.retain(|file| !tests.iter().any(|test| file.module.starts_with(test)));
    assert!(files.len() > 5, "the sources were found");
    files
}

fn test_modules(file: &File) -> Vec<Vec<String>> {
    let below = |name: String| file.module.iter().cloned().chain([name]).collect();
    read(&file.text, &file.module).test_modules.into_iter().map(below).collect()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let module = module_of(path.strip_prefix(root).unwrap());
            let text = std::fs::read_to_string(&path).unwrap();
            files.push(File { path, module, text });
        }
    }
}

/// `app/panes/token.rs` is `["app", "panes", "token"]`; `lib.rs` and `main.rs` are the root.
fn module_of(file: &Path) -> Vec<String> {
    let segments = file.with_extension("");
    let mut module: Vec<String> = segments.iter().map(|s| s.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

/// Everything in `source` that its module may not name, a line each.
fn breaches(source: &str, module: &[String]) -> Vec<String> {
    let Some(layer) = module.first().and_then(|name| LAYERS.iter().find(|layer| layer.module == name)) else {
        return Vec::new(); // the crate root only puts the pieces together
    };
    let read = read(source, module);
    let at = |line: usize, what: String| format!("{} line {line}: {what}", module.join("::"));
    let paths = read.named.iter().filter_map(|named| Some(at(named.line, breach(layer, named)?)));
    let timeless = layer.never.contains(&CLOCK);
    let clocks =
        read.methods.iter().filter(|(method, _)| timeless && CLOCK_METHODS.contains(&method.as_str()));
    paths.chain(clocks.map(|(method, line)| at(*line, format!(".{method}() reads the clock")))).collect()
}

fn breach(layer: &Layer, named: &Named) -> Option<String> {
    let path = named.path.join("::");
    match named.path.as_slice() {
        [root] if root == "crate" && named.glob => {
            Some("`crate::*` hides what is imported: name the modules".to_owned())
        }
        [root, target, ..] if root == "crate" => {
            let known = LAYERS.iter().any(|layer| layer.module == target);
            let allowed = !known || target == layer.module || layer.may.contains(&target.as_str());
            (!allowed).then(|| format!("{path}: {} may not know {target}", layer.module))
        }
        _ => {
            let bans = layer.never.iter().copied().flatten();
            let ban = bans.copied().find(|ban| within(&path, ban) || (named.glob && within(ban, &path)))?;
            Some(format!("{path}: {} may not use {ban}", layer.module))
        }
    }
}

/// Whether `path` is `ancestor` or lies below it.
fn within(path: &str, ancestor: &str) -> bool {
    path.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Breaches of `source` put into `module`, without their places.
fn caught(module: &str, source: &str) -> Vec<String> {
    let module: Vec<String> = module.split("::").map(str::to_owned).collect();
    let all = breaches(source, &module);
    all.into_iter().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

#[test]
fn breaches_are_caught() {
    let cases: &[(&str, &str, &str)] = &[
        ("app", "use crate::worker::Worker;", "crate::worker::Worker"),
        ("app", "use crate::{jobs, worker::{self, Worker}};", "crate::worker"),
        ("app", "use crate::{self as root}; fn f() { root::ui::draw() }", "crate::ui::draw"),
        ("app", "use crate::*;", "`crate::*`"),
        ("app", "fn f() { crate::ui::draw() }", "crate::ui::draw"),
        ("app", "fn f(x: &crate::runtime::Loop<'_>) {}", "crate::runtime::Loop"),
        ("app::panes::token", "use super::super::super::worker;", "crate::worker"),
        ("app::panes", "mod inner { use super::super::super::worker::Worker; }", "crate::worker::Worker"),
        ("app", "pub(crate) use super::worker as hands;", "crate::worker"),
        ("app", "fn f() { self::super::worker::go() }", "crate::worker::go"),
        ("app", "macro_rules! m { () => { $crate::worker::go() } }", "crate::worker::go"),
        ("app", "fn f() { format!(\"{}\", crate::worker::NAME); }", "crate::worker::NAME"),
        ("app", "fn f() { crate::r#worker::go() }", "crate::worker::go"),
        ("app", "use reqwest as r;", "reqwest"),
        ("app", "extern crate reqwest as r;", "reqwest"),
        ("app", "use ::tokio::sync;", "tokio::sync"),
        ("app", "fn f() { ::tokio::spawn(g()) }", "tokio::spawn"),
        ("app", "fn f() { tokio::select! { () = g() => {} } }", "tokio::select"),
        ("app", "#[tokio::main] async fn f() {}", "tokio::main"),
        ("app", "use std::{fmt, fs};", "std::fs"),
        ("app", "use std as s; fn f() { s::fs::read(p) }", "std::fs::read"),
        ("app", "use std::*;", "std"),
        ("app", "use std::net::IpAddr;", "std::net::IpAddr"),
        ("app", "fn f() { std::env::var(\"HOME\") }", "std::env::var"),
        ("app", "use std::time::Instant; fn f() { Instant::now() }", "std::time::Instant::now"),
        ("app", "use std::time::Instant as I; fn f() { g(I::now) }", "std::time::Instant::now"),
        ("app", "use std::time::*;", "std::time"),
        ("app", "fn f(t: Instant) { t.elapsed() }", ".elapsed()"),
        (
            "app",
            "use std::time::Instant; fn f(t: Option<Instant>) { t.map(|t| Instant::elapsed(&t)) }",
            "std::time::Instant::elapsed",
        ),
        ("ui", "use crate::worker::Worker;", "crate::worker::Worker"),
        ("ui::panes", "fn f() { std::fs::read(p) }", "std::fs::read"),
        ("salesforce", "use crate::jobs::Job;", "crate::jobs::Job"),
        ("salesforce::oauth", "fn f() { reqwest::get(u) }", "reqwest::get"),
        ("salesforce", "use std::env::var;", "std::env::var"),
        ("salesforce", "use tokio_util::sync::CancellationToken;", "tokio_util::sync"),
        ("jobs", "use ratatui::layout::Rect;", "ratatui::layout::Rect"),
        ("jobs", "use tokio::sync::mpsc;", "tokio::sync::mpsc"),
        ("jobs", "use crate::app::App;", "crate::app::App"),
        ("document", "use crate::http::Body;", "crate::http::Body"),
        ("document::json", "use super::super::fsio;", "crate::fsio"),
        ("demo_org", "use crate::salesforce::ids::OrgId;", "crate::salesforce::ids::OrgId"),
        ("worker", "use crate::demo_org::start;", "crate::demo_org::start"),
        ("runtime", "use crate::demo_org::start;", "crate::demo_org::start"),
        ("runtime", "use crate::cli::Args;", "crate::cli::Args"),
        ("secrets", "use crate::config::Profile;", "crate::config::Profile"),
        ("config", "use crate::http::Url;", "crate::http::Url"),
        ("http", "use crate::salesforce::Session;", "crate::salesforce::Session"),
        ("worker", "use ratatui::Frame;", "ratatui::Frame"),
        ("cli", "#[cfg(not(test))] use rusqlite::Connection;", "rusqlite::Connection"),
    ];
    for (module, source, expected) in cases {
        let found = caught(module, source);
        assert!(found.iter().any(|f| f.starts_with(expected)), "in {module}, `{source}`: {found:?}");
    }
}

#[test]
fn what_is_allowed_is_left_alone() {
    let cases: &[(&str, &str)] = &[
        ("app", "use crate::{app::panes, jobs::{Event, Job}, salesforce::{self, ids::OrgId}};"),
        ("app::panes::token", "use super::super::state; use self::field::Field; use super::*;"),
        (
            "app",
            "use std::time::{Duration, Instant}; fn f(now: Instant) { now.duration_since(now); job.elapsed(now) }",
        ),
        ("app", "/// See [`crate::worker::Worker`] and `std::fs`.\nfn f() { let tokio = 1; g(tokio) }"),
        ("app", "const HELP: &str = \"tokio::spawn and crate::worker\"; // crate::worker::go()"),
        ("app", "#[cfg(test)]\nmod tests { use std::time::Instant; fn now() { Instant::now() } }"),
        ("app", "#[cfg(all(test, unix))] use std::{fs, env}; fn f() {}"),
        ("worker", "fn f(at: Instant) { tokio::spawn(async move { at.elapsed() }); }"),
        ("salesforce", "use std::net::IpAddr; use crate::http::Url; fn f() { http::Method::GET }"),
        ("cli", "use crate::demo_org; fn f() { demo_org::start() }"),
        ("document", "use std::sync::Arc; mod rows { use super::index::Index; }"),
    ];
    for (module, source) in cases {
        assert_eq!(caught(module, source), Vec::<String>::new(), "in {module}, `{source}`");
    }
}

#[test]
fn test_files_are_known_by_their_declaration() {
    let source = "#[cfg(test)]\nmod tests;\nmod real;\n#[cfg(test)] pub(crate) mod fixtures;";
    assert_eq!(read(source, &[]).test_modules, ["tests", "fixtures"]);
}
