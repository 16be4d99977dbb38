//! Days of a working life. A day outside of these years is a slip, and not every store can keep it.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

const FIRST: Date = Date::constant(1900, 1, 1);
const LAST: Date = Date::constant(2200, 12, 31);

/// Whether a day that somebody gave can be meant.
pub fn is_plausible(day: Date) -> bool {
    (FIRST..=LAST).contains(&day)
}

/// A day written `2026-03-31`, and nothing that only resembles one.
pub fn parse(text: &str) -> Option<Date> {
    let dashed = |(at, byte): (usize, u8)| matches!(at, 4 | 7) == (byte == b'-');
    let shape = text.len() == 10 && text.bytes().enumerate().all(dashed);
    let day: Date = if shape { text.parse().ok()? } else { return None };
    is_plausible(day).then_some(day)
}

/// The plausible day next to this one. Events tell of days that were taken before they were bounded: a consumer
/// that fails over one of them would lose everything else that the event says.
fn bounded(day: Date) -> Date {
    day.clamp(FIRST, LAST)
}

/// For a field of an event.
pub fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    Date::deserialize(deserializer).map(bounded)
}

/// For a field of an event that may be null.
pub fn told_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    Ok(Option::<Date>::deserialize(deserializer)?.map(bounded))
}

/// For a list in an event. Nothing ever looks at a day outside of the bounds.
pub fn told_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
    let mut days = Vec::<Date>::deserialize(deserializer)?;
    days.retain(|day| is_plausible(*day));
    Ok(days)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn given_a_text_then_only_an_iso_day_of_these_years_is_one() {
        assert_eq!(parse("2026-02-28"), Some(date(2026, 2, 28)));
        for wrong in [
            "2026-02-30",
            "2026-2-28",
            "20260228",
            "28.02.2026",
            "2026-02-28T00:00",
            "0026-02-28",
            "1899-12-31",
            "2201-01-01",
            "",
            "2026/02/28",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn given_a_day_out_of_bounds_then_its_neighbour_within_them_is_told() {
        assert_eq!(bounded(date(-1, 1, 1)), FIRST);
        assert_eq!(bounded(date(9999, 12, 31)), LAST);
        assert_eq!(bounded(date(2026, 9, 1)), date(2026, 9, 1));
    }
}
