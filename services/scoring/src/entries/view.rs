//! Entries as people see them.

use platform::openapi::EnteredValue;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::entry::Entry;
use crate::fact_checks::fact_check::FactState;
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

/// An entry of a list.
#[derive(Serialize, ToSchema)]
pub struct EntryView {
    pub id: Uuid,
    cycle: Uuid,
    subject: String,
    list: String,
    #[schema(value_type = BTreeMap<String, EnteredValue>)]
    cells: Value,
    said: Option<String>,
    /// What it rests on: `GET /v1/scoring/documents/{id}`.
    document: Option<Uuid>,
    made_by: String,
    made_at: jiff::Timestamp,
    /// Taken back: it does not count.
    withdrawn: bool,
    #[schema(inline)]
    state: FactState,
    /// Of what was recorded together and is checked; see `/v1/cycles/{id}/fact-checks`.
    report: Option<Uuid>,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<&'static str>,
}

impl EntryView {
    pub fn of(entry: Entry, is_open: bool, viewer: &Viewer) -> Self {
        let withdraws = is_open && entry.withdrawn_at.is_none() && !entry.is_checked() && may_withdraw(viewer, &entry);
        Self {
            actions: if withdraws { vec!["withdraw_entry"] } else { Vec::new() },
            id: entry.id,
            cycle: entry.cycle,
            subject: entry.kind.subject(&entry.subject).to_string(),
            list: entry.list,
            cells: entry.cells,
            said: entry.said,
            document: entry.document,
            made_by: entry.made_by,
            made_at: entry.made_at,
            withdrawn: entry.withdrawn_at.is_some(),
            state: entry.state,
            report: entry.report,
        }
    }
}

/// Its author and HR take an entry back, never whom it is about.
pub fn may_withdraw(viewer: &Viewer, entry: &Entry) -> bool {
    let own = entry.kind == Kind::Person && viewer.is(&entry.subject);
    !own && (viewer.hr || entry.made_by == viewer.name)
}
