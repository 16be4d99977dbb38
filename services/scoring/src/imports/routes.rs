use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, post, web};
use events::{Event, ImportedPeriod, ResultsImported};
use platform::tabular::aside;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, Notes, RawBody, json_body};
use platform::{Caller, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::file::{self, Filed};
use super::imported::{Brought, Checked};
use super::rows;
use super::rules::{Known, check};
use crate::cycles::rows as cycles;
use crate::history::rows as history;
use crate::permissions::ImportResults;
use crate::subjects::subject;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(import_results);
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ResultsKind {
    Results,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// What is imported.
    #[param(inline)]
    #[expect(dead_code, reason = "there is one kind; the document holds requests to it")]
    kind: ResultsKind,
}

/// A result from before this system, or from elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportedResult {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    /// Code of the scheme.
    scheme: String,
    /// The cadence that the form of the period decides unless said.
    #[serde(default)]
    cadence: Option<String>,
    /// Such as `2026-09`.
    period: String,
    /// A decimal.
    #[serde(default)]
    score: Option<String>,
    #[serde(default)]
    grade: Option<String>,
    #[serde(default)]
    outcomes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "results": [{ "subject": "person:E001", "scheme": "monthly_kpi", "period": "2026-09", "score": "88", "grade": "b" }] }))]
struct ImportedResults {
    /// At most 50 000.
    results: Vec<ImportedResult>,
}

#[derive(Serialize, ToSchema)]
struct Imported {
    results: usize,
    #[serde(flatten)]
    notes: Notes,
}

const MOST: usize = 50_000;

fn of_json(ImportedResults { results }: ImportedResults) -> Result<Filed> {
    if results.is_empty() || results.len() > MOST {
        return Err(Problem::field("/results", say!("须有 1 到 {MOST} 项", "1 to {MOST} of them")));
    }
    let mut filed = Filed::default();
    for (at, one) in results.into_iter().enumerate() {
        let pointer = format!("/results/{at}");
        match subject::read(&format!("{pointer}/subject"), &one.subject) {
            Ok(subject) => filed.results.push(Brought {
                pointer,
                subject,
                scheme: one.scheme,
                cadence: one.cadence,
                period: one.period,
                score: one.score,
                grade: one.grade,
                outcomes: one.outcomes,
            }),
            Err(problem) => problem.errors.into_iter().for_each(|error| filed.errors.add(error.pointer, error.detail)),
        }
    }
    Ok(filed)
}

/// Import results
///
/// JSON, or a CSV or XLSX file with the columns `number` or `unit`, `scheme`, `cadence`, `period`, `score`, `grade`,
/// `outcomes`. All or nothing. They count as history from the next computation on, and are never paid.
#[utoipa::path(tag = "results", security(("bearer" = [])), params(ImportQuery),
    extensions(("x-route-query" = json!({ "kind": ["results"] }))),
    request_body(content((ImportedResults = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = Imported)))]
#[post("/v1/imports")]
async fn import_results(
    caller: Caller<ImportResults>,
    write: Write,
    _query: web::Query<ImportQuery>,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let filed = if body.0.trim_ascii_start().starts_with(b"{") {
        of_json(json_body(&request, &body.0)?)?
    } else {
        aside(move || file::read(&body.0)).await?
    };
    let Filed { results, errors, notes } = filed;
    write
        .run(&caller, async |tx| {
            let own = |one: &Brought| viewer.is_subject(&one.subject);
            if results.iter().any(own) {
                return Err(Problem::not_permitted(say!("不能导入自己的结果", "nobody imports their own results")));
            }
            let count = keep(tx, results.clone(), errors.clone(), write.platform()).await?;
            Reply::ok(&Imported { results: count, notes: notes.clone().only(write.locale()) })
        })
        .await
}

async fn keep(tx: &mut Tx, brought: Vec<Brought>, mut errors: Errors, platform: &platform::Platform) -> Result<usize> {
    history::lock(tx, &platform.clock).await?;
    let codes: BTreeSet<String> = brought.iter().map(|one| one.scheme.clone()).collect();
    let mut known = BTreeMap::new();
    for code in codes {
        if let Some(newest) = cycles::newest_of_scheme(tx, &code).await? {
            let open = cycles::open_of_scheme(tx, &code).await?;
            known.insert(code, Known { scheme: newest.scheme()?, open });
        }
    }
    let checked = check(brought, &known, &mut errors);
    for at in rows::published(tx, &checked).await? {
        let one = usize::try_from(at).ok().and_then(|at| checked.get(at));
        let why = || say!("该期结果已在本系统发布", "this result was published here");
        one.into_iter().for_each(|one| errors.add(&one.pointer, why()));
    }
    errors.check()?;
    rows::keep(tx, &checked).await?;
    let periods: BTreeSet<ImportedPeriod> = checked.iter().map(Checked::of_period).collect();
    tx.emit(&Event::ResultsImported(ResultsImported { periods: periods.into_iter().collect() })).await?;
    for chunk in checked.chunks(500) {
        let told: Vec<_> =
            chunk.iter().map(|one| json!([one.subject.id, one.scheme, one.period, one.score, one.grade])).collect();
        tx.audit("results.imported", "imported_results", json!({ "results": told })).await?;
    }
    Ok(checked.len())
}
