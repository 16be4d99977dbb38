use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, put, web};
use domain::period::Period;
use domain::scheme::source::StageOn;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, versioned};
use platform::{
    Caller, IfMatch, JsonBody, Missing, Page, PageQuery, Permission, Platform, Problem, Reply, Result, Role, Tx, Write,
    say,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::binding;
use super::goals::{self, Goal};
use super::plan::{Plan, PlanState, Step};
use super::rows::{self, Edition, Filter, Place};
use super::view::{Beside, PlanView};
use crate::cycles::cycle::Cycle;
use crate::permissions::{CreatePlan, DecidePlan, EnterPlans, ReadPlans, WritePlan};
use crate::precondition::OptionalIfMatch;
use crate::process::Activity;
use crate::subjects::placing;
use crate::subjects::subject::{self, Kind};
use crate::viewer::Viewer;
use crate::{approvals, cycles, directory, schemes, sheets, subjects, tasks};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_plan)
        .service(list_plans)
        .service(get_plan)
        .service(put_plan)
        .service(submit_plan)
        .service(amend_plan)
        .service(list_plan_versions)
        .service(enter_plans)
        .service(approve_unit_plans);
}

async fn view<P: Permission>(tx: &mut Tx, caller: &Caller<P>, plan: &Plan) -> Result<PlanView> {
    let viewer = Viewer::of(caller).seated(tx).await?;
    Beside::of(tx, &viewer, std::slice::from_ref(plan)).await?.view(plan, &viewer)
}

async fn reply<P: Permission>(tx: &mut Tx, caller: &Caller<P>, plan: &Plan) -> Result<Reply> {
    Ok(Reply::ok(&view(tx, caller, plan).await?)?.version(plan.version))
}

/// A plan that is no cycle's yet.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scheme": "annual", "subject": "person:E1", "period": "2027",
    "goals": [{ "title": "Uptime", "weight": "60" }, { "title": "Service", "weight": "40" }]
}))]
struct NewPlan {
    /// Code of the scheme.
    scheme: String,
    /// `person:E1` or `unit:NET`.
    subject: String,
    period: String,
    /// Up to 50 goals whose weights add up to exactly 100; they may be written later.
    #[serde(default)]
    goals: Vec<Goal>,
}

/// Makes a plan before a cycle is opened: one's own, that of the unit one leads, or anybody's for HR. The cycle of its
/// scheme and period takes it over.
#[utoipa::path(tag = "plans", security(("bearer" = [])), request_body = NewPlan,
    responses((status = 201, body = PlanView)))]
#[post("/v1/plans")]
async fn create_plan(caller: Caller<CreatePlan>, write: Write, body: JsonBody<NewPlan>) -> Result<HttpResponse> {
    let today = write.platform().clock.today();
    write
        .run(&caller, async |tx| {
            let plan = standing_plan(tx, body.0, today).await?;
            let is_hr = caller.has(Role::Hr);
            if !is_hr {
                plan.concerned().may_write(caller.employee.as_deref(), caller.has(Role::Executive))?;
            }
            if !rows::insert(tx, &plan).await? {
                return Err(Problem::conflict(say!(
                    "该方案、对象和期间的绩效计划已存在",
                    "there is a plan of this scheme, subject and period already"
                )));
            }
            let told = json!({ "subject": plan.kind.id(&plan.subject), "scheme": plan.scheme, "period": plan.period });
            tx.audit("plans.created", &plan.id.to_string(), told).await?;
            let view = view(tx, &caller, &plan).await?;
            Ok(Reply::created(format!("/v1/plans/{}", plan.id), &view)?.version(plan.version))
        })
        .await
}

