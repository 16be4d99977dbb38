//! Results that an appeal annuls, and that others rate anew on another edition of the sheet.

use events::{AnnulmentDecided, Event, OtherRater, RemedyRefused, ResultsPublished, SheetsSettled, Subject};
use serde_json::{Value, json};
use testkit::{Answer, eventually};
use uuid::Uuid;

use crate::world::{Company, all_of, edition, row};

fn annulled(company: &Company, raters: &[(&str, &str)]) -> AnnulmentDecided {
    let rater = |(column, by): &(&str, &str)| OtherRater { column: (*column).to_owned(), by: (*by).into() };
    AnnulmentDecided {
        appeal: Uuid::now_v7(),
        attempt: 1,
        cycle: company.cycle,
        subject: Subject::person("E001"),
        version: 1,
        reason: "rated out of a grudge".to_owned(),
        by: vec!["X001".into()],
        raters: raters.iter().map(rater).collect(),
        due: Some("2026-11-20".parse().unwrap()),
    }
}

/// The result is annulled, and planning has settled the edition on which M002 rates it anew.
async fn being_redone() -> (Company, AnnulmentDecided) {
    let company = Company::published().await;
    let decided = annulled(&company, &[("superior", "M002")]);
    company.world.publish(&Event::AnnulmentDecided(decided.clone())).await;
    let told = async || {
        let mut events = company.world.outbox("scoring").await.into_iter();
        events.find_map(|event| if let Event::ResultAnnulled(annulled) = event { Some(annulled) } else { None })
    };
    let told = eventually("planning is asked for another edition", told).await;
    assert_eq!((told.subject, told.edition), (Subject::person("E001"), 1));
    let settled = SheetsSettled {
        cycle: company.cycle,
        sheets: vec![edition("E001", 3, Vec::new())],
        redo: Some(decided.appeal),
    };
    company.world.publish(&Event::SheetsSettled(settled)).await;
    let forms = async || (forms(&company).await.len() == 4).then_some(());
    eventually("the new edition is handed out", forms).await;
    (company, decided)
}

async fn forms(company: &Company) -> Vec<Value> {
    let forms = company.hr().get(&company.at("assignments?subject=person:E001")).await.expect(200);
    forms.body["items"].as_array().unwrap().clone()
}

async fn result(company: &Company) -> Answer {
    company.employee("E001").get(&company.result_path("E001")).await.expect(200)
}

