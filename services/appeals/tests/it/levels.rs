use serde_json::json;
use testkit::{Answer, Client, eventually};

use crate::company::{Company, step};

const THREE: &str = "[appeal]\nanswer_within = \"7 days\"\nlevels = [[\"superior\", \"self\"], [\"role.hr\", \"head\"], \"body.group\"]\nfinal = true";

async fn decide(client: &Client, step: &str, verdict: &str) -> Answer {
    client
        .post(&format!("/v1/appeals/steps/{step}/decision"), json!({ "verdict": verdict, "reason": "see the file" }))
        .await
}

#[actix_web::test]
async fn given_a_talk_when_one_of_both_sends_it_on_then_the_next_level_has_it() {
    let company = Company::with(THREE).await;
    let filed = company.file().await.expect(201);
    assert_eq!(company.assignees().await, ["E1", "M"]);
    let talk = step(&filed);
    company
        .as_person("E2")
        .post(&format!("/v1/appeals/steps/{talk}/decision"), json!({ "verdict": "refused", "reason": "x" }))
        .await
        .expect(404);
    let sent = decide(&company.as_person("M"), &talk, "next_level").await.expect(200);
    assert_eq!((sent.body["level"].clone(), sent.str("/levels/0/state")), (json!(2), "sent_on"));
    assert_eq!(sent.str("/respond_by"), "2026-11-09");
    assert_eq!(company.assignees().await, ["H", "role:hr"]);
    let up = company.notices().await.pop().unwrap();
    assert_eq!((up.kind.as_str(), up.words["why"].as_str()), ("appeal_moved_up", "sent_up"));
    assert!(up.to.iter().any(|number| number.as_str() == "E1") && up.to.len() == 4, "{:?}", up.to);
}

#[actix_web::test]
async fn given_a_talk_in_which_both_let_the_result_stand_then_the_case_has_ended() {
    let company = Company::with(THREE).await;
    let talk = step(&company.file().await.expect(201));
    decide(&company.as_person("M"), &talk, "refused").await.expect(200);
    assert_eq!(company.assignees().await, ["E1"]);
    let both = decide(&company.as_person("E1"), &talk, "refused").await.expect(200);
    assert_eq!((both.str("/state"), both.str("/verdict")), ("decided", "refused"));
    company.file().await.expect(409);
}

#[actix_web::test]
async fn given_those_who_rated_when_they_would_decide_alone_then_they_may_not() {
    let company = Company::with(THREE).await;
    let talk = step(&company.file().await.expect(201));
    let remedy = json!({ "changes": [{ "path": "/items/work/superior", "value": "90" }] });
    let body = json!({ "verdict": "upheld", "reason": "agreed", "remedy": remedy });
    let path = format!("/v1/appeals/steps/{talk}/decision");
    company.as_person("M").post(&path, body.clone()).await.expect(200);
    company.as_person("E1").post(&path, body).await.expect(403);
    assert!(company.asked().await.is_empty());
}

#[actix_web::test]
async fn given_several_who_decide_together_when_divided_then_they_begin_anew_and_all_is_kept() {
    let company = Company::with(THREE).await;
    let talk = step(&company.file().await.expect(201));
    let together = step(&decide(&company.as_person("E1"), &talk, "next_level").await.expect(200));
    decide(&company.hr("P1"), &together, "refused").await.expect(200);
    decide(&company.hr("P2"), &together, "refused").await.expect(403);
    let remedy = json!({ "changes": [{ "path": "/items/work/superior", "value": "90" }] });
    let path = format!("/v1/appeals/steps/{together}/decision");
    let upheld = json!({ "verdict": "upheld", "reason": "the record was wrong", "remedy": remedy });
    let divided = company.as_person("H").post(&path, upheld.clone()).await.expect(200);
    assert_eq!((divided.str("/state"), divided.str("/levels/1/state")), ("open", "open"));
    assert_eq!(divided.body["levels"][1]["decisions"].as_array().unwrap().len(), 2);
    assert_eq!(company.assignees().await, ["H", "role:hr"]);

    company.as_person("H").post(&path, upheld).await.expect(200);
    let agreed = decide(&company.hr("P2"), &together, "upheld").await.expect(200);
    assert_eq!((agreed.str("/state"), agreed.str("/verdict")), ("decided", "upheld"));
    let asked = company.asked().await;
    assert_eq!((asked.len(), asked[0].attempt, asked[0].changes[0].path.as_str()), (1, 1, "/items/work/superior"));
    let by: Vec<&str> = asked[0].by.iter().map(|number| number.as_str()).collect();
    assert_eq!(by, ["H", "P2"]);
    assert!(company.tasks().await.is_empty());
    let decided = company.notices().await.pop().unwrap();
    assert_eq!((decided.kind.as_str(), decided.words["verdict"].as_str()), ("appeal_decided", "upheld"));
}

