//! Approving plans and settled sheets, or sending them back to whoever wrote them.

use std::collections::{BTreeSet, HashMap};

use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde::Deserialize;
use serde_json::{Value, json};
use steps::signed::signed;
use steps::steps::deciding::{self, Said};
use steps::steps::rules::{Together, together, waiting};
use steps::steps::{Actor, Decision, NewDecision, NewSession, Step, StepState, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::approval::{Approval, Verdict};
use super::asking::{self, Ask, Asker};
use super::{rows, telling};
use crate::cycles::cycle::Cycle;
use crate::plans::plan::{self, Plan, PlanState};
use crate::process::Activity;
use crate::sheets::settling;
use crate::sheets::sheet::Sheet;
use crate::subjects::subject::{self, Kind, Subject};
use crate::viewer::Viewer;
use crate::{cycles, plans, sheets, tasks};

/// What somebody decides about a plan or about settled sheets.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "returned", "reason": "第二项目标没有衡量标准" }))]
pub struct PlanDecision {
    #[schema(inline)]
    pub verdict: Verdict,
    /// Why; needed where something is sent back. 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// Whose sheets are sent back where a unit's are decided about: `person:NUMBER`, `unit:CODE`; absent: all of them.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Where a body decides: the session.
    #[serde(default)]
    pub session: Option<NewSession>,
}

const MOST_SUBJECTS: usize = 1000;

/// Decides in a step, and does what follows.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &PlanDecision) -> Result<()> {
    let sent_back = checked(new)?;
    let number = deciding::number(viewer.number.as_deref())?;
    let approval = rows::get(tx, id).await?;
    let decided = Decided::of(tx, viewer, approval).await?;
    let step = step_rows::get(tx, id, Lock::Update).await?;
    let agrees =
        step.actors().iter().any(|actor| decided.approval.agrees(actor) && viewer.is(&decided.approval.subject));
    if !agrees {
        decided.may_be_decided_by(tx, number).await?;
    }
    let about = decided.approval.clone();
    let acts_as = |actor: &Actor| acts_for(viewer, actor, &about);
    let said = Said {
        verdict: new.verdict.as_str(),
        reason: new.reason.as_deref(),
        session: new.session.as_ref(),
        by_any: false,
    };
    let (sha256, _) = signed(&decided.content(tx).await?)?;
    let detail = json!({ "subjects": new.subjects, "sha256": sha256 });
    let decision = deciding::decide(tx, &step, number, acts_as, said, detail).await?;
    let told = json!({ "step": id, "subject": decided.approval.kind.id(&decided.approval.subject), "plan": decided.approval.plan,
        "verdict": new.verdict, "for": decision.actor, "reason": decision.reason, "subjects": new.subjects });
    tx.audit("plans.decided", &decided.approval.about(), told).await?;
    match new.verdict {
        Verdict::Approved => {
            let decisions = step_rows::decisions(tx, &[id]).await?;
            let cycle = decided.cycle.clone();
            finish(tx, cycle.as_ref(), vec![decided.approval], &[step], &decisions, number).await
        }
        Verdict::Returned => decided.send_back(tx, viewer, &sent_back, &decision.reason).await,
    }
}

