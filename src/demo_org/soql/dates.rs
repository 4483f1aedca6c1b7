//! Date literals: `TODAY`, `LAST_MONTH`, `LAST_N_DAYS:30`, each a span of days.

use super::super::clock::Day;

/// From the first day to the one after the last.
pub(super) type Span = (Day, Day);

/// Units that literals count in; fiscal ones equal calendar ones in these orgs.
const UNITS: [(&str, Unit); 8] = [
    ("FISCAL_QUARTER", Unit::Months(3)),
    ("FISCAL_YEAR", Unit::Months(12)),
    ("DAY", Unit::Days(1)),
    ("WEEK", Unit::Days(7)),
    ("MONTH", Unit::Months(1)),
    ("QUARTER", Unit::Months(3)),
    ("YEAR", Unit::Months(12)),
    ("90_DAY", Unit::Days(90)),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Days(i64),
    Months(i64),
}

/// Whether a word (in upper case) is a date literal.
pub(super) fn is_literal(word: &str) -> bool {
    span(word, Some(1), Day(0)).is_some()
}

/// Whether a literal needs `:n`.
pub(super) fn counts(word: &str) -> bool {
    word.contains("_N_") || word.starts_with("N_")
}

/// The days of a literal, seen from `today`.
pub(super) fn span(word: &str, count: Option<i64>, today: Day) -> Option<Span> {
    let next_day = Day(today.0 + 1);
    match word {
        "YESTERDAY" => return Some((Day(today.0 - 1), today)),
        "TODAY" => return Some((today, next_day)),
        "TOMORROW" => return Some((next_day, Day(today.0 + 2))),
        "LAST_90_DAYS" => return Some((Day(today.0 - 90), next_day)),
        "NEXT_90_DAYS" => return Some((next_day, Day(today.0 + 91))),
        _ => {}
    }
    if counts(word) {
        return counted(word, count?, today);
    }
    let (place, unit) = [("LAST_", -1), ("THIS_", 0), ("NEXT_", 1)]
        .iter()
        .find_map(|(prefix, place)| Some((*place, unit(word.strip_prefix(prefix)?)?)))?;
    if matches!(unit, Unit::Days(1 | 90)) {
        return None;
    }
    Some((start(unit, today, place), start(unit, today, place + 1)))
}

fn counted(word: &str, count: i64, today: Day) -> Option<Span> {
    let next_day = Day(today.0 + 1);
    if let Some(unit) = word.strip_prefix("N_").and_then(|rest| rest.strip_suffix("S_AGO")).and_then(unit) {
        return Some((start(unit, today, -count), start(unit, today, 1 - count)));
    }
    let (rest, ahead) = match word.strip_prefix("LAST_N_") {
        Some(rest) => (rest, false),
        None => (word.strip_prefix("NEXT_N_")?, true),
    };
    let unit = unit(rest.strip_suffix('S')?)?;
    Some(match (unit, ahead) {
        // The last n days include today, the next n days begin tomorrow.
        (Unit::Days(1), false) => (Day(today.0 - count), next_day),
        (Unit::Days(1), true) => (next_day, Day(next_day.0 + count)),
        (_, false) => (start(unit, today, -count), start(unit, today, 0)),
        (_, true) => (start(unit, today, 1), start(unit, today, 1 + count)),
    })
}

fn unit(name: &str) -> Option<Unit> {
    UNITS.iter().find(|(unit, _)| *unit == name).map(|(_, unit)| *unit)
}

/// The first day of the unit that lies `steps` after the present one; weeks begin on Sunday.
fn start(unit: Unit, today: Day, steps: i64) -> Day {
    match unit {
        Unit::Days(7) => Day(today.0 - today.weekday() + 7 * steps),
        Unit::Days(days) => Day(today.0 + days * steps),
        Unit::Months(months) => {
            let (year, month, _) = today.parts();
            let first = (month - 1) / months * months + 1;
            Day::month_start(year, first + months * steps)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(word: &str, count: Option<i64>) -> (String, String) {
        let today = Day::of(2026, 2, 11).unwrap(); // a Wednesday
        let (first, after) = span(word, count, today).unwrap();
        (first.text(), after.text())
    }

    #[test]
    fn spans_of_literals() {
        for (word, count, first, after) in [
            ("TODAY", None, "2026-02-11", "2026-02-12"),
            ("THIS_WEEK", None, "2026-02-08", "2026-02-15"),
            ("LAST_MONTH", None, "2026-01-01", "2026-02-01"),
            ("NEXT_QUARTER", None, "2026-04-01", "2026-07-01"),
            ("LAST_FISCAL_YEAR", None, "2025-01-01", "2026-01-01"),
            ("LAST_N_DAYS", Some(3), "2026-02-08", "2026-02-12"),
            ("NEXT_N_DAYS", Some(3), "2026-02-12", "2026-02-15"),
            ("N_DAYS_AGO", Some(3), "2026-02-08", "2026-02-09"),
            ("LAST_N_MONTHS", Some(2), "2025-12-01", "2026-02-01"),
            ("N_YEARS_AGO", Some(1), "2025-01-01", "2026-01-01"),
            ("NEXT_N_FISCAL_QUARTERS", Some(2), "2026-04-01", "2026-10-01"),
        ] {
            assert_eq!(days(word, count), (first.to_owned(), after.to_owned()), "{word}");
        }
    }

    #[test]
    fn words_that_are_no_literals() {
        for word in ["LAST_DAY", "THIS_FORTNIGHT", "N_DAYS", "NAME", "LAST_N_90_DAYS_AGO"] {
            assert!(!is_literal(word), "{word}");
        }
        assert!(counts("LAST_N_DAYS") && !counts("LAST_90_DAYS"));
    }
}
