//! Settling sheets: at opening, by HR, by hand, and when a plan is approved. What scoring has been told of is never
//! changed: a new edition takes its place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::scheme::Scheme;
use events::{Event, ResultAnnulled, Row, SheetsSettled};
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::rows;
use super::shape::{Shape, Shapes};
use super::sheet::{Sheet, SheetState};
use super::sources::{Sources, sum};
use crate::approvals::asking::Asker;
use crate::cycles::cycle::{Cycle, CycleState};
use crate::subjects::subject::{Kind, Standing, Subject};
use crate::{approvals, cycles, subjects, tasks};

/// Sheets in one event.
const BATCH: usize = 500;
/// Subjects read at once.
const READ: i64 = 5000;

/// A sheet to be settled.
pub struct Wish {
    pub subject: Subject,
    /// Weights and priorities; none: as they are.
    pub own: Option<(BTreeMap<String, String>, Vec<String>)>,
    /// The plan was approved just now: its goals take the place of rows that somebody wrote by hand before.
    pub newly_planned: bool,
}

/// What a sheet is to hold.
struct Content {
    rows: Vec<Row>,
    weights: serde_json::Value,
    priorities: serde_json::Value,
    why: Option<String>,
    rows_by: Option<String>,
}

/// Gives subjects that take part or are excluded their first edition, each settled at once where nothing is waited for.
pub async fn open(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, subjects: &[Subject]) -> Result<()> {
    let mut shapes = Shapes::new(scheme, &cycle.cadence, &cycle.parameters);
    let sources = Sources::load(tx, cycle, scheme, &shapes).await?;
    let waits = cycle.state == CycleState::Open && (cycle.has_settling || cycle.has_release);
    let (by, now) = (tx.actor.name.clone(), tx.now);
    let mut sheets = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.standing != Standing::Out) {
        let shape = shapes.of(subject.kind, subject.category.as_deref());
        let rows = sources.rows(&shape, subject, &BTreeMap::new(), &[]);
        // Nothing about these is ever waited for.
        let is_free = subject.standing == Standing::Excluded || (subject.kind == Kind::Unit && shape.items.is_empty());
        let is_settled = (is_free || !waits) && (subject.standing == Standing::Excluded || !lacks_rows(&shape, &rows));
        sheets.push(Sheet {
            kind: subject.kind,
            subject: subject.subject.clone(),
            edition: 1,
            state: if is_settled { SheetState::Settled } else { SheetState::Draft },
            told: is_settled && tells_at_once(cycle),
            rows: serde_json::to_value(rows)?,
            weights: serde_json::json!({}),
            priorities: serde_json::json!([]),
            why: None,
            rows_by: None,
            settled_by: is_settled.then(|| by.clone()),
            settled_at: is_settled.then_some(now),
            version: 1,
        });
    }
    rows::write(tx, cycle.id, &sheets).await?;
    tell(tx, cycle.id, &sheets).await
}

/// Whether a settled sheet is told when it is settled, and not only when the cycle is released.
fn tells_at_once(cycle: &Cycle) -> bool {
    !cycle.has_release || cycle.state != CycleState::Open
}

fn lacks_rows(shape: &Shape, rows: &[Row]) -> bool {
    let places: Vec<&str> = rows.iter().map(|row| row.place.as_str()).collect();
    shape.lacks_rows(&places)
}

/// Tells scoring of those sheets that are settled and marked as told.
pub async fn tell(tx: &mut Tx, cycle: Uuid, sheets: &[Sheet]) -> Result<()> {
    let told: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.told && sheet.state == SheetState::Settled).collect();
    for batch in told.chunks(BATCH) {
        let sheets = batch.iter().map(|sheet| sheet.settled()).collect::<Result<Vec<_>>>()?;
        tx.emit(&Event::SheetsSettled(SheetsSettled { cycle, sheets, redo: None })).await?;
    }
    Ok(())
}

/// Settles sheets as wished, with the rows of approved plans; how many are settled now. Those that still need rows stay
/// drafts.
pub async fn settle(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, wishes: Vec<Wish>) -> Result<i64> {
    let mut shapes = Shapes::new(scheme, &cycle.cadence, &cycle.parameters);
    let sources = Sources::load(tx, cycle, scheme, &shapes).await?;
    settle_with(tx, cycle, &mut shapes, &sources, wishes).await
}

