//! Who or what is appraised.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    Person,
    Unit,
    Company,
}

impl SubjectKind {
    pub const ALL: [Self; 3] = [Self::Person, Self::Unit, Self::Company];

    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Unit => "unit",
            Self::Company => "company",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A person by employee number, a unit by code, or the company: `person:E001`, `unit:NET`, `company`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    pub kind: SubjectKind,
    /// Employee number, unit code, or nothing.
    pub id: String,
}

impl Subject {
    pub fn person(number: impl Into<String>) -> Self {
        Self { kind: SubjectKind::Person, id: number.into() }
    }

    pub fn unit(code: impl Into<String>) -> Self {
        Self { kind: SubjectKind::Unit, id: code.into() }
    }

    pub fn company() -> Self {
        Self { kind: SubjectKind::Company, id: String::new() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            SubjectKind::Company => f.write_str(self.kind.code()),
            kind => write!(f, "{}:{}", kind.code(), self.id),
        }
    }
}

/// A text that names no subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSubject;

impl FromStr for Subject {
    type Err = NoSubject;

    fn from_str(text: &str) -> Result<Self, NoSubject> {
        if text == SubjectKind::Company.code() {
            return Ok(Self::company());
        }
        let (kind, id) = text.split_once(':').ok_or(NoSubject)?;
        match SubjectKind::parse(kind).ok_or(NoSubject)? {
            SubjectKind::Company => Err(NoSubject),
            kind if !id.is_empty() => Ok(Self { kind, id: id.to_owned() }),
            _ => Err(NoSubject),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NoSubject| serde::de::Error::custom("person:NUMBER, unit:CODE or company is wanted"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_read_as_they_are_written() {
        for subject in [Subject::person("E001"), Subject::unit("NET:1"), Subject::company()] {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in ["E001", "person:", "boss:E1", "company:x", ""] {
            assert_eq!(text.parse::<Subject>(), Err(NoSubject), "{text}");
        }
    }
}
