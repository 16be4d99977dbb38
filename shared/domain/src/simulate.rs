//! A case in, its results out: what `steelyard simulate` prints.

use serde_json::{Map, Value as Json, json};

use crate::case::Case;
use crate::evaluate::{Evaluation, Phase, Pool, evaluate};
use crate::invalid::Invalid;
use crate::message::Message;
use crate::say;
use crate::scheme::{Scheme, SchemeProblem};
use crate::words;

/// Computes a case of one of the shipped schemes.
pub fn run(case_json: &str) -> Result<Json, Invalid> {
    let case: Json = serde_json::from_str(case_json).map_err(|error| {
        Invalid::one("", "not_json", say!("数据不是 JSON：{error}", "the case is not JSON: {error}"))
    })?;
    let code = case.get("policy").and_then(Json::as_str);
    let code = code.ok_or_else(|| Invalid::one("/policy", "missing", say!("缺少方案", "the policy is missing")))?;
    let shipped = Scheme::shipped().iter().find(|(shipped, _)| *shipped == code);
    let (_, toml) = shipped.ok_or_else(|| {
        Invalid::one("/policy", "unknown_policy", say!("没有方案 {code}", "there is no policy {code}"))
    })?;
    let scheme = Scheme::parse(toml).map_err(|problems| {
        let told: Vec<Message> = problems.iter().map(SchemeProblem::placed).collect();
        Invalid::one("/policy", "broken_scheme", Message::joined(&told, ("；", "; ")))
    })?;
    run_with(&scheme, &case)
}

/// Computes a case of the given scheme.
pub fn run_with(scheme: &Scheme, case: &Json) -> Result<Json, Invalid> {
    let case = Case::from_json(scheme, case)?;
    let evaluation = evaluate(scheme, &case, Phase::All)?;
    Ok(document(scheme, &evaluation))
}

/// The whole of an evaluation, in the shape of a case's `expected`.
pub fn document(scheme: &Scheme, evaluation: &Evaluation) -> Json {
    let mut employees = Map::new();
    for (row, person) in evaluation.people().enumerate() {
        let number = person.number.clone();
        let mut entry = without(json!(person), "number");
        if let Some(entry) = entry.as_object_mut() {
            let explanation = evaluation.explanation_at(row).map(|explanation| words::tree(&explanation, scheme));
            entry.insert("explanation".to_owned(), explanation.unwrap_or_default());
        }
        employees.insert(number, entry);
    }
    let units = evaluation.units().map(|unit| (unit.code.clone(), without(json!(unit), "code")));
    let mut document = json!({
        "units": units.collect::<Map<String, Json>>(),
        "employees": employees,
        "calendar": evaluation.calendar(),
        "appeal": evaluation.appeal(),
        "warnings": evaluation.warnings(),
    });
    let unpaid: Vec<Json> = evaluation.pools().iter().filter(|pool| pool.is_unpaid()).map(unpaid_pool).collect();
    if let (Some(document), false) = (document.as_object_mut(), unpaid.is_empty()) {
        document.insert("undistributed".to_owned(), json!(unpaid));
    }
    document
}

/// A sum that was to be shared and was not: by nobody, or by people whose weights are all 0.
fn unpaid_pool(pool: &Pool) -> Json {
    let mut told = json!({ "figure": pool.figure, "amount": pool.whole, "nobody": pool.members == 0 });
    if let (Some(told), Some(of)) = (told.as_object_mut(), &pool.of) {
        told.insert("of".to_owned(), json!(of));
    }
    told
}

fn without(mut object: Json, key: &str) -> Json {
    if let Some(object) = object.as_object_mut() {
        object.remove(key);
    }
    object
}
