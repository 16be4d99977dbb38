//! Releasing a cycle: every unit's people and settled sheets are told to scoring, a batch at a time, so that
//! memory does not grow with the company, and all of it in one transaction.

use std::collections::{BTreeMap, HashMap};

use events::{CycleReleased, EmployeeNumber, Event, SettledSheet, SettledUnit, SheetsSettled, UnitCode, Values};
use platform::{Missing, Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::cycle::Cycle;
use super::rows;
use crate::sheets::rows::{Place, Sheet};
use crate::{sheets, tasks};

/// People in one event.
const BATCH: usize = 500;
/// People read at once.
const READ: i64 = 5000;

pub async fn release(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let now = tx.now;
    if !cycle.has_settling {
        sheets::rows::settle_ready(tx, cycle).await?;
    }
    must_be_settled(tx, cycle).await?;
    let sheets_by_unit = tell_sheets(tx, cycle.id).await?;
    let sheets: u32 = sheets_by_unit.values().sum();
    tx.emit(&Event::CycleReleased(CycleReleased { cycle: cycle.id, sheets_by_unit })).await?;
    tasks::rows::close(tx, cycle.id).await?;
    rows::release(tx, cycle.id, now).await?;
    tx.audit("cycles.released", &cycle.id.to_string(), json!({ "sheets": sheets })).await
}

/// Refuses while a participant's sheet is not settled, and names those people.
async fn must_be_settled(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let unsettled = sheets::rows::count_unsettled(tx, cycle.id).await?;
    if unsettled == 0 {
        return Ok(());
    }
    let listed = sheets::rows::unsettled(tx, cycle.id).await?;
    Err(Problem::incomplete(
        say!("{} 张考核表中有 {unsettled} 张尚未核定", "{unsettled} of {} sheets are not settled", cycle.participants),
        listed.into_iter().map(Missing::from).collect(),
    ))
}

/// Tells scoring every sheet, unit by unit; returns how many each unit has.
async fn tell_sheets(tx: &mut Tx, cycle: Uuid) -> Result<BTreeMap<String, u32>> {
    let mut counts = BTreeMap::new();
    let mut batch = Batch::default();
    let mut after = Place::default();
    loop {
        let page = sheets::rows::page(tx, cycle, &after, READ).await?;
        let Some(last) = page.last() else { break };
        after = Place { unit: last.unit.clone(), number: last.number.clone() };
        let units = units(tx, cycle, &page).await?;
        for sheet in page {
            let unit = units
                .get(sheet.unit.as_str())
                .ok_or_else(|| Problem::internal("a participant's unit is not frozen"))?;
            if !batch.takes(unit) {
                tell(tx, cycle, &mut batch).await?;
            }
            *counts.entry(sheet.unit.clone()).or_default() += 1;
            batch.add(unit, settled(sheet)?);
        }
    }
    tell(tx, cycle, &mut batch).await?;
    Ok(counts)
}

async fn units(tx: &mut Tx, cycle: Uuid, page: &[Sheet]) -> Result<HashMap<UnitCode, SettledUnit>> {
    let mut codes: Vec<String> = page.iter().map(|sheet| sheet.unit.clone()).collect();
    codes.dedup();
    let units = sheets::rows::units(tx, cycle, &codes).await?;
    let settled = |unit: sheets::rows::Unit| {
        Ok(SettledUnit {
            code: unit.code.into(),
            name: unit.name,
            category: unit.category,
            head: unit.head.map(EmployeeNumber::from),
            facts: serde_json::from_value(unit.facts)?,
        })
    };
    units.into_iter().map(settled).map(|unit| unit.map(|unit: SettledUnit| (unit.code.clone(), unit))).collect()
}

/// Sheets of one unit on their way into an event.
#[derive(Default)]
struct Batch {
    unit: Option<SettledUnit>,
    sheets: Vec<SettledSheet>,
}

impl Batch {
    /// Whether there is room for another sheet of this unit.
    fn takes(&self, unit: &SettledUnit) -> bool {
        self.sheets.len() < BATCH && self.unit.as_ref().is_none_or(|own| own.code == unit.code)
    }

    fn add(&mut self, unit: &SettledUnit, sheet: SettledSheet) {
        self.unit.get_or_insert_with(|| unit.clone());
        self.sheets.push(sheet);
    }
}

async fn tell(tx: &mut Tx, cycle: Uuid, batch: &mut Batch) -> Result<()> {
    let Batch { unit: Some(unit), sheets } = std::mem::take(batch) else { return Ok(()) };
    tx.emit(&Event::SheetsSettled(SheetsSettled { cycle, unit, sheets })).await
}

fn settled(sheet: Sheet) -> Result<SettledSheet> {
    let facts: Values = serde_json::from_value(sheet.facts)?;
    Ok(SettledSheet {
        number: sheet.number.into(),
        name: sheet.name,
        category: sheet.category,
        position: sheet.position,
        superior: sheet.superior.map(EmployeeNumber::from),
        hired_on: sheet.hired_on,
        left_on: sheet.left_on,
        facts,
        weights: serde_json::from_value(sheet.weights)?,
        priorities: serde_json::from_value(sheet.priorities)?,
        version: sheet.version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(code: &str) -> SettledUnit {
        SettledUnit { code: code.into(), name: code.to_owned(), category: None, head: None, facts: Values::new() }
    }

    fn sheet(number: usize) -> SettledSheet {
        SettledSheet {
            number: number.to_string().into(),
            name: String::new(),
            category: None,
            position: None,
            superior: None,
            hired_on: None,
            left_on: None,
            facts: Values::new(),
            weights: Values::new(),
            priorities: Vec::new(),
            version: 1,
        }
    }

    #[test]
    fn a_batch_holds_one_unit() {
        let mut batch = Batch::default();
        assert!(batch.takes(&unit("A")));
        batch.add(&unit("A"), sheet(1));
        assert!(batch.takes(&unit("A")));
        assert!(!batch.takes(&unit("B")));
    }

    #[test]
    fn a_batch_has_room_for_500() {
        let mut batch = Batch::default();
        (0..BATCH).for_each(|number| batch.add(&unit("A"), sheet(number)));
        assert!(!batch.takes(&unit("A")));
    }
}
