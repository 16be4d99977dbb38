use std::collections::BTreeMap;

use basics::{Label, day};
use events::{Body, EmployeeNumber, Seat, UnitCode};
use jiff::civil::Date;
use platform::openapi::LabelView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many decide in a body, and whom they must speak for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyRule {
    /// Members at least; absent: more than half of those who sit in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub min: Option<u16>,
    /// Members at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub max: Option<u16>,
    /// Their number is odd.
    #[serde(default)]
    pub odd: bool,
    /// How many at least must speak for whom, such as `{"staff": 2}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub represented: BTreeMap<String, u16>,
}

impl From<&BodyRule> for events::BodyRule {
    fn from(rule: &BodyRule) -> Self {
        Self { min: rule.min, max: rule.max, odd: rule.odd, represented: rule.represented.clone() }
    }
}

/// A body to found, or as it is to be called from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBody {
    /// What schemes name it by: letters, digits, `_` and `-`.
    #[schema(pattern = r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length = 40)]
    pub code: String,
    pub name: LabelView,
    #[serde(default)]
    pub rule: BodyRule,
}

/// What a body is called and which rule it has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyChange {
    pub name: LabelView,
    #[serde(default)]
    pub rule: BodyRule,
}

/// An office of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatOffice {
    Leader,
    Deputy,
    ExecutiveLeader,
    Member,
    Office,
}

impl SeatOffice {
    pub fn code(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Deputy => "deputy",
            Self::ExecutiveLeader => "executive_leader",
            Self::Member => "member",
            Self::Office => "office",
        }
    }
}

/// Somebody's seat in a body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeat {
    /// Employee number.
    pub number: String,
    pub office: SeatOffice,
    /// Codes of the units that this member is in charge of.
    #[serde(default)]
    pub in_charge: Vec<String>,
    /// Whom the member speaks for, such as `staff`.
    #[serde(default)]
    pub represents: Option<String>,
    /// The first day; today unless said.
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub from_on: Option<Date>,
    /// The last day.
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub until_on: Option<Date>,
}

/// Everybody who sits in a body, past and future members among them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    pub seats: Vec<NewSeat>,
}

/// A body with everybody who sits in it.
#[derive(Serialize, ToSchema)]
pub struct BodyView {
    pub code: String,
    pub name: LabelView,
    pub rule: BodyRule,
    pub seats: Vec<SeatView>,
    /// The `ETag`.
    pub version: i64,
}

#[derive(Serialize, ToSchema)]
pub struct SeatView {
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    pub name: Option<String>,
    /// `leader`, `deputy`, `executive_leader`, `member` or `office`.
    pub office: String,
    #[schema(value_type = Vec<String>)]
    pub in_charge: Vec<UnitCode>,
    pub represents: Option<String>,
    pub from_on: Date,
    pub until_on: Option<Date>,
}

impl BodyView {
    pub fn new(body: Body, rule: BodyRule, names: &std::collections::HashMap<EmployeeNumber, String>) -> Self {
        let seat = |seat: Seat| SeatView {
            name: names.get(&seat.number).cloned(),
            number: seat.number,
            office: seat.office,
            in_charge: seat.in_charge,
            represents: seat.represents,
            from_on: seat.from,
            until_on: seat.until,
        };
        Self {
            name: Label::new(&body.name_zh, &body.name_en).into(),
            code: body.code,
            rule,
            seats: body.seats.into_iter().map(seat).collect(),
            version: body.version,
        }
    }
}
