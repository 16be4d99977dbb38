use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text};
use events::{CycleSubject, EmployeeNumber, SubjectKind, UnitCode};
use platform::sql::NullableDate;
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};

platform::stored_enum! {
    /// What a subject is.
    pub enum Kind {
        Person = "person",
        Unit = "unit",
    }
}

platform::stored_enum! {
    /// Whether a subject is appraised.
    pub enum Standing {
        In = "in",
        /// The scheme leaves them out; they have a result that says so.
        Excluded = "excluded",
        /// They take no part.
        Out = "out",
    }
}

platform::stored_enum! {
    /// How a subject came to its category.
    pub enum CategoryBy {
        /// By a rule of the company or of the scheme.
        Rule = "rule",
        /// The organisation gave it.
        Given = "given",
        /// HR said so.
        Override = "override",
    }
}

impl Kind {
    /// The engine's name for it.
    pub fn of_scheme(self) -> domain::Kind {
        match self {
            Self::Person => domain::Kind::People,
            Self::Unit => domain::Kind::Units,
        }
    }

    pub fn id(self, subject: &str) -> events::Subject {
        match self {
            Self::Person => events::Subject::person(subject),
            Self::Unit => events::Subject::unit(subject),
        }
    }
}

impl From<Standing> for events::Standing {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::In => Self::In,
            Standing::Excluded => Self::Excluded,
            Standing::Out => Self::Out,
        }
    }
}

/// A person or a unit by kind and code, as addresses name it: `person:E1`, `unit:NET`.
pub fn read(text: &str) -> Option<(Kind, String)> {
    let subject: events::Subject = text.parse().ok()?;
    let kind = match subject.kind {
        SubjectKind::Person => Kind::Person,
        SubjectKind::Unit => Kind::Unit,
        SubjectKind::Company => return None,
    };
    Some((kind, subject.id))
}

/// What an address names, or that there is no such thing.
pub fn named(text: &str) -> Result<(Kind, String)> {
    read(text).ok_or_else(|| Problem::not_found(say!("考核对象", "subject")))
}

/// Somebody or something in a cycle, as it is stored.
#[derive(QueryableByName, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    /// Employee number or unit code.
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// A person's unit; of a unit its own code.
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category_by: Option<CategoryBy>,
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
    #[diesel(sql_type = Jsonb)]
    pub facts: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub standing: Standing,
    #[diesel(sql_type = Nullable<Text>)]
    pub why: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub decided_by: Option<String>,
    /// They have a published result: nothing about them changes here any more.
    #[diesel(sql_type = Bool)]
    pub published: bool,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Subject {
    pub fn must_be_unpublished(&self) -> Result<()> {
        if self.published {
            return Err(Problem::wrong_state(say!(
                "结果已发布，只能通过更正修改",
                "the result is published and changes only by a correction"
            )));
        }
        Ok(())
    }

    /// Who decides about a plan of theirs: a person's superior, or who is in charge of the unit.
    pub fn decides_about_plans(&self) -> Option<&str> {
        match self.kind {
            Kind::Person => self.superior.as_deref(),
            Kind::Unit => self.leader.as_deref(),
        }
    }

    pub fn id(&self) -> events::Subject {
        self.kind.id(&self.subject)
    }

    /// Whether somebody leads this subject: superior, head or leader.
    pub fn is_led_by(&self, number: &str) -> bool {
        let lines = [&self.superior, &self.head, &self.co_head, &self.leader];
        lines.into_iter().flatten().any(|leading| leading == number)
    }

    pub fn is_person(&self, number: &str) -> bool {
        self.kind == Kind::Person && self.subject == number
    }

    /// As the other services are told it.
    pub fn told(&self) -> Result<CycleSubject> {
        let number = |number: &Option<String>| number.as_deref().map(EmployeeNumber::from);
        let unit = self.unit.as_deref().filter(|_| self.kind == Kind::Person).map(UnitCode::from);
        Ok(CycleSubject {
            subject: self.id(),
            name: self.name.clone(),
            unit,
            position: self.position.clone(),
            category: self.category.clone(),
            own_category: self.own_category.clone(),
            superior: number(&self.superior),
            superior_above: number(&self.superior_above),
            head: number(&self.head),
            co_head: number(&self.co_head),
            head_since: self.head_since,
            leader: number(&self.leader),
            dotted: number(&self.dotted),
            hired_on: self.hired_on,
            left_on: self.left_on,
            facts: serde_json::from_value(self.facts.clone())?,
            standing: self.standing.into(),
            why: self.why.clone(),
            version: self.version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_units_are_named_and_nothing_else() {
        assert_eq!(read("person:E1"), Some((Kind::Person, "E1".to_owned())));
        assert_eq!(read("unit:NET"), Some((Kind::Unit, "NET".to_owned())));
        assert!(read("company").is_none() && read("E1").is_none());
    }
}
