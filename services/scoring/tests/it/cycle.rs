//! A cycle from its opening to its results.

use events::{CycleSubject, Event};
use platform::Role::*;
use serde_json::{Value, json};
use testkit::{World, eventually};
use uuid::Uuid;

use crate::filling::Filling;
use crate::world::{Company, all_of, changed, opened, person, scheme, settled, sheet, unit, value};

#[actix_web::test]
async fn given_everything_entered_when_closed_and_published_then_everybody_has_the_result_of_the_policy() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;

    let preview = company.hr().get(&company.at("results?unit=NET&kind=person")).await.expect(200);
    assert_eq!(all_of(&preview.body["items"], "number"), ["E001", "E002", "M001"]);
    let summary = company.executive().get(&company.at("summary")).await.expect(200);
    assert_eq!(summary.body["people"], 5);
    assert_eq!(summary.body["excluded"], 0);
    let own = company.employee("E001");
    let result = company.result_path("E001");
    own.get(&result).await.expect(404);
    assert!(own.get("/v1/my/results").await.expect(200).body["items"].as_array().unwrap().is_empty());

    assert_eq!(company.publish(company.cycle).await, 1);
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    let mine = own.get(&result).await.expect(200);
    assert_eq!((mine.str("/score"), mine.str("/grade"), mine.str("/coefficient")), ("88.4", "A2", "1"));
    assert_eq!((mine.str("/subject"), &mine.body["publication"]), ("person:E001", &json!(1)));
    let mine = own.get("/v1/my/results").await.expect(200);
    assert_eq!(mine.str("/items/0/period"), "2026-10");
    for label in
        ["/items/0/grade_label/zh", "/items/0/grade_label/en", "/items/0/category_label/zh", "/items/0/unit_name"]
    {
        assert!(!mine.str(label).is_empty(), "{label}: {}", mine.text);
    }

    let explained = own.get(&format!("{result}/explanation?locale=en")).await.expect(200);
    assert!(explained.str("/text").contains("88.4"), "{}", explained.text);
    let chinese = own.get(&format!("{result}/explanation")).await.expect(200);
    assert!(chinese.str("/text").contains("考绩分数 = 88.4"), "{}", chinese.text);

    let published: Vec<_> = company.world.outbox("scoring").await;
    let told = published.iter().filter_map(|e| if let Event::ResultsPublished(r) = e { Some(r) } else { None });
    assert_eq!(told.clone().map(|r| r.results.len()).sum::<usize>(), 5);
    assert!(told.clone().all(|r| r.publication == 1 && r.reason.is_none()));
    let carried = told.flat_map(|r| &r.results).find(|p| p.number == "E001").map(|p| p.carried.clone());
    assert_eq!(carried.unwrap().get("coefficient").map(String::as_str), Some("1"));
}

#[actix_web::test]
async fn given_units_that_are_appraised_when_published_then_their_own_results_are_told_and_read() {
    let company = Company::published().await;

    let units = company.hr().get(&company.at("results?kind=unit")).await.expect(200);
    let scores: Vec<(&str, &str)> = units.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| (u["subject"].as_str().unwrap(), u["score"].as_str().unwrap()))
        .collect();
    assert_eq!(scores, [("unit:NET", "88"), ("unit:OPS", "60")]);
    assert!(units.body["items"][0]["number"].is_null());

    let told = company.world.outbox("scoring").await;
    let of_unit = told.into_iter().find_map(|event| match event {
        Event::ResultsPublished(results) if results.unit.code == "OPS" => Some(results.unit),
        _ => None,
    });
    let own = of_unit.unwrap().result.expect("the unit's own result");
    assert_eq!((own.score.as_deref(), own.version), (Some("60"), 1));
    let path = format!("/v1/results/{}", units.str("/items/0/id"));
    let explained = company.head("M001").get(&format!("{path}/explanation?locale=en")).await.expect(200);
    assert!(explained.str("/text").contains("88"), "{}", explained.text);
    company.head("M002").get(&path).await.expect(404);
}

#[actix_web::test]
async fn given_nothing_entered_when_closed_then_nobody_is_computed_and_everybody_is_listed_with_what_they_lack() {
    let company = Company::scoring().await;

    company.begin_closing(company.cycle).await;
    company.until(company.cycle, "open").await;

    let missing = company.missing().await;
    assert_eq!(missing.keys().filter(|subject| subject.starts_with("person:")).count(), 5, "{missing:?}");
    let lacks = |subject: &str, pointer: &str| missing[subject].iter().any(|one| one == pointer);
    assert!(lacks("person:E001", "/items/faults/superior"), "{missing:?}");
    assert!(lacks("person:E003", "/items/attendance/actual"), "{missing:?}");
    let closing = company.hr().get(&company.at("closing")).await.expect(200);
    assert_eq!((&closing.body["pieces"], &closing.body["done"]), (&json!(2), &json!(2)));
    company.hr().get(&company.at("results")).await.expect(409);
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
}

