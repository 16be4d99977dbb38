use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::{Recusals, may_act};
use super::assignment::{Assignment, FormState};
use crate::viewer::Viewer;

/// Who rates whom, on what, and how far that is.
#[derive(Serialize, ToSchema)]
pub struct AssignmentView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`.
    pub subject: String,
    pub edition: i32,
    /// The kind of rater.
    pub column: String,
    /// Only these items; null: all that nobody else of the kind has.
    pub items: Option<Vec<String>>,
    /// `person:NUMBER`, `body:CODE`, `body:CODE/OFFICE`, `unit:CODE` or `role:ROLE`.
    pub rater: String,
    /// Who named the rater; null: the scheme.
    pub named_by: Option<String>,
    /// YYYY-MM-DD.
    pub until: Option<String>,
    pub state: FormState,
    /// Nobody waits for it.
    pub optional: bool,
    /// How many values or examples it lacks.
    pub missing: i32,
    pub reason: Option<String>,
    pub replaces: Option<Uuid>,
    /// Who submitted it.
    pub acted_by: Option<String>,
    /// RFC 3339.
    pub submitted_at: Option<String>,
    /// The `ETag`.
    pub version: i64,
    /// The operations on it that the caller may call now.
    pub actions: Vec<&'static str>,
}

/// An assignment as a reader sees it.
pub fn view(form: &Assignment, viewer: &Viewer, recusals: &Recusals, closed: &BTreeSet<Uuid>) -> AssignmentView {
    let mut actions = Vec::new();
    let is_open = !closed.contains(&form.id);
    if is_open && form.state == FormState::Open && may_act(viewer, form, recusals).is_ok() {
        actions.push("put_assignment_values");
        if form.missing == 0 {
            actions.push("submit_assignment");
        }
        if form.may_decline {
            actions.push("decline_assignment");
        }
    }
    if is_open && form.is_replaceable() && viewer.hr && !viewer.is(&form.subject) {
        actions.push("replace_assignment");
    }
    AssignmentView {
        id: form.id,
        cycle: form.cycle,
        subject: form.key().to_string(),
        edition: form.edition,
        column: form.rater_column.clone(),
        items: form.items.clone(),
        rater: form.rater().to_string(),
        named_by: form.named_by.clone(),
        until: form.until.map(|day| day.to_string()),
        state: form.state,
        optional: form.optional,
        missing: form.missing,
        reason: form.reason.clone(),
        replaces: form.replaces,
        acted_by: form.acted_by.clone(),
        submitted_at: form.submitted_at.map(|at| at.to_string()),
        version: form.version,
        actions,
    }
}
