//! What is left behind when orgdeck itself fails: a report without secrets, named on standard error.

use crate::{
    config::Paths,
    fsio::{self, Access},
    runtime,
};
use std::{
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

/// What a panic says is a constant of this program or of a library, or a value's `Debug`, which masks secrets.
fn write_report(panic: &PanicHookInfo<'_>) -> Option<PathBuf> {
    let folder = Paths::find(None)?.data_dir;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let file = folder.join(format!("crash-{seconds}.txt"));
    let report = format!(
        "orgdeck {} crashed\nat   {}\nsays {}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        place(panic),
        text(panic),
        Backtrace::force_capture(),
    );
    fsio::create_private_dir(&folder).ok()?;
    fsio::write_atomic(&file, report.as_bytes(), Access::Owner).ok()?;
    Some(file)
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

fn text<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    payload.downcast_ref::<&str>().copied().or_else(owned).unwrap_or("(no text)")
}
