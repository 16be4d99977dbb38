use std::collections::{BTreeMap, HashMap};

use actix_web::{HttpResponse, get, post, web};
use domain::scheme::Scheme;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::Errors;
use platform::{
    Caller, Code, FieldError, JsonBody, Missing, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, Listed, Settled};
use super::rules::{self, Settlement};
use crate::cycles::cycle::Cycle;
use crate::permissions::{ReadSheets, SettleSheets};
use crate::viewer::Viewer;
use crate::{cycles, schemes, tasks, unit_plans};

pub fn routes(config: &mut ServiceConfig) {
    config.service(settle_unit_sheets).service(settle_sheets).service(list_unit_sheets);
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
            let unit = unit_plans::rows::get(tx, cycle.id, &code, &Viewer::of(&caller)).await?;
            check_not_own(tx, cycle.id, &code, caller.employee.as_deref(), &body).await?;
            must_be_ready(tx, &cycle, &code).await?;
            let (for_all, for_each) = checked(tx, &cycle, &code, &body).await?;
            rows::settle_unit(tx, cycle.id, &code, &for_all).await?;
            if !for_each.is_empty() {
                rows::settle_each(tx, cycle.id, &for_each).await?;
            }
            tasks::rows::mark_settled(tx, cycle.id, Some(&code)).await?;
            let detail = json!({ "weights": for_all.weights, "priorities": for_all.priorities, "sheets": body.sheets });
            tx.audit("sheets.settled", &format!("{}/{code}", cycle.id), detail).await?;
            Reply::ok(&SettledSheets { settled: unit.members })
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
    let unapproved = unit_plans::rows::unapproved(tx, cycle.id, code).await?;
    let missing: Vec<Missing> = unapproved.into_iter().map(Missing::from).collect();
    Err(Problem::incomplete(
        say!("该部门有 {unready} 份绩效计划尚未批准", "plans of the unit that are not approved: {unready}"),
        missing,
    ))
}

/// The item codes of each category's sheet.
struct Items<'s> {
    scheme: &'s Scheme,
    cadence: &'s str,
    by_category: HashMap<Option<String>, Vec<String>>,
}

impl<'s> Items<'s> {
    fn new(scheme: &'s Scheme, cadence: &'s str) -> Self {
        Self { scheme, cadence, by_category: HashMap::new() }
    }

    fn of(&mut self, category: Option<&str>) -> &[String] {
        let (scheme, cadence) = (self.scheme, self.cadence);
        self.by_category.entry(category.map(str::to_owned)).or_insert_with(|| {
            let sheet = scheme.sheet(cadence, category);
            sheet.map_or_else(Vec::new, |sheet| sheet.items.into_iter().map(|item| item.code).collect())
        })
    }
}

/// What to store for all of the unit and for those who differ, or everything that is wrong.
async fn checked(
    tx: &mut Tx,
    cycle: &Cycle,
    code: &str,
    body: &UnitSettlement,
) -> Result<(Settled, Vec<(String, Settled)>)> {
    let stored = schemes::rows::version(tx, &cycle.scheme_code, Some(cycle.scheme_version)).await?;
    let source = stored.and_then(|version| version.source).unwrap_or_default();
    let scheme = schemes::rules::read_stored(&source).await?;
    let mut items = Items::new(&scheme, &cycle.cadence);
    let mut errors = Errors::default();

    let unit = Settlement { priorities: body.priorities.clone(), weights: body.weights.clone() };
    let mut for_all = Settled { weights: json!({}), priorities: json!([]) };
    for category in rows::categories(tx, cycle.id, code).await? {
        let mut of_category = Errors::default();
        for_all = settled(rules::check(&unit, items.of(category.as_deref()), "", &mut of_category))?;
        if let Err(problem) = of_category.check() {
            problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail));
            break;
        }
    }
    let for_each = checked_sheets(tx, cycle, code, body, &mut items, &mut errors).await?;
    errors.check()?;
    Ok((for_all, for_each))
}

async fn checked_sheets(
    tx: &mut Tx,
    cycle: &Cycle,
    code: &str,
    body: &UnitSettlement,
    items: &mut Items<'_>,
    errors: &mut Errors,
) -> Result<Vec<(String, Settled)>> {
    let numbers: Vec<String> = body.sheets.iter().map(|sheet| sheet.number.clone()).collect();
    let members = rows::members(tx, cycle.id, code, &numbers).await?;
    let categories: HashMap<String, Option<String>> =
        members.into_iter().map(|member| (member.number, member.category)).collect();
    let mut for_each: Vec<(String, Settled)> = Vec::with_capacity(numbers.len());
    let mut seen = std::collections::HashSet::new();
    for (at, sheet) in body.sheets.iter().enumerate() {
        let pointer = format!("/sheets/{at}");
        let Some(category) = categories.get(&sheet.number) else {
            errors.add(
                format!("{pointer}/number"),
                say!("该部门没有此工号的参评人员", "nobody of this number takes part in the unit"),
            );
            continue;
        };
        if !seen.insert(&sheet.number) {
            errors.add(format!("{pointer}/number"), say!("该工号重复", "this number is there twice"));
        }
        let settlement = Settlement {
            priorities: sheet.priorities.clone().or_else(|| body.priorities.clone()),
            weights: sheet.weights.clone().or_else(|| body.weights.clone()),
        };
        let checked = rules::check(&settlement, items.of(category.as_deref()), &pointer, errors);
        for_each.push((sheet.number.clone(), settled(checked)?));
    }
    Ok(for_each)
}

fn settled((weights, priorities): (BTreeMap<String, String>, Vec<String>)) -> Result<Settled> {
    Ok(Settled { weights: serde_json::to_value(weights)?, priorities: serde_json::to_value(priorities)? })
}

/// Settles, as the scheme has them, all sheets not settled yet of units whose plan is approved.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = SettledSheets)))]
#[post("/v1/cycles/{id}/sheets/settle")]
async fn settle_sheets(caller: Caller<SettleSheets>, write: Write, cycle: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let cycle = cycles::rows::get_open(tx, *cycle).await?;
            let settled = rows::settle_ready(tx, &cycle).await?;
            tasks::rows::mark_settled(tx, cycle.id, None).await?;
            tx.audit("sheets.settled", &cycle.id.to_string(), json!({ "sheets": settled })).await?;
            Reply::ok(&SettledSheets { settled: i64::try_from(settled).map_err(Problem::internal)? })
        })
        .await
}

/// A person's sheet as far as planning settles it.
#[derive(Serialize, Deserialize, ToSchema)]
struct SheetView {
    /// Employee number.
    number: String,
    name: String,
    category: Option<String>,
    settled: bool,
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
            number: row.number,
            name: row.name,
            category: row.category,
            settled: row.version.is_some(),
            weights: row.weights.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            priorities: row.priorities.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            settled_by: row.settled_by,
            settled_at: row.settled_at,
            version: row.version,
        })
    }
}

/// The sheets of a unit's people: one's own, those of one's reports and units, or all of them for HR and executives.
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
    let viewer = Viewer::of(&caller);
    let sheets = platform::web::read(&platform, &caller, async |tx| {
        unit_plans::rows::get(tx, cycle, &code, &viewer).await?;
        rows::list(tx, cycle, &code, &viewer, page.after.as_deref(), limit + 1).await
    })
    .await?;
    let views = sheets.into_iter().map(SheetView::try_from).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |sheet| sheet.number.clone())))
}
