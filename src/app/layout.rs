//! Where everything is on the screen: one pure function for drawing and for mouse hits.

use super::action::Pane;
use ratatui::layout::{Rect, Size};

/// Below this the screen only says that it is too small.
pub const SMALLEST: Size = Size { width: 40, height: 12 };

/// How many panes are seen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All four, in two columns.
    Columns,
    /// The focused one, with a row of tabs for the others.
    Single,
    /// None: the terminal is too small.
    TooSmall,
}

/// The screen's parts.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// How many panes are seen.
    pub mode: Mode,
    /// The status row on top.
    pub status: Rect,
    /// The row of pane tabs, in single mode.
    pub tabs: Option<Rect>,
    /// What is between status row and key row.
    pub body: Rect,
    /// The key row at the bottom.
    pub keys: Rect,
    panes: [Option<Rect>; 4],
}

impl Screen {
    /// The parts of a screen of that size.
    pub fn new(size: Size, focus: Pane, zoomed: bool) -> Self {
        let all = Rect::new(0, 0, size.width, size.height);
        let (status, rest) = cut_top(all, 1);
        let (body, keys) = cut_bottom(rest, 1);
        let mut screen = Self { mode: Mode::TooSmall, status, tabs: None, body, keys, panes: [None; 4] };
        if size.width < SMALLEST.width || size.height < SMALLEST.height {
            return screen;
        }
        if zoomed || size.width < 80 || size.height < 24 {
            screen.mode = Mode::Single;
            let (tabs, pane) = cut_top(body, 1);
            screen.tabs = Some(tabs);
            screen.panes[focus as usize] = Some(pane);
            return screen;
        }
        screen.mode = Mode::Columns;
        let (left, right) = cut_left(body, if size.width >= 120 { 36 } else { 28 });
        let (profiles, token) = cut_top(left, (left.height * 2 / 5).clamp(6, 14));
        // Where there is little room the composer grows while one composes.
        let part =
            if focus == Pane::Request && size.height < 40 { right.height / 2 } else { right.height / 3 };
        let (request, response) = cut_top(right, part.clamp(8, 16));
        screen.panes = [Some(profiles), Some(token), Some(request), Some(response)];
        screen
    }

    /// A pane with its border, if it is seen.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes[pane as usize]
    }

    /// A pane without its border, if it is seen.
    pub fn inside(&self, pane: Pane) -> Option<Rect> {
        self.pane(pane).map(inside)
    }

    /// The pane at a cell.
    pub fn pane_at(&self, column: u16, row: u16) -> Option<Pane> {
        Pane::ALL.into_iter().find(|p| self.pane(*p).is_some_and(|r| r.contains((column, row).into())))
    }
}

/// A rectangle without its border.
pub fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// Splits off the top rows.
pub fn cut_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// Splits off the bottom rows.
pub fn cut_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    cut_top(area, area.height.saturating_sub(rows))
}

/// Splits off the left columns.
pub fn cut_left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    (Rect { width: columns, ..area }, Rect { x: area.x + columns, width: area.width - columns, ..area })
}

/// A box in the middle, never larger than the area.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The profiles pane: the list, and below it a message of so many rows, which yields to a third of the list.
pub fn profiles_parts(inside: Rect, profiles: usize, message: usize) -> (Rect, Rect) {
    let list = profiles.min(usize::from(inside.height / 3)) as u16;
    cut_bottom(inside, (message as u16).min(inside.height - list))
}

/// The rows of the token pane, above the lines that explain the chosen one.
pub fn token_list(inside: Rect) -> Rect {
    match inside.height {
        0..6 => inside,
        6..8 => cut_bottom(inside, 2).0,
        8..18 => cut_bottom(inside, 3).0,
        _ => cut_bottom(inside, 5).0,
    }
}

/// The part of the request pane below URL and tabs: the tab's rows, and what stops the sending, in so many rows.
pub fn request_parts(inside: Rect, problem: usize) -> (Rect, Rect) {
    let rest = cut_top(inside, 2).1;
    cut_bottom(rest, (problem as u16).min(rest.height / 2))
}

/// The response pane below its tabs: a note, if there is one to make, and the body; the last line is left for
/// telling where the cursor is.
pub fn response_parts(inside: Rect, note: bool) -> (Rect, Rect) {
    let rest = cut_bottom(cut_top(inside, 1).1, 1).0;
    let rows = match (note, rest.height) {
        (false, _) | (_, 0..4) => 0,
        (true, 4..10) => 2,
        (true, _) => 3,
    };
    cut_top(rest, rows)
}

/// Where each of a row of labels is, with ` label ` around it and one cell between; those that do not fit are
/// left out, but the chosen one is always in.
pub fn labels(area: Rect, widths: &[u16], chosen: usize) -> Vec<(usize, Rect)> {
    let mut first = 0;
    loop {
        let mut x = area.x;
        let mut out = Vec::new();
        for (i, width) in widths.iter().enumerate().skip(first) {
            let width = width + 2;
            if x + width > area.right() {
                break;
            }
            out.push((i, Rect { x, width, height: area.height.min(1), ..area }));
            x += width + 1;
        }
        if first >= chosen || out.iter().any(|(i, _)| *i == chosen) {
            return out;
        }
        first += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_lie_within_the_screen_and_never_overlap(w in 0u16..300, h in 0u16..120, f in 0usize..4, z: bool) {
            let all = Rect::new(0, 0, w, h);
            let screen = Screen::new(Size::new(w, h), Pane::ALL[f], z);
            let mut parts = vec![screen.status, screen.keys];
            parts.extend(screen.tabs);
            parts.extend(Pane::ALL.iter().filter_map(|p| screen.pane(*p)));
            for (i, a) in parts.iter().enumerate() {
                prop_assert_eq!(a.intersection(all), *a);
                for b in &parts[i + 1..] {
                    prop_assert!(a.intersection(*b).is_empty());
                }
            }
        }
    }

    #[test]
    fn the_chosen_label_is_always_in() {
        let shown = labels(Rect::new(0, 0, 12, 1), &[6, 6, 6], 2);
        assert_eq!(shown.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [2]);
    }
}
