//! The limits of an org: a bar each, and below them how the chosen one went over time.

use crate::{
    app::{
        App,
        layout::{cut_bottom, cut_left, cut_top},
        limits::{figure, percent},
        overlays::{
            geometry::Parts,
            limits::{LimitsBox, Problem, Row},
        },
    },
    format,
    salesforce::limits::Alert,
    ui::{
        Look, status,
        theme::Theme,
        widgets::{columns, draw_columns, draw_meter, mark_row, prompt, put, put_wrapped, scrollbar},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use std::time::SystemTime;
use unicode_width::UnicodeWidthStr;

/// Draws the box's inside.
pub fn draw(app: &App, shown: &LimitsBox, look: &Look<'_>, buffer: &mut Buffer, parts: Parts) {
    draw_head(app, shown, look, buffer, parts.head);
    match shown.chosen() {
        Some(row) => {
            draw_list(shown, look, buffer, parts.list);
            draw_past(row, shown, look, buffer, parts.foot);
        }
        None => draw_nothing(app, shown, look.theme, buffer, padded(parts.list.union(parts.foot))),
    }
}

/// What the box is about: the filter being written, or what runs, or what is wrong, or when it was read.
fn draw_head(app: &App, shown: &LimitsBox, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let (row, rule) = cut_top(area, 1);
    let row = padded(row);
    if !rule.is_empty() {
        put(buffer, rule.x, rule.y, rule.width, &"┄".repeat(usize::from(rule.width)), theme.border);
    }
    if shown.filtering {
        return prompt(buffer, row, "/ ", &shown.filter, theme);
    }
    let running = shown.job.and_then(|job| app.jobs.get(job));
    let (words, style): (String, Style) = match (running, &shown.problem, shown.at) {
        (Some(job), ..) => (status::running_words(job, look), theme.accent.into()),
        (None, Some(problem), Some(at)) => {
            (format!("✗ {} · as read {}", problem.message, ago(at, look)), theme.bad.into())
        }
        (None, Some(_), None) => return,
        (None, None, at) => {
            (at.map_or_else(String::new, |at| format!("read {}", ago(at, look))), theme.muted.into())
        }
    };
    let count = counted(shown);
    let width = (count.width() as u16).min(row.width);
    let (left, right) = cut_left(row, row.width - width);
    put(buffer, left.x, left.y, left.width.saturating_sub(1), &words, style);
    put(buffer, right.x, right.y, right.width, &count, theme.muted);
}

/// `3 of 26 · in use`: which rows these are.
fn counted(shown: &LimitsBox) -> String {
    if shown.at.is_none() {
        return String::new();
    }
    let (rows, total, filter) = (shown.shown().len(), shown.total(), shown.filter.text());
    match (filter.is_empty(), rows == total) {
        (false, _) => format!("/{filter} · {rows} of {total}"),
        (true, true) => format!("all {total}"),
        (true, false) => format!("{rows} of {total}, in use"),
    }
}

fn draw_list(shown: &LimitsBox, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    for (line, (i, row)) in
        shown.shown().enumerate().skip(shown.first).take(usize::from(area.height)).enumerate()
    {
        let at = Rect { y: area.y + line as u16, height: 1, ..area };
        draw_row(row, shown.warning, theme, buffer, at);
        if i == shown.cursor {
            mark_row(buffer, at, true, theme);
        }
    }
    scrollbar(buffer, area, shown.first as u64, shown.shown().len() as u64, theme);
}

/// Why there is no row.
fn draw_nothing(app: &App, shown: &LimitsBox, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let running = shown.job.is_some_and(|job| app.jobs.get(job).is_some());
    let (words, style): (String, Style) = match (&shown.problem, shown.at) {
        _ if running && shown.at.is_none() => {
            (format!("asking the org of {} for its limits…", shown.profile.id), theme.muted.into())
        }
        (Some(Problem { message, fix }), None) => {
            let rows = put_wrapped(buffer, area, &format!("✗ {message}"), theme.bad);
            let fix = fix.as_deref().unwrap_or("r asks again");
            put_wrapped(buffer, cut_top(area, rows).1, fix, theme.text);
            return;
        }
        (_, Some(_)) if shown.total() == 0 => ("the org tells of no limits".into(), theme.muted.into()),
        _ => ("nothing matches; Esc takes the filter away".into(), theme.muted.into()),
    };
    put_wrapped(buffer, area, &words, style);
}

/// A limit in one row; how much of it depends on the width.
fn draw_row(row: &Row, warning: u8, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let level = row.limit.level;
    let alert = level.alert(warning);
    let style = style_of(alert, theme);
    // One cell for the cursor's mark in front, one for the scrollbar behind.
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let (rest, right) = cut_right(area, 9);
    put(buffer, right.x, right.y, right.width, &format!("{:>6} {}", percent(level), alert.mark()), style);
    let rest = if rest.width >= 48 {
        let figures = format!("{} / {}", figure(level.used()), figure(level.max));
        let (rest, figures_at) = cut_right(rest, 20);
        put(buffer, figures_at.x, figures_at.y, figures_at.width, &format!("{figures:>20}"), theme.text);
        rest
    } else {
        rest
    };
    let (names, bar) = match rest.width {
        0..40 => (rest, Rect::default()),
        width => cut_left(rest, width * 3 / 5),
    };
    if !bar.is_empty() {
        let bar = Rect { x: bar.x + 1, width: bar.width.saturating_sub(2), ..bar };
        draw_meter(buffer, bar, level.share(), style, theme.muted);
    }
    let took = put(buffer, names.x, names.y, names.width, &row.label, theme.text);
    if names.width > took + 2 && rest.width >= 90 {
        // Where there is room, Salesforce's own word too, in a column of its own.
        let column = (names.width / 2).max(took + 2).min(names.width);
        put(buffer, names.x + column, names.y, names.width - column, &row.limit.key, theme.muted);
    }
}

/// How the chosen limit went: figures, chart, times.
fn draw_past(row: &Row, shown: &LimitsBox, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let (rule, rest) = cut_top(area, u16::from(area.height > 3));
    if !rule.is_empty() {
        put(buffer, rule.x, rule.y, rule.width, &"┄".repeat(usize::from(rule.width)), theme.border);
    }
    let rest = padded(rest);
    let (title, chart) = cut_top(rest, 1);
    let level = row.limit.level;
    let took = put(buffer, title.x, title.y, title.width, &row.limit.key, theme.accent);
    let left = match (title.width >= 60, level.max) {
        (_, 0) => "nothing is allowed, or no limit is set".to_owned(),
        (true, _) => format!(
            "{} of {} used · {} left",
            figure(level.used()),
            figure(level.max),
            figure(level.remaining)
        ),
        (false, _) => format!("{}/{}", figure(level.used()), figure(level.max)),
    };
    put(buffer, title.x + took + 2, title.y, title.width.saturating_sub(took + 2), &left, theme.text);
    if let Some(why) = &shown.no_past {
        put_wrapped(buffer, chart, &format!("no earlier readings: {why}"), theme.odd);
        return;
    }
    let (Some(first), Some(last)) = (row.past.first(), row.past.last()) else {
        put(buffer, chart.x, chart.y, chart.width, "no reading of it is kept", theme.muted);
        return;
    };
    let (chart, times) = cut_bottom(chart, 1);
    if row.past.len() > 1 {
        draw_chart(
            row,
            (first.at, last.at),
            style_of(level.alert(shown.warning), theme),
            theme,
            buffer,
            chart,
        );
    }
    let (from, until) = (ago(first.at, look), ago(last.at, look));
    let most = row.past.iter().max_by_key(|reading| reading.level.used()).unwrap_or(last);
    let highest = format!("highest {} ({})", figure(most.level.used()), percent(most.level));
    let words = match (row.past.len(), times.width) {
        (1, _) => format!("first reading: {until}"),
        (_, 0..50) => format!("{from} · {highest}"),
        (readings, _) => {
            format!("{from} – {until} · {highest}, {} · {readings} readings", ago(most.at, look))
        }
    };
    put(buffer, times.x, times.y, times.width, &words, theme.muted);
}

/// What was used over the time between the first and the last reading, from nothing to a round figure.
fn draw_chart(
    row: &Row,
    (first, last): (SystemTime, SystemTime),
    style: Style,
    theme: &Theme,
    buffer: &mut Buffer,
    area: Rect,
) {
    let highest = row.past.iter().map(|reading| reading.level.used()).max().unwrap_or(0);
    let top = round_above(highest, row.limit.level.max);
    // The scale stands beside it where there is room for two figures.
    let scale = figure(top);
    let labels = if area.height >= 2 && area.width >= 50 { scale.width() as u16 + 2 } else { 0 };
    let (axis, plot) = cut_left(area, labels);
    for y in axis.y..axis.bottom() {
        let (label, tick) = match y {
            _ if y == axis.y => (scale.as_str(), "┤"),
            _ if y + 1 == axis.bottom() => ("0", "┤"),
            _ => ("", "│"),
        };
        put(buffer, axis.x, y, labels, &format!("{label:>0$} {tick}", scale.width()), theme.muted);
    }
    let since = |at: SystemTime| at.duration_since(first).unwrap_or_default().as_secs_f64();
    let span = since(last);
    let values = row.past.iter().map(|reading| {
        let at = if span > 0.0 { since(reading.at) / span } else { 1.0 };
        (at, reading.level.used() as f64 / top as f64)
    });
    draw_columns(buffer, plot, &columns(values, plot.width), style);
}

/// The next figure with one digit that is 1, 2 or 5, but no higher than the limit if that is not exceeded.
fn round_above(highest: i64, max: i64) -> i64 {
    let mut steps = (0..18).flat_map(|n| [1, 2, 5].map(|digit| digit * 10_i64.pow(n)));
    let round = steps.find(|step| *step >= highest).unwrap_or(highest);
    if highest <= max { round.min(max).max(1) } else { round }
}

fn ago(at: SystemTime, look: &Look<'_>) -> String {
    format!("{} ago", format::age(look.now.wall.duration_since(at).unwrap_or_default()))
}

fn style_of(alert: Alert, theme: &Theme) -> Style {
    match alert {
        Alert::None => theme.good.into(),
        Alert::Warning => theme.odd.into(),
        Alert::Alarm => theme.bad.into(),
    }
}

fn padded(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn cut_right(area: Rect, columns: u16) -> (Rect, Rect) {
    cut_left(area, area.width.saturating_sub(columns))
}

#[cfg(test)]
mod tests {
    use super::round_above;

    #[test]
    fn a_chart_ends_at_a_round_figure_or_at_the_limit() {
        assert_eq!([round_above(0, 9), round_above(53, 1_024), round_above(1_402, 15_000)], [1, 100, 2_000]);
        assert_eq!([round_above(14_000, 15_000), round_above(16_000, 15_000)], [15_000, 20_000]);
        assert_eq!(round_above(i64::MAX, 5), i64::MAX);
    }
}
