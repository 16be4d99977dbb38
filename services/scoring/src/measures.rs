//! What is entered about units and people besides their sheets: unit scores and facts.

use basics::pointer::segment;
use std::collections::BTreeMap;

use actix_web::{HttpResponse, put, web};
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::Kind;
use platform::openapi::EnteredValue;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::Errors;
use platform::{Caller, Code, JsonBody, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Unit;
use crate::cycles::rows as cycles;
use crate::permissions::{EnterFacts, ScoreUnits};
use crate::sheets::rows as sheets;
use crate::sheets::sheet::id_of;
use crate::{engine, tasks};

pub fn routes(config: &mut ServiceConfig) {
    config.service(put_unit_scores).service(put_unit_facts).service(put_employee_facts);
}

/// Scores of units, by unit code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitScores {
    /// Decimals as text, such as `"88"`; null takes a score away.
    pub scores: BTreeMap<String, Option<String>>,
}

/// Facts by unit code, or by employee number, and by name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Decimals and codes as text, flags as true or false.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, EnteredValue>>)]
    pub facts: BTreeMap<String, BTreeMap<String, Value>>,
}

/// How many units or people were taken.
#[derive(Serialize, ToSchema)]
pub struct Taken {
    pub taken: usize,
}

const MOST: usize = 50_000;

fn check_size(size: usize, pointer: &str) -> Result<()> {
    match size {
        0 => Err(Problem::field(pointer, say!("没有内容", "there is nothing in it"))),
        1..=MOST => Ok(()),
        _ => Err(Problem::field(pointer, say!("每次请求最多 {MOST} 项", "at most {MOST} in one request"))),
    }
}

/// Score units
///
/// All or nothing. Neither its head nor its members score a unit.
#[utoipa::path(tag = "measures", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = UnitScores, responses((status = 200, body = Taken)))]
#[put("/v1/cycles/{id}/unit-scores")]
async fn put_unit_scores(
    caller: Caller<ScoreUnits>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<UnitScores>,
) -> Result<HttpResponse> {
    let JsonBody(UnitScores { scores }) = body;
    check_size(scores.len(), "/scores")?;
    let number = caller.employee.clone();
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            cycle.state()?.check_scoring()?;
            let scheme = cycle.scheme()?;
            if !scheme.takes_unit_scores() {
                return Err(Problem::wrong_state(say!(
                    "本周期的方案不使用部门得分",
                    "the scheme of this cycle takes no unit scores"
                )));
            }
            let codes: Vec<String> = scores.keys().cloned().collect();
            let units = cycles::units(tx, *id, Some(&codes)).await?;
            let own = own_units(tx, *id, &units, number.as_deref()).await?;
            check_not_own("/scores", &codes, &own)?;
            let scores = check_scores(&scheme, scores, &units)?;
            store_scores(tx, *id, &scores).await?;
            tasks::refresh_units(tx, &cycle, &codes).await?;
            let before: BTreeMap<_, _> = units.iter().map(|u| (u.code.clone(), u.score.clone())).collect();
            tx.audit("units.scored", &id.to_string(), json!({ "scores": scores, "before": before })).await?;
            Reply::ok(&Taken { taken: scores.len() })
        })
        .await
}

/// The unit that somebody is appraised in, and those of some units that they lead.
async fn own_units(tx: &mut Tx, cycle: Uuid, units: &[Unit], caller: Option<&str>) -> Result<Vec<String>> {
    let Some(caller) = caller else { return Ok(Vec::new()) };
    let sheet = sheets::find(tx, id_of(cycle, caller)).await?;
    let led = units.iter().filter(|unit| unit.head.as_deref() == Some(caller)).map(|unit| unit.code.clone());
    Ok(led.chain(sheet.map(|sheet| sheet.unit)).collect())
}

