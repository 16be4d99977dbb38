use actix_web::{HttpResponse, get, post, put, web};
use basics::Label;
use domain::scheme::{Coded, Scheme};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::openapi::LabelView;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, versioned};
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::{self, Change, Consequence, Filter, Listed};
use super::subject::{self, CategoryBy, Kind, Standing, Subject};
use super::units::{self, Unit};
use super::{joining, placing};
use crate::cycles::cycle::Cycle;
use crate::directory::organisation::Organisation;
use crate::permissions::{ChangeSubject, ReadSubjectChanges, ReadSubjects, ReadUnits};
use crate::plans::rules::reason;
use crate::precondition::OptionalIfMatch;
use crate::process::Activity;
use crate::viewer::Viewer;
use crate::{approvals, cycles, directory, plans, schemes, tasks};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_cycle_units)
        .service(list_subjects)
        .service(get_subject)
        .service(put_subject)
        .service(list_subject_changes)
        .service(mark_subject_changes_seen);
}

/// Units of a cycle with how far the planning of each is: those one belongs to or leads, or all of them for HR and
/// executives.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Unit>)))]
#[get("/v1/cycles/{id}/units")]
async fn list_cycle_units(
    caller: Caller<ReadUnits>,
    platform: Platform,
    cycle: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let viewer = Viewer::of(&caller);
    let units = platform::web::read(&platform, &caller, async |tx| {
        let cycle = cycles::rows::get(tx, *cycle, Lock::None).await?;
        units::list(tx, cycle.id, &viewer, page.after.as_deref(), limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(units, limit, |unit: &Unit| unit.code.clone())))
}

/// Somebody or something in a cycle, as they stand now.
#[derive(Serialize, Deserialize, ToSchema)]
struct SubjectView {
    /// `person:E1` or `unit:NET`.
    subject: String,
    kind: Kind,
    /// Employee number; null where it is a unit.
    number: Option<String>,
    /// Unit code; null where it is a person.
    code: Option<String>,
    name: String,
    /// A person's unit; of a unit its own code.
    unit: Option<String>,
    unit_name: Option<String>,
    position: Option<String>,
    /// Under the cycle's scheme.
    category: Option<String>,
    category_label: Option<LabelView>,
    category_by: Option<CategoryBy>,
    /// The organisation's own category.
    own_category: Option<String>,
    superior: Option<String>,
    superior_name: Option<String>,
    /// The superior's superior.
    superior_above: Option<String>,
    superior_above_name: Option<String>,
    /// Of the person's unit, or of the unit.
    head: Option<String>,
    head_name: Option<String>,
    co_head: Option<String>,
    co_head_name: Option<String>,
    head_since: Option<Date>,
    /// Who is in charge of the unit.
    leader: Option<String>,
    leader_name: Option<String>,
    dotted: Option<String>,
    dotted_name: Option<String>,
    hired_on: Option<Date>,
    left_on: Option<Date>,
    #[schema(value_type = Object)]
    facts: serde_json::Value,
    standing: Standing,
    /// Why they are left out: a code of the scheme, or what HR wrote.
    why: Option<String>,
    /// What the scheme calls that reason.
    why_label: Option<LabelView>,
    /// Who in HR decided about them.
    decided_by: Option<String>,
    /// They have a published result.
    published: bool,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<String>,
    /// The `ETag`.
    version: i64,
}

fn view(listed: Listed, scheme: &Scheme, cycle: &Cycle, viewer: &Viewer) -> SubjectView {
    let subject = listed.subject;
    let own = viewer.number.as_deref().is_some_and(|number| subject.is_person(number));
    let decides = viewer.hr && !own && !subject.published && cycle.state.must_be_running().is_ok();
    let actions = if decides { vec!["put_subject".to_owned()] } else { Vec::new() };
    let coded: &[Coded] = match subject.kind {
        Kind::Person => scheme.people_categories(),
        Kind::Unit => scheme.unit_categories(),
    };
    let label = |label: &Label| LabelView::from(label.clone());
    let category = subject.category.as_ref();
    let category_label =
        category.and_then(|code| coded.iter().find(|one| one.code == *code)).map(|one| label(&one.label));
    let why_label = subject.why.as_deref().and_then(|why| scheme.exclusion_label(why)).map(label);
    SubjectView {
        subject: subject.id().to_string(),
        kind: subject.kind,
        number: Some(subject.subject.clone()).filter(|_| subject.kind == Kind::Person),
        code: Some(subject.subject).filter(|_| subject.kind == Kind::Unit),
        name: subject.name,
        unit: subject.unit,
        unit_name: listed.unit_name,
        position: subject.position,
        category: subject.category,
        category_label,
        category_by: subject.category_by,
        own_category: subject.own_category,
        superior: subject.superior,
        superior_name: listed.superior_name,
        superior_above: subject.superior_above,
        superior_above_name: listed.superior_above_name,
        head: subject.head,
        head_name: listed.head_name,
        co_head: subject.co_head,
        co_head_name: listed.co_head_name,
        head_since: subject.head_since,
        leader: subject.leader,
        leader_name: listed.leader_name,
        dotted: subject.dotted,
        dotted_name: listed.dotted_name,
        hired_on: subject.hired_on,
        left_on: subject.left_on,
        facts: subject.facts,
        standing: subject.standing,
        why: subject.why,
        why_label,
        decided_by: subject.decided_by,
        published: subject.published,
        actions,
        version: subject.version,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SubjectQuery {
    /// Only people, or only units.
    kind: Option<Kind>,
    /// Only those who are appraised, excluded or out.
    standing: Option<Standing>,
    /// Unit code: the unit and its people.
    unit: Option<String>,
    /// Part of a name, a number or a code.
    q: Option<String>,
}

/// Who and what is appraised: oneself, one's reports and units, or all of it for HR and executives.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path), SubjectQuery, PageQuery),
    responses((status = 200, body = Page<SubjectView>)))]
#[get("/v1/cycles/{id}/subjects")]
async fn list_subjects(
    caller: Caller<ReadSubjects>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<SubjectQuery>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let filter = Filter {
        kind: query.kind,
        standing: query.standing,
        unit: query.unit.as_deref(),
        q: query.q.as_deref().map(str::trim).filter(|q| !q.is_empty()),
        after: page.after.as_deref().map(|text| subject::read(text).ok_or_else(not_a_place)).transpose()?,
        limit: limit + 1,
    };
    let viewer = Viewer::of(&caller);
    let (cycle, scheme, subjects) = platform::web::read(&platform, &caller, async |tx| {
        let cycle = cycles::rows::get(tx, *id, Lock::None).await?;
        let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
        let subjects = rows::list(tx, *id, &viewer, &filter).await?;
        Ok((cycle, scheme, subjects))
    })
    .await?;
    let views = subjects.into_iter().map(|one| view(one, &scheme, &cycle, &viewer)).collect();
    Ok(HttpResponse::Ok().json(Page::<SubjectView>::cut(views, limit, |one| one.subject.clone())))
}

fn not_a_place() -> Problem {
    Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"))
}

/// One of those who and what are appraised.
#[utoipa::path(tag = "cycles", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("subject" = String, Path, description = "`person:E1` or `unit:NET`")),
    responses((status = 200, body = SubjectView)))]
