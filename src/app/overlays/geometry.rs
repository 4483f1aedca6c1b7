//! Where an overlay and its parts are, for drawing and for the mouse.

use super::Overlay;
use crate::{
    app::layout::{centred, cut_bottom, cut_top, inside},
    document::safe,
    format::wrap,
};
use ratatui::layout::{Position, Rect, Size};

/// An overlay's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// With the border.
    pub frame: Rect,
    /// Above the list: intro lines, then the filter.
    pub head: Rect,
    /// The list, or the text.
    pub list: Rect,
    /// Below the list: the explanation of the chosen row.
    pub foot: Rect,
}

/// The parts of an overlay on a screen of that size.
pub fn parts(overlay: &Overlay, size: Size) -> Parts {
    let screen = Rect::new(0, 1, size.width, size.height.saturating_sub(2));
    if let Overlay::Limits(limits) = overlay {
        return limits_parts(limits.unfiltered(), screen);
    }
    let (width, head, rows, foot) = wanted(overlay, screen.as_size());
    let frame = match overlay {
        // The search leaves the answer in sight.
        Overlay::Search(_) => cut_bottom(screen, 3).1,
        _ => centred(screen, width, head + rows + foot + 2),
    };
    let body = inside(frame);
    if matches!(overlay, Overlay::Guide(_)) {
        return guide_parts(frame);
    }
    // Where there is little room the list is worth more than the words above it.
    let list = (rows + foot).min(body.height / 2).max(1);
    let (head, rest) = cut_top(body, head.min(body.height.saturating_sub(list)));
    let (list, foot) = cut_bottom(rest, if rest.height > foot { foot } else { 0 });
    Parts { frame, head, list, foot }
}

/// A guide's parts: where there is little room the steps have nearly all of it.
fn guide_parts(frame: Rect) -> Parts {
    let body = inside(frame);
    let (head, foot) = match body.height {
        0..16 => (1, 1),
        16..28 => (2, 3),
        _ => (2, 4),
    };
    let (head, rest) = cut_top(body, head);
    let (list, foot) = cut_bottom(rest, foot);
    Parts { frame, head, list, foot }
}

/// The parts of a list of limits: the rows have what they need, and what they leave is the chart's.
fn limits_parts(rows: usize, screen: Rect) -> Parts {
    const WIDEST: u16 = 150;
    let room = inside(screen).height;
    let (head, least, most) = match room {
        0..14 => (1, 3, 3),
        14..28 => (2, 6, 10),
        _ => (2, 9, 14),
    };
    // While nothing is known the box has the size that it will have with a few rows.
    let rows = rows.clamp(8, 200) as u16;
    let list = rows.min(room.saturating_sub(head + least)).max(1);
    let foot = room.saturating_sub(head + list).clamp(least, most);
    let frame = centred(screen, WIDEST, head + list + foot + 2);
    let (head, rest) = cut_top(inside(frame), head);
    let (list, foot) = cut_bottom(rest, foot.min(rest.height.saturating_sub(1)));
    Parts { frame, head, list, foot }
}

/// Width, and heights of head, list and foot that an overlay would like to have.
fn wanted(overlay: &Overlay, size: Size) -> (u16, u16, u16, u16) {
    let rows = |n: usize| n.clamp(1, 200) as u16;
    // Border and a blank on each side.
    let wrapped = |lines: &[String], width: u16| {
        let width = usize::from(width.min(size.width).saturating_sub(4));
        lines.iter().map(|line| wrap(&safe(line), width).len()).sum::<usize>()
    };
    match overlay {
        Overlay::Picker(picker) => {
            let head = wrapped(&picker.intro, 84) + usize::from(!picker.intro.is_empty());
            let filter = if picker.filters() { 2 } else { 0 };
            (
                if picker.filters() { 96 } else { 84 },
                rows(head) * u16::from(head > 0) + filter,
                rows(picker.total()).min(28),
                0,
            )
        }
        Overlay::Help(help) => (92, 0, rows(help.lines.len()), 0),
        // As high as the screen: how many lines there are follows from its width.
        Overlay::Guide(_) => (100, 0, rows(200), 0),
        Overlay::Doctor(_) => (120, if size.height >= 20 { 2 } else { 1 }, rows(200), 0),
        Overlay::Limits(_) => (0, 0, 0, 0), // has parts of its own
        Overlay::Confirm(confirm) => (66, rows(wrapped(&confirm.lines, 66)) + 1, 1, 1),
        Overlay::Ask(ask) => (66, 2, rows(ask.fields.len()), 2),
        Overlay::Vault(vault) => {
            let says = [vault.purpose.says().to_owned()];
            (66, rows(wrapped(&says, 66)) + 1, rows(vault.fields.len()), 2)
        }
        Overlay::Search(_) => (0, 0, 1, 0),
        Overlay::SaveBody(_) => (66, 1, 1, 2),
        // How long is waited, what is said, and the field or the code; with a blank between where there is room.
        Overlay::Login(login) => {
            let blank = u16::from(size.height >= 20);
            (78, 1 + blank, rows(login.page.rows(78.min(size.width).saturating_sub(2)).len()), 3 + blank)
        }
        Overlay::Org(org) => {
            let blank = u16::from(size.height >= 20);
            (84, blank, rows(org.page.rows(84.min(size.width).saturating_sub(2)).len()), 2 + blank)
        }
        Overlay::Address(shown) => {
            let blank = u16::from(size.height >= 20);
            (78, blank, rows(shown.page.rows(78.min(size.width).saturating_sub(2)).len()), 2 + blank)
        }
        Overlay::Editor(editor) => (84, 0, rows(editor.rows().len()), 3),
    }
}

/// The row of the overlay's list at a cell.
pub fn row_at(overlay: &Overlay, size: Size, at: Position) -> Option<usize> {
    let list = parts(overlay, size).list;
    let line = usize::from(at.y.checked_sub(list.y)?);
    let (first, len) = match overlay {
        Overlay::Picker(picker) => (picker.first, picker.len()),
        Overlay::Editor(editor) => (editor.first, editor.rows().len()),
        Overlay::Ask(ask) => (0, ask.fields.len()),
        Overlay::Vault(vault) => (0, vault.fields.len()),
        Overlay::Limits(limits) => (limits.first, limits.shown().len()),
        Overlay::Guide(guide) => return guide.row_at(line).filter(|_| list.contains(at)),
        Overlay::Doctor(doctor) => return doctor.row_at(line).filter(|_| list.contains(at)),
        _ => return None,
    };
    (list.contains(at) && first + line < len).then_some(first + line)
}
