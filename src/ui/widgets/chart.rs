//! Figures for the eyes: how full something is, and how it went over time. Both can be read without a colour.

use super::put;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// A bar of so many cells: `━━━╸┄┄┄┄`. Whatever is more than nothing can be seen, and only what is full is drawn full.
pub fn meter(share: f64, cells: u16) -> (String, String) {
    let halves = (share.clamp(0.0, 1.0) * f64::from(cells) * 2.0) as u16;
    let halves = if share > 0.0 { halves.max(1) } else { 0 };
    let full = halves / 2;
    let half = halves % 2;
    let bar = "━".repeat(usize::from(full)) + if half == 1 { "╸" } else { "" };
    (bar, "┄".repeat(usize::from(cells.saturating_sub(full + half))))
}

/// Draws a [`meter`] over a row's width.
pub fn draw_meter(
    buffer: &mut Buffer,
    row: Rect,
    share: f64,
    style: impl Into<Style>,
    rest: impl Into<Style>,
) {
    let (bar, empty) = meter(share, row.width);
    let took = put(buffer, row.x, row.y, row.width, &bar, style);
    put(buffer, row.x + took, row.y, row.width - took, &empty, rest);
}

/// What each of so many cells of time has seen: the highest of its values, or nothing. `at` is from 0 (the first moment)
/// to 1 (the last).
pub fn columns(values: impl Iterator<Item = (f64, f64)>, cells: u16) -> Vec<Option<f64>> {
    let mut columns = vec![None; usize::from(cells)];
    let last = usize::from(cells.saturating_sub(1));
    for (at, value) in values {
        let cell = ((at.clamp(0.0, 1.0) * f64::from(cells)) as usize).min(last);
        if let Some(column) = columns.get_mut(cell) {
            *column = Some(column.map_or(value, |before: f64| before.max(value)));
        }
    }
    close_small_gaps(&mut columns);
    columns
}

/// Readings at even times fall unevenly into cells: a gap of a cell or two says nothing. A wider one stays, as nobody knows
/// what was then.
fn close_small_gaps(columns: &mut [Option<f64>]) {
    const SMALL: usize = 2;
    let seen: Vec<usize> = (0..columns.len()).filter(|i| columns[*i].is_some()).collect();
    for pair in seen.windows(2) {
        if pair[1] - pair[0] <= SMALL + 1 {
            let before = columns[pair[0]];
            columns[pair[0] + 1..pair[1]].fill(before);
        }
    }
}

/// Draws columns as high as their values, which are from 0 to 1. A value of nothing is still seen, unlike none.
pub fn draw_columns(buffer: &mut Buffer, area: Rect, columns: &[Option<f64>], style: impl Into<Style>) {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let style = style.into();
    for (x, value) in (area.x..area.right()).zip(columns) {
        let Some(value) = value else { continue };
        let mut eighths = ((value.clamp(0.0, 1.0) * f64::from(area.height) * 8.0).round() as usize).max(1);
        for y in (area.y..area.bottom()).rev() {
            put(buffer, x, y, 1, EIGHTHS[eighths.min(8)], style);
            eighths = eighths.saturating_sub(8);
            if eighths == 0 {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bar(share: f64, cells: u16) -> String {
        let (bar, empty) = meter(share, cells);
        bar + &empty
    }

    #[test]
    fn a_meter_shows_a_little_and_is_full_only_when_it_is() {
        assert_eq!([bar(0.0, 4), bar(0.001, 4), bar(0.5, 4)], ["┄┄┄┄", "╸┄┄┄", "━━┄┄"]);
        assert_eq!([bar(0.99, 4), bar(1.0, 4), bar(7.0, 4)], ["━━━╸", "━━━━", "━━━━"]);
    }

    #[test]
    fn a_cell_of_time_has_the_highest_of_its_values() {
        let values = [(0.0, 0.1), (0.05, 0.3), (0.1, 0.2), (1.0, 0.9)];
        assert_eq!(columns(values.into_iter(), 5), [Some(0.3), None, None, None, Some(0.9)]);
        assert_eq!(columns(values.into_iter(), 4), [Some(0.3), Some(0.3), Some(0.3), Some(0.9)]);
        assert_eq!(columns(values.into_iter(), 0), []);
    }

    #[test]
    fn columns_stand_on_the_ground_and_are_as_high_as_their_value() {
        let area = Rect::new(0, 0, 4, 2);
        let mut buffer = Buffer::empty(area);
        draw_columns(&mut buffer, area, &[Some(0.0), None, Some(0.75), Some(1.0)], Style::new());
        assert_eq!(buffer, Buffer::with_lines(["  ▄█", "▁ ██"]));
    }

    proptest! {
        #[test]
        fn a_meter_is_as_wide_as_it_should_be(share in -1.0f64..3.0, cells in 0u16..200) {
            let wide = bar(share, cells).chars().count();
            prop_assert!(wide == usize::from(cells) || (cells == 0 && wide <= 1));
        }
    }
}
