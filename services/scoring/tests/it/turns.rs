//! Who hands in a form after whom, and within which days.

use events::{CycleOpened, Stage};
use serde_json::{Value, json};

use crate::world::{Company, measured, opening, ratings, row, scheme};

/// The first policy, in which HR rates first, and in which the superior's days bind.
async fn company() -> Company {
    let stages = "[[stages]]\ncode = \"conduct\"\nlabel = { zh = \"行为\", en = \"conduct\" }\ndoes = \"score\"\nraters = [\"hr\"]\n\n\
        [[stages]]\ncode = \"score\"\nafter = [\"conduct\"]\ngate = true";
    let source = scheme().replacen("[[stages]]\ncode = \"score\"", stages, 1);
    let source = source.replacen("opens = \"26 of M\"\ndue = \"28 of M\"", "", 1);
    let company = Company::empty().await;
    let opened = opening(company.cycle, &source, "monthly", "2026-10");
    let conduct = Stage { code: "conduct".into(), opens: None, due: Some("2026-10-27".parse().unwrap()) };
    let stages = [opened.stages.clone(), vec![conduct]].concat();
    company.open_all(CycleOpened { stages, ..opened }).await;
    company
}

#[actix_web::test]
async fn given_a_stage_after_another_when_handed_in_too_early_then_it_is_told_who_comes_first_and_by_which_days() {
    let company = company().await;
    let head = company.head("M001");
    let facts: Vec<Value> = measured("E001");
    company.hr().post(&company.at("facts"), json!({ "facts": facts })).await.expect(200);
    head.post(&company.at("ratings"), json!({ "ratings": ratings("E001") })).await.expect(200);
    let sheet = company.sheet_path("E001");
    let submit = format!("{sheet}/submit");

    // The superior's days bind, and have not begun.
    company.world.clock.move_to("2026-10-20T02:00:00Z".parse().unwrap());
    let early = company.head("M001").post(&submit, json!({})).await.expect(409);
    assert!(early.text.contains("not before 2026-10-26"), "{}", early.text);
    company.world.clock.move_to("2026-10-26T02:00:00Z".parse().unwrap());
    let refused = company.head("M001").post(&submit, json!({})).await.expect(409);
    assert_eq!((refused.str("/missing/0/what"), refused.str("/missing/0/part")), ("turn", "hr"));
    let conduct = json!({ "ratings": [row("E001", "conduct", "hr", "2")] });
    company.hr().post(&company.at("ratings"), conduct).await.expect(200);
    company.hr().post(&submit, json!({})).await.expect(200);
    company.head("M001").post(&submit, json!({})).await.expect(200);

    // Once the first stage is over nobody waits for it; once one's own is, nothing is handed in.
    let given: Vec<Value> = ratings("E002");
    company.head("M001").post(&company.at("ratings"), json!({ "ratings": given })).await.expect(200);
    let other = format!("{}/submit", company.sheet_path("E002"));
    company.head("M001").post(&other, json!({})).await.expect(409);
    company.world.clock.move_to("2026-10-29T02:00:00Z".parse().unwrap());
    let late = company.head("M001").post(&other, json!({})).await.expect(409);
    assert!(late.text.contains("2026-10-28 was the last day"), "{}", late.text);
    company.world.clock.move_to("2026-10-28T02:00:00Z".parse().unwrap());
    company.head("M001").post(&other, json!({})).await.expect(200);
}
