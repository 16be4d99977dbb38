//! An appointment as calendars read it (iCalendar, RFC 5545).

use icalendar::{Calendar, Component, Event, EventLike};
use jiff::{SignedDuration, Timestamp};

/// So much is set aside where nobody says how long they are going to talk.
const SET_ASIDE: SignedDuration = SignedDuration::from_hours(1);

pub struct Appointment<'a> {
    /// The same for every change of it: calendars replace what they have.
    pub id: &'a str,
    /// Grows with each change of it.
    pub revision: u32,
    pub at: Timestamp,
    pub minutes: Option<i64>,
    pub title: &'a str,
    pub place: Option<&'a str>,
}

impl Appointment<'_> {
    /// The file that goes with a mail that is written now.
    pub fn invitation(&self, now: Timestamp) -> String {
        let takes = self.minutes.map_or(SET_ASIDE, SignedDuration::from_mins);
        let mut event = Event::with_uid(&format!("{}@steelyard", self.id));
        event
            .sequence(self.revision)
            .summary(self.title)
            .add_property("DTSTAMP", in_utc(now))
            .add_property("DTSTART", in_utc(self.at))
            .add_property("DTEND", in_utc(self.at.saturating_add(takes).unwrap_or(self.at)));
        if let Some(place) = self.place {
            event.location(place);
        }
        let mut calendar = Calendar::empty();
        calendar.append_property(("VERSION", "2.0")).append_property(("PRODID", "-//Steelyard//EN"));
        calendar.append_property(("METHOD", "PUBLISH")).push(event);
        calendar.to_string()
    }
}

fn in_utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_appointment_when_written_then_calendars_have_its_time_in_utc_and_its_place_escaped() {
        let at: Timestamp = "2026-10-09T10:30:00+08:00".parse().unwrap();
        let title = "绩效面谈：".repeat(12);
        let one = Appointment {
            id: "7",
            revision: 3,
            at,
            minutes: Some(45),
            title: &title,
            place: Some("3 楼, 会议室; 东\nX:1"),
        };
        let file = one.invitation("2026-10-08T00:00:00Z".parse().unwrap());
        assert!(file.lines().all(|line| line.len() <= 75), "{file}");
        let unfolded = file.replace("\r\n ", "");
        for line in [
            "BEGIN:VCALENDAR",
            "METHOD:PUBLISH",
            "UID:7@steelyard",
            "SEQUENCE:3",
            "DTSTAMP:20261008T000000Z",
            "DTSTART:20261009T023000Z",
            "DTEND:20261009T031500Z",
            "LOCATION:3 楼\\, 会议室\\; 东\\nX:1",
            &format!("SUMMARY:{title}"),
        ] {
            assert!(unfolded.split("\r\n").any(|told| told == line), "{line} in {unfolded}");
        }
    }
}
