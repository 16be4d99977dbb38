//! Values as people see them.

use platform::openapi::EnteredValue;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{Fact, Source};
use crate::fact_checks::fact_check::FactState;

/// A value with everything that is known of it.
#[derive(Serialize, ToSchema)]
pub struct FactView {
    subject: String,
    path: String,
    /// Whose number it is, of several who each give one.
    giver: Option<String>,
    /// 1, and one more with each change.
    no: i32,
    #[schema(value_type = EnteredValue)]
    value: Value,
    /// Whether it counts, or stood there before.
    latest: bool,
    #[schema(inline)]
    state: FactState,
    /// Of what was reported together and is checked; see `/v1/cycles/{id}/fact-checks`.
    report: Option<Uuid>,
    source: Source,
    said: Option<String>,
    reason: Option<String>,
    /// What it rests on: `GET /v1/scoring/documents/{id}`.
    document: Option<Uuid>,
    made_by: String,
    made_at: jiff::Timestamp,
}

impl From<Fact> for FactView {
    fn from(fact: Fact) -> Self {
        Self {
            subject: fact.kind.subject(&fact.subject).to_string(),
            path: fact.path,
            giver: Some(fact.giver).filter(|giver| !giver.is_empty()),
            no: fact.no,
            value: fact.value,
            latest: fact.latest,
            state: fact.state,
            report: fact.report,
            source: fact.source,
            said: fact.said,
            reason: fact.reason,
            document: fact.document,
            made_by: fact.made_by,
            made_at: fact.made_at,
        }
    }
}