/// The plan as it is stored first, or everything that is wrong with the request.
async fn standing_plan(tx: &mut Tx, new: NewPlan, today: jiff::civil::Date) -> Result<Plan> {
    directory::rows::hold(tx).await?;
    let mut errors = Errors::default();
    if schemes::rows::version(tx, &new.scheme, None).await?.is_none() && schemes::rules::template(&new.scheme).is_none()
    {
        errors.add("/scheme", say!("没有该方案", "there is no such scheme"));
    }
    let period: Option<domain::period::Period> = new.period.parse().ok();
    match period {
        Some(period) => errors.check_day("/period", period.last_day()),
        None => errors.add(
            "/period",
            say!(
                "写作 2026-10、2026-Q3、2026-H1、2026 或 FY2026",
                "write it as 2026-10, 2026-Q3, 2026-H1, 2026 or FY2026"
            ),
        ),
    }
    let organisation = directory::rows::organisation(tx, today).await?;
    let known = subject::read(&new.subject).and_then(|(kind, id)| match kind {
        Kind::Person => organisation.people.get(&id).map(|one| placing::person_subject(one, &organisation)),
        Kind::Unit => organisation.units.get(&id).map(|one| placing::unit_subject(one, &organisation)),
    });
    if known.is_none() {
        errors.add("/subject", say!("组织中没有该对象", "the organisation knows no such subject"));
    }
    let goals = if new.goals.is_empty() { new.goals } else { goals::check(new.goals, "/goals", &mut errors) };
    for (at, _) in goals.iter().enumerate().filter(|(_, goal)| goal.target.is_some()) {
        errors.add(
            format!("/goals/{at}/target"),
            say!("没有考核周期，也就没有下达指标", "without a cycle there are no targets"),
        );
    }
    errors.check()?;
    let subject = known.ok_or_else(|| Problem::internal("a subject was checked"))?;
    let period = period.map(|period| period.to_string()).unwrap_or_default();
    Plan::standing(subject, new.scheme, period, &goals)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Unit code.
    unit: Option<String>,
    /// Only of people or only of units.
    kind: Option<Kind>,
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
    const STATES: [PlanState; 4] = [PlanState::Draft, PlanState::Submitted, PlanState::Returned, PlanState::Approved];
    if let Some(state) = query.state.as_deref().filter(|state| *state != "settled")
        && !STATES.iter().any(|known| known.as_str() == state)
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
        kind: query.kind,
        state: query.state.as_deref(),
        after: page.after.as_deref().map(place).transpose()?,
        limit: limit + 1,
    };
    let viewer = Viewer::of(&caller);
    let (plans, beside) = platform::web::read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let plans = rows::list(tx, &viewer, &filter).await?;
        let beside = Beside::of(tx, &viewer, &plans).await?;
        Ok((plans, beside))
    })
    .await?;
    let page =
        Page::cut(plans, limit, |plan| format!("{}/{}/{}", plan.cycle.unwrap_or(plan.id), plan.id, plan.subject));
    let items = page.items.iter().map(|plan| beside.view(plan, &viewer)).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}

fn place(after: &str) -> Result<Place> {
    let mut parts = after.splitn(3, '/');
    let place = (|| {
        let (cycle, id) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Place { cycle, id, subject: parts.next()?.to_owned() })
    })();
    place.ok_or_else(|| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page")))
}

/// One plan.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = PlanView)))]
#[get("/v1/plans/{id}")]
async fn get_plan(caller: Caller<ReadPlans>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let view = platform::web::read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(&caller).seated(tx).await?;
        let plan = rows::get(tx, *id, &viewer, false).await?;
        view(tx, &caller, &plan).await
    })
    .await?;
    let version = view.version;
    Ok(versioned(&view, version))
}

/// The goals of a plan.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanContent {
    /// 1 to 50 goals whose weights add up to exactly 100.
    goals: Vec<Goal>,
}

/// A plan for change, in a cycle that stays open meanwhile, or of no cycle.
async fn open_plan<P: Permission>(tx: &mut Tx, caller: &Caller<P>, id: Uuid) -> Result<Plan> {
    let (plan, _) = super::held(tx, id, &Viewer::of(caller)).await?;
    Ok(plan)
}

/// Goals that can be stored in the plan of somebody in a unit.
async fn checked_goals(tx: &mut Tx, plan: &Plan, goals: Vec<Goal>) -> Result<serde_json::Value> {
    let mut errors = Errors::default();
    let goals = goals::check(goals, "/goals", &mut errors);
    let refer = TargetReferences::load(tx, plan.cycle, goals.iter()).await?;
    let number = (plan.kind == Kind::Person).then_some(plan.subject.as_str());
    refer.check(&goals, "/goals", number, plan.unit.as_deref(), &mut errors);
    errors.check()?;
    Ok(serde_json::to_value(goals)?)
}

/// The targets that goals refer to.
struct TargetReferences(HashMap<Uuid, rows::Aim>);

