//! Policy 11: quarterly coefficients.

use std::path::Path;

use player::api::{Api, list, text};
use player::{Computed, Place, Published};
use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::{Appeal, seat};
use tests::paying;
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
    // HR draws up the list, a leader of the company approves it, and only then payroll sees it (2).
    let list_of_hr = paying::approve(&company.sign_in("PLAY-HR").await.unwrap(), &cycle).await.1;
    assert_eq!(text(&list_of_hr, "/state"), "open");
    assert!(company.feed().await.unwrap().iter().all(|statement| text(statement, "/kind") == "original"));
    paying::approve(&company.sign_in("PLAY-EXEC").await.unwrap(), &cycle).await;
    let correction = eventually("what is left changes", async || {
        company.feed().await.unwrap().into_iter().find(|statement| text(statement, "/kind") == "correction")
    })
    .await;
    assert!(!text(&correction, "/difference/settlement").starts_with('-'), "{correction}");
    system.stop().await;
}

/// HR of nobody, whose token is fresh.
async fn import_again(company: &Computed) -> Api {
    company.import().await.unwrap()
}

/// Records what a body decides about a plan.
async fn decided(who: &Api, present: &[&str], plan: &str, verdict: &str) -> Value {
    let plan = who.get(plan).await.unwrap();
    let step = list(&plan, "/steps").iter().find(|step| text(step, "/state") == "open");
    let step = step.unwrap_or_else(|| panic!("nothing to decide: {plan}"));
    let held_on = text(step, "/opened_on");
    let session = json!({ "held_on": held_on, "present": present, "minutes": "逐项讨论" });
    let decision = json!({ "verdict": verdict, "session": session });
    who.post(&format!("/v1/planning/steps/{}/decision", text(step, "/id")), decision).await.unwrap()
}

/// The head and then the person sign S1's sheet; the hash of what both signed.
async fn signed_by_both(cycle: &str, head: &Api, me: &Api) -> String {
    let mut hashes = Vec::new();
    for who in [head, me] {
        let path = format!("/v1/planning/steps?cycle={cycle}&limit=100");
        let step = eventually("the sheet is to be signed", async || {
            let waiting = who.get(&path).await.ok()?;
            let mine = |step: &&Value| text(step, "/subject") == "person:S1" && !list(step, "/actions").is_empty();
            list(&waiting, "/items").iter().find(mine).cloned()
        })
        .await;
        let path = format!("/v1/planning/steps/{}/decision", text(&step, "/id"));
        let signed = who.post(&path, json!({ "verdict": "approved" })).await.unwrap();
        hashes.push(text(&signed, "/decisions/0/sha256").to_owned());
    }
    assert_eq!(hashes[0], hashes[1]);
    hashes.swap_remove(0)
}

