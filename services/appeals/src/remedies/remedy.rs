use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use events::{RemedyChange, Subject};
use jiff::Timestamp;
use platform::openapi::EnteredValue;
use platform::sql;
use platform::web::Errors;
use platform::{Message, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

const MOST: usize = 100;
const MOST_PLACES: usize = 20;
const MOST_RATERS: usize = 10;
const LONGEST_PATH: usize = 200;

/// What is to follow from an upheld appeal, one of three: values that are put right, somebody else who rates some places
/// again, or a result that is annulled and redone by others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRemedy {
    /// Values that should have been there, 100 at most. What they come to is seen by `POST /v1/corrections?preview=true`.
    #[serde(default)]
    pub changes: Vec<NewChange>,
    /// In place of them: who rates again.
    #[serde(default)]
    pub reassess: Option<Reassessment>,
    /// In place of them: the result was given unfairly. It is annulled, counts nowhere until it is redone, and others rate
    /// on a new edition of the sheet.
    #[serde(default)]
    pub redo: Option<Redo>,
}

/// Who rates an annulled result anew. What the other kinds of rater gave stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redo {
    /// 1 to 10; of a kind of which one rates one.
    pub raters: Vec<NewRater>,
}

/// Somebody who had no part in a result, and rates in place of those who did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRater {
    /// The kind of rater, by the scheme's name: `superior`.
    pub column: String,
    /// Employee number.
    pub by: String,
}

/// Somebody who had no part in a result rates again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reassessment {
    /// Employee number.
    pub by: String,
    /// What they rate: paths below the subject, as in a case, such as `/items/faults/superior`; 1 to 20.
    pub places: Vec<String>,
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
        match (&self.reassess, &self.redo) {
            _ if self.is_several() => {
                let why = say!(
                    "直接更正、重新评定和作废重评只能选一",
                    "values are put right, or somebody rates again, or the result is redone"
                );
                errors.add(pointer, why);
            }
            (Some(reassess), _) => reassess.check(errors, &format!("{pointer}/reassess")),
            (None, Some(redo)) => redo.check(errors, &format!("{pointer}/redo")),
            (None, None) if self.changes.is_empty() || self.changes.len() > MOST => {
                errors.add(format!("{pointer}/changes"), say!("须有 1 到 {MOST} 项", "1 to {MOST} of them"));
            }
            (None, None) => {}
        }
        for (at, change) in self.changes.iter().enumerate() {
            if change.subject(about).is_err() {
                let why = say!("应为 person:工号 或 unit:部门代码", "person:NUMBER or unit:CODE is wanted");
                errors.add(format!("{pointer}/changes/{at}/subject"), why);
            }
            check_path(errors, format!("{pointer}/changes/{at}/path"), &change.path);
        }
    }

    fn is_several(&self) -> bool {
        let asked = [!self.changes.is_empty(), self.reassess.is_some(), self.redo.is_some()];
        asked.into_iter().filter(|asked| *asked).count() > 1
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

impl Reassessment {
    fn check(&self, errors: &mut Errors, pointer: &str) {
        if self.places.is_empty() || self.places.len() > MOST_PLACES {
            errors.add(format!("{pointer}/places"), say!("须有 1 到 {MOST_PLACES} 项", "1 to {MOST_PLACES} of them"));
        }
        for (at, place) in self.places.iter().enumerate() {
            check_path(errors, format!("{pointer}/places/{at}"), place);
        }
    }
}

impl Redo {
    fn check(&self, errors: &mut Errors, pointer: &str) {
        if self.raters.is_empty() || self.raters.len() > MOST_RATERS {
            errors.add(format!("{pointer}/raters"), say!("须有 1 到 {MOST_RATERS} 项", "1 to {MOST_RATERS} of them"));
        }
        for (at, rater) in self.raters.iter().enumerate() {
            if self.raters.iter().take(at).any(|before| before == rater) {
                errors.add(format!("{pointer}/raters/{at}"), say!("重复出现", "it is there twice"));
            }
        }
    }
}

fn check_path(errors: &mut Errors, pointer: String, path: &str) {
    if !path.starts_with('/') || path.chars().count() > LONGEST_PATH {
        errors.add(pointer, say!("应为 /items/指标/评分人 这样的路径", "a path such as /items/CODE/RATER is wanted"));
    }
}

/// What somebody who rates again gives.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "values": [{ "path": "/items/faults/superior", "value": "9" }], "reason": "按记录重新评定" }))]
pub struct Assessment {
    /// A value for each place that is to be rated again.
    pub values: Vec<AssessedValue>,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

/// What stands at a place now.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessedValue {
    pub path: String,
    /// As a case has it.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
}

impl Assessment {
    /// The changes that it comes to; each place has its value, and nothing else has one.
    pub fn changes(&self, wanted: &[String]) -> platform::Result<Vec<NewChange>> {
        let mut errors = Errors::default();
        for (at, given) in self.values.iter().enumerate() {
            let twice = self.values.iter().take(at).any(|before| before.path == given.path);
            if twice || !wanted.contains(&given.path) {
                errors.add(format!("/values/{at}/path"), say!("此处不须重新评定", "this is not to be rated again"));
            }
        }
        for place in wanted.iter().filter(|place| !self.values.iter().any(|given| given.path == **place)) {
            errors.add("/values", say!("缺少 {place}", "{place} is missing"));
        }
        errors.check()?;
        let change =
            |given: &AssessedValue| NewChange { subject: None, path: given.path.clone(), value: given.value.clone() };
        Ok(self.values.iter().map(change).collect())
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
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub reassess: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub redo: Option<Value>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub step: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub told_at: Option<Timestamp>,
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
        /// Somebody rates again.
        Assessing = "assessing",
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
    /// Who rates again, and what.
    #[schema(value_type = Option<Reassessment>)]
    pub reassess: Option<Value>,
    /// Who rates the annulled result anew.
    #[schema(value_type = Option<Redo>)]
    pub redo: Option<Value>,
    /// The step in which they do: `POST /v1/appeals/steps/{id}/assessment`.
    pub step: Option<Uuid>,
    pub told_by: String,
    /// When scoring was told; null while somebody rates again.
    pub told_at: Option<Timestamp>,
    pub done_at: Option<Timestamp>,
    /// The version of the result that it made; null where others' results changed alone.
    pub done_version: Option<i64>,
}

impl From<Remedy> for RemedyView {
    fn from(remedy: Remedy) -> Self {
        let state = match (&remedy.refused_zh, remedy.done_at) {
            (Some(_), _) => RemedyState::Refused,
            (None, Some(_)) => RemedyState::Done,
            (None, None) if remedy.told_at.is_none() => RemedyState::Assessing,
            (None, None) => RemedyState::Told,
        };
        let refused_why = remedy.refused_zh.zip(remedy.refused_en).map(|(zh, en)| say!("{zh}", "{en}"));
        let Remedy { attempt, changes, reassess, redo, step, told_by, told_at, done_at, done_version, .. } = remedy;
        Self { attempt, state, changes, refused_why, reassess, redo, step, told_by, told_at, done_at, done_version }
    }
}
