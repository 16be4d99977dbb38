//! Cycles that are neither published nor cancelled, and plans that are no cycle's yet, follow the organisation: who leads
//! whom, names and leaving. Somebody who moves to another unit stays where they were appraised; that is only noted.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use platform::web::Errors;
use platform::{Result, Tx};
use serde_json::{Map, Value, json};

use super::placing::{self, Policy};
use super::rows::{self, Consequence, NewChange};
use super::subject::{Kind, Standing, Subject};
use super::{joining, telling};
use crate::cycles::cycle::Cycle;
use crate::directory::organisation::{Lead, Organisation};
use crate::plans::plan::Plan;
use crate::{approvals, cycles, directory, placements, plans, schemes, tasks};

/// Brings all running cycles and standing plans in step with the organisation; these people's news is what came.
pub async fn follow(tx: &mut Tx, news_of: &[String], today: Date) -> Result<()> {
    let running = cycles::rows::running(tx).await?;
    let standing = plans::rows::standing(tx).await?;
    if running.is_empty() && standing.is_empty() {
        return Ok(());
    }
    let mut day = today;
    let mut organisation = directory::rows::organisation(tx, day).await?;
    follow_before_cycles(tx, standing, &organisation).await?;
    for cycle in &running {
        if day != today.max(cycle.as_of) {
            day = today.max(cycle.as_of);
            organisation = directory::rows::organisation(tx, day).await?;
        }
        follow_in(tx, cycle, &organisation, news_of).await?;
    }
    Ok(())
}

/// Plans that are no cycle's yet go to whoever decides about them now.
async fn follow_before_cycles(tx: &mut Tx, standing: Vec<Plan>, organisation: &Organisation) -> Result<()> {
    let as_now = |plan: Plan| {
        let subject = match plan.kind {
            Kind::Person => placing::person_subject(organisation.people.get(&plan.subject)?, organisation),
            Kind::Unit => placing::unit_subject(organisation.units.get(&plan.subject)?, organisation),
        };
        let superior = subject.decides_about_plans().map(str::to_owned);
        let now = Plan {
            name: subject.name,
            unit: subject.unit,
            superior,
            head: subject.head,
            leader: subject.leader,
            ..plan.clone()
        };
        let concerned = |plan: &Plan| {
            [Some(&plan.name), plan.unit.as_ref(), plan.superior.as_ref(), plan.head.as_ref(), plan.leader.as_ref()]
                .map(Option::<&String>::cloned)
        };
        (concerned(&now) != concerned(&plan)).then_some(now)
    };
    let changed: Vec<Plan> = standing.into_iter().filter_map(as_now).collect();
    if changed.is_empty() {
        return Ok(());
    }
    plans::rows::update_concerned(tx, &changed).await?;
    approvals::following::follow_standing(tx).await
}

async fn follow_in(tx: &mut Tx, cycle: &Cycle, organisation: &Organisation, news_of: &[String]) -> Result<()> {
    let subjects = rows::all(tx, cycle.id).await?;
    let moved_before: HashMap<String, Value> = rows::kept(tx, cycle.id).await?.into_iter().collect();
    let (mut changed, mut notes) = (Vec::new(), Vec::new());
    for subject in subjects.iter().filter(|subject| !subject.published) {
        let now = as_now(subject, organisation);
        let what = differences(subject, &now);
        if !what.is_empty() {
            notes.push(note(subject, what, Consequence::Followed));
            changed.push(Subject { version: subject.version + 1, ..now });
        }
        if let Some(what) = moved(subject, organisation)
            && moved_before.get(&subject.subject) != Some(&what)
        {
            notes.push(NewChange { what, ..note(subject, Map::new(), Consequence::Kept) });
        }
    }
    if !changed.is_empty() {
        rows::write(tx, cycle.id, &changed).await?;
        plans::rows::follow(tx, cycle.id).await?;
        approvals::following::follow(tx, cycle, &changed).await?;
        tasks::rows::follow_leads(tx, cycle.id).await?;
        telling::tell(tx, cycle.id, &changed).await?;
    }
    if cycle.chosen.is_none() {
        notes.extend(join(tx, cycle, organisation, &subjects, news_of).await?);
    }
    rows::note(tx, cycle.id, &notes).await
}

fn note(subject: &Subject, what: Map<String, Value>, followed: Consequence) -> NewChange {
    NewChange { kind: subject.kind, subject: subject.subject.clone(), what: Value::Object(what), followed }
}

