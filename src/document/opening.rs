//! How a document looks when it is first opened, and what the envelope of a query result says.

use super::Records;
use super::folds::Folds;
use super::outline::{Container, Outline};
use super::tree::{Grammar, Tree};

/// A tree with no more nodes than this is opened whole.
const SMALL: u32 = 60;
/// Levels that are opened at most.
const LEVELS: usize = 8;
/// Children looked at on each.
const SAMPLE: usize = 64;

/// The folds that read best: all of something small; else the way down to where it spreads, and there the
/// first of an array. So a query shows its records folded, but the first. `attributes` stays folded.
pub(crate) fn folds(tree: Tree) -> Folds {
    let outline = tree.outline;
    let mut folds = Folds::open(outline);
    if outline.len() <= SMALL {
        for (id, _) in outline.containers().iter().enumerate().filter(|(_, c)| tree.is_bookkeeping(c.node)) {
            folds.fold(outline, id as u32);
        }
        return folds;
    }
    folds.fold_all(outline);
    let mut next = outline.containers().first();
    for _ in 0..LEVELS {
        let Some(container) = next else { break };
        unfold(&mut folds, outline, container);
        let mut inside = outline.children(container).take(SAMPLE).filter_map(|(_, c)| c);
        let first = inside.next();
        let only = inside.next().is_none() && container.count as usize <= SAMPLE;
        if let (false, false, Some(first)) = (container.named, only, first) {
            unfold(&mut folds, outline, first);
        }
        next = first.filter(|_| only);
    }
    folds
}

fn unfold(folds: &mut Folds, outline: &Outline, container: &Container) {
    if let Some(id) = outline.container_id(container.node).filter(|&id| folds.is_folded(id)) {
        folds.unfold(outline, id);
    }
}

/// What a query's answer says of itself, if this is one: an object with `records` and `totalSize` or `done`.
pub(crate) fn records(tree: Tree) -> Option<Records> {
    let root = tree.outline.container(0).filter(|root| root.named && tree.grammar == Grammar::Json)?;
    let text = |name: &str| {
        let text = tree.text(tree.member(root, name.as_bytes())?)?;
        String::from_utf8(text).ok()
    };
    let list = tree.member(root, b"records")?;
    let shown = match tree.outline.container(list) {
        Some(list) if !list.named => u64::from(list.count),
        None if tree.bytes[tree.own_bytes(list)].ends_with(b"]") => 0,
        _ => return None,
    };
    let total = text("totalSize").and_then(|total| total.parse().ok());
    let done = text("done").and_then(|done| done.parse().ok());
    (total.is_some() || done.is_some()).then(|| Records {
        shown,
        total,
        done,
        next_records_url: text("nextRecordsUrl").filter(|url| url != "null"),
    })
}