async fn settle_with(
    tx: &mut Tx,
    cycle: &Cycle,
    shapes: &mut Shapes<'_>,
    sources: &Sources,
    wishes: Vec<Wish>,
) -> Result<i64> {
    let mut sheets = HashMap::new();
    for kind in [Kind::Person, Kind::Unit] {
        let of_kind = wishes.iter().filter(|wish| wish.subject.kind == kind);
        let subjects: Vec<String> = of_kind.map(|wish| wish.subject.subject.clone()).collect();
        if !subjects.is_empty() {
            let current = rows::current(tx, cycle.id, kind, &subjects).await?;
            sheets.extend(current.into_iter().map(|sheet| ((kind, sheet.subject.clone()), sheet)));
        }
    }
    let asker = Asker::of_cycle(tx, cycle).await?;
    let (mut written, mut settled, mut errors) = (Vec::new(), 0, Errors::default());
    let mut units = BTreeSet::new();
    for Wish { subject, own, newly_planned } in wishes {
        units.extend(subject.unit.clone());
        let Some(sheet) = sheets.remove(&(subject.kind, subject.subject.clone())) else { continue };
        let shape = shapes.of(subject.kind, subject.category.as_deref());
        let (weights, priorities) = match own {
            Some(own) => own,
            None => (sheet.weights()?, sheet.priorities()?),
        };
        let rows_by = sheet.rows_by.clone().filter(|_| !newly_planned);
        let rows = match rows_by {
            Some(_) => sheet.rows()?,
            None => sources.rows(&shape, &subject, &weights, &sheet.rows()?),
        };
        check_sums(&shape, &subject, &weights, &rows, &mut errors);
        let content = Content {
            rows,
            weights: serde_json::to_value(weights)?,
            priorities: serde_json::to_value(priorities)?,
            why: sheet.why.clone(),
            rows_by,
        };
        let is_settled = !lacks_rows(&shape, &content.rows);
        settled += i64::from(is_settled);
        written.extend(revised(tx, cycle, sheet, content, stand(is_settled, asker.confirms(&subject)))?);
    }
    errors.check()?;
    rows::write(tx, cycle.id, &written).await?;
    tell(tx, cycle.id, &written).await?;
    ask_about(tx, cycle, &asker, &units, &written).await?;
    Ok(settled)
}

/// Asks whoever confirms sheets of these units; what nobody confirms is settled.
pub async fn ask_about(
    tx: &mut Tx,
    cycle: &Cycle,
    asker: &Asker,
    units: &BTreeSet<String>,
    written: &[Sheet],
) -> Result<()> {
    let written = written.iter().map(|sheet| (sheet.kind, sheet.subject.clone())).collect();
    let through = approvals::asking::about_sheets(tx, cycle, asker, units, &written).await?;
    for kind in [Kind::Person, Kind::Unit] {
        let codes: Vec<String> =
            through.iter().filter(|(of, _)| *of == kind).map(|(_, subject)| subject.clone()).collect();
        if !codes.is_empty() {
            confirm(tx, cycle, kind, &codes).await?;
        }
    }
    Ok(())
}

/// Rows that were written by hand must still sum to what they replace when an item gets another weight.
fn check_sums(shape: &Shape, subject: &Subject, weights: &BTreeMap<String, String>, rows: &[Row], errors: &mut Errors) {
    if weights.is_empty() {
        return;
    }
    for (place, _) in shape.places() {
        let there: Vec<Row> = rows.iter().filter(|row| row.place == place).cloned().collect();
        let total = shape.replaced(place, weights);
        if !there.is_empty() && total.is_some() && sum(&there) != total {
            let name = &subject.name;
            errors.add(
                "/weights",
                say!(
                    "{name}：{place} 各行权重之和与此权重不符",
                    "{name}: the rows of {place} do not add up to this weight"
                ),
            );
        }
    }
}

