//! Policy 8: four categories, monthly and half-yearly.

use std::path::Path;

use player::api::{Api, list, text};

use player::{Computed, Place, Published};
use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::{Appeal, seat};
use tests::system::{BOOTSTRAP_TOKEN, System};

async fn month(system: &System) -> Published {
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    Published::of(&place, &cases, "08-four-categories-month").await.unwrap()
}

/// Signs somebody's sheet in the step that waits for the caller.
async fn agree(who: &Api, cycle: &str, subject: &str) -> Value {
    let steps = who.get(&format!("/v1/planning/steps?cycle={cycle}&limit=100")).await.unwrap();
    let step = list(&steps, "/items").iter().find(|step| {
        text(step, "/subject") == subject && list(step, "/actions").iter().any(|action| action == "decide_plan")
    });
    let path = format!("/v1/planning/steps/{}/decision", text(step.expect("a step"), "/id"));
    who.post(&path, json!({ "verdict": "approved" })).await.unwrap()
}

/// Story 8: a talk, HR with the superior's department, the group; but for the breach, and for what is proposed.
#[actix_web::test]
async fn given_a_month_when_appealed_against_then_it_goes_from_the_talk_to_hr_to_the_group_whose_decision_is_paid() {
    let system = System::start().await;
    let mut company = month(&system).await;
    let hr = company.import().await.unwrap();
    let group = [("PLAY-EXEC", None), ("PLAY-FIN", None), ("PLAY-BOSS", None), ("PLAY-LEAD", Some("staff"))];
    seat(&hr, "appraisal_group", &group).await;
    let me = company.sign_in("E3").await.unwrap();
    // No term for filing; answered within 7 days.
    let body = json!({ "cycle": company.cycle, "about": "rating", "place": "/items/kpi/superior", "grounds": "关键指标已完成" });
    let appeal = Appeal::file(&me, body).await;
    let case = appeal.read(&me).await;
    assert_eq!((text(&case, "/filed_on"), text(&case, "/respond_by")), ("2026-09-28", "2026-10-05"));

    // The talk.
    let boss = company.sign_in("PLAY-BOSS").await.unwrap();
    appeal.decide(&boss, json!({ "verdict": "refused", "reason": "按记录评分" })).await.unwrap();
    appeal.decide(&me, json!({ "verdict": "next_level", "reason": "记录不全" })).await.unwrap();
    // HR and the head of the superior's department, together.
    let refused = json!({ "verdict": "refused", "reason": "复核后维持" });
    appeal.decide(&company.sign_in("PLAY-HR").await.unwrap(), refused.clone()).await.unwrap();
    let answered = appeal.decide(&company.sign_in("PLAY-HEAD").await.unwrap(), refused).await.unwrap();
    assert_eq!(text(&answered, "/state"), "answered");
    // Still disputed: the group, in which whoever rated withdraws and the seat is filled.
    let carried = me.post(&format!("{}/next-level", appeal.path), json!({})).await.unwrap();
    let panel = list(&carried, "/levels/2/panel");
    let withdrew: Vec<&Value> = panel.iter().filter(|one| one["withdrew_why"].is_string()).collect();
    assert_eq!((panel.len(), text(withdrew[0], "/number")), (4, "PLAY-BOSS"));
    let step = appeal.step(&me).await;
    let members = json!({ "members": [
        { "number": "PLAY-EXEC" }, { "number": "PLAY-FIN" }, { "number": "PLAY-LEAD", "represents": "staff" },
        { "number": "PLAY-BOSS", "withdrew_why": "评分人" }, { "number": "PLAY-TOP", "fills": "PLAY-BOSS" }] });
    company.sign_in("PLAY-HR").await.unwrap().put(&format!("/v1/appeals/steps/{step}/panel"), members).await.unwrap();
    // Who sits in it reads the result and how it came about, as long as they decide.
    let results = company
        .sign_in("PLAY-HR")
        .await
        .unwrap()
        .get(&format!("/v1/cycles/{}/results?kind=person", company.cycle))
        .await
        .unwrap();
    let result = list(&results, "/items").iter().find(|one| text(one, "/number") == "E3").unwrap();
    let explained = format!("/v1/results/{}/explanation", text(result, "/id"));
    let member = company.sign_in("PLAY-FIN").await.unwrap();
    eventually("the panel reads it", async || member.get(&explained).await.ok()).await;
    let remedy = json!({ "changes": [{ "path": "/items/kpi/superior", "value": "70" }] });
    let decision = |present: Value| {
        let session = json!({ "held_on": "2026-09-28", "present": present, "votes": { "for": 2, "against": 1 }, "minutes": "双方到会" });
        json!({ "verdict": "upheld", "reason": "关键指标记录有误", "remedy": remedy, "session": session })
    };
    let top = company.sign_in("PLAY-TOP").await.unwrap();
    let even = appeal.decide(&top, decision(json!(["PLAY-TOP", "PLAY-EXEC", "PLAY-FIN", "PLAY-LEAD"]))).await;
    assert!(even.is_err(), "three to seven, and odd: {even:?}");
    let without_staff = appeal.decide(&top, decision(json!(["PLAY-TOP", "PLAY-EXEC", "PLAY-FIN"]))).await;
    assert!(without_staff.is_err(), "staff representatives among them: {without_staff:?}");
    appeal.decide(&top, decision(json!(["PLAY-TOP", "PLAY-EXEC", "PLAY-LEAD"]))).await.unwrap();

    let case = appeal.remedied(&me).await;
    assert_eq!(
        (text(&case, "/state"), text(&case, "/results/0/score"), text(&case, "/results/1/score")),
        ("decided", "72.8", "66.4")
    );
    eventually("it is decided, and no longer theirs to read", async || {
        member.get(&explained).await.is_err().then_some(())
    })
    .await;
    let correction = eventually("the difference is paid", async || {
        company.feed().await.unwrap().into_iter().find(|statement| text(statement, "/kind") == "correction")
    })
    .await;
    assert_eq!(correction["components"], json!({ "performance_pay": "1456.00" }));
    assert_eq!(correction["difference"], json!({ "performance_pay": "128.00" }));
    system.stop().await;
}

