//! What still keeps a cycle from being closed.
//!
//! Sheets know what they lack. Whether a unit's score or a fact is needed, only the scheme's own computation can
//! tell, and so it is asked, for the units where something is not there. It also tells who needs no inputs at
//! all because they are not appraised.

use std::collections::BTreeSet;

use platform::{Missing, Result, Tx, What};

use super::cycle::{Cycle, Unit};
use super::rows;
use crate::engine::Scheme;
use crate::engine::computing::{Detail, Fault, Piece, compute};
use crate::results::rows::history;
use crate::sheets::rows as sheets;
use crate::sheets::rules;
use crate::sheets::sheet::{SELF, SUPERIOR, Sheet};
use domain::Kind;

/// Entries that a refusal lists.
const LISTED: usize = 1000;
const UNITS_AT_ONCE: usize = 20;

/// Everything that is missing: the first thousand, and how many sheets and units lack something.
#[derive(Default)]
pub struct Gaps {
    pub listed: Vec<Missing>,
    pub sheets: usize,
    pub units: usize,
}

impl Gaps {
    pub fn is_empty(&self) -> bool {
        self.sheets == 0 && self.units == 0 && self.listed.is_empty()
    }

    fn list(&mut self, entry: Missing) {
        if self.listed.len() < LISTED {
            self.listed.push(entry);
        }
    }
}

/// Looks for everything that is missing.
pub async fn gaps(tx: &mut Tx, cycle: &Cycle) -> Result<Gaps> {
    let scheme = cycle.scheme()?;
    let counts = rows::counts(tx, cycle.id).await?;
    let lacking = usize::try_from(counts.sheets - counts.complete).unwrap_or(usize::MAX);
    let incomplete = sheets::incomplete(tx, cycle.id, LISTED as i64).await?;
    let mut gaps = Gaps::default();
    if lacking > incomplete.len() {
        gaps.sheets = lacking;
        for sheet in &incomplete {
            list_sheet(&mut gaps, &scheme, sheet);
        }
        return Ok(gaps);
    }
    let faults = faults(tx, cycle, &scheme, &incomplete).await?;
    for sheet in incomplete.iter().filter(|s| !is_excused(&scheme, s, &faults)) {
        gaps.sheets += 1;
        list_sheet(&mut gaps, &scheme, sheet);
    }
    list_faults(&mut gaps, &incomplete, &faults.faults);
    Ok(gaps)
}

#[derive(Default)]
struct Tried {
    faults: Vec<Fault>,
    /// Numbers of people whose inputs were looked at by the computation.
    looked_at: BTreeSet<String>,
}

/// Tries to compute the units where something is not there.
async fn faults(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, incomplete: &[Sheet]) -> Result<Tried> {
    let units = rows::units(tx, cycle.id, None).await?;
    let with_gaps: BTreeSet<&str> = incomplete.iter().map(|s| s.unit.as_str()).collect();
    let doubtful: Vec<&Unit> =
        units.iter().filter(|u| with_gaps.contains(u.code.as_str()) || lacks_something(scheme, u)).collect();
    let mut tried = Tried::default();
    if doubtful.is_empty() {
        return Ok(tried);
    }
    if scheme.is_company_wide() {
        attempt(tx, cycle, scheme, &units, None, &mut tried).await?;
        return Ok(tried);
    }
    for chunk in doubtful.chunks(UNITS_AT_ONCE) {
        let chunk: Vec<Unit> = chunk.iter().map(|u| (*u).clone()).collect();
        let codes: Vec<String> = chunk.iter().map(|u| u.code.clone()).collect();
        attempt(tx, cycle, scheme, &chunk, Some(&codes), &mut tried).await?;
        if tried.faults.len() >= LISTED {
            break;
        }
    }
    Ok(tried)
}

async fn attempt(
    tx: &mut Tx,
    cycle: &Cycle,
    scheme: &Scheme,
    units: &[Unit],
    codes: Option<&[String]>,
    tried: &mut Tried,
) -> Result<()> {
    let now = tx.now;
    let people = sheets::of_units(tx, cycle.id, codes).await?;
    let numbers: Vec<String> = people.iter().map(|s| s.number.clone()).collect();
    let history = history(tx, cycle, &numbers, now).await?;
    let piece = Piece { units: units.to_vec(), people, history };
    match compute(scheme, cycle, &piece, Detail::Results)? {
        Ok(_) => tried.looked_at.extend(numbers),
        Err(refusal) => {
            if refusal.computed {
                tried.looked_at.extend(numbers);
            }
            tried.faults.extend(refusal.faults);
        }
    }
    Ok(())
}

fn lacks_something(scheme: &Scheme, unit: &Unit) -> bool {
    let lacks = |name: &String| unit.facts.get(name).is_none();
    (scheme.takes_unit_scores() && unit.score.is_none())
        || scheme.needed_facts(Kind::Units, unit.category.as_deref()).iter().any(lacks)
}

/// A person whose missing values the computation has no use for needs none: they are not appraised.
fn is_excused(scheme: &Scheme, sheet: &Sheet, tried: &Tried) -> bool {
    let Some(form) = scheme.form(sheet.category.as_deref()) else { return false };
    tried.looked_at.contains(&sheet.number)
        && rules::missing(form, sheet).iter().any(|m| m.what == What::Value)
        && !tried.faults.iter().any(|f| f.number.as_deref() == Some(&sheet.number))
}

fn list_sheet(gaps: &mut Gaps, scheme: &Scheme, sheet: &Sheet) {
    let Some(form) = scheme.form(sheet.category.as_deref()) else { return };
    let lacking = rules::missing(form, sheet);
    for part in sheet.open_parts.iter().filter(|part| !lacking.iter().any(|m| m.part == **part)) {
        let of = Missing::of_person(What::Submission, &sheet.number);
        let (unit, by) = (Some(sheet.unit.clone()), Some(who_does(sheet, part)));
        gaps.list(Missing { unit, by, part: Some(part.to_owned()), ..of });
    }
    for one in lacking {
        let (number, unit) = (Some(sheet.number.clone()), Some(sheet.unit.clone()));
        let by = Some(who_does(sheet, &one.part));
        gaps.list(Missing { number, unit, by, ..one.into() });
    }
}

/// Employee number, or the role that has to act.
fn who_does(sheet: &Sheet, part: &str) -> String {
    match part {
        SUPERIOR => sheet.superior.clone().unwrap_or_else(|| "hr".to_owned()),
        SELF => sheet.number.clone(),
        _ => "hr".to_owned(),
    }
}

fn list_faults(gaps: &mut Gaps, incomplete: &[Sheet], faults: &[Fault]) {
    let told: BTreeSet<&str> = incomplete.iter().map(|s| s.number.as_str()).collect();
    let (mut units, mut people) = (BTreeSet::new(), BTreeSet::new());
    for fault in faults {
        match (&fault.number, &fault.unit) {
            (Some(number), _) if told.contains(number.as_str()) => continue,
            (Some(number), _) => drop(people.insert(number.as_str())),
            (None, Some(unit)) => drop(units.insert(unit.as_str())),
            (None, None) => {}
        }
        gaps.list(Missing {
            what: match fault.pointer.split('/').nth(1) {
                Some("facts") => What::Fact,
                Some("score") => What::Score,
                Some("category") => What::Category,
                _ => What::Input,
            },
            number: fault.number.clone(),
            unit: fault.unit.clone(),
            pointer: Some(fault.pointer.clone()),
            detail: Some(fault.detail.clone()),
            by: Some("hr".to_owned()),
            ..Missing::default()
        });
    }
    gaps.units = units.len();
    gaps.sheets += people.len();
}
