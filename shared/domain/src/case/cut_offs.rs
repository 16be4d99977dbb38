//! The cut-offs of a ranking that is kept: those that somebody was placed by.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The lowest score that had a grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOff {
    pub grade: String,
    pub from: Decimal,
}

/// Cut-offs, best first, by the name of the ranking figure.
pub type CutOffs = BTreeMap<String, Vec<CutOff>>;
