use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get};
use platform::web::read;
use platform::{Caller, Page, PageQuery, Platform, Problem, Result, say};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::progress::Progress;
use super::rows::{self, Filter};
use super::task::{Place, Task};
use crate::permissions::{ReadOwnTasks, ReadProgress};
use crate::{bodies, cycles, delegations, people};

pub fn register(config: &mut ServiceConfig) {
    config.service(list_my_tasks).service(get_progress);
}

/// Whether tasks are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TaskState {
    #[default]
    Open,
    Done,
    All,
}

/// Whose tasks are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Whose {
    /// The caller's own, those of their roles and of bodies in which they sit, and what others have delegated to them.
    #[default]
    Mine,
    /// Those of the people whose superior the caller is.
    Reports,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TasksQuery {
    /// Open ones unless said.
    #[serde(default)]
    #[param(inline)]
    state: TaskState,
    /// One's own unless said.
    #[serde(default)]
    #[param(inline)]
    of: Whose,
    /// Only those whose day is over.
    #[serde(default)]
    overdue: bool,
    /// Only of this cycle.
    cycle: Option<Uuid>,
}

/// Most people whose tasks are shown to their superior.
const REPORTS_AT_MOST: i64 = 1000;

/// Everything that waits for the caller, over all services and cycles
///
/// Soonest first. What a group has to do is one task, shown to each of them.
#[utoipa::path(
    tag = "tasks",
    params(TasksQuery, PageQuery),
    security(("bearer" = [])),
    responses((status = 200, body = Page<Task>))
)]
#[get("/v1/my/tasks")]
async fn list_my_tasks(
    caller: Caller<ReadOwnTasks>,
    platform: Platform,
    query: Query<TasksQuery>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let after = page.after.as_deref().map(Place::read).transpose()?;
    let today = platform.clock.today();
    let done = match query.state {
        TaskState::Open => Some(false),
        TaskState::Done => Some(true),
        TaskState::All => None,
    };
    let tasks = read(&platform, &caller, async |tx| {
        let number = caller.employee.as_deref();
        let holders: Vec<String> = match (query.of, number) {
            (Whose::Reports, Some(number)) => {
                let reports = people::rows::led_by(tx, number, REPORTS_AT_MOST).await?;
                reports.into_iter().map(|number| format!("person:{number}")).collect()
            }
            (Whose::Reports, None) => Vec::new(),
            (Whose::Mine, number) => {
                let mut holders: Vec<String> =
                    caller.roles.iter().map(|role| format!("role:{}", role.name())).collect();
                if let Some(number) = number {
                    holders.push(format!("person:{number}"));
                    holders.extend(bodies::rows::of(tx, number, today).await?);
                }
                holders
            }
        };
        let (rated_for, decided_for) = match (query.of, number) {
            (Whose::Mine, Some(number)) => delegations::rows::of(tx, number, today).await?,
            _ => Default::default(),
        };
        let filter = Filter {
            holders: &holders,
            rated_for: &rated_for,
            decided_for: &decided_for,
            without_appeals: query.of == Whose::Reports,
            done,
            overdue: query.overdue,
            cycle: query.cycle,
            after: after.clone(),
            limit: limit + 1,
        };
        rows::list(tx, today, &filter).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(tasks, limit, Place::of)))
}

/// Open tasks listed at most; the stages' figures count all of them.
const LISTED_AT_MOST: i64 = 1000;

/// How far a cycle is, by stage and by who has something left to do
#[utoipa::path(
    tag = "tasks",
    params(("id" = Uuid, Path, description = "Cycle")),
    security(("bearer" = [])),
    responses((status = 200, body = Progress))
)]
#[get("/v1/cycles/{id}/progress")]
async fn get_progress(caller: Caller<ReadProgress>, platform: Platform, id: Path<Uuid>) -> Result<HttpResponse> {
    let today = platform.clock.today();
    let progress = read(&platform, &caller, async |tx| {
        let stages = cycles::rows::stages(tx, *id).await?;
        let stages = stages.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))?;
        let counts = rows::counts(tx, today, *id).await?;
        let open = rows::open_of_cycle(tx, today, *id, LISTED_AT_MOST).await?;
        Ok(Progress::of(*id, today, stages, counts, open))
    })
    .await?;
    Ok(HttpResponse::Ok().json(progress))
}
