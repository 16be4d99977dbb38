//! Policy 2: monthly grades.

use std::path::Path;

use player::api::{list, text};
use player::{Computed, Place};
use serde_json::json;
use testkit::eventually;
use tests::appealing::{Appeal, mails};
use tests::paying;
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
    // One more comes with the report of it, which whoever scores reads, and nobody else's superior.
    let report = "/v1/scoring/documents?name=%E4%BA%8B%E6%95%85%E6%8A%A5%E5%91%8A.pdf";
    let report = hr.post_file(report, "application/pdf", b"%PDF-1.7 accident".to_vec()).await.unwrap();
    let incident = json!({ "entries": [{ "subject": "person:E3", "list": "incidents", "document": report["id"], "cells": { "loss": "900" } }] });
    hr.post(&format!("/v1/cycles/{cycle}/entries"), incident).await.unwrap();
    let recorded = hr.get(&format!("/v1/cycles/{cycle}/entries?subject=person:E3")).await.unwrap();
    let last = list(&recorded, "/items").last().unwrap();
    assert_eq!((text(last, "/cells/loss"), &last["document"]), ("900", &report["id"]));
    let taken_back = format!("/v1/entries/{}", text(last, "/id"));
    hr.delete(&taken_back).await.unwrap();
    hr.post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.unwrap();
    let computed = async || {
        let closing = hr.get(&format!("/v1/cycles/{cycle}/closing")).await.ok()?;
        (text(&closing, "/state") == "computed").then_some(())
    };
    eventually("it is computed again", computed).await;

    // 4. The head of the appraisal group adjusts one score, with a reason; whoever rated may not.
    let moves = format!("/v1/cycles/{cycle}/moves");
    let adjust = json!({ "moves": [{ "subject": "person:E3", "figure": "score", "by": "10", "reason": "事故因设备老化，责任减半" }] });
    assert!(month.sign_in("PLAY-BOSS").await.unwrap().post(&moves, adjust.clone()).await.is_err());
    let leader = month.sign_in("PLAY-BODY1").await.unwrap();
    let moved = leader.post(&moves, adjust).await.unwrap();
    assert_eq!((text(&moved, "/moves/0/from"), text(&moved, "/moves/0/moved_by")), ("80", "PLAY-BODY1"));
    eventually("it is computed anew", computed).await;
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
    // Payroll gets it once finance has approved the pay run (4).
    assert!(month.feed().await.unwrap().iter().all(|one| text(one, "/kind") == "original"));
    let (waiting, approved) = paying::approve(&month.sign_in("PLAY-FIN").await.unwrap(), &cycle).await;
    assert_eq!(text(&waiting, "/differences/CNY/performance_pay"), "600.00", "{waiting}");
    assert_eq!((&waiting["people"], text(&approved, "/state")), (&json!(1), "approved"));
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

