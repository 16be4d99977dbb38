use serde_json::{Value, json};
use testkit::Answer;

use crate::company::{Company, step};

const GROUP: &str = "[appeal]\nlevels = [\"body.group\"]\nfinal = true\ngroup = { min = 3, max = 5, odd = true, representatives = { staff = 1 } }";

fn session(present: &[&str]) -> Value {
    json!({ "held_on": "2026-11-02", "present": present, "votes": { "for": 2, "against": 1 }, "minutes": "双方到会陈述" })
}

async fn decide(company: &Company, number: &str, step: &str, session: Value) -> Answer {
    let remedy = json!({ "changes": [{ "path": "/items/work/superior", "value": "90" }] });
    let body = json!({ "verdict": "upheld_in_part", "reason": "一半成立", "remedy": remedy, "session": session });
    company.member(number).post(&format!("/v1/appeals/steps/{step}/decision"), body).await
}

#[actix_web::test]
async fn given_a_body_by_rule_when_a_member_rated_then_they_withdraw_and_their_seat_is_filled() {
    let company = Company::with(GROUP).await;
    let filed = company.file().await.expect(201);
    let group = step(&filed);
    let panel = filed.body["levels"][0]["panel"].as_array().unwrap();
    let withdrew: Vec<&str> =
        panel.iter().filter(|one| one["withdrew_why"].is_string()).map(|one| one["number"].as_str().unwrap()).collect();
    assert_eq!((panel.len(), withdrew), (4, vec!["M"]));
    assert_eq!(company.assignees().await, ["L1", "L2", "L3"]);

    let path = format!("/v1/appeals/steps/{group}/panel");
    let left_out =
        json!({ "members": [{ "number": "L1" }, { "number": "L2" }, { "number": "L3", "represents": "staff" }] });
    company.hr("P1").put(&path, None, left_out).await.expect(422);
    let concerned =
        json!({ "members": [{ "number": "L1" }, { "number": "L2" }, { "number": "L3" }, { "number": "M" }] });
    let refused = company.hr("P1").put(&path, None, concerned).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/members/3/withdrew_why");
    let members = json!({ "members": [
        { "number": "L1", "withdrew_why": "近亲属" }, { "number": "L2" }, { "number": "L3", "represents": "staff" },
        { "number": "M", "withdrew_why": "评分人" }, { "number": "L4", "fills": "L1" }, { "number": "H", "fills": "M" }] });
    company.member("L1").put(&path, None, members.clone()).await.expect(403);
    company.hr("P1").put(&path, None, members).await.expect(200);
    assert_eq!(company.assignees().await, ["H", "L2", "L3", "L4"]);

    for (present, pointer) in [
        (vec!["L2", "L3"], "/session/present"),
        (vec!["L2", "L4", "H"], "/session/present"),
        (vec!["L2", "L3", "L1"], "/session/present/2"),
        (vec!["L2", "L3", "L4", "H"], "/session/present"),
    ] {
        let refused = decide(&company, "L2", &group, session(&present)).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{present:?}: {}", refused.text);
    }
    decide(&company, "L2", &group, Value::Null).await.expect(422);
    decide(&company, "L2", &group, session(&["L3", "L4", "H"])).await.expect(403);
    decide(&company, "L1", &group, session(&["L2", "L3", "L4"])).await.expect(404);
    let decided = decide(&company, "L2", &group, session(&["L2", "L3", "L4"])).await.expect(200);
    assert_eq!((decided.str("/state"), decided.str("/verdict")), ("decided", "upheld_in_part"));
    let held = &decided.body["levels"][0]["sessions"][0];
    assert_eq!((held["withdrew"].clone(), held["votes"]["for"].clone()), (json!(["L1", "M"]), json!(2)));
    let asked = company.asked().await;
    let by: Vec<&str> = asked[0].by.iter().map(|number| number.as_str()).collect();
    assert_eq!(by, ["L2", "L3", "L4"]);
}

#[actix_web::test]
async fn given_a_superior_beside_the_body_then_they_have_one_voice_among_others() {
    let company = Company::with("[appeal]\nlevels = [[\"body.group\", \"superior\"]]").await;
    let filed = company.file().await.expect(201);
    assert_eq!(company.assignees().await, ["L1", "L2", "L3", "M"]);
    let group = step(&filed);
    let alone =
        decide(&company, "M", &group, json!({ "held_on": "2026-11-02", "present": ["M"], "minutes": "x" })).await;
    alone.expect(422);
    let decided = decide(&company, "M", &group, session(&["M", "L1", "L2"])).await.expect(200);
    assert_eq!(decided.str("/state"), "decided");
}

#[actix_web::test]
async fn given_levels_at_which_nobody_else_can_decide_then_they_are_passed_over_and_at_the_last_hr_names_somebody() {
    let company = Company::with("[appeal]\nlevels = [\"superior\", \"assigned\"]").await;
    let filed = company.file().await.expect(201);
    assert_eq!((filed.str("/levels/0/state"), filed.body["level"].clone()), ("missed", json!(2)));
    let last = step(&filed);
    assert_eq!(company.assignees().await, ["role:hr"]);
    assert_eq!(company.tasks().await[0].label_en, "Name who decides an appeal");
    let path = format!("/v1/appeals/steps/{last}/panel");
    let refused = company.hr("P1").put(&path, None, json!({ "members": [{ "number": "M" }] })).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/members/0/number");
    company.hr("P1").put(&path, None, json!({ "members": [{ "number": "H" }] })).await.expect(200);
    assert_eq!(company.assignees().await, ["H"]);
    let body = json!({ "verdict": "refused", "reason": "nothing new" });
    let decided = company.as_person("H").post(&format!("/v1/appeals/steps/{last}/decision"), body).await.expect(200);
    assert_eq!(decided.str("/state"), "decided");
}
