//! Replays of closed cycles: every stored result is computed again from what closing and corrections had, and must
//! come out the same. A piece at a time is in memory: a unit, or the company where the scheme ranks across units.

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use domain::evaluate::in_stored_form;
use platform::replay::{Replay, Tally};
use platform::sql::Lock;
use platform::{Result, Task, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::{CutOffsOf, Fault, Found, PersonFound, Piece, Refusal, UnitFound, compute_ranked};
use crate::results::closing::{self, WHOLE};
use crate::results::{correcting, rows as results};
use crate::sheets::sheet::Sheet;
use rows::Stored;

/// How scoring replays.
pub const REPLAY: Replay = Replay {
    cycles: |tx| Box::pin(async move { rows::closed(tx).await }),
    replay: |tx, cycle| -> Task<'_, Result<Tally>> { Box::pin(replay(tx, cycle)) },
};

async fn replay(tx: &mut Tx, id: Uuid) -> Result<Tally> {
    let cycle = cycles::get(tx, id, Lock::None).await?;
    let scheme = cycle.scheme()?;
    let mut tally = Tally::default();
    let mut of_company = BTreeSet::new();
    for piece in pieces(tx, &cycle, &scheme).await? {
        of_company.extend(replay_piece(tx, &cycle, &scheme, piece, &mut tally).await?);
    }
    compare_company(&mut tally, &cycle, &of_company)?;
    let stored = rows::count(tx, id).await?;
    let looked_at = tally.counted(RESULTS) + tally.counted(CORRECTIONS);
    tally.compare("results in units of the cycle", &stored.to_string(), &looked_at.to_string());
    Ok(tally)
}

const RESULTS: &str = "results";
const CORRECTIONS: &str = "corrections";

async fn pieces(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme) -> Result<Vec<String>> {
    if scheme.is_company_wide() {
        return Ok(vec![WHOLE.to_owned()]);
    }
    Ok(cycles::units(tx, cycle.id, None).await?.into_iter().map(|unit| unit.code).collect())
}

/// The figures of the company that the piece finds, where it can be computed.
async fn replay_piece(
    tx: &mut Tx,
    cycle: &Cycle,
    scheme: &Scheme,
    piece: String,
    tally: &mut Tally,
) -> Result<Option<String>> {
    let now = tx.now;
    let unit = Some(piece.as_str()).filter(|piece| *piece != WHOLE);
    let stored = rows::results(tx, cycle.id, unit).await?;
    let stored_units = rows::units(tx, cycle.id, unit).await?;
    let (published, corrected): (Vec<Stored>, Vec<Stored>) = stored.into_iter().partition(|one| one.version == 1);
    // A piece was computed in one transaction; one without people has no history to look at.
    let closed_at = published.iter().map(|one| one.made_at).max().unwrap_or(now);
    let loaded = closing::load(tx, cycle, std::slice::from_ref(&piece), closed_at).await?;
    tally.count(RESULTS, published.len());
    tally.count(CORRECTIONS, corrected.len());
    tally.count("units", stored_units.len());
    let numbers: Vec<String> = corrected.iter().map(|one| one.found.number.clone()).collect();
    match compute_ranked(scheme, cycle, &loaded, &numbers)? {
        Ok((found, cut_offs)) => {
            compare_people(tally, &published, &found);
            compare_units(tally, &stored_units, &found);
            replay_corrections(tx, cycle, scheme, loaded, &corrected, &cut_offs, tally).await?;
            Ok(Some(named(&found.company_carried)))
        }
        Err(refusal) => {
            tally.compare(format!("unit {piece}"), &format!("{} results", published.len()), &refused(&refusal));
            Ok(None)
        }
    }
}

fn refused(refusal: &Refusal) -> String {
    let told = |fault: &Fault| {
        let who = fault.number.as_deref().or(fault.unit.as_deref()).unwrap_or_default();
        format!("refused: {who} {}: {}", fault.pointer, fault.detail)
    };
    refusal.faults.first().map_or_else(|| "refused".to_owned(), told)
}

async fn replay_corrections(
    tx: &mut Tx,
    cycle: &Cycle,
    scheme: &Scheme,
    published: Piece,
    corrected: &[Stored],
    cut_offs: &CutOffsOf,
    tally: &mut Tally,
) -> Result<()> {
    let numbers: Vec<String> = published.people.iter().map(|person| person.number.clone()).collect();
    for stored in corrected {
        let who = format!("{} version {}", stored.found.number, stored.version);
        let sheet = published.people.iter().find(|person| person.number == stored.found.number);
        let inputs = rows::corrected_inputs(tx, cycle.id, &stored.found.number, stored.version).await?;
        let (Some(sheet), Some((inputs, evidence))) = (sheet, inputs) else {
            tally.compare(who, "a correction", "nothing to compute it from");
            continue;
        };
        let history = results::history(tx, cycle, &numbers, stored.made_at).await?;
        let piece = Piece { history, ..published.clone() };
        let corrected = Sheet { inputs, evidence, ..sheet.clone() };
        match correcting::place(scheme, cycle, piece, corrected, cut_offs)? {
            Ok(found) => compare_person(tally, &who, &stored.found, &found),
            Err(refusal) => tally.compare(who, "a correction", &refused(&refusal)),
        }
    }
    Ok(())
}

fn compare_people(tally: &mut Tally, stored: &[Stored], found: &Found) {
    let mut found: BTreeMap<&str, &PersonFound> = found.people.iter().map(|one| (one.number.as_str(), one)).collect();
    for one in stored {
        let who = format!("{} version 1", one.found.number);
        match found.remove(one.found.number.as_str()) {
            Some(found) => compare_person(tally, &who, &one.found, found),
            None => tally.compare(who, "a result", NOTHING),
        }
    }
    for number in found.keys() {
        tally.compare(format!("{number} version 1"), NOTHING, "a result");
    }
}

const NOTHING: &str = "nothing";

fn compare_person(tally: &mut Tally, who: &str, stored: &PersonFound, found: &PersonFound) {
    let mut compare = |what: &str, stored: &str, found: &str| tally.compare(format!("{who}: {what}"), stored, found);
    compare("excluded", &text(stored.excluded.as_ref()), &text(found.excluded.as_ref()));
    compare("score", &number(stored.score), &number(found.score));
    compare("grade", &text(stored.grade.as_ref()), &text(found.grade.as_ref()));
    compare("coefficient", &number(stored.coefficient), &number(found.coefficient));
    compare("outcomes", &stored.outcomes.join(", "), &found.outcomes.join(", "));
    compare("interview", &stored.interview.join(", "), &found.interview.join(", "));
    compare("scores", &named(&stored.scores), &named(&found.scores));
    compare("carried figures", &named(&stored.carried), &named(&found.carried));
    let explanation = in_stored_form(&stored.explanation, &found.explanation);
    compare("explanation", &stored.explanation, &explanation);
}

fn compare_units(tally: &mut Tally, stored: &[UnitFound], found: &Found) {
    let mut found: BTreeMap<&str, &UnitFound> = found.units.iter().map(|one| (one.code.as_str(), one)).collect();
    for one in stored {
        match found.remove(one.code.as_str()) {
            Some(found) => compare_unit(tally, one, found),
            None => tally.compare(format!("unit {}", one.code), "a result", NOTHING),
        }
    }
    for code in found.keys() {
        tally.compare(format!("unit {code}"), NOTHING, "a result");
    }
}

fn compare_unit(tally: &mut Tally, stored: &UnitFound, found: &UnitFound) {
    let code = &stored.code;
    let mut compare =
        |what: &str, stored: &str, found: &str| tally.compare(format!("unit {code}: {what}"), stored, found);
    compare("score", &number(stored.score), &number(found.score));
    compare("grade", &text(stored.grade.as_ref()), &text(found.grade.as_ref()));
    compare("coefficient", &number(stored.coefficient), &number(found.coefficient));
    compare("outcomes", &stored.outcomes.join(", "), &found.outcomes.join(", "));
    compare("carried figures", &named(&stored.carried), &named(&found.carried));
}

/// Every piece finds the same of the company; nothing is stored as no figures.
fn compare_company(tally: &mut Tally, cycle: &Cycle, found: &BTreeSet<String>) -> Result<()> {
    let stored: BTreeMap<String, String> = serde_json::from_value(cycle.company_carried.clone())?;
    for found in found {
        tally.compare("carried figures of the company", &named(&stored), found);
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
