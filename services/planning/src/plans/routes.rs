use actix_web::{HttpResponse, get, post, put, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, versioned};
use platform::{
    Caller, IfMatch, JsonBody, Page, PageQuery, Permission, Platform, Problem, Reply, Result, Tx, Write, say,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::goals::{self, Goal};
use super::plan::{Plan, State, Step};
use super::rows::{self, Edition, Filter};
use crate::permissions::{DecidePlan, EnterPlans, ReadPlans, WritePlan};
use crate::precondition::OptionalIfMatch;
use crate::process::Activity;
use crate::viewer::Viewer;
use crate::{cycles, tasks, unit_plans};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_plans)
        .service(get_plan)
        .service(put_plan)
        .service(submit_plan)
        .service(return_plan)
        .service(approve_plan)
        .service(amend_plan)
        .service(list_plan_versions)
        .service(enter_plans)
        .service(approve_unit_plans);
}

/// A person's plan in a cycle.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
struct PlanView {
    id: Uuid,
    cycle: Uuid,
    /// Employee number of the appraisee.
    number: String,
    name: String,
    unit: String,
    /// 1, and one more with each change after approval.
    edition: i32,
    /// `draft`, `submitted`, `returned`, `approved` or `settled`.
    state: String,
    goals: Vec<Goal>,
    /// Why it was returned, or why it is changed after approval.
    reason: Option<String>,
    submitted_by: Option<String>,
    submitted_at: Option<jiff::Timestamp>,
    decided_by: Option<String>,
    decided_at: Option<jiff::Timestamp>,
    /// The `ETag`.
    version: i64,
}

impl TryFrom<&Plan> for PlanView {
    type Error = Problem;

    fn try_from(plan: &Plan) -> Result<Self> {
        let state = plan.state()?;
        Ok(Self {
            id: plan.id,
            cycle: plan.cycle,
            number: plan.number.clone(),
            name: plan.name.clone(),
            unit: plan.unit.clone(),
            edition: plan.edition,
            state: if plan.settled && state == State::Approved { "settled" } else { state.code() }.to_owned(),
            goals: plan.goals()?,
            reason: plan.reason.clone(),
            submitted_by: plan.submitted_by.clone(),
            submitted_at: plan.submitted_at,
            decided_by: plan.decided_by.clone(),
            decided_at: plan.decided_at,
            version: plan.version,
        })
    }
}

fn reply(plan: &Plan) -> Result<Reply> {
    Ok(Reply::ok(&PlanView::try_from(plan)?)?.version(plan.version))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Unit code.
    unit: Option<String>,
    /// `draft`, `submitted`, `returned`, `approved` or `settled`.
    state: Option<String>,
}

/// Plans: one's own, those of one's reports and units, or all of them for HR and executives.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(PlanQuery, PageQuery),
    responses((status = 200, body = Page<PlanView>)))]
#[get("/v1/plans")]
async fn list_plans(
    caller: Caller<ReadPlans>,
    platform: Platform,
    query: web::Query<PlanQuery>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    if let Some(state) = query.state.as_deref().filter(|state| *state != "settled")
        && !State::ALL.iter().any(|known| known.code() == state)
    {
        return Err(Problem::field(
            "/state",
            say!(
                "只能是 draft、submitted、returned、approved 或 settled",
                "draft, submitted, returned, approved or settled"
            ),
        ));
    }
    let limit = page.limit()?;
    let filter = Filter {
        cycle: query.cycle,
        unit: query.unit.as_deref(),
        state: query.state.as_deref(),
        after: page.after.as_deref().map(place).transpose()?,
        limit: limit + 1,
    };
    let plans =
        platform::web::read(&platform, &caller, async |tx| rows::list(tx, &Viewer::of(&caller), &filter).await).await?;
    let views = plans.iter().map(PlanView::try_from).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |plan| format!("{}/{}", plan.cycle, plan.number))))
}

fn place(after: &str) -> Result<(Uuid, String)> {
    after
        .split_once('/')
        .and_then(|(cycle, number)| Some((cycle.parse().ok()?, number.to_owned())))
        .ok_or_else(|| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page")))
}

/// One plan.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = PlanView)))]
#[get("/v1/plans/{id}")]
async fn get_plan(caller: Caller<ReadPlans>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let plan =
        platform::web::read(&platform, &caller, async |tx| rows::get(tx, *id, &Viewer::of(&caller), false).await)
            .await?;
    Ok(versioned(&PlanView::try_from(&plan)?, plan.version))
}

/// The goals of a plan.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanContent {
    /// 1 to 50 goals whose weights add up to exactly 100.
    goals: Vec<Goal>,
}

