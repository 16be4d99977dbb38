use actix_web::web::Path;
use actix_web::{HttpResponse, post};
use platform::clock::date_of;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::Errors;
use platform::{Caller, JsonBody, Problem, Result, Write, say};
use serde_json::json;
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::{Assessment, NewRemedy, asking, assessing, checking, rows};
use crate::appeals::rows::{self as appeals, Moved};
use crate::appeals::{AppealDetail, Case, changed};
use crate::levels::telling;
use crate::permissions::{DecideAppeal, MendRemedy};
use crate::viewer::Viewer;

pub fn register(config: &mut ServiceConfig) {
    config.service(mend_remedy).service(assess_again);
}

/// Put a remedy right
///
/// By HR, where scoring could not do it as it was written: a path that is not there, a value out of bounds, a kind of rater
/// that gave nothing. What was decided, and why, stays.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = NewRemedy,
    responses((status = 200, body = AppealDetail), (status = 409)))]
#[post("/v1/appeals/{id}/remedies")]
async fn mend_remedy(
    caller: Caller<MendRemedy>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<NewRemedy>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let appeal = appeals::get(tx, *id, Lock::Update).await?;
            if viewer.is(&appeal.appellant) {
                return Err(Problem::not_permitted(say!("不能处理自己的申诉", "nobody sees to their own appeal")));
            }
            let mut errors = Errors::default();
            body.0.check(&mut errors, "", &appeal.subject()?);
            if body.0.reassess.is_some() {
                errors.add("/reassess", say!("须写明数值", "the values are said here"));
            }
            errors.check()?;
            let last = rows::all(tx, *id).await?.pop().filter(|last| last.refused_zh.is_some());
            let last = last.ok_or_else(|| {
                Problem::wrong_state(say!("没有需要改正的补救", "there is no remedy that has to be put right"))
            })?;
            let case = Case::get(tx, *id, Lock::Update).await?;
            checking::check_raters(tx, &case, "", &body.0).await?;
            asking::ask(tx, &case, &body.0, &last.reason, &last.decided_by).await?;
            for step in step_rows::about(tx, &case.appeal.name_of_mending()).await? {
                if step.state == StepState::Open {
                    step_rows::end(tx, step.id, StepState::Done, date_of(tx.now)).await?;
                    telling::tasks(tx, &case, step.id).await?;
                }
            }
            tx.audit("appeals.remedy-mended", &id.to_string(), json!({ "changes": body.0.changes })).await?;
            appeals::put(tx, *id, &Moved::of(&appeal)).await?;
            changed(tx, *id).await
        })
        .await
}

/// Rate again
///
/// By whom the decision names, who had no part in the result: a value for each place. Scoring corrects the result by them.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step of the remedy")),
    request_body = Assessment, responses((status = 200, body = AppealDetail), (status = 409)))]
#[post("/v1/appeals/steps/{id}/assessment")]
async fn assess_again(
    caller: Caller<DecideAppeal>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<Assessment>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let appeal = assessing::assess(tx, &viewer, *id, &body.0).await?;
            changed(tx, appeal).await
        })
        .await
}
