use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use domain::scheme::AppealTerms;
use jiff::civil::Date;
use platform::sql;
use platform::{Problem, Result, say};
use serde_json::Value;
use steps::steps::Standpoint;
use uuid::Uuid;

/// A cycle, as far as appeals care.
#[derive(Clone, Debug, QueryableByName)]
pub struct Cycle {
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// What the scheme is called.
    #[diesel(sql_type = Text)]
    pub name_zh: String,
    #[diesel(sql_type = Text)]
    pub name_en: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    terms: Option<Value>,
    /// People are told their results in a talk, and know them from then on.
    #[diesel(sql_type = Bool)]
    pub told: bool,
    #[diesel(sql_type = Bool)]
    pub cancelled: bool,
}

impl Cycle {
    /// The frozen scheme's terms of appeal; refused where nobody can appeal.
    pub fn terms(&self) -> Result<AppealTerms> {
        match &self.terms {
            Some(terms) => Ok(serde_json::from_value(terms.clone())?),
            None => Err(Problem::wrong_state(say!("方案没有规定申诉", "the scheme knows no appeals"))),
        }
    }
}

/// Somebody or something that is appraised in a cycle.
#[derive(Clone, Debug, QueryableByName)]
pub struct Appraised {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    superior_above: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    head: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    leader: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    dotted: Option<String>,
    #[diesel(sql_type = Bool)]
    pub left_out: bool,
}

impl Appraised {
    /// Whose case an appeal about it is: the person, or who leads the unit.
    pub fn appellant(&self) -> Option<&str> {
        if self.kind == "person" { Some(&self.subject) } else { self.head.as_deref() }
    }

    /// Where it stands, for whoever is named as seen from it.
    pub fn standpoint(&self) -> Standpoint {
        let unit = self.kind == "unit";
        Standpoint {
            oneself: self.appellant().map(str::to_owned),
            superior: if unit { self.leader.clone() } else { self.superior.clone() },
            superior_above: self.superior_above.clone(),
            head: self.head.clone(),
            leader: self.leader.clone(),
            dotted: self.dotted.clone(),
        }
    }

    /// Who gave the result where nothing says it: whoever is above.
    pub fn superior(&self) -> Option<String> {
        self.standpoint().superior
    }
}

/// A version of a published result.
#[derive(Clone, Debug, QueryableByName)]
pub struct PublishedResult {
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// The day of its publication.
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub known_on: Date,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub told_on: Option<Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub excluded: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub grade: Option<String>,
    /// Who gave what it was computed from.
    #[diesel(sql_type = Array<Text>)]
    pub involved: Vec<String>,
}
