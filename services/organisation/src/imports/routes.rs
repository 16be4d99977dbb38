use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use domain::Locale;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::language;
use platform::problem::ProblemDocument;
use platform::service::Platform;
use platform::tabular::{Column, Table, aside, template_answer};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{RawBody, read};
use platform::{Caller, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::employees as employee_files;
use super::file::{self, Counts};
use super::units as unit_files;
use crate::permissions::ImportPeople;
use crate::{companies, employees, news, units};

pub fn configure(config: &mut ServiceConfig) {
    config.service(import_file).service(get_import_template);
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Units,
    Employees,
}

impl Kind {
    fn parse(text: &str) -> Result<Self> {
        match text {
            "units" => Ok(Self::Units),
            "employees" => Ok(Self::Employees),
            "pay" => Err(Problem::field(
                "/kind",
                say!("薪酬文件由薪酬服务导入", "files of pay are imported by the pay service"),
            )),
            _ => Err(Problem::field(
                "/kind",
                say!("种类为 units、employees 和 pay", "the kinds are units, employees and pay"),
            )),
        }
    }

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
    /// `units` or `employees`; `pay` goes to the pay service.
    pub kind: String,
    /// The day from which changed units, positions, categories and superiors hold; today unless said.
    pub effective_on: Option<Date>,
}

/// Which file is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// `units` or `employees`.
    pub kind: String,
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
}

impl From<Counts> for ImportSummary {
    fn from(counts: Counts) -> Self {
        Self { created: counts.created, updated: counts.updated, unchanged: counts.unchanged }
    }
}

/// Imports units or employees from a CSV file (UTF-8) or the first sheet of an XLSX workbook, all or nothing.
/// Errors point to `/row/column`, where the header is row 1. Whoever is not in the file stays as they are.
#[utoipa::path(
    tag = "imports",
    params(ImportQuery),
    request_body(content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses(
        (status = 200, body = ImportSummary),
        (status = "4XX", body = ProblemDocument, content_type = "application/problem+json"),
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
    let kind = Kind::parse(&query.kind)?;
    let table = aside(move || file::read(&body.0, kind.columns_as_headed())).await?;
    write
        .run(&caller, async |tx| {
            let effective_on = query.effective_on.unwrap_or(date_of(tx.now));
            let company = tx.company;
            companies::rows::lock(tx.conn(), company).await?;
            let counts = match kind {
                Kind::Units => import_units(tx, &table).await?,
                Kind::Employees => import_employees(tx, &table, effective_on).await?,
            };
            let summary = ImportSummary::from(counts);
            if counts.created + counts.updated > 0 {
                let detail = json!({
                    "created": counts.created, "updated": counts.updated, "effective_on": effective_on,
                });
                tx.audit("people.imported", kind.name(), detail).await?;
            }
            Reply::ok(&summary)
        })
        .await
}

async fn import_units(tx: &mut Tx, table: &Table) -> Result<Counts> {
    let (company, today) = (tx.company, date_of(tx.now));
    let stored = units::rows::load(tx.conn(), company, None).await?;
    let stored = stored.into_iter().map(|unit| (unit.code.clone(), unit)).collect();
    let rows = unit_files::read(table, &stored)?;
    let (changed, counts) = unit_files::merge(&rows, &stored);
    units::rows::save(tx.conn(), company, &changed).await?;
    news::units_changed(tx, changed.into_iter().map(|unit| unit.code).collect(), today).await?;
    Ok(counts)
}

async fn import_employees(tx: &mut Tx, table: &Table, effective_on: Date) -> Result<Counts> {
    let (company, today) = (tx.company, date_of(tx.now));
    let codes = units::rows::load(tx.conn(), company, None).await?;
    let codes: HashSet<String> = codes.into_iter().map(|unit| unit.code).collect();
    let stored = employees::rows::load(tx.conn(), company, None).await?;
    let stored = stored.into_iter().map(|person| (person.number.clone(), person)).collect();
    let merged = employee_files::read(table, &codes, &stored, effective_on)?;
    employees::rows::save(tx.conn(), company, &merged.changed).await?;
    employees::rows::save_assignments(tx.conn(), company, &merged.assignments).await?;
    news::tell_employees(tx, &merged.changed).await?;
    news::units_changed(tx, Vec::new(), today).await?;
    Ok(merged.counts)
}

/// A workbook to be filled in, with the units there are to choose from. Columns headed `fact:NAME` may be added.
#[utoipa::path(
    tag = "imports",
    params(TemplateQuery),
    responses(
        (status = 200, body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemDocument, content_type = "application/problem+json"),
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
    let kind = Kind::parse(&query.kind)?;
    let locale = language::of_reader(&request, query.locale.as_deref())?;
    let codes = read(&platform, &caller, async |tx| {
        let company = tx.company;
        let units = units::rows::load(tx.conn(), company, None).await?;
        Ok(units.into_iter().map(|unit| unit.code).collect::<Vec<_>>())
    })
    .await?;
    let columns = kind.columns_as_headed().into_iter();
    let columns = columns.map(|column| match column.name.as_str() {
        "unit" | "parent" => column.choosing(codes.iter().cloned()),
        _ => column,
    });
    template_answer(kind.title(locale), &columns.collect::<Vec<_>>(), &[], locale)
}
