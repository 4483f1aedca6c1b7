//! Terminal, clipboard and browser, judged by what the environment says. Pure: no variable is read here.

use crate::jobs::{ClipboardWay, Colours, Finding, Seat, Surroundings};

/// Below this nothing can be drawn; `app::layout` has the same bounds.
const SMALLEST: (u16, u16) = (40, 12);
/// From here on all panes are seen at once.
const ROOMY: (u16, u16) = (80, 24);

pub(super) fn examine(here: &Surroundings) -> Vec<Finding> {
    match here.size {
        Some(size) => {
            vec![terminal(here), colours(here), characters(here), fits(size), clipboard(here), browser(here)]
        }
        // A script: nothing is drawn and nothing copied.
        None => vec![terminal(here), browser(here)],
    }
}

fn terminal(here: &Surroundings) -> Finding {
    let about = "terminal";
    let between = here.multiplexer.map(|name| format!(" inside {name}")).unwrap_or_default();
    let remote = if here.seat == Seat::Remote { ", over SSH" } else { "" };
    match here.term.as_deref() {
        _ if here.size.is_none() => {
            Finding::ok(about, format!("none is here{remote}: subcommands work, the screen does not open"))
        }
        None | Some("dumb") => Finding::warning(about, "TERM does not say what it can do")
            .fix("set TERM to what the terminal is, such as `export TERM=xterm-256color`"),
        Some(term) => Finding::ok(about, format!("{term}{between}{remote}")),
    }
}

fn colours(here: &Surroundings) -> Finding {
    let seen = match here.colours {
        _ if here.no_color => "none: NO_COLOR is set, and the theme is mono",
        Colours::True => "24 bits",
        Colours::Indexed => "256",
        Colours::Sixteen => "16, as far as the environment says",
    };
    Finding::ok("colours", seen)
}

/// Windows has no such variables and needs none.
fn characters(here: &Surroundings) -> Finding {
    let about = "characters";
    let utf8 = |locale: &str| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    match here.locale.as_deref() {
        Some(locale) if utf8(locale) => Finding::ok(about, format!("UTF-8 ({locale})")),
        None if !cfg!(target_os = "linux") => {
            Finding::ok(about, "no locale is set; UTF-8 is taken for granted")
        }
        other => {
            let seen = match other {
                Some(locale) => {
                    format!("the locale {locale} is not one of UTF-8: frames and marks may be garbled")
                }
                None => "no locale is set: frames and marks may be garbled".to_owned(),
            };
            Finding::warning(about, seen).fix("set one: `export LC_ALL=C.UTF-8`")
        }
    }
}

fn fits((columns, rows): (u16, u16)) -> Finding {
    let seen = format!("{columns}×{rows}");
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        let (columns, rows) = SMALLEST;
        return Finding::warning("size", format!("{seen}: too small to draw in"))
            .fix(format!("make the terminal at least {columns}×{rows}"));
    }
    let how = if columns < ROOMY.0 || rows < ROOMY.1 { ": one pane is shown at a time" } else { "" };
    Finding::ok("size", format!("{seen}{how}"))
}

fn clipboard(here: &Surroundings) -> Finding {
    Finding::ok(
        "clipboard",
        match here.clipboard {
            ClipboardWay::Terminal => {
                "through the terminal (OSC 52), which must allow it; nobody can tell whether it arrives"
            }
            ClipboardWay::Tmux => {
                "through tmux (`load-buffer -w`), which passes it on if its set-clipboard is on"
            }
            ClipboardWay::Desktop => "the desktop's",
        },
    )
}

fn browser(here: &Surroundings) -> Finding {
    Finding::ok(
        "browser",
        match here.seat {
            Seat::Desktop => "opens here",
            Seat::Remote => {
                "is not opened over SSH: a login shows its address, and takes what the browser ended at"
            }
            Seat::NoDisplay => {
                "there is no display: a login shows its address, and takes what the browser ended at"
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::State;

    fn terminal_of(term: &str) -> Surroundings {
        Surroundings {
            term: Some(term.into()),
            locale: Some("de_DE.utf8".into()),
            size: Some((120, 36)),
            ..Surroundings::default()
        }
    }

    fn states(here: &Surroundings) -> Vec<(String, State)> {
        let odd = examine(here).into_iter().filter(|found| found.state != State::Ok);
        odd.map(|found| (found.about, found.state)).collect()
    }

    #[test]
    fn an_able_terminal_is_no_trouble() {
        let here =
            Surroundings { multiplexer: Some("tmux"), seat: Seat::Remote, ..terminal_of("tmux-256color") };
        assert_eq!(states(&here), []);
        assert_eq!(terminal(&here).seen, "tmux-256color inside tmux, over SSH");
        assert!(colours(&Surroundings { no_color: true, ..here }).seen.contains("NO_COLOR"));
    }

    #[test]
    fn what_is_lacking_is_named_with_what_to_do() {
        for (here, about) in [
            (terminal_of("dumb"), "terminal"),
            (Surroundings { locale: Some("C".into()), ..terminal_of("xterm") }, "characters"),
            (Surroundings { size: Some((39, 12)), ..terminal_of("xterm") }, "size"),
            (Surroundings { size: Some((40, 11)), ..terminal_of("xterm") }, "size"),
        ] {
            assert_eq!(states(&here), [(about.to_owned(), State::Warning)]);
            assert!(examine(&here).iter().all(|found| found.state == State::Ok || found.fix.is_some()));
        }
    }

    #[test]
    fn a_script_needs_no_terminal() {
        let here = Surroundings { size: None, term: None, ..terminal_of("") };
        assert_eq!(states(&here), []);
    }
}
