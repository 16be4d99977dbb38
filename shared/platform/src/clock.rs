use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The time as a service sees it: the system's, moved by an offset that is zero in production.
///
/// A demonstration or a test walks through a month by moving the offset; nothing else in the product
/// reads the system's clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_seconds: Arc<AtomicI64>,
}

impl Clock {
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `now` at this moment and runs on from there.
    pub fn starting_at(now: Timestamp) -> Self {
        let clock = Self::default();
        clock.move_to(now);
        clock
    }

    pub fn move_to(&self, now: Timestamp) {
        let seconds = now.as_second() - system_now().as_second();
        self.offset_seconds.store(seconds, Ordering::SeqCst);
    }

    pub fn back_to_system(&self) {
        self.offset_seconds.store(0, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_secs(self.offset_seconds.load(Ordering::SeqCst));
        system_now().checked_add(offset).unwrap_or(Timestamp::MAX)
    }

    /// Today where the companies are: policies count days in China's time zone unless configured otherwise.
    pub fn today(&self) -> Date {
        date_of(self.now())
    }
}

/// The civil date of an instant in the time zone that policies count days in.
pub fn date_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(jiff::tz::offset(8))).date()
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
fn system_now() -> Timestamp {
    Timestamp::now()
}
