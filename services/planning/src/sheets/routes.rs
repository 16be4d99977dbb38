use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::{HttpResponse, get, post, put, web};
use basics::money::plain;
use domain::scheme::Scheme;
use events::Row;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, versioned};
use platform::{
    Caller, Code, FieldError, JsonBody, Missing, Page, PageQuery, Platform, Problem, Reply, Result, Role, Tx, Write,
    say,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, Listed};
use super::rules::{self, About, NewRow, Settlement};
use super::settling::{self, Wish};
use super::shape::Shapes;
use super::sheet::{Sheet, SheetState};
use super::writing;
use crate::cycles::cycle::Cycle;
use crate::permissions::{ReadSheets, SettleSheets, WriteRows};
use crate::plans::rules::reason;
use crate::precondition::OptionalIfMatch;
use crate::subjects::subject::{self, Kind, Standing, Subject};
use crate::viewer::Viewer;
use crate::{cycles, plans, schemes, subjects, tasks};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(settle_unit_sheets)
        .service(settle_sheets)
        .service(list_unit_sheets)
        .service(get_settled_sheet)
        .service(put_rows);
}

/// How the sheets of a unit's people are settled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnitSettlement {
    /// For all of the unit: item codes, the most important first; the scheme's order when left out.
    #[serde(default)]
    priorities: Option<Vec<String>>,
    /// For all of the unit: weight of every item, in all 100; the scheme's when left out.
    #[serde(default)]
    weights: Option<BTreeMap<String, String>>,
    /// Sheets that differ from the unit's, at most 5000. What one leaves out is as for the unit.
    #[serde(default)]
    sheets: Vec<SheetSettlement>,
}

/// How one person's sheet is settled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SheetSettlement {
    /// Employee number.
    number: String,
    #[serde(default)]
    priorities: Option<Vec<String>>,
    #[serde(default)]
    weights: Option<BTreeMap<String, String>>,
}

/// How many sheets are settled now.
#[derive(Serialize, Deserialize, ToSchema)]
struct SettledSheets {
    settled: i64,
}

const SHEETS_AT_MOST: usize = 5000;

/// Settles the sheets of a unit's people, once the unit's plan is approved; what was settled before is replaced.
/// Whoever belongs to the unit settles their own as the scheme has it.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path), ("code" = String, Path)),
    request_body = UnitSettlement,
    responses((status = 200, body = SettledSheets)))]
#[post("/v1/cycles/{id}/units/{code}/sheets/settle")]
async fn settle_unit_sheets(
    caller: Caller<SettleSheets>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    body: JsonBody<UnitSettlement>,
) -> Result<HttpResponse> {
    let (cycle, code) = path.into_inner();
    let body = body.0;
    if body.sheets.len() > SHEETS_AT_MOST {
        return Err(Problem::field(
            "/sheets",
            say!("最多 {SHEETS_AT_MOST} 张考核表", "at most {SHEETS_AT_MOST} sheets"),
        ));
    }
    write
        .run(&caller, async |tx| {
            let cycle = cycles::rows::get_open(tx, cycle).await?;
            let unit = subjects::units::get(tx, cycle.id, &code, &Viewer::of(&caller)).await?;
            check_not_own(tx, cycle.id, &code, caller.employee.as_deref(), &body).await?;
            must_be_ready(tx, &cycle, &code).await?;
            let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
            let mut members = subjects::rows::of_unit(tx, cycle.id, &unit.code).await?;
            members.retain(|member| !member.published);
            let wishes = checked(&cycle, &scheme, members, &body)?;
            let settled = settling::settle(tx, &cycle, &scheme, wishes).await?;
            tasks::rows::mark_settled(tx, cycle.id, Some(&code)).await?;
            tasks::rows::ask_for_release(tx, cycle.id).await?;
            let detail = json!({ "weights": body.weights, "priorities": body.priorities, "sheets": body.sheets });
            tx.audit("sheets.settled", &format!("{}/{code}", cycle.id), detail).await?;
            Reply::ok(&SettledSheets { settled })
        })
        .await
}

