use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, post, put, web};
use events::Subject;
use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, read, versioned};
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::acting::{Recusals, may_act};
use super::assignment::{Assignment, FormState, NewAssignment, Rater};
use super::bulk::{self, Entered, Ratings, SubjectRatings};
use super::entering;
use super::needs::Desks;
use super::rows::{self, Filter};
use super::submitting;
use super::view::{AssignmentView, view};
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::directory::rows as directory;
use crate::engine::form::{is_optional, may_decline};
use crate::permissions::{EnterRatings, ManageAssignments, ReadSheets};
use crate::recusals::rows as recusals;
use crate::results::published;
use crate::sheets::rows as sheets;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{self, Standing};
use crate::tasks;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_cycle_assignments)
        .service(create_assignments)
        .service(replace_all_assignments)
        .service(list_own_assignments)
        .service(get_assignment)
        .service(put_assignment_values)
        .service(submit_assignment)
        .service(decline_assignment)
        .service(replace_assignment)
        .service(enter_ratings)
        .service(submit_ratings);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssignmentQuery {
    /// Only about this subject: `person:NUMBER` or `unit:CODE`.
    subject: Option<String>,
    /// Only in this state.
    #[param(inline)]
    state: Option<FormState>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// List who rates whom in a cycle
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), AssignmentQuery),
    responses((status = 200, body = Page<AssignmentView>)))]
#[get("/v1/cycles/{id}/assignments")]
async fn list_cycle_assignments(
    caller: Caller<ManageAssignments>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<AssignmentQuery>,
) -> Result<web::Json<Page<AssignmentView>>> {
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let subject = query.subject.as_deref().map(|text| subject::read("/subject", text)).transpose()?;
    let filter = Filter { cycle: Some(*id), subject, state: query.state, after: query.after, ..Filter::default() };
    let viewer = Viewer::of(&caller);
    let page = read(&platform, &caller, async |tx| {
        cycles::get(tx, *id, Lock::None).await?;
        let found = rows::list(tx, &filter, limit + 1).await?;
        let views = views(tx, &found, &viewer).await?;
        Ok(Page::cut(views, limit, |form: &AssignmentView| form.id.to_string()))
    })
    .await?;
    Ok(web::Json(page))
}

/// List one's own forms in all cycles
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<AssignmentView>)))]
#[get("/v1/assignments")]
async fn list_own_assignments(
    caller: Caller<ReadSheets>,
    platform: Platform,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<AssignmentView>>> {
    let (limit, after) = (page.limit()?, page.after_key::<Uuid>()?);
    let viewer = Viewer::of(&caller);
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let filter = Filter { mine: Some(viewer.raters()), after, ..Filter::default() };
        let found = rows::list(tx, &filter, limit + 1).await?;
        let views = views(tx, &found, &viewer).await?;
        Ok(Page::cut(views, limit, |form: &AssignmentView| form.id.to_string()))
    })
    .await?;
    Ok(web::Json(page))
}

/// Read an assignment
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Assignment")),
    responses((status = 200, body = AssignmentView)))]
#[get("/v1/assignments/{id}")]
async fn get_assignment(caller: Caller<ReadSheets>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let found = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let form = rows::get(tx, *id).await?;
        let recusals = recusals::pairs(tx, form.cycle).await?;
        if !viewer.sees_all() && may_act(&viewer, &form, &recusals).is_err() {
            return Err(Problem::not_found(say!("评分任务", "assignment")));
        }
        let closed = rows::closed(tx, std::slice::from_ref(&form)).await?;
        Ok(view(&form, &viewer, &recusals, &closed))
    })
    .await?;
    Ok(versioned(&found, found.version))
}

/// Somebody to rate a subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    /// The kind of rater.
    column: String,
    /// Only these items, by code.
    #[serde(default)]
    items: Option<Vec<String>>,
    /// `person:NUMBER`, `body:CODE`, `body:CODE/OFFICE`, `unit:CODE` or `role:ROLE`.
    rater: String,
    /// The last day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<jiff::civil::Date>,
}

/// Who is to rate whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "assignments": [{ "subject": "person:E001", "column": "peer", "rater": "person:E002" }] }))]
struct NewAssignments {
    /// At most 5000.
    assignments: Vec<Named>,
}

#[derive(Serialize, ToSchema)]
struct Assigned {
    items: Vec<AssignmentView>,
}

const NAMED_AT_MOST: usize = 5000;

