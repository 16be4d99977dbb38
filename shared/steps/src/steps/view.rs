use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Decision, Session, Votes};

/// What somebody decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// For which of the actors.
    pub actor: String,
    /// `approved` or `returned`.
    pub verdict: String,
    pub reason: String,
    /// What was sent back.
    pub subjects: Vec<String>,
    /// Of exactly what was approved, in canonical JSON, where a plan or a sheet was: SHA-256, in hexadecimal.
    pub sha256: Option<String>,
    /// Employee number.
    pub by: String,
    pub at: jiff::Timestamp,
    pub session: Option<SessionView>,
}

/// The session in which a body decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionView {
    #[schema(value_type = String)]
    pub held_on: Date,
    /// Employee numbers.
    pub present: Vec<String>,
    /// Who withdrew.
    pub withdrew: Vec<String>,
    pub votes: Option<Votes>,
    pub minutes: String,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        let count = |votes: Option<i32>| votes.and_then(|votes| u32::try_from(votes).ok());
        let votes = count(session.votes_for).zip(count(session.votes_against)).map(|(in_favour, against)| Votes {
            in_favour,
            against,
            abstained: count(session.abstained).unwrap_or_default(),
        });
        Self {
            held_on: session.held_on,
            present: session.present.clone(),
            withdrew: session.withdrew.clone(),
            votes,
            minutes: session.minutes.clone(),
        }
    }
}

impl DecisionView {
    /// What was decided in a step, from among these, oldest first.
    pub fn of_step(step: Uuid, decisions: &[Decision], sessions: &[Session]) -> Vec<Self> {
        decisions.iter().filter(|made| made.step == step).map(|made| Self::new(made, sessions)).collect()
    }

    /// A decision, with its session from among these.
    fn new(decision: &Decision, sessions: &[Session]) -> Self {
        let subjects = decision.detail["subjects"].as_array().into_iter().flatten();
        Self {
            actor: decision.actor.clone(),
            verdict: decision.verdict.clone(),
            reason: decision.reason.clone(),
            subjects: subjects.filter_map(|one| one.as_str().map(str::to_owned)).collect(),
            sha256: decision.detail["sha256"].as_str().map(str::to_owned),
            by: decision.by.clone(),
            at: decision.at,
            session: sessions.iter().find(|held| Some(held.id) == decision.session).map(SessionView::from),
        }
    }
}
