use events::{ImportedPeriod, Subject};
use rust_decimal::Decimal;

/// A result as it was brought.
#[derive(Clone, Debug)]
pub struct Brought {
    /// Where it stands in the request.
    pub pointer: String,
    pub subject: Subject,
    pub scheme: String,
    pub cadence: Option<String>,
    pub period: String,
    pub score: Option<String>,
    pub grade: Option<String>,
    pub outcomes: Vec<String>,
}

/// A result that can be kept.
#[derive(Clone, Debug)]
pub struct Checked {
    pub pointer: String,
    pub subject: Subject,
    pub scheme: String,
    pub cadence: String,
    pub period: String,
    pub score: Option<Decimal>,
    pub grade: Option<String>,
    pub outcomes: Vec<String>,
}

impl Checked {
    pub fn of_period(&self) -> ImportedPeriod {
        ImportedPeriod { scheme: self.scheme.clone(), cadence: self.cadence.clone(), period: self.period.clone() }
    }
}