/// Steps 1 and 3.
#[actix_web::test]
async fn given_a_year_when_plans_are_confirmed_changed_and_results_collected_late_then_the_group_says_what_it_costs() {
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let mut company = Computed::of(&place, &cases, "11-quarterly-coefficients-quarter").await.unwrap();
    let quarter = company.cycle().to_owned();
    let import = company.import().await.unwrap();
    seat(&import, "office", &[("PLAY-FIN", None)]).await;
    seat(&import, "leading_group", &[("PLAY-EXEC", None), ("PLAY-FIN", None), ("PLAY-TOP", None)]).await;

    // 1. A unit's plan for the year is confirmed with the office and by the group.
    let head = company.sign_in("PLAY-HEAD").await.unwrap();
    let goals = |share: &str, rest: &str| json!([{ "title": "系统可用率", "weight": share }, { "title": "项目按期", "weight": rest }]);
    let new = json!({ "scheme": "quarterly-coefficients", "subject": "unit:IT", "period": "2026", "goals": goals("60", "40") });
    let plan = format!("/v1/plans/{}", text(&head.post("/v1/plans", new).await.unwrap(), "/id"));
    head.post(&format!("{plan}/submit"), json!({})).await.unwrap();
    let office = eventually("the office sits", async || {
        let office = company.sign_in("PLAY-FIN").await.ok()?;
        let waiting = office.get("/v1/planning/steps").await.ok()?;
        (list(&waiting, "/items").len() == 1).then_some(office)
    })
    .await;
    // What waits about a plan that is no cycle's says to which scheme and year it belongs.
    let task = eventually("the office has it as a task", async || {
        let tasks = office.get("/v1/my/tasks").await.ok()?;
        list(&tasks, "/items").iter().find(|task| text(task, "/operation") == "decide_plan").cloned()
    })
    .await;
    assert_eq!((&task["cycle"], text(&task, "/period"), text(&task, "/about")), (&Value::Null, "2026", "unit:IT"));
    assert_eq!(text(&task, "/scheme_zh"), "季度考核与三级系数");
    decided(&office, &["PLAY-FIN"], &plan, "approved").await;
    decided(&office, &["PLAY-FIN", "PLAY-TOP"], &plan, "approved").await;
    let told = async || {
        let mails = company.import().await.ok()?.get("/v1/mails?recipient=PLAY-HEAD&limit=100").await.ok()?;
        let subject = |mail: &&Value| text(mail, "/kind") == "plan_decided" && text(mail, "/subject").contains("2026");
        list(&mails, "/items").iter().any(|mail| subject(&mail)).then_some(())
    };
    eventually("the head is mailed", told).await;
    let confirmed = head.get(&plan).await.unwrap();
    assert_eq!((text(&confirmed, "/state"), list(&confirmed, "/steps").len()), ("approved", 2));
    // In September, the third month of a quarter, a change is refused; in October the company decides about it.
    let change = json!({ "goals": goals("50", "50"), "reason": "新增项目" });
    let late = head.post(&format!("{plan}/versions"), change.clone()).await.unwrap_err();
    assert!(late.to_string().contains("2026-07-31"), "{late}");
    system.clock.move_to("2026-10-09T02:00:00Z".parse().unwrap());
    let head = company.sign_in("PLAY-HEAD").await.unwrap();
    head.post(&format!("{plan}/versions"), change).await.unwrap();
    head.post(&format!("{plan}/submit"), json!({})).await.unwrap();
    let office = company.sign_in("PLAY-FIN").await.unwrap();
    decided(&office, &["PLAY-FIN"], &plan, "approved").await;
    decided(&office, &["PLAY-FIN", "PLAY-TOP"], &plan, "approved").await;
    let editions = head.get(&format!("{plan}/versions")).await.unwrap();
    assert_eq!((text(&editions, "/items/0/goals/0/weight"), text(&editions, "/items/1/goals/0/weight")), ("60", "50"));
    // The department's own sheet is made of its plan.
    let hr_now = company.sign_in("PLAY-HR").await.unwrap();
    let opening = json!({ "scheme": "quarterly-coefficients", "period": "2026-Q4" });
    let next = hr_now.post("/v1/cycles", opening).await.unwrap();
    let of_unit = hr_now.get(&format!("/v1/cycles/{}/sheets/unit:IT", text(&next, "/id"))).await.unwrap();
    let of_unit: Vec<(&str, &str)> =
        list(&of_unit, "/rows").iter().map(|row| (text(row, "/title"), text(row, "/weight"))).collect();
    assert_eq!(of_unit, [("系统可用率", "50"), ("项目按期", "50")]);
    // Whoever is in charge of it gives the points, row by row; until then they have its score to give.
    let next = text(&next, "/id").to_owned();
    let settle = format!("/v1/cycles/{next}/units/IT/sheets/settle");
    hr_now.post(&settle, json!({})).await.unwrap();
    let unit = hr_now.get(&format!("/v1/cycles/{next}/subjects/unit:IT")).await.unwrap();
    let leader = company.sign_in(text(&unit, "/leader")).await.unwrap();
    let asked = async || {
        let tasks = leader.get(&format!("/v1/my/tasks?cycle={next}&limit=100")).await.ok()?;
        Some(list(&tasks, "/items").iter().any(|task| text(task, "/key") == "value/IT/score"))
    };
    eventually("the score is asked for", async || asked().await?.then_some(())).await;
    let points = |row: u32, value: &str| json!({ "subject": "unit:IT", "item": "goals", "row": row, "input": "superior", "value": value });
    let rated = json!({ "ratings": [points(0, "48"), points(1, "40")] });
    leader.post(&format!("/v1/cycles/{next}/ratings"), rated).await.unwrap();
    leader.post(&format!("/v1/cycles/{next}/ratings/submit"), json!({})).await.unwrap();
    eventually("its score is given", async || (!asked().await?).then_some(())).await;
    // Each head makes the person's sheet with them, and both sign; in the second month it is changed by agreement, and both
    // sign again: both are kept.
    let sheet = format!("/v1/cycles/{next}/sheets/person:S1");
    let rows = |first: &str, second: &str| {
        json!({ "reason": "与本人商定", "rows": [
            { "place": "work", "title": "机房改造", "weight": first }, { "place": "work", "title": "培训", "weight": second }] })
    };
    let refused = head.put(&format!("{sheet}/rows"), rows("70", "20")).await;
    assert!(refused.is_err(), "rows sum to 100: {refused:?}");
    head.put(&format!("{sheet}/rows"), rows("70", "30")).await.unwrap();
    hr_now.post(&settle, json!({})).await.unwrap();
    let me = company.sign_in("S1").await.unwrap();
    let first = signed_by_both(&next, &head, &me).await;
    assert_eq!(text(&me.get(&sheet).await.unwrap(), "/state"), "settled");
    system.clock.move_to("2026-11-10T02:00:00Z".parse().unwrap());
    let head = company.sign_in("PLAY-HEAD").await.unwrap();
    let changed = head.put(&format!("{sheet}/rows"), rows("40", "60")).await.unwrap();
    assert_eq!((text(&changed, "/state"), text(&changed, "/rows/0/weight")), ("proposed", "40"));
    let me = company.sign_in("S1").await.unwrap();
    let second = signed_by_both(&next, &head, &me).await;
    assert!(first != second && first.len() == 64, "each signed exactly what it said: {first} {second}");
    let agreed = me.get(&sheet).await.unwrap();
    let editions: Vec<&str> = list(&agreed, "/before").iter().map(|one| text(one, "/state")).collect();
    assert_eq!((text(&agreed, "/state"), editions), ("settled", vec!["superseded"]), "{agreed}");

    // 3. Somebody else leads the unit by now. Results were to be collected by 14 October. One comes in November: the system says whose head is late.
    let finding = async |company: &mut Computed| {
        let group = company.sign_in("PLAY-TOP").await.unwrap();
        let path = format!("/v1/cycles/{quarter}/fact-checks?open=true");
        list(&group.get(&path).await.unwrap(), "/items").to_vec()
    };
    assert!(finding(&mut company).await.is_empty());
    for (unit, number) in [("IT", "S2"), ("OPS", "S8")] {
        let head = json!({ "number": number });
        import_again(&company).await.replace(&format!("/v1/units/{unit}"), "/head", head).await.unwrap();
    }
    let hr_now = company.sign_in("PLAY-HR").await.unwrap();
    eventually("the heads are known", async || {
        for (member, head) in [("S1", "S2"), ("S7", "S8")] {
            let subject = hr_now.get(&format!("/v1/cycles/{quarter}/subjects/person:{member}")).await.ok()?;
            if text(&subject, "/head") != head {
                return None;
            }
        }
        Some(())
    })
    .await;
    let sheets = hr_now.get(&format!("/v1/sheets?cycle={quarter}&limit=100")).await.unwrap();
    let give_back = async |number: &str| {
        let subject = format!("person:{number}");
        let sheet = list(&sheets, "/items").iter().find(|one| text(one, "/subject") == subject).unwrap();
        let back = json!({ "column": "superior", "reason": "请复核" });
        hr_now.act(&format!("/v1/sheets/{}", text(sheet, "/id")), "/return", back).await.unwrap();
    };
    give_back("S1").await;
    let boss = company.sign_in("PLAY-BOSS").await.unwrap();
    boss.post(&format!("/v1/cycles/{quarter}/ratings/submit"), json!({})).await.unwrap();
    let late = finding(&mut company).await;
    let group = company.sign_in("PLAY-TOP").await.unwrap();
    let check = group.get(&format!("/v1/fact-checks/{}/facts", text(&late[0], "/id"))).await.unwrap();
    let whose: Vec<&str> = list(&check, "/items").iter().map(|one| text(one, "/subject")).collect();
    assert_eq!(whose, ["person:S2"], "{check}");
    let confirmed = json!({ "verdict": "approved" });
    group.post(&format!("/v1/fact-checks/{}/decision", text(&late[0], "/id")), confirmed).await.unwrap();
    let facts = hr_now.get(&format!("/v1/cycles/{quarter}/facts?subject=person:S2")).await.unwrap();
    let confirmed = list(&facts, "/items").iter().find(|one| text(one, "/path") == "fact.late").unwrap();
    assert_eq!((&confirmed["value"], text(confirmed, "/source")), (&json!(true), "derived"));
    // Another one is late for a special reason, which the group accepts: that is recorded, and costs nothing.
    give_back("S7").await;
    boss.post(&format!("/v1/cycles/{quarter}/ratings/submit"), json!({})).await.unwrap();
    let excused = finding(&mut company).await;
    let path = format!("/v1/fact-checks/{}", text(&excused[0], "/id"));
    let check = group.get(&format!("{path}/facts")).await.unwrap();
    assert_eq!(text(&check, "/items/0/subject"), "person:S8", "{check}");
    let accepted = json!({ "verdict": "returned", "reason": "机房停电三日，理由成立" });
    let recorded = group.post(&format!("{path}/decision"), accepted).await.unwrap();
    assert_eq!(
        (text(&recorded, "/state"), text(&recorded, "/decisions/0/reason")),
        ("returned", "机房停电三日，理由成立"),
        "{recorded}"
    );

    // The group approves in a session; then the settlements say what being late costs: 5 % of the entitlement.
    hr_now.post(&format!("/v1/cycles/{quarter}/close"), json!({})).await.unwrap();
    let step = eventually("the group is asked", async || {
        let open = hr_now.get(&format!("/v1/cycles/{quarter}/approvals?open=true")).await.ok()?;
        Some(text(list(&open, "/items").first()?, "/id").to_owned())
    })
    .await;
    let today = system.clock.today().to_string();
    let session = json!({ "held_on": today, "present": ["PLAY-EXEC", "PLAY-FIN", "PLAY-TOP"], "minutes": "逐人审议" });
    let approved = json!({ "verdict": "approved", "session": session });
    group.post(&format!("/v1/scoring/steps/{step}/decision"), approved).await.unwrap();
    let executive = company.sign_in("PLAY-EXEC").await.unwrap();
    executive.post(&format!("/v1/cycles/{quarter}/publish"), json!({})).await.unwrap();
    paying::approve(&hr_now, &quarter).await;
    paying::approve(&executive, &quarter).await;
    let finance = company.sign_in("PLAY-FIN").await.unwrap();
    let statements = finance.get(&format!("/v1/statements?cycle={quarter}&limit=100")).await.unwrap();
    let part = |number: &str, name: &str| {
        let statement = list(&statements, "/items").iter().find(|one| text(one, "/number") == number).unwrap();
        text(statement, &format!("/components/{name}")).to_owned()
    };
    assert_eq!((part("S2", "entitlement").as_str(), part("S2", "late_penalty").as_str()), ("7623.00", "381.15"));
    assert_eq!(part("S8", "late_penalty"), "0.00");
    system.stop().await;
}
