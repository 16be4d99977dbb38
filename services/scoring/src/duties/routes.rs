use std::collections::HashMap;
use std::collections::hash_map::Entry;

use actix_web::{HttpResponse, get, post, web};
use domain::scheme::source::Duty as Declared;
use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Tx, Write};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::duty::{self, Done, Duty, DutyView, NewDuty, Strike};
use super::rows::{self, Filter};
use super::{doing, naming};
use crate::cycles::rows as cycles;
use crate::permissions::{NameDuties, ReadReports, WriteReport};
use crate::reports::rows::Reader;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_duties).service(name_duties).service(do_duty).service(strike_duty);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DutyQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only this person's, by employee number.
    number: Option<String>,
    /// Only those that are late.
    late: Option<bool>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through dated duties
///
/// One's own, and those of people whom one leads or rates; HR, executives and auditors see all of them.
#[utoipa::path(tag = "dated duties", security(("bearer" = [])), params(DutyQuery),
    responses((status = 200, body = Page<DutyView>)))]
#[get("/v1/duties")]
async fn list_duties(
    caller: Caller<ReadReports>,
    platform: Platform,
    query: web::Query<DutyQuery>,
) -> Result<web::Json<Page<DutyView>>> {
    let viewer = Viewer::of(&caller);
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let actors = viewer.actors();
        let today = date_of(tx.now);
        let filter = Filter {
            cycle: query.cycle,
            number: query.number.as_deref(),
            step: None,
            late_on: query.late.unwrap_or_default().then_some(today),
            after: query.after,
            limit: limit + 1,
        };
        let reader = Reader::of(&viewer, &actors);
        let page = Page::cut(rows::list(tx, &reader, &filter).await?, limit, |one| one.step.to_string());
        Ok(Page { items: views(tx, &viewer, page.items).await?, next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

async fn views(tx: &mut Tx, viewer: &Viewer, duties: Vec<Duty>) -> Result<Vec<DutyView>> {
    let today = date_of(tx.now);
    let rated = rows::rated_by(tx, viewer, &duties).await?;
    let mut declared: HashMap<Uuid, Vec<Declared>> = HashMap::new();
    let mut shown = Vec::with_capacity(duties.len());
    for one in duties {
        let of_cycle = match declared.entry(one.cycle) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(duty::declared(&cycles::get(tx, one.cycle, Lock::None).await?)?),
        };
        let duty = of_cycle.iter().find(|duty| duty.code == one.duty);
        let actions = doing::actions(viewer, &one, one.is_late(today), rated.contains(&one.step));
        shown.push(DutyView::new(one, duty, actions, today));
    }
    Ok(shown)
}

async fn view(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<DutyView> {
    let found = rows::many(tx, &[id]).await?;
    views(tx, viewer, found).await?.pop().ok_or_else(|| Problem::internal("a duty was read"))
}

/// For how many people and days a duty was named.
#[derive(Serialize, ToSchema)]
struct NamedDuties {
    named: usize,
}

/// Name the days of a duty
///
/// For duties that the scheme does not date, as often as they fall due: by HR for everybody, by whoever leads people for these.
/// What is named twice is there once.
#[utoipa::path(tag = "dated duties", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewDuty, responses((status = 200, body = NamedDuties), (status = 409)))]
#[post("/v1/cycles/{id}/duties")]
async fn name_duties(
    caller: Caller<NameDuties>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewDuty>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let cycle = cycles::get(tx, *id, Lock::Update).await?;
            let named = naming::name(tx, &viewer, &cycle, &new).await?;
            Reply::ok(&NamedDuties { named })
        })
        .await
}

/// Say that a duty is done
///
/// By whose it is, on the day; HR and the superior enter the day on which it was.
#[utoipa::path(tag = "dated duties", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Duty")),
    request_body = Done, responses((status = 200, body = DutyView), (status = 409)))]
#[post("/v1/duties/{id}/done")]
async fn do_duty(
    caller: Caller<WriteReport>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Done>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            doing::done(tx, &viewer, *id, &new).await?;
            Reply::ok(&view(tx, &viewer, *id).await?)
        })
        .await
}

/// Strike a duty that is late
///
/// So that it counts for nothing, with a reason: by whoever scores the person, or HR.
#[utoipa::path(tag = "dated duties", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Duty")),
    request_body = Strike, responses((status = 200, body = DutyView), (status = 409)))]
#[post("/v1/duties/{id}/strike")]
async fn strike_duty(
    caller: Caller<WriteReport>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Strike>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            doing::strike(tx, &viewer, *id, &new.reason).await?;
            Reply::ok(&view(tx, &viewer, *id).await?)
        })
        .await
}