/// Nobody weighs the items of their own sheet: what is settled otherwise than the scheme has it is about others.
async fn check_not_own(
    tx: &mut Tx,
    cycle: Uuid,
    code: &str,
    caller: Option<&str>,
    settlement: &UnitSettlement,
) -> Result<()> {
    if !rows::is_member(tx, cycle, code, caller).await? {
        return Ok(());
    }
    let own = (0..).zip(&settlement.sheets).filter(|(_, sheet)| caller == Some(&sheet.number));
    let own: Vec<String> = own.map(|(at, _): (usize, _)| format!("/sheets/{at}/number")).collect();
    let for_all = [("/weights", settlement.weights.is_some()), ("/priorities", settlement.priorities.is_some())];
    let for_all = for_all.into_iter().filter(|(_, given)| *given).map(|(pointer, _)| pointer.to_owned());
    let refused = own.into_iter().chain(for_all);
    let why = say!("不能核定自己的考核表", "nobody settles their own sheet");
    let refused: Vec<_> = refused.map(|pointer| FieldError::new(pointer, why.clone())).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Problem { code: Code::NotPermitted, ..Problem::invalid(refused) })
}

async fn must_be_ready(tx: &mut Tx, cycle: &Cycle, code: &str) -> Result<()> {
    let unready = rows::count_unready(tx, cycle, code).await?;
    if unready == 0 {
        return Ok(());
    }
    if cycle.has_unit_plans {
        return Err(Problem::wrong_state(say!("部门计划尚未批准", "the unit's plan has not been approved")));
    }
    let unapproved = plans::rows::unapproved(tx, cycle.id, code).await?;
    let missing: Vec<Missing> = unapproved.into_iter().map(Missing::from).collect();
    Err(Problem::incomplete(
        say!("该部门有 {unready} 份绩效计划尚未批准", "plans of the unit that are not approved: {unready}"),
        missing,
    ))
}

/// What is settled for everybody of the unit who takes part, and for the unit itself; or everything that is wrong.
fn checked(cycle: &Cycle, scheme: &Scheme, members: Vec<Subject>, body: &UnitSettlement) -> Result<Vec<Wish>> {
    let mut shapes = Shapes::new(scheme, &cycle.cadence, &cycle.parameters);
    let mut errors = Errors::default();
    let unit = Settlement { priorities: body.priorities.clone(), weights: body.weights.clone() };
    let people: Vec<&Subject> =
        members.iter().filter(|one| one.kind == Kind::Person && one.standing == Standing::In).collect();
    let mut for_all = Default::default();
    let categories: BTreeSet<Option<&str>> = people.iter().map(|one| one.category.as_deref()).collect();
    for category in categories {
        let mut of_category = Errors::default();
        for_all = rules::check(&unit, &shapes.of(Kind::Person, category), "", &mut of_category);
        if let Err(problem) = of_category.check() {
            problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail));
            break;
        }
    }
    let numbers: BTreeSet<&str> = people.iter().map(|one| one.subject.as_str()).collect();
    let mut own: HashMap<&str, (usize, &SheetSettlement)> = HashMap::new();
    for (at, sheet) in body.sheets.iter().enumerate() {
        let pointer = format!("/sheets/{at}/number");
        if !numbers.contains(sheet.number.as_str()) {
            let why = say!("该部门没有此工号的参评人员", "nobody of this number takes part in the unit");
            errors.add(pointer, why);
        } else if own.insert(&sheet.number, (at, sheet)).is_some() {
            errors.add(pointer, say!("该工号重复", "this number is there twice"));
        }
    }
    let mut given: Vec<_> = own.values().copied().collect();
    given.sort_by_key(|(at, _)| *at);
    let mut settled = HashMap::new();
    for (at, sheet) in given {
        let Some(member) = people.iter().find(|one| one.subject == sheet.number) else { continue };
        let settlement = Settlement {
            priorities: sheet.priorities.clone().or_else(|| body.priorities.clone()),
            weights: sheet.weights.clone().or_else(|| body.weights.clone()),
        };
        let shape = shapes.of(Kind::Person, member.category.as_deref());
        let checked = rules::check(&settlement, &shape, &format!("/sheets/{at}"), &mut errors);
        settled.insert(sheet.number.clone(), checked);
    }
    errors.check()?;
    let wish = |subject: Subject| {
        let own = match (subject.kind, subject.standing) {
            (Kind::Person, Standing::In) => Some(settled.remove(&subject.subject).unwrap_or_else(|| for_all.clone())),
            _ => None,
        };
        Wish { subject, own, newly_planned: false }
    };
    let taking_part = members.into_iter().filter(|one| one.standing == Standing::In);
    Ok(taking_part.map(wish).collect())
}

