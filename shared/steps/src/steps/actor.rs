use std::fmt;
use std::str::FromStr;

use domain::scheme::source::Who;

/// Who acts in a step, as it is stored: `person:E1`, `role:hr`, `body:LG`, `body:LG/leader`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// By employee number.
    Person(String),
    /// Whoever holds a role.
    Role(String),
    /// Members of a body, or holders of one of its offices.
    Body { code: String, office: Option<String> },
}

/// Where a subject stands, for whoever is named as seen from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standpoint {
    /// The person; of a unit its head.
    pub oneself: Option<String>,
    pub superior: Option<String>,
    pub superior_above: Option<String>,
    pub head: Option<String>,
    pub leader: Option<String>,
    pub dotted: Option<String>,
}

impl Actor {
    /// A role or a body, or one of its offices, as it is for everything; nobody who is named as seen from a subject.
    pub fn of_group(who: &Who) -> Option<Self> {
        Self::of(who, &Standpoint::default())
    }

    /// Whom a scheme means for a subject; nobody where nobody is there, or where HR has to name somebody.
    pub fn of(who: &Who, from: &Standpoint) -> Option<Self> {
        let person = |number: &Option<String>| number.clone().map(Self::Person);
        match who {
            Who::Oneself => person(&from.oneself),
            Who::Superior => person(&from.superior),
            Who::SuperiorAbove => person(&from.superior_above),
            Who::Head => person(&from.head),
            Who::Leader => person(&from.leader),
            Who::Dotted => person(&from.dotted),
            Who::Role(role) => Some(Self::Role(role.clone())),
            Who::Body { code, office } => Some(Self::Body { code: code.clone(), office: office.clone() }),
            Who::Former
            | Who::Reports
            | Who::Peers
            | Who::Partners
            | Who::Customers
            | Who::Assigned
            | Who::Unit(_)
            | Who::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(number) => write!(f, "person:{number}"),
            Self::Role(role) => write!(f, "role:{role}"),
            Self::Body { code, office: None } => write!(f, "body:{code}"),
            Self::Body { code, office: Some(office) } => write!(f, "body:{code}/{office}"),
        }
    }
}

/// A text that names no actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoActor;

impl FromStr for Actor {
    type Err = NoActor;

    fn from_str(text: &str) -> Result<Self, NoActor> {
        match text.split_once(':').ok_or(NoActor)? {
            ("person", number) => Ok(Self::Person(number.to_owned())),
            ("role", role) => Ok(Self::Role(role.to_owned())),
            ("body", body) => {
                let (code, office) = body.split_once('/').map_or((body, None), |(code, office)| (code, Some(office)));
                Ok(Self::Body { code: code.to_owned(), office: office.map(str::to_owned) })
            }
            _ => Err(NoActor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_read_as_they_are_written() {
        for text in ["person:E1", "role:hr", "body:LG", "body:LG/leader"] {
            assert_eq!(text.parse::<Actor>().unwrap().to_string(), text);
        }
        assert_eq!("E1".parse::<Actor>(), Err(NoActor));
    }

    #[test]
    fn whoever_a_scheme_names_is_found_from_where_the_subject_stands() {
        let from = Standpoint {
            oneself: Some("E1".to_owned()),
            superior: Some("M".to_owned()),
            superior_above: Some("G".to_owned()),
            ..Standpoint::default()
        };
        let found = |who: &str| Actor::of(&Who::from(who), &from).map(|actor| actor.to_string());
        assert_eq!(found("superior.superior").as_deref(), Some("person:G"));
        assert_eq!(found("body.LG.leader").as_deref(), Some("body:LG/leader"));
        assert_eq!((found("head"), found("assigned")), (None, None));
    }
}