#[actix_web::test]
async fn given_units_without_what_their_people_stand_on_when_closed_then_that_is_told_of_the_units() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.score_units(company.cycle, &[("OPS", Value::Null)]).await.expect(200);

    company.close(company.cycle).await;

    let missing = company.missing().await;
    assert_eq!(missing.keys().collect::<Vec<_>>(), ["person:E003", "person:M002", "unit:OPS"]);
    assert_eq!(missing["unit:OPS"], ["/score"]);
    assert_eq!(missing["person:E003"], ["/unit/score"]);
    let computed = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    assert_eq!(all_of(&computed.body["items"], "number"), ["E001", "E002", "M001"]);
}

#[actix_web::test]
async fn given_a_computed_cycle_when_something_is_entered_then_it_is_open_again_and_has_to_be_closed_again() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;

    company.give(vec![value("E002", "reports", "2")]).await.expect(200);

    company.until(company.cycle, "open").await;
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    let own = company.employee("E002").get("/v1/my/results").await;
    assert_eq!(own.str("/items/0/score"), "86.4");
    company.give(vec![value("E002", "reports", "1")]).await.expect(422);
}

#[actix_web::test]
async fn given_inputs_that_cannot_be_computed_when_closed_then_whose_they_are_is_told_and_the_others_go_on() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.world.spoil(company.cycle, "E003").await;

    company.close(company.cycle).await;

    let missing = company.missing().await;
    assert_eq!(missing.keys().collect::<Vec<_>>(), ["person:E003"]);
    assert_eq!(missing["person:E003"], ["/items/reports/value"]);
    company.give(vec![value("E003", "reports", "7")]).await.expect(200);
    company.close(company.cycle).await;
    assert!(company.missing().await.is_empty());
    let all = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 5);
}

#[actix_web::test]
async fn given_the_same_key_when_publishing_again_then_the_same_answer_comes_back() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let (executive, at) = (company.executive(), company.at("publish"));
    let key = [("idempotency-key", "publish-october")];
    let first = executive.json("POST", &at, &key, json!({})).await.expect(200);
    let second = executive.json("POST", &at, &key, json!({})).await.expect(200);
    assert_eq!(first.text, second.text);
    let refused = executive.post(&at, json!({})).await.expect(409);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:wrong-state");
}

#[actix_web::test]
async fn given_a_result_of_the_month_before_when_it_differs_much_then_there_is_a_reason_to_interview() {
    let company = Company::scoring().await;
    let before = Uuid::now_v7();
    company.open(before, "2026-09").await;
    company.score_everybody(before).await;
    company.close(before).await;
    company.publish(before).await;
    company.score_everybody(company.cycle).await;
    company.score_units(company.cycle, &[("NET", json!("40"))]).await.expect(200);
    company.close(company.cycle).await;
    let head = company.head("M001");
    head.get(&company.at("interviews")).await.expect(409);
    company.publish(company.cycle).await;

    let list = head.get(&company.at("interviews")).await.expect(200);
    assert_eq!(all_of(&list.body["items"], "number"), ["E001", "E002"]);
    assert_eq!(all_of(&list.body["items"][0]["reasons"], "code"), ["large_gap", "low_score"]);
    assert_eq!(list.str("/items/0/interviews/0/holders/0"), "person:M001");
}

#[actix_web::test]
async fn given_a_stage_that_names_its_raters_then_their_tasks_are_due_with_it_and_the_others_with_the_first() {
    let at = scheme().find("[[stages]]\ncode = \"summarise\"").expect("the stage after scoring");
    let later = "[[stages]]\ncode = \"records\"\nlabel = { zh = \"记录\", en = \"records\" }\nrole = \"hr\"\ndoes = \"score\"\n\
        raters = [\"hr\"]\nopens = \"27 of M\"\ndue = \"29 of M\"\n\n";
    let source = format!("{}{later}{}", &scheme()[..at], &scheme()[at..]);
    let company = Company::scoring_by(&source).await;
    let mut last = std::collections::BTreeMap::new();
    for event in company.world.outbox("scoring").await {
        let Event::ScoringTasksChanged(changed) = event else { continue };
        last.extend(changed.tasks.into_iter().map(|task| (task.key.clone(), task)));
    }
    let told =
        |key: &str| (last[key].stage.as_str(), last[key].label_en.as_str(), last[key].due.map(|due| due.to_string()));
    // This cycle was opened without a day for it: the day of the first stage is not theirs.
    assert_eq!(told("score/NET/role:hr@records"), ("records", "records", None));
    assert_eq!(told("score/NET/M001").2.as_deref(), Some("2026-10-28"));
    assert!(!last.contains_key("score/NET/role:hr"));
}

