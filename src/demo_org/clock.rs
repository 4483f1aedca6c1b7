//! Days and moments as Salesforce writes them: UTC, milliseconds, `+0000` without a colon.
//!
//! May know the calendar. May not know objects, queries or HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds in a day.
const DAY: i64 = 86_400;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) i64);

impl Day {
    /// The day of a calendar date; `None` if there is no such date.
    pub(super) fn of(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 {
            return None;
        }
        let found = Self::unchecked(year, month, day);
        (found.parts() == (year, month, day)).then_some(found)
    }

    /// The first day of a month; months before 1 and after 12 run into the neighbouring years.
    pub(super) fn month_start(year: i64, month: i64) -> Self {
        let months = year * 12 + (month - 1);
        Self::unchecked(months.div_euclid(12), months.rem_euclid(12) + 1, 1)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, with March as the first month.
    fn unchecked(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month and day of the month.
    pub(super) fn parts(self) -> (i64, i64, i64) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// 0 for Sunday to 6 for Saturday.
    pub(super) fn weekday(self) -> i64 {
        (self.0 + 4).rem_euclid(7)
    }

    /// `2026-02-03`.
    pub(super) fn text(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads `2026-02-03`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        Self::of(digits(&bytes[0..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?)
    }

    /// The first moment of the day.
    pub(super) fn start(self) -> Moment {
        Moment(self.0 * DAY * 1000)
    }
}

/// A moment in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) i64);

impl Moment {
    /// The present.
    pub(super) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// The day it falls on, in UTC.
    pub(super) fn day(self) -> Day {
        Day(self.0.div_euclid(DAY * 1000))
    }

    /// `2026-02-03T10:11:12.000+0000`, as answers and the store write it.
    pub(super) fn text(self) -> String {
        let of_day = self.0.rem_euclid(DAY * 1000);
        let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
        format!("{}T{hour:02}:{minute:02}:{second:02}.{:03}+0000", self.day().text(), of_day % 1000)
    }

    /// `Tue, 03 Feb 2026 10:11:12 GMT`, as HTTP headers write it.
    pub(super) fn http_date(self) -> String {
        const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (year, month, day) = self.day().parts();
        let of_day = self.0.rem_euclid(DAY * 1000) / 1000;
        format!(
            "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
            DAYS[self.day().weekday() as usize],
            MONTHS[(month - 1) as usize],
            of_day / 3600,
            of_day / 60 % 60,
            of_day % 60
        )
    }

    /// Reads an ISO 8601 date and time with `Z`, `+01:00` or `+0000`; seconds' fractions are optional.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let clock = rest.strip_prefix('T')?.as_bytes();
        if clock.len() < 9 || clock[2] != b':' || clock[5] != b':' {
            return None;
        }
        let (hour, minute, second) = (digits(&clock[0..2])?, digits(&clock[3..5])?, digits(&clock[6..8])?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (millis, zone) = fraction(&clock[8..])?;
        let local = Day::parse(date)?.start().0 + (hour * 3600 + minute * 60 + second) * 1000 + millis;
        Some(Self(local - offset(zone)? * 60_000))
    }
}

/// The clock by which the orgs let things expire: the system's, put forward by who does not want to wait. All
/// copies are the same clock.
#[derive(Clone, Default)]
pub(super) struct Clock {
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub(super) fn now(&self) -> Moment {
        Moment(Moment::now().0.saturating_add(self.ahead()))
    }

    /// Milliseconds by which it is ahead of the system's.
    pub(super) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Sets by how many milliseconds it is ahead of the system's; it may lag.
    pub(super) fn set_ahead(&self, millis: i64) {
        self.ahead.store(millis, Ordering::Relaxed);
    }

    /// Puts it forward by so many milliseconds.
    pub(super) fn advance(&self, millis: i64) {
        self.ahead.fetch_add(millis.max(0), Ordering::Relaxed);
    }
}

/// Splits `.123+0100` into milliseconds and the rest.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after) = text.strip_prefix(b".") else { return Some((0, text)) };
    let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut millis: Vec<u8> = after[..count.min(3)].to_vec();
    if millis.is_empty() {
        return None;
    }
    millis.resize(3, b'0');
    Some((digits(&millis)?, &after[count..]))
}

/// The minutes that a zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    if zone.eq_ignore_ascii_case(b"Z") {
        return Some(0);
    }
    let sign = match zone.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let plain: Vec<u8> = zone[1..].iter().copied().filter(|byte| *byte != b':').collect();
    (plain.len() == 4).then_some(())?;
    Some(sign * (digits(&plain[..2])? * 60 + digits(&plain[2..])?))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(Day::of(1970, 1, 1), Some(Day(0)));
        assert_eq!(Day::of(2026, 2, 3).unwrap().text(), "2026-02-03");
        assert_eq!(Day::of(2026, 2, 29), None);
        assert_eq!(Day::of(2024, 2, 29).unwrap().weekday(), 4);
        assert_eq!(Day::month_start(2026, 13), Day::of(2027, 1, 1).unwrap());
        assert_eq!(Day::month_start(2026, 0), Day::of(2025, 12, 1).unwrap());
    }

    #[test]
    fn moments_are_read_in_each_notation() {
        let expected = Moment(1_770_113_472_000);
        for text in ["2026-02-03T10:11:12Z", "2026-02-03T11:11:12+01:00", "2026-02-03T10:11:12.000+0000"] {
            assert_eq!(Moment::parse(text), Some(expected), "{text}");
        }
        assert_eq!(expected.http_date(), "Tue, 03 Feb 2026 10:11:12 GMT");
        assert_eq!(Moment::parse("2026-02-03T25:11:12Z"), None);
    }

    proptest! {
        #[test]
        fn a_moment_survives_print_and_parse(millis in 0_i64..253_402_300_799_000) {
            prop_assert_eq!(Moment::parse(&Moment(millis).text()), Some(Moment(millis)));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (Day::parse(&text), Moment::parse(&text));
        }
    }
}
