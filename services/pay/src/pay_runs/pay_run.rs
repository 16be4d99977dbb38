use events::{EmployeeNumber, UnitCode};
use std::collections::BTreeMap;

use diesel::Queryable;
use platform::openapi::LabelView;
use platform::{Locale, Page};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::Cycle;
use crate::cycles::schemes::Read;
use crate::held;

/// How far a cycle has been paid.
#[derive(Serialize, ToSchema)]
pub struct PayRun {
    cycle: Uuid,
    scheme: String,
    /// What the scheme is called.
    scheme_label: LabelView,
    period: String,
    /// Statements issued, corrections among them.
    issued: i64,
    corrections: i64,
    /// People with a statement.
    people: i64,
    /// What is to be paid in all, corrections taken into account: money by currency and component, such as
    /// `{"CNY": {"performance_pay": "48000.00"}}`.
    totals: BTreeMap<String, BTreeMap<String, String>>,
    /// What the scheme calls the components.
    component_labels: BTreeMap<String, LabelView>,
    /// How many people have a published result but no statement for it.
    waiting: i64,
    /// Those people, in order of employee number; `next` of the list continues it.
    missing: Vec<MissingPerson>,
    /// The `after` that shows the people that follow.
    next: Option<String>,
}

/// Somebody whose statement cannot be issued yet.
#[derive(Serialize, ToSchema)]
pub struct MissingPerson {
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    name: String,
    #[schema(value_type = String)]
    unit: UnitCode,
    unit_name: String,
    /// Pay inputs that the profile lacks; empty for those who wait for others of their unit.
    missing: Vec<String>,
    /// What the scheme calls them, in their order.
    missing_labels: Vec<LabelView>,
    /// Why it cannot be reckoned, where that is not a missing input; in the caller's language.
    problem: Option<String>,
}

/// Money by currency and component.
pub type Totals = BTreeMap<String, BTreeMap<String, String>>;

/// How much has been issued for a cycle.
#[derive(Queryable)]
pub struct Issued {
    pub statements: i64,
    pub people: i64,
}

/// Somebody whose statement is not issued yet, as that is stored.
#[derive(Queryable)]
pub struct Missing {
    pub number: EmployeeNumber,
    pub name: String,
    pub unit: UnitCode,
    pub unit_name: String,
    pub missing: Vec<String>,
    /// In both languages.
    pub problem: Option<String>,
}

/// What is known of a cycle's payment.
pub struct Standing {
    pub issued: Issued,
    pub totals: Totals,
    pub waiting: i64,
    pub missing: Page<Missing>,
}

impl PayRun {
    pub fn new(cycle: Cycle, standing: Standing, read: &Read, locale: Locale) -> Self {
        let Standing { issued, totals, waiting, missing } = standing;
        Self {
            scheme_label: read.label(),
            component_labels: read.component_labels(totals.values().flat_map(BTreeMap::keys)),
            cycle: cycle.id,
            scheme: cycle.scheme_code,
            period: cycle.period,
            issued: issued.statements,
            corrections: issued.statements - issued.people,
            people: issued.people,
            totals,
            waiting,
            missing: missing.items.into_iter().map(|row| MissingPerson::new(row, read, locale)).collect(),
            next: missing.next,
        }
    }
}

impl MissingPerson {
    fn new(row: Missing, read: &Read, locale: Locale) -> Self {
        Self {
            number: row.number,
            name: row.name,
            unit: row.unit,
            unit_name: row.unit_name,
            missing_labels: read.input_labels(&row.missing),
            missing: row.missing,
            problem: row.problem.map(|problem| held::told(&problem, locale)),
        }
    }
}
