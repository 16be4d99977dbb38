//! Corrections: the only way in which a published result changes.

use events::{Event, ResultsPublished};
use platform::Role::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::filling::Filling;
use crate::replays::replay;
use crate::world::{Company, all_of, pointers, ranked};

fn correction(cycle: Uuid, subject: &str, path: &str, value: &str) -> Value {
    let changes = json!([{ "subject": subject, "path": path, "value": value }]);
    json!({ "cycle": cycle, "reason": "two reports were missed", "document": "minutes 12", "changes": changes })
}

async fn corrected(company: &Company) -> Vec<ResultsPublished> {
    let told = company.world.outbox("scoring").await.into_iter();
    told.filter_map(|e| if let Event::ResultsCorrected(c) = e { Some(c) } else { None }).collect()
}

#[actix_web::test]
async fn given_a_published_result_when_corrected_then_both_versions_stay_and_nobody_elses_changes() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let two = correction(company.cycle, "person:E001", "/items/reports/value", "2");
    company.hr().post("/v1/corrections", two.clone()).await.expect(409);
    company.publish(company.cycle).await;

    company.executive().post("/v1/corrections", two.clone()).await.expect(403);
    company.client("E001", &[Employee, Hr]).post("/v1/corrections", two.clone()).await.expect(403);
    let mut no_reason = two.clone();
    no_reason["reason"] = json!(" ");
    company.hr().post("/v1/corrections", no_reason).await.expect(422);
    let made = company.hr().post("/v1/corrections", two).await.expect(201);
    let affected = &made.body["affected"];
    assert_eq!(all_of(affected, "subject"), ["person:E001"]);
    assert_eq!((&affected[0]["before"]["score"], &affected[0]["after"]["score"]), (&json!("88.4"), &json!("86.4")));
    assert_eq!((&affected[0]["version"], &affected[0]["result"]), (&json!(2), &json!(company.sheet("E001"))));

    let own = company.employee("E001");
    let versions = own.get(&format!("{}/versions", company.result_path("E001"))).await.expect(200);
    assert_eq!(all_of(&versions.body["items"], "score"), ["86.4", "88.4"]);
    assert_eq!(
        (versions.str("/items/0/because"), versions.str("/items/0/reason")),
        ("correction", "two reports were missed")
    );
    assert_eq!(own.get("/v1/my/results").await.str("/items/0/score"), "86.4");
    let other = company.employee("E002").get("/v1/my/results").await;
    assert_eq!((other.str("/items/0/score"), other.body["items"][0]["version"].as_i64()), ("88.4", Some(1)));
    let explained =
        own.get(&format!("{}/explanation?locale=en&version=1", company.result_path("E001"))).await.expect(200);
    assert!(explained.str("/text").contains("88.4"), "{}", explained.text);

    let told = corrected(&company).await;
    assert_eq!((told.len(), told[0].results.len()), (1, 1));
    assert_eq!((told[0].results[0].version, told[0].publication), (2, 1));
    assert_eq!(told[0].reason.as_deref(), Some("two reports were missed"));
    assert!(told[0].unit.result.is_none(), "the unit's own result is as it was");

    let third = company.correct(company.cycle, "E001", "/items/proposals/value", "5").await.expect(201);
    assert_eq!((third.str("/affected/0/after/score"), &third.body["affected"][0]["version"]), ("87.4", &json!(3)));
    assert_eq!(replay(&company).await.different(), 0);
}

#[actix_web::test]
async fn given_a_preview_then_it_tells_who_would_be_affected_and_keeps_nothing() {
    let company = Company::published().await;
    let told = company.world.outbox("scoring").await.len();
    let rows = company.world.rows().await;
    let head = correction(company.cycle, "unit:NET", "/score", "60");

    let previewed = company.hr().post("/v1/corrections?preview=true", head.clone()).await.expect(200);

    let affected = &previewed.body["affected"];
    let mut subjects = all_of(affected, "subject");
    subjects.sort_unstable();
    assert_eq!(subjects, ["person:E001", "person:E002", "person:M001", "unit:NET"]);
    assert_eq!(company.world.rows().await, rows);
    assert_eq!(company.world.outbox("scoring").await.len(), told);
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "88.4");

    let made = company.hr().post("/v1/corrections", head).await.expect(201);

    assert_eq!(&made.body["affected"], affected, "it is what was previewed");
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "74.4");
    assert_eq!(company.employee("E003").get("/v1/my/results").await.body["items"][0]["version"], 1);
    let told = corrected(&company).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].results.len(), told[0].unit.result.as_ref().and_then(|own| own.score.as_deref())),
        (3, Some("60"))
    );
    assert_eq!(replay(&company).await.different(), 0);
}

#[actix_web::test]
async fn given_corrections_that_cannot_be_then_they_are_refused_where_they_are_wrong() {
    let company = Company::published().await;
    let hr = company.hr();
    for (subject, path, value, pointer) in [
        ("person:E404", "/items/reports/value", "1", "/changes/0/subject"),
        ("nobody", "/items/reports/value", "1", "/changes/0/subject"),
        ("person:E001", "/number", "E009", "/changes/0/path"),
        ("person:E001", "/pay/base_salary", "1", "/changes/0/path"),
        ("person:E001", "/items/reports/value", "many", "/changes/0/value"),
        ("person:E001", "/items/attendance/expected", "0", "/changes/0/value"),
    ] {
        let refused = hr.post("/v1/corrections", correction(company.cycle, subject, path, value)).await.expect(422);
        assert_eq!(pointers(&refused), [pointer], "{subject} {path} {value}: {}", refused.text);
    }
    let none = json!({ "cycle": company.cycle, "reason": "so it was", "changes": [] });
    hr.post("/v1/corrections", none).await.expect(422);
    hr.post("/v1/corrections", correction(Uuid::now_v7(), "person:E001", "/score", "1")).await.expect(404);
    let own_unit = correction(company.cycle, "unit:NET", "/score", "100");
    company.client("M001", &[Employee, Hr]).post("/v1/corrections", own_unit).await.expect(403);
    assert!(corrected(&company).await.is_empty());
}

#[actix_web::test]
async fn given_a_forced_ranking_when_a_result_is_corrected_then_the_person_is_placed_by_its_cut_offs() {
    for within in ["company", "unit"] {
        let company = Company::scoring_by(&ranked(within)).await;
        company.score_everybody(company.cycle).await;
        let proposals = [("E001", 6), ("E002", 4), ("M001", 2), ("E003", 6), ("M002", 3)];
        company.tell_apart(company.cycle, &proposals).await;
        company.close(company.cycle).await;
        company.publish(company.cycle).await;
        let before = company.hr().get(&company.at("results?kind=person")).await.expect(200);
        let grades = |page: &Value| {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|r| (r["number"].to_string(), r["grade"].to_string())).collect::<Vec<_>>()
        };
        let best = company.hr().get(&company.result_path("E001")).await.expect(200).str("/grade").to_owned();
        let second = company.hr().get(&company.result_path("E002")).await.expect(200).str("/grade").to_owned();
        assert_ne!(best, second, "{within}");

        // E001 is still the first of all, but below what the best grade took when the results were published.
        let made = company.correct(company.cycle, "E001", "/items/proposals/value", "5").await.expect(201);

        assert_eq!(made.str("/affected/0/after/grade"), second, "{within}");
        assert_eq!(all_of(&made.body["affected"], "subject"), ["person:E001"], "{within}");
        let after = company.hr().get(&company.at("results?kind=person")).await.expect(200);
        assert_eq!(grades(&before.body)[1..], grades(&after.body)[1..], "{within}");
    }
}
