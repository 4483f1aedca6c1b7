//! What is folded, and which rows that leaves. One bit a node and one a container, so that folding a
//! million nodes is filling some thousand words, and going between row and node is a search in block sums.

use super::outline::{NodeId, Outline};

/// Nodes a block: one sum is kept for each.
const BLOCK: usize = 1024;

/// The folds of one outline. The outline is given to each call, always the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folds {
    /// By container.
    folded: Bits,
    /// By node: inside something folded.
    hidden: Bits,
    /// Rows before each block of nodes, and at the end all rows.
    before: Vec<u32>,
}

impl Folds {
    /// Everything open.
    pub fn open(outline: &Outline) -> Folds {
        let mut folds = Folds {
            folded: Bits::zeros(outline.containers().len()),
            hidden: Bits::zeros(outline.len() as usize),
            before: vec![0; (outline.len() as usize).div_ceil(BLOCK) + 1],
        };
        folds.recount(0);
        folds
    }

    pub fn rows(&self) -> u32 {
        self.before[self.before.len() - 1]
    }

    pub fn is_folded(&self, container: u32) -> bool {
        self.folded.get(container as usize)
    }

    /// The node drawn in `row`; `row` is less than [`rows`](Folds::rows).
    pub fn node(&self, row: u32) -> NodeId {
        let block = self.before.partition_point(|&before| before <= row) - 1;
        let start = block * BLOCK;
        (start + self.hidden.nth_zero(start, (row - self.before[block]) as usize)) as NodeId
    }

    /// The row of `node`, or of the folded container it is hidden in.
    pub fn row(&self, node: NodeId) -> u32 {
        let block = node as usize / BLOCK;
        let rank = self.before[block] + self.hidden.zeros_between(block * BLOCK, node as usize) as u32;
        // The rows before a hidden node end with the container that hides it.
        if self.hidden.get(node as usize) { rank - 1 } else { rank }
    }

    /// The node drawn next after `node`'s row.
    pub fn next(&self, node: NodeId) -> Option<NodeId> {
        self.hidden.next(node as usize + 1, false).map(|n| n as NodeId)
    }

    pub fn fold(&mut self, outline: &Outline, container: u32) {
        let c = &outline.containers()[container as usize];
        self.folded.set(container as usize, true);
        self.hidden.fill(c.node as usize + 1, c.end as usize, true);
        self.recount(c.node);
    }

    pub fn unfold(&mut self, outline: &Outline, container: u32) {
        self.folded.set(container as usize, false);
        self.redo(outline, container);
    }

    /// Opens everything `node` is in.
    pub fn reveal(&mut self, outline: &Outline, node: NodeId) {
        let mut outermost = None;
        let mut inner = node;
        while let Some(c) = outline.parent(inner) {
            inner = c.node;
            if let Some(id) = outline.container_id(inner).filter(|&id| self.is_folded(id)) {
                self.folded.set(id as usize, false);
                outermost = Some(id);
            }
        }
        if let Some(id) = outermost {
            self.redo(outline, id);
        }
    }

    pub fn unfold_all(&mut self) {
        self.folded.fill(0, self.folded.len, false);
        self.hidden.fill(0, self.hidden.len, false);
        self.recount(0);
    }

    /// Folds every container but the outermost, if there is only one.
    pub fn fold_all(&mut self, outline: &Outline) {
        if self.folded.len == 0 {
            return;
        }
        self.folded.fill(0, self.folded.len, true);
        if outline.containers().first().is_some_and(|c| c.next as usize == outline.containers().len()) {
            self.folded.set(0, false);
        }
        self.hidden.fill(0, self.hidden.len, false);
        self.hide(outline, 0, outline.len());
        self.recount(0);
    }

    /// Finds anew what is hidden inside an open container.
    fn redo(&mut self, outline: &Outline, container: u32) {
        let c = &outline.containers()[container as usize];
        if self.hidden.get(c.node as usize) {
            return; // it is inside something folded, and all in it stays hidden
        }
        self.hidden.fill(c.node as usize + 1, c.end as usize, false);
        self.hide(outline, container + 1, c.end);
        self.recount(c.node);
    }

    /// Hides what is in folded containers, from container `from` to node `end`.
    fn hide(&mut self, outline: &Outline, from: u32, end: NodeId) {
        let mut from = from as usize;
        while let Some(id) = self.folded.next(from, true) {
            let c = &outline.containers()[id];
            if c.node >= end {
                return;
            }
            self.hidden.fill(c.node as usize + 1, c.end as usize, true);
            from = c.next as usize;
        }
    }

    fn recount(&mut self, from: NodeId) {
        let nodes = self.hidden.len;
        for block in from as usize / BLOCK..self.before.len() - 1 {
            let (start, end) = (block * BLOCK, ((block + 1) * BLOCK).min(nodes));
            self.before[block + 1] = self.before[block] + self.hidden.zeros_between(start, end) as u32;
        }
    }
}