#[actix_web::test]
async fn given_an_annulled_result_when_others_rate_anew_then_it_is_corrected_by_what_they_gave_alone() {
    let (company, decided) = being_redone().await;
    let before = result(&company).await;
    assert_eq!((before.str("/score"), before.str("/annulled_why")), ("88.4", "rated out of a grudge"));

    // What HR gave stands; whoever rated has no part in it any more, and somebody else has a form and a task.
    let mut forms: Vec<(i64, String, String, String)> = forms(&company).await.iter().map(described).collect();
    forms.sort();
    let described = |edition, column: &str, rater: &str, state: &str| {
        (edition, column.to_owned(), rater.to_owned(), state.to_owned())
    };
    assert_eq!(
        forms,
        [
            described(1, "hr", "role:hr", "void"),
            described(1, "superior", "person:M001", "void"),
            described(3, "hr", "role:hr", "submitted"),
            described(3, "superior", "person:M002", "open"),
        ]
    );
    let task = company.world.outbox("scoring").await.into_iter().find_map(|event| match event {
        Event::ScoringTasksChanged(told) => told.tasks.into_iter().find(|task| task.key.contains('#') && !task.done),
        _ => None,
    });
    let task = task.expect("a task");
    assert_eq!((task.holder.as_str(), task.due), ("person:M002", Some("2026-11-20".parse().unwrap())));
    let sheets = company.head("M002").get(&format!("/v1/sheets?cycle={}&q=E001", company.cycle)).await.expect(200);
    let sheet = format!("/v1/sheets/{}", sheets.str("/items/0/id"));
    let seen = company.head("M002").get(&sheet).await.expect(200);
    assert_eq!((&seen.body["edition"], all_of(&seen.body["assignments"], "state")), (&json!(3), vec!["open"]));
    // Whom it is about does not look on.
    let own = company.employee("E001").get(&sheet).await.expect(200);
    assert!(own.body["assignments"].as_array().unwrap().is_empty(), "{}", own.text);
    let former = json!({ "ratings": [row("E001", "faults", "superior", "6")] });
    company.head("M001").post(&company.at("ratings"), former.clone()).await.expect(403);
    company.delegate("M002", "M001", "rating").await;
    company.head("M001").post(&company.at("ratings"), former).await.expect(403);

    // Other values may be corrected meanwhile: it counts no more for that.
    company.correct(company.cycle, "E001", "/items/reports/value", "1").await.expect(201);
    let corrected = result(&company).await;
    assert_eq!((corrected.str("/score"), corrected.body["annulled_at"].is_string()), ("87.4", true));

    let given: Vec<Value> = [("evaluation", "4.5"), ("faults", "4.5"), ("cooperation", "4")]
        .iter()
        .map(|(item, points)| row("E001", item, "superior", points))
        .chain(["execution", "potential", "appearance"].map(|item| row("E001", item, "superior", "B")))
        .collect();
    company.head("M002").post(&company.at("ratings"), json!({ "ratings": given })).await.expect(200);
    assert!(result(&company).await.body["annulled_at"].is_string());
    company.head("M002").post(&format!("{sheet}/submit"), json!({})).await.expect(200);

    // 87.4 less half a point, a point, half a point; letters A, B, C come to as much as B, B, B.
    let redone = result(&company).await;
    assert_eq!((redone.str("/score"), redone.body["annulled_at"].is_null()), ("85.4", true));
    assert_eq!((&redone.body["version"], redone.str("/because")), (&json!(3), "appeal"));
    let told: Vec<ResultsPublished> = company
        .world
        .outbox("scoring")
        .await
        .into_iter()
        .filter_map(|event| if let Event::ResultsCorrected(told) = event { Some(told) } else { None })
        .collect();
    let last = told.last().unwrap();
    assert_eq!((last.appeal, last.reason.as_deref()), (Some(decided.appeal), Some("rated out of a grudge")));
    let involved: Vec<&str> = last.results[0].involved.iter().map(|number| number.as_str()).collect();
    assert!(involved.contains(&"M002") && !involved.contains(&"M001"), "{involved:?}");
    let versions = company.employee("E001").get(&format!("{}/versions", company.result_path("E001"))).await.expect(200);
    let marked: Vec<bool> =
        versions.body["items"].as_array().unwrap().iter().map(|one| one["annulled_at"].is_string()).collect();
    assert_eq!(marked, [false, true, true]);
    let closed = json!({ "ratings": [row("E001", "faults", "superior", "6")] });
    company.head("M002").post(&company.at("ratings"), closed).await.expect(422);
    assert_eq!(crate::replays::replay(&company).await.different(), 0);
}

fn described(form: &Value) -> (i64, String, String, String) {
    let text = |name: &str| form[name].as_str().unwrap().to_owned();
    (form["edition"].as_i64().unwrap(), text("column"), text("rater"), text("state"))
}

#[actix_web::test]
async fn given_an_annulment_that_cannot_be_redone_then_it_is_told_back_and_nothing_is_annulled() {
    let company = Company::published().await;
    let refusals = async |count: usize| {
        let of = async || {
            let told: Vec<RemedyRefused> = company
                .world
                .outbox("scoring")
                .await
                .into_iter()
                .filter_map(|event| if let Event::RemedyRefused(told) = event { Some(told) } else { None })
                .collect();
            (told.len() == count).then_some(told)
        };
        eventually("it is refused", of).await
    };
    let wrong = [
        (annulled(&company, &[("peer", "M002")]), "nobody rated on this sheet as peer"),
        (annulled(&company, &[("superior", "E001")]), "nobody rates themselves"),
        (AnnulmentDecided { subject: Subject::person("E404"), ..annulled(&company, &[]) }, "no published result"),
        (annulled(&company, &[("superior", "M002"), ("superior", "X001")]), "one rates as superior"),
    ];
    for (at, (decided, why)) in wrong.into_iter().enumerate() {
        company.world.publish(&Event::AnnulmentDecided(decided)).await;
        let told = refusals(at + 1).await;
        assert!(told[at].why_en.contains(why), "{:?}", told[at]);
    }
    assert!(result(&company).await.body["annulled_at"].is_null());
}

#[actix_web::test]
async fn given_a_result_that_is_being_redone_then_what_other_raters_gave_is_not_returned() {
    let (company, _) = being_redone().await;
    let hr = company.hr();
    let sheets = hr.get(&format!("/v1/sheets?cycle={}&limit=100", company.cycle)).await.expect(200);
    let counting = sheets.body["items"].as_array().unwrap().iter().find(|sheet| sheet["subject"] == "person:E001");
    let sheet = format!("/v1/sheets/{}", counting.unwrap()["id"].as_str().unwrap());
    let refused = hr.post(&format!("{sheet}/return"), json!({ "column": "hr", "reason": "one more look" })).await;
    let refused = refused.expect(409);
    assert!(refused.text.contains("what these raters gave stands"), "{}", refused.text);
}
