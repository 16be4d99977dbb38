use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz};
use events::{RemedyChange, Subject};
use jiff::Timestamp;
use platform::openapi::EnteredValue;
use platform::sql;
use platform::web::Errors;
use platform::{Message, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

const MOST: usize = 100;
const LONGEST_PATH: usize = 200;

/// What is to follow from an upheld appeal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRemedy {
    /// Values that should have been there, 1 to 100. What they come to is seen by `POST /v1/corrections?preview=true`.
    pub changes: Vec<NewChange>,
}

/// A value that should have been there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChange {
    /// `person:NUMBER` or `unit:CODE`; absent: what the appeal is about.
    #[serde(default)]
    pub subject: Option<String>,
    /// Where it stands below the subject, as in a case: `/items/faults/superior`, `/facts/late`, `/score`.
    pub path: String,
    /// As a case has it; null takes away what is there.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
}

impl NewRemedy {
    /// Checks a remedy by itself; whether scoring can do it is told later.
    pub fn check(&self, errors: &mut Errors, pointer: &str, about: &Subject) {
        if self.changes.is_empty() || self.changes.len() > MOST {
            errors.add(format!("{pointer}/changes"), say!("须有 1 到 {MOST} 项", "1 to {MOST} of them"));
        }
        for (at, change) in self.changes.iter().enumerate() {
            if change.subject(about).is_err() {
                let why = say!("应为 person:工号 或 unit:部门代码", "person:NUMBER or unit:CODE is wanted");
                errors.add(format!("{pointer}/changes/{at}/subject"), why);
            }
            if !change.path.starts_with('/') || change.path.chars().count() > LONGEST_PATH {
                let why = say!("应为 /items/指标/评分人 这样的路径", "a path such as /items/CODE/RATER is wanted");
                errors.add(format!("{pointer}/changes/{at}/path"), why);
            }
        }
    }

    /// As scoring is told them.
    pub fn told(&self, about: &Subject) -> Result<Vec<RemedyChange>, events::NoSubject> {
        let told = |change: &NewChange| {
            let (path, value) = (change.path.clone(), change.value.clone());
            Ok(RemedyChange { subject: change.subject(about)?, path, value })
        };
        self.changes.iter().map(told).collect()
    }
}

impl NewChange {
    fn subject(&self, about: &Subject) -> Result<Subject, events::NoSubject> {
        self.subject.as_ref().map_or_else(|| Ok(about.clone()), |subject| subject.parse())
    }
}

/// A remedy as it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct Remedy {
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Array<Text>)]
    pub decided_by: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    pub changes: Value,
    #[diesel(sql_type = Timestamptz, deserialize_as = sql::Timestamp)]
    pub told_at: Timestamp,
    #[diesel(sql_type = Text)]
    pub told_by: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub refused_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub refused_en: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub done_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub done_version: Option<i64>,
}

platform::stored_enum! {
    /// What became of a remedy.
    pub enum RemedyState {
        /// Scoring is told.
        Told = "told",
        /// The result is corrected.
        Done = "done",
        /// It cannot be done as it is written: HR puts it right.
        Refused = "refused",
    }
}

/// What follows from a decision.
#[derive(Serialize, ToSchema)]
pub struct RemedyView {
    /// 1, and one more each time that it was put right.
    pub attempt: i32,
    pub state: RemedyState,
    /// What should have been there.
    #[schema(value_type = Vec<NewChange>)]
    pub changes: Value,
    /// Why it could not be done.
    #[schema(value_type = Option<String>)]
    pub refused_why: Option<Message>,
    pub told_by: String,
    pub told_at: Timestamp,
    pub done_at: Option<Timestamp>,
    /// The version of the result that it made; null where others' results changed alone.
    pub done_version: Option<i64>,
}

impl From<Remedy> for RemedyView {
    fn from(remedy: Remedy) -> Self {
        let state = match (&remedy.refused_zh, remedy.done_at) {
            (Some(_), _) => RemedyState::Refused,
            (None, Some(_)) => RemedyState::Done,
            (None, None) => RemedyState::Told,
        };
        let refused_why = remedy.refused_zh.zip(remedy.refused_en).map(|(zh, en)| say!("{zh}", "{en}"));
        let Remedy { attempt, changes, told_by, told_at, done_at, done_version, .. } = remedy;
        Self { attempt, state, changes, refused_why, told_by, told_at, done_at, done_version }
    }
}
