use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, Date as SqlDate, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::scheme::source::Duty as Declared;
use jiff::civil::Date;
use platform::sql::{self, NullableTimestamp};
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use steps::steps::StepState;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::subjects::subject::Appraised;

/// What a cycle's scheme declares, by code.
pub fn declared(cycle: &Cycle) -> Result<Vec<Declared>> {
    Ok(cycle.scheme()?.plain().duties(&cycle.cadence).into_iter().cloned().collect())
}

pub fn named(cycle: &Cycle, code: &str) -> Result<Declared> {
    let found = declared(cycle)?.into_iter().find(|duty| duty.code == code);
    found.ok_or_else(|| Problem::field("/duty", say!("方案没有此限期事项", "the scheme has no such duty")))
}

/// Whether a duty is a person's.
pub fn is_of(duty: &Declared, person: &Appraised) -> bool {
    duty.categories.is_empty() || person.category.as_ref().is_some_and(|own| duty.categories.contains(own))
}

/// Something that somebody hands in by a day.
#[derive(Clone, Debug, QueryableByName)]
pub struct Duty {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// The code in the scheme.
    #[diesel(sql_type = Text)]
    pub duty: String,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    /// Which one, where there are several.
    #[diesel(sql_type = Nullable<Text>)]
    pub what: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub actors: Vec<String>,
    #[diesel(sql_type = Text)]
    pub state: StepState,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub due: Option<Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub done_on: Option<Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub done_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub struck_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub struck_why: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub struck_at: Option<jiff::Timestamp>,
}

impl Duty {
    /// It was handed in, or is still to be, after its day.
    pub fn is_late(&self, today: Date) -> bool {
        self.due.is_some_and(|due| self.done_on.unwrap_or(today) > due)
    }
}

/// Days on which a duty falls due.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "duty": "promotion_review", "due": "2026-10-20", "what": "宁波国庆促销", "numbers": ["E001"] }))]
pub struct NewDuty {
    /// The code in the scheme.
    pub duty: String,
    pub due: Date,
    /// Also every seven days after, to the end of the cycle's period.
    #[serde(default)]
    pub weekly: bool,
    /// Which one it is, where there are several; 1 to 200 characters.
    #[serde(default)]
    pub what: Option<String>,
    /// Whose, by employee number, at most 5000; absent: of all whom the scheme means.
    #[serde(default)]
    pub numbers: Option<Vec<String>>,
}

/// That a duty is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "on": "2026-10-12", "note": "交广告信息部" }))]
pub struct Done {
    /// The day, where somebody else than the person enters it; absent: today.
    #[serde(default)]
    pub on: Option<Date>,
    /// What is to be said of it, 1 to 4000 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// Why one that is late does not count.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "当日系统停机" }))]
pub struct Strike {
    /// 1 to 4000 characters.
    pub reason: String,
}

/// A duty as people see it.
#[derive(Serialize, ToSchema)]
pub struct DutyView {
    pub id: Uuid,
    cycle: Uuid,
    /// The code in the scheme.
    duty: String,
    label_zh: String,
    label_en: String,
    /// Employee number of whose it is.
    number: String,
    name: String,
    what: Option<String>,
    #[schema(value_type = Option<String>)]
    due: Option<Date>,
    #[schema(value_type = Option<String>)]
    done_on: Option<Date>,
    /// Employee number or account.
    done_by: Option<String>,
    note: Option<String>,
    /// It was handed in, or is still to be, after its day.
    late: bool,
    /// Where it counts one when it is late, as `item.CODE.INPUT`.
    counts: Option<String>,
    /// Who struck it, so that it counts for nothing.
    struck_by: Option<String>,
    struck_why: Option<String>,
    struck_at: Option<jiff::Timestamp>,
    /// The operations on it that the caller may call now.
    actions: Vec<&'static str>,
}

impl DutyView {
    pub fn new(one: Duty, declared: Option<&Declared>, actions: Vec<&'static str>, today: Date) -> Self {
        let label = declared.map_or_else(|| Label::new(&one.duty, &one.duty), |duty| duty.label.clone());
        Self {
            late: one.is_late(today),
            id: one.step,
            cycle: one.cycle,
            duty: one.duty,
            label_zh: label.zh,
            label_en: label.en,
            number: one.number,
            name: one.name,
            what: one.what,
            due: one.due,
            done_on: one.done_on,
            done_by: one.done_by,
            note: one.note,
            counts: declared.and_then(|duty| duty.counts.clone()),
            struck_by: one.struck_by,
            struck_why: one.struck_why,
            struck_at: one.struck_at,
            actions,
        }
    }
}
