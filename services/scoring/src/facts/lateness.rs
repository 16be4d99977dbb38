//! Who handed in forms after the day of a stage: found by the system, and put before those whom the scheme has confirm it.
//! Only what they confirm counts; where they accept a reason they send it back with it.

use std::collections::BTreeSet;

use domain::Kind as DomainKind;
use domain::scheme::source::{Acting, Derived, Giver, Who};
use events::Subject;
use platform::clock::date_of;
use platform::{Result, Tx};
use serde_json::Value;

use super::rows::{self, NewFact, Saying, Source};
use crate::assignments::assignment::Assignment;
use crate::cycles::cycle::Cycle;
use crate::directory::rows as directory;
use crate::engine::FactPath;
use crate::fact_checks::opening::{self, Parts};
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Standing};

/// Notes of forms that are handed in now who is late with them.
pub async fn note(tx: &mut Tx, cycle: &Cycle, forms: &[Assignment]) -> Result<()> {
    let scheme = cycle.scheme()?;
    let today = date_of(tx.now);
    let mut wanted: Vec<(String, Derived, Vec<Giver>)> = Vec::new();
    for fact in scheme.facts(DomainKind::People, None) {
        let Some(derived) = fact.derived.clone() else { continue };
        let Some(stage) = &derived.late else { continue };
        if cycle.due(stage)?.is_some_and(|due| today > due) {
            wanted.push((fact.name.clone(), derived, fact.by.clone()));
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let about: Vec<Subject> = forms.iter().map(Assignment::key).collect();
    let about = subjects::named(tx, cycle.id, &about).await?;
    let bodies = directory::groups(tx, None, today).await?.bodies;
    for (name, derived, by) in wanted {
        let of_head = matches!(derived.of, Some(Who::Head));
        let whose = |one: &Appraised| if of_head { one.head.clone() } else { Some(one.subject.clone()) };
        let late: BTreeSet<String> = about.iter().filter_map(whose).collect();
        let late: Vec<Subject> = late.iter().map(Subject::person).collect();
        let path = FactPath::Fact(name).to_string();
        let known = rows::with_path(tx, cycle.id, &late, &path).await?;
        let people = subjects::named(tx, cycle.id, &late).await?;
        let new: Vec<&Appraised> =
            people.iter().filter(|one| one.standing == Standing::In && !known.contains(&one.subject)).collect();
        let confirmed_by: Vec<Acting> = by.iter().map(|giver| Acting::Together(giver.who().to_vec())).collect();
        let mut parts = Parts::knowing(tx, &late, &bodies).await?;
        let named = opening::named(tx, std::slice::from_ref(&confirmed_by), &bodies, None).await?;
        let mut facts = Vec::new();
        for one in new {
            let chain = opening::chain(&confirmed_by, Some(one), &bodies, &named, &tx.actor.name.clone());
            let report = parts.of(chain, &one.key());
            let (subject, path) = (one.key(), path.clone());
            facts.push(NewFact {
                subject,
                path,
                giver: String::new(),
                value: Value::Bool(true),
                report: Some(report),
                rests_on: None,
            });
        }
        if !facts.is_empty() {
            let saying = Saying { source: Source::Derived, said: None, reason: None, file: None, document: None };
            rows::insert(tx, cycle.id, &facts, &saying).await?;
            opening::open(tx, cycle, &parts).await?;
        }
    }
    Ok(())
}
