use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::scheme::source::{Does, Stage as Declared, Who};
use jiff::civil::Date;
use platform::sql::{self, Timestamp};
use platform::{Result, say, stored_enum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steps::steps::{Actor, StepState};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;

/// A stage of a cycle in which results are signed.
#[derive(Clone, Debug)]
pub struct SigningStage {
    pub code: String,
    pub label: Label,
    /// Who signs, each for themselves.
    pub by: Vec<Who>,
    /// Nothing is published without.
    pub gate: bool,
    pub due: Option<Date>,
    pub declared: Declared,
}

impl SigningStage {
    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let stages = cycle.stages_where(|stage| stage.does == Does::Confirm)?.into_iter();
        let stage = |(stage, due): (Declared, Option<Date>)| Self {
            code: stage.code.clone(),
            label: stage.label.clone(),
            by: stage.who().cloned().collect(),
            gate: stage.gate,
            due,
            declared: stage,
        };
        Ok(stages.map(stage).collect())
    }
}

/// A stage in which something is announced, and who does it.
#[derive(Clone, Debug)]
pub struct AnnouncingStage {
    pub code: String,
    pub label: Label,
    pub by: Actor,
    pub due: Option<Date>,
}

impl AnnouncingStage {
    /// Those of a cycle that say by whom.
    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let stages = cycle.stages_where(|stage| stage.does == Does::Announce)?.into_iter();
        let stage = |(stage, due): (Declared, Option<Date>)| {
            let by = stage.who().next().and_then(Actor::of_group)?;
            Some(Self { code: stage.code, label: stage.label, by, due })
        };
        Ok(stages.filter_map(stage).collect())
    }

    /// What HR announces where no stage says so.
    pub fn beside() -> Self {
        let label = say!("阅读确认", "read and confirm");
        let label = Label::new(&label.zh, &label.en);
        Self { code: String::new(), label, by: Actor::Role("hr".to_owned()), due: None }
    }
}

/// What somebody is asked to sign.
#[derive(Clone, Debug, QueryableByName)]
pub struct Signature {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub capacity: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub posted: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub title: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub run: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sha256: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub actors: Vec<String>,
    #[diesel(sql_type = Text)]
    pub state: StepState,
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub asked_on: Date,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub due: Option<Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub signed_at: Option<jiff::Timestamp>,
}

impl Signature {
    /// Who is to sign.
    pub fn signer(&self) -> &str {
        self.actors.first().and_then(|actor| actor.strip_prefix("person:")).unwrap_or_default()
    }
}

stored_enum! {
    /// Where a signature stands.
    pub enum SignatureState {
        Asked = "asked",
        Given = "given",
        /// With a reason.
        Refused = "refused",
        /// It was not given in time: the result stands without it.
        Lapsed = "lapsed",
        /// What it was about was computed anew.
        Void = "void",
    }
}

impl From<StepState> for SignatureState {
    fn from(state: StepState) -> Self {
        match state {
            StepState::Open => Self::Asked,
            StepState::Done | StepState::SentOn => Self::Given,
            StepState::Returned => Self::Refused,
            StepState::Missed => Self::Lapsed,
            StepState::Void => Self::Void,
        }
    }
}

stored_enum! {
    /// What somebody who is asked does.
    pub enum SigningVerdict {
        Given = "given",
        Refused = "refused",
    }
}

/// A signature, or its refusal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    #[schema(inline)]
    pub verdict: SigningVerdict,
    /// The SHA-256 of what was read, in hexadecimal: what is signed is exactly that.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Why it is refused, 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Something to announce to everybody in a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnnouncement {
    /// 1 to 200 characters, in one line.
    pub title: String,
    /// 1 to 20000 characters.
    pub text: String,
}

/// Something that was announced.
#[derive(Clone, Debug, QueryableByName, Serialize, ToSchema)]
pub struct Announcement {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// The code of the stage; empty where HR announces beside the stages.
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub text: String,
    /// Employee number or account.
    #[diesel(sql_type = Text)]
    pub announced_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub announced_at: jiff::Timestamp,
    /// How many are asked so far to confirm that they have read it.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub asked: i64,
    /// Whether everybody is; with many readers it takes a while.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub asked_all: bool,
    /// How many have.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub confirmed: i64,
}

/// A signature as people see it.
#[derive(Serialize, ToSchema)]
pub struct SignatureView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// The code of the stage.
    stage: String,
    /// Employee number of the person whose result it is about; of an announcement, who reads it.
    number: String,
    name: String,
    /// As what somebody signs: `self`, `superior`, `superior.superior`, `head`, `leader` or `reader`.
    capacity: String,
    /// Employee number of whoever signs.
    signer: String,
    /// The announcement that is read.
    announcement: Option<Uuid>,
    title: Option<String>,
    #[schema(inline)]
    state: SignatureState,
    /// Of what was signed.
    sha256: Option<String>,
    reason: Option<String>,
    #[schema(value_type = String)]
    asked_on: Date,
    #[schema(value_type = Option<String>)]
    due: Option<Date>,
    signed_at: Option<jiff::Timestamp>,
}

impl From<Signature> for SignatureView {
    fn from(one: Signature) -> Self {
        Self {
            id: one.step,
            cycle: one.cycle,
            signer: one.signer().to_owned(),
            stage: one.stage,
            number: one.number,
            name: one.name,
            capacity: one.capacity,
            announcement: one.posted,
            title: one.title,
            state: one.state.into(),
            sha256: one.sha256,
            reason: one.reason.filter(|reason| !reason.is_empty()),
            asked_on: one.asked_on,
            due: one.due,
            signed_at: one.signed_at,
        }
    }
}

/// A signature with what it is over.
#[derive(Serialize, ToSchema)]
pub struct TextToSign {
    pub signature: SignatureView,
    /// The SHA-256 of `text` in UTF-8, in hexadecimal.
    pub sha256: String,
    /// What is signed, to the letter: canonical JSON.
    pub text: String,
    /// The same to read.
    #[schema(value_type = Object)]
    pub content: Value,
}
