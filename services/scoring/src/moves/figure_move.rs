use basics::money::{parse_plain, plain};
use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::case::{FigureChange, FigureMove};
use events::Subject;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::sql::{NullableTimestamp, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// Figures to move.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "moves": [{ "subject": "person:E001", "figure": "score", "by": "2", "reason": "抢修期间连续值守" }] }))]
pub struct NewMoves {
    /// 1 to 500, of people or units.
    pub moves: Vec<NewMove>,
}

/// A figure to move, by so much or to a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMove {
    /// `person:NUMBER` or `unit:CODE`.
    pub subject: String,
    /// The name of the figure, as the scheme has it: `score`, `grade`.
    pub figure: String,
    /// How much more of a number, or less; a decimal.
    #[serde(default)]
    pub by: Option<String>,
    /// The grade, or another code.
    #[serde(default)]
    pub to: Option<String>,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

/// A move that is to be made.
#[derive(Clone, Debug)]
pub struct Planned {
    pub subject: Subject,
    pub figure: String,
    pub points: Option<Decimal>,
    pub code: Option<String>,
    pub from: Option<String>,
    pub reason: String,
}

impl Planned {
    /// As the engine takes it.
    pub fn told(&self, who: &str, on: Date) -> FigureMove {
        change(&self.figure, self.points, self.code.as_deref(), who, on, &self.reason)
    }
}

/// A figure that was moved.
#[derive(Clone, Debug, QueryableByName)]
pub struct Moved {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub figure: String,
    #[diesel(sql_type = Nullable<Text>)]
    points: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub from_value: Option<String>,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Text)]
    pub made_by: String,
    /// Their name, where they are an employee.
    #[diesel(sql_type = Text)]
    pub made_by_name: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub made_at: jiff::Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    pub withdrawn_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub withdrawn_why: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub withdrawn_at: Option<jiff::Timestamp>,
}

impl Moved {
    pub fn key(&self) -> Subject {
        self.kind.subject(&self.subject)
    }

    /// By how much a number was moved.
    pub fn points(&self) -> Option<Decimal> {
        self.points.as_deref().and_then(parse_plain)
    }

    /// As the engine takes it.
    pub fn told(&self) -> FigureMove {
        change(
            &self.figure,
            self.points(),
            self.code.as_deref(),
            &self.made_by_name,
            date_of(self.made_at),
            &self.reason,
        )
    }
}

/// A move as the engine takes it.
pub fn change(figure: &str, points: Option<Decimal>, code: Option<&str>, who: &str, on: Date, why: &str) -> FigureMove {
    let change = match (points, code) {
        (Some(points), _) => FigureChange::By(points),
        (None, code) => FigureChange::To(code.unwrap_or_default().to_owned()),
    };
    FigureMove { figure: figure.to_owned(), change, who: who.to_owned(), on, why: why.to_owned() }
}

/// A figure that was moved, as people see it.
#[derive(Serialize, ToSchema)]
pub struct MoveView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`.
    pub subject: String,
    pub figure: String,
    pub by: Option<String>,
    pub to: Option<String>,
    /// What it was before; absent where it is no part of the result.
    pub from: Option<String>,
    pub reason: String,
    /// Employee number.
    pub moved_by: String,
    pub moved_at: jiff::Timestamp,
    pub withdrawn_by: Option<String>,
    pub withdrawn_why: Option<String>,
    pub withdrawn_at: Option<jiff::Timestamp>,
}

impl From<&Moved> for MoveView {
    fn from(moved: &Moved) -> Self {
        Self {
            id: moved.id,
            cycle: moved.cycle,
            subject: moved.key().to_string(),
            figure: moved.figure.clone(),
            by: moved.points().map(plain),
            to: moved.code.clone(),
            from: moved.from_value.clone(),
            reason: moved.reason.clone(),
            moved_by: moved.made_by.clone(),
            moved_at: moved.made_at,
            withdrawn_by: moved.withdrawn_by.clone(),
            withdrawn_why: moved.withdrawn_why.clone(),
            withdrawn_at: moved.withdrawn_at,
        }
    }
}