#[get("/v1/cycles/{id}/subjects/{subject}")]
async fn get_subject(
    caller: Caller<ReadSubjects>,
    platform: Platform,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse> {
    let (cycle, subject) = path.into_inner();
    let view = platform::web::read(&platform, &caller, async |tx| {
        let cycle = cycles::rows::get(tx, cycle, Lock::None).await?;
        found(tx, &cycle, &subject, &Viewer::of(&caller)).await
    })
    .await?;
    let version = view.version;
    Ok(versioned(&view, version))
}

async fn found(tx: &mut Tx, cycle: &Cycle, subject: &str, viewer: &Viewer) -> Result<SubjectView> {
    let (kind, code) = subject::named(subject)?;
    let listed = rows::get(tx, cycle.id, kind, &code, viewer).await?;
    let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
    Ok(view(listed, &scheme, cycle, viewer))
}

/// What HR decides about a subject; what is left out stays.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "standing": "out", "reason": "on leave all month" }))]
struct Decision {
    #[serde(default)]
    standing: Option<Standing>,
    /// A category of the scheme.
    #[serde(default)]
    category: Option<String>,
    /// A person's unit.
    #[serde(default)]
    unit: Option<String>,
    /// Employee number.
    #[serde(default)]
    superior: Option<String>,
    /// 1 to 4000 characters.
    reason: String,
}

/// Decides about somebody or something in a cycle otherwise than the rules and the organisation do, or takes them up.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), request_body = Decision,
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path),
        ("subject" = String, Path, description = "`person:E1` or `unit:NET`")),
    responses((status = 200, body = SubjectView)))]
