//! What the environment says of terminal and desktop, and of where the person sits. The terminal itself is not asked.

use crate::jobs::{ClipboardWay, Colours, Seat, Surroundings};

/// Looks at the environment; the terminal's size is left to whoever knows it.
pub fn look() -> Surroundings {
    let value = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    by(|name| value(name).filter(|value| !value.is_empty()), cfg!(target_os = "linux"))
}

/// Where the person sits.
pub fn seat() -> Seat {
    look().seat
}

/// `value` knows the variables that are set to something.
fn by(value: impl Fn(&str) -> Option<String>, needs_display: bool) -> Surroundings {
    let set = |names: &[&str]| names.iter().any(|name| value(name).is_some());
    let term = value("TERM");
    Surroundings {
        colours: colours(term.as_deref().unwrap_or_default(), value("COLORTERM").as_deref()),
        term,
        no_color: set(&["NO_COLOR"]),
        locale: ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| value(name)),
        size: None,
        multiplexer: [("TMUX", "tmux"), ("STY", "screen"), ("ZELLIJ", "zellij")]
            .iter()
            .find(|(variable, _)| set(&[variable]))
            .map(|(_, name)| *name),
        seat: seat_by(&set, needs_display),
        clipboard: clipboard(&set, needs_display),
    }
}

/// Source: the `COLORTERM` convention of termstandard/colors; names of terminfo entries.
fn colours(term: &str, colorterm: Option<&str>) -> Colours {
    match colorterm {
        Some("truecolor" | "24bit") => Colours::True,
        _ if term.ends_with("-direct") => Colours::True,
        _ if term.contains("256color") => Colours::Indexed,
        _ => Colours::Sixteen,
    }
}

fn seat_by(set: &impl Fn(&[&str]) -> bool, needs_display: bool) -> Seat {
    if set(&["SSH_CONNECTION", "SSH_TTY"]) {
        return Seat::Remote;
    }
    // Under WSL the browser is on the Windows side, which needs no display here.
    let shows = set(&["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME", "WSL_INTEROP"]);
    if shows || !needs_display { Seat::Desktop } else { Seat::NoDisplay }
}

fn clipboard(set: &impl Fn(&[&str]) -> bool, needs_display: bool) -> ClipboardWay {
    if set(&["TMUX"]) {
        ClipboardWay::Tmux
    } else if set(&["SSH_CONNECTION"]) || (needs_display && !set(&["DISPLAY", "WAYLAND_DISPLAY"])) {
        ClipboardWay::Terminal
    } else {
        ClipboardWay::Desktop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(variables: &[(&str, &str)], needs_display: bool) -> Surroundings {
        let value = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        by(value, needs_display)
    }

    #[test]
    fn a_browser_is_opened_where_it_is_seen() {
        let seat = |set: &[&str], linux| {
            let variables: Vec<_> = set.iter().map(|name| (*name, "1")).collect();
            seen(&variables, linux).seat
        };
        assert_eq!(seat(&["DISPLAY"], true), Seat::Desktop);
        assert_eq!(seat(&["WAYLAND_DISPLAY"], true), Seat::Desktop);
        assert_eq!(seat(&["WSL_DISTRO_NAME"], true), Seat::Desktop);
        assert_eq!(seat(&["BROWSER"], true), Seat::Desktop);
        assert_eq!(seat(&[], true), Seat::NoDisplay);
        assert_eq!(seat(&[], false), Seat::Desktop);
        assert_eq!(seat(&["DISPLAY", "SSH_CONNECTION"], true), Seat::Remote);
        assert_eq!(seat(&["SSH_TTY"], false), Seat::Remote);
    }

    #[test]
    fn copies_go_where_somebody_has_them() {
        let way = |set: &[&str]| {
            let variables: Vec<_> = set.iter().map(|name| (*name, "1")).collect();
            seen(&variables, true).clipboard
        };
        assert_eq!(way(&["TMUX", "SSH_CONNECTION", "DISPLAY"]), ClipboardWay::Tmux);
        assert_eq!(way(&["SSH_CONNECTION", "DISPLAY"]), ClipboardWay::Terminal);
        assert_eq!(way(&["WAYLAND_DISPLAY"]), ClipboardWay::Desktop);
        assert_eq!(way(&[]), ClipboardWay::Terminal);
        assert_eq!(seen(&[], false).clipboard, ClipboardWay::Desktop);
    }

    #[test]
    fn terminals_say_how_many_colours_they_have() {
        let colours = |variables: &[(&str, &str)]| seen(variables, true).colours;
        assert_eq!(colours(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Colours::True);
        assert_eq!(colours(&[("TERM", "tmux-256color"), ("COLORTERM", "yes")]), Colours::Indexed);
        assert_eq!(colours(&[("TERM", "xterm-direct")]), Colours::True);
        assert_eq!(colours(&[("TERM", "linux")]), Colours::Sixteen);
    }

    #[test]
    fn the_first_locale_that_is_set_counts() {
        let locale = |variables: &[(&str, &str)]| seen(variables, true).locale;
        assert_eq!(locale(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]).as_deref(), Some("C"));
        assert_eq!(locale(&[("LANG", "de_DE.UTF-8")]).as_deref(), Some("de_DE.UTF-8"));
        assert_eq!(locale(&[]), None);
        assert_eq!(seen(&[("STY", "1.pts")], true).multiplexer, Some("screen"));
    }
}
