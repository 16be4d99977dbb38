//! A policy that no code knows, from a file outside the crate, with a part of everything that a scheme can say.

use std::collections::BTreeSet;
use std::path::Path;

use basics::Locale;
use domain::case::Case;
use domain::evaluate::{Phase, evaluate};
use domain::scheme::Scheme;
use domain::simulate;
use domain::words::explain;
use serde_json::{Value as Json, json};

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/schemes/riverside-clinic.toml");
    std::fs::read_to_string(path).unwrap()
}

fn scheme() -> Scheme {
    Scheme::parse(&text()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn nurse(number: &str, unit: &str, care: &str, notes: &str) -> Json {
    json!({ "number": number, "unit": unit, "category": "nurse", "pay": { "base": "1000" },
            "items": { "care": { "superior": care }, "notes": { "superior": notes } } })
}

/// Two wards and a desk, a doctor and three nurses.
fn month() -> Json {
    let mut first = nurse("N1", "W1", "60", "40");
    first["items"]["care"]["patient"] = json!(["60", "54"]);
    first["items"]["notes"]["patient"] = json!("0");
    first["items"]["notes"]["busy"] = json!(true);
    first["letters"] = json!([{ "weight": "25", "tone": "warm" }, { "weight": "75", "tone": "cold", "answered": true, "extra": "-1" }]);
    let mut second = nurse("N2", "W1", "20", "30");
    second["items"]["notes"]["letter"] = json!("B");
    second["items"]["notes"]["errors"] = json!("2");
    second["history"] = json!([{ "period": "2026-09", "score": "58", "grade": "bronze" }]);
    let mut doctor = nurse("D1", "W1", "40", "45");
    doctor["category"] = json!("doctor");
    let mut away = json!({ "number": "N3", "unit": "W2", "category": "nurse", "facts": { "leave": { "days": "20" } } });
    away["facts"]["note"] = json!("in hospital");
    json!({
        "policy": "riverside-clinic", "period": "2026-10",
        "parameters": { "bonus_rate": "0.2" },
        "company": { "facts": { "good_year": true } },
        "units": [
            { "code": "W1", "category": "ward", "head": "D1", "facts": { "budget": "1000.01", "rank_name": "model" } },
            { "code": "W2", "category": "ward", "score": "7.5" },
            { "code": "K1", "category": "desk", "items": { "queue": { "group": "90", "complaints": "4", "minutes": "6" } } },
        ],
        "employees": [first, second, doctor, away],
        "appeal": { "known_on": "2026-11-02", "filed_on": "2026-11-05" },
    })
}

#[track_caller]
fn same(results: &Json, pointer: &str, wanted: Json) {
    assert_eq!(results.pointer(pointer).unwrap_or(&Json::Null), &wanted, "{pointer}");
}

#[test]
fn given_a_policy_that_no_code_knows_when_a_month_is_computed_then_its_own_rules_apply() {
    let results = simulate::run_with(&scheme(), &month()).unwrap();
    // Half of 100 and half of 0.7 × 100 + 0.3 × (57 + 40), 1.25 for letters, and 100 at most.
    same(&results, "/employees/N1/scores", json!({ "raters_view": "99.1" }));
    same(&results, "/employees/N1/score", json!("100"));
    same(&results, "/employees/N1/grade", json!("gold"));
    // Half of 20 + (30 × 0.5 − 4), half of 50, and no patient was asked.
    same(&results, "/employees/N2/score", json!("39.5"));
    same(&results, "/employees/N2/outcomes", json!(["watch"]));
    same(&results, "/employees/N2/half", json!("lower"));
    same(&results, "/employees/D1/score", json!("84"));
    same(&results, "/employees/D1/outcomes", json!(["praise_head", "thanks"]));
    same(&results, "/employees/N3/excluded", json!("long_leave"));
    // 1.1 × 1.1, and 0.7 × 1.1.
    same(&results, "/employees/N1/coefficient", json!("1.21"));
    same(&results, "/employees/N2/pay", json!({ "bonus": "154.00", "pool_share": "289.66", "total": "443.66" }));
    same(&results, "/employees/D1/pay", json!({ "bonus": "242.00", "pool_share": "455.18", "total": "697.18" }));
    same(&results, "/employees/N1/pay", json!({ "bonus": "242.00", "pool_share": "455.17", "total": "697.17" }));
    // The pool to the cent; the doctor's score stands in for the ward's.
    same(&results, "/units/W1/pool", json!("1200.01"));
    same(&results, "/units/W1/score", json!("8.4"));
    same(&results, "/units/W1/outcomes", json!(["best_ward"]));
    same(&results, "/warnings", json!(["crowded_gold:bronze", "crowded_gold:gold", "thin_ward:K1", "thin_ward:W2"]));
    // Three working days after a Monday; a week after that.
    same(&results, "/appeal", json!({ "accepted": true, "respond_by": "2026-11-12" }));
    // The month runs from the 21st, and the stage from the 21st of its last calendar month.
    same(&results, "/calendar", json!([{ "stage": "score", "opens": "2026-10-21", "due": "2026-10-31" }]));
}

#[test]
fn given_two_who_lead_a_ward_when_computed_then_each_brings_the_wards_they_led_before() {
    let mut case = month();
    case["employees"][2]["history"] = json!([]);
    case["employees"][0]["history"] =
        json!(["2024-05", "2026-09"].map(|period| json!({ "period": period, "score": "9", "grade": "silver" })));
    case["units"][0]["history"] = json!(["2025-05", "2026-08"].map(|period| json!({ "period": period, "score": "8" })));
    case["units"][0]["head"] = json!("D1");
    let outcomes = |case: &Json, number: &str| {
        let results = simulate::run_with(&scheme(), case).unwrap_or_else(|invalid| panic!("{:?}", invalid.errors));
        results["employees"][number]["outcomes"].clone()
    };
    // Who was given an empty history led no ward before.
    assert_eq!(outcomes(&case, "D1"), json!(["praise_head", "thanks"]));
    case["employees"][2].as_object_mut().unwrap().remove("history");
    assert_eq!(outcomes(&case, "D1"), json!(["long_service", "praise_head", "thanks"]));
    case["units"][0]["co_head"] = json!("N1");
    // Only a doctor of the ward can lead it.
    let refused = simulate::run_with(&scheme(), &case).unwrap_err();
    assert_eq!(refused.errors[0].pointer, "/units/0/co_head");
    case["employees"].as_array_mut().unwrap().push(json!({ "number": "D2", "unit": "W1", "category": "doctor",
        "pay": { "base": "1000" }, "items": { "care": { "superior": "40" }, "notes": { "superior": "45" } },
        "history": [{ "period": "2026-09", "score": "9", "grade": "silver" }] }));
    case["units"][0]["co_head"] = json!("D2");
    assert_eq!(outcomes(&case, "D2"), json!(["praise_head", "thanks"]));
    case["employees"][4]["history"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "period": "2020-01", "score": "10", "grade": "gold" }));
    assert_eq!(outcomes(&case, "D2"), json!(["long_service", "praise_head", "thanks"]));
}

