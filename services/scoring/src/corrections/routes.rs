use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, post, web};
use platform::service::Platform;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::correcting::{self, Affected, Because, Change};
use super::depending::{self, Dependent};
use crate::cycles::rules::{check_reason, check_text};
use crate::documents::handing_in;
use crate::permissions::CorrectResult;
use crate::results::rows as results;
use crate::results::short::ShortResult;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(correct_results).service(list_dependents);
}

/// A value that should have been there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangedValue {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    /// Where it stands below the subject, as in a case: `/items/faults/superior`, `/facts/late`, `/score`,
    /// `/goals/0/superior`, `/adjustments`, `/history/0/score`.
    path: String,
    /// As a case has it: a value, or whole entries where the path names a list; null takes away what is there.
    value: Value,
}

/// What was wrong with published results.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "cycle": "01930000-0000-7000-8000-000000000001", "reason": "迟到记录有误",
    "changes": [{ "subject": "person:E001", "path": "/facts/late", "value": "0" }] }))]
struct NewCorrection {
    cycle: Uuid,
    /// Why, 1 to 4000 characters.
    reason: String,
    /// A document that it stands in.
    #[serde(default)]
    document: Option<String>,
    /// Documents that it rests on, where the values of one subject are corrected; uploaded before by `POST /v1/scoring/documents` and used for nothing else; at most 10.
    #[serde(default)]
    documents: Vec<Uuid>,
    /// 1 to 1000.
    changes: Vec<ChangedValue>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CorrectionQuery {
    /// Only tell who would be affected.
    #[serde(default)]
    preview: bool,
}

/// Somebody or something with another result.
#[derive(Serialize, ToSchema)]
struct AffectedView {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    name: String,
    result: Uuid,
    /// The version that is made.
    version: i64,
    before: ShortResult,
    after: ShortResult,
}

/// Who has another result.
#[derive(Serialize, ToSchema)]
struct Corrected {
    affected: Vec<AffectedView>,
    /// Whose results, in this cycle or others, were computed with a value that was found in one of these: they stay as they
    /// are until they are corrected too. At most 500; all of them under `/v1/results/{id}/dependents`.
    dependents: Vec<Dependent>,
}

fn view(cycle: Uuid, affected: &[Affected], dependents: Vec<Dependent>) -> Corrected {
    let one = |one: &Affected| AffectedView {
        subject: one.standing.kind.subject(&one.standing.subject).to_string(),
        name: one.standing.name.clone(),
        result: one.result(cycle),
        version: one.standing.version + 1,
        before: ShortResult::of(&one.before),
        after: ShortResult::of(&one.after),
    };
    Corrected { affected: affected.iter().map(one).collect(), dependents }
}

const CHANGES_AT_MOST: usize = 1000;
const DOCUMENTS_AT_MOST: usize = 10;

/// Correct published results
///
/// Computes again from corrected inputs; rankings stay as they were published, and whoever's result differs has a new
/// version beside the old ones. With `preview` nothing is kept.
#[utoipa::path(tag = "results", security(("bearer" = [])), params(CorrectionQuery), request_body = NewCorrection,
    responses((status = 201, body = Corrected), (status = 200, body = Corrected, description = "A preview"),
        (status = 404)))]
#[post("/v1/corrections")]
async fn correct_results(
    caller: Caller<CorrectResult>,
    write: Write,
    query: web::Query<CorrectionQuery>,
    body: JsonBody<NewCorrection>,
) -> Result<HttpResponse> {
    let JsonBody(NewCorrection { cycle, reason, document, documents, changes }) = body;
    check_reason(&reason)?;
    if let Some(document) = &document {
        check_text("/document", document)?;
    }
    if documents.len() > DOCUMENTS_AT_MOST {
        let message = say!("最多 {DOCUMENTS_AT_MOST} 个文件", "at most {DOCUMENTS_AT_MOST} documents");
        return Err(Problem::field("/documents", message));
    }
    let whose: BTreeSet<&str> = changes.iter().map(|change| change.subject.as_str()).collect();
    if !documents.is_empty() && whose.len() > 1 {
        let message = say!(
            "有文件时每次只更正一个对象：文件只对能看到该结果的人开放",
            "with documents the values of one subject are corrected at a time: others do not read them"
        );
        return Err(Problem::field("/documents", message));
    }
    let documented = whose.first().filter(|_| !documents.is_empty()).map(|subject| (*subject).to_owned());
    if changes.is_empty() || changes.len() > CHANGES_AT_MOST {
        return Err(Problem::field(
            "/changes",
            say!("须有 1 到 {CHANGES_AT_MOST} 项", "1 to {CHANGES_AT_MOST} of them"),
        ));
    }
    let changes: Vec<Change> =
        changes.into_iter().map(|ChangedValue { subject, path, value }| Change { subject, path, value }).collect();
    let viewer = Viewer::of(&caller);
    if query.preview {
        let platform = write.platform().clone();
        let found = read(&platform, &caller, async |tx| {
            let correction = correcting::prepare(tx, &viewer, None, cycle, &changes).await?;
            let numbers: Vec<&str> =
                correction.affected.iter().map(|one| one.standing.subject.as_str()).take(1000).collect();
            tx.audit("corrections.previewed", &cycle.to_string(), json!({ "numbers": numbers })).await?;
            let dependents = correction.dependents(tx).await?;
            Ok(view(cycle, &correction.affected, dependents))
        })
        .await?;
        return Ok(HttpResponse::Ok().json(found));
    }
    write
        .run(&caller, async |tx| {
            let correction = correcting::prepare(tx, &viewer, Some(&write.platform().clock), cycle, &changes).await?;
            let about = handing_in::correction(cycle);
            let files: Vec<(String, Uuid, String)> = documents
                .iter()
                .enumerate()
                .map(|(at, document)| (format!("/documents/{at}"), *document, about.clone()))
                .collect();
            handing_in::hand_in(tx, &files).await?;
            let because = Because {
                reason: &reason,
                document: document.as_deref(),
                documents: &documents,
                documented: documented.as_deref(),
                appeal: None,
            };
            let dependents = correcting::keep(tx, &correction, &because).await?;
            Reply::created(format!("/v1/cycles/{cycle}/results"), &view(cycle, &correction.affected, dependents))
        })
        .await
}

/// List whose results rest on a result
///
/// Where a unit's score, or a fact, was found in this result: the people of the unit, and whoever has the fact. When it is
/// corrected they stay as they are until they are corrected too, or computed again where they are not published. Looking at
/// them is recorded.
#[utoipa::path(tag = "results", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Result"), PageQuery),
    responses((status = 200, body = Page<Dependent>), (status = 404)))]
#[get("/v1/results/{id}/dependents")]
async fn list_dependents(
    caller: Caller<CorrectResult>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<Dependent>>> {
    let limit = page.limit()?;
    let found = read(&platform, &caller, async |tx| {
        if results::versions(tx, *id).await?.is_empty() {
            return Err(Problem::not_found(say!("考核结果", "result")));
        }
        let found = depending::of_results(tx, &[*id], page.after.as_deref(), limit + 1).await?;
        let subjects: Vec<&str> = found.iter().map(|one| one.subject.as_str()).collect();
        tx.audit("corrections.dependents-read", &id.to_string(), json!({ "subjects": subjects })).await?;
        Ok(found)
    })
    .await?;
    Ok(web::Json(Page::cut(found, limit, Dependent::key)))
}