/// A unit's score and facts are part of what its people get: nobody gives their own.
fn check_not_own(pointer: &str, units: &[String], own: &[String]) -> Result<()> {
    let refused = units.iter().filter(|code| own.contains(code)).map(|code| {
        let pointer = format!("{pointer}/{}", segment(code));
        platform::FieldError::new(
            pointer,
            say!("不能决定自己负责或所在部门的数据", "nobody decides about the unit they lead or belong to"),
        )
    });
    let refused: Vec<_> = refused.collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Problem { code: Code::NotPermitted, ..Problem::invalid(refused) })
}

/// Scores by unit code; null takes one away.
type Scores = BTreeMap<String, Option<String>>;

fn check_scores(scheme: &engine::Scheme, scores: Scores, units: &[Unit]) -> Result<Scores> {
    let mut errors = Errors::default();
    let mut read = Scores::new();
    for (code, score) in scores {
        let pointer = format!("/scores/{}", segment(&code));
        if !units.iter().any(|unit| unit.code == code) {
            errors.add(pointer, say!("本周期没有该部门", "the cycle has no such unit"));
            continue;
        }
        match score.as_deref().map(|score| scheme.check_score(score)).transpose() {
            Ok(score) => drop(read.insert(code, score.and_then(|score| score.as_str().map(str::to_owned)))),
            Err(why) => errors.add(pointer, why),
        }
    }
    errors.check().map(|()| read)
}

async fn store_scores(tx: &mut Tx, cycle: Uuid, scores: &BTreeMap<String, Option<String>>) -> Result<()> {
    let by = tx.actor.name.clone();
    tx.sql(
        "update units u set score = n.score, score_by = $5 from unnest($3::text[], $4::text[]) n(code, score)
         where u.company_id = $1 and u.cycle = $2 and u.code = n.code",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(scores.keys().collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(scores.values().collect::<Vec<_>>())
    .bind::<Text, _>(by)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Enter facts about units
///
/// All or nothing. Facts that are not named stay as they are; null takes one away. Neither of the unit one leads nor
/// of one's own.
#[utoipa::path(tag = "measures", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = Facts, responses((status = 200, body = Taken)))]
#[put("/v1/cycles/{id}/unit-facts")]
async fn put_unit_facts(
    caller: Caller<EnterFacts>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Facts>,
) -> Result<HttpResponse> {
    let JsonBody(Facts { facts }) = body;
    check_size(facts.len(), "/facts")?;
    let number = caller.employee.clone();
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            cycle.state()?.check_scoring()?;
            let codes: Vec<String> = facts.keys().cloned().collect();
            let units = cycles::units(tx, *id, Some(&codes)).await?;
            let own = own_units(tx, *id, &units, number.as_deref()).await?;
            check_not_own("/facts", &codes, &own)?;
            let of: BTreeMap<_, _> = units.iter().map(|u| (u.code.as_str(), u.category.as_deref())).collect();
            let facts = read_facts(&cycle.scheme()?, Kind::Units, &facts, &of)?;
            store_facts(tx, "units", "code", *id, &facts).await?;
            tx.audit("units.facts_entered", &id.to_string(), json!({ "facts": facts })).await?;
            Reply::ok(&Taken { taken: facts.len() })
        })
        .await
}

/// Enter facts about people
///
/// All or nothing. Facts that are not named stay as they are; null takes one away. Not about oneself.
#[utoipa::path(tag = "measures", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = Facts, responses((status = 200, body = Taken)))]
#[put("/v1/cycles/{id}/employee-facts")]
async fn put_employee_facts(
    caller: Caller<EnterFacts>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Facts>,
) -> Result<HttpResponse> {
    let JsonBody(Facts { facts }) = body;
    check_size(facts.len(), "/facts")?;
    if facts.keys().any(|number| caller.is(number)) {
        return Err(Problem::not_permitted(say!("不能录入自己的事实数据", "nobody enters facts about themselves")));
    }
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            cycle.state()?.check_scoring()?;
            let numbers: Vec<String> = facts.keys().cloned().collect();
            let people = sheets::lock_many(tx, *id, &numbers).await?;
            let of: BTreeMap<_, _> = people.iter().map(|s| (s.number.as_str(), s.category.as_deref())).collect();
            let facts = read_facts(&cycle.scheme()?, Kind::People, &facts, &of)?;
            store_facts(tx, "sheets", "number", *id, &facts).await?;
            tx.audit("employees.facts_entered", &id.to_string(), json!({ "facts": facts })).await?;
            Reply::ok(&Taken { taken: facts.len() })
        })
        .await
}

