//! Policy 6: sales staff.

use std::path::Path;

use player::api::{Api, list, text};
use player::{Computed, Place};
use serde_json::{Value, json};
use testkit::eventually;
use tests::system::{BOOTSTRAP_TOKEN, System};

/// What the superior gives and HR enters of a salesperson and a regional manager, in order.
const RATED: [(&str, &str, &str); 10] = [
    ("E1", "monthly_summary", "18"),
    ("E1", "monthly_plan", "17.5"),
    ("E1", "proposals", "15"),
    ("E1", "weekly_reviews", "9"),
    ("E1", "supervision", "8"),
    ("E2", "weekly_summary", "9"),
    ("E2", "weekly_plan", "10"),
    ("E2", "visit_records", "8"),
    ("E2", "market_feedback", "4"),
    ("E2", "quality_feedback", "5"),
];
const COUNTED: [(&str, &str, &str); 5] = [
    ("E1", "item.training.value", "1"),
    ("E2", "item.dealer_management.value", "0"),
    ("E2", "item.key_account_visits.value", "0"),
    ("E2", "item.promotion_review.value", "0"),
    ("E2", "item.vehicle.value", "0"),
];

async fn score_of(hr: &Api, cycle: &str, number: &str) -> String {
    let results = hr.get(&format!("/v1/cycles/{cycle}/results?kind=person&limit=100")).await.unwrap();
    let found = list(&results, "/items").iter().find(|one| text(one, "/number") == number);
    found.map(|one| text(one, "/score").to_owned()).unwrap_or_default()
}

async fn closed(hr: &Api, cycle: &str) {
    hr.post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.unwrap();
    eventually("it is computed", async || {
        let closing = hr.get(&format!("/v1/cycles/{cycle}/closing")).await.ok()?;
        (text(&closing, "/state") == "computed").then_some(())
    })
    .await;
}

