//! How long a body takes: no test, but figures, printed for the files in `ORGDECK_MEASURE` (separated by
//! blanks). `cargo test --release --lib document::measure -- --ignored --nocapture`

use super::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The median and the longest of some calls.
fn times(name: &str, calls: usize, mut call: impl FnMut()) {
    let mut taken: Vec<Duration> = (0..calls)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        })
        .collect();
    taken.sort();
    println!("  {name:<34} median {:>9.3?}   longest {:>9.3?}", taken[calls / 2], taken[calls - 1]);
}

/// Resident memory of this process in bytes, where the system tells (Linux).
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok()).unwrap_or(0) * 1024
}

#[test]
#[ignore = "prints figures, proves nothing"]
fn bodies() {
    for file in std::env::var("ORGDECK_MEASURE").unwrap_or_default().split_whitespace() {
        let body = Bytes::from(std::fs::read(file).unwrap());
        let (size, before, start) = (body.len() as f64, resident(), Instant::now());
        let document = Arc::new(Document::build(body.clone(), None));
        let taken = start.elapsed();
        let ratio = (resident().saturating_sub(before)) as f64 / size;
        let nodes = document.tree().map_or(0, |tree| tree.outline.len());
        println!("{file}: {:?}, {nodes} nodes, {:?}", document.kind(), document.problem());
        println!(
            "  index {taken:.1?}, {:.0} MB/s, memory besides the body {ratio:.2} ×",
            size / 1e6 / taken.as_secs_f64()
        );
        times("validity alone (std)", 5, || assert!(std::str::from_utf8(&body).is_ok()));
        times("first view", 5, || drop(std::hint::black_box(View::new(document.clone()))));
        let mut view = View::new(document);
        view.set_size(160, 48);
        keys(&mut view);
        println!("  raw:");
        times("switch there and back", 9, || {
            view.set_presentation(Presentation::Raw);
            view.set_presentation(Presentation::Tree);
        });
        view.set_presentation(Presentation::Raw);
        keys(&mut view);
    }
}

fn keys(view: &mut View) {
    let frame = |view: &View| drop(std::hint::black_box((view.rows(), view.path(), view.matches())));
    times("down + frame", 200, || {
        view.move_by(1);
        frame(view);
    });
    times("page + frame", 200, || {
        view.page(1);
        frame(view);
    });
    for (name, all) in [("as opened", 0), ("all open", 1), ("all folded", 2)] {
        match all {
            1 => times("expand all", 5, || view.expand_all()),
            2 => times("collapse all", 5, || view.collapse_all()),
            _ => {}
        }
        view.to_start();
        times(&format!("fold root + frame, {name}"), 10, || {
            view.toggle_fold();
            frame(view);
        });
        view.move_by(4);
        times(&format!("fold 5th row + frame, {name}"), 10, || {
            view.toggle_fold();
            frame(view);
        });
        times("end, start + frames", 20, || {
            view.to_end();
            frame(view);
            view.to_start();
            frame(view);
        });
    }
    for pattern in ["NEEDLE-TAIL-99", "needle-tail-99", "not there", "e", "\"", ","] {
        let mut steps = 0;
        let start = Instant::now();
        times(&format!("find {pattern:?}: first step"), 1, || view.find(pattern));
        let mut longest = Duration::ZERO;
        loop {
            let step = Instant::now();
            let more = view.search_more();
            longest = longest.max(step.elapsed());
            steps += 1;
            if !more {
                break;
            }
        }
        let found = view.matches().map_or(0, |matches| matches.known);
        println!("    {found} found in {:.1?}, {steps} steps, the longest {longest:.2?}", start.elapsed());
        times("next match + frame", 50, || {
            view.next_match();
            frame(view);
        });
    }
    view.clear_search();
}