/// Step 4: the report on duties of category A, what HR and the head verify together and send back, and a sheet that is changed
/// in mid-month.
#[actix_web::test]
async fn given_a_month_when_verified_then_a_report_is_there_one_is_sent_back_and_it_is_plain_which_sheet_counts() {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut month = Computed::of(&place, &cases, "08-four-categories-month").await.unwrap();
    let cycle = month.cycle().to_owned();
    let (hr, me) = (month.sign_in("PLAY-HR").await.unwrap(), month.sign_in("E1").await.unwrap());

    // Category A rates itself with a report on its duties; nobody else has one.
    let reports = hr.get(&format!("/v1/reports?cycle={cycle}")).await.unwrap();
    let about: Vec<&str> = list(&reports, "/items").iter().map(|one| text(one, "/subject")).collect();
    assert_eq!(about, ["person:E1"]);
    let path = format!("/v1/reports/{}", text(&reports, "/items/0/id"));
    let answers = json!({ "answers": { "duties": "完成三项改善", "management": "推行看板" } });
    me.replace(&path, "", answers).await.unwrap();
    me.post(&format!("{path}/hand-in"), json!({})).await.unwrap();
    let boss = month.sign_in("PLAY-BOSS").await.unwrap();
    let read = boss.get(&path).await.unwrap();
    assert_eq!((text(&read, "/state"), text(&read, "/fields/0/answer")), ("done", "完成三项改善"), "raters see it");

    // On the 4th the leading group verifies category A, HR with the head the others; one is sent back to the superior, and
    // everything is computed anew.
    let asked = async |hr: &Api| {
        let path = format!("/v1/cycles/{cycle}/approvals?open=true");
        list(&hr.get(&path).await.unwrap(), "/items").to_vec()
    };
    let steps = asked(&hr).await;
    let step = |stage: &str| steps.iter().find(|step| text(step, "/stage") == stage).unwrap();
    let (managers, others) = (step("verify_managers"), step("verify"));
    assert_eq!((&managers["categories"], &managers["waiting"]), (&json!(["A"]), &json!(["body:leading_group"])));
    assert_eq!((&others["categories"], list(others, "/waiting").len()), (&json!(["B", "C", "D"]), 2));
    seat(&month.import().await.unwrap(), "leading_group", &[("PLAY-EXEC", None), ("PLAY-TOP", None)]).await;
    let (verify, lead) = (format!("/v1/scoring/steps/{}/decision", text(others, "/id")), text(managers, "/id"));
    let top = month.sign_in("PLAY-TOP").await.unwrap();
    let seen = eventually("the group sees whom it verifies", async || {
        let seen = top.get(&format!("/v1/cycles/{cycle}/results?limit=100")).await.ok()?;
        (!list(&seen, "/items").is_empty()).then_some(seen)
    })
    .await;
    let seen: Vec<&str> = list(&seen, "/items").iter().map(|one| text(one, "/subject")).collect();
    assert_eq!(seen, ["person:E1"]);
    let session = json!({ "held_on": "2026-09-28", "present": ["PLAY-TOP", "PLAY-EXEC"], "minutes": "述职后复核" });
    let verified = json!({ "verdict": "approved", "session": session });
    top.post(&format!("/v1/scoring/steps/{lead}/decision"), verified).await.unwrap();
    let back = |whom: &str| json!({ "verdict": "returned", "reason": "上级满意度与记录不符", "subjects": [whom] });
    let not_theirs = hr.post(&verify, back("person:E1")).await.unwrap_err();
    assert!(not_theirs.to_string().contains("this step is not about it"), "{not_theirs}");
    hr.post(&verify, back("person:E2")).await.unwrap();
    let told = async || {
        let mails = month.import().await.ok()?.get("/v1/mails?recipient=PLAY-BOSS&limit=100").await.ok()?;
        let kinds: Vec<&str> = list(&mails, "/items").iter().map(|mail| text(mail, "/kind")).collect();
        kinds.contains(&"sent_back").then_some(())
    };
    eventually("the superior is told at once", told).await;
    let rating = json!({ "ratings": [
        { "subject": "person:E2", "item": "superior_satisfaction", "input": "superior", "value": "9" }] });
    boss.post(&format!("/v1/cycles/{cycle}/ratings"), rating).await.unwrap();
    boss.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();

    // A goal of E3 changes in mid-month, with consent: both sheets are kept, and the API says which counts.
    let sheet = format!("/v1/cycles/{cycle}/sheets/person:E3");
    let rows = json!({ "reason": "与本人商定", "rows": [{ "place": "kpi", "title": "按期交付", "weight": "75" }] });
    let changed = hr.put(&format!("{sheet}/rows"), rows).await.unwrap();
    assert_eq!((&changed["edition"], text(&changed, "/state")), (&json!(2), "proposed"));
    assert_eq!((text(&changed, "/before/0/state"), &changed["before"][0]["edition"]), ("superseded", &json!(1)));
    // It counts once both have signed it; what they signed is one and the same.
    let theirs = month.sign_in("E3").await.unwrap();
    let first = agree(&boss, &cycle, "person:E3").await;
    let second = agree(&theirs, &cycle, "person:E3").await;
    assert_eq!(hr.get(&sheet).await.unwrap()["state"], "settled");
    let signed = |step: &Value| text(step, "/decisions/0/sha256").to_owned();
    assert_eq!((signed(&first).len(), signed(&first)), (64, signed(&second)));
    system.stop().await;
}

