use actix_web::{HttpResponse, get, put};
use platform::web::read;
use platform::{Caller, JsonBody, Platform, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rows;
use crate::permissions::{ManageReminders, ReadReminders};

pub fn register(config: &mut ServiceConfig) {
    config.service(get_reminders).service(put_reminders);
}

/// How people are reminded.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "escalate_after": 3, "undated_every": 7 }))]
struct Reminders {
    /// After so many working days the superior of whoever is late is told, too, every working day; null: never.
    #[schema(minimum = 1, maximum = 60)]
    escalate_after: Option<i32>,
    /// What has no day is spoken of again after so many days; a week unless said.
    #[serde(default = "unless_said")]
    #[schema(minimum = 1, maximum = 60)]
    undated_every: i32,
}

fn unless_said() -> i32 {
    rows::UNDATED_EVERY
}

const MOST_DAYS: i32 = 60;

/// How people are reminded of what waits for them
#[utoipa::path(tag = "tasks", security(("bearer" = [])), responses((status = 200, body = Reminders)))]
#[get("/v1/reminders")]
async fn get_reminders(caller: Caller<ReadReminders>, platform: Platform) -> Result<HttpResponse> {
    let (escalate_after, undated_every) = read(&platform, &caller, async |tx| rows::settings(tx).await).await?;
    Ok(HttpResponse::Ok().json(Reminders { escalate_after, undated_every }))
}

/// Say when what is overdue goes up the line, and when people are told again of what has no day
#[utoipa::path(tag = "tasks", security(("bearer" = [])), request_body = Reminders, responses((status = 200, body = Reminders)))]
#[put("/v1/reminders")]
async fn put_reminders(
    caller: Caller<ManageReminders>,
    write: Write,
    body: JsonBody<Reminders>,
) -> Result<HttpResponse> {
    let wanted = body.0;
    if wanted.escalate_after.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
        let message = say!("须为 1 到 {MOST_DAYS} 个工作日", "1 to {MOST_DAYS} working days");
        return Err(Problem::field("/escalate_after", message));
    }
    if !(1..=MOST_DAYS).contains(&wanted.undated_every) {
        return Err(Problem::field("/undated_every", say!("须为 1 到 {MOST_DAYS} 天", "1 to {MOST_DAYS} days")));
    }
    write
        .run(&caller, async |tx| {
            rows::set(tx, wanted.escalate_after, wanted.undated_every).await?;
            let detail = json!({ "escalate_after": wanted.escalate_after, "undated_every": wanted.undated_every });
            tx.audit("reminders.changed", "reminders", detail).await?;
            Reply::ok(&wanted)
        })
        .await
}
