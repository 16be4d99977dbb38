use diesel::pg::Pg;
use diesel::{Queryable, Selectable};
use events::EmployeeNumber;
use jiff::Timestamp;
use platform::{Message, say, sql};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::people::Person;
use crate::schema::mails;

platform::stored_enum! {
    /// What a mail is about.
    pub enum Kind {
        Result = "result",
        Correction = "correction",
        Digest = "digest",
        /// A stage has another last day.
        Stage = "stage",
        AppealDecided = "appeal_decided",
        AppealMovedUp = "appeal_moved_up",
        AppealOpened = "appeal_opened",
        AppealOverdue = "appeal_overdue",
        RemedyRefused = "remedy_refused",
        InterviewArranged = "interview_arranged",
        InterviewRecorded = "interview_recorded",
        /// Values that somebody reported were sent back.
        FactsReturned = "facts_returned",
        /// Something is announced to everybody in a cycle.
        Announcement = "announcement",
        /// What somebody said of their result was answered.
        OpinionAnswered = "opinion_answered",
        /// Somebody's result is computed, and they are heard before it is published.
        ResultComputed = "result_computed",
        /// How the published results of a cycle came out, to the executives.
        Summary = "summary",
        /// Whose results rest on one that was corrected, to HR.
        Dependents = "dependents",
        /// A plan or a sheet was approved or sent back, to whom it is about.
        PlanDecided = "plan_decided",
        /// A form or a report was sent back, to whoever filled it in.
        SentBack = "sent_back",
        /// Goals that were agreed on are not in a plan that was handed in, to whoever wrote it.
        GoalsAgreed = "goals_agreed",
    }
}

platform::stored_enum! {
    /// Where a mail is on its way.
    pub enum State {
        /// Waits for its first try.
        Queued = "queued",
        /// Is with the sender just now.
        Sending = "sending",
        /// The mail server took it.
        Sent = "sent",
        /// The last try failed; it is tried again at `next_try_at`.
        Failed = "failed",
        /// Given up.
        Dead = "dead",
        /// The recipient has no address.
        Undeliverable = "undeliverable",
    }
}

impl State {
    /// As people are told it.
    pub fn told(self) -> Message {
        match self {
            Self::Queued => say!("等待发送", "queued"),
            Self::Sending => say!("正在发送", "sending"),
            Self::Sent => say!("已发送", "sent"),
            Self::Failed => say!("发送失败，将重试", "waiting to be tried again"),
            Self::Dead => say!("多次发送失败，已放弃", "given up on"),
            Self::Undeliverable => say!("无法送达", "undeliverable"),
        }
    }
}

/// A mail's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub subject: String,
    pub body: String,
}

/// A mail to be queued.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// What makes it the same mail when it is asked for again.
    pub key: String,
    pub kind: Kind,
    pub recipient: EmployeeNumber,
    pub address: Option<String>,
    pub locale: String,
    pub text: Text,
    /// The appointment that it is about, as calendars read it.
    pub invitation: Option<String>,
}

impl NewMail {
    pub fn new(key: String, kind: Kind, person: &Person, text: Text) -> Self {
        Self {
            key,
            kind,
            recipient: person.number.clone(),
            address: person.email.clone(),
            locale: person.locale.clone(),
            text,
            invitation: None,
        }
    }

    pub fn inviting(self, invitation: Option<String>) -> Self {
        Self { invitation, ..self }
    }
}

/// A mail on its way to somebody.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = mails, check_for_backend(Pg))]
pub struct MailSummary {
    id: Uuid,
    #[serde(skip)]
    pub position: i64,
    /// `result`, `correction`, `digest`, `stage`, `appeal_decided`, `appeal_moved_up`, `appeal_opened`,
    /// `appeal_overdue`, `remedy_refused`, `interview_arranged`, `interview_recorded`, `facts_returned`,
    /// `announcement`, `opinion_answered`, `result_computed`, `summary`, `dependents`, `plan_decided`,
    /// `sent_back` or `goals_agreed`.
    #[schema(value_type = String)]
    pub kind: Kind,
    /// Employee number.
    #[schema(value_type = String)]
    pub recipient: EmployeeNumber,
    /// Where it goes; null when the recipient has no address.
    pub address: Option<String>,
    /// `zh-CN` or `en`.
    locale: String,
    subject: String,
    pub state: State,
    /// How often it was tried.
    tries: i32,
    #[diesel(deserialize_as = sql::NullableTimestamp)]
    next_try_at: Option<Timestamp>,
    /// What the mail server said last, when it did not take the mail.
    last_error: Option<String>,
    #[diesel(deserialize_as = sql::Timestamp)]
    created_at: Timestamp,
    #[diesel(deserialize_as = sql::NullableTimestamp)]
    sent_at: Option<Timestamp>,
}

/// A mail, and what its recipient is called.
#[derive(Serialize, ToSchema)]
pub struct ListedMail {
    #[serde(flatten)]
    pub mail: MailSummary,
    pub recipient_name: Option<String>,
}

/// A mail with its text.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = mails, check_for_backend(Pg))]
pub struct MailView {
    #[serde(flatten)]
    #[diesel(embed)]
    pub summary: MailSummary,
    pub body: String,
}

/// Which mails are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MailsQuery {
    /// Only mails in this state.
    pub state: Option<State>,
    /// Only mails to this employee number.
    pub recipient: Option<String>,
}

/// A mail that a sender has taken for itself for a while.
#[derive(Clone, Debug, Queryable)]
pub struct Claimed {
    pub company_id: Uuid,
    pub id: Uuid,
    pub address: String,
    pub subject: String,
    pub body: String,
    pub invitation: Option<String>,
    pub tries: i32,
    #[diesel(deserialize_as = sql::Timestamp)]
    pub created_at: Timestamp,
}

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Another try may succeed.
    Passing(String),
    /// This mail will never be taken.
    Final(String),
}

/// What becomes of a mail after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub state: State,
    pub next_try_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub sent_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_written_as_they_are_read() {
        for state in [State::Queued, State::Sending, State::Sent, State::Failed, State::Dead, State::Undeliverable] {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(written, state.as_str());
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
