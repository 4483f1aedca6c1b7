//! Moments as Salesforce writes them: UTC, to the second (XML, SOQL) or to the millisecond (answers of REST).

use std::time::SystemTime;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// `2026-06-15T15:06:40Z`.
pub(super) fn print(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    let (date, clock) = (time.date(), time.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock.hour(), clock.minute(), clock.second())
}

/// Reads it, with milliseconds or without: `2026-06-15T15:06:40.000+0000`.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let pair = |at: usize| u8::try_from(part(at, at + 2)?).ok();
    let date =
        Date::from_calendar_date(i32::from(part(0, 4)?), Month::try_from(pair(5)?).ok()?, pair(8)?).ok()?;
    let ms = if text.as_bytes().get(19) == Some(&b'.') { part(20, 23)? } else { 0 };
    let time = Time::from_hms_milli(pair(11)?, pair(14)?, pair(17)?, ms).ok()?;
    let is_utc = ["+0000", "+00:00", "Z"].iter().any(|zone| text.ends_with(zone));
    is_utc.then(|| PrimitiveDateTime::new(date, time).assume_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    proptest! {
        #[test]
        fn a_moment_is_read_as_it_is_written(seconds in 0u64..253_402_300_799, ms in 0u64..1000) {
            let second = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let written = print(second);
            prop_assert_eq!(parse(&written), Some(second));
            let finer = written.replace('Z', &format!(".{ms:03}+0000"));
            prop_assert_eq!(parse(&finer), Some(second + Duration::from_millis(ms)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9T:.+Z-]{0,30}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn another_zone_is_not_taken_for_utc() {
        assert_eq!(parse("2026-06-15T15:06:40.000+0200"), None);
        assert_eq!(parse("2026-13-15T15:06:40Z"), None);
    }
}
