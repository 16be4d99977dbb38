use std::collections::BTreeMap;

use actix_web::{HttpResponse, put, web};
use domain::scheme::{Coded, Scheme};
use events::Row;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::Errors;
use platform::{Caller, JsonBody, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::rows;
use crate::permissions::SetRowSets;
use crate::schemes;
use crate::sheets::rules::{About, NewRow, check_rows};
use crate::sheets::shape::Shape;
use crate::subjects::subject::{self, Kind};

pub fn routes(config: &mut ServiceConfig) {
    config.service(put_row_set);
}

/// A row of a set.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RowOfSet {
    /// 1 to 200 characters.
    title: String,
    #[serde(default)]
    measure: Option<String>,
    /// Above 0; all sum to what they replace.
    weight: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    due: Option<jiff::civil::Date>,
    /// 1 to 99; 1 comes first.
    #[serde(default)]
    priority: Option<i32>,
}

/// Rows kept for a holder; none: there is no set any more.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rows": [{ "title": "Uptime", "weight": "20" }, { "title": "Tickets", "weight": "10" }] }))]
struct RowSet {
    rows: Vec<RowOfSet>,
}

/// Keeps rows of an item or a list for a position (`position:engineer`), a category (`category:staff`) or a subject
/// (`subject:person:E1`). Cycles opened from now on take them, a subject's before a position's before a category's.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), request_body = RowSet,
    params(("code" = String, Path), ("place" = String, Path, description = "Code of the item or key of the list"),
        ("holder" = String, Path, description = "`position:…`, `category:…` or `subject:person:…`")),
    responses((status = 200, body = RowSet)))]
#[put("/v1/schemes/{code}/row-sets/{place}/{holder}")]
async fn put_row_set(
    caller: Caller<SetRowSets>,
    write: Write,
    path: web::Path<(String, String, String)>,
    body: JsonBody<RowSet>,
) -> Result<HttpResponse> {
    let (code, place, holder) = path.into_inner();
    write
        .run(&caller, async |tx| {
            let scheme = schemes::stored::latest(tx, &code).await?;
            let rows = checked(&scheme, &place, &holder, &body.0)?;
            rows::put(tx, &code, &place, &holder, &rows).await?;
            let told = json!({ "holder": holder, "rows": rows });
            tx.audit("row-sets.set", &format!("{code}/{place}"), told).await?;
            Reply::ok(&body.0)
        })
        .await
}

/// The rows, if they fit a sheet of the scheme that the holder may have.
fn checked(scheme: &Scheme, place: &str, holder: &str, set: &RowSet) -> Result<Vec<Row>> {
    let wrong_holder = || {
        Problem::field(
            "/holder",
            say!("应为 position:…、category:… 或 subject:person:…", "position:…, category:… or subject:person:…"),
        )
    };
    let (what, id) = holder.split_once(':').filter(|(_, id)| !id.is_empty()).ok_or_else(wrong_holder)?;
    let (kind, category) = match what {
        "position" => (Some(Kind::Person), None),
        "category" => (None, Some(id)),
        "subject" => (Some(subject::read(id).ok_or_else(wrong_holder)?.0), None),
        _ => return Err(wrong_holder()),
    };
    let mut refused = None;
    for (cadence, kind, shape) in shapes(scheme, kind, category) {
        if !shape.places().any(|(known, _)| known == place) {
            continue;
        }
        let rows = set.rows.iter().cloned().map(|row| NewRow {
            place: place.to_owned(),
            title: row.title,
            measure: row.measure,
            weight: row.weight,
            target: row.target,
            due: row.due,
            priority: row.priority,
        });
        let mut errors = Errors::default();
        let about = About { scheme, cadence, kind };
        let rows = check_rows(rows.collect(), &shape, &BTreeMap::new(), &about, &mut errors);
        match errors.check() {
            Ok(()) => return Ok(rows),
            Err(problem) => refused = refused.or(Some(problem)),
        }
    }
    Err(refused.unwrap_or_else(|| {
        Problem::field("/place", say!("考核表上没有可分解为多行的 {place}", "no sheet has a {place} that takes rows"))
    }))
}

/// The sheets that a holder may have.
fn shapes<'s>(scheme: &'s Scheme, kind: Option<Kind>, category: Option<&str>) -> Vec<(&'s str, Kind, Shape)> {
    let mut found = Vec::new();
    for cadence in scheme.cadences() {
        for of_kind in [Kind::Person, Kind::Unit].into_iter().filter(|one| kind.is_none_or(|kind| kind == *one)) {
            let coded: &[Coded] = match of_kind {
                Kind::Person => scheme.people_categories(),
                Kind::Unit => scheme.unit_categories(),
            };
            let codes: Vec<Option<&str>> = match category {
                Some(category) => vec![Some(category)],
                None if coded.is_empty() => vec![None],
                None => coded.iter().map(|one| Some(one.code.as_str())).collect(),
            };
            for code in codes {
                let shape = Shape::new(scheme, &cadence.code, &Value::Null, of_kind, code);
                found.push((cadence.code.as_str(), of_kind, shape));
            }
        }
    }
    found
}