impl TargetReferences {
    async fn load<'a>(tx: &mut Tx, cycle: Option<Uuid>, goals: impl Iterator<Item = &'a Goal>) -> Result<Self> {
        let targets: Vec<Uuid> = goals.filter_map(|goal| goal.target).collect();
        let Some(cycle) = cycle else { return Ok(Self(HashMap::new())) };
        let aims = rows::aims(tx, cycle, &targets).await?;
        Ok(Self(aims.into_iter().map(|aim| (aim.id, aim)).collect()))
    }

    fn check(&self, goals: &[Goal], pointer: &str, number: Option<&str>, unit: Option<&str>, errors: &mut Errors) {
        for (at, goal) in goals.iter().enumerate() {
            let Some(target) = goal.target else { continue };
            let concerns = self.0.get(&target).is_some_and(|aim| {
                (aim.employee.is_some() && aim.employee.as_deref() == number)
                    || (aim.unit.is_some() && aim.unit.as_deref() == unit)
            });
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
            let plan = take(tx, &caller, plan, Step::Write(goals)).await?;
            reply(tx, &caller, &plan).await
        })
        .await
}

/// Refuses while a plan of the unit's people is not approved.
async fn must_be_complete(tx: &mut Tx, cycle: Uuid, code: &str) -> Result<()> {
    let unapproved = rows::unapproved(tx, cycle, code).await?;
    if unapproved.is_empty() {
        return Ok(());
    }
    let missing: Vec<Missing> = unapproved.into_iter().map(Missing::from).collect();
    Err(Problem::incomplete(
        say!("该部门有 {} 份绩效计划尚未批准", "plans of the unit that are not approved: {}", missing.len()),
        missing,
    ))
}

/// Hands in one's own plan, or that of the unit one leads: those who decide about it are asked. What a unit's people plan is
/// handed in once all their plans are approved; the unit's plan may have goals of its own beside.
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
            if let (true, Some(cycle)) = (plan.collects, plan.cycle) {
                must_be_complete(tx, cycle, &plan.subject).await?;
            }
            if let Some(cycle) = plan.cycle {
                let cycle = cycles::rows::get(tx, cycle, Lock::None).await?;
                binding::check(tx, &cycle, plan.kind).await?;
            }
            let plan = take(tx, &caller, plan, Step::Submit).await?;
            reply(tx, &caller, &plan).await
        })
        .await
}

/// Takes a step of a plan, with its audit entry and its task; what is handed in is asked about.
async fn take<P: Permission>(tx: &mut Tx, caller: &Caller<P>, mut plan: Plan, step: Step) -> Result<Plan> {
    let is_submitted = matches!(step, Step::Submit);
    let taken = plan.take(step, &Viewer::of(caller), tx.now)?;
    rows::store(tx, &mut plan).await?;
    let cycle = match plan.cycle {
        Some(cycle) => Some(cycles::rows::get(tx, cycle, Lock::None).await?),
        None => None,
    };
    if let (Some(done), Some(cycle)) = (taken.drafted, &cycle) {
        for activity in Activity::of_plan(plan.kind) {
            tasks::rows::mark(tx, cycle.id, *activity, std::slice::from_ref(&plan.subject), done).await?;
        }
    }
    tx.audit(taken.action, &plan.id.to_string(), taken.detail).await?;
    if is_submitted {
        approvals::asking::about_plans(tx, cycle.as_ref(), std::slice::from_ref(&plan)).await?;
    }
    Ok(plan)
}

