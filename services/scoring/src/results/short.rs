//! A result in short, as previews tell it.

use basics::money::plain;
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::computing::Found;

/// A result in short.
#[derive(Serialize, ToSchema)]
pub struct ShortResult {
    excluded: Option<String>,
    score: Option<String>,
    grade: Option<String>,
    coefficient: Option<String>,
    outcomes: Vec<String>,
}

impl ShortResult {
    pub fn of(found: &Found) -> Self {
        Self {
            excluded: found.excluded.clone(),
            score: found.score.map(plain),
            grade: found.grade.clone(),
            coefficient: found.coefficient_told(),
            outcomes: found.outcomes.clone(),
        }
    }
}
