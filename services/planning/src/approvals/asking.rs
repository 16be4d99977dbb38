//! Asking those who decide: the first of them when a plan is handed in or sheets are settled, the next when they have.

use std::collections::{BTreeSet, HashMap};

use domain::period::Period;
use domain::scheme::Scheme;
use domain::scheme::source::StageOn;
use platform::clock::date_of;
use platform::{Problem, Result, Tx};
use steps::steps::{Actor, NewStep, StepState, rows as step_rows};
use uuid::Uuid;

use super::approval::Approval;
use super::chain::Chain;
use super::{rows, telling};
use crate::cycles::cycle::{Cycle, StageView};
use crate::plans::plan::Plan;
use crate::schemes;
use crate::sheets::sheet::SheetState;
use crate::subjects::placing;
use crate::subjects::subject::{Kind, Standing, Subject};
use crate::{cycles, directory, sheets, subjects};

/// Who decides about what, as far as it is the same for all plans of a cycle.
pub struct Asker {
    cycle: Option<Uuid>,
    plans: HashMap<Kind, Chain>,
    /// Who confirms sheets: the first chain that is for somebody of the category.
    sheets: Vec<Chain>,
    /// Whether sheets are confirmed one by one or unit by unit.
    sheets_on: StageOn,
}

impl Asker {
    pub async fn of_cycle(tx: &mut Tx, cycle: &Cycle) -> Result<Self> {
        let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
        let stages = cycles::rows::stages(tx, cycle.id).await?;
        Ok(Self::new(cycle, &scheme, &stages))
    }

    pub fn new(cycle: &Cycle, scheme: &Scheme, stages: &[StageView]) -> Self {
        let period: Option<Period> = cycle.period.parse().ok();
        let chain = |kind| period.map(|period| (kind, Chain::of_plans(scheme, &cycle.cadence, &period, stages, kind)));
        let plans = [Kind::Person, Kind::Unit].into_iter().filter_map(chain).collect();
        let sheets = period.map(|period| Chain::of_sheets(scheme, &cycle.cadence, &period, stages));
        let (sheets, sheets_on) = sheets.unwrap_or((Vec::new(), StageOn::Cycle));
        Self { cycle: Some(cycle.id), plans, sheets, sheets_on }
    }

    /// For a plan that is no cycle's.
    pub async fn of_standing(tx: &mut Tx, plan: &Plan) -> Result<Self> {
        let scheme = schemes::stored::latest(tx, &plan.scheme).await?;
        let period: Option<Period> = plan.period.parse().ok();
        let chain = period.map(|period| (plan.kind, Chain::of_standing(&scheme, &period, plan.kind)));
        Ok(Self { cycle: None, plans: chain.into_iter().collect(), sheets: Vec::new(), sheets_on: StageOn::Cycle })
    }

    pub async fn of_plan(tx: &mut Tx, plan: &Plan, cycle: Option<&Cycle>) -> Result<Self> {
        match cycle {
            Some(cycle) => Self::of_cycle(tx, cycle).await,
            None => Self::of_standing(tx, plan).await,
        }
    }

    /// Who decides about a subject's plan or sheet.
    pub fn chain(&self, plan: Option<Uuid>, subject: &Subject) -> Option<&Chain> {
        match plan {
            Some(_) => self.plans.get(&subject.kind),
            None => self.sheets.iter().find(|chain| chain.is_for(subject)),
        }
    }

    /// Whether settled sheets are confirmed one by one.
    pub fn confirms_each(&self) -> bool {
        self.sheets_on != StageOn::Units
    }

    /// Whether somebody confirms a subject's settled sheet.
    pub fn confirms(&self, subject: &Subject) -> bool {
        self.chain(None, subject).is_some()
    }
}

/// Whose plans or sheets are to be decided about.
pub struct Ask {
    /// None: their sheets.
    pub plan: Option<Uuid>,
    pub subject: Subject,
    /// The place at which was decided last; 0: nobody has.
    pub after: i32,
    /// Who was asked before.
    pub before: Vec<Vec<Actor>>,
}

