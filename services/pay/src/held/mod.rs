//! Results whose statement cannot be issued yet.
//!
//! A result whose pay inputs are missing is held. A change of the person's profile makes it due, and [`release`]
//! tries again. Where one person's pay depends on others' (a pool that is shared), all results of the cycle are
//! held, and a unit is settled as a whole once everything it needs is there.

mod release;
pub mod rows;

pub use release::{reconsider, release};

use domain::events::{PublishedResult, ResultUnit, Values};
use serde::{Deserialize, Serialize};

/// A published result with what it was published with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub company_carried: Values,
    pub unit: ResultUnit,
    pub result: PublishedResult,
}

/// Why a statement cannot be issued.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// Pay inputs that the profile lacks.
    pub missing: Vec<String>,
    pub problem: Option<String>,
}