/// Name raters
///
/// All or none. Several of a kind about one subject only where the scheme takes their mean; nobody about themselves.
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewAssignments, responses((status = 201, body = Assigned)))]
#[post("/v1/cycles/{id}/assignments")]
async fn create_assignments(
    caller: Caller<ManageAssignments>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewAssignments>,
) -> Result<HttpResponse> {
    let JsonBody(NewAssignments { assignments: named }) = body;
    if named.is_empty() || named.len() > NAMED_AT_MOST {
        return Err(Problem::field(
            "/assignments",
            say!("须有 1 到 {NAMED_AT_MOST} 项", "1 to {NAMED_AT_MOST} of them"),
        ));
    }
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            cycle.state.check_entering()?;
            let fresh = checked(tx, &cycle, &viewer, &named).await?;
            let wanted: Vec<Subject> = fresh.iter().map(|form| form.subject.clone()).collect();
            let ids = rows::insert(tx, cycle.id, &fresh).await?;
            sheets::touch(tx, cycle.id, &wanted).await?;
            let told: Vec<_> =
                fresh.iter().map(|form| json!([form.subject, form.column, form.rater.to_string()])).collect();
            tx.audit("assignments.named", &id.to_string(), json!({ "assignments": told })).await?;
            tasks::following::bring_up_to_date(tx, &cycle, &wanted).await?;
            let made = rows::by_ids(tx, &ids).await?;
            let items = views(tx, &made, &viewer).await?;
            Reply::created(format!("/v1/cycles/{id}/assignments"), &Assigned { items })
        })
        .await
}

async fn checked(
    tx: &mut platform::Tx,
    cycle: &crate::cycles::cycle::Cycle,
    viewer: &Viewer,
    named: &[Named],
) -> Result<Vec<NewAssignment>> {
    let scheme = cycle.scheme()?;
    let mut errors = Errors::default();
    let mut read_all = Vec::new();
    for (at, one) in named.iter().enumerate() {
        let pointer = format!("/assignments/{at}");
        let subject = subject::read(&format!("{pointer}/subject"), &one.subject)?;
        let rater = Rater::read(&format!("{pointer}/rater"), &one.rater)?;
        read_all.push((pointer, subject, rater));
    }
    let wanted: Vec<Subject> = read_all.iter().map(|(_, subject, _)| subject.clone()).collect();
    let raters: Vec<Rater> = read_all.iter().map(|(_, _, rater)| rater.clone()).collect();
    let there = directory::known(tx, &raters).await?;
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let settled = sheets::lock_many(tx, cycle.id, &wanted).await?;
    let known = rows::of_subjects(tx, cycle.id, &wanted).await?;
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let today = date_of(tx.now);
    let mut fresh: Vec<NewAssignment> = Vec::new();
    for (one, (pointer, subject, rater)) in named.iter().zip(read_all) {
        let found = about.iter().find(|about| about.is(&subject) && about.standing == Standing::In);
        let sheet = settled.iter().find(|sheet| sheet.key() == subject);
        let (Some(found), Some(sheet)) = (found, sheet) else {
            errors.add(
                format!("{pointer}/subject"),
                say!("本周期没有该对象的考核表", "the cycle has no sheet of this subject"),
            );
            continue;
        };
        if viewer.is_subject(&subject) {
            return Err(Problem::not_permitted(say!("不能决定由谁为自己评分", "nobody decides who rates them")));
        }
        let desk = desks.desk(found, Some(sheet));
        let Some(column) = desk.form.rater(&one.column) else {
            errors
                .add(format!("{pointer}/column"), say!("考核表没有此类评分人", "the sheet has no such kind of rater"));
            continue;
        };
        if rater == Rater::person(&subject.id) && one.column != "self" {
            errors.add(format!("{pointer}/rater"), say!("不能由本人为自己评分", "nobody rates themselves"));
            continue;
        }
        if let Err(problem) = submitting::check_rater(&format!("{pointer}/rater"), &rater, &there, viewer) {
            problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail));
            continue;
        }
        if let Err(problem) = check_until(&format!("{pointer}/until"), one.until, today) {
            problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail));
            continue;
        }
        let places = desk.places(&one.column);
        let unknown = one.items.iter().flatten().find(|item| !places.iter().any(|place| place.code() == item.as_str()));
        if unknown.is_some() || places.is_empty() {
            errors.add(
                format!("{pointer}/items"),
                say!("此类评分人不评这些指标", "this kind of rater is not asked for these items"),
            );
            continue;
        }
        let same = |column: &str, items: &Option<Vec<String>>| column == one.column && *items == one.items;
        let held =
            known.iter().any(|form| form.is_active() && form.key() == subject && same(&form.rater_column, &form.items))
                || fresh.iter().any(|form| form.subject == subject && same(&form.column, &form.items));
        if held && !column.many {
            let why = say!("此类评分人只能有一位：请改为更换", "there is one rater of this kind: replace them instead");
            errors.add(format!("{pointer}/rater"), why);
            continue;
        }
        let form = NewAssignment {
            subject,
            edition: sheet.edition,
            column: one.column.clone(),
            items: one.items.clone(),
            rater,
            named_by: Some(viewer.name.clone()),
            until: one.until,
            optional: is_optional(column),
            may_decline: may_decline(column),
            missing: 0,
            replaces: None,
        };
        let others = super::needs::given_to_others(desk.form, &one.column).into_iter().collect();
        let asked = super::needs::scope(&desk, &one.column, one.items.as_deref(), &others);
        let missing = super::needs::lacks(&desk, column, &asked, &Default::default(), &Default::default()).len();
        fresh.push(NewAssignment { missing, ..form });
    }
    errors.check().map(|()| fresh)
}