/// Steps 1 and 2.
#[actix_web::test]
async fn given_the_next_month_when_opened_then_forms_pass_two_superiors_and_expectations_hold_once_both_confirm() {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut month = Computed::of(&place, &cases, "02-monthly-grades-losses").await.unwrap();
    let hr = month.sign_in("PLAY-HR").await.unwrap();

    // 1. The stages' dates are set by hand at opening.
    let days = |opens: &str, due: &str| json!({ "opens": opens, "due": due });
    let opening = json!({ "scheme": "monthly-grades", "period": "2026-11", "stages": {
        "plan": days("2026-10-28", "2026-10-30"), "expectations": days("2026-10-28", "2026-11-02"),
        "forms_of_heads": days("2026-10-30", "2026-11-03"), "forms_of_staff": days("2026-10-30", "2026-11-03"),
        "score": days("2026-12-01", "2026-12-03") } });
    let opened = hr.post("/v1/cycles", opening).await.unwrap();
    let cycle = text(&opened, "/id").to_owned();
    let dated = list(&opened, "/stages").iter().find(|stage| text(stage, "/code") == "forms_of_staff").unwrap();
    assert_eq!((text(dated, "/due"), text(dated, "/dated_by")), ("2026-11-03", "opening"));
    // HR drafts the forms; those of the department's own staff its head approves and the leader in charge. One is sent back.
    let goals = json!([{ "title": "良品率", "weight": "70" }, { "title": "点检", "weight": "30" }]);
    let numbers = ["E0", "E1", "E2", "E3", "E4", "E5"];
    let plans: Vec<_> = numbers.iter().map(|number| json!({ "number": number, "goals": goals })).collect();
    hr.put(&format!("/v1/cycles/{cycle}/plans"), json!({ "plans": plans })).await.unwrap();
    let superior = month.sign_in("PLAY-BOSS").await.unwrap();
    let subject = hr.get(&format!("/v1/cycles/{cycle}/subjects/person:E3")).await.unwrap();
    let head = month.sign_in(text(&subject, "/head")).await.unwrap();
    let leader = month.sign_in(text(&subject, "/leader")).await.unwrap();
    let asked = async |who: &player::api::Api| {
        let path = format!("/v1/planning/steps?cycle={cycle}&limit=100");
        list(&who.get(&path).await.unwrap(), "/items").to_vec()
    };
    let decide = async |who: &player::api::Api, step: &serde_json::Value, decision: serde_json::Value| {
        who.post(&format!("/v1/planning/steps/{}/decision", text(step, "/id")), decision).await.unwrap()
    };
    let approved = || json!({ "verdict": "approved" });
    for step in asked(&superior).await {
        decide(&superior, &step, approved()).await;
    }
    hr.post(&format!("/v1/cycles/{cycle}/sheets/settle"), json!({})).await.unwrap();
    assert!(asked(&leader).await.is_empty(), "the head comes first");
    for step in asked(&head).await {
        let is_e3 = text(&step, "/subject") == "person:E3";
        let back = json!({ "verdict": "returned", "reason": "点检应占一半" });
        decide(&head, &step, if is_e3 { back } else { approved() }).await;
    }
    let rows = json!({ "reason": "点检占一半", "rows": [
        { "place": "work", "title": "良品率", "weight": "50" }, { "place": "work", "title": "点检", "weight": "50" }] });
    let state = async |number: &str| {
        let sheet = hr.get(&format!("/v1/cycles/{cycle}/sheets/person:{number}")).await.unwrap();
        text(&sheet, "/state").to_owned()
    };
    assert_eq!((state("E3").await.as_str(), state("E1").await.as_str()), ("draft", "proposed"));
    hr.put(&format!("/v1/cycles/{cycle}/sheets/person:E3/rows"), rows).await.unwrap();
    hr.post(&format!("/v1/cycles/{cycle}/sheets/settle"), json!({})).await.unwrap();
    for who in [&head, &leader] {
        for step in asked(who).await {
            decide(who, &step, approved()).await;
        }
    }
    assert_eq!((state("E3").await.as_str(), state("E1").await.as_str()), ("settled", "settled"));

    // 2. Head and person talk over six topics; both confirm what was agreed before the work begins.
    let report = eventually("the talk is to be held", async || {
        let reports = superior.get(&format!("/v1/reports?cycle={cycle}&subject=person:E3")).await.ok()?;
        list(&reports, "/items").first().cloned()
    })
    .await;
    let path = format!("/v1/reports/{}", text(&report, "/id"));
    let codes: Vec<&str> = list(&report, "/fields").iter().map(|field| text(field, "/code")).collect();
    assert_eq!(codes, ["standards", "measures", "control_points", "support", "unexpected", "development"]);
    let answers = |words: &str| {
        let answers: serde_json::Map<_, _> = codes.iter().map(|code| ((*code).to_owned(), json!(words))).collect();
        json!({ "answers": answers })
    };
    superior.replace(&path, "", answers("按岗位标准")).await.unwrap();
    superior.post(&format!("{path}/hand-in"), json!({})).await.unwrap();
    let me = month.sign_in("E3").await.unwrap();
    let back = json!({ "verdict": "returned", "reason": "意外情况怎么办没有写" });
    me.post(&format!("{path}/decision"), back).await.unwrap();
    superior.replace(&path, "", answers("设备故障先停机，一小时内报告")).await.unwrap();
    superior.post(&format!("{path}/hand-in"), json!({})).await.unwrap();
    let agreed = me.post(&format!("{path}/decision"), approved()).await.unwrap();
    assert_eq!((text(&agreed, "/state"), text(&agreed, "/handed_in_by")), ("done", "PLAY-BOSS"));
    let said: Vec<&str> =
        list(&agreed, "/steps").iter().flat_map(|step| list(step, "/decisions")).map(|one| text(one, "/by")).collect();
    assert_eq!(said, ["PLAY-BOSS", "E3", "PLAY-BOSS", "E3"], "all of it stays");
    system.stop().await;
}
