use events::StagesMoved;
use platform::bus::Handled;
use platform::clock::date_of;
use platform::{Result, Tx};
use serde::Serialize;

use crate::cycles::{Cycle, Stage};
use crate::mails::templates::{PORTAL, Templates};
use crate::mails::{Kind, NewMail};
use crate::people::Person;
use crate::{cycles, mails, people, tasks};

/// Mails in one statement.
const AT_ONCE: usize = 500;

/// What the template speaks of.
#[derive(Serialize)]
struct Words<'a> {
    portal: &'static str,
    scheme: &'a str,
    period: &'a str,
    name: &'a str,
    stage: &'a str,
    due: Option<String>,
    due_before: Option<String>,
    reason: &'a str,
}

/// Takes the new days, and queues a mail for everybody who has something to do in the stage.
pub async fn moved(tx: &mut Tx, news: &StagesMoved) -> Result<Handled> {
    let Some(cycle) = cycles::rows::find(tx, news.cycle).await? else { return Ok(Handled::NotYet) };
    if cycle.cancelled {
        return Ok(Handled::Done);
    }
    let mut stages = cycle.stages.clone();
    for moved in &news.stages {
        let Some(stage) = stages.iter_mut().find(|stage| stage.code == moved.code) else { continue };
        let before = std::mem::replace(stage, Stage { due: moved.due, ..stage.clone() });
        if before.due != moved.due {
            tell(tx, &cycle, &before, stage, news).await?;
        }
    }
    cycles::rows::set_stages(tx, news.cycle, &stages).await?;
    Ok(Handled::Done)
}

async fn tell(tx: &mut Tx, cycle: &Cycle, before: &Stage, now: &Stage, news: &StagesMoved) -> Result<()> {
    let today = date_of(tx.now);
    let numbers = tasks::rows::waiting_in(tx, news.cycle, &now.code, today).await?;
    let templates = Templates::new()?;
    for numbers in numbers.chunks(AT_ONCE) {
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let people = people::rows::by_number(tx, &numbers).await?;
        let mail = |person: &Person| {
            let locale = person.language();
            let words = Words {
                portal: PORTAL,
                scheme: cycle.scheme.get(locale),
                period: &cycle.period,
                name: &person.name,
                stage: now.name.get(locale),
                due: now.due.map(|due| due.to_string()),
                due_before: before.due.map(|due| due.to_string()),
                reason: &news.reason,
            };
            let text = templates.render(Kind::Stage, locale, &words)?;
            let due = now.due.map(|due| due.to_string()).unwrap_or_default();
            let key = format!("stage/{}/{}/{due}/{}/{}", news.cycle, now.code, person.number, tx.now);
            Ok(NewMail::new(key, Kind::Stage, person, text))
        };
        let queue = people.values().map(mail).collect::<Result<Vec<_>>>()?;
        mails::rows::queue(tx, &queue).await?;
    }
    Ok(())
}