/// Steps 1 to 4.
#[actix_web::test]
async fn given_a_month_of_duties_when_some_are_late_then_they_are_lapses_unless_struck_and_two_reviews_follow() {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut company = Computed::of(&place, &cases, "06-sales-monthly-three-sheets").await.unwrap();
    let hr = company.sign_in("PLAY-HR").await.unwrap();
    let opening = json!({ "scheme": "sales-monthly", "cadence": "monthly", "period": "2026-11",
        "subjects": ["person:E1", "person:E2"] });
    let cycle = text(&hr.post("/v1/cycles", opening).await.unwrap(), "/id").to_owned();

    // 1. The day of the weekly report is set; the others have the scheme's days.
    eventually("the duties are there", async || {
        let duties = hr.get(&format!("/v1/duties?cycle={cycle}&limit=100")).await.ok()?;
        (list(&duties, "/items").len() == 4).then_some(())
    })
    .await;
    let weekly = json!({ "duty": "weekly_report", "due": "2026-11-06", "weekly": true, "numbers": ["E2"] });
    let named = hr.post(&format!("/v1/cycles/{cycle}/duties"), weekly).await.unwrap();
    assert_eq!(named["named"], json!(4));
    // A summary is due five days after the promotion's end; a daily report on the day of the sale.
    for (code, due, what) in
        [("promotion_review", "2026-11-20", "十五日促销"), ("daily_report_late", "2026-11-18", "长沙经销商")]
    {
        let one = json!({ "duty": code, "due": due, "what": what, "numbers": ["E2"] });
        hr.post(&format!("/v1/cycles/{cycle}/duties"), one).await.unwrap();
    }
    let duty = async |who: &Api, code: &str| -> String {
        let duties = who.get(&format!("/v1/duties?cycle={cycle}&limit=100")).await.unwrap();
        let found = list(&duties, "/items").iter().find(|one| text(one, "/duty") == code).cloned();
        format!("/v1/duties/{}", text(&found.unwrap_or_default(), "/id"))
    };
    // The advertising plan is a day late, the promotion plan in time; nobody hands in the rebate forms.
    system.clock.move_to("2026-11-14T02:00:00Z".parse().unwrap());
    let me = company.sign_in("E2").await.unwrap();
    let tasks = eventually("the duties are in the list of tasks", async || {
        let tasks = me.get("/v1/my/tasks?limit=100").await.ok()?;
        let open = list(&tasks, "/items").iter().filter(|task| text(task, "/operation") == "do_duty").count();
        (open == 9).then_some(tasks)
    })
    .await;
    assert!(list(&tasks, "/items").iter().any(|task| task["overdue"] == true), "{tasks}");
    let late = me.post(&format!("{}/done", duty(&me, "ad_plan").await), json!({})).await.unwrap();
    let in_time = me.post(&format!("{}/done", duty(&me, "promotion_plan").await), json!({})).await.unwrap();
    assert_eq!((&late["late"], &in_time["late"]), (&json!(true), &json!(false)));
    // The summary comes two days late, and the daily report not at all.
    system.clock.move_to("2026-11-22T02:00:00Z".parse().unwrap());
    let me = company.sign_in("E2").await.unwrap();
    let late = me.post(&format!("{}/done", duty(&me, "promotion_review").await), json!({})).await.unwrap();
    assert_eq!(late["late"], json!(true));
    // The regional manager's monthly report comes a day after the 30th.
    system.clock.move_to("2026-12-01T02:00:00Z".parse().unwrap());
    let manager = company.sign_in("E1").await.unwrap();
    let reports = manager.get(&format!("/v1/reports?cycle={cycle}")).await.unwrap();
    let report = format!("/v1/reports/{}", text(&reports, "/items/0/id"));
    let answers = json!({ "answers": { "summary": "完成铺货", "plan": "走访二级市场" } });
    manager.replace(&report, "", answers).await.unwrap();
    let handed_in = manager.post(&format!("{report}/hand-in"), json!({})).await.unwrap();
    assert_eq!((text(&handed_in, "/state"), &handed_in["late"]), ("done", &json!(true)));

    // 2. The superior is away: somebody rates for them, with a trace.
    let boss = company.sign_in("PLAY-BOSS").await.unwrap();
    let away = json!({ "to": "PLAY-LEAD", "purpose": "rating", "from_on": "2026-12-01", "until_on": "2026-12-05", "reason": "出差" });
    boss.post("/v1/delegations", away).await.unwrap();
    let ratings: Vec<Value> = RATED
        .iter()
        .map(|(number, item, value)| {
            json!({ "subject": format!("person:{number}"), "item": item, "input": "superior", "value": value })
        })
        .collect();
    let delegate = eventually("the delegate may rate", async || {
        let delegate = company.sign_in("PLAY-LEAD").await.ok()?;
        let given = delegate.post(&format!("/v1/cycles/{cycle}/ratings"), json!({ "ratings": ratings })).await;
        given.inspect_err(|problem| eprintln!("not yet: {problem}")).ok().map(|_| delegate)
    })
    .await;
    delegate.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();
    let forms = company.sign_in("PLAY-HR").await.unwrap();
    let forms = forms.get(&format!("/v1/cycles/{cycle}/assignments?subject=person:E2")).await.unwrap();
    assert_eq!((text(&forms, "/items/0/rater"), text(&forms, "/items/0/acted_by")), ("person:PLAY-BOSS", "PLAY-LEAD"));

    // 4. Plan completion and the bonus come in one file from sales: it goes to scoring and to pay, each takes what is its own.
    let file = "工号,计划完成率,超计划奖金\nE1,0.8,0\nE2,1.3,712.25\n";
    let hr = company.sign_in("PLAY-HR").await.unwrap();
    let sales = hr.get("/v1/bodies/sales_planning").await.unwrap();
    let sales = company.sign_in(text(&sales, "/seats/0/number")).await.unwrap();
    let facts = format!("/v1/cycles/{cycle}/facts");
    let taken = sales.post_file(&facts, "text/csv", file.as_bytes().to_vec()).await.unwrap();
    assert_eq!(taken["facts"], json!(2), "{taken}");
    assert!(taken["notes"].to_string().contains("超计划奖金"), "{taken}");
    let import = company.import().await.unwrap();
    let paid = "/v1/imports?kind=pay&effective_on=2026-11-01";
    let paid = import.post_file(paid, "text/csv", file.as_bytes().to_vec()).await.unwrap();
    assert!(paid["notes"].to_string().contains("计划完成率"), "{paid}");
    let absences = "工号,缺勤天数,缺勤半天（按1天计）\nE1,0,0\nE2,0,0\n";
    hr.post_file(&facts, "text/csv", absences.as_bytes().to_vec()).await.unwrap();
    let counted: Vec<Value> = COUNTED
        .iter()
        .map(|(number, path, value)| json!({ "subject": format!("person:{number}"), "path": path, "value": value }))
        .collect();
    hr.post(&facts, json!({ "facts": counted })).await.unwrap();
    // Both count once the executive has checked them; who brought and who checked them stays to be seen.
    let vice = company.sign_in("PLAY-EXEC").await.unwrap();
    let checks = vice.get("/v1/profile-checks?open=true").await.unwrap();
    let check = &checks["items"][0];
    assert_eq!((list(&checks, "/items").len(), &check["waiting"]), (1, &paid["reported"]));
    let waits = import.get("/v1/pay-profiles/E2").await.unwrap();
    assert_eq!(waits["waiting"][0]["value"], "712.25");
    let path = format!("/v1/profile-checks/{}/decision", text(check, "/id"));
    let checked = vice.post(&path, json!({ "verdict": "approved" })).await.unwrap();
    assert_eq!(text(&checked, "/steps/0/decisions/0/by"), "PLAY-EXEC");
    let profile = import.get("/v1/pay-profiles/E2").await.unwrap();
    let newest = list(&profile, "/revisions").last().cloned().unwrap_or_default();
    assert_eq!(text(&newest, "/inputs/excess_bonus"), "712.25");
    let checks = vice.get(&format!("/v1/cycles/{cycle}/fact-checks?open=true")).await.unwrap();
    for check in list(&checks, "/items") {
        let path = format!("/v1/fact-checks/{}/decision", text(check, "/id"));
        vice.post(&path, json!({ "verdict": "approved" })).await.unwrap();
    }
    closed(&hr, &cycle).await;
    // A lapse of the advertising plan (2), one of the summary (2) and two of the dealers' (5 each) off; the monthly report's
    // 10 are gone.
    let before = score_of(&hr, &cycle, "E2").await;
    let boss = company.sign_in("PLAY-BOSS").await.unwrap();
    let rebate = duty(&boss, "rebate_form_late").await;
    boss.post(&format!("{rebate}/strike"), json!({ "reason": "当月无返利" })).await.unwrap();
    let daily = duty(&boss, "daily_report_late").await;
    boss.post(&format!("{daily}/strike"), json!({ "reason": "当日系统停机" })).await.unwrap();
    closed(&hr, &cycle).await;
    let after = score_of(&hr, &cycle, "E2").await;
    // 10 of 100 points, of which daily work is 70 %.
    assert_eq!((before.as_str(), after.as_str()), ("87.4", "94.4"));
    // 18 + 17.5 + 15 + 9 + 8 + 10 for training, nothing for timeliness: 77.5 of daily work, full attendance.
    assert_eq!(score_of(&hr, &cycle, "E1").await, "84.25");

    // 3. The sales vice president returns one sheet with a reason; then the second review, and it is published.
    let open = async |hr: &Api| {
        let asked = hr.get(&format!("/v1/cycles/{cycle}/approvals?open=true")).await.unwrap();
        list(&asked, "/items").first().cloned().unwrap_or_default()
    };
    let first = open(&hr).await;
    assert_eq!(text(&first, "/stage"), "first_review");
    let back = json!({ "verdict": "returned", "reason": "信息反馈评分偏低", "subjects": ["person:E2"] });
    vice.post(&format!("/v1/scoring/steps/{}/decision", text(&first, "/id")), back).await.unwrap();
    let better = json!({ "ratings": [
        { "subject": "person:E2", "item": "market_feedback", "input": "superior", "value": "5" }] });
    boss.post(&format!("/v1/cycles/{cycle}/ratings"), better).await.unwrap();
    boss.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();
    closed(&hr, &cycle).await;
    for (stage, who) in [("first_review", &vice), ("second_review", &hr)] {
        let step = open(&hr).await;
        assert_eq!(text(&step, "/stage"), stage);
        let path = format!("/v1/scoring/steps/{}/decision", text(&step, "/id"));
        who.post(&path, json!({ "verdict": "approved" })).await.unwrap();
    }
    vice.post(&format!("/v1/cycles/{cycle}/publish"), json!({})).await.unwrap();
    assert_eq!(score_of(&hr, &cycle, "E2").await, "95.1");
    system.stop().await;
}

