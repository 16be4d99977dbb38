//! Queues the digests that are due.

use events::EmployeeNumber;
use std::collections::HashMap;

use jiff::civil::Date;
use platform::clock::date_of;
use platform::{Platform, Result, Tx};

use super::digest::Digest;
use super::{rows, rules};
use crate::mails::templates::Templates;
use crate::mails::{Kind, NewMail};
use crate::people::Person;
use crate::tasks::OpenTask;
use crate::tasks::rows::Days;
use crate::{calendar, mails, people, tasks};

const AT_ONCE: i64 = 500;

/// Queues the digests of one company that are due; true when there may be more to do at once.
pub async fn queue_due(platform: &Platform) -> Result<bool> {
    let now = platform.clock.now();
    if !rules::is_time(now) {
        return Ok(false);
    }
    let today = date_of(now);
    let mut tx = platform.store.begin_across_companies(now).await?;
    let Some(stale) = rows::claim(&mut tx, today).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    tx.enter(stale.company).await?;
    let calendar = calendar::rows::find(&mut tx).await?;
    let more = match rules::remind_until(&calendar, today) {
        Some(until) => {
            let (after, undated_every) = rows::settings(&mut tx).await?;
            let escalated = after.map(|days| rules::escalated_before(&calendar, today, days)).unwrap_or_default();
            queue_batch(&mut tx, today, &Days { until, escalated, undated_every }).await?
        }
        None => false,
    };
    if more {
        rows::look_again(&mut tx).await?;
    }
    rows::looked(&mut tx, today, &stale.news).await?;
    tx.commit().await?;
    Ok(true)
}

/// Queues the digests of the next few people; true when there are others.
async fn queue_batch(tx: &mut Tx, today: Date, days: &Days) -> Result<bool> {
    let numbers = tasks::rows::to_remind(tx, today, days, AT_ONCE).await?;
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let people = people::rows::by_number(tx, &numbers).await?;
    let tasks = tasks::rows::open(tx, &numbers, today, days, rules::MOST_LISTED).await?;
    let digests = digests(&people, &tasks, today)?;
    mails::rows::queue(tx, &digests).await?;
    Ok(numbers.len() as i64 == AT_ONCE && !digests.is_empty())
}

fn digests(people: &HashMap<EmployeeNumber, Person>, tasks: &[OpenTask], today: Date) -> Result<Vec<NewMail>> {
    let templates = Templates::new()?;
    let mut digests = Vec::with_capacity(people.len());
    for tasks in tasks.chunk_by(|one, next| one.number == next.number) {
        let Some(person) = tasks.first().and_then(|task| people.get(task.number.as_str())) else { continue };
        let locale = person.language();
        let text = templates.render(Kind::Digest, locale, &Digest::new(&person.name, tasks, today, locale))?;
        let key = format!("digest/{}/{today}", person.number);
        digests.push(NewMail::new(key, Kind::Digest, person, text));
    }
    Ok(digests)
}
