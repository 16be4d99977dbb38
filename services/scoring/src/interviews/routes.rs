use actix_web::{HttpResponse, get, post, put, web};
use events::EmployeeNumber;
use platform::openapi::LabelView;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Role, Write, say};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::holding;
use super::interview::{Appointment, Comment, Interview, InterviewView, Record};
use super::rows;
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::permissions::{CommentInterview, ReadInterviews, ReadResults, RecordInterview};
use crate::results::labels;
use crate::results::rows::{self as results, Filter, ResultRow};
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_interviews)
        .service(list_my_interviews)
        .service(arrange_interview)
        .service(record_interview)
        .service(comment_interview);
}

/// A person to be interviewed.
#[derive(Serialize, ToSchema)]
struct Interviewee {
    result: Uuid,
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    name: String,
    unit: String,
    unit_name: Option<String>,
    score: Option<String>,
    grade: Option<String>,
    /// What the grade is called.
    grade_label: Option<LabelView>,
    reasons: Vec<InterviewReason>,
    /// One for each stage of interviews, once the result is published.
    interviews: Vec<InterviewView>,
}

#[derive(Serialize, ToSchema)]
struct InterviewReason {
    code: String,
    label_zh: String,
    label_en: String,
}

/// Who is to be interviewed, and why
///
/// To HR and executives everybody, also before publication; to others those whose interviews they hold.
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), PageQuery),
    responses((status = 200, body = Page<Interviewee>), (status = 409)))]
#[get("/v1/cycles/{id}/interviews")]
async fn list_interviews(
    caller: Caller<ReadInterviews>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<Interviewee>>> {
    let limit = page.limit()?;
    let viewer = Viewer::of(&caller);
    let runs = caller.has_any(&[Role::Hr, Role::Executive]);
    let after = page.after.clone().unwrap_or_default();
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let cycle = cycles::get(tx, *id, Lock::None).await?;
        cycle.check_computed()?;
        if !runs && cycle.publications == 0 {
            return Err(Problem::wrong_state(say!("结果尚未发布", "the results are not published yet")));
        }
        let filter = Filter {
            kind: Some(Kind::Person),
            interview: true,
            interviewer: (!runs).then(|| viewer.own_actors()),
            published: !runs,
            after: if after.is_empty() { String::new() } else { format!("person:{after}") },
            viewer: viewer.number.clone(),
            ..Filter::default()
        };
        let scheme = cycle.scheme()?;
        let found = results::of_cycle(tx, *id, &filter, limit + 1).await?;
        let found = Page::cut(found, limit, |r| r.of.clone());
        let numbers: Vec<String> = found.items.iter().map(|r| r.of.clone()).collect();
        let held = rows::with(tx, *id, &numbers).await?;
        tx.audit("interviews.listed", &id.to_string(), json!({ "numbers": numbers })).await?;
        let items = found.items.into_iter().map(|result| interviewee(&scheme, result, &held, &viewer));
        Ok(Page { items: items.collect(), next: found.next })
    })
    .await?;
    Ok(web::Json(page))
}

fn interviewee(scheme: &Scheme, result: ResultRow, held: &[Interview], viewer: &Viewer) -> Interviewee {
    let reasons = result.interview.into_iter().map(|code| {
        let label = scheme.interview_label(&code);
        InterviewReason { code, label_zh: label.zh, label_en: label.en }
    });
    let own = held.iter().filter(|one| one.number == result.of);
    Interviewee {
        result: result.id,
        reasons: reasons.collect(),
        interviews: own.map(|one| InterviewView::new(one.clone(), holding::actions(viewer, one))).collect(),
        number: result.of.as_str().into(),
        name: result.name,
        unit: result.unit,
        unit_name: result.unit_name,
        score: result.score,
        grade_label: result.grade.as_deref().map(|grade| labels::of_grade(scheme, grade)),
        grade: result.grade,
    }
}

/// One's own interviews, the newest first
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<InterviewView>)))]
#[get("/v1/my/interviews")]
async fn list_my_interviews(
    caller: Caller<ReadResults>,
    platform: Platform,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<InterviewView>>> {
    let (limit, after) = (page.limit()?, page.after_key()?);
    let viewer = Viewer::of(&caller);
    let number = caller.number()?.to_owned();
    let found = read(&platform, &caller, async |tx| rows::of_person(tx, &number, after, limit + 1).await).await?;
    let page = Page::cut(found, limit, |one| one.step.to_string());
    let view = |one: Interview| {
        let actions = holding::actions(&viewer, &one);
        InterviewView::new(one, actions)
    };
    Ok(web::Json(Page { items: page.items.into_iter().map(view).collect(), next: page.next }))
}

/// Say when and where an interview is to be held
///
/// By whoever holds it, HR or an executive. Both sides get a mail at once; it may be moved until it is recorded.
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Interview")),
    request_body = Appointment, responses((status = 200, body = InterviewView), (status = 409)))]
#[put("/v1/interviews/{id}/appointment")]
async fn arrange_interview(
    caller: Caller<RecordInterview>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Appointment>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let one = holding::arrange(tx, &viewer, *id, &body.0).await?;
            answer(&viewer, one)
        })
        .await
}

/// Record an interview that was held
///
/// By whoever holds it, HR or an executive; nobody their own. The person reads it and may comment on it. What was agreed on
/// enters the plan of the next period; where the scheme says so, terms of appeal run from the day of it.
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Interview")),
    request_body = Record, responses((status = 200, body = InterviewView), (status = 409)))]
#[post("/v1/interviews/{id}/record")]
async fn record_interview(
    caller: Caller<RecordInterview>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Record>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let one = holding::record(tx, &viewer, *id, &body.0).await?;
            answer(&viewer, one)
        })
        .await
}

/// Comment on one's own interview, once
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Interview")),
    request_body = Comment, responses((status = 200, body = InterviewView), (status = 409)))]
#[post("/v1/interviews/{id}/comment")]
async fn comment_interview(
    caller: Caller<CommentInterview>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Comment>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let one = holding::comment(tx, &viewer, *id, &body.0.comment).await?;
            answer(&viewer, one)
        })
        .await
}

fn answer(viewer: &Viewer, one: Interview) -> Result<Reply> {
    let actions = holding::actions(viewer, &one);
    Reply::ok(&InterviewView::new(one, actions))
}