/// Step 5.
#[actix_web::test]
async fn given_the_year_when_months_are_missing_then_they_are_listed_imported_or_left_out_and_the_rest_go_on() {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut company = Computed::of(&place, &cases, "06-sales-monthly-three-sheets").await.unwrap();
    let hr = company.sign_in("PLAY-HR").await.unwrap();
    let month = |number: &str, month: u8| {
        json!({ "subject": format!("person:{number}"), "scheme": "sales-monthly", "cadence": "monthly",
            "period": format!("2025-{month:02}"), "score": "80" })
    };
    let months = |number: &str, to: u8| (1..=to).map(|at| month(number, at)).collect::<Vec<_>>();
    let given = [months("E1", 12), months("E2", 11), months("E3", 5)].concat();
    hr.post("/v1/imports?kind=results", json!({ "results": given })).await.unwrap();
    let opening = json!({ "scheme": "sales-monthly", "cadence": "annual", "period": "2025" });
    let cycle = text(&hr.post("/v1/cycles", opening).await.unwrap(), "/id").to_owned();
    eventually("everybody is known", async || {
        let scoring = hr.get(&format!("/v1/cycles/{cycle}/scoring")).await.ok()?;
        (scoring["sheets"].as_u64()? >= 3).then_some(())
    })
    .await;
    closed(&hr, &cycle).await;
    let missing = hr.get(&format!("/v1/cycles/{cycle}/missing")).await.unwrap();
    let who: Vec<&str> = list(&missing, "/items").iter().map(|one| text(one, "/subject")).collect();
    assert_eq!(who, ["person:E2", "person:E3"]);
    assert!(missing["items"][0].to_string().contains("2025-12"), "{missing}");
    assert_eq!(score_of(&hr, &cycle, "E1").await, "80", "the rest go on");

    hr.post("/v1/imports?kind=results", json!({ "results": [month("E2", 12)] })).await.unwrap();
    let out = json!({ "reason": "年中入职，按月计" });
    hr.put(&format!("/v1/cycles/{cycle}/left-out/person:E3"), out).await.unwrap();
    closed(&hr, &cycle).await;
    let missing = hr.get(&format!("/v1/cycles/{cycle}/missing")).await.unwrap();
    assert_eq!(score_of(&hr, &cycle, "E2").await, "80", "{missing}");
    system.stop().await;
}