/// Approves all plans of a unit's people about which the caller may decide alone; whose.
pub async fn approve_unit(tx: &mut Tx, viewer: &Viewer, cycle: &Cycle, unit: &str) -> Result<Vec<String>> {
    let number = deciding::number(viewer.number.as_deref())?;
    // Plans are held before the steps about them, as everybody does.
    let plans = plans::rows::submitted_of_unit(tx, cycle.id, unit).await?;
    let mut approvals = rows::open_of_unit(tx, cycle.id, unit, &viewer.actors).await?;
    approvals.retain(|one| one.subject != number && plans.iter().any(|plan| Some(plan.id) == one.plan));
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    let mut steps: HashMap<Uuid, Step> =
        step_rows::many(tx, &ids).await?.into_iter().map(|step| (step.id, step)).collect();
    let decisions = step_rows::decisions(tx, &ids).await?;
    let mut made: Vec<(Approval, Step, NewDecision)> = Vec::new();
    for approval in approvals {
        let Some(step) = steps.remove(&approval.step) else { continue };
        let actor = waiting(&step, &decisions).into_iter().find(|actor| acts_for(viewer, actor, &approval));
        let before = decisions.iter().any(|one| one.step == step.id && one.round == step.round && one.by == number);
        // A body decides in a session, about each by itself.
        let Some(actor) = actor.filter(|actor| !matches!(actor, Actor::Body { office: None, .. }) && !before) else {
            continue;
        };
        let decision = NewDecision {
            actor: actor.to_string(),
            verdict: Verdict::Approved.to_string(),
            reason: String::new(),
            detail: match plans.iter().find(|plan| Some(plan.id) == approval.plan) {
                Some(plan) => json!({ "sha256": signed(&content_of(plan))?.0 }),
                None => json!({}),
            },
            session: None,
        };
        made.push((approval, step, decision));
    }
    if made.is_empty() {
        return Ok(Vec::new());
    }
    let kept: Vec<(&Step, &NewDecision)> = made.iter().map(|(_, step, decision)| (step, decision)).collect();
    step_rows::decide_many(tx, &kept).await?;
    let decisions = step_rows::decisions(tx, &ids).await?;
    let numbers = made.iter().map(|(approval, ..)| approval.subject.clone()).collect();
    let (approvals, steps): (Vec<Approval>, Vec<Step>) =
        made.into_iter().map(|(approval, step, _)| (approval, step)).unzip();
    finish(tx, Some(cycle), approvals, &steps, &decisions, number).await?;
    Ok(numbers)
}

/// Whether the caller decides for one of those who are asked, or in place of them. What stands on somebody's own sheet they
/// agree to themselves, and decide nothing else about it.
pub fn acts_for(viewer: &Viewer, actor: &Actor, approval: &Approval) -> bool {
    let is_own = approval.plan.is_none() && approval.kind == Kind::Person && viewer.is(&approval.subject);
    if approval.agrees(actor) || is_own {
        return approval.agrees(actor) && is_own;
    }
    viewer.acts_as(actor) || approval.also.iter().any(|also| viewer.actors.contains(also))
}

/// Where all who decide in a step have approved, the next ones are asked; after the last, what they approved holds.
async fn finish(
    tx: &mut Tx,
    cycle: Option<&Cycle>,
    approvals: Vec<Approval>,
    steps: &[Step],
    decisions: &[Decision],
    by: &str,
) -> Result<()> {
    let is_done = |one: &Approval| {
        steps
            .iter()
            .find(|step| step.id == one.step)
            .is_some_and(|step| !matches!(together(step, decisions), Together::Waiting(_)))
    };
    let done: Vec<Approval> = approvals.iter().filter(|one| is_done(one)).cloned().collect();
    let ids: Vec<Uuid> = done.iter().map(|one| one.step).collect();
    let today = date_of(tx.now);
    step_rows::end_many(tx, &ids, StepState::Done, today).await?;
    telling::tasks(tx, &approvals).await?;
    if done.is_empty() {
        return Ok(());
    }
    let plans: Vec<Uuid> = done.iter().filter_map(|one| one.plan).collect();
    let asker = match (cycle, plans.first()) {
        (Some(cycle), _) => Asker::of_cycle(tx, cycle).await?,
        (None, Some(plan)) => {
            let plan = plans::rows::locked(tx, *plan).await?;
            Asker::of_standing(tx, &plan).await?
        }
        (None, None) => return Ok(()),
    };
    let about: Vec<String> = done.iter().map(Approval::about).collect();
    let mut asked_before: HashMap<String, Vec<Vec<Actor>>> = HashMap::new();
    let mut asked = step_rows::about_any(tx, &about).await?;
    asked.sort_by_key(|step| step.id);
    for step in asked {
        let before = asked_before.entry(step.about.clone()).or_default();
        // Handed in once more: whoever decided about what it was before is asked again.
        if step.place == 1 {
            before.clear();
        }
        if step.state == StepState::Done {
            before.push(step.actors());
        }
    }
    let mut wanted = Vec::with_capacity(done.len());
    for (one, subject) in done.iter().zip(asking::concerned(tx, cycle, &done).await?) {
        let before = asked_before.remove(&one.about()).unwrap_or_default();
        // Whoever is of another category by now goes another way, from its beginning.
        let same_way = asker.chain(one.plan, &subject).is_none_or(|chain| chain.stage == one.stage);
        let (after, before) = if same_way { (one.place, before) } else { (0, Vec::new()) };
        wanted.push(Ask { plan: one.plan, subject, after, before });
    }
    let through = asking::ask(tx, &asker, &wanted).await?;
    let through: Vec<&Approval> = through.into_iter().filter_map(|at| done.get(at)).collect();
    let approved: Vec<Uuid> = through.iter().filter_map(|one| one.plan).collect();
    if !approved.is_empty() {
        plans::rows::approve(tx, &approved, by).await?;
        let plans = plans::rows::some(tx, &approved).await?;
        telling::decided(tx, &plans, Verdict::Approved, "").await?;
    }
    let Some(cycle) = cycle else { return Ok(()) };
    for kind in [Kind::Person, Kind::Unit] {
        let of_kind = through.iter().filter(|one| one.kind == kind);
        let (plans, sheets): (Vec<&&Approval>, Vec<&&Approval>) = of_kind.partition(|one| one.plan.is_some());
        let codes = |all: Vec<&&Approval>| all.into_iter().map(|one| one.subject.clone()).collect::<Vec<_>>();
        plans::settle_approved(tx, cycle, kind, &codes(plans)).await?;
        settling::confirm(tx, cycle, kind, &codes(sheets)).await?;
    }
    Ok(())
}

