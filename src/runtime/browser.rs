//! The browser: started and left alone. It gets no terminal and none of the variables that hold secrets, and an
//! address that logs in by itself does not stand among its arguments, which every user of the machine can read.

use crate::{
    app::{Done, Msg, Secretable},
    config,
    fsio::{self, Access},
    secrets::Secret,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// A program that fails does so soon; one that runs longer has opened its window.
const FAILS_WITHIN: Duration = Duration::from_secs(5);
/// How long a page that leads to a secret address stays: as long as such an address is good.
const PAGE_STAYS: Duration = Duration::from_secs(60);

/// A browser that is already open reads a page at once; one that has to start takes longer.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// Where the pages lie in the data folder.
const FOLDER: &str = "links";

/// Opens addresses.
pub struct Browser {
    tell: mpsc::Sender<Msg>,
    folder: PathBuf,
    pages: Vec<PathBuf>,
}

impl Browser {
    /// Pages that lead to secret addresses go to a folder of its own in the data folder.
    pub fn new(data_dir: &Path, tell: mpsc::Sender<Msg>) -> Self {
        Self { tell, folder: data_dir.join(FOLDER), pages: Vec::new() }
    }

    /// Opens an address, without waiting; what goes wrong comes as news. `hidden` variables are kept from the browser.
    pub fn open(&mut self, url: Secretable, private: bool, hidden: Vec<String>) {
        let else_copy = match &url {
            Secretable::Plain(_) => "y copies the address",
            Secretable::Secret(_) => "T has a link to copy",
        };
        let target = match url {
            Secretable::Plain(url) => Ok(url),
            Secretable::Secret(url) => self.lay_page(&url),
        };
        let tell = self.tell.clone();
        tokio::spawn(async move {
            let opened = match target {
                Ok(target) => {
                    let ways = if private { private_ways(&target) } else { ways(&target) };
                    first_that_works(ways, &hidden).await
                }
                Err(problem) => Err(problem),
            };
            if let Err(problem) = opened {
                let says = format!("the browser was not opened: {problem}; {else_copy}");
                let _ = tell.send(Msg::Done(Done::Badly(says))).await; // nobody listens once the screen is gone
            }
        });
    }

    /// A page that sends the browser on; only its owner can read it, and only for a minute.
    fn lay_page(&mut self, url: &Secret) -> Result<String, String> {
        let path = page_in(&self.folder, self.pages.len(), url)?;
        self.pages.push(path.clone());
        let shown = path.display().to_string();
        tokio::spawn(async move {
            tokio::time::sleep(PAGE_STAYS).await;
            let _ = fs::remove_file(path); // the end of the program may have been faster
        });
        Ok(shown)
    }

    /// Takes the pages away that are still there.
    pub fn finish(&mut self) {
        for page in self.pages.drain(..) {
            let _ = fs::remove_file(page); // most have gone by themselves
        }
    }
}

/// Opens an address that logs in by itself, and waits until the browser has had time to read the page that leads there.
///
/// # Errors
/// A sentence: the page cannot be written, or no browser is there.
pub async fn open_secret(data_dir: &Path, url: &Secret, hidden: &[String]) -> Result<(), String> {
    let page = page_in(&data_dir.join(FOLDER), 0, url)?;
    let opened = start_one(&page.display().to_string(), hidden).await;
    if opened.is_ok() {
        tokio::time::sleep(READ_WITHIN).await;
    }
    let _ = fs::remove_file(page); // it is no use to anybody any more
    opened
}

/// Writes the page that leads to an address.
fn page_in(folder: &Path, number: usize, url: &Secret) -> Result<PathBuf, String> {
    sweep(folder);
    let path = folder.join(format!("{}-{number}.html", std::process::id()));
    fsio::create_private_dir(folder).map_err(|error| error.to_string())?;
    fsio::write_atomic(&path, page_to(url).as_bytes(), Access::Owner).map_err(|error| error.to_string())?;
    Ok(path)
}

/// Takes away what a run that was killed has left.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let age = entry.metadata().and_then(|file| file.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > PAGE_STAYS) {
            let _ = fs::remove_file(entry.path()); // another run may have been faster
        }
    }
}

fn page_to(url: &Secret) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(url.expose().len() * 2));
    for c in url.expose().chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    Zeroizing::new(format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><title>orgdeck</title>\
         <meta http-equiv=\"refresh\" content=\"0;url={0}\"><a href=\"{0}\">To the org</a>\n",
        *escaped
    ))
}

/// What to try, in turn.
fn ways(target: &str) -> Vec<Command> {
    match std::env::var("BROWSER").ok().filter(|value| !value.trim().is_empty() && cfg!(not(windows))) {
        Some(value) => named(&value, target),
        None => open::commands(target),
    }
}