#[actix_web::test]
async fn given_work_handed_out_when_it_is_done_then_its_tasks_say_so() {
    let company = Company::scoring().await;
    let tasks = async || {
        let mut last = std::collections::BTreeMap::new();
        for event in company.world.outbox("scoring").await {
            let Event::ScoringTasksChanged(changed) = event else { continue };
            for task in changed.tasks {
                last.insert(task.key.clone(), task);
            }
        }
        last
    };
    let open = tasks().await;
    let rating = &open["score/NET/M001"];
    assert_eq!(
        (rating.holder.as_str(), rating.count, rating.about.to_string().as_str()),
        ("person:M001", 2, "unit:NET")
    );
    assert_eq!((rating.operation.as_str(), &rating.path), ("enter_ratings", &company.at("ratings")));
    assert_eq!(open["score/NET/role:hr"].holder, "role:hr");
    assert_eq!(open["score/NET/M001"].due.map(|d| d.to_string()).as_deref(), Some("2026-10-28"));
    let score = &open["value/NET/score"];
    assert_eq!((score.holder.as_str(), score.operation.as_str()), ("person:X001", "enter_facts"));
    assert_eq!(score.due.map(|d| d.to_string()).as_deref(), Some("2026-10-28"), "no results of managers are to come");
    assert!(open.values().all(|task| !task.done));

    company.score_everybody(company.cycle).await;
    let mut done = tasks().await;
    let closing = done.remove("close").unwrap();
    assert_eq!((closing.holder.as_str(), closing.operation.as_str(), closing.done), ("role:hr", "close_cycle", false));
    assert!(done.values().all(|task| task.done), "{done:?}");
    assert!(done.values().all(|task| task.version == 2), "{done:?}");
    let scoring = company.hr().get(&company.at("scoring")).await.expect(200);
    assert_eq!((&scoring.body["complete"], &scoring.body["submitted"]), (&json!(5), &json!(5)));
}

#[actix_web::test]
async fn given_news_in_any_order_then_scoring_starts_when_all_of_it_is_there() {
    let company = Company { world: World::start(&[scoring::service()]).await, cycle: Uuid::now_v7() };
    let cycle = company.cycle;
    let of = |number: &str| person(number, "NET", "M001", "M001");
    company.world.publish(&settled(cycle, vec![sheet("E002")])).await;
    company.world.publish(&changed(cycle, vec![of("E002")])).await;
    company.world.publish(&opened(cycle, "2026-10")).await;
    company.until_sheets(cycle, 1).await;
    let first = changed(cycle, vec![unit("NET", "M001"), of("E001")]);
    let last = settled(cycle, vec![sheet("E001")]);
    for news in [&last, &first, &last, &first] {
        company.world.publish(news).await;
    }
    company.until_sheets(cycle, 2).await;
    let mine = company.head("M001").get("/v1/assignments").await.expect(200);
    assert_eq!(all_of(&mine.body["items"], "subject"), ["person:E002", "person:E001"]);
}

#[actix_web::test]
async fn given_a_cancelled_cycle_then_nothing_of_it_counts_and_another_takes_its_place() {
    let company = Company::published().await;
    let event = |cycle| Event::CycleCancelled(events::CycleCancelled { cycle, reason: "opened by mistake".into() });
    company.world.publish(&event(company.cycle)).await;
    company.until(company.cycle, "cancelled").await;

    for (path, body) in [
        ("facts", json!({ "facts": [value("E001", "reports", "1")] })),
        ("close", json!({})),
        ("recusals", json!({ "number": "E001", "rater": "M001", "reason": "married" })),
    ] {
        company.hr().post(&company.at(path), body).await.expect(409);
    }
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    company.employee("E001").get(&company.result_path("E001")).await.expect(404);
    assert!(company.employee("E001").get("/v1/my/results").await.body["items"].as_array().unwrap().is_empty());
    let correction = json!({ "cycle": company.cycle, "reason": "late",
        "changes": [{ "subject": "person:E001", "path": "/items/reports/value", "value": "1" }] });
    company.hr().post("/v1/corrections", correction).await.expect(409);

    let next = Uuid::now_v7();
    company.open(next, "2026-10").await;
    company.world.publish(&event(next)).await;
    company.until(next, "cancelled").await;
    let told = company.world.outbox("scoring").await;
    let tasks = told.iter().filter_map(|e| if let Event::ScoringTasksChanged(t) = e { Some(t) } else { None });
    let last: Vec<_> = tasks
        .filter(|t| t.within == next.into())
        .flat_map(|t| &t.tasks)
        .filter(|t| t.key == "score/NET/M001")
        .collect();
    assert!(!last[0].done && last.last().unwrap().done, "{last:?}");
    company.score_units(next, &[("NET", json!("1"))]).await.expect(409);
}

