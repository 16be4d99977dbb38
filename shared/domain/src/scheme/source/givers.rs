//! Who gives what: whence the raters of a sheet come, who may enter what no rater gives, and what the system finds itself.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Somebody who gives something, as seen from the subject that it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Who {
    Oneself,
    Superior,
    /// The superior's superior.
    SuperiorAbove,
    /// Of the subject's unit, or of the unit.
    Head,
    /// Who is in charge of the unit: the member of a body whose seat says so, else the head's superior.
    Leader,
    Dotted,
    Former,
    Reports,
    Peers,
    Partners,
    Customers,
    /// Whomever HR names.
    Assigned,
    /// Holders of a role of the system.
    Role(String),
    /// Members of a body, or holders of one of its offices.
    Body {
        code: String,
        office: Option<String>,
    },
    /// Members of a unit.
    Unit(String),
    /// What nobody understands; told by the check.
    Unknown(String),
}

/// Words for actors that need no code.
const WORDS: [(Who, &str); 12] = [
    (Who::Oneself, "self"),
    (Who::Superior, "superior"),
    (Who::SuperiorAbove, "superior.superior"),
    (Who::Head, "head"),
    (Who::Leader, "leader"),
    (Who::Dotted, "dotted"),
    (Who::Former, "former"),
    (Who::Reports, "reports"),
    (Who::Peers, "peers"),
    (Who::Partners, "partners"),
    (Who::Customers, "customers"),
    (Who::Assigned, "assigned"),
];

/// The roles of the system.
pub const ROLES: [&str; 10] = [
    "employee",
    "manager",
    "unit_head",
    "hr",
    "executive",
    "committee_member",
    "finance",
    "auditor",
    "admin",
    "payroll",
];

/// The offices of a body.
pub const OFFICES: [&str; 5] = ["leader", "deputy", "executive_leader", "member", "office"];

impl From<String> for Who {
    fn from(text: String) -> Self {
        if let Some((who, _)) = WORDS.iter().find(|(_, word)| *word == text) {
            return who.clone();
        }
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            ["role", role] if ROLES.contains(role) => Self::Role((*role).to_owned()),
            ["body", code] if !code.is_empty() => Self::Body { code: (*code).to_owned(), office: None },
            ["body", code, office] if !code.is_empty() && OFFICES.contains(office) => {
                Self::Body { code: (*code).to_owned(), office: Some((*office).to_owned()) }
            }
            ["unit", code] if !code.is_empty() => Self::Unit((*code).to_owned()),
            _ => Self::Unknown(text),
        }
    }
}

impl From<&str> for Who {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Who> for String {
    fn from(who: Who) -> Self {
        who.to_string()
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => write!(f, "role.{role}"),
            Self::Body { code, office: None } => write!(f, "body.{code}"),
            Self::Body { code, office: Some(office) } => write!(f, "body.{code}.{office}"),
            Self::Unit(code) => write!(f, "unit.{code}"),
            Self::Unknown(text) => f.write_str(text),
            word => f.write_str(WORDS.iter().find(|(who, _)| who == word).map_or("", |(_, word)| word)),
        }
    }
}

impl JsonSchema for Who {
    fn schema_name() -> Cow<'static, str> {
        "Who".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "Somebody, as seen from the subject: self, superior, superior.superior, head, leader, dotted, former, \
                reports, peers, partners, customers, assigned, role.ROLE, body.CODE, body.CODE.OFFICE, unit.CODE.",
            "type": "string"
        })
    }
}

/// Whence raters of a kind come: from one source, or from the first whose condition holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Sources {
    /// For everybody.
    One(Who),
    /// The first whose condition holds.
    FirstOf(Vec<SourceCase>),
}

/// A source of raters, and for which subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceCase {
    /// For whom: a condition as `who` has it; absent: for everybody.
    pub when: Option<String>,
    /// Whence they come then.
    pub from: Who,
}