/// `$BROWSER`: commands divided by colons, each with `%s` for the address, or the address behind it.
///
/// Source: Eric S. Raymond, The BROWSER project; xdg-open(1).
fn named(value: &str, target: &str) -> Vec<Command> {
    let commands = value.split(':').filter_map(|line| config::split_words(line).ok());
    commands
        .filter_map(|mut words| {
            words.retain(|word| word != "&"); // for a shell, which there is none of here
            let (program, arguments) = words.split_first()?;
            let mut command = Command::new(program);
            let has_place = arguments.iter().any(|word| word.contains("%s"));
            command.args(arguments.iter().map(|word| word.replace("%s", target).replace("%%", "%")));
            if !has_place {
                command.arg(target);
            }
            Some(command)
        })
        .collect()
}

/// A browser that can open a private window.
struct Known {
    /// Its names on the path.
    programs: &'static [&'static str],
    /// What asks for such a window.
    flag: &'static str,
    /// Its name as a macOS application.
    application: &'static str,
    /// Where it is on Windows' drive.
    on_windows: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        programs: &["firefox", "firefox-esr", "librewolf"],
        flag: "--private-window",
        application: "Firefox",
        on_windows: "Program Files/Mozilla Firefox/firefox.exe",
    },
    Known {
        programs: &["google-chrome", "google-chrome-stable", "chrome"],
        flag: "--incognito",
        application: "Google Chrome",
        on_windows: "Program Files/Google/Chrome/Application/chrome.exe",
    },
    Known {
        programs: &["chromium", "chromium-browser"],
        flag: "--incognito",
        application: "Chromium",
        on_windows: "Program Files/Chromium/Application/chrome.exe",
    },
    Known {
        programs: &["brave-browser", "brave"],
        flag: "--incognito",
        application: "Brave Browser",
        on_windows: "Program Files/BraveSoftware/Brave-Browser/Application/brave.exe",
    },
    Known {
        programs: &["microsoft-edge", "microsoft-edge-stable", "msedge"],
        flag: "--inprivate",
        application: "Microsoft Edge",
        on_windows: "Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    },
];

/// Every browser that is known to have private windows; the one of `$BROWSER` first. Those that are not there do not
/// start, and the next one is tried.
fn private_ways(target: &str) -> Vec<Command> {
    let own = std::env::var("BROWSER").unwrap_or_default();
    let mut known: Vec<&Known> = KNOWN.iter().collect();
    known.sort_by_key(|browser| !browser.programs.iter().any(|program| is_named(&own, program)));
    known.into_iter().flat_map(|browser| browser.ways(target)).collect()
}

/// Whether the first command of `$BROWSER` is that program.
fn is_named(own: &str, program: &str) -> bool {
    let first = own.split([':', ' ']).next().unwrap_or_default();
    Path::new(first).file_name().is_some_and(|name| name == program)
}

impl Known {
    fn ways(&self, target: &str) -> Vec<Command> {
        if cfg!(target_os = "macos") {
            let mut command = Command::new("/usr/bin/open");
            command.args(["-na", self.application, "--args", self.flag, target]);
            return vec![command];
        }
        // A Windows drive is at /mnt/c too, where Linux runs inside Windows.
        let drive = if cfg!(windows) { "C:/" } else { "/mnt/c/" };
        let programs = self.programs.iter().map(|program| (*program).to_owned());
        let all = programs.chain([format!("{drive}{}", self.on_windows)]);
        all.map(|program| {
            let mut command = Command::new(program);
            command.args([self.flag, target]);
            command
        })
        .collect()
    }
}

/// Opens an address without anybody to tell it to but the caller.
///
/// # Errors
/// A sentence: no browser is there, or it ended badly within a few seconds.
pub async fn start_one(url: &str, hidden: &[String]) -> Result<(), String> {
    first_that_works(ways(url), hidden).await
}

async fn first_that_works(ways: Vec<Command>, hidden: &[String]) -> Result<(), String> {
    let mut missing = Vec::new();
    let mut failed = None;
    for way in ways {
        let name = way.get_program().to_string_lossy().into_owned();
        match start(way, hidden).await {
            Ok(()) => return Ok(()),
            Err(None) => missing.push(name),
            Err(Some(problem)) => failed = failed.or(Some(format!("{name} {problem}"))),
        }
    }
    Err(failed.unwrap_or_else(|| match missing.is_empty() {
        true => "$BROWSER names no program".to_owned(),
        false => format!("there is none of {}", missing.join(", ")),
    }))
}

