//! Commands that only print, in a terminal.

use super::pty::Pty;

#[test]
fn the_version_is_told() {
    assert_eq!(Pty::orgdeck(["--version"], 80, 24).left_clean().exit_code(), 0);
}