/// Asks the next ones; what is wanted of nobody any more is given back by its place in the list.
pub async fn ask(tx: &mut Tx, asker: &Asker, wanted: &[Ask]) -> Result<Vec<usize>> {
    let (mut through, mut new, mut about) = (Vec::new(), Vec::new(), Vec::new());
    for (at, one) in wanted.iter().enumerate() {
        let chain = asker.chain(one.plan, &one.subject);
        let Some((chain, next)) =
            chain.and_then(|chain| Some((chain, chain.next(one.after, &one.subject, &one.before)?)))
        else {
            through.push(at);
            continue;
        };
        let approval = Approval {
            step: Uuid::nil(),
            cycle: asker.cycle,
            stage: chain.stage.clone(),
            label_zh: chain.label.zh.clone(),
            label_en: chain.label.en.clone(),
            plan: one.plan,
            kind: one.subject.kind,
            subject: one.subject.subject.clone(),
            also: next.also.iter().map(ToString::to_string).collect(),
            place: next.place,
            state: StepState::Open,
        };
        new.push(NewStep { about: approval.about(), place: next.place, actors: next.actors, due: chain.due });
        about.push(approval);
    }
    if new.is_empty() {
        return Ok(through);
    }
    let today = date_of(tx.now);
    let ids = step_rows::open_many(tx, &new, today).await?;
    about.iter_mut().zip(ids).for_each(|(approval, step)| approval.step = step);
    rows::insert(tx, &about).await?;
    telling::tasks(tx, &about).await?;
    Ok(through)
}

/// Asks about plans that were handed in; what was asked about them before counts no more.
pub async fn about_plans(tx: &mut Tx, cycle: Option<&Cycle>, plans: &[Plan]) -> Result<()> {
    let Some(first) = plans.first() else { return Ok(()) };
    let ids: Vec<Uuid> = plans.iter().map(|plan| plan.id).collect();
    let asked = rows::of_plans(tx, &ids).await?;
    void(tx, asked).await?;
    let asker = Asker::of_plan(tx, first, cycle).await?;
    let of: Vec<(Kind, String)> = plans.iter().map(|plan| (plan.kind, plan.subject.clone())).collect();
    let subjects = standing_of(tx, cycle, &of).await?;
    // Nobody decides about whoever takes no part; what their people plan units hand in all the same.
    let is_wanted = |one: &Subject| cycle.is_none() || one.kind == Kind::Unit || one.standing == Standing::In;
    let ask_one =
        |(plan, subject): (&Plan, Subject)| Ask { plan: Some(plan.id), subject, after: 0, before: Vec::new() };
    let wanted: Vec<Ask> = plans.iter().zip(subjects).filter(|(_, one)| is_wanted(one)).map(ask_one).collect();
    ask(tx, &asker, &wanted).await.map(drop)
}

/// Whose plans or sheets these are, as they stand in the cycle, or in the organisation now.
async fn standing_of(tx: &mut Tx, cycle: Option<&Cycle>, of: &[(Kind, String)]) -> Result<Vec<Subject>> {
    let mut known: HashMap<(Kind, String), Subject> = HashMap::new();
    match cycle {
        None => {
            let organisation = directory::rows::organisation(tx, date_of(tx.now)).await?;
            for (kind, code) in of {
                let found = match kind {
                    Kind::Person => {
                        organisation.people.get(code).map(|one| placing::person_subject(one, &organisation))
                    }
                    Kind::Unit => organisation.units.get(code).map(|one| placing::unit_subject(one, &organisation)),
                };
                known.extend(found.map(|one| ((*kind, code.clone()), one)));
            }
        }
        Some(cycle) => {
            for kind in [Kind::Person, Kind::Unit] {
                let codes: Vec<String> =
                    of.iter().filter(|(of, _)| *of == kind).map(|(_, code)| code.clone()).collect();
                if !codes.is_empty() {
                    let found = subjects::rows::some(tx, cycle.id, kind, &codes).await?;
                    known.extend(found.into_iter().map(|one| ((kind, one.subject.clone()), one)));
                }
            }
        }
    }
    let found = |(kind, code): &(Kind, String)| {
        known.remove(&(*kind, code.clone())).ok_or_else(|| Problem::internal(format!("there is no {}", kind.id(code))))
    };
    of.iter().map(found).collect()
}

