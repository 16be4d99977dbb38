//! Results as they are published and corrected: each version is told to its person once.

pub mod rows;

use domain::events::{PublishedResult, ResultsPublished};
use platform::bus::Handled;
use platform::{Result, Tx};
use serde::Serialize;

use crate::cycles::rows::Cycle;
use crate::mails::rows::NewMail;
use crate::mails::rules::Locale;
use crate::mails::templates::{PORTAL, Template, Templates};
use crate::people::rows::Person;
use crate::{cycles, mails, people};

/// Queues a mail for each result.
pub async fn published(tx: &mut Tx, published: &ResultsPublished) -> Result<Handled> {
    tell(tx, published, Template::Result).await
}

/// Queues a mail for each corrected result, which says what changed.
pub async fn corrected(tx: &mut Tx, corrected: &ResultsPublished) -> Result<Handled> {
    tell(tx, corrected, Template::Correction).await
}

async fn tell(tx: &mut Tx, news: &ResultsPublished, template: Template) -> Result<Handled> {
    let now = tx.now;
    let Some(cycle) = cycles::rows::find(tx, news.cycle).await? else { return Ok(Handled::NotYet) };
    let numbers: Vec<&str> = news.results.iter().map(|result| result.number.as_str()).collect();
    let people = people::rows::by_number(tx, &numbers).await?;
    let before = rows::before(tx, news.cycle, &news.results).await?;
    let templates = Templates::new()?;
    let mut queue = Vec::with_capacity(news.results.len());
    for result in &news.results {
        let Some(person) = people.get(&result.number) else { return Ok(Handled::NotYet) };
        let earlier = before.get(&result.number);
        if result.version > 1 && earlier.is_none() {
            return Ok(Handled::NotYet);
        }
        let words = Words::new(&cycle, person, result, earlier, news.reason.as_deref());
        let text = templates.render(template, Locale::of(&person.locale), &words)?;
        let key = format!("result/{}/{}/{}", news.cycle, result.number, result.version);
        queue.push(NewMail::new(key, template.kind(), person, text));
    }
    rows::keep(tx, news.cycle, &news.results).await?;
    mails::rows::queue(tx, &queue, now).await?;
    Ok(Handled::Done)
}

/// What the templates of results speak of.
#[derive(Serialize)]
struct Words<'a> {
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
    fn new(
        cycle: &'a Cycle,
        person: &'a Person,
        result: &'a PublishedResult,
        earlier: Option<&'a rows::Earlier>,
        reason: Option<&'a str>,
    ) -> Self {
        let locale = Locale::of(&person.locale);
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