#[actix_web::test]
async fn given_a_refusal_when_carried_on_in_time_then_it_goes_up_and_else_it_ends() {
    let terms =
        "[appeal]\nfile_within = \"3 days\"\nanswer_within = \"7 days\"\nlevels = [\"superior.superior\", \"role.hr\"]";
    let company = Company::with(terms).await;
    let filed = company.file().await.expect(201);
    let id = filed.str("/id").to_owned();
    let refused = decide(&company.as_person("G"), &step(&filed), "refused").await.expect(200);
    assert_eq!((refused.str("/state"), refused.str("/until")), ("answered", "2026-11-05"));
    company.as_person("G").get(&format!("/v1/appeals/{id}")).await.expect(404);
    company.file().await.expect(409);
    company.day("2026-11-05");
    let carried = company.as_person("E1").post(&format!("/v1/appeals/{id}/next-level"), json!({})).await.expect(200);
    assert_eq!(
        (carried.str("/state"), carried.str("/respond_by"), carried.str("/levels/1/due")),
        ("open", "2026-11-12", "2026-11-12")
    );
    let hr = company.hr("P1");
    let last = step(&carried);
    let wrong = hr
        .post(&format!("/v1/appeals/steps/{last}/decision"), json!({ "verdict": "next_level", "reason": "x" }))
        .await
        .expect(422);
    assert_eq!(wrong.str("/errors/0/pointer"), "/verdict");
    let ended = decide(&hr, &last, "refused").await.expect(200);
    assert_eq!(ended.str("/state"), "decided");
    company.as_person("E1").post(&format!("/v1/appeals/{id}/next-level"), json!({})).await.expect(409);

    // Not final: with new grounds another may be filed within the term.
    let again = company.file().await.expect(201);
    let id = again.str("/id").to_owned();
    decide(&company.as_person("G"), &step(&again), "refused").await.expect(200);
    company.day("2026-11-09");
    eventually("what nobody carried on ends", async || {
        let appeal = company.as_person("E1").get(&format!("/v1/appeals/{id}")).await;
        (appeal.str("/state") == "decided").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_a_day_that_is_missed_then_the_case_goes_up_and_both_sides_are_told_once() {
    let company =
        Company::with("[appeal]\nanswer_within = \"7 days\"\nlevels = [\"superior.superior\", \"role.hr\"]").await;
    let filed = company.file().await.expect(201);
    let path = format!("/v1/appeals/{}", filed.str("/id"));
    company.day("2026-11-10");
    let up = eventually("it goes up", async || {
        let appeal = company.as_person("E1").get(&path).await;
        (appeal.body["level"] == 2).then_some(appeal)
    })
    .await;
    assert_eq!((up.str("/levels/0/state"), up.str("/respond_by")), ("missed", "2026-11-17"));
    assert_eq!(company.assignees().await, ["role:hr"]);
    let told = company.notices().await.pop().unwrap();
    assert_eq!((told.kind.as_str(), told.words["why"].as_str()), ("appeal_moved_up", "overdue"));

    company.day("2026-11-18");
    eventually("it is overdue at the last level, too", async || {
        company.notices().await.iter().any(|notice| notice.kind == "appeal_overdue").then_some(())
    })
    .await;
    let late = decide(&company.hr("P1"), &step(&up), "refused").await.expect(200);
    assert_eq!(late.str("/state"), "decided");
    let overdue = company.notices().await.into_iter().filter(|notice| notice.kind == "appeal_overdue").count();
    assert_eq!(overdue, 1);
}