/// Settles, as the scheme has them, all sheets not settled yet of units whose plan is approved.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = SettledSheets)))]
#[post("/v1/cycles/{id}/sheets/settle")]
async fn settle_sheets(caller: Caller<SettleSheets>, write: Write, cycle: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let cycle = cycles::rows::get_open(tx, *cycle).await?;
            let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
            let settled = settling::settle_ready(tx, &cycle, &scheme).await?;
            tasks::rows::mark_settled(tx, cycle.id, None).await?;
            tasks::rows::ask_for_release(tx, cycle.id).await?;
            tx.audit("sheets.settled", &cycle.id.to_string(), json!({ "sheets": settled })).await?;
            Reply::ok(&SettledSheets { settled })
        })
        .await
}

/// A row below an item or in a list.
#[derive(Serialize, Deserialize, ToSchema)]
struct RowView {
    /// The code of the item or the key of the list.
    place: String,
    title: String,
    measure: Option<String>,
    weight: String,
    target: Option<String>,
    due: Option<jiff::civil::Date>,
    /// 1 comes first.
    priority: Option<i32>,
}

impl From<Row> for RowView {
    fn from(row: Row) -> Self {
        Self {
            place: row.place,
            title: row.title,
            measure: row.measure,
            weight: row.weight,
            target: row.target,
            due: row.due,
            priority: row.priority,
        }
    }
}

fn row_views(rows: serde_json::Value) -> Result<Vec<RowView>> {
    let rows: Vec<Row> = serde_json::from_value(rows)?;
    Ok(rows.into_iter().map(RowView::from).collect())
}

/// A subject's sheet as far as planning settles it.
#[derive(Serialize, Deserialize, ToSchema)]
struct SheetView {
    /// `person:E1` or `unit:NET`.
    subject: String,
    kind: Kind,
    /// Employee number; null where it is a unit's.
    number: Option<String>,
    name: String,
    category: Option<String>,
    /// 1, and one more with each change after scoring was told of it.
    edition: Option<i32>,
    state: Option<SheetState>,
    settled: bool,
    rows: Vec<RowView>,
    /// Weight of every item where others than the scheme's were settled; empty otherwise.
    weights: BTreeMap<String, String>,
    /// Item codes, the most important first, where another order than the scheme's was settled.
    priorities: Vec<String>,
    settled_by: Option<String>,
    settled_at: Option<jiff::Timestamp>,
    version: Option<i64>,
}

impl TryFrom<Listed> for SheetView {
    type Error = Problem;

    fn try_from(row: Listed) -> Result<Self> {
        Ok(Self {
            subject: row.kind.id(&row.subject).to_string(),
            kind: row.kind,
            number: Some(row.subject).filter(|_| row.kind == Kind::Person),
            name: row.name,
            category: row.category,
            edition: row.edition,
            settled: row.state == Some(SheetState::Settled),
            state: row.state,
            rows: row.rows.map(row_views).transpose()?.unwrap_or_default(),
            weights: row.weights.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            priorities: row.priorities.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            settled_by: row.settled_by,
            settled_at: row.settled_at,
            version: row.version,
        })
    }
}

/// An edition of a sheet.
#[derive(Serialize, Deserialize, ToSchema)]
struct SheetEdition {
    edition: i32,
    state: SheetState,
    /// Whether scoring has been told of it.
    told: bool,
    rows: Vec<RowView>,
    weights: BTreeMap<String, String>,
    priorities: Vec<String>,
    /// Why its rows are as they are, where somebody said so.
    why: Option<String>,
    settled_by: Option<String>,
    settled_at: Option<jiff::Timestamp>,
    /// The `ETag`.
    version: i64,
}

