//! Policy 11: quarterly coefficients.

use std::path::Path;

use player::api::{Api, list, text};
use player::{Place, Published};
use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::{Appeal, seat};
use tests::system::{BOOTSTRAP_TOKEN, System};

/// Story 6, from when the people are told: the form of appeal within two working days, the leading group with the superior
/// within five, finally; the ranking of the others stays.
#[actix_web::test]
async fn given_a_quarter_when_somebody_appeals_on_the_form_then_the_group_with_the_superior_decides_and_the_others_stay()
 {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut company = Published::of(&place, &cases, "11-quarterly-coefficients-quarter").await.unwrap();
    seat(
        &company.import().await.unwrap(),
        "leading_group",
        &[("PLAY-EXEC", None), ("PLAY-FIN", None), ("PLAY-TOP", None)],
    )
    .await;
    let path = format!("/v1/cycles/{}/results?kind=person&limit=100", company.cycle);
    let results = async |hr: &Api| {
        let page = hr.get(&path).await.unwrap();
        let grade = |one: &Value| (text(one, "/number").to_owned(), text(one, "/grade").to_owned());
        list(&page, "/items").iter().map(grade).collect::<std::collections::BTreeMap<String, String>>()
    };
    let before = results(&company.sign_in("PLAY-HR").await.unwrap()).await;
    assert_eq!(before["S5"], "D");

    // Heads tell their people on the 29th; of the working days that follow, the holidays before, the second is 8 October.
    let cycle = company.cycle.clone();
    let paper = |filed_on: &str| json!({ "cycle": cycle, "subject": "person:S5", "about": "result", "grounds": "员工绩效申诉表", "filed_on": filed_on });
    system.clock.move_to("2026-09-29T02:00:00Z".parse().unwrap());
    let hr = company.sign_in("PLAY-HR").await.unwrap();
    let talks = format!("/v1/cycles/{cycle}/interviews?limit=100");
    let talk = eventually("the talks are there", async || {
        let list = hr.get(&talks).await.ok()?;
        let of_s5 = list["items"].as_array()?.iter().find(|one| one["number"] == "S5")?;
        Some(of_s5["interviews"][0].clone()).filter(Value::is_object)
    })
    .await;
    let holder = text(&talk, "/holders/0").strip_prefix("person:").unwrap().to_owned();
    let told = json!({ "held_on": "2026-09-29", "notes": "告知等级及原因，说明申诉期限" });
    let head = company.sign_in(&holder).await.unwrap();
    head.post(&format!("/v1/interviews/{}/record", text(&talk, "/id")), told).await.unwrap();
    system.clock.move_to("2026-10-09T02:00:00Z".parse().unwrap());
    let hr = company.sign_in("PLAY-HR").await.unwrap();
    let late = hr.post("/v1/appeals", paper("2026-10-09")).await;
    assert!(late.is_err(), "{late:?}");
    let appeal = Appeal::file(&hr, paper("2026-10-08")).await;
    let me = company.sign_in("S5").await.unwrap();
    let case = appeal.read(&me).await;
    assert_eq!((text(&case, "/respond_by"), &case["on_paper"]), ("2026-10-14", &json!(true)));
    let panel: Vec<&str> = list(&case, "/levels/0/panel").iter().map(|one| text(one, "/number")).collect();
    assert_eq!(panel, ["PLAY-BOSS", "PLAY-EXEC", "PLAY-FIN", "PLAY-TOP"]);

    // The superior, who scored, is one voice among others.
    let remedy = json!({ "changes": [{ "path": "/items/work/superior", "value": "89" }] });
    let decision = |present: Value, votes: Value| {
        let session = json!({ "held_on": "2026-10-09", "present": present, "votes": votes, "minutes": "复核" });
        json!({ "verdict": "upheld", "reason": "复核属实", "remedy": remedy, "session": session })
    };
    let boss = company.sign_in("PLAY-BOSS").await.unwrap();
    assert!(appeal.decide(&boss, decision(json!(["PLAY-BOSS"]), json!({ "for": 1, "against": 0 }))).await.is_err());
    let all = json!(["PLAY-BOSS", "PLAY-EXEC", "PLAY-FIN", "PLAY-TOP"]);
    appeal.decide(&boss, decision(all, json!({ "for": 3, "against": 1 }))).await.unwrap();
    let case = appeal.remedied(&me).await;
    assert_eq!((text(&case, "/state"), text(&case, "/results/0/score")), ("decided", "89"));
    let after = results(&hr).await;
    assert_eq!(after["S5"], text(&case, "/results/0/grade"));
    assert!(after["S5"] < before["S5"], "{after:?}");
    assert!(after.iter().filter(|(number, _)| *number != "S5").all(|(number, grade)| before[number] == *grade));
    let correction = eventually("what is left changes", async || {
        company.feed().await.unwrap().into_iter().find(|statement| text(statement, "/kind") == "correction")
    })
    .await;
    assert!(!text(&correction, "/difference/settlement").starts_with('-'), "{correction}");
    system.stop().await;
}