#[put("/v1/cycles/{id}/subjects/{subject}")]
async fn put_subject(
    caller: Caller<ChangeSubject>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    if_match: OptionalIfMatch,
    body: JsonBody<Decision>,
) -> Result<HttpResponse> {
    let (cycle, named) = path.into_inner();
    let decision = body.0;
    write
        .run(&caller, async |tx| {
            // One decision after the other, and none between news of the organisation and what follows from it.
            directory::rows::hold(tx).await?;
            let cycle = cycles::rows::get(tx, cycle, Lock::Update).await?;
            cycle.state.must_be_running()?;
            let why = reason(&decision.reason)?.to_owned();
            let (kind, code) = subject::named(&named)?;
            if kind == Kind::Person && caller.employee.as_deref() == Some(code.as_str()) {
                return Err(Problem::not_permitted(say!(
                    "不能决定自己的考核",
                    "nobody decides how they are appraised"
                )));
            }
            let day = date_of(tx.now).max(cycle.as_of);
            let organisation = directory::rows::organisation(tx, day).await?;
            let before = rows::find(tx, cycle.id, kind, &code).await?;
            let known = match &before {
                Some(known) => known.clone(),
                None => newcomer(kind, &code, &organisation)?,
            };
            if_match.check(before.as_ref().map_or(0, |before| before.version))?;
            known.must_be_unpublished()?;
            let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
            let decided = decided(known, &decision, &why, &scheme, &organisation)?;
            let decided = Subject { decided_by: Some(tx.actor.name.clone()), ..decided };
            let changed = with_unit(tx, &cycle, decided.clone(), &organisation).await?;
            joining::take_up(tx, &cycle, &scheme, &changed).await?;
            plans::rows::follow(tx, cycle.id).await?;
            approvals::following::follow(tx, &cycle, &changed).await?;
            match kind {
                Kind::Person => approvals::following::take_part(tx, &cycle, &decided).await?,
                Kind::Unit if decided.standing == Standing::In => {}
                Kind::Unit => {
                    let unit = std::slice::from_ref(&code);
                    tasks::rows::mark(tx, cycle.id, Activity::DraftUnitPlan, unit, true).await?;
                }
            }
            tasks::rows::ask_for_release(tx, cycle.id).await?;
            let told = json!({
                "standing": decision.standing, "category": decision.category, "unit": decision.unit,
                "superior": decision.superior, "reason": why,
            });
            tx.audit("subjects.decided", &format!("{}/{named}", cycle.id), told).await?;
            let view = found(tx, &cycle, &named, &Viewer::of(&caller)).await?;
            let version = view.version;
            Ok(Reply::ok(&view)?.version(version))
        })
        .await
}

/// Somebody or something that the cycle does not have yet.
fn newcomer(kind: Kind, code: &str, organisation: &Organisation) -> Result<Subject> {
    let known = match kind {
        Kind::Person => organisation.people.get(code).map(|one| placing::person_subject(one, organisation)),
        Kind::Unit => organisation.units.get(code).map(|one| placing::unit_subject(one, organisation)),
    };
    let known = known.ok_or_else(|| Problem::not_found(say!("考核对象", "subject")))?;
    Ok(Subject { standing: Standing::Out, version: 0, ..known })
}