/// A plan for change, in a cycle that stays open meanwhile.
async fn open_plan<P: Permission>(tx: &mut Tx, caller: &Caller<P>, id: Uuid) -> Result<Plan> {
    let plan = rows::get(tx, id, &Viewer::of(caller), true).await?;
    cycles::rows::get_open(tx, plan.cycle).await?;
    Ok(plan)
}

/// Goals that can be stored in the plan of somebody in a unit.
async fn checked_goals(tx: &mut Tx, plan: &Plan, goals: Vec<Goal>) -> Result<serde_json::Value> {
    let mut errors = Errors::default();
    let goals = goals::check(goals, "/goals", &mut errors);
    let refer = TargetReferences::load(tx, plan.cycle, goals.iter()).await?;
    refer.check(&goals, "/goals", &plan.number, &plan.unit, &mut errors);
    errors.check()?;
    Ok(serde_json::to_value(goals)?)
}

/// The targets that goals refer to.
struct TargetReferences(std::collections::HashMap<Uuid, rows::Aim>);

impl TargetReferences {
    async fn load<'a>(tx: &mut Tx, cycle: Uuid, goals: impl Iterator<Item = &'a Goal>) -> Result<Self> {
        let targets: Vec<Uuid> = goals.filter_map(|goal| goal.target).collect();
        let aims = rows::aims(tx, cycle, &targets).await?;
        Ok(Self(aims.into_iter().map(|aim| (aim.id, aim)).collect()))
    }

    fn check(&self, goals: &[Goal], pointer: &str, number: &str, unit: &str, errors: &mut Errors) {
        for (at, goal) in goals.iter().enumerate() {
            let Some(target) = goal.target else { continue };
            let concerns = self
                .0
                .get(&target)
                .is_some_and(|aim| aim.employee.as_deref() == Some(number) || aim.unit.as_deref() == Some(unit));
            if !concerns {
                errors.add(
                    format!("{pointer}/{at}/target"),
                    say!("本周期中该员工及其部门没有此下达指标", "no target of this person or their unit in the cycle"),
                );
            }
        }
    }
}

/// Writes the goals of one's own plan, while it is a draft or was returned.
#[utoipa::path(tag = "plans", security(("bearer" = [])), request_body = PlanContent,
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "the plan's ETag")),
    responses((status = 200, body = PlanView)))]
#[put("/v1/plans/{id}")]
async fn put_plan(
    caller: Caller<WritePlan>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: IfMatch,
    body: JsonBody<PlanContent>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let plan = open_plan(tx, &caller, *id).await?;
            if_match.check(plan.version)?;
            let goals = checked_goals(tx, &plan, body.0.goals).await?;
            reply(&take(tx, &caller, plan, Step::Write(goals)).await?)
        })
        .await
}

/// Submits one's own plan to the superior.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)),
    responses((status = 200, body = PlanView)))]
#[post("/v1/plans/{id}/submit")]
async fn submit_plan(
    caller: Caller<WritePlan>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: OptionalIfMatch,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let plan = open_plan(tx, &caller, *id).await?;
            if_match.check(plan.version)?;
            reply(&take(tx, &caller, plan, Step::Submit).await?)
        })
        .await
}

/// Takes a step of a plan, with its audit entry and its task.
async fn take<P: Permission>(tx: &mut Tx, caller: &Caller<P>, mut plan: Plan, step: Step) -> Result<Plan> {
    let taken = plan.take(step, &Viewer::of(caller), tx.now)?;
    rows::store(tx, &mut plan).await?;
    if let Some(done) = taken.drafted {
        tasks::rows::mark(tx, plan.cycle, Activity::DraftPlan, std::slice::from_ref(&plan.number), done).await?;
    }
    tx.audit(taken.action, &plan.id.to_string(), taken.detail).await?;
    Ok(plan)
}

/// Why something is given back.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// 1 to 4000 characters.
    pub reason: String,
}

/// Returns a submitted plan to the appraisee, with the reason.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), request_body = Return,
    responses((status = 200, body = PlanView)))]
