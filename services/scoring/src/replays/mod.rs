//! Replays of computed cycles: every stored result is computed again from the inputs that are kept with it, and must
//! come out the same. A piece at a time is in memory: a unit, or the company where the scheme ranks across units.

mod rows;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use domain::evaluate::in_stored_form;
use platform::replay::{Replay, Tally};
use platform::sql::Lock;
use platform::{Result, Task, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::{Detail, Fault, Findings, Found, Kept, compute};
use crate::results::ranking::{self, Grounds};
use crate::results::rows::{self as results, Standing, piece_of};
use crate::runs::closing::ground_of;
use crate::runs::loading::WHOLE;
use crate::subjects::subject::Kind;

/// How scoring replays.
pub const REPLAY: Replay = Replay {
    cycles: |tx| Box::pin(async move { rows::computed(tx).await }),
    replay: |tx, cycle| -> Task<'_, Result<Tally>> { Box::pin(replay(tx, cycle)) },
};

const RESULTS: &str = "results";
const CORRECTIONS: &str = "corrections";
const UNITS: &str = "units";
const NOTHING: &str = "nothing";

async fn replay(tx: &mut Tx, id: Uuid) -> Result<Tally> {
    let cycle = cycles::get(tx, id, Lock::None).await?;
    let scheme = cycle.scheme()?;
    let mut tally = Tally::default();
    let mut of_company = BTreeSet::new();
    for piece in pieces(tx, &cycle, &scheme).await? {
        of_company.extend(replay_piece(tx, &cycle, &scheme, &piece, &mut tally).await?);
    }
    let stored: BTreeMap<String, String> = serde_json::from_value(cycle.company_carried.clone())?;
    for found in of_company {
        tally.compare("carried figures of the company", &named(&stored), &found);
    }
    let stored = results::count_versions(tx, id).await?;
    let looked_at = tally.counted(RESULTS) + tally.counted(CORRECTIONS) + tally.counted(UNITS);
    tally.compare("results in units of the cycle", &stored.to_string(), &looked_at.to_string());
    let (published, there) = rows::published(tx, id).await?;
    tally.compare("published results of people", &published.to_string(), &there.to_string());
    Ok(tally)
}

async fn pieces(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme) -> Result<Vec<String>> {
    if scheme.is_company_wide() {
        return Ok(vec![WHOLE.to_owned()]);
    }
    rows::units(tx, cycle.id).await
}

/// The figures of the company that the piece finds.
async fn replay_piece(
    tx: &mut Tx,
    cycle: &Cycle,
    scheme: &Scheme,
    piece: &str,
    tally: &mut Tally,
) -> Result<Option<String>> {
    let versions = results::all_versions(tx, cycle.id, &[piece.to_owned()]).await?;
    let (corrected, first): (Vec<Standing>, Vec<Standing>) =
        versions.iter().cloned().partition(|one| one.because.is_some());
    tally.count(RESULTS, first.iter().filter(|one| one.kind == Kind::Person).count());
    tally.count(UNITS, first.iter().filter(|one| one.kind == Kind::Unit).count());
    tally.count(CORRECTIONS, corrected.len());
    let mut grounds = Grounds::new();
    for one in &versions {
        if let Entry::Vacant(vacant) = grounds.entry(one.run) {
            vacant.insert(ground_of(tx, cycle, one.run).await?);
        }
    }
    let replaying = Replaying { scheme, grounds };
    let company = replaying.first(piece, &first, tally)?;
    replaying.corrections(&versions, &corrected, tally)?;
    Ok(company)
}

struct Replaying<'a> {
    scheme: &'a Scheme,
    grounds: Grounds,
}

