use actix_web::{HttpRequest, HttpResponse, get, post, web};
use basics::Locale;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::language;
use platform::service::Platform;
use platform::tabular::{Column, Faults, Table, aside, template_answer};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Notes, RawBody, plausible, read};
use platform::{Caller, Reply, Result, Tx, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::employees as employee_files;
use super::file::{self, Counts};
use super::naming::UnitNames;
use super::units as unit_files;
use crate::permissions::ImportPeople;
use crate::themselves::{self, Own};
use crate::{companies, employees, news, units};

pub fn configure(config: &mut ServiceConfig) {
    config.service(import_file).service(get_import_template);
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Units,
    Employees,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Employees => "employees",
        }
    }

    fn columns_as_headed(self) -> Vec<Column> {
        match self {
            Self::Units => unit_files::columns(),
            Self::Employees => employee_files::columns(),
        }
    }

    /// What the sheet of a template is called.
    fn title(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Units, Locale::ZhCn) => "部门",
            (Self::Units, Locale::En) => "Units",
            (Self::Employees, Locale::ZhCn) => "人员",
            (Self::Employees, Locale::En) => "Employees",
        }
    }
}

/// What is imported.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// What the file holds; `pay` goes to the pay service.
    #[param(inline)]
    pub kind: Kind,
    /// The day from which changed units, positions, categories and superiors hold; today unless said.
    pub effective_on: Option<Date>,
}

/// Which file is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// What the file will hold.
    #[param(inline)]
    pub kind: Kind,
    /// `zh-CN` or `en`; by `Accept-Language` unless said.
    pub locale: Option<String>,
}

/// What a file changed.
#[derive(Serialize, ToSchema)]
pub struct ImportSummary {
    /// Rows that were new.
    pub created: usize,
    /// Rows that differed from what was stored.
    pub updated: usize,
    /// Rows that were as stored.
    pub unchanged: usize,
    #[serde(flatten)]
    pub notes: Notes,
}

impl ImportSummary {
    fn of(counts: Counts, notes: Notes) -> Self {
        Self { created: counts.created, updated: counts.updated, unchanged: counts.unchanged, notes }
    }
}

/// Imports units or employees from a CSV file (UTF-8) or the first sheet of an XLSX workbook, all or nothing.
/// Errors point to `/row/column`, where the header is row 1. Whoever is not in the file stays as they are. A unit may
/// be called by its code, or by its name where no other unit has it. What the file does beyond its cells, and what
/// looks like a slip, comes as notes. Neither one's own place and facts nor those of one's own unit come from one's own file.
#[utoipa::path(
    tag = "imports",
    params(ImportQuery),
    extensions(("x-route-query" = json!({ "kind": ["units", "employees"] }))),
    request_body(content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses(
        (status = 200, body = ImportSummary),
    ),
    security(("bearer" = []))
)]
#[post("/v1/imports")]
pub async fn import_file(
    caller: Caller<ImportPeople>,
    write: Write,
    query: web::Query<ImportQuery>,
    body: RawBody,
) -> Result<HttpResponse> {
    let kind = query.kind;
    let effective_on = plausible("/effective_on", query.effective_on)?;
    let (table, faults) = aside(move || file::read(&body.0, kind.columns_as_headed())).await?;
    write
        .run(&caller, async |tx| {
            let mut summary = import(tx, &caller, kind, &table, faults, effective_on).await?;
            table.tell(&mut summary.notes);
            let notes = summary.notes.only(write.locale());
            Reply::ok(&ImportSummary { notes, ..summary })
        })
        .await
}

async fn import(
    tx: &mut Tx,
    caller: &Caller<ImportPeople>,
    kind: Kind,
    table: &Table,
    faults: Faults,
    effective_on: Option<Date>,
) -> Result<ImportSummary> {
    let own = themselves::own(tx, caller.employee.as_deref()).await?;
    let effective_on = effective_on.unwrap_or(date_of(tx.now));
    companies::rows::lock(tx).await?;
    let summary = match kind {
        Kind::Units => import_units(tx, table, faults, own.as_ref()).await?,
        Kind::Employees => import_employees(tx, table, faults, own.as_ref(), effective_on).await?,
    };
    record_import(tx, kind, &summary, effective_on).await?;
    Ok(summary)
}

async fn record_import(tx: &mut Tx, kind: Kind, summary: &ImportSummary, effective_on: Date) -> Result<()> {
    if summary.created + summary.updated == 0 {
        return Ok(());
    }
    let detail = json!({ "created": summary.created, "updated": summary.updated, "effective_on": effective_on });
    tx.audit("people.imported", kind.name(), detail).await
}