/// How a sheet stands once HR is done with it.
fn stand(is_settled: bool, confirmed: bool) -> SheetState {
    match (is_settled, confirmed) {
        (true, true) => SheetState::Proposed,
        (true, false) => SheetState::Settled,
        (false, _) => SheetState::Draft,
    }
}

/// A sheet with what it is to hold: changed in place, or, once scoring was told of it, as a new edition after the old one.
/// Nothing, where it holds that already.
fn revised(tx: &Tx, cycle: &Cycle, sheet: Sheet, content: Content, to: SheetState) -> Result<Vec<Sheet>> {
    let rows = serde_json::to_value(&content.rows)?;
    let holds = (&sheet.rows, &sheet.weights, &sheet.priorities) == (&rows, &content.weights, &content.priorities);
    if holds && (sheet.state == SheetState::Settled || sheet.state == to || to == SheetState::Draft) {
        return Ok(Vec::new());
    }
    let state = if to == SheetState::Draft { sheet.state } else { to };
    let is_settled = state == SheetState::Settled;
    let by_hr = state != SheetState::Draft;
    let next = Sheet {
        edition: if sheet.told { sheet.edition + 1 } else { sheet.edition },
        state,
        told: is_settled && (sheet.told || tells_at_once(cycle)),
        rows,
        weights: content.weights,
        priorities: content.priorities,
        why: content.why,
        rows_by: content.rows_by,
        settled_by: by_hr.then(|| tx.actor.name.clone()),
        settled_at: by_hr.then_some(tx.now),
        version: sheet.version + 1,
        kind: sheet.kind,
        subject: sheet.subject.clone(),
    };
    if !sheet.told {
        return Ok(vec![next]);
    }
    let before = Sheet { state: SheetState::Superseded, version: sheet.version + 1, ..sheet };
    Ok(vec![before, next])
}

/// What HR has settled and everybody has confirmed is settled: a person's sheet, or a unit's with its people's.
pub async fn confirm(tx: &mut Tx, cycle: &Cycle, kind: Kind, subjects: &[String]) -> Result<()> {
    let mut sheets = Vec::new();
    for code in subjects {
        let members = match kind {
            Kind::Person => subjects::rows::some(tx, cycle.id, kind, std::slice::from_ref(code)).await?,
            Kind::Unit => subjects::rows::of_unit(tx, cycle.id, code).await?,
        };
        for kind in [Kind::Person, Kind::Unit] {
            let codes: Vec<String> =
                members.iter().filter(|one| one.kind == kind).map(|one| one.subject.clone()).collect();
            let current = rows::current(tx, cycle.id, kind, &codes).await?;
            sheets.extend(current.into_iter().filter(|sheet| sheet.state == SheetState::Proposed));
        }
    }
    for sheet in &mut sheets {
        sheet.state = SheetState::Settled;
        sheet.told = tells_at_once(cycle);
        sheet.version += 1;
    }
    rows::write(tx, cycle.id, &sheets).await?;
    tell(tx, cycle.id, &sheets).await?;
    if sheets.is_empty() { Ok(()) } else { tasks::rows::ask_for_release(tx, cycle.id).await }
}

