//! A rater's form about one subject.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use diesel::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use events::Subject;
use platform::sql::{NullableDate, NullableTimestamp};
use platform::{Problem, Result, say, stored_enum};
use serde_json::Value;
use uuid::Uuid;

use crate::subjects::subject::Kind;

stored_enum! {
    /// What a rater is.
    pub enum RaterKind {
        Person = "person",
        /// A body rates together: one of its members enters.
        Body = "body",
        Unit = "unit",
        /// Whoever holds a role.
        Role = "role",
    }
}

stored_enum! {
    /// How far a form is.
    pub enum FormState {
        Open = "open",
        Submitted = "submitted",
        Declined = "declined",
        /// Somebody else has it.
        Replaced = "replaced",
        /// Its last day was over before it was submitted.
        Lapsed = "lapsed",
        /// Nobody is asked any more.
        Void = "void",
    }
}

/// Who has a form: `person:E9`, `body:LG`, `body:LG/leader`, `unit:NET`, `role:hr`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rater {
    pub kind: RaterKind,
    pub id: String,
}

impl Rater {
    pub fn person(number: &str) -> Self {
        Self { kind: RaterKind::Person, id: number.to_owned() }
    }

    pub fn unit(code: &str) -> Self {
        Self { kind: RaterKind::Unit, id: code.to_owned() }
    }

    pub fn role(role: &str) -> Self {
        Self { kind: RaterKind::Role, id: role.to_owned() }
    }

    pub fn body(code: &str, office: Option<&str>) -> Self {
        let id = office.map_or_else(|| code.to_owned(), |office| format!("{code}/{office}"));
        Self { kind: RaterKind::Body, id }
    }

    /// The code of a body, and an office of it.
    pub fn office(&self) -> (&str, Option<&str>) {
        self.id.split_once('/').map_or((&self.id, None), |(code, office)| (code, Some(office)))
    }

    pub fn read(pointer: &str, text: &str) -> Result<Self> {
        text.parse().map_err(|()| {
            Problem::field(
                pointer,
                say!(
                    "应写作 person:工号、body:机构代码、body:机构代码/职务、unit:部门代码 或 role:角色",
                    "write person:NUMBER, body:CODE, body:CODE/OFFICE, unit:CODE or role:ROLE"
                ),
            )
        })
    }
}

impl fmt::Display for Rater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl FromStr for Rater {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, id) = text.split_once(':').filter(|(_, id)| !id.is_empty()).ok_or(())?;
        let kinds = [RaterKind::Person, RaterKind::Body, RaterKind::Unit, RaterKind::Role];
        let kind = kinds.into_iter().find(|known| known.as_str() == kind).ok_or(())?;
        Ok(Self { kind, id: id.to_owned() })
    }
}

/// By place, row (nothing where a place has none) and input.
pub type ByPlace<T> = BTreeMap<String, BTreeMap<String, BTreeMap<String, T>>>;

/// The key of a row.
pub fn row_key(row: Option<usize>) -> String {
    row.map_or_else(String::new, |row| row.to_string())
}

pub fn at<'g, T>(all: &'g ByPlace<T>, place: &str, row: Option<usize>, input: &str) -> Option<&'g T> {
    all.get(place)?.get(&row_key(row))?.get(input)
}

/// A form.
#[derive(QueryableByName, Clone, Debug)]
pub struct Assignment {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    /// The kind of rater.
    #[diesel(sql_type = Text)]
    pub rater_column: String,
    /// Only these items.
    #[diesel(sql_type = Nullable<Array<Text>>)]
    pub items: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    pub rater_kind: RaterKind,
    #[diesel(sql_type = Text)]
    pub rater: String,
    /// Who named the rater; none: the scheme.
    #[diesel(sql_type = Nullable<Text>)]
    pub named_by: Option<String>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub until: Option<jiff::civil::Date>,
    #[diesel(sql_type = Text)]
    pub state: FormState,
    #[diesel(sql_type = Bool)]
    pub optional: bool,
    /// Its rater may decline.
    #[diesel(sql_type = Bool)]
    pub may_decline: bool,
    #[diesel(sql_type = Integer)]
    pub missing: i32,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub replaces: Option<Uuid>,
    /// Who submitted it.
    #[diesel(sql_type = Nullable<Text>)]
    pub acted_by: Option<String>,
    #[diesel(sql_type = Jsonb)]
    given: Value,
    #[diesel(sql_type = Jsonb)]
    evidence: Value,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub submitted_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Assignment {
    pub fn key(&self) -> Subject {
        self.kind.subject(&self.subject)
    }

    pub fn rater(&self) -> Rater {
        Rater { kind: self.rater_kind, id: self.rater.clone() }
    }

    /// It is filled in, or was.
    pub fn is_active(&self) -> bool {
        matches!(self.state, FormState::Open | FormState::Submitted)
    }

    /// Somebody else may be asked instead.
    pub fn is_replaceable(&self) -> bool {
        self.is_active() || self.state == FormState::Lapsed
    }

    pub fn given(&self) -> ByPlace<Value> {
        serde_json::from_value(self.given.clone()).unwrap_or_default()
    }

    pub fn evidence(&self) -> ByPlace<String> {
        serde_json::from_value(self.evidence.clone()).unwrap_or_default()
    }

    /// The same before anything was entered.
    pub fn emptied(&self) -> Result<Self> {
        let mut empty = self.clone();
        empty.set_given(&ByPlace::new(), &ByPlace::new())?;
        Ok(empty)
    }

    pub fn set_given(&mut self, given: &ByPlace<Value>, evidence: &ByPlace<String>) -> Result<()> {
        (self.given, self.evidence) = (serde_json::to_value(given)?, serde_json::to_value(evidence)?);
        Ok(())
    }
}

/// A kind of rater for which HR has to name somebody.
#[derive(Clone, Debug)]
pub struct Naming {
    pub subject: Subject,
    pub column: String,
    /// Of which item or list.
    pub item: String,
    /// Whoever has the whole form has it, too.
    pub whole: bool,
}

/// A form to be handed out.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    pub subject: Subject,
    pub edition: i32,
    pub column: String,
    pub items: Option<Vec<String>>,
    pub rater: Rater,
    pub named_by: Option<String>,
    pub until: Option<jiff::civil::Date>,
    pub optional: bool,
    pub may_decline: bool,
    pub missing: usize,
    pub replaces: Option<Uuid>,
}

#[cfg(test)]
impl Assignment {
    pub fn for_tests(kind: Kind, subject: &str, column: &str, rater: Rater, state: FormState, given: Value) -> Self {
        Self {
            id: Uuid::now_v7(),
            cycle: Uuid::nil(),
            kind,
            subject: subject.to_owned(),
            edition: 1,
            rater_column: column.to_owned(),
            items: None,
            rater_kind: rater.kind,
            rater: rater.id,
            named_by: None,
            until: None,
            state,
            optional: false,
            may_decline: false,
            missing: 0,
            reason: None,
            replaces: None,
            acted_by: None,
            given,
            evidence: serde_json::json!({}),
            submitted_at: None,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_rater_then_it_is_read_as_it_is_written() {
        for text in ["person:E9", "body:LG", "body:LG/leader", "unit:NET", "role:hr"] {
            assert_eq!(text.parse::<Rater>().unwrap().to_string(), text);
        }
        assert_eq!(Rater::body("LG", Some("leader")).office(), ("LG", Some("leader")));
        for text in ["E9", "person:", "king:E1"] {
            assert!(text.parse::<Rater>().is_err(), "{text}");
        }
    }
}
