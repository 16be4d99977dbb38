use actix_web::{HttpResponse, get, post, web};
use platform::service::Platform;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Reply, Result, Write};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::opinion::{NewOpinion, Opinion, OpinionAnswer, OpinionView};
use super::rows::Filter;
use super::{rows, stating};
use crate::permissions::{AnswerOpinion, ReadResults, StateOpinion};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(state_opinion).service(list_opinions).service(answer_opinion);
}

/// Say what one thinks of one's result
///
/// Where the scheme has people heard; whoever it names answers. One at a time.
#[utoipa::path(tag = "opinions", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Result")),
    request_body = NewOpinion, responses((status = 201, body = OpinionView), (status = 409)))]
#[post("/v1/results/{id}/opinions")]
async fn state_opinion(
    caller: Caller<StateOpinion>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewOpinion>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let stated = stating::state(tx, &viewer, *id, &new.words).await?;
            let location = format!("/v1/opinions?cycle={}", stated.cycle);
            Reply::created(location, &OpinionView::new(stated, Vec::new()))
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OpinionQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only those that are not answered.
    open: Option<bool>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through opinions and their answers
///
/// HR, executives and auditors see all of them, others their own and those that they answer.
#[utoipa::path(tag = "opinions", security(("bearer" = [])), params(OpinionQuery),
    responses((status = 200, body = Page<OpinionView>)))]
#[get("/v1/opinions")]
async fn list_opinions(
    caller: Caller<ReadResults>,
    platform: Platform,
    query: web::Query<OpinionQuery>,
) -> Result<web::Json<Page<OpinionView>>> {
    let viewer = Viewer::of(&caller);
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let actors = viewer.actors();
        let number = viewer.number.clone().unwrap_or_default();
        let filter = Filter {
            cycle: query.cycle,
            open: query.open.unwrap_or_default(),
            only: (!viewer.sees_all()).then_some((number.as_str(), actors.as_slice())),
            after: query.after,
            limit: limit + 1,
        };
        let page = Page::cut(rows::list(tx, &filter).await?, limit, |one| one.step.to_string());
        let view = |one: Opinion| {
            let actions = stating::actions(&viewer, &one);
            OpinionView::new(one, actions)
        };
        Ok(Page { items: page.items.into_iter().map(view).collect(), next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

/// Answer what somebody says of their result
///
/// By whom the scheme names, or HR: with an explanation, or because the result has been corrected. The person is told by mail.
#[utoipa::path(tag = "opinions", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Opinion")),
    request_body = OpinionAnswer, responses((status = 200, body = OpinionView), (status = 409)))]
#[post("/v1/opinions/{id}/answer")]
async fn answer_opinion(
    caller: Caller<AnswerOpinion>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<OpinionAnswer>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let answered = stating::answer(tx, &viewer, *id, &new).await?;
            Reply::ok(&OpinionView::new(answered, Vec::new()))
        })
        .await
}
