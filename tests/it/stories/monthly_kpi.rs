//! Policy 1: monthly results. The policy itself knows no appeals; a company may add them.

use platform::Code;
use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::{Appeal, mails, seat};
use tests::month::{GOAL, Month, Size, person, template};
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
    let kpi = template(&month.hr, "monthly-kpi").await;
    month.hr.post("/v1/schemes", json!({ "source": with_appeals(&kpi) })).await.unwrap();
    month.appraise().await;
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

/// Decides in the step of planning that is open for somebody, about a plan or about sheets.
async fn decide(who: &Api, cycle: &str, about: &str, decision: Value) {
    let asked = eventually("it is asked", async || {
        let asked = who.get(&format!("/v1/planning/steps?cycle={cycle}&limit=100")).await.ok()?;
        let mine = |step: &&Value| text(step, "/subject") == about && !list(step, "/actions").is_empty();
        list(&asked, "/items").iter().find(mine).cloned()
    })
    .await;
    who.post(&format!("/v1/planning/steps/{}/decision", text(&asked, "/id")), decision).await.unwrap();
}

async fn plan_of(who: &Api, cycle: &str, subject: &str) -> String {
    let plans = who.get(&format!("/v1/plans?cycle={cycle}&limit=100")).await.unwrap();
    let of =
        |plan: &&Value| text(plan, "/number") == subject || text(plan, "/unit") == subject && plan["number"].is_null();
    format!("/v1/plans/{}", text(list(&plans, "/items").iter().find(of).unwrap(), "/id"))
}

async fn score_of(hr: &Api, cycle: &str, number: &str) -> Option<String> {
    let results = hr.get(&format!("/v1/cycles/{cycle}/results?kind=person&limit=100")).await.ok()?;
    let found = list(&results, "/items").iter().find(|one| text(one, "/number") == number)?;
    found["score"].as_str().map(str::to_owned)
}

async fn close(hr: &Api, cycle: &str) {
    hr.post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.unwrap();
    eventually("it is computed as far as it can be", async || {
        let closing = hr.get(&format!("/v1/cycles/{cycle}/closing")).await.ok()?;
        (text(&closing, "/state") == "computed").then_some(())
    })
    .await;
}

/// A company where finance has a deputy, F001, who is in charge of the first department.
async fn with_deputy(system: &System) -> Month {
    system.clock.move_to("2026-09-30T02:00:00Z".parse().unwrap());
    let mut month = Month::found(system, "acme", Size { units: 2, people_per_unit: 2 }).await;
    let import = month.sign_in(system, "import").await;
    let pay = b"number,base_salary\nM0000,20000.00\nM0001,20000.00\n".to_vec();
    import.post_file("/v1/imports?kind=pay&effective_on=2026-09-01", "text/csv", pay).await.unwrap();
    let leaders = json!({ "code": "leaders", "name": { "zh": "公司领导", "en": "leaders" } });
    month.hr.post("/v1/bodies", leaders).await.unwrap();
    let seats =
        json!({ "seats": [{ "number": "F001", "office": "leader", "in_charge": ["U0000"], "from_on": "2020-01-01" }] });
    month.hr.replace("/v1/bodies/leaders", "/seats", seats).await.unwrap();
    month.open().await;
    eventually("the deputy is known", async || {
        let unit = month.hr.get(&format!("/v1/cycles/{}/subjects/unit:U0000", month.cycle)).await.ok()?;
        (text(&unit, "/leader") == "F001").then_some(())
    })
    .await;
    month
}

