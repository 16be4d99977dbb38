use actix_web::{post, web};
use platform::aside::{Wanted, aside};
use platform::language::Asked;
use platform::peer::OnBehalf;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, PageQuery, Result};
use serde_json::json;

use super::answer::{Simulation, told};
use super::paying::Pay;
use super::policies::Policies;
use super::running::{self, Page, Scene};
use super::simulation::NewSimulation;
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::permissions::SimulatePolicy;
use crate::runs::loading;

pub fn routes(config: &mut ServiceConfig) {
    config.service(simulate_policy);
}

/// Try a policy on the people of a cycle
///
/// From scoring on, in every state, from what is on the sheets. Nothing is written but who looked. Whoever lacks
/// something is left out. Before publication the caller's own result is counted and not listed. What it costs is
/// asked of the pay service: 503 where it does not answer, unless the request says `"cost": false`. 503, too, while too
/// much is being computed. It stops when the caller leaves.
#[utoipa::path(tag = "simulations", extensions(("x-not-remembered" = json!(true))), security(("bearer" = [])), params(PageQuery), request_body = NewSimulation,
    responses((status = 200, body = Simulation), (status = 409), (status = 404)))]
#[post("/v1/simulations")]
async fn simulate_policy(
    caller: Caller<SimulatePolicy>,
    platform: Platform,
    on_behalf: OnBehalf,
    language: Asked,
    page: web::Query<PageQuery>,
    body: JsonBody<NewSimulation>,
) -> Result<web::Json<Simulation>> {
    let (limit, JsonBody(asked)) = (page.limit()?, body);
    let cycle = read(&platform, &caller, async |tx| cycles::get(tx, asked.cycle, Lock::None).await).await?;
    cycle.state.check_not_cancelled()?;
    let (policies, cycle, asked) = policies(cycle, asked).await?;
    let pay = if asked.cost { Some(Pay::new(&platform, on_behalf)?) } else { None };
    let company_facts =
        read(&platform, &caller, async |tx| Ok(loading::ground(tx, &cycle).await?.company_facts)).await?;
    let scene =
        Scene { company_facts, platform: &platform, caller: &caller, cycle: &cycle, unit: asked.unit.as_deref(), pay };
    let run = running::run(&scene, &policies, &shown(&caller, &cycle, &asked, &page, limit)).await?;
    let simulation = told(&cycle, scene.unit, &policies, run, limit)?.only(language.0);
    record(&platform, &caller, &simulation).await?;
    Ok(web::Json(simulation))
}

/// The policies that are asked for; reading them takes a while.
async fn policies(cycle: Cycle, asked: NewSimulation) -> Result<(Policies, Cycle, NewSimulation)> {
    aside(move |_: &Wanted| Policies::read(&cycle, &asked).map(|policies| (policies, cycle, asked))).await
}

/// Whom the answer shows: before publication not the caller.
fn shown(caller: &Caller<SimulatePolicy>, cycle: &Cycle, asked: &NewSimulation, page: &PageQuery, limit: i64) -> Page {
    Page {
        shown: asked.people,
        after: page.after.clone().unwrap_or_default(),
        limit: usize::try_from(limit).unwrap_or_default(),
        hidden: caller.employee.clone().filter(|_| cycle.publications == 0),
    }
}

/// Looking at other people's results is recorded, tried ones too.
async fn record(platform: &Platform, caller: &Caller<SimulatePolicy>, simulation: &Simulation) -> Result<()> {
    let numbers: Vec<&str> = simulation.people.iter().map(|person| person.number.as_str()).collect();
    let against = simulation.against.as_ref().map(|policy| &policy.scheme);
    let about = json!({ "scheme": simulation.policy.scheme, "against": against, "unit": simulation.unit,
        "people": simulation.policy.people, "numbers": numbers });
    read(platform, caller, async |tx| tx.audit("results.simulated", &simulation.cycle.to_string(), about.clone()).await)
        .await
}
