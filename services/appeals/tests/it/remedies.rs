use events::{Event, RemedyRefused, ResultsPublished};
use serde_json::json;
use testkit::{Answer, eventually};

use crate::company::{Company, result, step};

const ONE: &str = "[appeal]\nlevels = [\"superior.superior\"]";

async fn upheld(company: &Company) -> Answer {
    let step = step(&company.file().await.expect(201));
    let remedy = json!({ "changes": [{ "path": "/items/wrok/superior", "value": "90" }] });
    let body = json!({ "verdict": "upheld", "reason": "the record was wrong", "remedy": remedy });
    company.as_person("G").post(&format!("/v1/appeals/steps/{step}/decision"), body).await.expect(200)
}

async fn until(company: &Company, path: &str, state: &str) -> Answer {
    eventually(state, async || {
        let appeal = company.as_person("E1").get(path).await;
        let last = appeal.body["remedies"].as_array()?.last()?.clone();
        (last["state"] == state).then_some(appeal)
    })
    .await
}

#[actix_web::test]
async fn given_a_remedy_that_scoring_cannot_do_when_hr_puts_it_right_then_it_is_told_again_and_done_once() {
    let company = Company::with(ONE).await;
    let decided = upheld(&company).await;
    let path = format!("/v1/appeals/{}", decided.str("/id"));
    assert_eq!(decided.str("/remedies/0/state"), "told");
    let mend = json!({ "changes": [{ "path": "/items/work/superior", "value": "90" }] });
    company.hr("P1").post(&format!("{path}/remedies"), mend.clone()).await.expect(409);
    let refused = RemedyRefused {
        appeal: decided.str("/id").parse().unwrap(),
        attempt: 1,
        why_zh: "没有此路径".to_owned(),
        why_en: "no such path".to_owned(),
    };
    company.tell(&Event::RemedyRefused(refused)).await;
    let seen = until(&company, &path, "refused").await;
    assert!(seen.str("/remedies/0/refused_why").contains("path"), "{}", seen.text);
    let notice = company.notices().await.pop().unwrap();
    assert_eq!(
        (notice.kind.as_str(), notice.words["reason_zh"].as_str(), notice.to.len()),
        ("remedy_refused", "没有此路径", 2)
    );

    let tasks = company.tasks().await;
    assert_eq!((tasks.len(), tasks[0].holder.as_str(), tasks[0].operation.as_str()), (1, "role:hr", "mend_remedy"));
    assert_eq!(tasks[0].path, format!("{path}/remedies"));
    company.as_person("E1").post(&format!("{path}/remedies"), mend.clone()).await.expect(403);
    company.hr("P1").post(&format!("{path}/remedies"), mend).await.expect(200);
    assert!(company.tasks().await.is_empty());
    let asked = company.asked().await;
    assert_eq!((asked.len(), asked[1].attempt, asked[1].reason.as_str()), (2, 2, "the record was wrong"));
    assert_eq!(asked[1].by[0].as_str(), "G");

    let corrected = ResultsPublished {
        reason: Some("the record was wrong".to_owned()),
        appeal: Some(decided.str("/id").parse().unwrap()),
        ..company.news(vec![result("E1", 2, "90", &["M"])])
    };
    company.tell(&Event::ResultsCorrected(corrected.clone())).await;
    company.tell(&Event::ResultsCorrected(corrected)).await;
    let done = until(&company, &path, "done").await;
    assert_eq!(done.body["remedies"][1]["done_version"], 2);
    assert_eq!(done.body["results"][0]["score"], "90");
    assert_eq!(done.body["result_version"], 1);
}

#[actix_web::test]
async fn given_a_verdict_when_its_remedy_does_not_fit_then_the_field_is_named() {
    let company = Company::with(ONE).await;
    let step = step(&company.file().await.expect(201));
    let path = format!("/v1/appeals/steps/{step}/decision");
    let change = json!({ "path": "/items/work/superior", "value": "90" });
    for (body, pointer) in [
        (json!({ "verdict": "upheld", "reason": "x" }), "/remedy"),
        (json!({ "verdict": "refused", "reason": "x", "remedy": { "changes": [change] } }), "/remedy"),
        (json!({ "verdict": "upheld", "reason": "x", "remedy": { "changes": [] } }), "/remedy/changes"),
        (json!({ "verdict": "refused", "reason": " " }), "/reason"),
        (
            json!({ "verdict": "upheld", "reason": "x", "remedy": { "changes": [{ "path": "x", "value": "1" }] } }),
            "/remedy/changes/0/path",
        ),
        (
            json!({ "verdict": "refused", "reason": "x", "session": { "held_on": "2026-11-02", "present": [], "minutes": "x" } }),
            "/session",
        ),
    ] {
        let refused = company.as_person("G").post(&path, body.clone()).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{body}: {}", refused.text);
    }
}

