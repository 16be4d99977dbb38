use std::collections::BTreeMap;

use events::{EmployeesChanged, Event, TasksChanged, WorkItem};
use platform::service::start;
use serde_json::json;
use testkit::eventually;

use crate::company::{Company, PLANNED, employees, goals};

/// The latest of each task that planning has told.
async fn told(company: &Company) -> BTreeMap<String, WorkItem> {
    let mut latest: BTreeMap<String, WorkItem> = BTreeMap::new();
    for event in company.world.outbox("planning").await {
        let Event::PlanningTasksChanged(changed) = event else { continue };
        for task in changed.tasks {
            if latest.get(&task.key).is_none_or(|known| known.version < task.version) {
                latest.insert(task.key.clone(), task);
            }
        }
    }
    latest
}

#[actix_web::test]
async fn given_a_cycle_when_it_is_opened_then_everybody_is_told_what_to_do() {
    let company = Company::with_cycle(PLANNED).await;
    let tasks = eventually("the tasks are told", async || {
        let tasks = told(&company).await;
        (tasks.len() == 13).then_some(tasks)
    })
    .await;
    let keys: Vec<_> = tasks.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "agree/NET",
            "agree/OPS",
            "aims/NET",
            "aims/OPS",
            "collect/NET",
            "collect/OPS",
            "draft/E1",
            "draft/E2",
            "draft/E3",
            "draft/H1",
            "draft/H2",
            "sheets/NET/P1",
            "sheets/OPS/P1",
        ]
    );
    let draft = &tasks["draft/E1"];
    assert_eq!((draft.assignee.as_str(), draft.label_en.as_str(), draft.done), ("E1", "draft the plan", false));
    assert_eq!(draft.due.unwrap().to_string(), "2026-09-29");
    assert_eq!((tasks["aims/NET"].assignee.as_str(), tasks["collect/NET"].assignee.as_str()), ("G1", "H1"));
}

#[actix_web::test]
async fn given_a_task_when_its_work_is_done_and_undone_then_the_others_are_told_each_time() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.submit("E1", goals()).await;
    eventually("the task is done", async || {
        told(&company).await.get("draft/E1").is_some_and(|task| task.done).then_some(())
    })
    .await;
    company.head("H1").post(&format!("{path}/return"), json!({ "reason": "too vague" })).await.expect(200);
    eventually("the task is open again", async || {
        told(&company).await.get("draft/E1").is_some_and(|task| !task.done && task.version == 3).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_everything_settled_when_the_cycle_is_released_then_no_task_is_left() {
    let company = Company::with_cycle(PLANNED).await;
    company.approve_everything().await;
    company.hr.post(&company.path("/units/NET/sheets/settle"), json!({})).await.expect(200);
    let progress = company.hr.get(&company.path("/progress")).await.expect(200);
    let settling = &progress.body["stages"][4];
    assert_eq!((&settling["total"], &settling["done"]), (&json!(2), &json!(1)));
    company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(200);
    company.executive.post(&company.path("/release"), json!({})).await.expect(200);
    eventually("all tasks are done", async || told(&company).await.values().all(|task| task.done).then_some(())).await;
}

#[actix_web::test]
async fn given_open_tasks_when_their_day_has_passed_then_hr_sees_who_is_late_in_planning_and_scoring() {
    let company = Company::with_cycle(PLANNED).await;
    company.submit("E1", goals()).await;
    let task = WorkItem {
        key: "rate/E1".to_owned(),
        stage: "rate".to_owned(),
        label_zh: "评分".to_owned(),
        label_en: "score".to_owned(),
        assignee: "H1".into(),
        subject: "E1".to_owned(),
        subject_name: "Person E1".to_owned(),
        due: Some("2026-10-28".parse().unwrap()),
        done: false,
        version: 2,
    };
    let older = WorkItem { done: true, version: 1, ..task.clone() };
    let cycle = company.cycle.parse().unwrap();
    for task in [task, older] {
        let changed = TasksChanged { cycle, period: "2026-10".to_owned(), tasks: vec![task] };
        company.world.publish(&Event::ScoringTasksChanged(changed)).await;
    }
    company.world.clock.move_to("2026-09-30T01:00:00Z".parse().unwrap());

    let hr = company.world.client("planning", Some("P1"), &[platform::Role::Hr]);
    let progress = eventually("scoring's task arrives", async || {
        let progress = hr.get(&company.path("/progress")).await.expect(200);
        (progress.body["stages"][5]["open"] == 1).then_some(progress)
    })
    .await;

    let draft = &progress.body["stages"][1];
    assert_eq!((&draft["total"], &draft["done"], &draft["overdue"]), (&json!(5), &json!(1), &json!(4)));
    let late = progress.body["assignees"].as_array().unwrap().iter().find(|a| a["number"] == "H1").unwrap();
    assert_eq!((&late["name"], &late["overdue"], &late["open"]), (&json!("Person H1"), &json!(1), &json!(3)));
    company.employee("E1").get(&company.path("/progress")).await.expect(403);
}

#[actix_web::test]
async fn given_somebody_who_becomes_hr_when_sheets_are_unsettled_then_settling_is_theirs_too() {
    let company = Company::with_cycle(PLANNED).await;
    let mut newcomer = employees().remove(4);
    newcomer.roles = vec!["hr".to_owned()];
    newcomer.version = 2;
    company.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: vec![newcomer.clone()] })).await;
    eventually("the newcomer is asked to settle", async || {
        told(&company).await.get("sheets/NET/E2").is_some_and(|task| !task.done).then_some(())
    })
    .await;
    newcomer.roles.clear();
    newcomer.version = 3;
    company.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: vec![newcomer] })).await;
    eventually("and no longer", async || {
        told(&company).await.get("sheets/NET/E2").is_some_and(|task| task.done).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_two_replicas_when_tasks_are_told_then_each_version_is_told_once() {
    let company = Company::found().await;
    let replica = start(&planning::service(), company.world.config("planning")).await.unwrap();
    let scheme = company.upload(PLANNED).await;
    for month in 1..=6 {
        let body = json!({ "scheme": scheme, "period": format!("2026-{month:02}") });
        company.hr.post("/v1/cycles", body).await.expect(201);
    }
    let keys = eventually("all tasks are told", async || {
        let mut keys = Vec::new();
        for event in company.world.outbox("planning").await {
            let Event::PlanningTasksChanged(changed) = event else { continue };
            keys.extend(changed.tasks.iter().map(|task| (changed.cycle, task.key.clone(), task.version)));
        }
        (keys.len() >= 6 * 13).then_some(keys)
    })
    .await;
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!((keys.len(), distinct.len()), (6 * 13, 6 * 13));
    replica.stop().await;
}