/// The result that was computed from an edition counts no more: neither does that edition, and another one holds the same, in
/// place of whatever was to come after it.
pub async fn redo(tx: &mut Tx, annulled: &ResultAnnulled) -> Result<()> {
    let (cycle, edition, why) = (annulled.cycle, annulled.edition, &annulled.reason);
    let Some((kind, code)) = subjects::subject::read(&annulled.subject.to_string()) else { return Ok(()) };
    let pending = rows::current(tx, cycle, kind, std::slice::from_ref(&code)).await?;
    let editions = rows::editions(tx, cycle, kind, &code).await?;
    let last = editions.iter().map(|sheet| sheet.edition).max().unwrap_or(edition);
    let sheet = editions.into_iter().find(|sheet| sheet.edition == edition);
    let sheet = sheet.ok_or_else(|| Problem::internal("a result was computed from no sheet"))?;
    let asked = approvals::rows::of_sheets(tx, cycle, kind, std::slice::from_ref(&code)).await?;
    approvals::asking::void(tx, asked).await?;
    let (settled_by, settled_at) = (Some(tx.actor.name.clone()), Some(tx.now));
    let next = Sheet {
        edition: last + 1,
        state: SheetState::Settled,
        told: true,
        why: Some(why.clone()),
        settled_by,
        settled_at,
        version: sheet.version + 1,
        ..sheet.clone()
    };
    let settled = next.settled()?;
    let gone = pending.into_iter().filter(|one| one.edition != edition);
    let gone = gone.map(|one| Sheet { state: SheetState::Superseded, version: one.version + 1, ..one });
    let annulled_now = Sheet { state: SheetState::Annulled, version: sheet.version + 1, ..sheet };
    let written: Vec<Sheet> = gone.chain([annulled_now, next]).collect();
    rows::write(tx, cycle, &written).await?;
    let detail = json!({ "subject": annulled.subject.to_string(), "edition": edition, "reason": why });
    tx.audit("sheets.annulled", &cycle.to_string(), detail).await?;
    let redo = Some(annulled.appeal);
    tx.emit(&Event::SheetsSettled(SheetsSettled { cycle, sheets: vec![settled], redo })).await
}

/// Settles every draft that is ready, with the rows of approved plans; how many are settled now.
pub async fn settle_ready(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme) -> Result<i64> {
    let mut shapes = Shapes::new(scheme, &cycle.cadence, &cycle.parameters);
    let sources = Sources::load(tx, cycle, scheme, &shapes).await?;
    let (mut settled, mut last) = (0, None);
    loop {
        let page = rows::ready(tx, cycle, last.as_ref(), READ).await?;
        let Some(end) = page.last().cloned() else { break };
        let wishes = page.into_iter().map(|subject| Wish { subject, own: None, newly_planned: false }).collect();
        settled += settle_with(tx, cycle, &mut shapes, &sources, wishes).await?;
        last = Some(end);
    }
    cycles::rows::refresh_statistics(tx, usize::try_from(settled).unwrap_or_default()).await?;
    Ok(settled)
}

/// Puts rows on a sheet by hand. It settles a draft where nothing else is waited for.
pub async fn write_rows(
    tx: &mut Tx,
    cycle: &Cycle,
    shape: &Shape,
    subject: &Subject,
    rows: Vec<Row>,
    why: Option<String>,
) -> Result<Sheet> {
    let found = rows::current(tx, cycle.id, subject.kind, std::slice::from_ref(&subject.subject)).await?;
    let sheet = found.into_iter().next().ok_or_else(|| Problem::internal("a subject has no sheet"))?;
    let waits = cycle.has_settling || cycle.has_release;
    let asker = Asker::of_cycle(tx, cycle).await?;
    let is_settled = sheet.state != SheetState::Draft || (!waits && !lacks_rows(shape, &rows));
    // Without any row the sheet takes those of the plan or of a set again.
    let rows_by = (!rows.is_empty()).then(|| tx.actor.name.clone());
    let content = Content { rows, weights: sheet.weights.clone(), priorities: sheet.priorities.clone(), why, rows_by };
    let written = revised(tx, cycle, sheet.clone(), content, stand(is_settled, asker.confirms(subject)))?;
    rows::write(tx, cycle.id, &written).await?;
    tell(tx, cycle.id, &written).await?;
    let units: BTreeSet<String> = subject.unit.iter().filter(|_| !written.is_empty()).cloned().collect();
    ask_about(tx, cycle, &asker, &units, &written).await?;
    Ok(written.into_iter().next_back().unwrap_or(sheet))
}

/// Approved plans give rows at once where nobody settles sheets and nobody releases them.
pub async fn after_approval(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, subjects: Vec<Subject>) -> Result<()> {
    if cycle.has_settling || cycle.has_release {
        return Ok(());
    }
    if !Shapes::new(scheme, &cycle.cadence, &cycle.parameters).schemes_of_plans().0 {
        return Ok(());
    }
    let of_those = subjects.into_iter().filter(|subject| subject.standing == Standing::In);
    let wishes = of_those.map(|subject| Wish { subject, own: None, newly_planned: true }).collect();
    settle(tx, cycle, scheme, wishes).await.map(drop)
}
