//! Policy 2: monthly grades.

use std::path::Path;

use player::api::{list, text};
use player::{Computed, Place};
use serde_json::json;
use testkit::eventually;
use tests::appealing::{Appeal, mails};
use tests::system::{BOOTSTRAP_TOKEN, System};

/// Steps 3, 4 (but for the pay run, which finance does not approve yet), 5 and 7.
#[actix_web::test]
async fn given_a_month_with_losses_when_adjusted_talked_over_and_appealed_against_then_pay_follows_each_time() {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut month = Computed::of(&place, &cases, "02-monthly-grades-losses").await.unwrap();
    let cycle = month.cycle().to_owned();
    let hr = month.sign_in("PLAY-HR").await.unwrap();

    // 3. What happened is on record with its loss, and who recorded it.
    let recorded = hr.get(&format!("/v1/cycles/{cycle}/entries?subject=person:E3")).await.unwrap();
    assert_eq!((text(&recorded, "/items/0/list"), text(&recorded, "/items/0/cells/loss")), ("incidents", "5000"));
    assert_eq!(text(&recorded, "/items/0/made_by"), "PLAY-HR");

    // 4. The head of the appraisal group adjusts one score, with a reason; whoever rated may not.
    let moves = format!("/v1/cycles/{cycle}/moves");
    let adjust = json!({ "moves": [{ "subject": "person:E3", "figure": "score", "by": "10", "reason": "事故因设备老化，责任减半" }] });
    assert!(month.sign_in("PLAY-BOSS").await.unwrap().post(&moves, adjust.clone()).await.is_err());
    let leader = month.sign_in("PLAY-BODY1").await.unwrap();
    let moved = leader.post(&moves, adjust).await.unwrap();
    assert_eq!((text(&moved, "/moves/0/from"), text(&moved, "/moves/0/moved_by")), ("80", "PLAY-BODY1"));
    eventually("it is computed anew", async || {
        let closing = hr.get(&format!("/v1/cycles/{cycle}/closing")).await.ok()?;
        (text(&closing, "/state") == "computed").then_some(())
    })
    .await;
    let mut month = month.publish().await.unwrap();
    let me = month.sign_in("E3").await.unwrap();
    let own = me.get("/v1/my/results").await.unwrap();
    assert_eq!((text(&own, "/items/0/score"), text(&own, "/items/0/grade")), ("90", "a"));
    let explained =
        me.get(&format!("/v1/results/{}/explanation?locale=zh-CN", text(&own, "/items/0/id"))).await.unwrap();
    assert!(text(&explained, "/text").contains("从 80 调整为 90：事故因设备老化，责任减半"), "{explained}");
    let pay_of = async |month: &player::Published, number: &str| {
        let feed = month.feed().await.unwrap();
        let last = feed.iter().rfind(|statement| text(statement, "/number") == number).cloned();
        last.map(|statement| text(&statement, "/components/performance_pay").to_owned()).unwrap_or_default()
    };
    assert_eq!(pay_of(&month, "E3").await, "3000.00");

    // 5. Every person is interviewed; what was agreed on becomes a goal of the next month's plan without typing it again.
    let boss = month.sign_in("PLAY-BOSS").await.unwrap();
    let interviews = format!("/v1/cycles/{cycle}/interviews?limit=100");
    let talks = eventually("everybody is to be interviewed", async || {
        let talks = boss.get(&interviews).await.ok()?;
        let open = list(&talks, "/items").iter().filter(|one| !list(one, "/interviews").is_empty()).count();
        (open == 6).then_some(talks)
    })
    .await;
    let of_e3 = list(&talks, "/items").iter().find(|one| text(one, "/number") == "E3").unwrap();
    let record = json!({ "held_on": "2026-09-28", "notes": "设备由公司更换，点检由本人每日完成",
        "goals": [{ "title": "每日点检并登记", "measure": "点检表" }] });
    boss.post(&format!("/v1/interviews/{}/record", text(of_e3, "/interviews/0/id")), record).await.unwrap();
    let plan = eventually("the goal is in the next plan", async || {
        let plans = me.get("/v1/plans?limit=100").await.ok()?;
        list(&plans, "/items").iter().find(|plan| text(plan, "/period") == "2026-11").cloned()
    })
    .await;
    assert_eq!(text(&plan, "/goals/0/title"), "每日点检并登记", "{plan}");

    // 7. One goes one level up within the week, and changes score, share and pay; one comes on day 8 and is refused.
    system.clock.move_to("2026-10-05T02:00:00Z".parse().unwrap());
    let address = "number,name,unit,category,superior,hired_on,left_on,email,position,dotted_superior,locale
E4,E4,SHOP,staff,PLAY-BOSS,,,e4@company.example,,,zh-CN\n";
    let people = "/v1/imports?kind=employees&effective_on=2026-10-05";
    let hr = month.sign_in("PLAY-HR").await.unwrap();
    hr.post_file(people, "text/csv", address.as_bytes().to_vec()).await.unwrap();
    let me = month.sign_in("E4").await.unwrap();
    let appeal = Appeal::file(&me, json!({ "cycle": cycle, "about": "result", "grounds": "损失已由保险赔付" })).await;
    let case = appeal.read(&me).await;
    assert_eq!((text(&case, "/filed_on"), text(&case, "/respond_by")), ("2026-10-05", "2026-10-12"));
    let boss = month.sign_in("PLAY-BOSS").await.unwrap();
    assert!(boss.get(&appeal.path).await.is_err(), "the superior is not a level");
    let remedy = json!({ "changes": [{ "path": "/incidents/0/loss", "value": "1500" }] });
    let upheld = json!({ "verdict": "upheld_in_part", "reason": "按实际损失计", "remedy": remedy });
    appeal.decide(&month.sign_in("PLAY-TOP").await.unwrap(), upheld).await.unwrap();
    let case = appeal.remedied(&me).await;
    assert_eq!((text(&case, "/results/0/score"), text(&case, "/results/0/grade")), ("90", "a"), "{case}");
    let difference = eventually("payroll gets the difference", async || {
        let feed = month.feed().await.ok()?;
        feed.into_iter().find(|one| text(one, "/kind") == "correction" && text(one, "/number") == "E4")
    })
    .await;
    assert_eq!(text(&difference, "/difference/performance_pay"), "600.00");
    eventually("the decision is told", async || (mails(&system, "e4@", "按实际损失计") >= 1).then_some(())).await;
    system.clock.move_to("2026-10-06T02:00:00Z".parse().unwrap());
    let late = month.sign_in("E5").await.unwrap();
    let refused = late.post("/v1/appeals", json!({ "cycle": cycle, "about": "result", "grounds": "x" })).await;
    assert!(refused.is_err(), "on day 8: {refused:?}");
    system.stop().await;
}