/// Facts by unit or person, and by name, in the form that a case has.
type FactsBySubject = BTreeMap<String, BTreeMap<String, Value>>;

fn read_facts(
    scheme: &engine::Scheme,
    kind: Kind,
    facts: &FactsBySubject,
    categories: &BTreeMap<&str, Option<&str>>,
) -> Result<FactsBySubject> {
    let mut errors = Errors::default();
    let mut read = FactsBySubject::new();
    for (subject, named) in facts {
        let pointer = format!("/facts/{}", segment(subject));
        let Some(category) = categories.get(subject.as_str()) else {
            errors.add(pointer, say!("本周期没有此代码", "the cycle knows nothing of this code"));
            continue;
        };
        let of_subject = read.entry(subject.clone()).or_default();
        for (name, value) in named {
            match value {
                Value::Null => drop(of_subject.insert(name.clone(), Value::Null)),
                value => match scheme.check_fact(kind, *category, name, value) {
                    Ok(value) => drop(of_subject.insert(name.clone(), value)),
                    Err(why) => errors.add(format!("{pointer}/{}", segment(name)), why),
                },
            }
        }
    }
    errors.check().map(|()| read)
}

async fn store_facts(
    tx: &mut Tx,
    table: &'static str,
    key: &'static str,
    cycle: Uuid,
    facts: &FactsBySubject,
) -> Result<()> {
    let values = facts.values().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    tx.sql(&format!(
        "update {table} t set entered_facts = jsonb_strip_nulls(t.entered_facts || n.facts)
         from unnest($3::text[], $4::jsonb[]) n(key, facts) where t.company_id = $1 and t.cycle = $2 and t.{key} = n.key"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(facts.keys().collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(values)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(code: &str, head: Option<&str>) -> Unit {
        Unit {
            code: code.into(),
            name: code.into(),
            category: None,
            head: head.map(str::to_owned),
            facts: json!({}),
            score: None,
            announced: false,
        }
    }

    fn scheme() -> engine::Scheme {
        let source = domain::scheme::Scheme::shipped().iter().find(|(code, _)| *code == "monthly-kpi").unwrap().1;
        engine::Scheme::of(source, "monthly").unwrap()
    }

    fn scores(code: &str, score: &str) -> Scores {
        BTreeMap::from([(code.to_owned(), Some(score.to_owned()))])
    }

    #[test]
    fn given_a_unit_that_is_ones_own_then_it_is_named_and_its_score_is_not_theirs_to_give() {
        let codes = ["NET".to_owned(), "O/S".to_owned()];
        let refused = check_not_own("/scores", &codes, &["O/S".to_owned()]).unwrap_err();
        assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::NotPermitted, "/scores/O~1S"));
        assert!(check_not_own("/scores", &codes, &["SALES".to_owned()]).is_ok());
    }

    #[test]
    fn given_scores_out_of_bounds_or_of_unknown_units_then_each_is_named() {
        for wrong in ["100.5", "-1", "abc", "1e2", ""] {
            let refused = check_scores(&scheme(), scores("NET", wrong), &[unit("NET", None)]).unwrap_err();
            assert_eq!(refused.errors[0].pointer, "/scores/NET", "{wrong}");
        }
        assert!(check_scores(&scheme(), scores("OPS", "88"), &[unit("NET", None)]).is_err());
        let wide = check_scores(&scheme(), scores("NET", "８８.５"), &[unit("NET", None)]).unwrap();
        assert_eq!(wide["NET"].as_deref(), Some("88.5"));
    }
}
