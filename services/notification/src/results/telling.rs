//! Mails about results.

use events::ResultsPublished;
use platform::bus::Handled;
use platform::{Result, Tx};

use super::result::Words;
use super::rows;
use crate::mails::templates::Templates;
use crate::mails::{Kind, NewMail};
use crate::{cycles, mails, people};

/// Queues a mail for each result of a person; a later publication holds those who were late, and tells them alone.
pub async fn published(tx: &mut Tx, published: &ResultsPublished) -> Result<Handled> {
    tell(tx, published, Kind::Result).await
}

/// Queues a mail for each corrected result, which says what changed.
pub async fn corrected(tx: &mut Tx, corrected: &ResultsPublished) -> Result<Handled> {
    tell(tx, corrected, Kind::Correction).await
}

async fn tell(tx: &mut Tx, news: &ResultsPublished, kind: Kind) -> Result<Handled> {
    let Some(cycle) = cycles::rows::find(tx, news.cycle).await? else { return Ok(Handled::NotYet) };
    if cycle.cancelled {
        return Ok(Handled::Done);
    }
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
        let text = templates.render(kind, person.language(), &words)?;
        let key = format!("result/{}/{}/{}", news.cycle, result.number, result.version);
        queue.push(NewMail::new(key, kind, person, text));
    }
    rows::keep(tx, news.cycle, &news.results).await?;
    mails::rows::queue(tx, &queue).await?;
    Ok(Handled::Done)
}