#[test]
fn given_a_bonus_that_is_capped_when_computed_then_the_cap_counts() {
    let mut case = month();
    case["parameters"]["most_bonus"] = json!("200");
    let results = simulate::run_with(&scheme(), &case).unwrap();
    same(&results, "/employees/N1/pay/bonus", json!("200.00"));
    same(&results, "/employees/N2/pay/bonus", json!("154.00"));
}

#[test]
fn given_its_longer_periods_when_computed_then_months_count_as_the_policy_says() {
    let person = |facts: Json, months: &[(&str, &str)]| {
        let history: Vec<Json> = months
            .iter()
            .map(|(period, score)| json!({ "period": period, "score": score, "grade": "silver" }))
            .collect();
        json!({ "number": "N1", "category": "nurse", "facts": facts, "history": history })
    };
    let computed = |period: &str, person: Json| {
        let case = json!({ "policy": "riverside-clinic", "period": period, "employees": [person] });
        simulate::run_with(&scheme(), &case).map(|results| results["employees"]["N1"].clone())
    };
    // A quarter takes two months or three; whoever has one is not appraised.
    let quarter = computed("2026-Q3", person(json!({}), &[("2026-07", "70"), ("2026-09", "81.01")])).unwrap();
    assert_eq!((&quarter["score"], &quarter["grade"]), (&json!("75.51"), &json!("silver")));
    let quarter = computed("2026-Q3", person(json!({}), &[("2026-07", "70")])).unwrap();
    assert_eq!(quarter["excluded"], "few_months");
    // A year takes all of its months.
    let months: Vec<String> = (1..=12).map(|month| format!("2026-{month:02}")).collect();
    let all: Vec<(&str, &str)> = months.iter().map(|month| (month.as_str(), "91")).collect();
    let year = computed("2026", person(json!({ "shifts": "150" }), &all)).unwrap();
    assert_eq!((&year["score"], &year["raise"]), (&json!("89.5"), &json!("1")));
    assert_eq!(year["outcomes"], json!([]));
    let lacking = computed("2026", person(json!({}), &all[1..])).unwrap_err();
    assert_eq!(lacking.errors[0].pointer, "/employees/0/history");
    // Level 2 without a day of training is refused, even of those who are not appraised.
    let refused = computed("2026-Q3", person(json!({ "language_level": "2" }), &[])).unwrap_err();
    assert_eq!(refused.errors[0].pointer, "/employees/0/facts/trained_on");
}

