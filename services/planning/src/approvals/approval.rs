use diesel::QueryableByName;
use diesel::sql_types::{Array, Integer, Nullable, Text, Uuid as SqlUuid};
use platform::stored_enum;
use steps::steps::{Actor, StepState};
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// A step in which somebody decides about a plan, or about settled sheets.
#[derive(Clone, Debug, QueryableByName)]
pub struct Approval {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    /// None: the plan was no cycle's when somebody was asked.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub cycle: Option<Uuid>,
    /// Code of the stage; empty where a plan is made for longer than a cycle.
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub label_zh: String,
    #[diesel(sql_type = Text)]
    pub label_en: String,
    /// None: it is about settled sheets.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub plan: Option<Uuid>,
    /// Whose plan or sheet; of a unit with its people's sheets.
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// Who may decide in place of those who are asked.
    #[diesel(sql_type = Array<Text>)]
    pub also: Vec<String>,
    /// In the order of those who decide, from 1.
    #[diesel(sql_type = Integer)]
    pub place: i32,
    #[diesel(sql_type = Text)]
    pub state: StepState,
}

impl Approval {
    /// Whether an actor agrees to what stands on their own sheet.
    pub fn agrees(&self, actor: &Actor) -> bool {
        let own = self.plan.is_none() && self.kind == Kind::Person;
        own && matches!(actor, Actor::Person(number) if *number == self.subject)
    }

    /// What its step is about: all steps of one plan, or of one sheet, have it in common.
    pub fn about(&self) -> String {
        match (self.plan, self.cycle) {
            (Some(plan), _) => format!("plan:{plan}"),
            (None, Some(cycle)) => format!("sheets:{cycle}/{}", self.kind.id(&self.subject)),
            (None, None) => format!("sheets:{}", self.kind.id(&self.subject)),
        }
    }
}

stored_enum! {
    /// What is decided.
    pub enum Verdict {
        Approved = "approved",
        /// Sent back to whoever wrote it, with the reason.
        Returned = "returned",
    }
}
