use actix_web::{HttpResponse, post, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::correcting::{self, Affected, Because, Change};
use crate::cycles::rules::{check_reason, check_text};
use crate::permissions::CorrectResult;
use crate::results::short::ShortResult;
use crate::sheets::sheet::id_of;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(correct_results);
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
}

fn view(cycle: Uuid, affected: &[Affected]) -> Corrected {
    let one = |one: &Affected| {
        let subject = one.standing.kind.subject(&one.standing.subject);
        AffectedView {
            subject: subject.to_string(),
            name: one.standing.name.clone(),
            result: id_of(cycle, &subject),
            version: one.standing.version + 1,
            before: ShortResult::of(&one.before),
            after: ShortResult::of(&one.after),
        }
    };
    Corrected { affected: affected.iter().map(one).collect() }
}

const CHANGES_AT_MOST: usize = 1000;

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
    let JsonBody(NewCorrection { cycle, reason, document, changes }) = body;
    check_reason(&reason)?;
    if let Some(document) = &document {
        check_text("/document", document)?;
    }
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
            Ok(view(cycle, &correction.affected))
        })
        .await?;
        return Ok(HttpResponse::Ok().json(found));
    }
    write
        .run(&caller, async |tx| {
            let correction = correcting::prepare(tx, &viewer, Some(&write.platform().clock), cycle, &changes).await?;
            let because = Because { reason: &reason, document: document.as_deref(), appeal: None };
            correcting::keep(tx, &correction, &because).await?;
            Reply::created(format!("/v1/cycles/{cycle}/results"), &view(cycle, &correction.affected))
        })
        .await
}
