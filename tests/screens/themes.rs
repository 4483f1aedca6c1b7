//! Colours: each theme once, and what must be seen without any.

use super::{
    bench::{ACME, Bench, boot},
    laws::{SIZES, golden},
    panes::records,
};
use orgdeck::{app::Boot, config};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Size,
    style::{Color, Modifier},
};

/// A screen with a bit of everything: focus, cursor, tree, chosen tabs.
fn full(theme: config::Theme) -> Bench {
    let config = ACME.replace("[settings]", &format!("[settings]\ntheme = \"{}\"", theme.name()));
    let mut bench = Bench::boot(Boot { size: Size::new(80, 24), ..boot(Ok(&config)) });
    bench.exchange("query", records()).keys("Down Down");
    bench
}

fn without_colour(columns: u16, rows: u16) -> Bench {
    let size = Size::new(columns, rows);
    Bench::boot(Boot { size, no_color: true, ..boot(Ok(ACME)) })
}

/// The text, below it a letter for the style of each cell, and what the letters mean.
fn styled(buffer: &Buffer) -> String {
    let mut styles: Vec<String> = Vec::new();
    let mut letters = String::new();
    for (i, cell) in buffer.content().iter().enumerate() {
        let style = format!("{} on {} {:?}", cell.fg, cell.bg, cell.modifier);
        let at = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        letters.push(char::from(b'a' + u8::try_from(at).unwrap()));
        if (i + 1) % usize::from(buffer.area.width) == 0 {
            letters.push('\n');
        }
    }
    let legend: String =
        styles.iter().zip('a'..).map(|(style, letter)| format!("{letter}: {style}\n")).collect();
    format!("{}\n{letters}\n{legend}", super::bench::text(buffer))
}

#[test]
fn each_theme_has_its_look() {
    for theme in config::Theme::ALL {
        golden(&format!("theme_{}_80x24", theme.name()), &styled(&full(*theme).cells()));
    }
}

#[test]
fn production_is_marked_by_words_and_lines_at_every_size() {
    for (columns, rows) in SIZES {
        let mut bench = without_colour(columns, rows);
        bench.profile("acme-prod");
        for keys in ["1", "2", "3", "4", ":", "Esc ?", "Esc 3 m"] {
            bench.keys(keys);
            let screen = bench.screen();
            assert!(screen.contains("PROD"), "{screen}");
            assert!(screen.contains('╔') && !screen.contains('╭'), "{screen}");
        }
        bench.keys("Esc").profile("acme-uat");
        assert!(!bench.sees("╔"), "{}", bench.screen());
    }
}

#[test]
fn without_colours_not_one_cell_has_one() {
    use super::{forms, guide, overlays, panes};
    for (name, make) in [panes::STATES, overlays::STATES, forms::STATES, guide::STATES].concat() {
        let mut bench = without_colour(80, 24);
        make(&mut bench);
        let coloured = |cell: &&Cell| cell.fg != Color::Reset || cell.bg != Color::Reset;
        let found = bench.cells().content().iter().find(coloured).cloned();
        assert_eq!(found, None, "{name}");
    }
}

/// The looks of a row's cells, the first of them left out: it is the cursor's mark.
fn looks(buffer: &Buffer, columns: std::ops::Range<u16>, row: u16) -> Modifier {
    columns.map(|x| buffer[(x, row)].modifier).fold(Modifier::empty(), |all, one| all | one)
}

#[test]
fn without_colours_focus_and_cursor_are_seen() {
    let mut bench = without_colour(120, 36);
    for (keys, title) in [("1", "▸1 Profiles"), ("2", "▸2 Token"), ("3", "▸3 Request"), ("4", "▸4 Response")]
    {
        bench.keys(keys);
        let (x, y) = bench.find(title);
        assert!(looks(&bench.cells(), x..x + 8, y).contains(Modifier::REVERSED), "{title}");
        assert_eq!(bench.screen().matches('▸').count(), 1, "one pane has the keys");
    }
    bench.keys("1 Down");
    let (x, y) = bench.find("▌PROD");
    assert!(looks(&bench.cells(), x + 1..x + 30, y).contains(Modifier::REVERSED), "the row of the cursor");
    assert!(!looks(&bench.cells(), x + 1..x + 30, y - 1).contains(Modifier::REVERSED), "and no other");
    bench.keys("3 u").types("limits");
    let (x, y) = bench.find("limits");
    assert!(bench.cells()[(x + 6, y)].modifier.contains(Modifier::REVERSED), "the text's cursor");
    bench.keys("Esc :");
    let (x, y) = bench.find("▌");
    assert!(looks(&bench.cells(), x + 1..x + 20, y).contains(Modifier::REVERSED), "the row of a list");
}

#[test]
fn below_the_smallest_size_it_says_so() {
    for (columns, rows) in [(39, 12), (40, 11), (20, 5), (1, 1)] {
        golden(&format!("too_small_{columns}x{rows}"), &Bench::at(columns, rows).screen());
    }
}
