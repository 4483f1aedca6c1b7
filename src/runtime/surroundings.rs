//! What the environment says: where the person sits, and which of its variables are no other program's business.

use crate::{app::Seat, config::Config, secrets::SecretRef};

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

/// The variables in which secrets of the profiles are: whatever is started here is started without them.
pub fn secret_variables(config: &Config) -> Vec<String> {
    let secrets = config.profiles.iter().flat_map(|profile| {
        crate::config::SecretField::ALL.iter().filter_map(|field| profile.secret(*field))
    });
    let mut names: Vec<String> = secrets
        .filter_map(|reference| match reference {
            SecretRef::Env(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
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

    #[test]
    fn variables_with_secrets_are_known_by_name() {
        let config = crate::config::parse(
            "[profiles.a]\nflow = 'password'\npassword = { env = 'ONE' }\nconsumer_secret = { env = 'TWO' }\n\
             [profiles.b]\nflow = 'password'\npassword = { env = 'ONE' }\nconsumer_secret = { ask = true }\n",
        );
        assert_eq!(secret_variables(&config.unwrap()), ["ONE", "TWO"]);
    }
}