#[post("/v1/plans/{id}/return")]
async fn return_plan(
    caller: Caller<DecidePlan>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: OptionalIfMatch,
    body: JsonBody<Return>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let plan = open_plan(tx, &caller, *id).await?;
            if_match.check(plan.version)?;
            reply(&take(tx, &caller, plan, Step::Return(body.0.reason)).await?)
        })
        .await
}

/// Approves a submitted plan.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)),
    responses((status = 200, body = PlanView)))]
#[post("/v1/plans/{id}/approve")]
async fn approve_plan(
    caller: Caller<DecidePlan>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: OptionalIfMatch,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let plan = open_plan(tx, &caller, *id).await?;
            if_match.check(plan.version)?;
            reply(&take(tx, &caller, plan, Step::Approve).await?)
        })
        .await
}

/// A change to an approved plan.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Amendment {
    /// 1 to 50 goals whose weights add up to exactly 100.
    goals: Vec<Goal>,
    /// Why the approved plan no longer fits; 1 to 4000 characters.
    reason: String,
}

/// Changes one's own approved plan: a new edition, as a draft, beside the approved one.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), request_body = Amendment,
    responses((status = 201, body = PlanView)))]
#[post("/v1/plans/{id}/versions")]
async fn amend_plan(
    caller: Caller<WritePlan>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: OptionalIfMatch,
    body: JsonBody<Amendment>,
) -> Result<HttpResponse> {
    let Amendment { goals, reason } = body.0;
    write
        .run(&caller, async |tx| {
            let plan = open_plan(tx, &caller, *id).await?;
            if_match.check(plan.version)?;
            let goals = checked_goals(tx, &plan, goals).await?;
            rows::keep_edition(tx, &plan, tx.now).await?;
            let plan = take(tx, &caller, plan, Step::Amend(goals, reason)).await?;
            Ok(Reply::created(format!("/v1/plans/{id}"), &PlanView::try_from(&plan)?)?.version(plan.version))
        })
        .await
}

/// An edition of a plan.
#[derive(Serialize, Deserialize, ToSchema)]
struct EditionView {
    edition: i32,
    /// `approved` and `superseded` for those before; the plan's state for the latest.
    state: String,
    goals: Vec<Goal>,
    reason: Option<String>,
    approved_by: Option<String>,
    approved_at: Option<jiff::Timestamp>,
    superseded_at: Option<jiff::Timestamp>,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct Editions {
    items: Vec<EditionView>,
}

fn superseded(edition: Edition) -> Result<EditionView> {
    Ok(EditionView {
        edition: edition.edition,
        state: "superseded".to_owned(),
        goals: serde_json::from_value(edition.goals)?,
        reason: edition.reason,
        approved_by: edition.approved_by,
        approved_at: edition.approved_at,
        superseded_at: Some(edition.superseded_at),
    })
}

fn latest(plan: PlanView) -> EditionView {
    let approved = matches!(plan.state.as_str(), "approved" | "settled");
    EditionView {
        edition: plan.edition,
        state: plan.state,
        goals: plan.goals,
        reason: plan.reason,
        approved_by: plan.decided_by.filter(|_| approved),
        approved_at: plan.decided_at.filter(|_| approved),
        superseded_at: None,
    }
}

/// All editions of a plan, oldest first.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Editions)))]
#[get("/v1/plans/{id}/versions")]
async fn list_plan_versions(
    caller: Caller<ReadPlans>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let (plan, before) = platform::web::read(&platform, &caller, async |tx| {
        let plan = rows::get(tx, *id, &Viewer::of(&caller), false).await?;
        let before = rows::editions(tx, plan.id).await?;
        Ok((plan, before))
    })
    .await?;
    let mut items = before.into_iter().map(superseded).collect::<Result<Vec<_>>>()?;
    items.push(latest(PlanView::try_from(&plan)?));
    Ok(HttpResponse::Ok().json(Editions { items }))
}

/// Plans that HR enters on behalf of their people.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnteredPlans {
    /// At most 5000.
    plans: Vec<EnteredPlan>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnteredPlan {
    /// Employee number.
    number: String,
    goals: Vec<Goal>,
}

/// How many plans were changed.
#[derive(Serialize, Deserialize, ToSchema)]
struct Changed {
    plans: usize,
}

const ENTERED_AT_MOST: usize = 5000;

/// Enters plans on behalf of their people and leaves them submitted; all of them or, with any error, none.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = EnteredPlans,
    responses((status = 200, body = Changed)))]