/// Steps 1 to 6, but for the talks that nobody writes down.
#[actix_web::test]
async fn given_departments_when_planned_scored_signed_and_talked_over_then_a_managers_result_is_their_departments_score()
 {
    let system = System::start().await;
    let month = with_deputy(&system).await;
    let cycle = month.cycle.clone();
    let (hr, executive, deputy) = (month.hr.clone(), month.executive.clone(), month.finance.clone());
    let (head, other_head) = (month.head(0).clone(), month.head(1).clone());
    let (me, colleague) = (month.sign_in(&system, "e1").await, month.sign_in(&system, "e2").await);
    let (mine, theirs) = (person(0, 0), person(0, 1));

    // 1. Targets are handed down and broken down; each drafts a plan, the head returns one.
    let targets = format!("/v1/cycles/{cycle}/targets");
    let down = json!({ "to": { "unit": "U0000" }, "title": "故障减少三成" });
    executive.post(&targets, down).await.unwrap();
    let target = json!({ "to": { "employee": mine }, "title": "更换核心交换机", "due": "2026-10-20" });
    let target = head.post(&targets, target).await.unwrap();
    let goals = |first: &str, second: &str| {
        json!({ "goals": [{ "title": "更换交换机", "measure": "20日前完成", "weight": first, "target": target["id"] },
            { "title": "处理故障", "weight": second }] })
    };
    let plan = plan_of(&me, &cycle, &mine).await;
    me.replace(&plan, "", goals("50", "50")).await.unwrap();
    me.post(&format!("{plan}/submit"), json!({})).await.unwrap();
    let back = json!({ "verdict": "returned", "reason": "交换机更重要" });
    decide(&head, &cycle, &format!("person:{mine}"), back).await;
    eventually("the person is told why", async || (mails(&system, &mine, "交换机更重要") == 1).then_some(())).await;
    me.replace(&plan, "", goals("60", "40")).await.unwrap();
    me.post(&format!("{plan}/submit"), json!({})).await.unwrap();
    // It is the 30th, and a plan is on time: the task is late once plans are to be collected.
    let tasks = eventually("the plan is in the list of tasks", async || {
        let tasks = colleague.get("/v1/my/tasks").await.ok()?;
        (!list(&tasks, "/items").is_empty()).then_some(tasks)
    })
    .await;
    assert_eq!((text(&tasks, "/items/0/due"), &tasks["items"][0]["overdue"]), ("2026-09-30", &json!(false)));
    let plan = plan_of(&colleague, &cycle, &theirs).await;
    let own = json!({ "goals": [{ "title": "巡检机房", "weight": "100" }] });
    colleague.replace(&plan, "", own).await.unwrap();
    colleague.post(&format!("{plan}/submit"), json!({})).await.unwrap();
    head.post(&format!("/v1/cycles/{cycle}/units/U0000/plans/approve"), json!({})).await.unwrap();
    // The head collects them; the department's plan is what the head is measured by, and the deputy approves it.
    let plan = plan_of(&head, &cycle, "U0000").await;
    let of_unit =
        json!({ "goals": [{ "title": "故障减少三成", "weight": "70" }, { "title": "人员培训", "weight": "30" }] });
    head.replace(&plan, "", of_unit).await.unwrap();
    head.post(&format!("{plan}/submit"), json!({})).await.unwrap();
    decide(&deputy, &cycle, "unit:U0000", json!({ "verdict": "approved" })).await;
    assert_eq!(text(&hr.get(&plan).await.unwrap(), "/state"), "settled");
    let goals = json!([{ "title": "日常工作", "weight": "100" }]);
    let entered: Vec<Value> = (0..2).map(|at| json!({ "number": person(1, at), "goals": goals })).collect();
    hr.put(&format!("/v1/cycles/{cycle}/plans"), json!({ "plans": entered })).await.unwrap();
    other_head.post(&format!("/v1/cycles/{cycle}/units/U0001/plans/approve"), json!({})).await.unwrap();
    month.hand_in_unit_plan(&other_head, "U0001").await;
    month.decide_plans().await;

    // 2. The rows come from the plan; for another post HR writes them. The head confirms, the executive releases.
    let sheet = format!("/v1/cycles/{cycle}/sheets/person:{theirs}");
    let rows = json!({ "rows": [{ "place": "post_tasks", "title": "巡检机房", "weight": "25", "priority": 1 },
        { "place": "post_tasks", "title": "整理台账", "weight": "15" }] });
    hr.put(&format!("{sheet}/rows"), rows).await.unwrap();
    hr.post(&format!("/v1/cycles/{cycle}/sheets/settle"), json!({})).await.unwrap();
    assert_eq!(list(&hr.get(&sheet).await.unwrap(), "/rows").len(), 2, "what was written by hand stays");
    let planned = hr.get(&format!("/v1/cycles/{cycle}/sheets/person:{mine}")).await.unwrap();
    let weights: Vec<&str> = list(&planned, "/rows").iter().map(|row| text(row, "/weight")).collect();
    assert_eq!((weights, text(&planned, "/rows/0/due")), (vec!["24", "16"], "2026-10-20"));
    month.confirm_sheets().await;
    executive.post(&format!("/v1/cycles/{cycle}/release"), json!({})).await.unwrap();

    // 6. Managers are appraised beside: their rows are the goals of the department's plan. Until they are, the deputy has to
    // give the department's score by the 28th.
    let score_of_unit = async || {
        let tasks = deputy.get("/v1/my/tasks?limit=100").await.unwrap();
        let score = |task: &&Value| text(task, "/about") == "unit:U0000" && text(task, "/operation") == "enter_facts";
        list(&tasks, "/items").iter().find(score).map(|task| text(task, "/due").to_owned())
    };
    let due = eventually("the deputy has to give the score", score_of_unit).await;
    assert_eq!(due, "2026-10-28");
    let opening = json!({ "scheme": "monthly-kpi-managers", "period": "2026-10", "subjects": ["person:M0000"] });
    let managers = text(&hr.post("/v1/cycles", opening).await.unwrap(), "/id").to_owned();
    hr.post(&format!("/v1/cycles/{managers}/sheets/settle"), json!({})).await.unwrap();
    let of_manager = hr.get(&format!("/v1/cycles/{managers}/sheets/person:M0000")).await.unwrap();
    let titles: Vec<&str> = list(&of_manager, "/rows").iter().map(|row| text(row, "/title")).collect();
    assert_eq!(titles, ["故障减少三成", "人员培训"]);
    decide(&deputy, &managers, "unit:U0000", json!({ "verdict": "approved" })).await;
    let nobody = async || score_of_unit().await.is_none().then_some(());
    eventually("the score will be found in the manager's result", nobody).await;
    executive.post(&format!("/v1/cycles/{managers}/release"), json!({})).await.unwrap();

    // 3. Through the month notes are made; they stand beside the sheet.
    system.clock.move_to("2026-10-12T02:00:00Z".parse().unwrap());
    let head = month.sign_in(&system, "M0000").await;
    let slip = json!({ "subject": format!("person:{theirs}"), "about": "slip", "happened_on": "2026-10-11", "text": "漏检一次" });
    head.post("/v1/notes", slip).await.unwrap();
    let of_hr = json!({ "subject": format!("person:{theirs}"), "about": "good", "happened_on": "2026-10-10", "text": "带教新员工" });
    month.sign_in(&system, "hr").await.post("/v1/notes", of_hr).await.unwrap();
    let beside = async || {
        let notes = head.get(&format!("/v1/notes?subject=person:{theirs}")).await.ok()?;
        (list(&notes, "/items").len() == 2).then_some(())
    };
    eventually("whoever scores reads HR's notes, too", beside).await;

    // 4. Head and HR score; weighty points need an example, on rows too.
    system.clock.move_to("2026-10-27T02:00:00Z".parse().unwrap());
    let (head, other_head) = (month.sign_in(&system, "M0000").await, month.sign_in(&system, "M0001").await);
    let (hr, executive, deputy) = (
        month.sign_in(&system, "hr").await,
        month.sign_in(&system, "executive").await,
        month.sign_in(&system, "finance").await,
    );
    eventually("the sheets have arrived", async || {
        let scoring = hr.get(&format!("/v1/cycles/{cycle}/scoring")).await.ok()?;
        (scoring["sheets"].as_u64()? >= 4 && text(&scoring, "/state") == "open").then_some(())
    })
    .await;
    // The word guides stand beside the items, and rows say which comes first.
    let sheets = head.get(&format!("/v1/sheets?cycle={cycle}&q={theirs}")).await.unwrap();
    let sheet = head.get(&format!("/v1/sheets/{}", text(&sheets, "/items/0/id"))).await.unwrap();
    let item = |code: &str| list(&sheet, "/items").iter().find(|item| text(item, "/code") == code).cloned().unwrap();
    assert_eq!(text(&item("evaluation"), "/guidance/zh"), "看是否按时完成，以及完成的质量");
    assert_eq!(
        (item("post_tasks")["rows"][0]["priority"].as_i64(), item("faults")["off"].as_bool()),
        (Some(1), Some(true))
    );
    let rows_of = |number: &str, first: &str, second: Option<&str>, example: Option<&str>| -> Vec<Value> {
        let given = |item: &str, row: Option<u32>, value: &str| {
            let rating = json!({ "number": number, "item": item, "row": row, "input": "superior", "value": value });
            match example.filter(|_| row.is_some()) {
                Some(example) => {
                    json!({ "evidence": example, "number": number, "item": item, "row": row, "input": "superior", "value": value })
                }
                None => rating,
            }
        };
        let mut ratings = vec![given("post_tasks", Some(0), first)];
        ratings.extend(second.map(|second| given("post_tasks", Some(1), second)));
        ratings.extend(["execution", "potential", "appearance"].map(|item| given(item, None, "B")));
        ratings
    };
    let rate = async |who: &Api, ratings: Vec<Value>| {
        who.post(&format!("/v1/cycles/{cycle}/ratings"), json!({ "ratings": ratings })).await.unwrap();
    };
    rate(&head, rows_of(&mine, "22", Some("14.5"), None)).await;
    rate(&head, rows_of(&theirs, "2", Some("1.5"), Some("10月11日漏检"))).await;
    let lacking = head.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap_err();
    assert!(format!("{:?}", lacking.missing).contains(&mine), "{lacking:?}");
    rate(&head, rows_of(&mine, "22", Some("14.5"), Some("17日完成更换"))).await;
    head.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();
    for at in 0..2 {
        rate(&other_head, rows_of(&person(1, at), "34", None, Some("按期完成"))).await;
    }
    other_head.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();
    let everybody = [mine.clone(), theirs.clone(), person(1, 0), person(1, 1)];
    let conduct =
        |number: &str, value: &str| json!({ "number": number, "item": "conduct", "input": "hr", "value": value });
    let mut given: Vec<Value> = everybody.iter().map(|number| conduct(number, "2")).collect();
    given[2] = conduct(&everybody[2], "1.5");
    rate(&hr, given).await;
    // Below full points HR names the announcement.
    let lacking = hr.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap_err();
    assert!(format!("{:?}", lacking.missing).contains(&everybody[2]), "{lacking:?}");
    let mut named = conduct(&everybody[2], "1.5");
    named["evidence"] = json!("行政通报第12号");
    rate(&hr, vec![named]).await;
    hr.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.unwrap();
    let mut attendance = "subject,path,value\n".to_owned();
    for number in &everybody {
        attendance +=
            &format!("person:{number},item.attendance.actual,21\nperson:{number},item.attendance.expected,21\n");
    }
    let facts = format!("/v1/cycles/{cycle}/facts");
    hr.post_file(&facts, "text/csv", attendance.into_bytes()).await.unwrap();
    let of_other = json!({ "facts": [{ "subject": "unit:U0001", "path": "score", "value": "88" }] });
    executive.post(&facts, of_other).await.unwrap();

    // While the manager's result is missing the department's people are not computed, and nobody else waits.
    close(&hr, &cycle).await;
    let missing = hr.get(&format!("/v1/cycles/{cycle}/missing")).await.unwrap();
    let who: Vec<&str> = list(&missing, "/items").iter().map(|one| text(one, "/unit")).collect();
    assert!(!who.is_empty() && who.iter().all(|unit| *unit == "U0000"), "{missing}");
    assert_eq!(score_of(&hr, &cycle, &person(1, 0)).await.as_deref(), Some("86"));
    let rated = json!({ "ratings": [
        { "number": "M0000", "item": "unit_plan", "row": 0, "input": "superior", "value": "66", "evidence": "故障减少四成" },
        { "number": "M0000", "item": "unit_plan", "row": 1, "input": "superior", "value": "24", "evidence": "两期培训" }] });
    deputy.post(&format!("/v1/cycles/{managers}/ratings"), rated).await.unwrap();
    deputy.post(&format!("/v1/cycles/{managers}/ratings/submit"), json!({})).await.unwrap();
    close(&hr, &managers).await;
    executive.post(&format!("/v1/cycles/{managers}/publish"), json!({})).await.unwrap();
    assert_eq!(score_of(&hr, &managers, "M0000").await.as_deref(), Some("90"));
    close(&hr, &cycle).await;
    // 45 for the department, 36.5 for the post, 2 + 2 + 4.5 for values.
    assert_eq!(score_of(&hr, &cycle, &mine).await.as_deref(), Some("90"));
    assert_eq!(score_of(&hr, &cycle, &theirs).await.as_deref(), Some("57"));

    // 5. It is published; whoever scored and whoever reviewed sign; who is to be interviewed is on a list with the reason.
    executive.post(&format!("/v1/cycles/{cycle}/publish"), json!({})).await.unwrap();
    let summary = executive.get(&format!("/v1/cycles/{cycle}/summary")).await.unwrap();
    assert_eq!((&summary["people"], text(&summary, "/mean"), &summary["interviews"]), (&json!(4), "79.88", &json!(1)));
    let told = async || (mails(&system, "G001", "A2 优秀：3 人") == 1).then_some(());
    eventually("the leaders have the summary", told).await;
    for signer in [&head, &deputy] {
        let asked = eventually("a signature is asked for", async || {
            let asked = signer.get(&format!("/v1/signatures?cycle={cycle}&open=true&limit=100")).await.ok()?;
            list(&asked, "/items").iter().find(|one| text(one, "/number") == mine).cloned()
        })
        .await;
        let path = format!("/v1/signatures/{}", text(&asked, "/id"));
        let read = signer.get(&path).await.unwrap();
        let signed = json!({ "verdict": "given", "sha256": read["sha256"] });
        let signed = signer.post(&path, signed).await.unwrap();
        assert!(text(&signed, "/signed_at").starts_with("2026-10-27"), "{signed}");
    }
    let interviews = head.get(&format!("/v1/cycles/{cycle}/interviews")).await.unwrap();
    let found: Vec<(&str, &str)> =
        list(&interviews, "/items").iter().map(|one| (text(one, "/number"), text(one, "/reasons/0/code"))).collect();
    assert_eq!(found, [(theirs.as_str(), "low_score")]);
    let interview = format!("/v1/interviews/{}", text(&interviews, "/items/0/interviews/0/id"));
    let at = json!({ "at": "2026-10-29T02:00:00Z", "place": "305室" });
    head.put(&format!("{interview}/appointment"), at).await.unwrap();
    eventually("both sides have the appointment", async || (mails(&system, &theirs, "305") >= 1).then_some(())).await;
    system.clock.move_to("2026-10-29T03:00:00Z".parse().unwrap());
    let (head, colleague) = (month.sign_in(&system, "M0000").await, month.sign_in(&system, "e2").await);
    let record = json!({ "held_on": "2026-10-29", "notes": "巡检改为双人" });
    head.post(&format!("{interview}/record"), record).await.unwrap();
    let comment = json!({ "comment": "同意" });
    colleague.post(&format!("{interview}/comment"), comment).await.unwrap();
    let read = colleague.get("/v1/my/interviews").await.unwrap();
    assert_eq!((text(&read, "/items/0/notes"), text(&read, "/items/0/comment")), ("巡检改为双人", "同意"));

    // 6. The manager's result is corrected: those whose result rests on it are told, and stay until they are corrected too.
    let hr = month.sign_in(&system, "hr").await;
    let wrong = json!({ "cycle": managers, "reason": "培训少计一期", "changes":
        [{ "subject": "person:M0000", "path": "/items/unit_plan/rows/1/superior", "value": "28" }] });
    let previewed = hr.post("/v1/corrections?preview=true", wrong.clone()).await.unwrap();
    let corrected = hr.post("/v1/corrections", wrong).await.unwrap();
    assert_eq!(text(&corrected, "/affected/0/after/score"), "94");
    assert_eq!(corrected["dependents"], previewed["dependents"]);
    let resting: Vec<(&str, &str, &str)> = list(&corrected, "/dependents")
        .iter()
        .map(|one| (text(one, "/subject"), text(one, "/value_of"), text(one, "/value")))
        .collect();
    let of = |number: &str| format!("person:{number}");
    assert_eq!(resting[..2], [(&*of(&mine), "unit:U0000", "90"), (&*of(&theirs), "unit:U0000", "90")]);
    let listed = format!("/v1/results/{}/dependents", text(&corrected, "/affected/0/result"));
    let listed = hr.get(&listed).await.unwrap();
    assert_eq!(listed["items"], corrected["dependents"]);
    eventually("HR is mailed who they are", async || (mails(&system, "H001", "以更正前的数值计算") == 1).then_some(()))
        .await;
    assert_eq!(score_of(&hr, &cycle, &mine).await.as_deref(), Some("90"));
    let also = json!({ "cycle": cycle, "reason": "部门得分更正", "changes": [{ "subject": "unit:U0000", "path": "/score", "value": "94" }] });
    hr.post("/v1/corrections", also).await.unwrap();
    assert_eq!(score_of(&hr, &cycle, &mine).await.as_deref(), Some("92"));
    system.stop().await;
}