/// Another rater, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Replacement {
    /// `person:NUMBER`, `body:CODE`, `body:CODE/OFFICE`, `unit:CODE` or `role:ROLE`.
    rater: String,
    /// The last day; as before unless said. A form that has lapsed is opened again, for the same rater or another.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<jiff::civil::Date>,
    /// 1 to 4000 characters.
    reason: String,
}

/// Another rater for everything that somebody still has to rate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplacementOfAll {
    /// Whose open forms go to somebody else.
    from: String,
    /// `person:NUMBER`, `body:CODE`, `body:CODE/OFFICE`, `unit:CODE` or `role:ROLE`.
    rater: String,
    /// 1 to 4000 characters.
    reason: String,
}

/// How many forms have another rater now.
#[derive(Serialize, ToSchema)]
struct Replaced {
    assignments: usize,
}

async fn checked_rater(tx: &mut platform::Tx, viewer: &Viewer, rater: &Rater) -> Result<()> {
    let there = directory::known(tx, std::slice::from_ref(rater)).await?;
    submitting::check_rater("/rater", rater, &there, viewer)
}

/// Give a form to another rater
///
/// What was entered stays with the old one, and does not count.
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Assignment")),
    request_body = Replacement, responses((status = 200, body = Replaced)))]
#[post("/v1/assignments/{id}/replace")]
async fn replace_assignment(
    caller: Caller<ManageAssignments>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Replacement>,
) -> Result<HttpResponse> {
    let JsonBody(Replacement { rater, until, reason }) = body;
    check_reason(&reason)?;
    let rater = Rater::read("/rater", &rater)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            checked_rater(tx, &viewer, &rater).await?;
            check_until("/until", until, date_of(tx.now))?;
            let form = rows::get(tx, *id).await?;
            let cycle = cycles::get(tx, form.cycle, Lock::Share).await?;
            published::must_not_be(tx, cycle.id, &form.key()).await?;
            if !form.is_replaceable() {
                return Err(Problem::wrong_state(say!("此项评分已不在填写中", "this form is no longer open")));
            }
            let made = submitting::replace(tx, &cycle, &viewer, vec![form], &rater, until, &reason).await?;
            Reply::ok(&Replaced { assignments: made.len() })
        })
        .await
}

/// Give everything that somebody still has to rate to another rater
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = ReplacementOfAll, responses((status = 200, body = Replaced)))]
#[post("/v1/cycles/{id}/assignments/replace")]
async fn replace_all_assignments(
    caller: Caller<ManageAssignments>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<ReplacementOfAll>,
) -> Result<HttpResponse> {
    let JsonBody(ReplacementOfAll { from, rater, reason }) = body;
    check_reason(&reason)?;
    let (from, rater) = (Rater::read("/from", &from)?, Rater::read("/rater", &rater)?);
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            checked_rater(tx, &viewer, &rater).await?;
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let forms = rows::open_of(tx, cycle.id, &from).await?;
            let made = submitting::replace(tx, &cycle, &viewer, forms, &rater, None, &reason).await?;
            Reply::ok(&Replaced { assignments: made.len() })
        })
        .await
}

