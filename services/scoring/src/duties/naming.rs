//! When duties fall due: on the scheme's day from the beginning, on others as they are named.

use events::Subject;
use jiff::ToSpan;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{Actor, NewStep, rows as step_rows};
use uuid::Uuid;

use super::duty::{self, NewDuty, is_of};
use super::{rows, telling};
use crate::cycles::cycle::Cycle;
use crate::reports::report::ReportStage;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind, Standing};
use crate::viewer::Viewer;

const MOST: usize = 5000;
const LONGEST: usize = 200;

/// Gives people who take part the duties that the scheme dates, and that they do not have yet.
pub async fn open(tx: &mut Tx, cycle: &Cycle, about: &[Subject]) -> Result<()> {
    let declared = duty::declared(cycle)?;
    let dated = declared.iter().filter(|duty| duty.due.is_some());
    let dated: Vec<_> = dated.collect();
    if dated.is_empty() {
        return Ok(());
    }
    let (period, calendar) = (cycle.period()?, directory::calendar(tx).await?);
    let people = taking_part(subjects::named(tx, cycle.id, about).await?);
    for duty in dated {
        let Some(due) = duty.due_in(&period, &calendar) else { continue };
        let of = people.iter().filter(|one| is_of(duty, one)).map(|one| one.subject.clone()).collect();
        add(tx, cycle, &duty.code, None, vec![due], of).await?;
    }
    Ok(())
}

fn taking_part(about: Vec<Appraised>) -> Vec<Appraised> {
    about.into_iter().filter(|one| one.kind == Kind::Person && one.standing == Standing::In).collect()
}

/// Names days on which a duty falls due; for how many. HR does for everybody, whoever leads somebody for these.
pub async fn name(tx: &mut Tx, viewer: &Viewer, cycle: &Cycle, new: &NewDuty) -> Result<usize> {
    cycle.state.check_entering()?;
    let duty = duty::named(cycle, &new.duty)?;
    let period = cycle.period()?;
    let mut errors = Errors::default();
    errors.check_day("/due", new.due);
    if new.weekly && new.due > period.last_day() {
        errors.add("/due", say!("晚于考核期间", "it is after the period"));
    }
    let what = new.what.as_deref().map(str::trim);
    if what.is_some_and(|what| !platform::text::is_title(what, LONGEST)) {
        errors.add("/what", say!("须为单行，1 到 {LONGEST} 个字符", "one line of 1 to {LONGEST} characters"));
    }
    let about: Vec<Subject> = match &new.numbers {
        Some(numbers) if numbers.is_empty() || numbers.len() > MOST => {
            errors.add("/numbers", say!("须有 1 到 {MOST} 个工号", "1 to {MOST} numbers"));
            Vec::new()
        }
        Some(numbers) => numbers.iter().map(Subject::person).collect(),
        None => Vec::new(),
    };
    let known = if new.numbers.is_some() {
        subjects::named(tx, cycle.id, &about).await?
    } else {
        subjects::computed(tx, cycle.id, None).await?
    };
    let people = taking_part(known);
    for (at, subject) in about.iter().enumerate() {
        match people.iter().find(|one| one.is(subject)) {
            Some(one) if is_of(&duty, one) => {}
            _ => errors
                .add(format!("/numbers/{at}"), say!("此人没有该限期事项", "this is no duty of theirs in the cycle")),
        }
    }
    errors.check()?;
    let of: Vec<&Appraised> = people.iter().filter(|one| is_of(&duty, one)).collect();
    let leads = |one: &&Appraised| {
        let lines = [&one.superior, &one.head, &one.co_head, &one.leader];
        lines.into_iter().flatten().any(|number| viewer.is(number)) && !viewer.is(&one.subject)
    };
    if of.is_empty() || !(viewer.hr || (new.numbers.is_some() && of.iter().all(leads))) {
        return Err(Problem::not_permitted(say!(
            "由人力资源或其上级指定",
            "HR, or whoever leads these people, names their days"
        )));
    }
    let mut days = vec![new.due];
    let next = |day: &Date| day.checked_add(7.days()).ok().filter(|day| new.weekly && *day <= period.last_day());
    while let Some(day) = days.last().and_then(next) {
        days.push(day);
    }
    let numbers = of.iter().map(|one| one.subject.clone()).collect();
    let named = add(tx, cycle, &duty.code, what, days, numbers).await?;
    let told = json!({ "duty": duty.code, "due": new.due, "weekly": new.weekly, "what": what, "numbers": new.numbers });
    tx.audit("duties.named", &cycle.id.to_string(), told).await?;
    Ok(named)
}

async fn add(
    tx: &mut Tx,
    cycle: &Cycle,
    duty: &str,
    what: Option<&str>,
    days: Vec<Date>,
    numbers: Vec<String>,
) -> Result<usize> {
    let known = rows::known(tx, cycle.id, duty, &numbers).await?;
    let is_known = |number: &String, day: Date| known.contains(&(number.clone(), Some(day), what.map(str::to_owned)));
    let wanted: Vec<(String, Date)> = days
        .iter()
        .flat_map(|day| numbers.iter().map(move |number| (number.clone(), *day)))
        .filter(|(number, day)| !is_known(number, *day))
        .collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    // What a report does is no task beside it.
    let is_report = ReportStage::named(cycle, duty)?.is_some();
    let step = |(number, day): &(String, Date)| NewStep {
        about: format!("duty:{}", cycle.id),
        place: 1,
        actors: if is_report { Vec::new() } else { vec![Actor::Person(number.clone())] },
        due: Some(*day),
    };
    let today = date_of(tx.now);
    let ids = step_rows::open_many(tx, &wanted.iter().map(step).collect::<Vec<_>>(), today).await?;
    let new: Vec<(Uuid, String)> = ids.iter().copied().zip(wanted.into_iter().map(|(number, _)| number)).collect();
    rows::insert(tx, cycle.id, duty, what, &new).await?;
    let opened = rows::many(tx, &ids).await?;
    telling::tasks(tx, cycle, &opened).await?;
    Ok(ids.len())
}
