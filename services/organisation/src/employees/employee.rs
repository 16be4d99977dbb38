use diesel::pg::Pg;
use diesel::prelude::*;
use events::{Assignment, Employee, EmployeeNumber, UnitCode, Values};
use jiff::civil::Date;
use platform::{Result, Role};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::companies::company::Company;
use crate::schema::employees;

/// Which employees are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EmployeesQuery {
    /// Code of the unit they are in today.
    pub unit: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
}

/// The day that is asked about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// Where the person stands on this day; today unless said.
    pub as_of: Option<Date>,
}

/// A person of the company.
#[derive(Serialize, ToSchema)]
pub struct EmployeeView {
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    pub name: String,
    pub email: Option<String>,
    /// `zh-CN` or `en`.
    pub locale: String,
    pub hired_on: Option<Date>,
    /// The last day.
    pub left_on: Option<Date>,
    /// Figures about the person by name, as text.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub facts: Values,
    /// Where the person stands on the day asked about; null before the first assignment.
    pub assignment: Option<AssignmentView>,
    /// The `ETag`.
    pub version: i64,
}

impl EmployeeView {
    /// The person as they stand on a day, without the names of their unit and superiors.
    pub fn of(person: Employee, day: Date) -> Self {
        Self {
            assignment: person.assignment_on(day).map(AssignmentView::from),
            number: person.number,
            name: person.name,
            email: person.email,
            locale: person.locale,
            hired_on: person.hired_on,
            left_on: person.left_on,
            facts: person.facts,
            version: person.version,
        }
    }
}

/// Where a person stands from a day on, until the next assignment begins.
#[derive(Serialize, ToSchema)]
pub struct AssignmentView {
    pub from: Date,
    /// Unit code.
    #[schema(value_type = String)]
    pub unit: UnitCode,
    pub unit_name: Option<String>,
    pub position: Option<String>,
    /// Such as `staff`; schemes choose people by it.
    pub category: Option<String>,
    /// Employee number.
    #[schema(value_type = Option<String>)]
    pub superior: Option<EmployeeNumber>,
    pub superior_name: Option<String>,
    /// Employee number.
    #[schema(value_type = Option<String>)]
    pub dotted_superior: Option<EmployeeNumber>,
    pub dotted_superior_name: Option<String>,
}

impl From<&Assignment> for AssignmentView {
    fn from(assignment: &Assignment) -> Self {
        Self {
            unit_name: None,
            superior_name: None,
            dotted_superior_name: None,
            from: assignment.from,
            unit: assignment.unit.clone(),
            position: assignment.position.clone(),
            category: assignment.category.clone(),
            superior: assignment.superior.clone(),
            dotted_superior: assignment.dotted_superior.clone(),
        }
    }
}

/// A move to another place, dated ahead or back. What is left out stays as it was; null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// First day in the new place. An assignment from the same day is replaced.
    pub from: Date,
    /// Unit code.
    pub unit: String,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub position: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub category: Option<Option<String>>,
    /// Employee number.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub superior: Option<Option<String>>,
    /// Employee number.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub dotted_superior: Option<Option<String>>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Whom somebody may know of.
#[derive(Clone, Copy)]
pub enum Seen<'a> {
    Everybody,
    /// The person, whoever is below them in the reporting line, and their direct dotted-line reports.
    LineOf(&'a str),
}

/// Who the caller is.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Account or client.
    pub account: Uuid,
    /// User name or client name.
    pub name: String,
    /// Roles of the token.
    pub roles: Vec<Role>,
    pub company: Option<Company>,
    /// The caller as an employee; null for accounts that are nobody's.
    pub employee: Option<EmployeeView>,
    /// Whom the caller reports to today.
    pub superior: Option<Named>,
    /// Whom the caller reports to in a dotted line.
    pub dotted_superior: Option<Named>,
    /// The caller's unit today.
    pub unit: Option<OwnUnit>,
}

/// A colleague, by name.
#[derive(Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = employees, check_for_backend(Pg))]
pub struct Named {
    /// Employee number.
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    pub name: String,
}

/// The unit that somebody is in.
#[derive(Serialize, ToSchema)]
pub struct OwnUnit {
    #[schema(value_type = String)]
    pub code: UnitCode,
    pub name: String,
    pub head: Option<Named>,
}
