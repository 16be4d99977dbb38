//! People and units as they are appraised in a cycle.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{Date as SqlDate, Jsonb, Nullable, Text};
use domain::scheme::placing::Standpoint;
use events::{Subject, SubjectKind};
use platform::sql::NullableDate;
use platform::{Problem, Result, say, stored_enum};
use serde_json::Value;

stored_enum! {
    /// What a subject is.
    pub enum Kind {
        Person = "person",
        Unit = "unit",
        Company = "company",
    }
}

impl Kind {
    pub fn of(kind: SubjectKind) -> Self {
        match kind {
            SubjectKind::Person => Self::Person,
            SubjectKind::Unit => Self::Unit,
            SubjectKind::Company => Self::Company,
        }
    }

    pub fn told(self) -> SubjectKind {
        match self {
            Self::Person => SubjectKind::Person,
            Self::Unit => SubjectKind::Unit,
            Self::Company => SubjectKind::Company,
        }
    }

    /// As the engine calls it.
    pub fn domain(self) -> domain::Kind {
        match self {
            Self::Person => domain::Kind::People,
            Self::Unit => domain::Kind::Units,
            Self::Company => domain::Kind::Company,
        }
    }

    pub fn subject(self, id: &str) -> Subject {
        Subject { kind: self.told(), id: id.to_owned() }
    }
}

stored_enum! {
    /// Whether a subject is appraised.
    pub enum Standing {
        In = "in",
        Excluded = "excluded",
        Out = "out",
    }
}

impl From<events::Standing> for Standing {
    fn from(standing: events::Standing) -> Self {
        match standing {
            events::Standing::In => Self::In,
            events::Standing::Excluded => Self::Excluded,
            events::Standing::Out => Self::Out,
        }
    }
}

/// Somebody or something that is appraised, as planning told last.
#[derive(QueryableByName, Clone, Debug)]
pub struct Appraised {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    /// Employee number or unit code.
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Of a unit: itself.
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub own_category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior_above: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub co_head: Option<String>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub head_since: Option<jiff::civil::Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub leader: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub dotted: Option<String>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub hired_on: Option<jiff::civil::Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub left_on: Option<jiff::civil::Date>,
    /// Of the organisation; what was entered here stands in front of them.
    #[diesel(sql_type = Jsonb)]
    pub facts: Value,
    #[diesel(sql_type = Text)]
    pub standing: Standing,
}

impl Appraised {
    /// Who stands around them, as steps name those who act.
    pub fn line(&self) -> steps::steps::Standpoint {
        steps::steps::Standpoint {
            oneself: if self.kind == Kind::Person { Some(self.subject.clone()) } else { self.head.clone() },
            superior: self.superior.clone(),
            superior_above: self.superior_above.clone(),
            head: self.head.clone(),
            leader: self.leader.clone(),
            dotted: self.dotted.clone(),
        }
    }

    pub fn key(&self) -> Subject {
        self.kind.subject(&self.subject)
    }

    pub fn is(&self, subject: &Subject) -> bool {
        self.kind == Kind::of(subject.kind) && self.subject == subject.id
    }

    /// Who leads the unit.
    pub fn heads(&self) -> impl Iterator<Item = &str> {
        [&self.head, &self.co_head].into_iter().filter_map(|head| head.as_deref())
    }

    /// Whether this is a unit that they lead.
    pub fn is_led_by(&self, number: &str) -> bool {
        self.kind == Kind::Unit && self.heads().any(|head| head == number)
    }

    /// Whether this is a person of that number.
    pub fn is_person(&self, number: &str) -> bool {
        self.kind == Kind::Person && self.subject == number
    }

    pub fn facts(&self) -> BTreeMap<String, Value> {
        self.facts.as_object().map(|facts| facts.clone().into_iter().collect()).unwrap_or_default()
    }

    /// As conditions of schemes look at it; `unit` is the person's unit.
    pub fn standpoint(&self, unit: Option<&Appraised>) -> Standpoint {
        let is_head = |unit: &Appraised| unit.heads().any(|head| head == self.subject);
        Standpoint {
            position: self.position.clone(),
            unit: Some(self.unit.clone()),
            unit_category: match self.kind {
                Kind::Unit => self.own_category.clone().or_else(|| self.category.clone()),
                _ => unit.and_then(|unit| unit.own_category.clone().or_else(|| unit.category.clone())),
            },
            category: self.category.clone().or_else(|| self.own_category.clone()),
            hired_on: self.hired_on,
            is_head: self.kind == Kind::Person && unit.is_some_and(is_head),
            has_reports: false,
            dotted: self.dotted.is_some(),
            facts: self.facts(),
        }
    }
}

/// Subjects as statements take them: a column of kinds beside one of [`ids`].
pub fn kinds(subjects: &[Subject]) -> Vec<&'static str> {
    subjects.iter().map(|subject| subject.kind.code()).collect()
}

pub fn ids(subjects: &[Subject]) -> Vec<&str> {
    subjects.iter().map(|subject| subject.id.as_str()).collect()
}

/// Subjects as statements give them back, by kind and id.
pub fn keys<C: FromIterator<Subject>>(found: Vec<(Kind, String)>) -> C {
    found.into_iter().map(|(kind, id)| kind.subject(&id)).collect()
}

/// Reads a subject as requests name it.
pub fn read(pointer: &str, text: &str) -> Result<Subject> {
    text.parse().map_err(|_| {
        Problem::field(
            pointer,
            say!("应写作 person:工号、unit:部门代码 或 company", "write person:NUMBER, unit:CODE or company"),
        )
    })
}