impl TryFrom<Sheet> for SheetEdition {
    type Error = Problem;

    fn try_from(sheet: Sheet) -> Result<Self> {
        Ok(Self {
            edition: sheet.edition,
            state: sheet.state,
            told: sheet.told,
            weights: sheet.weights()?,
            priorities: sheet.priorities()?,
            rows: row_views(sheet.rows)?,
            why: sheet.why,
            settled_by: sheet.settled_by,
            settled_at: sheet.settled_at,
            version: sheet.version,
        })
    }
}

/// Where rows may stand, and what they sum to.
#[derive(Serialize, Deserialize, ToSchema)]
struct PlaceView {
    place: String,
    /// What the weights of its rows sum to; null: to anything.
    sum: Option<String>,
    /// Rows at most.
    most: Option<usize>,
    required: bool,
}

/// A subject's sheet with all its editions.
#[derive(Serialize, Deserialize, ToSchema)]
struct SettledSheetView {
    /// `person:E1` or `unit:NET`.
    subject: String,
    kind: Kind,
    name: String,
    unit: Option<String>,
    category: Option<String>,
    standing: Standing,
    /// The edition that counts.
    #[serde(flatten)]
    current: SheetEdition,
    /// Items and lists that take rows.
    places: Vec<PlaceView>,
    /// Editions before, oldest first.
    before: Vec<SheetEdition>,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<String>,
}

async fn settled_view(tx: &mut Tx, cycle: &Cycle, subject: &Subject, may_write: bool) -> Result<SettledSheetView> {
    let mut editions = rows::editions(tx, cycle.id, subject.kind, &subject.subject).await?;
    let counts = |sheet: &Sheet| matches!(sheet.state, SheetState::Draft | SheetState::Proposed | SheetState::Settled);
    let at = editions.iter().position(counts).ok_or_else(|| Problem::not_found(say!("考核表", "sheet")))?;
    let current = editions.remove(at);
    let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
    let mut shapes = Shapes::new(&scheme, &cycle.cadence, &cycle.parameters);
    let shape = shapes.of(subject.kind, subject.category.as_deref());
    let weights = current.weights()?;
    let places = shape.places().map(|(place, _)| PlaceView {
        place: place.to_owned(),
        sum: shape.replaced(place, &weights).map(plain),
        most: shape.list(place).and_then(|list| list.most),
        required: shape.list(place).is_some_and(|list| list.required),
    });
    let takes_part = subject.standing != Standing::Out && !subject.published;
    let may_write = may_write && takes_part && shape.takes_rows() && cycle.state.must_be_running().is_ok();
    Ok(SettledSheetView {
        subject: subject.id().to_string(),
        kind: subject.kind,
        name: subject.name.clone(),
        unit: subject.unit.clone(),
        category: subject.category.clone(),
        standing: subject.standing,
        places: places.collect(),
        current: current.try_into()?,
        before: editions.into_iter().map(SheetEdition::try_from).collect::<Result<_>>()?,
        actions: if may_write { vec!["put_rows".to_owned()] } else { Vec::new() },
    })
}

/// A subject's sheet as planning settles it: rows, weights, priorities, and its editions.
#[utoipa::path(tag = "sheets", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("subject" = String, Path, description = "`person:E1` or `unit:NET`")),
    responses((status = 200, body = SettledSheetView)))]