/// The subject as HR has decided, or everything that is wrong with the decision.
fn decided(
    mut subject: Subject,
    decision: &Decision,
    why: &str,
    scheme: &Scheme,
    organisation: &Organisation,
) -> Result<Subject> {
    let mut errors = Errors::default();
    let coded: &[Coded] = match subject.kind {
        Kind::Person => scheme.people_categories(),
        Kind::Unit => scheme.unit_categories(),
    };
    if let Some(category) = &decision.category {
        if coded.iter().any(|one| one.code == *category) {
            (subject.category, subject.category_by) = (Some(category.clone()), Some(CategoryBy::Override));
        } else {
            errors.add("/category", say!("方案没有该类别", "the scheme has no such category"));
        }
    }
    let is_person = subject.kind == Kind::Person;
    if let Some(unit) = &decision.unit {
        if is_person && organisation.units.contains_key(unit) {
            let lead = organisation.lead(Some(unit));
            subject.unit = Some(unit.clone());
            (subject.head, subject.co_head, subject.leader) = (lead.head, lead.co_head, lead.leader);
        } else {
            errors.add("/unit", say!("没有该部门", "there is no such unit"));
        }
    }
    if let Some(superior) = &decision.superior {
        if is_person && *superior != subject.subject && organisation.people.contains_key(superior) {
            subject.superior = Some(superior.clone());
            subject.superior_above = organisation.above(Some(superior));
        } else {
            errors.add("/superior", say!("此人不能任其上级", "they cannot be the superior"));
        }
    }
    if let Some(standing) = decision.standing {
        subject.standing = standing;
        subject.why = (standing != Standing::In).then(|| why.to_owned());
    }
    if subject.kind == Kind::Unit && subject.standing == Standing::In && !scheme.has_units() {
        errors.add("/standing", say!("方案不考核部门", "the scheme knows no units"));
    }
    errors.check()?;
    subject.version += 1;
    Ok(subject)
}

/// The subject, and before it its unit where the cycle does not have that yet.
async fn with_unit(tx: &mut Tx, cycle: &Cycle, subject: Subject, organisation: &Organisation) -> Result<Vec<Subject>> {
    let unit = subject.unit.clone().filter(|_| subject.kind == Kind::Person);
    let mut changed = Vec::new();
    if let Some(unit) = unit.and_then(|code| organisation.units.get(&code))
        && rows::find(tx, cycle.id, Kind::Unit, &unit.code).await?.is_none()
    {
        let held = placing::unit_subject(unit, organisation);
        changed.push(Subject { standing: Standing::Out, why: Some("not_chosen".to_owned()), ..held });
    }
    changed.push(subject);
    Ok(changed)
}

/// Something that the organisation changed after a cycle was opened.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "subject": "person:E1", "name": "Li Na", "no": 1, "what": { "superior": ["H1", "H2"] }, "followed": "followed",
    "at": "2026-10-12T02:00:00Z", "seen_by": null
}))]
struct ChangeView {
    /// `person:E1` or `unit:NET`.
    subject: String,
    name: Option<String>,
    /// Of the subject, from 1 on.
    no: i32,
    /// Each field with what it was and what it is.
    #[schema(value_type = Object)]
    what: serde_json::Value,
    followed: Consequence,
    at: jiff::Timestamp,
    /// Who in HR has looked at it.
    seen_by: Option<String>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            subject: change.kind.id(&change.subject).to_string(),
            name: change.name,
            no: change.no,
            what: change.what,
            followed: change.followed,
            at: change.at,
            seen_by: change.seen_by,
        }
    }
}

/// What the organisation has changed since a cycle was opened, and what came of it.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<ChangeView>)))]
#[get("/v1/cycles/{id}/subject-changes")]
async fn list_subject_changes(
    caller: Caller<ReadSubjectChanges>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let place = |text: &str| {
        let (no, subject) = text.split_once('/')?;
        let (kind, code) = subject::read(subject)?;
        Some((kind, code, no.parse::<i32>().ok()?))
    };
    let after = page.after.as_deref().map(|text| place(text).ok_or_else(not_a_place)).transpose()?;
    let changes = platform::web::read(&platform, &caller, async |tx| {
        cycles::rows::get(tx, *id, Lock::None).await?;
        rows::changes(tx, *id, after.clone(), limit + 1).await
    })
    .await?;
    let views = changes.into_iter().map(ChangeView::from).collect();
    Ok(HttpResponse::Ok().json(Page::<ChangeView>::cut(views, limit, |one| format!("{}/{}", one.no, one.subject))))
}

/// How many changes had not been seen.
#[derive(Serialize, Deserialize, ToSchema)]
struct Seen {
    seen: usize,
}

/// Marks all that the organisation has changed so far as seen.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Seen)))]
#[post("/v1/cycles/{id}/subject-changes/seen")]
async fn mark_subject_changes_seen(
    caller: Caller<ChangeSubject>,
    write: Write,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            cycles::rows::get(tx, *id, Lock::None).await?;
            let seen = rows::mark_seen(tx, *id).await?;
            tx.audit("subject-changes.seen", &id.to_string(), json!({ "seen": seen })).await?;
            Reply::ok(&Seen { seen })
        })
        .await
}
