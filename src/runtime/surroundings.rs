//! What the environment says of where the person sits.

use crate::app::Seat;

/// Where the person sits.
pub fn seat() -> Seat {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    seat_by(set, cfg!(target_os = "linux"))
}

fn seat_by(set: impl Fn(&str) -> bool, needs_display: bool) -> Seat {
    let any = |names: &[&str]| names.iter().any(|name| set(name));
    if any(&["SSH_CONNECTION", "SSH_TTY"]) {
        return Seat::Remote;
    }
    // Under WSL the browser is on the Windows side, which needs no display here.
    let shows = any(&["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME", "WSL_INTEROP"]);
    if shows || !needs_display { Seat::Desktop } else { Seat::NoDisplay }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_opened_where_it_is_seen() {
        let seat = |set: &[&str], linux| seat_by(|name| set.contains(&name), linux);
        assert_eq!(seat(&["DISPLAY"], true), Seat::Desktop);
        assert_eq!(seat(&["WAYLAND_DISPLAY"], true), Seat::Desktop);
        assert_eq!(seat(&["WSL_DISTRO_NAME"], true), Seat::Desktop);
        assert_eq!(seat(&["BROWSER"], true), Seat::Desktop);
        assert_eq!(seat(&[], true), Seat::NoDisplay);
        assert_eq!(seat(&[], false), Seat::Desktop);
        assert_eq!(seat(&["DISPLAY", "SSH_CONNECTION"], true), Seat::Remote);
        assert_eq!(seat(&["SSH_TTY"], false), Seat::Remote);
    }
}