/// Starts a program apart from us: no terminal, a process group of its own so that our `Ctrl-C` is not its end.
/// `Err(None)` if it is not there.
async fn start(mut command: Command, hidden: &[String]) -> Result<(), Option<String>> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in hidden {
        command.env_remove(name);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = match tokio::process::Command::from(command).spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(None),
        Err(error) => return Err(Some(format!("does not start: {error}"))),
    };
    match tokio::time::timeout(FAILS_WITHIN, child.wait()).await {
        // Windows' explorer says 1 whatever happens.
        Ok(Ok(status)) if !status.success() && cfg!(not(windows)) => {
            Err(Some(format!("ended with {status}")))
        }
        _ => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn words(commands: &[Command]) -> Vec<Vec<String>> {
        let text = |word: &std::ffi::OsStr| word.to_string_lossy().into_owned();
        commands
            .iter()
            .map(|c| std::iter::once(text(c.get_program())).chain(c.get_args().map(text)).collect())
            .collect()
    }

    #[test]
    fn the_variable_names_browsers_and_the_place_of_the_address() {
        let url = "https://test.salesforce.com/?a=%20b";
        assert_eq!(
            words(&named("firefox -P 'work two':w3m %s &::lynx -x=%s%%", url)),
            [
                vec!["firefox", "-P", "work two", url],
                vec!["w3m", url],
                vec!["lynx", "-x=https://test.salesforce.com/?a=%20b%"],
            ]
        );
    }

    #[test]
    fn a_private_window_is_asked_for_in_each_browsers_words() {
        let all = words(&private_ways("https://x"));
        for (program, flag) in
            [("firefox", "--private-window"), ("chromium", "--incognito"), ("msedge", "--inprivate")]
        {
            if cfg!(target_os = "linux") {
                assert!(all.contains(&vec![program.into(), flag.into(), "https://x".into()]), "{all:?}");
            }
        }
        assert!(is_named("/usr/bin/chromium %s:firefox", "chromium") && !is_named("links", "firefox"));
    }

    #[tokio::test]
    async fn the_first_that_works_is_the_last_that_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        let sh = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script, "sh"]).arg(&seen);
            command
        };
        let ways = vec![
            Command::new("/no/such/browser"),
            sh("echo one >>$1; exit 3"),
            sh("echo two >>$1; cat >>$1"), // there is nothing to read, and nobody waits for it
            sh("echo three >>$1"),
        ];
        first_that_works(ways, &[]).await.unwrap();
        assert_eq!(fs::read_to_string(seen).unwrap(), "one\ntwo\n");
    }

    #[tokio::test]
    async fn what_went_wrong_is_named() {
        let missing = vec![Command::new("/no/such/browser"), Command::new("/no/other")];
        assert_eq!(
            first_that_works(missing, &[]).await.unwrap_err(),
            "there is none of /no/such/browser, /no/other"
        );
        let mut fails = Command::new("sh");
        fails.args(["-c", "exit 3"]);
        let failed = first_that_works(vec![Command::new("/no/such"), fails], &[]).await.unwrap_err();
        assert!(failed.starts_with("sh ended with ") && failed.ends_with('3'), "{failed}");
        assert_eq!(first_that_works(Vec::new(), &[]).await.unwrap_err(), "$BROWSER names no program");
    }

    #[tokio::test]
    async fn the_variables_with_secrets_are_kept_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        let mut command = Command::new("sh");
        command.args(["-c", "env >$1", "sh"]).arg(&seen).env("UAT_PASSWORD", "hush").env("OTHER", "stays");
        first_that_works(vec![command], &["UAT_PASSWORD".to_owned()]).await.unwrap();
        let seen = fs::read_to_string(seen).unwrap();
        assert!(seen.contains("OTHER=stays") && !seen.contains("hush"), "{seen}");
    }

    #[tokio::test]
    async fn a_secret_address_goes_by_a_private_page_that_does_not_stay() {
        let data = tempfile::tempdir().unwrap();
        let mut browser = Browser::new(data.path(), mpsc::channel(1).0);
        let url = Secret::new("https://acme.my.salesforce.com/secur/frontdoor.jsp?otp=a%2Bb&x=\"<");
        let page = PathBuf::from(browser.lay_page(&url).unwrap());
        let text = fs::read_to_string(&page).unwrap();
        assert!(
            text.contains(
                "0;url=https://acme.my.salesforce.com/secur/frontdoor.jsp?otp=a%2Bb&amp;x=&quot;&lt;"
            )
        );
        assert_eq!(fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(page.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        browser.finish();
        assert!(!page.exists());
    }

    #[tokio::test]
    async fn what_a_killed_run_left_is_taken_away() {
        let data = tempfile::tempdir().unwrap();
        let links = data.path().join("links");
        fs::create_dir(&links).unwrap();
        let (old, new) = (links.join("1-0.html"), links.join("2-0.html"));
        fs::write(&old, "").unwrap();
        fs::write(&new, "").unwrap();
        let then = std::time::SystemTime::now() - PAGE_STAYS * 2;
        fs::File::options().write(true).open(&old).unwrap().set_modified(then).unwrap();
        sweep(&links);
        assert!(!old.exists() && new.exists());
    }
}
