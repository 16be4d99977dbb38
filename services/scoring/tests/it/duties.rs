//! What people hand in by a day beside the stages, and what counts because it was late.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::Client;

use crate::world::{Company, all_of, pointers, scheme};

/// A plan by the 13th, and summaries on days that are named; each late one counts among the reports missed.
async fn dated() -> Company {
    let duty = |code: &str, due: &str| {
        format!(
            "\n[[duties]]\ncode = \"{code}\"\nlabel = {{ zh = \"{code}\", en = \"{code}\" }}\n{due}counts = \"item.reports.value\"\n"
        )
    };
    let duties = format!("{}{}", duty("ad_plan", "due = \"13 of M\"\n"), duty("summary", ""));
    Company::scoring_by(&format!("{}\n{duties}", scheme())).await
}

async fn duties(who: &Client, query: &str) -> Vec<Value> {
    who.get(&format!("/v1/duties{query}")).await.expect(200).body["items"].as_array().unwrap().clone()
}

async fn of(company: &Company, number: &str) -> String {
    let own = duties(&company.hr(), &format!("?number={number}")).await;
    format!("/v1/duties/{}", own[0]["id"].as_str().unwrap())
}

fn to(company: &Company, day: &str) {
    company.world.clock.move_to(format!("{day}T02:00:00Z").parse().unwrap());
}

#[actix_web::test]
async fn given_a_dated_duty_when_done_late_or_not_at_all_then_it_counts_unless_it_is_struck() {
    let company = dated().await;
    let all = duties(&company.hr(), "").await;
    assert_eq!((all.len(), all[0]["due"].as_str()), (5, Some("2026-10-13")));
    company.score_everybody(company.cycle).await;
    to(&company, "2026-10-12");
    let in_time = company.employee("E001").post(&format!("{}/done", of(&company, "E001").await), json!({})).await;
    assert_eq!(in_time.expect(200).body["late"], json!(false));
    to(&company, "2026-10-14");
    let mine = of(&company, "E002").await;
    let me = company.employee("E002");
    me.post(&format!("{mine}/done"), json!({ "on": "2026-10-13" })).await.expect(422);
    company.employee("E003").post(&format!("{mine}/done"), json!({})).await.expect(404);
    assert_eq!(me.post(&format!("{mine}/done"), json!({ "note": "sent" })).await.expect(200).body["late"], json!(true));
    me.post(&format!("{mine}/done"), json!({})).await.expect(409);
    // On paper, in time: the superior enters its day.
    let on_paper = format!("{}/done", of(&company, "E003").await);
    let entered = company.head("M002").post(&on_paper, json!({ "on": "2026-10-11" })).await.expect(200);
    assert_eq!((entered.str("/done_on"), &entered.body["late"]), ("2026-10-11", &json!(false)));
    let late: Vec<Value> = duties(&company.hr(), "?late=true").await;
    assert_eq!(all_of(&json!(late), "number"), ["E002", "M001", "M002"]);

    to(&company, "2026-10-29");
    company.close(company.cycle).await;
    let score = async |number: &str| {
        let results = company.hr().get(&company.at("results?kind=person&limit=100")).await.expect(200);
        let found = results.body["items"].as_array().unwrap().iter().find(|one| one["number"] == number).unwrap();
        found["score"].as_str().unwrap().parse::<Decimal>().unwrap()
    };
    let (kept, late) = (score("E003").await, score("E002").await);

    let strike = format!("{mine}/strike");
    let me = company.employee("E002");
    me.post(&strike, json!({ "reason": "the system was down" })).await.expect(403);
    company.head("M002").post(&strike, json!({ "reason": "not mine to say" })).await.expect(404);
    company.head("M001").post(&strike, json!({ "reason": " " })).await.expect(422);
    let struck = company.head("M001").post(&strike, json!({ "reason": "the system was down" })).await.expect(200);
    assert_eq!((struck.str("/struck_by"), struck.str("/struck_why")), ("M001", "the system was down"));
    company.head("M001").post(&strike, json!({ "reason": "again" })).await.expect(409);
    company.close(company.cycle).await;
    assert_eq!(score("E002").await, late + Decimal::ONE, "a report late is a point, and now it counts for nothing");
    assert_eq!(score("E003").await, kept, "what was handed in on paper in time never counted");
}

#[actix_web::test]
async fn given_a_duty_without_a_day_when_days_are_named_then_each_falls_due_and_twice_is_once() {
    let company = dated().await;
    let name = company.at("duties");
    let new = |due: &str, rest: Value| {
        let mut body = json!({ "duty": "summary", "due": due });
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        body
    };
    let head = company.head("M001");
    let event = json!({ "what": "autumn fair", "numbers": ["E001"] });
    assert_eq!(head.post(&name, new("2026-10-20", event.clone())).await.expect(200).body["named"], json!(1));
    assert_eq!(head.post(&name, new("2026-10-20", event)).await.expect(200).body["named"], json!(0));
    head.post(&name, new("2026-10-20", json!({ "numbers": ["E003"] }))).await.expect(403);
    head.post(&name, new("2026-10-20", json!({}))).await.expect(403);
    let weekly = company.hr().post(&name, new("2026-10-02", json!({ "weekly": true }))).await.expect(200);
    assert_eq!(weekly.body["named"], json!(5 * 5), "every Friday of October");
    let wrong = new("2026-11-20", json!({ "weekly": true, "numbers": ["Z"], "what": "" }));
    let refused = company.hr().post(&name, wrong).await.expect(422);
    assert_eq!(pointers(&refused), ["/due", "/what", "/numbers/0"]);
    let unknown = company.hr().post(&name, json!({ "duty": "none", "due": "2026-10-02" })).await.expect(422);
    assert_eq!(pointers(&unknown), ["/duty"]);
    let own = duties(&company.employee("E001"), "").await;
    let days: Vec<Date> = own.iter().map(|one| one["due"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!((days.len(), days.contains(&"2026-10-30".parse().unwrap())), (7, true));
    assert!(duties(&company.employee("E001"), "?number=E002").await.is_empty());
}
