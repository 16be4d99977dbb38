use diesel::pg::Pg;
use diesel::prelude::*;
use events::{EmployeeNumber, Unit, UnitCode, Values};
use platform::{Problem, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::schema::units;

/// A unit as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = units, check_for_backend(Pg))]
pub struct UnitRow {
    pub code: UnitCode,
    pub name: String,
    pub parent: Option<UnitCode>,
    pub category: Option<String>,
    pub facts: Value,
    pub head: Option<EmployeeNumber>,
    pub appointed_head: Option<EmployeeNumber>,
    pub version: i64,
}

impl TryFrom<UnitRow> for Unit {
    type Error = Problem;

    fn try_from(row: UnitRow) -> Result<Self> {
        Ok(Self {
            code: row.code,
            name: row.name,
            parent: row.parent,
            category: row.category,
            head: row.head,
            facts: serde_json::from_value(row.facts)?,
            headships: Vec::new(),
            version: row.version,
        })
    }
}

/// A unit of the company, such as a department.
#[derive(Serialize, ToSchema)]
pub struct UnitView {
    #[schema(value_type = String)]
    pub code: UnitCode,
    pub name: String,
    /// Code of the unit it belongs to.
    #[schema(value_type = Option<String>)]
    pub parent: Option<UnitCode>,
    pub parent_name: Option<String>,
    /// Such as `department`; schemes choose units by it.
    pub category: Option<String>,
    /// Employee number of whoever leads it.
    #[schema(value_type = Option<String>)]
    pub head: Option<EmployeeNumber>,
    pub head_name: Option<String>,
    /// Whether the head was appointed by hand; else it follows from the reporting line.
    pub head_appointed: bool,
    /// Figures about the unit by name, as text.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub facts: Values,
    /// The `ETag`.
    pub version: i64,
}

impl TryFrom<UnitRow> for UnitView {
    type Error = Problem;

    fn try_from(row: UnitRow) -> Result<Self> {
        Ok(Self {
            code: row.code,
            name: row.name,
            parent: row.parent,
            parent_name: None,
            head_name: None,
            category: row.category,
            head: row.head,
            head_appointed: row.appointed_head.is_some(),
            facts: serde_json::from_value(row.facts)?,
            version: row.version,
        })
    }
}

/// Who is to lead a unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadAppointment {
    /// Employee number; null goes back to whoever follows from the reporting line.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub number: Option<String>,
}