/// A subject as the organisation has it now. What HR has decided about stays.
fn as_now(subject: &Subject, organisation: &Organisation) -> Subject {
    let Lead { head, head_since, co_head, leader } = organisation.lead(subject.unit.as_deref());
    let mut now = Subject { head, head_since, co_head, leader, ..subject.clone() };
    match subject.kind {
        Kind::Unit => {
            if let Some(unit) = organisation.units.get(&subject.subject) {
                now.name.clone_from(&unit.name);
            }
        }
        Kind::Person => {
            now.head_since = None;
            if let Some(person) = organisation.people.get(&subject.subject) {
                now.name.clone_from(&person.name);
                now.left_on = person.left_on;
                now.dotted.clone_from(&person.dotted);
                if subject.decided_by.is_none() {
                    now.superior.clone_from(&person.superior);
                }
            }
            now.superior_above = organisation.above(now.superior.as_deref());
        }
    }
    now
}

/// Each field that differs, with what it was and what it is.
fn differences(before: &Subject, now: &Subject) -> Map<String, Value> {
    let fields = [
        ("name", json!(before.name), json!(now.name)),
        ("superior", json!(before.superior), json!(now.superior)),
        ("superior_above", json!(before.superior_above), json!(now.superior_above)),
        ("dotted", json!(before.dotted), json!(now.dotted)),
        ("left_on", json!(before.left_on), json!(now.left_on)),
        ("head", json!(before.head), json!(now.head)),
        ("co_head", json!(before.co_head), json!(now.co_head)),
        ("head_since", json!(before.head_since), json!(now.head_since)),
        ("leader", json!(before.leader), json!(now.leader)),
    ];
    fields
        .into_iter()
        .filter(|(_, before, now)| before != now)
        .map(|(field, before, now)| (field.to_owned(), json!([before, now])))
        .collect()
}

/// The unit that somebody has moved to.
fn moved(subject: &Subject, organisation: &Organisation) -> Option<Value> {
    if subject.kind != Kind::Person || subject.decided_by.is_some() {
        return None;
    }
    let person = organisation.people.get(&subject.subject)?;
    (person.unit != subject.unit).then(|| json!({ "unit": [subject.unit, person.unit] }))
}

/// Takes up those of whom news came, who are not there yet, and whom the rules place.
async fn join(
    tx: &mut Tx,
    cycle: &Cycle,
    organisation: &Organisation,
    subjects: &[Subject],
    news_of: &[String],
) -> Result<Vec<NewChange>> {
    let known: BTreeSet<(Kind, &str)> = subjects.iter().map(|one| (one.kind, one.subject.as_str())).collect();
    let unknown: BTreeSet<String> =
        news_of.iter().filter(|number| !known.contains(&(Kind::Person, number.as_str()))).cloned().collect();
    let Ok(period) = cycle.period.parse() else { return Ok(Vec::new()) };
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
    let placements = placements::rows::of(tx, &cycle.scheme_code).await?;
    let calendar = steps::directory::rows::calendar(tx).await?;
    let company_facts = placing::company_facts(&scheme, &cycle.cadence, &cycle.company_facts);
    let policy = Policy {
        scheme: &scheme,
        cadence: &cycle.cadence,
        period,
        parameters: &cycle.parameters,
        company_facts: &company_facts,
        calendar: &calendar,
        placements: &placements,
        chosen: None,
    };
    // Facts that the scheme cannot read are none: nobody can be told of them here.
    let mut unreadable = Errors::default();
    let people = placing::people(&policy, organisation, Some(&unknown), &mut unreadable);
    let people: Vec<_> = people.into_iter().filter(|one| one.subject.standing != Standing::Out).collect();
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let units = placing::units(&policy, organisation, &people, &mut unreadable);
    let theirs: BTreeSet<&str> = people.iter().filter_map(|one| one.subject.unit.as_deref()).collect();
    let new_units = units
        .iter()
        .map(|one| &one.subject)
        .filter(|one| theirs.contains(one.subject.as_str()) && !known.contains(&(Kind::Unit, one.subject.as_str())));
    let joined: Vec<Subject> = new_units.chain(people.iter().map(|one| &one.subject)).cloned().collect();
    joining::take_up(tx, cycle, &scheme, &joined).await?;
    Ok(joined.iter().map(|one| note(one, Map::new(), Consequence::Added)).collect())
}
