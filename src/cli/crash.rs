//! What is left behind when orgdeck itself fails: a report without secrets, named on standard error.

use crate::{
    config::Paths,
    fsio::{self, Access},
    runtime,
};
use std::{
    any::Any,
    backtrace::Backtrace,
    panic::PanicHookInfo,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

/// From now on a panic, on any thread, writes a report and names it.
pub fn report_crashes() {
    std::panic::set_hook(Box::new(|panic| {
        let said = match write_report(panic) {
            Some(file) => format!("the report is {}", file.display()),
            None => format!("no report could be written: {}", place(panic)),
        };
        // Where only a job crashed the screen lives on and tells it; nothing may be printed over it.
        if runtime::make_way_for_a_crash() {
            eprintln!("error: orgdeck crashed; that is a bug in orgdeck. {said}");
        }
    }));
}

fn write_report(panic: &PanicHookInfo<'_>) -> Option<PathBuf> {
    let folder = Paths::find(None)?.data_dir;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let file = folder.join(format!("crash-{seconds}.txt"));
    let report = format!(
        "orgdeck {} crashed\nat   {}\nsays {}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        place(panic),
        text(panic.payload()),
        Backtrace::force_capture(),
    );
    fsio::create_private_dir(&folder).ok()?;
    fsio::write_atomic(&file, report.as_bytes(), Access::Owner).ok()?;
    Some(file)
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

/// A constant of this program or of a library. A text made at run time may hold a secret: slicing a string at a
/// wrong place quotes the string, and `expect` prints the error, whatever that carries.
fn text(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(text left out)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn only_a_constant_text_is_reported() {
        let caught = |act: fn()| text(&*catch_unwind(act).unwrap_err());
        assert_eq!(caught(|| panic!("a constant")), "a constant");
        let slices = || {
            let secret = String::from("pässword");
            assert!(secret[..2].is_empty());
        };
        assert_eq!(caught(slices), "(text left out)");
        let expects = || assert_eq!("x".parse::<u8>().map_err(|_| "pässword").expect("it is a number"), 0);
        assert_eq!(caught(expects), "(text left out)");
        assert_eq!(caught(|| std::panic::panic_any(7)), "(text left out)");
    }
}
