//! Results first, pay later and elsewhere: both together are what one evaluation finds.

use domain::case::{Case, CaseBuilder};
use domain::evaluate::{Evaluation, Phase, evaluate};
use domain::scheme::Scheme;
use serde_json::{Map, Value as Json, json};

use crate::conformance::cases;
use crate::support::scheme;

#[test]
fn results_then_pay_equals_all_at_once() {
    for (name, text) in cases() {
        let json: Json = serde_json::from_str(&text).unwrap();
        if json["expected"]["invalid"] == true {
            continue;
        }
        // Given a case, computed whole, and in the phase of results without any pay input.
        let scheme = scheme(json["policy"].as_str().unwrap());
        let whole_case = Case::from_json(scheme, &json).unwrap();
        let whole = evaluate(scheme, &whole_case, Phase::All).unwrap();
        let results_case = Case::from_json(scheme, &without_pay(json.clone())).unwrap();
        let results = evaluate(scheme, &results_case, Phase::Results).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        // When pay is computed from pay inputs and what was carried over.
        let pay_case = pay_case(scheme, &json, &results);
        let pay = evaluate(scheme, &pay_case, Phase::Pay).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        // Then both together are the whole.
        for ((all, first), second) in whole.people().zip(results.people()).zip(pay.people()) {
            assert_eq!(
                (&all.score, &all.grade, &all.coefficient),
                (&first.score, &first.grade, &first.coefficient),
                "{name}"
            );
            assert_eq!(
                (&all.excluded, &all.outcomes, &all.interview),
                (&first.excluded, &first.outcomes, &first.interview),
                "{name}"
            );
            assert_eq!(all.outputs, first.outputs, "{name}");
            assert_eq!(all.excluded, second.excluded, "{name}");
            assert_eq!(all.pay, second.pay, "{name}: {}", all.number);
            assert!(first.pay.is_empty(), "{name}");
        }
        assert_eq!(whole.units().collect::<Vec<_>>(), results.units().collect::<Vec<_>>(), "{name}");
        let mut warnings = [results.warnings(), pay.warnings()].concat();
        warnings.sort();
        assert_eq!(whole.warnings(), warnings, "{name}");
    }
}

#[test]
fn facts_that_only_pay_needs_are_missed_before_results_are_published() {
    // Given a month of sales staff without the completion of the plan, which only pay uses.
    let mut json = without_pay(crate::support::case("06-sales-monthly-three-sheets"));
    json["employees"][1]["facts"].as_object_mut().unwrap().remove("plan_completion");
    let scheme = scheme("sales-monthly");
    let case = Case::from_json(scheme, &json).unwrap();
    // When results are computed, then it is missed, while pay inputs are not.
    let invalid = evaluate(scheme, &case, Phase::Results).err().unwrap();
    let pointers: Vec<_> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/employees/1/facts/plan_completion"]);
}

fn without_pay(mut json: Json) -> Json {
    for person in json.get_mut("employees").and_then(Json::as_array_mut).into_iter().flatten() {
        person.as_object_mut().unwrap().remove("pay");
    }
    json
}

/// What the pay service knows: who there is, their pay inputs, and what was carried over.
fn pay_case(scheme: &Scheme, json: &Json, results: &Evaluation) -> Case {
    let period = json["period"].as_str().unwrap().parse().unwrap();
    let mut builder = CaseBuilder::new(scheme, period, json["cadence"].as_str(), &Json::Null).unwrap();
    builder.carried_company(&results.carried_company());
    let list = |key: &str| json[key].as_array().cloned().unwrap_or_default();
    for unit in list("units") {
        builder.unit_json(&only(&unit, &["code", "category"]));
        let code = unit["code"].as_str().unwrap();
        builder.carried_unit(code, &results.carried_unit(code));
    }
    for person in list("employees") {
        let mut known = only(&person, &["number", "unit", "category", "pay"]);
        let cadence = scheme.cadence_for(&period, json["cadence"].as_str()).unwrap().code.clone();
        let paid = scheme.paid_facts(&cadence, person["category"].as_str());
        let facts =
            paid.into_iter().filter_map(|fact| Some((fact.name.clone(), person["facts"].get(&fact.name)?.clone())));
        let facts: Map<String, Json> = facts.collect();
        if !facts.is_empty() {
            known["facts"] = Json::Object(facts);
        }
        builder.person_json(&known);
    }
    for (number, carried) in results.carried_people() {
        assert_eq!(carried, results.carried(&number));
        builder.carried_person(&number, &carried);
    }
    builder.build().unwrap()
}

fn only(subject: &Json, keys: &[&str]) -> Json {
    let kept: Map<String, Json> =
        keys.iter().filter_map(|key| subject.get(*key).map(|value| ((*key).to_owned(), value.clone()))).collect();
    json!(kept)
}