/// Step 4: whoever declines to rate themselves twice running is unqualified, whatever the score.
#[actix_web::test]
async fn given_somebody_who_declined_in_the_month_before_when_they_decline_again_then_they_are_unqualified() {
    let system = System::start().await;
    let mut company = month(&system).await;
    let hr = company.sign_in("PLAY-HR").await.unwrap();
    let first = hr.get(&format!("/v1/cycles/{}/results?kind=person&limit=100", company.cycle)).await.unwrap();
    let e3 = list(&first, "/items").iter().find(|one| text(one, "/number") == "E3").unwrap();
    assert_eq!((text(e3, "/score"), text(e3, "/grade")), ("66.4", "poor"));

    let opening =
        json!({ "scheme": "four-categories", "cadence": "monthly", "period": "2026-11", "subjects": ["person:E3"] });
    let cycle = text(&hr.post("/v1/cycles", opening).await.unwrap(), "/id").to_owned();
    hr.post(&format!("/v1/cycles/{cycle}/sheets/settle"), json!({})).await.unwrap();
    let (boss, me) = (company.sign_in("PLAY-BOSS").await.unwrap(), company.sign_in("E3").await.unwrap());
    agree(&boss, &cycle, "person:E3").await;
    agree(&me, &cycle, "person:E3").await;
    let form = eventually("the form is there", async || {
        let forms = hr.get(&format!("/v1/cycles/{cycle}/assignments?subject=person:E3")).await.ok()?;
        let own = list(&forms, "/items").iter().find(|form| text(form, "/column") == "self")?;
        Some(format!("/v1/assignments/{}", text(own, "/id")))
    })
    .await;
    me.post(&format!("{form}/decline"), json!({ "reason": "仍不自评" })).await.unwrap();
    let points = [("kpi", "72"), ("superior_satisfaction", "12"), ("partner_satisfaction", "12")];
    let ratings: Vec<Value> = points
        .iter()
        .map(|(item, value)| json!({ "number": "E3", "item": item, "input": "superior", "value": value }))
        .collect();
    boss.post(&format!("/v1/cycles/{cycle}/ratings"), json!({ "ratings": ratings })).await.unwrap();
    boss.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();
    hr.post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.unwrap();
    let result = eventually("the month is computed", async || {
        let results = hr.get(&format!("/v1/cycles/{cycle}/results?kind=person")).await.ok()?;
        list(&results, "/items").first().cloned()
    })
    .await;
    // 80 % of 96 would be qualified by itself.
    assert_eq!((text(&result, "/score"), text(&result, "/grade")), ("76.8", "unqualified"));
    let facts = hr.get(&format!("/v1/cycles/{cycle}/facts?subject=person:E3")).await.unwrap();
    let derived = |name: &str| {
        list(&facts, "/items").iter().find(|fact| text(fact, "/path") == name).unwrap()["value"] == json!(true)
    };
    assert!(derived("fact.self_declined") && derived("fact.self_declined_before"));
    system.stop().await;
}