/// A row of bits.
#[derive(Clone, PartialEq, Eq)]
struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    fn zeros(len: usize) -> Bits {
        Bits { words: vec![0; len.div_ceil(64)], len }
    }

    fn get(&self, at: usize) -> bool {
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    fn set(&mut self, at: usize, value: bool) {
        self.fill(at, at + 1, value);
    }

    fn fill(&mut self, from: usize, to: usize, value: bool) {
        if from >= to {
            return;
        }
        let (first, last) = (from / 64, (to - 1) / 64);
        for word in first..=last {
            let mut mask = u64::MAX;
            if word == first {
                mask &= u64::MAX << (from % 64);
            }
            if word == last {
                mask &= u64::MAX >> (63 - (to - 1) % 64);
            }
            if value {
                self.words[word] |= mask;
            } else {
                self.words[word] &= !mask;
            }
        }
    }

    /// The first bit that is `value`, at `from` or behind.
    fn next(&self, from: usize, value: bool) -> Option<usize> {
        let flip = if value { 0 } else { u64::MAX };
        let mut mask = u64::MAX << (from % 64);
        for word in from / 64..self.words.len() {
            let found = (self.words[word] ^ flip) & mask;
            if found != 0 {
                return Some(word * 64 + found.trailing_zeros() as usize).filter(|&at| at < self.len);
            }
            mask = u64::MAX;
        }
        None
    }

    fn zeros_between(&self, from: usize, to: usize) -> usize {
        let mut ones = 0;
        for word in from / 64..to.div_ceil(64) {
            let mut bits = self.words[word];
            if word == from / 64 {
                bits &= u64::MAX << (from % 64);
            }
            if word == to / 64 {
                bits &= !(u64::MAX << (to % 64));
            }
            ones += bits.count_ones() as usize;
        }
        to - from - ones
    }

    /// The distance from `from`, the start of a word, to the `n`th 0 from there.
    fn nth_zero(&self, from: usize, mut n: usize) -> usize {
        for (at, word) in self.words[from / 64..].iter().enumerate() {
            let zeros = word.count_zeros() as usize;
            if n < zeros {
                let mut free = !word;
                for _ in 0..n {
                    free &= free - 1;
                }
                return at * 64 + free.trailing_zeros() as usize;
            }
            n -= zeros;
        }
        0
    }
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bits({})", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::json;
    use proptest::prelude::*;

    const TEXT: &[u8] = br#"{"a":[1,2,{"b":3}],"c":{"d":[4,[5]]},"e":6}"#;

    /// The nodes left, by asking each node's ancestors.
    fn by_hand(outline: &Outline, folds: &Folds) -> Vec<NodeId> {
        let shut = |node| outline.container_id(node).is_some_and(|id| folds.is_folded(id));
        let seen = |&node: &NodeId| {
            let mut inner = node;
            while let Some(c) = outline.parent(inner) {
                inner = c.node;
                if shut(inner) {
                    return false;
                }
            }
            true
        };
        (0..outline.len()).filter(seen).collect()
    }

    fn by_rows(folds: &Folds) -> Vec<NodeId> {
        (0..folds.rows()).map(|row| folds.node(row)).collect()
    }

    #[test]
    fn all_folded_leaves_the_root_open() {
        let (outline, _) = json::index(TEXT);
        let mut folds = Folds::open(&outline);
        assert_eq!(folds.rows(), 12);
        folds.fold_all(&outline);
        assert_eq!(by_rows(&folds), [0, 1, 6, 11]);
        folds.unfold_all();
        assert_eq!(folds, Folds::open(&outline));
    }

    #[test]
    fn a_hidden_node_is_found_in_the_row_that_hides_it() {
        let (outline, _) = json::index(TEXT);
        let mut folds = Folds::open(&outline);
        folds.fold_all(&outline);
        assert_eq!(folds.row(9), folds.row(6));
        folds.reveal(&outline, 10);
        assert_eq!(by_rows(&folds), [0, 1, 6, 7, 8, 9, 10, 11]);
    }

    proptest! {
        #[test]
        fn rows_are_what_no_fold_hides(steps in proptest::collection::vec((0u32..6, 0u8..4), 0..30), wide in 1usize..3000) {
            let text = format!("[{},{}]", String::from_utf8_lossy(TEXT), vec!["[0]"; wide].join(","));
            let (outline, fault) = json::index(text.as_bytes());
            prop_assert_eq!(fault, None);
            let mut folds = Folds::open(&outline);
            for (id, step) in steps {
                match step {
                    0 => folds.fold(&outline, id),
                    1 => folds.unfold(&outline, id),
                    2 => folds.fold_all(&outline),
                    _ => folds.reveal(&outline, id * 2),
                }
                let rows = by_rows(&folds);
                prop_assert_eq!(&rows, &by_hand(&outline, &folds));
                for (row, &node) in rows.iter().enumerate() {
                    prop_assert_eq!(folds.row(node), row as u32);
                    prop_assert_eq!(folds.next(node), rows.get(row + 1).copied());
                }
            }
        }

        #[test]
        fn fold_then_unfold_shows_the_same_rows(shut in proptest::collection::vec(0u32..6, 0..6), id in 0u32..6) {
            let (outline, _) = json::index(TEXT);
            let mut folds = Folds::open(&outline);
            for other in shut {
                folds.fold(&outline, other);
            }
            folds.unfold(&outline, id);
            let rows = by_rows(&folds);
            folds.fold(&outline, id);
            folds.unfold(&outline, id);
            prop_assert_eq!(by_rows(&folds), rows);
        }
    }
}