/// What a plan says, to the letter.
fn content_of(plan: &Plan) -> Value {
    json!({ "plan": plan.id, "subject": plan.kind.id(&plan.subject).to_string(), "scheme": plan.scheme, "period": plan.period,
        "edition": plan.edition, "goals": plan.goals })
}

/// What is decided about, held until the transaction ends.
struct Decided {
    approval: Approval,
    cycle: Option<Cycle>,
    plan: Option<Plan>,
}

impl Decided {
    async fn of(tx: &mut Tx, viewer: &Viewer, approval: Approval) -> Result<Self> {
        let (plan, cycle) = match (approval.plan, approval.cycle) {
            (Some(plan), _) => {
                let (plan, cycle) = plans::held(tx, plan, viewer).await?;
                (Some(plan), cycle)
            }
            (None, Some(cycle)) => (None, Some(cycles::rows::get_running(tx, cycle).await?)),
            (None, None) => (None, None),
        };
        if plan.as_ref().is_some_and(|plan| plan.state != PlanState::Submitted) {
            return Err(deciding::ended());
        }
        Ok(Self { approval, cycle, plan })
    }

    /// Nobody decides about what they wrote, or about what they are measured by themselves.
    async fn may_be_decided_by(&self, tx: &mut Tx, number: &str) -> Result<()> {
        if let Some(plan) = &self.plan
            && plan.concerned().writer == Some(number)
        {
            return Err(Problem::not_permitted(say!("不能审批自己的绩效计划", "nobody decides about their own plan")));
        }
        let own = self.approval.kind == Kind::Person && self.approval.subject == number;
        if own {
            return Err(Problem::not_permitted(say!("不能审批自己的考核表", "nobody decides about their own sheet")));
        }
        let (Kind::Unit, Some(cycle), true) = (self.approval.kind, &self.cycle, self.plan.is_some()) else {
            return Ok(());
        };
        if sheets::rows::is_member(tx, cycle.id, &self.approval.subject, Some(number)).await? {
            return Err(Problem::not_permitted(say!(
                "不能审批自己所在部门的计划",
                "nobody decides about the plan of the unit they belong to"
            )));
        }
        Ok(())
    }

    /// What is decided about, to the letter: the goals of a plan, or what stands on sheets.
    async fn content(&self, tx: &mut Tx) -> Result<Value> {
        if let Some(plan) = &self.plan {
            return Ok(
                json!({ "plan": plan.id, "subject": plan.kind.id(&plan.subject).to_string(), "scheme": plan.scheme,
                "period": plan.period, "edition": plan.edition, "goals": plan.goals }),
            );
        }
        let Some(cycle) = &self.cycle else { return Ok(Value::Null) };
        let about = asking::sheets_of(tx, cycle, &self.approval).await?;
        let mut all = Vec::new();
        for kind in [Kind::Person, Kind::Unit] {
            let of_kind = about.iter().filter(|one| one.kind == kind);
            let codes: Vec<String> = of_kind.map(|one| one.subject.clone()).collect();
            all.extend(sheets::rows::current(tx, cycle.id, kind, &codes).await?);
        }
        let sheet = |one: &Sheet| {
            json!({ "subject": one.kind.id(&one.subject).to_string(), "edition": one.edition, "rows": one.rows,
                "weights": one.weights, "priorities": one.priorities })
        };
        Ok(json!({ "cycle": cycle.id, "sheets": all.iter().map(sheet).collect::<Vec<_>>() }))
    }