/// Puts the rows of approved plans on sheets, where nobody settles these otherwise.
pub async fn settle_approved(tx: &mut Tx, cycle: &Cycle, kind: Kind, approved: &[String]) -> Result<()> {
    if cycle.has_settling || cycle.has_release || approved.is_empty() {
        return Ok(());
    }
    let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
    let mut subjects = Vec::new();
    match kind {
        Kind::Person => subjects = subjects::rows::some(tx, cycle.id, kind, approved).await?,
        Kind::Unit => {
            for unit in approved {
                subjects.extend(subjects::rows::of_unit(tx, cycle.id, unit).await?);
            }
        }
    }
    sheets::settling::after_approval(tx, cycle, &scheme, subjects).await
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

/// An approved plan that is made for longer than a cycle changes only while the scheme says so.
async fn may_be_changed(tx: &mut Tx, plan: &Plan) -> Result<()> {
    let (None, Ok(period)) = (plan.cycle, plan.period.parse::<Period>()) else { return Ok(()) };
    let scheme = schemes::stored::latest(tx, &plan.scheme).await?;
    let on = match plan.kind {
        Kind::Person => StageOn::People,
        Kind::Unit => StageOn::Units,
    };
    let today = date_of(tx.now);
    let terms = scheme.plan_terms(on).filter(|terms| terms.every == period.form());
    match terms.and_then(|terms| scheme.plan_changed_until(terms, today)) {
        Some(until) if today > until => Err(Problem::conflict(say!(
            "已批准的计划只能在每期开始后的规定时间内变更，本期至 {until} 为止",
            "an approved plan is changed only early in a period; in this one it was until {until}"
        ))),
        _ => Ok(()),
    }
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
            may_be_changed(tx, &plan).await?;
            let goals = checked_goals(tx, &plan, goals).await?;
            rows::keep_edition(tx, &plan, tx.now).await?;
            let plan = take(tx, &caller, plan, Step::Amend(goals, reason)).await?;
            let view = view(tx, &caller, &plan).await?;
            Ok(Reply::created(format!("/v1/plans/{id}"), &view)?.version(plan.version))
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
        let viewer = Viewer::of(&caller).seated(tx).await?;
        let plan = rows::get(tx, *id, &viewer, false).await?;
        let before = rows::editions(tx, plan.id).await?;
        Ok((view(tx, &caller, &plan).await?, before))
    })
    .await?;
    let mut items = before.into_iter().map(superseded).collect::<Result<Vec<_>>>()?;
    items.push(latest(plan));
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
            let found = cycles::rows::get_open(tx, *cycle).await?;
            let (ids, plans) = checked_plans(tx, *cycle, entered).await?;
            let (author, now) = (tx.actor.name.clone(), tx.now);
            let changed = rows::enter(tx, *cycle, &plans, &author, now).await?;
            let numbers: Vec<String> = plans.into_iter().map(|(number, _)| number).collect();
            tasks::rows::mark(tx, *cycle, Activity::DraftPlan, &numbers, true).await?;
            let entered = rows::some(tx, &ids).await?;
            approvals::asking::about_plans(tx, Some(&found), &entered).await?;
            tx.audit("plans.entered-on-behalf", &cycle.to_string(), json!({ "numbers": numbers })).await?;
            cycles::rows::refresh_statistics(tx, numbers.len()).await?;
            Reply::ok(&Changed { plans: changed })
        })
        .await
}

async fn checked_plans(
    tx: &mut Tx,
    cycle: Uuid,
    entered: Vec<EnteredPlan>,
) -> Result<(Vec<Uuid>, Vec<(String, Vec<Goal>)>)> {
    let numbers: Vec<String> = entered.iter().map(|plan| plan.number.clone()).collect();
    let standings = rows::standings(tx, cycle, &numbers).await?;
    let standings: HashMap<String, rows::Standing> =
        standings.into_iter().map(|standing| (standing.number.clone(), standing)).collect();
    let refer = TargetReferences::load(tx, Some(cycle), entered.iter().flat_map(|plan| &plan.goals)).await?;
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
                if let Err(problem) = standing.state.enter() {
                    errors.add(format!("{pointer}/number"), problem.detail);
                }
                let (number, unit) = (Some(plan.number.as_str()), standing.unit.as_deref());
                refer.check(&goals, &format!("{pointer}/goals"), number, unit, &mut errors);
            }
        }
        plans.push((plan.number, goals));
    }
    errors.check()?;
    Ok((standings.values().map(|standing| standing.id).collect(), plans))
}

/// Approves everything that a unit's people have handed in and about which the caller decides alone, but for their own plan.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path), ("code" = String, Path)),
    responses((status = 200, body = Changed)))]
#[post("/v1/cycles/{id}/units/{code}/plans/approve")]
async fn approve_unit_plans(
    caller: Caller<DecidePlan>,
    write: Write,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse> {
    let (cycle, code) = path.into_inner();
    write
        .run(&caller, async |tx| {
            let cycle = cycles::rows::get_open(tx, cycle).await?;
            let viewer = Viewer::of(&caller).seated(tx).await?;
            subjects::units::get(tx, cycle.id, &code, &viewer).await?;
            let numbers = approvals::deciding::approve_unit(tx, &viewer, &cycle, &code).await?;
            let told = json!({ "numbers": numbers });
            tx.audit("plans.approved-in-bulk", &format!("{}/{code}", cycle.id), told).await?;
            Reply::ok(&Changed { plans: numbers.len() })
        })
        .await
}