#[put("/v1/cycles/{id}/plans")]
async fn enter_plans(
    caller: Caller<EnterPlans>,
    write: Write,
    cycle: web::Path<Uuid>,
    body: JsonBody<EnteredPlans>,
) -> Result<HttpResponse> {
    let entered = body.0.plans;
    if entered.is_empty() || entered.len() > ENTERED_AT_MOST {
        return Err(Problem::field(
            "/plans",
            say!("须有 1 到 {ENTERED_AT_MOST} 份绩效计划", "1 to {ENTERED_AT_MOST} plans"),
        ));
    }
    write
        .run(&caller, async |tx| {
            cycles::rows::get_open(tx, *cycle).await?;
            let plans = checked_plans(tx, *cycle, entered).await?;
            let (author, now) = (tx.actor.name.clone(), tx.now);
            let changed = rows::enter(tx, *cycle, &plans, &author, now).await?;
            let numbers: Vec<String> = plans.into_iter().map(|(number, _)| number).collect();
            tasks::rows::mark(tx, *cycle, Activity::DraftPlan, &numbers, true).await?;
            tx.audit("plans.entered-on-behalf", &cycle.to_string(), json!({ "numbers": numbers })).await?;
            Reply::ok(&Changed { plans: changed })
        })
        .await
}

async fn checked_plans(tx: &mut Tx, cycle: Uuid, entered: Vec<EnteredPlan>) -> Result<Vec<(String, Vec<Goal>)>> {
    let numbers: Vec<String> = entered.iter().map(|plan| plan.number.clone()).collect();
    let standings = rows::standings(tx, cycle, &numbers).await?;
    let standings: std::collections::HashMap<String, rows::Standing> =
        standings.into_iter().map(|standing| (standing.number.clone(), standing)).collect();
    let refer = TargetReferences::load(tx, cycle, entered.iter().flat_map(|plan| &plan.goals)).await?;
    let mut errors = Errors::default();
    let mut seen = std::collections::HashSet::new();
    let mut plans = Vec::with_capacity(entered.len());
    for (at, plan) in entered.into_iter().enumerate() {
        let pointer = format!("/plans/{at}");
        let goals = goals::check(plan.goals, &format!("{pointer}/goals"), &mut errors);
        match standings.get(&plan.number) {
            None => errors.add(
                format!("{pointer}/number"),
                say!("本周期中没有该工号的绩效计划", "nobody of this number has a plan in the cycle"),
            ),
            Some(_) if !seen.insert(plan.number.clone()) => {
                errors.add(format!("{pointer}/number"), say!("该工号重复", "this number is there twice"));
            }
            Some(standing) => {
                if let Err(problem) = standing.state.parse::<State>()?.enter() {
                    errors.add(format!("{pointer}/number"), problem.detail);
                }
                refer.check(&goals, &format!("{pointer}/goals"), &plan.number, &standing.unit, &mut errors);
            }
        }
        plans.push((plan.number, goals));
    }
    errors.check()?;
    Ok(plans)
}

/// Approves everything that a unit's people have submitted, but for the caller's own plan.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path), ("code" = String, Path)),
    responses((status = 200, body = Changed)))]
#[post("/v1/cycles/{id}/units/{code}/plans/approve")]
async fn approve_unit_plans(
    caller: Caller<DecidePlan>,
    write: Write,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse> {
    let (cycle, code) = path.into_inner();
    let approver = caller.number()?.to_owned();
    write
        .run(&caller, async |tx| {
            let now = tx.now;
            cycles::rows::get_open(tx, cycle).await?;
            let unit = unit_plans::rows::get(tx, cycle, &code, &Viewer::of(&caller)).await?;
            unit_plans::rules::may_approve_members(&unit.line(), &approver)?;
            let numbers = rows::approve_unit(tx, cycle, &code, &approver, now).await?;
            tasks::rows::mark(tx, cycle, Activity::DraftPlan, &numbers, true).await?;
            tx.audit("plans.approved-in-bulk", &format!("{cycle}/{code}"), json!({ "numbers": numbers })).await?;
            Reply::ok(&Changed { plans: numbers.len() })
        })
        .await
}