/// Whose plans or sheets approvals are about, in their order.
pub async fn concerned(tx: &mut Tx, cycle: Option<&Cycle>, approvals: &[Approval]) -> Result<Vec<Subject>> {
    let of: Vec<(Kind, String)> = approvals.iter().map(|one| (one.kind, one.subject.clone())).collect();
    standing_of(tx, cycle, &of).await
}

/// Whose sheets an approval is about: a unit's with its people's, or one person's.
pub async fn sheets_of(tx: &mut Tx, cycle: &Cycle, approval: &Approval) -> Result<Vec<Subject>> {
    match approval.kind {
        Kind::Unit => subjects::rows::of_unit(tx, cycle.id, &approval.subject).await,
        Kind::Person => concerned(tx, Some(cycle), std::slice::from_ref(approval)).await,
    }
}

/// Asks about sheets that HR has settled and somebody has to confirm: person by person, or a unit's as soon as none of them
/// is a draft any more. Who is asked about a sheet that was not `written` anew goes on being asked. Of what nobody confirms,
/// whose it is.
pub async fn about_sheets(
    tx: &mut Tx,
    cycle: &Cycle,
    asker: &Asker,
    units: &BTreeSet<String>,
    written: &BTreeSet<(Kind, String)>,
) -> Result<Vec<(Kind, String)>> {
    if asker.sheets.is_empty() {
        return Ok(Vec::new());
    }
    let mut wanted = Vec::new();
    for unit in units {
        let members = subjects::rows::of_unit(tx, cycle.id, unit).await?;
        let states = sheets::rows::states_of_unit(tx, cycle.id, unit).await?;
        let state =
            |one: &Subject| states.iter().find(|(kind, subject, _)| *kind == one.kind && *subject == one.subject);
        let proposed = |one: &Subject| state(one).is_some_and(|(.., state)| *state == SheetState::Proposed);
        match asker.sheets_on {
            StageOn::Units => {
                let is_complete = states.iter().all(|(.., state)| *state != SheetState::Draft);
                let of_unit = subjects::rows::find(tx, cycle.id, Kind::Unit, unit).await?;
                if is_complete && members.iter().any(proposed) {
                    wanted.extend(of_unit);
                }
            }
            StageOn::People | StageOn::Cycle => wanted.extend(members.into_iter().filter(|one| proposed(one))),
        }
    }
    let mut asked = Vec::new();
    for kind in [Kind::Person, Kind::Unit] {
        let codes: Vec<String> = wanted.iter().filter(|one| one.kind == kind).map(|one| one.subject.clone()).collect();
        if !codes.is_empty() {
            asked.extend(rows::of_sheets(tx, cycle.id, kind, &codes).await?);
        }
    }
    if asker.sheets_on != StageOn::Units {
        let is_asked = |one: &Subject| {
            let same = |approval: &&Approval| approval.kind == one.kind && approval.subject == one.subject;
            asked.iter().filter(same).any(|approval| approval.state == StepState::Open)
        };
        wanted.retain(|one| written.contains(&(one.kind, one.subject.clone())) || !is_asked(one));
    }
    asked.retain(|approval| wanted.iter().any(|one| approval.kind == one.kind && approval.subject == one.subject));
    void(tx, asked).await?;
    let asks: Vec<Ask> =
        wanted.into_iter().map(|subject| Ask { plan: None, subject, after: 0, before: Vec::new() }).collect();
    let through = ask(tx, asker, &asks).await?;
    let of = |at: usize| asks.get(at).map(|one| (one.subject.kind, one.subject.subject.clone()));
    Ok(through.into_iter().filter_map(of).collect())
}

/// What was asked counts no more: what is open is asked of nobody.
pub async fn void(tx: &mut Tx, mut asked: Vec<Approval>) -> Result<()> {
    asked.retain(|one| one.state == StepState::Open);
    if asked.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = asked.iter().map(|one| one.step).collect();
    let today = date_of(tx.now);
    step_rows::void(tx, &ids, today).await?;
    telling::tasks(tx, &asked).await
}
