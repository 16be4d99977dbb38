//! Policy 1: monthly results. The policy itself knows no appeals; a company may add them.

use platform::Code;
use player::api::{list, text};
use serde_json::json;
use testkit::eventually;
use tests::appealing::{Appeal, mails, seat};
use tests::month::{GOAL, Month, Size, person};
use tests::system::System;

const SMALL: Size = Size { units: 2, people_per_unit: 3 };

/// What a company adds, with a bonus for the best that the policy leaves at 100 %.
fn with_appeals(source: &str) -> String {
    let appeal = "\n[appeal]\nfile_within = \"3 working days\"\nanswer_within = \"5 working days\"\n\
        levels = [[\"superior\", \"self\"], \"body.appeals\"]\nfinal = true\n\
        group = { min = 3, max = 5, odd = true, representatives = { staff = 1 } }\n";
    format!("{}{appeal}", source.replacen("A1 = 1,", "A1 = \"1.1\",", 1))
}

#[actix_web::test]
async fn given_a_result_when_appealed_against_then_score_grade_pay_and_mail_follow_the_decision() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", SMALL).await;
    let (me, other) = (person(0, 0), person(1, 0));
    seat(&month.hr, "appeals", &[("F001", None), ("M0001", None), (&other, Some("staff"))]).await;
    let templates = month.hr.get("/v1/scheme-templates").await.unwrap();
    let kpi = list(&templates, "/items").iter().find(|template| text(template, "/code") == "monthly-kpi").unwrap();
    month.hr.post("/v1/schemes", json!({ "source": with_appeals(text(kpi, "/source")) })).await.unwrap();
    month.open().await;
    month.plan().await;
    month.score().await;
    month.close().await;
    month.publish().await;
    month.paid().await;

    // The person appeals with a document; the scheme's term is three working days, the answer is due after five.
    let employee = month.sign_in(&system, "e1").await;
    let proof =
        employee.post_file("/v1/appeals/documents?name=proof.txt", "text/plain", b"delivered on the 9th".to_vec());
    let proof = proof.await.unwrap();
    let filing = json!({ "cycle": month.cycle, "about": "rating", "place": GOAL, "grounds": "目标已完成", "documents": [proof["id"]] });
    let appeal = Appeal::file(&employee, filing.clone()).await;
    let case = appeal.read(&employee).await;
    assert_eq!((text(&case, "/state"), text(&case, "/respond_by")), ("open", "2026-10-05"));
    let again = employee.post("/v1/appeals", filing).await;
    assert!(Month::refused(&again, Code::Conflict), "{again:?}");
    let colleague = month.sign_in(&system, "e2").await;
    assert!(Month::refused(&colleague.get(&appeal.path).await, Code::NotFound));

    // They talk it over and do not agree: it goes to the group, who are told at once.
    let talked = appeal.decide(month.head(0), json!({ "verdict": "next_level", "reason": "仍有分歧" })).await.unwrap();
    assert_eq!(talked["level"], 2);
    eventually("the group is told", async || (mails(&system, "M0001@", "申诉已转上一级") == 1).then_some(())).await;
    // The person reads the whole file of their own case.
    assert_eq!(text(&appeal.read(&employee).await, "/levels/0/decisions/0/reason"), "仍有分歧");

    // The group upholds it: 40 points for the goal instead of 36, so 92.40, A1, 110 %.
    let session = json!({ "held_on": "2026-09-28", "present": ["F001", "M0001", other], "votes": { "for": 3, "against": 0 },
        "minutes": "看过交付记录" });
    let remedy = json!({ "changes": [{ "path": GOAL, "value": "40" }] });
    let decision = json!({ "verdict": "upheld", "reason": "目标确已完成", "remedy": remedy, "session": session });
    appeal.decide(month.head(1), decision).await.unwrap();

    let case = appeal.remedied(&employee).await;
    assert_eq!((text(&case, "/state"), text(&case, "/verdict")), ("decided", "upheld"));
    assert_eq!(case["remedies"][0]["done_version"], 2);
    let results = month.results().await;
    let mine = results.iter().find(|result| text(result, "/number") == me).unwrap();
    assert_eq!((text(mine, "/score"), text(mine, "/grade"), text(mine, "/because")), ("92.4", "A1", "appeal"));
    assert!(
        results.iter().filter(|result| text(result, "/number") != me).all(|result| text(result, "/score") == "88.4")
    );
    let correction = eventually("the difference reaches payroll", async || {
        month.feed().await.into_iter().find(|statement| text(statement, "/kind") == "correction")
    })
    .await;
    assert_eq!(text(&correction, "/number"), me);
    assert_eq!(correction["components"], json!({ "performance_pay": "2640.00" }));
    assert_eq!(correction["difference"], json!({ "performance_pay": "240.00" }));
    eventually("the person is told of both", async || {
        let told = mails(&system, &me, "申诉成立") == 1 && mails(&system, &me, "更正原因：目标确已完成") == 1;
        told.then_some(())
    })
    .await;

    // Final: nothing more about the same result, and nothing by others after their term.
    let more =
        employee.post("/v1/appeals", json!({ "cycle": month.cycle, "about": "result", "grounds": "再议" })).await;
    assert!(Month::refused(&more, Code::Conflict), "{more:?}");
    system.clock.move_to("2026-10-02T02:00:00Z".parse().unwrap());
    let colleague = month.sign_in(&system, "e2").await;
    let late = colleague.post("/v1/appeals", json!({ "cycle": month.cycle, "about": "result", "grounds": "x" })).await;
    assert!(Month::refused(&late, Code::WrongState), "{late:?}");
    system.stop().await;
}
