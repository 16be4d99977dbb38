use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use jiff::civil::Date;
use platform::sql::NullableDate;
use platform::{Problem, Result, say};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

platform::stored_enum! {
    /// Which service a task comes from.
    pub enum Source {
        Planning = "planning",
        Scoring = "scoring",
        Appeals = "appeals",
        Pay = "pay",
    }
}

/// What waits for somebody, or is done.
#[derive(QueryableByName, Clone, Debug, Serialize, ToSchema)]
pub struct Task {
    /// Absent with a plan that is no cycle's.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub cycle: Option<Uuid>,
    /// The cycle as pages are ordered by it.
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    pub place: Uuid,
    /// What the scheme is called.
    #[diesel(sql_type = Nullable<Text>)]
    pub scheme_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub scheme_en: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub period: Option<String>,
    /// Of one of several cycles for the same period.
    #[diesel(sql_type = Nullable<Text>)]
    pub cycle_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub source: Source,
    /// The same for as long as it is the same task of its cycle and source.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Code of the stage.
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub label_zh: String,
    #[diesel(sql_type = Text)]
    pub label_en: String,
    /// Who has to do it: `person:E9`, `role:hr`, `body:LG` or `body:LG/leader`.
    #[diesel(sql_type = Text)]
    pub holder: String,
    /// The name of the person or the body.
    #[diesel(sql_type = Nullable<Text>)]
    pub holder_name: Option<String>,
    /// The name of a body in English.
    #[diesel(sql_type = Nullable<Text>)]
    pub holder_name_en: Option<String>,
    /// `person:E1` or `unit:NET`.
    #[diesel(sql_type = Text)]
    pub about: String,
    #[diesel(sql_type = Text)]
    pub about_name: String,
    /// How many things are in it, such as the forms about a unit's people.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// Since when it waits.
    #[diesel(sql_type = SqlDate, deserialize_as = platform::sql::Date)]
    pub opened_on: Date,
    /// The last day.
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<Date>,
    /// Its day is over, and it is not done.
    #[diesel(sql_type = Bool)]
    pub overdue: bool,
    #[diesel(sql_type = Bool)]
    pub done: bool,
    /// The operation that does it, by its id; the operation itself decides whether the caller may.
    #[diesel(sql_type = Text)]
    pub operation: String,
    /// The address of that operation.
    #[diesel(sql_type = Text)]
    pub path: String,
}

/// Where a page of tasks begins: behind a day, a cycle, a service and a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// None behind those with a day.
    pub due: Option<Date>,
    pub cycle: Uuid,
    pub source: String,
    pub key: String,
}

impl Place {
    pub fn of(task: &Task) -> String {
        let due = task.due.map_or_else(String::new, |due| due.to_string());
        format!("{due}/{}/{}/{}", task.place, task.source, task.key)
    }

    pub fn read(text: &str) -> Result<Self> {
        Self::parse(text).filter(|_| !text.contains('\0')).ok_or_else(|| {
            Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '/');
        let due = Some(parts.next()?).filter(|due| !due.is_empty()).map(str::parse).transpose().ok()?;
        let (cycle, source, key) = (parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?.to_owned());
        Some(Self { due, cycle, source, key })
    }
}

/// An open task as a digest tells it to one person, with how many they have in all.
#[derive(QueryableByName, Clone, Debug)]
pub struct OpenTask {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub label_zh: String,
    #[diesel(sql_type = Text)]
    pub label_en: String,
    #[diesel(sql_type = Text)]
    pub about: String,
    #[diesel(sql_type = Text)]
    pub about_name: String,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub scheme_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub scheme_en: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub period: Option<String>,
    /// How many wait for the person themselves.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    /// Whose it is, where the person is only above whoever is late; a role as `role:hr`.
    #[diesel(sql_type = Nullable<Text>)]
    pub of_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub of_name_en: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_place_then_it_is_read_as_it_is_written() {
        let cycle = Uuid::from_u128(7);
        let place = Place::read(&format!("2026-10-28/{cycle}/scoring/score/NET/M001")).unwrap();
        assert_eq!((place.due, place.key.as_str()), ("2026-10-28".parse().ok(), "score/NET/M001"));
        assert_eq!(Place::read(&format!("/{cycle}/planning/draft/E1")).unwrap().due, None);
        for text in ["", "x", "2026-10-28/7/scoring/x", "soon/00000000-0000-0000-0000-000000000007/scoring/x"] {
            assert!(Place::read(text).is_err(), "{text}");
        }
    }
}