#[get("/v1/cycles/{id}/sheets/{subject}")]
async fn get_settled_sheet(
    caller: Caller<ReadSheets>,
    platform: Platform,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse> {
    let (cycle, subject) = path.into_inner();
    let view = platform::web::read(&platform, &caller, async |tx| {
        let cycle = cycles::rows::get(tx, cycle, Lock::None).await?;
        let (kind, code) = subject::named(&subject)?;
        let found = subjects::rows::get(tx, cycle.id, kind, &code, &Viewer::of(&caller)).await?.subject;
        let may = writing::may_write_rows(&found, caller.employee.as_deref(), caller.has(Role::Hr)).is_ok();
        settled_view(tx, &cycle, &found, may).await
    })
    .await?;
    let version = view.current.version;
    Ok(versioned(&view, version))
}

/// All rows of a sheet.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rows": [
    { "place": "post_tasks", "title": "Renew the switches", "measure": "done by the 20th", "weight": "12" },
    { "place": "post_tasks", "title": "Answer faults within the hour", "weight": "11" }
], "reason": "agreed on 1 October" }))]
struct Rows {
    /// What is not among them is taken off the sheet.
    rows: Vec<NewRow>,
    /// Why, at most 4000 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Writes the rows of a subject's sheet by hand: HR, the superior, the head or the leader, never the subject. They stay when the
/// sheet is settled. Once scoring was told of the sheet, a new edition takes its place.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), request_body = Rows,
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path),
        ("subject" = String, Path, description = "`person:E1` or `unit:NET`")),
    responses((status = 200, body = SettledSheetView)))]
#[put("/v1/cycles/{id}/sheets/{subject}/rows")]
async fn put_rows(
    caller: Caller<WriteRows>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    if_match: OptionalIfMatch,
    body: JsonBody<Rows>,
) -> Result<HttpResponse> {
    let (cycle, subject) = path.into_inner();
    let Rows { rows: new, reason: why } = body.0;
    write
        .run(&caller, async |tx| {
            let cycle = cycles::rows::get_running(tx, cycle).await?;
            let (kind, code) = subject::named(&subject)?;
            let found = subjects::rows::get(tx, cycle.id, kind, &code, &Viewer::of(&caller)).await?.subject;
            writing::may_write_rows(&found, caller.employee.as_deref(), caller.has(Role::Hr))?;
            if found.standing == Standing::Out {
                return Err(Problem::wrong_state(say!("该对象不参加考核", "this subject takes no part")));
            }
            found.must_be_unpublished()?;
            let why = why.as_deref().map(reason).transpose()?.map(str::to_owned);
            let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
            let mut shapes = Shapes::new(&scheme, &cycle.cadence, &cycle.parameters);
            let shape = shapes.of(kind, found.category.as_deref());
            let current = rows::current(tx, cycle.id, kind, std::slice::from_ref(&code)).await?.into_iter().next();
            let current = current.ok_or_else(|| Problem::not_found(say!("考核表", "sheet")))?;
            if_match.check(current.version)?;
            let mut errors = Errors::default();
            let about = About { scheme: &scheme, cadence: &cycle.cadence, kind };
            let rows = rules::check_rows(new, &shape, &current.weights()?, &about, &mut errors);
            errors.check()?;
            let written = settling::write_rows(tx, &cycle, &shape, &found, rows, why.clone()).await?;
            tasks::rows::mark_settled(tx, cycle.id, found.unit.as_deref()).await?;
            let told = json!({ "edition": written.edition, "rows": written.rows, "reason": why });
            tx.audit("sheets.rows-written", &format!("{}/{}", cycle.id, found.id()), told).await?;
            let view = settled_view(tx, &cycle, &found, true).await?;
            Ok(Reply::ok(&view)?.version(written.version))
        })
        .await
}

/// The sheets of a unit and its people: one's own, those of one's reports and units, or all of them for HR and executives.
#[utoipa::path(tag = "sheets", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("code" = String, Path), PageQuery),
    responses((status = 200, body = Page<SheetView>)))]
#[get("/v1/cycles/{id}/units/{code}/sheets")]
async fn list_unit_sheets(
    caller: Caller<ReadSheets>,
    platform: Platform,
    path: web::Path<(Uuid, String)>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let ((cycle, code), limit) = (path.into_inner(), page.limit()?);
    let not_a_place = || Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"));
    let after = page.after.as_deref().map(|text| subject::read(text).ok_or_else(not_a_place)).transpose()?;
    let viewer = Viewer::of(&caller);
    let sheets = platform::web::read(&platform, &caller, async |tx| {
        subjects::units::get(tx, cycle, &code, &viewer).await?;
        rows::list(tx, cycle, &code, &viewer, after.clone(), limit + 1).await
    })
    .await?;
    let views = sheets.into_iter().map(SheetView::try_from).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |sheet| sheet.subject.clone())))
}