fn uses(schema: &Json, of: &str, value: &Json, root: &Json, used: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return uses(&root["$defs"][name], name, value, root, used);
    }
    for variant in ["anyOf", "oneOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
        uses(variant, of, value, root, used);
    }
    if let Some(code) = value.as_str() {
        used.insert(format!("{of}={code}"));
    }
    for one in value.as_array().into_iter().flatten() {
        uses(&schema["items"], of, one, root, used);
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(key) {
            Some(inner) => {
                used.insert(format!("{of}.{key}"));
                uses(inner, &format!("{of}.{key}"), value, root, used);
            }
            None => uses(&schema["additionalProperties"], of, value, root, used),
        }
    }
}

/// Every key of the model, and every code of a closed list.
fn all(root: &Json) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let types = root["$defs"].as_object().unwrap().iter().map(|(name, schema)| (name.as_str(), schema));
    for (name, schema) in types.chain([("Source", root)]) {
        all.extend(schema["properties"].as_object().into_iter().flatten().map(|(key, _)| format!("{name}.{key}")));
        let codes = schema["enum"].as_array().into_iter().flatten();
        let variants = schema["oneOf"].as_array().into_iter().flatten();
        let inner = variants.flat_map(|one| one["enum"].as_array().into_iter().flatten().chain(one.get("const")));
        all.extend(codes.chain(inner).map(|code| format!("{name}={}", code.as_str().unwrap())));
    }
    all
}

#[test]
fn given_the_model_when_the_policy_is_laid_beside_it_then_a_part_of_everything_is_used() {
    let schema = Scheme::json_schema();
    let value: Json = toml::from_str(&text()).unwrap();
    let mut used = BTreeSet::new();
    uses(&schema, "Source", &value, &schema, &mut used);
    let unused: Vec<String> = all(&schema).difference(&used).cloned().collect();
    // The company is neither rated on a sheet nor gathered.
    assert_eq!(unused, ["Kind=company"]);
}

#[test]
fn given_the_policy_when_computed_in_two_phases_then_it_is_the_same() {
    let scheme = scheme();
    let case = Case::from_json(&scheme, &month()).unwrap();
    let results = evaluate(&scheme, &case, Phase::Results).unwrap();
    assert!(results.people().all(|person| person.pay.is_empty()));
    assert!(results.carried("N1").contains_key("coefficient"));
}

#[test]
fn given_guidance_for_raters_then_it_is_explained_and_what_nobody_wrote_is_named() {
    let scheme = scheme();
    let sheet = scheme.sheet("monthly", Some("nurse")).unwrap();
    assert_eq!(sheet.guidance.unwrap().en, "only what was seen on the ward this month");
    assert_eq!(sheet.sections[0].guidance.as_ref().unwrap().zh, "每天都做到了吗");
    assert_eq!(sheet.items[0].guidance.as_ref().unwrap().en, "what patients said of it");
    let errors = sheet.items[1].inputs.iter().find(|input| input.name == "errors").unwrap();
    let levels: Vec<&str> = errors.levels.iter().map(|level| level.guidance.en.as_str()).collect();
    assert_eq!(levels, ["hardly any errors", "to be talked over"]);
    let unwritten: Vec<&str> = scheme.unwritten_guidance().iter().map(|label| label.en.as_str()).collect();
    assert_eq!(unwritten, ["peers"]);
    let told = explain(&scheme, Locale::En);
    for line in
        ["guidance: what patients said of it", "guidance: others learn from it", "peers: guidance still to be written"]
    {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn given_guidance_where_nobody_rates_then_it_is_refused() {
    let text = text().replace("name = \"leave\"", "guidance = { zh = \"请假\", en = \"leave\" }\nname = \"leave\"");
    let problems = Scheme::parse(&text).unwrap_err();
    assert!(problems.iter().any(|problem| problem.message.to_string().contains("guidance")), "{problems:?}");
}
