//! The helper itself, tried on small shell scripts: a test that leans on it has to be able to fail.

use std::{
    fs::File,
    io::Read,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
};

use super::pty::{Launch, PATIENCE, Pty};
use crate::home::Home;

fn sh(script: &str) -> Pty {
    shell(script).start()
}

fn shell(script: &str) -> Launch {
    Launch::program("/bin/sh", ["-c", script]).size(60, 10)
}

/// The message of a look that has to fail.
fn failure(look: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(look)).expect_err("this look has to fail");
    *panic.downcast::<String>().expect("a message")
}

#[test]
fn keys_arrive_and_their_answer_is_seen() {
    let mut term = sh("printf 'name? '; read name; echo \"hello $name\"");
    term.see("name?").text("Ada").key("Enter").see("hello Ada");
    assert_eq!(term.exit_code(), 0);
}

#[test]
fn a_text_that_goes_is_seen_gone() {
    let mut term = sh(r"printf first; read x; printf '\033[2J\033[H'; read x");
    term.see("first").key("Enter").gone("first");
}

#[test]
fn a_short_frame_is_not_missed() {
    let mut term =
        sh(r"read x; printf '\033[?2026hbusy\033[?2026l\033[?2026h\033[2Jdone\033[?2026l'; read x");
    term.key("Enter").see("done").saw("busy");
}

#[test]
fn a_look_in_vain_shows_the_screen() {
    let message = failure(|| _ = sh("echo 'what is here'; exit 3").see("what is not"));
    assert!(message.contains("\"what is not\" on the screen"), "{message}");
    assert!(message.contains("│what is here"), "{message}");
    assert!(message.contains("Exited with code 3"), "{message}");
}

#[test]
fn the_exit_code_comes_back() {
    assert_eq!(sh("exit 7").exit_code(), 7);
}

#[test]
fn death_by_a_signal_is_no_exit_code() {
    let message = failure(|| _ = sh("kill -9 $$").exit_code());
    assert!(message.contains("killed"), "{message}");
}

#[test]
fn a_question_is_answered() {
    let mut term =
        sh(r#"stty raw -echo min 6; printf '\033[2;5H\033[6n'; dd bs=6 count=1 2>/dev/null | od -c"#);
    term.see("2   ;   5   R");
    let message = failure(|| _ = term.asked_nothing());
    assert!(message.contains("2;5R"), "{message}");
}

#[test]
fn a_silent_terminal_answers_nothing() {
    let mut term = shell(r"stty -echo; printf '\033[6n'; read answer; echo \<$answer\>").silent().start();
    term.key("Enter").see("<>");
}

#[test]
fn pasted_text_comes_in_brackets_where_they_were_asked_for() {
    let script = r"stty -icanon -echo; printf '\033[?2004hready'; dd bs=15 count=1 2>/dev/null | od -An -c";
    let mut term = sh(script);
    term.see("ready").paste("abc").see("2   0   0   ~   a   b   c 033   [   2");
}

#[test]
fn clicks_need_a_program_that_listens() {
    let message = failure(|| _ = sh("echo here; read x").click_on("here"));
    assert!(message.contains("does not listen to the mouse"), "{message}");

    let script = r"stty -icanon -echo; printf '\033[?1000h\033[?1006h\033[3;8Hbutton'; dd bs=9 count=1 2>/dev/null | od -An -c";
    sh(script).click_on("button").see("<   0   ;   8   ;   3   M");
}

#[test]
fn a_resize_reaches_the_program() {
    let mut term = sh("trap 'stty size' WINCH; echo ready; while :; do read x; done");
    term.see("ready").resize(44, 7).see("7 44");
    assert_eq!(term.cells().size(), (7, 44));
}

#[test]
fn the_environment_is_ours_alone() {
    let mut term =
        shell("env | grep -v ^PWD= | cut -d= -f1 | sort | tr '\\n' ' '; echo end").size(200, 3).start();
    let home = [
        "DBUS_SESSION_BUS_ADDRESS",
        "HOME",
        "LANG",
        "ORGDECK_CONFIG_DIR",
        "ORGDECK_DATA_DIR",
        "PATH",
        "SHELL",
        "TERM",
        "TMPDIR",
    ];
    term.see("end");
    let seen = term.screen().replace(" OLDPWD", "").replace(" SHLVL", "").replace(" _ ", " ");
    assert_eq!(seen, format!("{} end", home.join(" ")));
}

#[test]
fn a_variable_can_be_added() {
    shell("echo $EXTRA; read x").env("EXTRA", "more").start().see("more");
}

#[test]
fn colours_can_be_waited_for() {
    let red = |screen: &vt100::Screen| screen.cell(0, 0).unwrap().fgcolor() == vt100::Color::Idx(1);
    sh(r"printf x; read x; printf '\033[H\033[31mx'; read x").see("x").key("Enter").see_that("a red x", red);
}

#[test]
fn a_signal_reaches_the_program() {
    let mut term = sh("trap 'echo told; exit 5' TERM; echo ready; while :; do read x; done");
    assert_eq!(term.see("ready").signal("TERM").see("told").exit_code(), 5);
}

#[test]
fn folders_can_outlive_a_run() {
    let home = Arc::new(Home::new());
    home.write_config("# mine");
    assert_eq!(shell("cp $ORGDECK_CONFIG_DIR/config.toml kept").home(&home).start().exit_code(), 0);
    assert_eq!(home.files(), [PathBuf::from("config/config.toml"), PathBuf::from("kept")]);
    shell("cat kept; read x").home(&home).start().see("# mine");
}

#[test]
fn what_must_not_show_is_looked_for_everywhere() {
    sh("echo open").see("open").never_showed("hidden");
    for leak in ["echo hidden", r"printf 'hidden\r\033[Kopen'", r"printf '\033]0;hidden\007open'"] {
        let mut term = sh(&format!("{leak}; exit 0"));
        term.exit_code();
        failure(|| _ = term.never_showed("hidden"));
    }
}

#[test]
fn the_clipboard_is_read_from_the_stream() {
    let mut term = sh(r"printf '\033]52;c;aGVsbG8=\007'; read x");
    assert_eq!(term.clipboard(), "hello");
}

#[test]
fn a_terminal_left_in_disorder_is_told() {
    sh(r"printf '\033[?1049h\033[?1049l'").left_clean();
    for (script, left) in [
        (r"printf '\033[?1049h'", "the alternate screen"),
        (r"printf '\033[?25l'", "the hidden cursor"),
        (r"printf '\033[?1003h'", "mouse reports"),
        (r"printf '\033[?2004h'", "bracketed paste"),
        (r"printf '\033[?1004h'", "private mode 1004"),
        (r"printf '\033[?2026h'", "a synchronized update"),
        ("stty raw", "raw mode"),
    ] {
        let message = failure(|| _ = sh(script).left_clean());
        assert!(message.contains(left), "after {script}: {message}");
    }
}

#[test]
fn dropping_it_kills_the_whole_group() {
    let mut term = sh("mkfifo alive; sleep 1000 >alive & echo started; wait");
    let alive = term.see("started").home().path().join("alive");
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = File::open(alive).unwrap();
        tell.send("sleep holds the other end").unwrap();
        let read = pipe.read(&mut [0]).unwrap();
        assert_eq!(read, 0, "the end comes when nobody holds the other end any more");
        tell.send("nobody does").unwrap();
    });
    told.recv_timeout(PATIENCE).unwrap();
    drop(term);
    told.recv_timeout(PATIENCE).unwrap();
}