#[actix_web::test]
async fn given_two_replicas_of_which_one_is_killed_while_closing_then_everybody_has_one_result() {
    let mut company = Company { world: World::start(&[scoring::service()]).await, cycle: Uuid::now_v7() };
    let cycle = company.cycle;
    company.world.publish(&opened(cycle, "2026-10")).await;
    let units: Vec<String> = (0..30).map(|u| format!("U{u:03}")).collect();
    for code in &units {
        let numbers: Vec<String> = (0..100).map(|n| format!("{code}-{n:03}")).collect();
        let people = numbers.iter().map(|number| person(number, code, "BOSS", "BOSS"));
        company.world.publish(&changed(cycle, std::iter::once(unit(code, "BOSS")).chain(people).collect())).await;
        company.world.publish(&settled(cycle, numbers.iter().map(|number| sheet(number)).collect())).await;
    }
    company.until_sheets(cycle, 3000).await;
    company.world.fill_all(cycle).await;
    let replica = platform::service::start(&scoring::service(), company.world.config("scoring")).await.unwrap();
    company.begin_closing(cycle).await;
    eventually("some of it is closed", async || {
        (company.hr().get(&company.at("closing")).await.body["done"].as_i64()? > 0).then_some(())
    })
    .await;
    replica.kill().await;
    company.until(cycle, "computed").await;
    company.publish(cycle).await;
    let told = company.world.outbox("scoring").await;
    let results = told.iter().filter_map(|e| if let Event::ResultsPublished(r) = e { Some(&r.results) } else { None });
    let mut numbers: Vec<String> = results.flatten().map(|p| String::from(p.number.clone())).collect();
    numbers.sort();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!((all, numbers.len()), (3000, 3000));
    assert_eq!(told.iter().filter(|e| matches!(e, Event::CyclePublished(_))).count(), 1);
    let running = company.world.running.remove("scoring").unwrap();
    running.stop().await;
}

#[actix_web::test]
async fn given_another_company_then_nothing_of_this_one_is_there() {
    let company = Company::published().await;
    let stranger =
        company.world.client_of(Uuid::now_v7(), "scoring", Some("E001"), &[Employee, Hr, Executive, Auditor], &[]);
    stranger.get(&company.sheet_path("E001")).await.expect(404);
    stranger.get(&company.result_path("E001")).await.expect(404);
    for path in ["scoring", "results", "missing", "facts", "assignments", "entries", "warnings"] {
        stranger.get(&company.at(path)).await.expect(404);
    }
    stranger.post(&company.at("publish"), json!({})).await.expect(404);
    assert!(stranger.get("/v1/sheets").await.expect(200).body["items"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn given_a_stage_whose_days_are_moved_then_open_tasks_have_the_new_one() {
    let company = Company::scoring().await;
    let stage = |due: &str| events::Stage { code: "score".to_owned(), opens: None, due: due.parse().ok() };
    let news =
        |due: &str| events::StagesMoved { cycle: company.cycle, stages: vec![stage(due)], reason: "ill".to_owned() };
    company.world.publish(&Event::StagesMoved(news("2026-11-02"))).await;
    eventually("the tasks are told anew", async || {
        let told = company.world.outbox("scoring").await;
        let tasks = told.iter().filter_map(|e| if let Event::ScoringTasksChanged(t) = e { Some(t) } else { None });
        let last = tasks.flat_map(|t| &t.tasks).rfind(|t| t.key == "score/NET/M001")?.clone();
        (last.due?.to_string() == "2026-11-02").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_the_last_of_a_unit_who_moves_to_another_then_nothing_waits_any_more_for_who_rated_them_there() {
    let company = Company::scoring().await;
    let count = async |key: &str| {
        let told = company.world.outbox("scoring").await;
        let tasks = told.into_iter().filter_map(|e| if let Event::ScoringTasksChanged(t) = e { Some(t) } else { None });
        let last = tasks.flat_map(|t| t.tasks).rfind(|t| t.key == key)?;
        Some(if last.done { 0 } else { last.count })
    };
    let before = (count("score/OPS/M002").await, count("score/NET/M001").await);
    assert_eq!(before, (Some(1), Some(2)));

    let moved = CycleSubject { version: 9, ..person("E003", "NET", "M001", "M001") };
    company.world.publish(&changed(company.cycle, vec![moved])).await;

    eventually("the form is the new superior's", async || (count("score/NET/M001").await == Some(3)).then_some(()))
        .await;
    assert_eq!(count("score/OPS/M002").await, Some(0));
}
