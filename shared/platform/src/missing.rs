//! What still has to be done before something can be.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Locale, Message};

/// What is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An input of a sheet has no value.
    #[default]
    Value,
    /// A value of a sheet stands without the example that it needs.
    Evidence,
    /// A part of a sheet is complete and not submitted.
    Submission,
    Fact,
    /// The score of a unit.
    Score,
    /// A plan has no goals.
    Goals,
    /// A plan is not approved.
    Approval,
    /// A unit or a person has no category that the scheme knows.
    Category,
    /// The form of another kind of rater comes first: `part`.
    Turn,
    /// Something else that the computation needs; `pointer` and `detail` tell it.
    Input,
}

/// Something that still has to be done: what, whose, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Missing {
    pub what: What,
    /// Employee number of whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What that person is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Code of the unit whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The state of the person's plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The state of the unit's plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_plan: Option<String>,
    /// The item of the sheet, and its input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The part of the sheet: a kind of rater, or `measured`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Below the person or the unit: `/facts/NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// In the language of the caller.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Message>,
    /// Who has to do it: an employee number, or a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Missing {
    pub fn of_person(what: What, number: impl Into<String>) -> Self {
        Self { what, number: Some(number.into()), ..Self::default() }
    }

    pub fn of_unit(what: What, unit: impl Into<String>) -> Self {
        Self { what, unit: Some(unit.into()), ..Self::default() }
    }

    /// The same as one reader is told it.
    #[must_use]
    pub fn only(self, locale: Locale) -> Self {
        Self { detail: self.detail.map(|detail| detail.only(locale)), ..self }
    }
}
