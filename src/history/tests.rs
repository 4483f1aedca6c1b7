//! The store: what is kept, two who write at once, and files that are damaged, locked, full, old or too new.

use super::*;
use crate::{
    config::ProfileId,
    salesforce::{
        OrgId,
        limits::{Level, Limit},
    },
};
use std::{
    fs,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

const NOW: u64 = 1_750_000_020;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn acme() -> OrgKey {
    OrgKey::org(&OrgId("00D58000000arpqEAA".into()))
}

fn taken(source: Source, seconds: u64, used: i64) -> Taken {
    let limit = Limit { key: "DailyApiRequests".into(), level: Level::used_of(used, 15_000) };
    Taken { org: acme(), at: at(seconds), source, limits: vec![limit] }
}

fn record(history: &History, taken: Taken) -> Result<(), HistoryError> {
    history.record_limits(&[taken], at(NOW))
}

/// What is there: seconds before [`NOW`], and used.
fn series(history: &History) -> Vec<(u64, i64)> {
    let mut all = history.limit_readings(&acme()).unwrap();
    let readings = all.remove("DailyApiRequests").unwrap_or_default();
    let before = |at: SystemTime| NOW - at.duration_since(UNIX_EPOCH).unwrap().as_secs();
    readings.into_iter().map(|reading| (before(reading.at), reading.level.used())).collect()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

fn names(data: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(data).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn nothing_is_made_before_it_is_used() {
    let (_folder, data) = folder();
    let history = History::new(&data);
    assert!(!data.exists());
    assert_eq!(series(&history), []);
    assert!(data.join(FILE).exists());
}

#[test]
fn what_is_recorded_outlives_the_run_and_belongs_to_the_org() {
    let (_folder, data) = folder();
    let history = History::new(&data);
    record(&history, taken(Source::Limits, NOW - 300, 5)).unwrap();
    record(&history, taken(Source::Limits, NOW - 100, 9)).unwrap();
    drop(history);
    let history = History::new(&data);
    assert_eq!(series(&history), [(300, 5), (100, 9)]);
    assert_eq!(OrgKey::org(&OrgId("00D58000000arpq".into())), acme(), "either form of the id");
    let other = OrgKey::host(&ProfileId::new("uat"), "acme.my.salesforce.com");
    assert!(history.limit_readings(&other).unwrap().is_empty());
}

#[test]
fn of_headers_each_minutes_last_is_kept_and_of_limits_all() {
    let (_folder, data) = folder();
    let history = History::new(&data);
    let minute = NOW - 120; // NOW is a whole minute
    assert_eq!(NOW % 60, 0);
    for (seconds, used) in [(0, 1), (1, 2), (59, 3), (60, 4), (61, 5)] {
        record(&history, taken(Source::Header, minute + seconds, used)).unwrap();
    }
    for (seconds, used) in [(62, 6), (63, 7)] {
        record(&history, taken(Source::Limits, minute + seconds, used)).unwrap();
    }
    assert_eq!(series(&history), [(61, 3), (59, 5), (58, 6), (57, 7)]);
}

#[test]
fn many_readings_are_thinned_to_the_fullest_and_the_last() {
    let reading = |seconds: u64, used| crate::salesforce::limits::Reading {
        at: at(NOW + seconds),
        level: Level::used_of(used, 100),
    };
    let mut many: Vec<_> = (0..1_000).map(|n| reading(n * 10, 5)).collect();
    many[501] = reading(5_010, 80);
    many.push(reading(10_000, 2));
    let few = limits::thinned(many.clone(), 50);
    assert!(few.len() <= 51, "{}", few.len());
    assert!(few.contains(&reading(5_010, 80)), "the peak stays");
    assert_eq!((few.first(), few.last()), (many.get(..).map(|m| &m[19]), many.last()));
    assert!(few.is_sorted_by_key(|reading| reading.at));
    let same: Vec<_> = (0..9).map(|n| reading(7, n)).collect();
    assert_eq!(limits::thinned(same, 5), [reading(7, 8)], "all at one moment");
    assert_eq!(limits::thinned(vec![reading(7, 8)], 5), [reading(7, 8)]);
    assert_eq!(limits::thinned(Vec::new(), 5), []);
}

#[test]
fn what_is_too_old_or_too_much_is_taken_out() {
    let (_folder, data) = folder();
    let history = History::new(&data);
    record(&history, taken(Source::Limits, NOW - 91 * 86_400, 1)).unwrap();
    assert_eq!(series(&history), [], "the first writing of a run looks");
    for n in 0..20 {
        record(&history, taken(Source::Limits, NOW - 100 + n, 1)).unwrap();
    }
    let taken_out = history.with(|c| limits::take_out(c, at(NOW), limits::OLDEST, 5)).unwrap();
    assert_eq!((taken_out, series(&history).len()), (15, 5));
    assert_eq!(series(&history)[0].0, 85, "the newest stay");
    record(&history, taken(Source::Limits, NOW - 91 * 86_400, 1)).unwrap();
    assert_eq!(series(&history).len(), 6, "not looked at every time");
    let many = (0..1_000).map(|n| taken(Source::Limits, NOW - 50_000 + n, 2)).collect::<Vec<_>>();
    history.record_limits(&many, at(NOW)).unwrap();
    assert_eq!(series(&history).len(), 1_005, "after so many it is");
}

#[test]
fn two_programs_write_at_once_and_lose_nothing() {
    let (_folder, data) = folder();
    let all: Vec<_> = (0..4)
        .map(|writer| {
            let data = data.clone();
            std::thread::spawn(move || {
                let history = History::new(&data); // a connection of its own, as another program has
                for n in 0..25 {
                    record(&history, taken(Source::Limits, NOW - 1_000 + writer * 25 + n, 1)).unwrap();
                }
            })
        })
        .collect();
    all.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(series(&History::new(&data)).len(), 100);
}

#[test]
fn a_lock_that_stays_is_said_and_ends() {
    let (_folder, data) = folder();
    let history = History { patience: Duration::ZERO, ..History::new(&data) };
    record(&history, taken(Source::Limits, NOW - 9, 1)).unwrap();
    let other = Connection::open(data.join(FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = record(&history, taken(Source::Limits, NOW - 8, 2)).unwrap_err();
    assert!(matches!(error, HistoryError::Busy(_)), "{error:?}");
    assert_eq!(series(&history), [(9, 1)], "reading waits for nobody");
    other.execute_batch("COMMIT").unwrap();
    record(&history, taken(Source::Limits, NOW - 7, 3)).unwrap();
    assert_eq!(series(&history), [(9, 1), (7, 3)]);
}

#[test]
fn a_full_disk_is_said_and_what_is_there_stays() {
    let (_folder, data) = folder();
    let history = History::new(&data);
    record(&history, taken(Source::Limits, NOW - 9, 1)).unwrap();
    history.with(|c| c.query_row("PRAGMA max_page_count = 1", [], |_| Ok(()))).unwrap();
    let many: Vec<_> = (0..2_000).map(|n| taken(Source::Limits, NOW - 5_000 + n, 2)).collect();
    let error = history.record_limits(&many, at(NOW)).unwrap_err();
    assert!(matches!(error, HistoryError::Full(_)), "{error:?}");
    assert!(error.to_string().contains("history.sqlite cannot grow"), "{error}");
    assert_eq!(series(&history), [(9, 1)], "all or nothing");
}

#[test]
fn a_damaged_file_is_set_aside_and_said_once() {
    let (_folder, data) = folder();
    fsio::create_private_dir(&data).unwrap();
    fs::write(data.join(FILE), "this is no database, and longer than its header would be. ".repeat(40))
        .unwrap();
    let history = History::new(&data);
    record(&history, taken(Source::Limits, NOW - 9, 1)).unwrap();
    assert_eq!(series(&history), [(9, 1)]);
    let news = history.take_news().unwrap();
    assert!(news.contains("was damaged: it is now") && news.contains("history.sqlite.damaged-1"), "{news}");
    assert_eq!(history.take_news(), None);
    assert!(fs::read_to_string(data.join("history.sqlite.damaged-1")).unwrap().starts_with("this is no"));
    drop(history);
    fs::write(data.join(FILE), [0xff; 9_000]).unwrap();
    assert_eq!(series(&History::new(&data)), []);
    assert!(names(&data).contains(&"history.sqlite.damaged-2".to_owned()), "{:?}", names(&data));
}

#[test]
fn damage_that_is_met_later_is_met_too() {
    let (_folder, data) = folder();
    let history = History::new(&data);
    let many: Vec<_> = (0..3_000).map(|n| taken(Source::Limits, NOW - 9_000 + n, 2)).collect();
    history.record_limits(&many, at(NOW)).unwrap();
    drop(history); // the last one that closes it writes its log into it
    let mut bytes = fs::read(data.join(FILE)).unwrap();
    bytes[8_192..].fill(0x5a);
    fs::write(data.join(FILE), bytes).unwrap();
    let history = History::new(&data);
    assert_eq!(series(&history), [], "the head was whole, the pages are not");
    assert!(history.take_news().is_some());
    record(&history, taken(Source::Limits, NOW - 9, 1)).unwrap();
    assert_eq!(series(&history), [(9, 1)]);
}

#[test]
fn of_two_who_meet_the_damage_one_sets_aside() {
    let (_folder, data) = folder();
    fsio::create_private_dir(&data).unwrap();
    fs::write(data.join(FILE), [0x5a; 9_000]).unwrap();
    let barrier = Arc::new(std::sync::Barrier::new(4));
    let all: Vec<_> = (0..4)
        .map(|n| {
            let (data, barrier) = (data.clone(), barrier.clone());
            std::thread::spawn(move || {
                let history = History::new(&data);
                barrier.wait();
                record(&history, taken(Source::Limits, NOW - 9 + n, 1)).unwrap();
            })
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
    assert_eq!(series(&History::new(&data)).len(), 4, "nobody's new file was moved away");
    let aside: Vec<_> = names(&data).into_iter().filter(|name| name.contains("damaged")).collect();
    assert_eq!(aside, ["history.sqlite.damaged-1"]);
}

#[test]
fn a_newer_file_is_left_alone() {
    let (_folder, data) = folder();
    record(&History::new(&data), taken(Source::Limits, NOW - 9, 1)).unwrap();
    let other = Connection::open(data.join(FILE)).unwrap();
    other.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    drop(other);
    let error = record(&History::new(&data), taken(Source::Limits, NOW - 8, 2)).unwrap_err();
    assert!(error.to_string().contains("made by a newer orgdeck"), "{error}");
    assert!(!names(&data).iter().any(|name| name.contains("damaged")), "{:?}", names(&data));
}

#[test]
fn an_empty_file_is_migrated_and_an_unfinished_one_is_not_half_done() {
    let (_folder, data) = folder();
    fsio::create_private_dir(&data).unwrap();
    fs::write(data.join(FILE), "").unwrap();
    record(&History::new(&data), taken(Source::Limits, NOW - 9, 1)).unwrap();
    let connection = Connection::open(data.join(FILE)).unwrap();
    let pragma =
        |name| connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
    assert_eq!(pragma("user_version").unwrap(), schema::VERSION.into());
    assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
    // A table of that name that is not ours: the step fails, and the version stays.
    let (_other, data) = super::tests::folder();
    fsio::create_private_dir(&data).unwrap();
    let connection = Connection::open(data.join(FILE)).unwrap();
    connection.execute_batch("CREATE TABLE limit_reading (x)").unwrap();
    let error = record(&History::new(&data), taken(Source::Limits, NOW - 9, 1)).unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error}");
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (folder, data) = folder();
    fs::write(&data, "a file where the folder belongs").unwrap();
    let error = record(&History::new(&data), taken(Source::Limits, NOW - 9, 1)).unwrap_err().to_string();
    assert!(error.starts_with("cannot ") && error.contains(folder.path().to_str().unwrap()), "{error}");
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, data) = folder();
    let history = History::new(&data);
    record(&history, taken(Source::Limits, NOW - 9, 1)).unwrap();
    for name in names(&data) {
        let mode = fs::metadata(data.join(&name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} of {:?}", names(&data));
    }
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}