fn check_until(pointer: &str, until: Option<jiff::civil::Date>, today: jiff::civil::Date) -> Result<()> {
    if until.is_some_and(|until| until < today) {
        return Err(Problem::field(pointer, say!("不能早于今天", "not before today")));
    }
    Ok(())
}

/// Forms of one or several cycles as a reader sees them.
async fn views(tx: &mut platform::Tx, forms: &[Assignment], viewer: &Viewer) -> Result<Vec<AssignmentView>> {
    let cycles: BTreeSet<Uuid> = forms.iter().map(|form| form.cycle).collect();
    let recusals = recusals::pairs_of(tx, &cycles).await?;
    let closed = rows::closed(tx, forms).await?;
    let nobody = Recusals::new();
    let own = |form: &Assignment| recusals.get(&form.cycle).unwrap_or(&nobody);
    Ok(forms.iter().map(|form| view(form, viewer, own(form), &closed)).collect())
}

/// A form of the caller, with its cycle.
async fn own(tx: &mut platform::Tx, id: Uuid) -> Result<(crate::cycles::cycle::Cycle, Assignment)> {
    let form = rows::get(tx, id).await?;
    Ok((cycles::get(tx, form.cycle, Lock::Share).await?, form))
}

async fn answer(tx: &mut platform::Tx, viewer: &Viewer, id: Uuid) -> Result<Reply> {
    let form = rows::get(tx, id).await?;
    let recusals = recusals::pairs(tx, form.cycle).await?;
    let closed = rows::closed(tx, std::slice::from_ref(&form)).await?;
    Ok(Reply::ok(&view(&form, viewer, &recusals, &closed))?.version(form.version))
}

/// Fill in a form
///
/// All or nothing. Each value is checked as the scheme declares it; `/ratings/N` points at what is wrong.
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Assignment")),
    request_body = Ratings, responses((status = 200, body = AssignmentView)))]
#[put("/v1/assignments/{id}/values")]
async fn put_assignment_values(
    caller: Caller<EnterRatings>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Ratings>,
) -> Result<HttpResponse> {
    let JsonBody(Ratings { ratings }) = body;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let (cycle, form) = own(tx, *id).await?;
            entering::enter(tx, &cycle, &viewer, bulk::of_subject(&form.key(), ratings)?, Some(*id)).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}

/// Submit a form
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Assignment")),
    responses((status = 200, body = AssignmentView)))]
#[post("/v1/assignments/{id}/submit")]
async fn submit_assignment(caller: Caller<EnterRatings>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let (cycle, form) = own(tx, *id).await?;
            submitting::submit(tx, &cycle, &viewer, &[form.key()], Some(*id)).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Declining {
    /// 1 to 4000 characters.
    reason: String,
}

/// Decline to rate
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Assignment")),
    request_body = Declining, responses((status = 200, body = AssignmentView)))]
#[post("/v1/assignments/{id}/decline")]
async fn decline_assignment(
    caller: Caller<EnterRatings>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Declining>,
) -> Result<HttpResponse> {
    let JsonBody(Declining { reason }) = body;
    check_reason(&reason)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let (cycle, form) = own(tx, *id).await?;
            submitting::decline(tx, &cycle, &viewer, form, &reason).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}

/// Enter ratings about many subjects
///
/// All or nothing, every error told. Each on the form of the caller; HR for those who do not sign in.
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = SubjectRatings, responses((status = 200, body = Entered)))]
#[post("/v1/cycles/{id}/ratings")]
async fn enter_ratings(
    caller: Caller<EnterRatings>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<SubjectRatings>,
) -> Result<HttpResponse> {
    let JsonBody(SubjectRatings { ratings }) = body;
    let entries = bulk::of_subjects(ratings)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let values = entries.len();
            let subjects = entering::enter(tx, &cycle, &viewer, entries, None).await?;
            Reply::ok(&Entered { values, subjects: subjects.len() })
        })
        .await
}

/// How many forms were submitted.
#[derive(Serialize, ToSchema)]
struct Submitted {
    assignments: usize,
}

/// Submit everything one has to rate in a cycle
///
/// Refused with the list (the first 1000) while anything is missing.
#[utoipa::path(tag = "assignments", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Submitted)))]
#[post("/v1/cycles/{id}/ratings/submit")]
async fn submit_ratings(caller: Caller<EnterRatings>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let assignments = submitting::submit_all(tx, &cycle, &viewer).await?;
            Reply::ok(&Submitted { assignments })
        })
        .await
}
