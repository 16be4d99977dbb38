use actix_web::{HttpResponse, get, web};
use jiff::civil::Date;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, Platform, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, OpenTask, StageProgress};
use crate::cycles;
use crate::permissions::ReadProgress;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_progress);
}

/// Open tasks listed at most; the stages' figures count all of them.
const LISTED_AT_MOST: i64 = 1000;

/// Who has done what, at a glance.
#[derive(Serialize, Deserialize, ToSchema)]
struct Progress {
    /// The day on which this was true.
    today: Date,
    total: i64,
    done: i64,
    open: i64,
    overdue: i64,
    stages: Vec<StageProgress>,
    /// Whoever has something left to do, the longest overdue first.
    assignees: Vec<Assignee>,
    /// Whether there are more open tasks than are listed (1000).
    truncated: bool,
}

/// What one person has left to do.
#[derive(Serialize, Deserialize, ToSchema)]
struct Assignee {
    number: String,
    name: Option<String>,
    overdue: usize,
    open: usize,
    tasks: Vec<TaskView>,
}

/// Something that is not done.
#[derive(Serialize, Deserialize, ToSchema)]
struct TaskView {
    stage: String,
    /// Employee number or unit code.
    subject: String,
    subject_name: String,
    due: Option<Date>,
    overdue: bool,
}

/// How far a cycle is: by stage, and by who has something left to do, in planning and in scoring.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Progress)))]
#[get("/v1/cycles/{id}/progress")]
async fn get_progress(
    caller: Caller<ReadProgress>,
    platform: Platform,
    cycle: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let today = platform.clock.today();
    let progress = platform::web::read(&platform, &caller, async |tx| {
        cycles::rows::get(tx, *cycle, Lock::None).await?;
        let stages = rows::progress(tx, *cycle, today).await?;
        let open = rows::open_tasks(tx, *cycle, LISTED_AT_MOST).await?;
        Ok(progress(today, stages, open))
    })
    .await?;
    Ok(HttpResponse::Ok().json(progress))
}

fn progress(today: Date, stages: Vec<StageProgress>, listed: Vec<OpenTask>) -> Progress {
    let sum = |figure: fn(&StageProgress) -> i64| stages.iter().map(figure).sum();
    let open = sum(|stage| stage.open);
    Progress {
        today,
        total: sum(|stage| stage.total),
        done: sum(|stage| stage.done),
        open,
        overdue: sum(|stage| stage.overdue),
        truncated: open > LISTED_AT_MOST,
        assignees: by_assignee(today, listed),
        stages,
    }
}

/// Groups tasks by who has to do them, in the order in which people first appear.
fn by_assignee(today: Date, tasks: Vec<OpenTask>) -> Vec<Assignee> {
    let mut places = std::collections::HashMap::new();
    let mut assignees: Vec<Assignee> = Vec::new();
    for task in tasks {
        let place = *places.entry(task.assignee.clone()).or_insert_with(|| {
            assignees.push(Assignee {
                number: task.assignee.clone(),
                name: task.assignee_name.clone(),
                overdue: 0,
                open: 0,
                tasks: Vec::new(),
            });
            assignees.len() - 1
        });
        let Some(assignee) = assignees.get_mut(place) else { continue };
        let overdue = task.due.is_some_and(|due| due < today);
        assignee.open += 1;
        assignee.overdue += usize::from(overdue);
        assignee.tasks.push(TaskView {
            stage: task.stage,
            subject: task.subject,
            subject_name: task.subject_name,
            due: task.due,
            overdue,
        });
    }
    assignees
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn open(assignee: &str, due: Option<Date>) -> OpenTask {
        OpenTask {
            stage: "draft".to_owned(),
            assignee: assignee.to_owned(),
            assignee_name: None,
            subject: assignee.to_owned(),
            subject_name: String::new(),
            due,
        }
    }

    #[test]
    fn tasks_are_overdue_after_their_day_not_on_it() {
        let today = date(2026, 9, 29);
        let tasks = vec![open("E1", Some(date(2026, 9, 28))), open("E2", Some(today)), open("E1", None)];
        let assignees = by_assignee(today, tasks);
        let figures: Vec<_> = assignees.iter().map(|a| (a.number.as_str(), a.open, a.overdue)).collect();
        assert_eq!(figures, [("E1", 2, 1), ("E2", 1, 0)]);
    }
}
