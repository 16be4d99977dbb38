use diesel::Queryable;
use events::{EmployeeNumber, PublishedResult};
use serde::Serialize;

use crate::cycles::Cycle;
use crate::mails::templates::PORTAL;
use crate::people::Person;

/// The version of a result before another.
#[derive(Clone, Debug, Queryable)]
pub struct Earlier {
    pub number: EmployeeNumber,
    pub score: Option<String>,
    pub grade: Option<String>,
}

/// What the templates of results speak of.
#[derive(Serialize)]
pub struct Words<'a> {
    portal: &'static str,
    scheme: &'a str,
    period: &'a str,
    name: &'a str,
    excluded: bool,
    score: Option<&'a str>,
    grade: Option<&'a str>,
    score_before: Option<&'a str>,
    grade_before: Option<&'a str>,
    score_changed: bool,
    grade_changed: bool,
    reason: Option<&'a str>,
}

impl<'a> Words<'a> {
    pub fn new(
        cycle: &'a Cycle,
        person: &'a Person,
        result: &'a PublishedResult,
        earlier: Option<&'a Earlier>,
        reason: Option<&'a str>,
    ) -> Self {
        let locale = person.language();
        let called = |code: &'a str| cycle.grade(code, locale);
        let (score, grade) = (result.score.as_deref(), result.grade.as_deref());
        let score_before = earlier.and_then(|earlier| earlier.score.as_deref());
        let grade_before = earlier.and_then(|earlier| earlier.grade.as_deref());
        Self {
            portal: PORTAL,
            scheme: cycle.scheme.get(locale),
            period: &cycle.period,
            name: &person.name,
            excluded: result.excluded.is_some(),
            score,
            grade: grade.map(called),
            score_before,
            grade_before: grade_before.map(called),
            score_changed: score != score_before,
            grade_changed: grade != grade_before,
            reason,
        }
    }
}