#[actix_web::test]
async fn given_a_decision_that_somebody_else_rates_again_when_they_do_then_scoring_is_told_what_they_gave() {
    let company = Company::with("[appeal]\nanswer_within = \"7 days\"\nlevels = [\"superior.superior\"]").await;
    let filed = company.file().await.expect(201);
    let path = format!("/v1/appeals/steps/{}/decision", step(&filed));
    let upheld = |by: &str| {
        let reassess = json!({ "by": by, "places": ["/items/work/superior"] });
        json!({ "verdict": "upheld", "reason": "rated out of a grudge", "remedy": { "reassess": reassess } })
    };
    let concerned = company.as_person("G").post(&path, upheld("M")).await.expect(422);
    assert_eq!(concerned.str("/errors/0/pointer"), "/remedy/reassess/by");
    let decided = company.as_person("G").post(&path, upheld("H")).await.expect(200);
    assert_eq!((decided.str("/state"), decided.str("/remedies/0/state")), ("decided", "assessing"));
    assert!(company.asked().await.is_empty());
    let tasks = company.tasks().await;
    assert_eq!(
        (tasks.len(), tasks[0].holder.as_str(), tasks[0].label_en.as_str()),
        (1, "person:H", "Rate again for an appeal")
    );

    let rate = format!("/v1/appeals/steps/{}/assessment", decided.str("/remedies/0/step"));
    let given = json!({ "values": [{ "path": "/items/work/superior", "value": "92" }], "reason": "by the records" });
    company.as_person("M").post(&rate, given.clone()).await.expect(404);
    let missing = json!({ "values": [{ "path": "/items/else/superior", "value": "92" }], "reason": "x" });
    let refused = company.as_person("H").post(&rate, missing).await.expect(422);
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 2);
    let rated = company.as_person("H").post(&rate, given.clone()).await.expect(200);
    assert_eq!(rated.str("/remedies/0/state"), "told");
    assert!(company.tasks().await.is_empty());
    company.as_person("H").post(&rate, given).await.expect(409);
    let asked = company.asked().await;
    assert_eq!((asked.len(), asked[0].changes[0].value.clone(), asked[0].by[0].as_str()), (1, json!("92"), "G"));
}

#[actix_web::test]
async fn given_a_result_that_was_given_unfairly_when_it_is_annulled_then_scoring_is_told_who_rates_it_anew_and_by_when()
{
    let company = Company::with("[appeal]\nanswer_within = \"7 days\"\nlevels = [\"superior.superior\"]").await;
    let filed = company.file().await.expect(201);
    let path = format!("/v1/appeals/steps/{}/decision", step(&filed));
    let decision =
        |remedy: serde_json::Value| json!({ "verdict": "upheld", "reason": "rated out of a grudge", "remedy": remedy });
    let redo = |raters: &[(&str, &str)]| {
        let raters: Vec<_> = raters.iter().map(|(column, by)| json!({ "column": column, "by": by })).collect();
        json!({ "redo": { "raters": raters } })
    };
    let both = json!({ "redo": { "raters": [{ "column": "superior", "by": "H" }] },
        "changes": [{ "path": "/items/work/superior", "value": "90" }] });
    for (wrong, pointer) in [
        (redo(&[]), "/remedy/redo/raters"),
        (redo(&[("superior", "H"), ("superior", "H")]), "/remedy/redo/raters/1"),
        (redo(&[("superior", "M")]), "/remedy/redo/raters/0/by"),
        (redo(&[("superior", "E404")]), "/remedy/redo/raters/0/by"),
        (both, "/remedy"),
    ] {
        let refused = company.as_person("G").post(&path, decision(wrong)).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{}", refused.text);
    }
    let decided = company.as_person("G").post(&path, decision(redo(&[("superior", "H")]))).await.expect(200);
    assert_eq!(
        (decided.str("/state"), decided.str("/remedies/0/state"), decided.str("/remedies/0/redo/raters/0/by")),
        ("decided", "told", "H")
    );
    let told = company.told().await.into_iter().find_map(|event| match event {
        Event::AnnulmentDecided(annulled) => Some(annulled),
        _ => None,
    });
    let told = told.expect("scoring is told");
    assert_eq!((told.version, told.attempt, told.raters[0].by.as_str()), (1, 1, "H"));
    assert!(told.due.is_some());

    // What scoring cannot do HR puts right, also with others.
    let refused = RemedyRefused {
        appeal: told.appeal,
        attempt: 1,
        why_zh: "没有此评分人".to_owned(),
        why_en: "nobody rated as superior".to_owned(),
    };
    company.tell(&Event::RemedyRefused(refused)).await;
    let case = format!("/v1/appeals/{}", decided.str("/id"));
    until(&company, &case, "refused").await;
    let again = company.hr("P1").post(&format!("{case}/remedies"), redo(&[("head", "H")])).await.expect(200);
    assert_eq!(again.str("/remedies/1/redo/raters/0/column"), "head");
}

#[actix_web::test]
async fn given_a_remedy_to_be_put_right_when_the_cycle_is_cancelled_then_that_is_no_task_any_more() {
    let company = Company::with(ONE).await;
    let decided = upheld(&company).await;
    let path = format!("/v1/appeals/{}", decided.str("/id"));
    let appeal = decided.str("/id").parse().unwrap();
    let (why_zh, why_en) = ("没有此路径".to_owned(), "no such path".to_owned());
    company.tell(&Event::RemedyRefused(RemedyRefused { appeal, attempt: 1, why_zh, why_en })).await;
    until(&company, &path, "refused").await;
    assert_eq!(company.tasks().await.len(), 1);
    let cancelled = events::CycleCancelled { cycle: company.cycle, reason: "opened by mistake".to_owned() };
    company.tell(&Event::CycleCancelled(cancelled)).await;
    eventually("nobody has to put it right", async || company.tasks().await.is_empty().then_some(())).await;
}