/// A step of a chain: who acts in it. Several in a nested list act together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Giver {
    /// Somebody alone.
    One(Who),
    /// Several together.
    Together(Vec<Who>),
    /// Somebody's result stands for what somebody would enter.
    Result {
        /// Whose result it is, and of what.
        result_of: ResultOf,
    },
    /// For some subjects only.
    When {
        /// For whom: a condition as `who` has it.
        when: String,
        /// Who acts then.
        who: Who,
    },
}

impl Giver {
    /// Whether somebody is named in any step; a result is nobody.
    pub fn name_somebody(by: &[Self]) -> bool {
        by.iter().any(|giver| !giver.who().is_empty())
    }

    /// Whom the step names; nobody where a result stands.
    pub fn who(&self) -> &[Who] {
        match self {
            Self::One(who) | Self::When { who, .. } => std::slice::from_ref(who),
            Self::Together(all) => all,
            Self::Result { .. } => &[],
        }
    }

    /// For which subjects it is.
    pub fn when(&self) -> Option<&str> {
        match self {
            Self::When { when, .. } => Some(when),
            _ => None,
        }
    }
}

/// The result of a subject under a scheme for the same period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultOf {
    /// Code of the scheme; absent: this one.
    pub scheme: Option<String>,
    /// Which of its cadences; absent: the one whose periods are written like this one's.
    pub cadence: Option<String>,
    /// Whose: `self` or `head`; absent: the subject's own.
    pub of: Option<Who>,
    /// `score` (unless said) or `grade`.
    pub value: Option<String>,
}

/// How the system finds a fact itself. Exactly one of these; supplied by hand where it holds nothing to find it from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// True where this kind of rater declined.
    pub declined: Option<String>,
    /// What this was in the period before, of the same cadence: `fact.NAME`, `score` or `grade`.
    pub before: Option<String>,
    /// A result of another cadence or scheme.
    pub result_of: Option<ResultOf>,
    /// The mean of an input of the unit's people: `item.CODE.INPUT`.
    pub mean: Option<String>,
    /// True where a stage was done after its day.
    pub late: Option<String>,
    /// `late`: by whom; absent: by the subject.
    pub of: Option<Who>,
    /// True where this outcome was decided in the period before.
    pub decided: Option<String>,
    /// What pay knows: it is entered there, and never comes to scoring.
    pub paid: Option<String>,
}

impl Derived {
    /// How many ways are named; one is right.
    pub fn ways(&self) -> usize {
        let texts = [&self.declined, &self.before, &self.mean, &self.late, &self.decided, &self.paid];
        texts.into_iter().flatten().count() + usize::from(self.result_of.is_some())
    }

    /// Whether only pay knows it.
    pub fn is_paid(&self) -> bool {
        self.paid.is_some()
    }
}

/// What stands below an item or in a list for one person, position or unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsSource {
    /// Whence the rows come.
    pub from: RowsFrom,
    /// Whose plan: `self` (unless said) or `unit`.
    pub of: Option<String>,
    /// The scheme of the plan; absent: this one.
    pub scheme: Option<String>,
}

/// Whence rows come. Whatever it says, HR and whoever leads the subject may write them by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowsFrom {
    /// The goals of an approved plan.
    Plan,
    /// Only by hand, or from a set kept for a position.
    Hand,
}

/// Which weights a subject's sheet may have of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnWeights {
    /// Only of items of these sections, by code; empty: of all items.
    #[serde(default)]
    pub sections: Vec<String>,
    /// The least weight of an item.
    pub from: Option<super::Number>,
    /// The most.
    pub to: Option<super::Number>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_read_as_they_are_written() {
        for text in ["self", "superior.superior", "role.hr", "body.LG", "body.LG.leader", "unit.NET", "assigned"] {
            let who = Who::from(text);
            assert!(!matches!(who, Who::Unknown(_)), "{text}");
            assert_eq!(who.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_actor_is_kept_to_be_told() {
        for text in ["boss", "role.king", "body.", "body.LG.cook", "a.b.c.d", ""] {
            assert_eq!(Who::from(text), Who::Unknown(text.to_owned()));
        }
    }
}