/// Story 8, its end: one result is proven unfair, annulled, and redone by others on another edition of the sheet.
#[actix_web::test]
async fn given_a_result_that_was_given_unfairly_when_annulled_then_others_rate_anew_and_the_difference_is_paid() {
    let system = System::start().await;
    let mut company = month(&system).await;
    let me = company.sign_in("E3").await.unwrap();
    let body =
        json!({ "cycle": company.cycle, "about": "rating", "place": "/items/kpi/superior", "grounds": "评分有失公正" });
    let appeal = Appeal::file(&me, body).await;
    appeal.decide(&me, json!({ "verdict": "next_level", "reason": "面谈未果" })).await.unwrap();
    let (hr, head) = (company.sign_in("PLAY-HR").await.unwrap(), company.sign_in("PLAY-HEAD").await.unwrap());
    let upheld = |by: &str| {
        let redo = json!({ "redo": { "raters": [{ "column": "superior", "by": by }] } });
        json!({ "verdict": "upheld", "reason": "挟私评分，经查属实", "remedy": redo })
    };
    let unfair = appeal.decide(&hr, upheld("PLAY-BOSS")).await.unwrap_err();
    assert!(unfair.to_string().contains("is concerned"), "{unfair}");
    appeal.decide(&hr, upheld("PLAY-EXEC")).await.unwrap();
    appeal.decide(&head, json!({ "verdict": "upheld", "reason": "挟私评分，复核属实" })).await.unwrap();

    // Until it is redone it stays readable, and says that it counts no more.
    let cycle = company.cycle.clone();
    let results = hr.get(&format!("/v1/cycles/{cycle}/results?kind=person")).await.unwrap();
    let result = list(&results, "/items").iter().find(|one| text(one, "/number") == "E3").unwrap();
    let result = format!("/v1/results/{}", text(result, "/id"));
    let own = async |field: &'static str| me.get(&result).await.ok()?.get(field).cloned();
    let annulled = async || own("annulled_why").await.filter(|why| *why == "挟私评分，复核属实");
    eventually("it is annulled", annulled).await;
    assert_eq!(own("score").await, Some(json!("66.4")));

    // Somebody else has the task and rates; the sheet that counts is another one of the same rows.
    let other = company.sign_in("PLAY-EXEC").await.unwrap();
    let task = eventually("it is a task", async || {
        let tasks = other.get(&format!("/v1/my/tasks?cycle={}", company.cycle)).await.ok()?;
        list(&tasks, "/items").iter().find(|task| task["operation"] == "enter_ratings").cloned()
    })
    .await;
    assert_eq!(text(&task, "/due"), "2026-10-05", "seven days, as for an answer");
    let sheet = hr.get(&format!("/v1/cycles/{}/sheets/person:E3", company.cycle)).await.unwrap();
    assert_eq!((&sheet["edition"], text(&sheet, "/before/0/state")), (&json!(2), "annulled"));
    let points = [("kpi", "70"), ("superior_satisfaction", "11"), ("partner_satisfaction", "10")];
    let ratings: Vec<Value> = points
        .iter()
        .map(|(item, value)| json!({ "number": "E3", "item": item, "input": "superior", "value": value }))
        .collect();
    other.post(text(&task, "/path"), json!({ "ratings": ratings })).await.unwrap();
    other.post(&format!("{}/submit", text(&task, "/path")), json!({})).await.unwrap();

    let case = appeal.remedied(&me).await;
    assert_eq!((text(&case, "/results/0/score"), text(&case, "/results/1/score")), ("72.8", "66.4"));
    assert_eq!((own("score").await, own("annulled_at").await), (Some(json!("72.8")), Some(Value::Null)));
    let correction = eventually("the difference is paid", async || {
        company.feed().await.unwrap().into_iter().find(|statement| text(statement, "/kind") == "correction")
    })
    .await;
    assert_eq!(correction["difference"], json!({ "performance_pay": "128.00" }));
    eventually("it is no task any more", async || {
        let tasks = other.get(&format!("/v1/my/tasks?cycle={}", company.cycle)).await.ok()?;
        list(&tasks, "/items").iter().all(|task| task["operation"] != "enter_ratings").then_some(())
    })
    .await;
    system.stop().await;
}