async fn import_units(tx: &mut Tx, table: &Table, faults: Faults, own: Option<&Own>) -> Result<ImportSummary> {
    let today = date_of(tx.now);
    let stored = units::rows::load(tx, None).await?;
    let stored = stored.into_iter().map(|unit| (unit.code.clone(), unit)).collect();
    let rows = unit_files::read(table, faults, &stored)?;
    let (changed, counts) = unit_files::merge(&rows, &stored);
    unit_files::check_own(own, &rows, &stored, &changed)?;
    let record = changed.iter().map(|unit| difference("code", &unit.code, stored.get(&unit.code), unit));
    record_changes(tx, "units.changed", today, record.collect::<Result<_>>()?).await?;
    units::rows::save(tx, &changed).await?;
    news::units_changed(tx, changed.into_iter().map(|unit| unit.code).collect(), today).await?;
    Ok(ImportSummary::of(counts, Notes::default()))
}

async fn import_employees(
    tx: &mut Tx,
    table: &Table,
    faults: Faults,
    own: Option<&Own>,
    effective_on: Date,
) -> Result<ImportSummary> {
    let today = date_of(tx.now);
    let known = units::rows::load(tx, None).await?;
    let names = UnitNames::of(known.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())));
    let stored = employees::rows::load(tx, None).await?;
    let stored = stored.into_iter().map(|person| (person.number.clone(), person)).collect();
    let merged = employee_files::read(table, faults, &names, &stored, own, effective_on)?;
    let record = merged.changed.iter().map(|p| difference("number", &p.number, stored.get(&p.number), p));
    record_changes(tx, "employees.changed", effective_on, record.collect::<Result<_>>()?).await?;
    employees::rows::save(tx, &merged.changed).await?;
    employees::rows::remove_assignments(tx, &merged.gone).await?;
    employees::rows::save_assignments(tx, &merged.assignments).await?;
    news::tell_employees(tx, &merged.changed).await?;
    news::units_changed(tx, Vec::new(), today).await?;
    Ok(ImportSummary::of(merged.counts, merged.notes))
}

/// Rows that one audit entry tells of at most.
const RECORDED_AT_ONCE: usize = 500;

/// What of a row is other than it was: whose it is, and these members before and after.
fn difference<T: Serialize>(key: &str, name: &str, before: Option<&T>, after: &T) -> Result<Value> {
    let (before, after) = (before.map(serde_json::to_value).transpose()?, serde_json::to_value(after)?);
    let differs = |member: &str| before.as_ref().and_then(|b| b.get(member)) != after.get(member);
    let of = |value: &Value| -> Value {
        let members = value.as_object().into_iter().flatten();
        members.filter(|(m, _)| *m != "version" && differs(m)).map(|(m, v)| (m.clone(), v.clone())).collect()
    };
    Ok(json!({ key: name, "before": before.as_ref().map(of), "after": of(&after) }))
}

async fn record_changes(tx: &mut Tx, action: &str, effective_on: Date, changes: Vec<Value>) -> Result<()> {
    for chunk in changes.chunks(RECORDED_AT_ONCE) {
        tx.audit(action, "", json!({ "effective_on": effective_on, "changes": chunk })).await?;
    }
    Ok(())
}

/// A workbook for units or people
///
/// To be filled in, with the units there are to choose from. Columns headed `fact:NAME` may be added.
#[utoipa::path(
    tag = "imports",
    params(TemplateQuery),
    extensions(("x-route-query" = json!({ "kind": ["units", "employees"] }))),
    responses(
        (status = 200, body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ),
    security(("bearer" = []))
)]
#[get("/v1/imports/template")]
pub async fn get_import_template(
    platform: Platform,
    caller: Caller<ImportPeople>,
    request: HttpRequest,
    query: web::Query<TemplateQuery>,
) -> Result<HttpResponse> {
    let kind = query.kind;
    let locale = language::of_reader(&request, query.locale.as_deref())?;
    let units = read(&platform, &caller, async |tx| units::rows::load(tx, None).await).await?;
    let codes: Vec<String> = units.into_iter().map(|unit| unit.code.into()).collect();
    let columns = kind.columns_as_headed().into_iter();
    let columns = columns.map(|column| match column.name.as_str() {
        "unit" | "parent" => column.choosing(codes.iter().cloned()),
        _ => column,
    });
    template_answer(kind.title(locale), &columns.collect::<Vec<_>>(), &[], locale)
}
