use actix_web::web::Path;
use actix_web::{HttpResponse, post, put};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Problem, Result, Tx, Write, say};
use serde::Deserialize;
use steps::steps::Member;
use utoipa::ToSchema;
use uuid::Uuid;

use super::deciding::{self, LevelDecision};
use super::panels;
use crate::appeals::{AppealDetail, Case, changed, rows, rules};
use crate::permissions::{DecideAppeal, NameDeciders};
use crate::viewer::Viewer;

pub fn register(config: &mut ServiceConfig) {
    config.service(decide_level).service(name_deciders);
}

/// Decide at a level of an appeal
///
/// By whoever the level names. Several decide together: what they agree on is done, and where they are divided they begin
/// anew. A body decides in a session, which a member who was there records. Those who rated do not decide alone.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step of the level")),
    request_body = LevelDecision, responses((status = 200, body = AppealDetail), (status = 409)))]
#[post("/v1/appeals/steps/{id}/decision")]
async fn decide_level(
    caller: Caller<DecideAppeal>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<LevelDecision>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let (case, step) = deciding::case_of(tx, *id).await?;
            check_readable(tx, &viewer, &case).await?;
            deciding::decide(tx, &viewer, &case, &step, &body.0).await?;
            changed(tx, case.appeal.id).await
        })
        .await
}

/// Whoever may not know of a case does not learn that there is one.
async fn check_readable(tx: &mut Tx, viewer: &Viewer, case: &Case) -> Result<()> {
    let actors = viewer.actors(tx).await?;
    let decides = rows::decides(tx, case.appeal.id, viewer.number.as_deref(), &actors).await?;
    if rules::may_read(viewer, &case.appeal, decides) {
        return Ok(());
    }
    Err(Problem::not_found(say!("申诉", "appeal")))
}

/// Who is to decide.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "members": [
    { "number": "E010" }, { "number": "E011", "withdrew_why": "参与过评分" }, { "number": "E012", "fills": "E011", "represents": "staff" }] }))]
struct NewPanel {
    /// Where a body decides: everybody who holds a seat, also those who withdraw, and who fills their seats. Else the one
    /// who decides. 1 to 50.
    members: Vec<Member>,
}

const MOST_MEMBERS: usize = 50;

/// Name who decides at a level
///
/// By HR. Whoever is concerned by the case withdraws and their seat may be filled; where nobody of a level can decide, one
/// person is named in their place.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step of the level")),
    request_body = NewPanel, responses((status = 200, body = AppealDetail), (status = 409)))]
#[put("/v1/appeals/steps/{id}/panel")]
async fn name_deciders(
    caller: Caller<NameDeciders>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<NewPanel>,
) -> Result<HttpResponse> {
    let members = body.0.members;
    if members.is_empty() || members.len() > MOST_MEMBERS {
        return Err(Problem::field("/members", say!("须有 1 到 {MOST_MEMBERS} 人", "1 to {MOST_MEMBERS} of them")));
    }
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let (case, step) = deciding::case_of(tx, *id).await?;
            panels::name(tx, &viewer, &case, &step, &members).await?;
            rows::put(tx, case.appeal.id, &rows::Moved::of(&case.appeal)).await?;
            changed(tx, case.appeal.id).await
        })
        .await
}
