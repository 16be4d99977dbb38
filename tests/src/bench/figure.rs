use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

/// One measured figure; printed as a line of JSON.
pub struct Figure(Map<String, Value>);

impl Figure {
    pub fn new(name: &str) -> Self {
        Self(Map::from_iter([("figure".to_owned(), json!(name))]))
    }

    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// How long so many took, and how many that is in a second.
    pub fn rate(self, count: usize, took: Duration) -> Self {
        self.with("count", count).with("milliseconds", milliseconds(took)).with("per_second", per_second(count, took))
    }

    /// The same work done by the baseline, and how many times as long ours took.
    pub fn beside(self, baseline: &str, count: usize, took: Duration, ours: Duration) -> Self {
        self.with("baseline", baseline)
            .with("baseline_milliseconds", milliseconds(took))
            .with("baseline_per_second", per_second(count, took))
            .with("times_the_baseline", tenths(ours.as_micros(), took.as_micros()))
    }

    #[allow(clippy::print_stdout, reason = "the figures are what the command prints")]
    pub fn print(self) {
        println!("{}", Value::Object(self.0));
    }
}

/// What some work came to, and how long it took.
pub async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    let value = work.await;
    (value, began.elapsed())
}

pub fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

pub fn per_second(count: usize, took: Duration) -> u64 {
    u64::try_from(count as u128 * 1_000_000 / took.as_micros().max(1)).unwrap_or(u64::MAX)
}

/// A ratio to one decimal, as text.
pub fn tenths(ours: u128, theirs: u128) -> String {
    let tenths = ours * 10 / theirs.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}
