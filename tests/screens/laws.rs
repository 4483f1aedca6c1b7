//! What holds for every screen, whatever is on it; and the comparison with the golden ones.

use super::{
    bench::{Bench, SECRET_WORD, text},
    doctor, forms, guide, hints, limits, lockout, logins, orgs, overlays, panes, preflight, tokens, vaults,
    why,
};
use ratatui::buffer::Buffer;

/// Width and height of the golden screens: two columns, narrow columns, one pane at a time.
pub const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (40, 12)];

/// Makes a state at every size and compares its screen with the golden one.
pub fn compare(name: &str, make: impl Fn(&mut Bench)) {
    for (columns, rows) in SIZES {
        let mut bench = Bench::at(columns, rows);
        make(&mut bench);
        golden(&format!("{name}_{columns}x{rows}"), &bench.screen());
    }
}

/// Compares a text with the golden one of that name.
pub fn golden(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    settings.bind(|| insta::assert_snapshot!(name, screen));
}

/// What may be in no cell: what steers a terminal, turns the direction of text, or hides in it.
pub fn tame(buffer: &Buffer) -> Result<(), String> {
    for (i, cell) in buffer.content().iter().enumerate() {
        let wild = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
                || matches!(c, '\u{61c}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}')
        };
        if let Some(c) = cell.symbol().chars().find(|c| wild(*c)) {
            let (x, y) = buffer.pos_of(i);
            return Err(format!("{c:?} is in the cell {x}, {y}"));
        }
    }
    Ok(())
}

/// Every golden state there is.
fn states() -> impl Iterator<Item = (&'static str, fn(&mut Bench))> {
    [
        panes::STATES,
        overlays::STATES,
        doctor::STATES,
        preflight::STATES,
        forms::STATES,
        guide::STATES,
        hints::STATES,
        limits::STATES,
        lockout::STATES,
        logins::STATES,
        orgs::STATES,
        tokens::STATES,
        vaults::STATES,
        why::STATES,
    ]
    .concat()
    .into_iter()
}

#[test]
fn no_state_shows_a_secret_or_has_one_in_its_debug_form() {
    for (name, make) in states() {
        for (columns, rows) in SIZES {
            let mut bench = Bench::at(columns, rows);
            make(&mut bench);
            let shown = bench.screen().contains(SECRET_WORD);
            assert_eq!(shown, name.contains("revealed"), "{name} at {columns}×{rows}:\n{}", bench.screen());
            let debug = format!("{:?}", bench.app);
            let at = debug.find(SECRET_WORD);
            let around = at.map(|at| debug[at.saturating_sub(200)..].chars().take(240).collect::<String>());
            assert_eq!(around, None, "{name}: the state's debug form has a secret");
        }
    }
}

#[test]
fn every_state_can_be_drawn_at_any_size() {
    let sizes =
        [(0, 0), (1, 1), (20, 5), (39, 12), (40, 11), (40, 12), (79, 24), (80, 23), (119, 50), (300, 90)];
    for (name, make) in states() {
        let mut bench = Bench::at(120, 36);
        make(&mut bench);
        for (columns, rows) in sizes {
            let size = ratatui::layout::Size::new(columns, rows);
            bench.tell(orgdeck::app::Msg::Resize(size));
            let cells = bench.cells();
            tame(&cells).unwrap_or_else(|problem| panic!("{name} at {columns}×{rows}: {problem}"));
            assert_eq!(text(&cells).lines().count(), usize::from(rows));
        }
    }
}