    async fn send_back(
        mut self,
        tx: &mut Tx,
        viewer: &Viewer,
        subjects: &[(Kind, String)],
        reason: &str,
    ) -> Result<()> {
        let today = date_of(tx.now);
        step_rows::end(tx, self.approval.step, StepState::Returned, today).await?;
        // What was approved before counts no more: everybody is asked anew.
        let before = step_rows::about(tx, &self.approval.about()).await?;
        let before: Vec<Uuid> =
            before.iter().filter(|step| step.state == StepState::Done).map(|step| step.id).collect();
        step_rows::void(tx, &before, today).await?;
        telling::tasks(tx, std::slice::from_ref(&self.approval)).await?;
        match (self.plan.take(), &self.cycle) {
            (Some(mut plan), cycle) => {
                if !subjects.is_empty() {
                    return Err(Problem::field(
                        "/subjects",
                        say!("绩效计划整份退回", "a plan is sent back as a whole"),
                    ));
                }
                plan.take(plan::Step::Return(reason.to_owned()), viewer, tx.now)?;
                plans::rows::store(tx, &mut plan).await?;
                telling::decided(tx, std::slice::from_ref(&plan), Verdict::Returned, reason).await?;
                let Some(cycle) = cycle else { return Ok(()) };
                for activity in Activity::of_plan(plan.kind) {
                    tasks::rows::mark(tx, cycle.id, *activity, std::slice::from_ref(&plan.subject), false).await?;
                }
                Ok(())
            }
            (None, Some(cycle)) => {
                let units = self.sheets_back(tx, cycle, subjects).await?;
                tasks::rows::mark(tx, cycle.id, Activity::SettleSheets, &units, false).await
            }
            (None, None) => Ok(()),
        }
    }

    /// Sheets are drafts again; of which units they are.
    async fn sheets_back(&self, tx: &mut Tx, cycle: &Cycle, subjects: &[(Kind, String)]) -> Result<Vec<String>> {
        let all = asking::sheets_of(tx, cycle, &self.approval).await?;
        let mut errors = Errors::default();
        for (at, (kind, code)) in subjects.iter().enumerate() {
            if !all.iter().any(|one| one.kind == *kind && one.subject == *code) {
                errors.add(format!("/subjects/{at}"), say!("不在本步骤范围内", "this step is not about it"));
            }
        }
        errors.check()?;
        let named = |one: &Subject| {
            subjects.is_empty() || subjects.iter().any(|(kind, code)| one.kind == *kind && one.subject == *code)
        };
        let back: Vec<Subject> = all.into_iter().filter(|one| named(one)).collect();
        for kind in [Kind::Person, Kind::Unit] {
            let codes: Vec<String> =
                back.iter().filter(|one| one.kind == kind).map(|one| one.subject.clone()).collect();
            sheets::rows::reopen(tx, cycle.id, kind, &codes).await?;
        }
        let units: BTreeSet<String> = back.into_iter().filter_map(|one| one.unit).collect();
        Ok(units.into_iter().collect())
    }
}

/// Whose sheets are sent back.
fn checked(new: &PlanDecision) -> Result<Vec<(Kind, String)>> {
    let mut errors = Errors::default();
    match (new.verdict, &new.reason) {
        (_, Some(reason)) => errors.check_text("/reason", reason),
        (Verdict::Returned, None) => errors.add("/reason", say!("退回须说明理由", "what is sent back needs a reason")),
        (Verdict::Approved, None) => {}
    }
    if new.verdict == Verdict::Approved && !new.subjects.is_empty() {
        errors.add("/subjects", say!("批准时不写", "nothing is sent back here"));
    }
    if new.subjects.len() > MOST_SUBJECTS {
        errors.add("/subjects", say!("最多 {MOST_SUBJECTS} 个", "{MOST_SUBJECTS} at most"));
    }
    let mut subjects = Vec::new();
    for (at, text) in new.subjects.iter().enumerate() {
        match subject::read(text) {
            Some(subject) => subjects.push(subject),
            None => errors.add(
                format!("/subjects/{at}"),
                say!("写作 person:工号 或 unit:部门代码", "write person:NUMBER or unit:CODE"),
            ),
        }
    }
    errors.check()?;
    Ok(subjects)
}
