use std::collections::{BTreeSet, HashMap};

use basics::money::parse_plain;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use domain::case::PastResult;
use domain::period::Period;
use events::Subject;
use serde_json::Value;
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// An earlier result of a subject.
#[derive(QueryableByName, Clone, Debug)]
pub struct Past {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub grade: Option<String>,
    /// What it was computed from.
    #[diesel(sql_type = Nullable<Text>)]
    pub inputs: Option<String>,
}

impl Past {
    /// A fact that it was computed from.
    pub fn fact(&self, name: &str) -> Option<Value> {
        let inputs: Value = serde_json::from_str(self.inputs.as_deref()?).ok()?;
        inputs.get("facts")?.get(name).cloned()
    }
}

/// A published result as it stands.
#[derive(QueryableByName, Clone, Debug)]
pub struct Published {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub grade: Option<String>,
}

/// Earlier results by subject.
pub type History = HashMap<Subject, Vec<PastResult>>;

/// What lies before, or within, a period; of two results for one period, the first. Grades that the scheme no longer
/// knows are passed over; what has neither score nor grade says nothing.
pub fn before(found: Vec<Past>, period: &Period, last_day: jiff::civil::Date, grades: &[String]) -> History {
    let mut history: History = HashMap::new();
    let mut seen = BTreeSet::new();
    for past in found {
        let Ok(at) = past.period.parse::<Period>() else { continue };
        let subject = past.kind.subject(&past.subject);
        let grade = past.grade.filter(|grade| grades.contains(grade));
        let score = past.score.as_deref().and_then(parse_plain);
        let says = score.is_some() || grade.is_some();
        if says && at != *period && at.last_day() <= last_day && seen.insert((subject.clone(), past.period)) {
            history.entry(subject).or_default().push(PastResult { period: at, score, grade });
        }
    }
    history
}
