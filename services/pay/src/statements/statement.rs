use std::collections::BTreeMap;

use basics::Locale;
use diesel::pg::Pg;
use diesel::{Queryable, Selectable};
use events::{EmployeeNumber, IssuedStatement, PublishedResult, Values};
use jiff::Timestamp;
use platform::openapi::LabelView;
use platform::{Page, Problem, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::input::Cursor;
use crate::schema::statements;

/// What was reckoned for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub currency: String,
    /// Money by component.
    pub components: Values,
    pub coefficient: Option<String>,
    /// The engine's explanation, as it is stored.
    pub explanation: Option<String>,
}

/// A result with its figures; none when the person is excluded from the appraisal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reckoned {
    pub result: PublishedResult,
    pub figures: Option<Figures>,
}

/// What a later statement needs of one that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    pub id: Uuid,
    pub result_version: i64,
    pub currency: String,
    pub components: Values,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// The first of a person for a cycle.
    Original,
    /// Stands in place of an earlier one; the difference is what is still to be paid or taken back.
    Correction,
}

/// A statement of pay, which never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    pub id: Uuid,
    /// Its place in the payroll feed.
    pub cursor: String,
    /// Employee number.
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    pub name: String,
    pub cycle: Uuid,
    /// Code of the scheme.
    pub scheme: String,
    /// What the scheme is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme_label: Option<LabelView>,
    /// Such as `2026-10`, `2026-Q3` or `2026`.
    pub period: String,
    pub kind: StatementKind,
    /// ISO 4217.
    pub currency: String,
    pub grade: Option<String>,
    /// What the scheme calls the grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade_label: Option<LabelView>,
    /// A decimal.
    pub coefficient: Option<String>,
    /// Money by component, with two decimals: `{"performance_pay": "2400.00"}`.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub components: Values,
    /// Components less those of the statement it replaces; all of them for an original.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub difference: Values,
    /// What the scheme calls the components.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub component_labels: BTreeMap<String, LabelView>,
    /// The statement in whose place it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Uuid>,
    /// The version of the result it was reckoned from.
    pub result_version: i64,
    pub issued_at: Timestamp,
}

impl Statement {
    /// The same result has the same statement, however often its event comes.
    pub fn id_of(cycle: Uuid, number: &str, result_version: i64) -> Uuid {
        Uuid::new_v5(&cycle, format!("statement/{number}/{result_version}").as_bytes())
    }

    /// What others are told of it.
    pub fn news(&self) -> IssuedStatement {
        IssuedStatement {
            statement: self.id,
            number: self.number.clone(),
            result_version: self.result_version,
            currency: self.currency.clone(),
            components: self.components.clone(),
        }
    }
}

/// A result in place of its money: what is entered into the ledger but for its place there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub kind: StatementKind,
    pub grade: Option<String>,
    pub currency: String,
    pub coefficient: Option<String>,
    pub components: Values,
    pub difference: Values,
    pub replaces: Option<Uuid>,
}

/// A statement with its place and its explanation, ready to be written.
pub struct Written {
    pub position: i64,
    pub statement: Statement,
    pub explanation: Option<String>,
}

/// A statement as it was entered.
#[derive(Queryable, Selectable)]
#[diesel(table_name = statements, check_for_backend(Pg))]
pub struct Entered {
    pub position: i64,
    pub cycle: Uuid,
    pub number: EmployeeNumber,
    document: String,
}

impl Entered {
    pub fn json(self) -> Result<Box<RawValue>> {
        RawValue::from_string(self.document).map_err(Problem::from)
    }

    /// What a query for `limit + 1` statements found, as a page.
    pub fn page(found: Vec<Self>, limit: i64) -> Result<Page<Box<RawValue>>> {
        let found = Page::cut(found, limit, |entered| Cursor::at(entered.position).to_string());
        let items = found.items.into_iter().map(Self::json).collect::<Result<Vec<_>>>()?;
        Ok(Page { items, next: found.next })
    }
}

/// How the amounts of a statement came about.
#[derive(Serialize, ToSchema)]
pub struct StatementExplanation {
    pub statement: Uuid,
    /// `zh-CN` or `en`.
    #[schema(value_type = String)]
    pub locale: Locale,
    /// To be read as it is, line by line.
    pub text: String,
    /// The same as a tree with labels in both languages: each figure with its rule, its value before and after
    /// rounding, and what it was computed from.
    #[schema(value_type = Object)]
    pub figures: Value,
}
