//! Batches as people see them.

use std::collections::BTreeMap;

use events::{EmployeeNumber, UnitCode, Values};
use jiff::Timestamp;
use platform::openapi::LabelView;
use platform::{Problem, Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::batch::{Batch, BatchState, DraftRow, Sums};
use super::rows;
use crate::cycles::{self, schemes};
use crate::statements::{Entry, StatementKind};
use crate::steps_view::{self, PayStepView};
use crate::viewer::Viewer;

/// Statements of a cycle that are approved together before payroll sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchView {
    id: Uuid,
    cycle: Uuid,
    /// Code of the scheme.
    scheme: String,
    scheme_label: LabelView,
    period: String,
    /// Of the batches of its cycle, from 1.
    no: i32,
    #[schema(inline)]
    state: BatchState,
    /// Rises whenever something in it changes; a decision names it.
    version: i64,
    opened_at: Timestamp,
    issued_at: Option<Timestamp>,
    /// How many are paid.
    people: i64,
    /// Everything on their statements.
    totals: BTreeMap<String, BTreeMap<String, String>>,
    /// What is to be paid now: less where statements take the place of earlier ones.
    differences: BTreeMap<String, BTreeMap<String, String>>,
    /// What the scheme calls the components.
    component_labels: BTreeMap<String, LabelView>,
    /// The approved batch of the scheme and cadence that was begun before it; absent for the first.
    before: Option<BatchBefore>,
    /// Who was asked, in order.
    steps: Vec<PayStepView>,
}

/// An earlier batch, to compare with.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchBefore {
    id: Uuid,
    cycle: Uuid,
    no: i32,
    people: i64,
    totals: BTreeMap<String, BTreeMap<String, String>>,
    differences: BTreeMap<String, BTreeMap<String, String>>,
}

/// A statement that waits in a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    name: String,
    #[schema(value_type = String)]
    unit: UnitCode,
    #[schema(inline)]
    kind: StatementKind,
    /// ISO 4217.
    currency: String,
    grade: Option<String>,
    /// A decimal.
    coefficient: Option<String>,
    /// Money by component.
    #[schema(value_type = BTreeMap<String, String>)]
    components: Values,
    /// Components less those of the statement it takes the place of; all of them for an original.
    #[schema(value_type = BTreeMap<String, String>)]
    difference: Values,
    result_version: i64,
}

impl DraftView {
    pub fn new(row: DraftRow) -> Result<Self> {
        let DraftRow { number, name, unit, result_version, entry } = row;
        let Entry { kind, grade, currency, coefficient, components, difference, .. } = serde_json::from_value(entry)?;
        Ok(Self { number, name, unit, kind, currency, grade, coefficient, components, difference, result_version })
    }
}

/// Batches as a caller sees them.
pub async fn views(tx: &mut Tx, viewer: &Viewer, batches: Vec<Batch>) -> Result<Vec<BatchView>> {
    let ids: Vec<Uuid> = batches.iter().map(|batch| batch.id).collect();
    let sums = rows::sums(tx, &ids).await?;
    let mut views = Vec::with_capacity(batches.len());
    for batch in batches {
        let of_batch = sums.iter().find(|sums| sums.batch == batch.id);
        let of_batch = of_batch.ok_or_else(|| Problem::internal("a batch without its sums"))?;
        views.push(view(tx, viewer, batch, of_batch).await?);
    }
    Ok(views)
}

async fn view(tx: &mut Tx, viewer: &Viewer, batch: Batch, sums: &Sums) -> Result<BatchView> {
    let cycle = cycles::rows::find(tx, batch.cycle).await?;
    let cycle = cycle.ok_or_else(|| Problem::internal("a batch without its cycle"))?;
    let read = schemes::of(&cycle)?;
    let before = rows::before(tx, &batch).await?;
    let totals: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_value(sums.totals.clone())?;
    Ok(BatchView {
        steps: steps_view::views(tx, viewer, &batch.about(), Some("decide_batch")).await?,
        id: batch.id,
        cycle: batch.cycle,
        scheme: cycle.scheme_code.clone(),
        scheme_label: read.label(),
        period: cycle.period.clone(),
        no: batch.no,
        state: batch.state,
        version: batch.version,
        opened_at: batch.opened_at,
        issued_at: batch.issued_at,
        people: sums.people,
        component_labels: read.component_labels(totals.values().flat_map(BTreeMap::keys)),
        totals,
        differences: serde_json::from_value(sums.differences.clone())?,
        before: before.map(|(batch, sums)| earlier(&batch, sums)).transpose()?,
    })
}

fn earlier(batch: &Batch, sums: Sums) -> Result<BatchBefore> {
    Ok(BatchBefore {
        id: batch.id,
        cycle: batch.cycle,
        no: batch.no,
        people: sums.people,
        totals: serde_json::from_value(sums.totals)?,
        differences: serde_json::from_value(sums.differences)?,
    })
}
