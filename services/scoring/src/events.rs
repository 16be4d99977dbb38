//! What this service does with planning's news.

use std::collections::BTreeMap;

use events::{CycleOpened, CycleReleased, Event, SheetsSettled};
use platform::bus::Handled;
use platform::sql::Lock;
use platform::{Result, Task, Tx};

use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::sheets::rows as sheets;
use crate::sheets::rules;
use crate::sheets::sheet::Open;
use crate::tasks;

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(async move {
        match event {
            Event::CycleOpened(opened) => open(tx, opened).await,
            Event::SheetsSettled(settled) => settle(tx, settled).await,
            Event::CycleReleased(released) => release(tx, released).await,
            _ => Ok(Handled::Done),
        }
    })
}

async fn open(tx: &mut Tx, opened: &CycleOpened) -> Result<Handled> {
    Scheme::of(&opened.scheme_source, &opened.cadence)?;
    cycles::insert(tx, opened).await?;
    Ok(Handled::Done)
}

async fn settle(tx: &mut Tx, settled: &SheetsSettled) -> Result<Handled> {
    let Some(cycle) = cycles::find(tx, settled.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    if !matches!(cycle.state()?, State::Open | State::Scoring) {
        return Ok(Handled::Done);
    }
    cycles::insert_unit(tx, cycle.id, &settled.unit).await?;
    let open = open_parts(&cycle.scheme()?, settled);
    sheets::settle(tx, cycle.id, &settled.unit.code, &settled.sheets, &open).await?;
    start_when_all_have_arrived(tx, cycle).await
}

/// What each new sheet needs: the same for all of a category, whose items and raters are the same.
fn open_parts(scheme: &Scheme, settled: &SheetsSettled) -> Vec<Open> {
    let mut by_category: BTreeMap<Option<&str>, Open> = BTreeMap::new();
    let sheets = settled.sheets.iter();
    sheets
        .map(|sheet| {
            let category = sheet.category.as_deref();
            by_category
                .entry(category)
                .or_insert_with(|| scheme.form(category).map(rules::open_at_first).unwrap_or_default())
                .clone()
        })
        .collect()
}

async fn release(tx: &mut Tx, released: &CycleReleased) -> Result<Handled> {
    let Some(mut cycle) = cycles::find(tx, released.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    let expected = released.sheets_by_unit.values().map(|n| i64::from(*n)).sum();
    cycles::release(tx, cycle.id, expected).await?;
    (cycle.released, cycle.sheets_expected) = (true, expected);
    start_when_all_have_arrived(tx, cycle).await
}

/// The sheets may come in any order, and before or after the release.
async fn start_when_all_have_arrived(tx: &mut Tx, cycle: Cycle) -> Result<Handled> {
    if cycle.state()? != State::Open || !cycle.released {
        return Ok(Handled::Done);
    }
    if sheets::count(tx, cycle.id).await? < cycle.sheets_expected {
        return Ok(Handled::Done);
    }
    start(tx, cycle).await
}

async fn start(tx: &mut Tx, cycle: Cycle) -> Result<Handled> {
    let now = tx.now;
    cycles::set_state(tx, cycle.id, State::Scoring, now).await?;
    sheets::refresh_statistics(tx, cycle.sheets_expected).await?;
    tasks::hand_out(tx, &cycle).await?;
    Ok(Handled::Done)
}