impl Replaying<'_> {
    /// Computes the first versions again, each run beside what was published before it.
    fn first(&self, piece: &str, first: &[Standing], tally: &mut Tally) -> Result<Option<String>> {
        let published = |one: &Standing| one.publication.unwrap_or(i32::MAX);
        let numbers: BTreeSet<i32> = first.iter().map(published).collect();
        let (mut company, mut before) = (None, None);
        for number in numbers {
            let until: Vec<Standing> = first.iter().filter(|one| published(one) <= number).cloned().collect();
            let own: Vec<&Standing> = first.iter().filter(|one| published(one) == number).collect();
            let Some(ground) = own.iter().map(|one| one.run).max().and_then(|run| self.grounds.get(&run)) else {
                continue;
            };
            let kept = match before {
                Some(before) => {
                    match ranking::stand(self.scheme, &self.grounds, first_until(first, before).as_slice(), &[])? {
                        Ok(kept) => kept,
                        Err(faults) => {
                            tally.compare(format!("unit {piece}"), "a ranking", &refused(&faults));
                            continue;
                        }
                    }
                }
                None => Kept::default(),
            };
            match compute(self.scheme, ground, &piece_of(self.scheme, &until)?, &kept, Detail::Explained)? {
                Ok(found) => {
                    compare_all(tally, &own, &found)?;
                    if before.is_none() {
                        company = Some(named(&found.company_carried));
                    }
                }
                Err(faults) => {
                    tally.compare(format!("unit {piece}"), &format!("{} results", own.len()), &refused(&faults))
                }
            }
            before = Some(number);
        }
        Ok(company)
    }

    /// Computes every correction again: those that were made together, from what stood then.
    fn corrections(&self, versions: &[Standing], corrected: &[Standing], tally: &mut Tally) -> Result<()> {
        let times: BTreeSet<jiff::Timestamp> = corrected.iter().map(|one| one.made_at).collect();
        for time in times {
            let own: Vec<&Standing> = corrected.iter().filter(|one| one.made_at == time).collect();
            let stood = |one: &&Standing| one.made_at <= time && one.publication.is_some();
            let mut now: BTreeMap<(bool, String), Standing> = BTreeMap::new();
            for one in versions.iter().filter(stood) {
                now.insert((one.kind == Kind::Person, one.subject.clone()), one.clone());
            }
            let now: Vec<Standing> = now.into_values().collect();
            let but: BTreeSet<(Kind, String)> =
                now.iter().filter(|one| one.because.is_some()).map(|one| (one.kind, one.subject.clone())).collect();
            let but: Vec<(Kind, String)> = but.into_iter().collect();
            let first: Vec<Standing> =
                versions.iter().filter(stood).filter(|one| one.because.is_none()).cloned().collect();
            let Some(ground) = own.iter().map(|one| one.run).max().and_then(|run| self.grounds.get(&run)) else {
                continue;
            };
            let kept = ranking::stand(self.scheme, &self.grounds, &first, &but)?;
            let found = match kept {
                Ok(kept) => compute(self.scheme, ground, &piece_of(self.scheme, &now)?, &kept, Detail::Explained)?,
                Err(faults) => Err(faults),
            };
            match found {
                Ok(found) => compare_all(tally, &own, &found)?,
                Err(faults) => tally.compare(format!("corrections of {time}"), "corrections", &refused(&faults)),
            }
        }
        Ok(())
    }
}

fn first_until(first: &[Standing], number: i32) -> Vec<Standing> {
    first.iter().filter(|one| one.publication.is_some_and(|own| own <= number)).cloned().collect()
}

fn refused(faults: &[Fault]) -> String {
    let told = |fault: &Fault| format!("refused: {} {}: {}", fault.subject, fault.error.pointer, fault.error.detail);
    faults.first().map_or_else(|| "refused".to_owned(), told)
}

fn compare_all(tally: &mut Tally, stored: &[&Standing], found: &Findings) -> Result<()> {
    let found = found.by_subject();
    for one in stored {
        compare_one(tally, one, found.get(&(one.kind, one.subject.as_str())).copied())?;
    }
    Ok(())
}

fn compare_one(tally: &mut Tally, stored: &Standing, found: Option<&Found>) -> Result<()> {
    let who = format!("{}:{} version {}", stored.kind, stored.subject, stored.version);
    let Some(found) = found else {
        tally.compare(who, "a result", NOTHING);
        return Ok(());
    };
    let stored = stored.found()?;
    let mut compare = |what: &str, stored: &str, found: &str| tally.compare(format!("{who}: {what}"), stored, found);
    compare("excluded", &text(stored.excluded.as_ref()), &text(found.excluded.as_ref()));
    compare("score", &number(stored.score), &number(found.score));
    compare("grade", &text(stored.grade.as_ref()), &text(found.grade.as_ref()));
    compare("coefficient", &number(stored.coefficient), &number(found.coefficient));
    compare("outcomes", &stored.outcomes.join(", "), &found.outcomes.join(", "));
    compare("interview", &stored.interview.join(", "), &found.interview.join(", "));
    compare("scores", &named(&stored.scores), &named(&found.scores));
    // Older versions kept no outputs, and no explanation of units.
    if !stored.outputs.is_empty() {
        compare("outputs", &valued(&stored.outputs), &valued(&found.outputs));
    }
    compare("carried figures", &named(&stored.carried), &named(&found.carried));
    if stored.explanation != "null" {
        let explanation = in_stored_form(&stored.explanation, &found.explanation);
        compare("explanation", &stored.explanation, &explanation);
    }
    Ok(())
}

fn text<T: Display>(value: Option<&T>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ToString::to_string)
}

fn number(value: Option<Decimal>) -> String {
    text(value.map(|number| number.normalize()).as_ref())
}

fn named(values: &BTreeMap<String, String>) -> String {
    values.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

fn valued(values: &BTreeMap<String, Value>) -> String {
    values.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}
