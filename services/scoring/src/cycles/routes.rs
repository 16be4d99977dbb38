use actix_web::{get, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, PageQuery, Result};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::State;
use super::rows::{self, UnitProgress};
use crate::permissions::{PreviewResults, ReadScoring};
use crate::results::rows as results;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_scoring).service(get_summary);
}

/// How far scoring has come.
#[derive(Serialize, ToSchema)]
struct Scoring {
    cycle: Uuid,
    period: String,
    /// Of one of several cycles for the same period.
    name: Option<String>,
    state: State,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<&'static str>,
    sheets: i64,
    /// Sheets of which at least one form is submitted.
    submitted: i64,
    /// Sheets of which every form that is waited for is submitted.
    complete: i64,
    /// Unit by unit, in the order of their codes.
    units: Vec<UnitProgress>,
    /// The `after` of the units that follow.
    next: Option<String>,
}

/// Who has scored what
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), PageQuery),
    responses((status = 200, body = Scoring)))]
#[get("/v1/cycles/{id}/scoring")]
async fn get_scoring(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Scoring>> {
    let limit = page.limit()?;
    let viewer = Viewer::of(&caller);
    let after = page.after.clone().unwrap_or_default();
    let scoring = read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        let counts = rows::counts(tx, *id).await?;
        let units = rows::progress(tx, *id, &after, limit + 1).await?;
        let units = platform::Page::cut(units, limit, |u| u.unit.clone());
        Ok(Scoring {
            cycle: cycle.id,
            period: cycle.period.clone(),
            name: cycle.name.clone(),
            state: cycle.state,
            actions: actions(cycle.state, &viewer),
            sheets: counts.sheets,
            submitted: counts.submitted,
            complete: counts.complete,
            units: units.items,
            next: units.next,
        })
    })
    .await?;
    Ok(web::Json(scoring))
}

fn actions(state: State, viewer: &Viewer) -> Vec<&'static str> {
    let enters = state.check_entering().is_ok();
    let all = [
        ("create_assignments", viewer.hr && enters),
        ("replace_all_assignments", viewer.hr && enters),
        ("close_cycle", viewer.hr && state.close().is_ok()),
        ("publish_results", viewer.executive && state.publish().is_ok()),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action).collect()
}

/// A cycle's results in numbers.
#[derive(Serialize, ToSchema)]
struct Summary {
    cycle: Uuid,
    period: String,
    state: State,
    people: i64,
    /// People who are not appraised.
    excluded: i64,
    /// People with a reason for an interview.
    interviews: i64,
    /// Mean score to 2 decimals.
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    mean: Option<String>,
    /// Best grade first.
    grades: Vec<GradeShare>,
}

/// How many have a grade.
#[derive(Serialize, ToSchema)]
struct GradeShare {
    grade: String,
    label_zh: String,
    label_en: String,
    people: i64,
}

/// Results in numbers, before and after publication
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Summary), (status = 409)))]
#[get("/v1/cycles/{id}/summary")]
async fn get_summary(
    caller: Caller<PreviewResults>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Summary>> {
    let summary = read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        cycle.check_computed()?;
        let totals = results::totals(tx, *id).await?;
        let scheme = cycle.scheme()?;
        let counted = results::grades(tx, *id).await?;
        let mut grades: Vec<GradeShare> = scheme.grades().into_iter().map(|g| share(&scheme, g, 0)).collect();
        for count in counted {
            match grades.iter_mut().find(|g| g.grade == count.grade) {
                Some(grade) => grade.people = count.people,
                None => grades.push(share(&scheme, count.grade, count.people)),
            }
        }
        Ok(Summary {
            cycle: *id,
            period: cycle.period.clone(),
            state: cycle.state,
            people: totals.people,
            excluded: totals.excluded,
            interviews: totals.interviews,
            mean: totals.mean,
            grades,
        })
    })
    .await?;
    Ok(web::Json(summary))
}

fn share(scheme: &crate::engine::Scheme, grade: String, people: i64) -> GradeShare {
    let label = scheme.grade_label(&grade);
    GradeShare { grade, label_zh: label.zh, label_en: label.en, people }
}
