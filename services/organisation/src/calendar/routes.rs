use actix_web::{HttpResponse, get, put};
use events::WorkingCalendarChanged;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::versioned;
use platform::{Caller, IfMatch, JsonBody, Platform, Reply, Result, Tx, Write, web as platform_web};
use serde_json::json;

use super::working_calendar::{WorkingCalendarChange, WorkingCalendarView};
use super::{rows, rules};
use crate::permissions::{ChangeCalendar, ReadCalendar};
use crate::{companies, news};

pub fn configure(config: &mut ServiceConfig) {
    config.service(get_working_calendar).service(put_working_calendar);
}

/// The working calendar.
#[utoipa::path(
    tag = "working calendar",
    responses(
        (status = 200, body = WorkingCalendarView),
    ),
    security(("bearer" = []))
)]
#[get("/v1/working-calendar")]
pub async fn get_working_calendar(caller: Caller<ReadCalendar>, platform: Platform) -> Result<HttpResponse> {
    let calendar = platform_web::read(&platform, &caller, async |tx| rows::load(tx).await).await?;
    let version = calendar.version;
    Ok(versioned(&WorkingCalendarView::from(calendar), version))
}

/// Replaces the working calendar. Before it is first written its ETag is `"0"`.
#[utoipa::path(
    tag = "working calendar",
    request_body = WorkingCalendarChange,
    params(("If-Match" = String, Header, description = "The calendar's ETag")),
    responses(
        (status = 200, body = WorkingCalendarView),
    ),
    security(("bearer" = []))
)]
#[put("/v1/working-calendar")]
pub async fn put_working_calendar(
    caller: Caller<ChangeCalendar>,
    write: Write,
    if_match: IfMatch,
    body: JsonBody<WorkingCalendarChange>,
) -> Result<HttpResponse> {
    let change = rules::check(body.0)?;
    write
        .run(&caller, async |tx| {
            companies::rows::lock(tx).await?;
            let version = rows::load(tx).await?.version;
            if_match.check(version)?;
            let calendar = replace(tx, change, version + 1).await?;
            Ok(Reply::ok(&WorkingCalendarView::from(calendar))?.version(version + 1))
        })
        .await
}

async fn replace(tx: &mut Tx, change: WorkingCalendarChange, version: i64) -> Result<WorkingCalendarChanged> {
    let WorkingCalendarChange { non_working_days, working_days } = change;
    let calendar = WorkingCalendarChanged { non_working_days, working_days, version };
    rows::save(tx, &calendar).await?;
    let detail = json!({
        "non_working_days": calendar.non_working_days.len(), "working_days": calendar.working_days.len(),
    });
    tx.audit("working-calendar.changed", "working-calendar", detail).await?;
    news::tell_calendar(tx, calendar.clone()).await?;
    Ok(calendar)
}
