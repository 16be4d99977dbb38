use events::{EmployeeNumber, UnitCode};
use std::collections::BTreeMap;

use diesel::Queryable;
use platform::openapi::LabelView;
use platform::{Locale, Page};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycle_people::CyclePerson;
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
    /// Why the cycle was cancelled: then nothing of it is paid.
    cancelled: Option<String>,
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
    /// How many people's pay has been reckoned and waits in a batch, to be approved or to be issued.
    drafted: i64,
    /// How many people have a published result but no pay reckoned for it.
    waiting: i64,
    /// Those people, in order of employee number; `next` of the list continues it.
    missing: Vec<MissingPerson>,
    /// The `after` that shows the people that follow.
    next: Option<String>,
    /// What of the pay profiles and facts of the cycle's people is missing, wrong or of no use, from the opening on: in
    /// order of employee number, 1000 at most.
    findings: Vec<Finding>,
    /// How many there are in all.
    findings_total: usize,
    /// Codes of what the scheme warns of, as far as pay has been reckoned.
    warnings: Vec<String>,
}

/// Something that is to be mended before somebody is paid.
#[derive(Serialize, ToSchema)]
pub struct Finding {
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    name: String,
    #[schema(value_type = Option<String>)]
    unit: Option<UnitCode>,
    /// `/pay/NAME` of the profile, `/facts/NAME` of what only pay knows.
    pointer: String,
    kind: FindingKind,
    /// In the caller's language.
    detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    Missing,
    /// The scheme does not take it.
    Wrong,
    /// The scheme makes no use of it.
    Unused,
}

/// The first findings, and how many there are.
#[derive(Default)]
pub struct Findings {
    pub items: Vec<Finding>,
    pub total: usize,
}

impl Finding {
    pub fn new(person: &CyclePerson, pointer: String, kind: FindingKind, detail: String) -> Self {
        let (number, name, unit) = (person.number.clone(), person.name.clone(), person.unit.clone());
        Self { number, name, unit, pointer, kind, detail }
    }
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
    /// Pay inputs that the profile lacks, and as `fact.NAME` the facts that only pay knows; empty for those who wait
    /// for others of their unit.
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
    pub drafted: i64,
    pub waiting: i64,
    pub missing: Page<Missing>,
    pub findings: Findings,
    pub warnings: Vec<String>,
}

impl PayRun {
    pub fn new(cycle: Cycle, standing: Standing, read: &Read, locale: Locale) -> Self {
        let Standing { issued, totals, drafted, waiting, missing, findings, warnings } = standing;
        Self {
            scheme_label: read.label(),
            component_labels: read.component_labels(totals.values().flat_map(BTreeMap::keys)),
            cycle: cycle.id,
            scheme: cycle.scheme_code,
            period: cycle.period,
            cancelled: cycle.cancelled,
            issued: issued.statements,
            corrections: issued.statements - issued.people,
            people: issued.people,
            totals,
            drafted,
            waiting,
            missing: missing.items.into_iter().map(|row| MissingPerson::new(row, read, locale)).collect(),
            next: missing.next,
            findings: findings.items,
            findings_total: findings.total,
            warnings,
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
