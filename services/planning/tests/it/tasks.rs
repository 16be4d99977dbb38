use std::collections::BTreeMap;

use events::{Event, WorkItem};
use platform::service::start;
use serde_json::json;
use testkit::eventually;

use crate::company::{Company, PLANNED, goals};

/// The latest of each task that planning has told.
pub async fn told(company: &Company) -> BTreeMap<String, WorkItem> {
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
        (tasks.len() == 11).then_some(tasks)
    })
    .await;
    let keys: Vec<_> = tasks.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "aims/NET",
            "aims/OPS",
            "collect/NET",
            "collect/OPS",
            "draft/E1",
            "draft/E2",
            "draft/E3",
            "draft/H1",
            "draft/H2",
            "sheets/NET",
            "sheets/OPS",
        ]
    );
    let draft = &tasks["draft/E1"];
    assert_eq!((draft.holder.as_str(), draft.label_en.as_str(), draft.done), ("person:E1", "draft the plan", false));
    assert_eq!((draft.operation.as_str(), draft.path.starts_with("/v1/plans/")), ("put_plan", true));
    assert_eq!(draft.due.unwrap().to_string(), "2026-09-30", "plans are late once they are to be collected");
    let holder = |key: &str| tasks[key].holder.as_str();
    assert_eq!(
        (holder("aims/NET"), holder("collect/NET"), holder("sheets/NET")),
        ("person:G1", "person:H1", "role:hr")
    );
    assert_eq!(tasks["sheets/NET"].path, company.path("/units/NET/sheets/settle"));
}

#[actix_web::test]
async fn given_a_task_when_its_work_is_done_and_undone_then_the_others_are_told_each_time() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.submit("E1", goals()).await;
    eventually("the task is done", async || {
        told(&company).await.get("draft/E1").is_some_and(|task| task.done).then_some(())
    })
    .await;
    let asked: Vec<WorkItem> =
        told(&company).await.into_values().filter(|task| task.operation == "decide_plan").collect();
    assert_eq!((asked.len(), asked[0].holder.as_str(), asked[0].about.id.as_str()), (1, "person:H1", "E1"));
    company.send_back(&company.head("H1"), &path, "too vague").await.expect(200);
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
    eventually("one unit is settled", async || {
        let tasks = told(&company).await;
        (tasks.get("sheets/NET")?.done && !tasks.get("sheets/OPS")?.done).then_some(())
    })
    .await;
    company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(200);
    company.executive.post(&company.path("/release"), json!({})).await.expect(200);
    eventually("all tasks are done", async || told(&company).await.values().all(|task| task.done).then_some(())).await;
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
            keys.extend(changed.tasks.iter().map(|task| (changed.within.clone(), task.key.clone(), task.version)));
        }
        (keys.len() >= 6 * 11).then_some(keys)
    })
    .await;
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!((keys.len(), distinct.len()), (6 * 11, 6 * 11));
    replica.stop().await;
}

#[actix_web::test]
async fn given_a_stage_when_its_days_are_moved_then_its_open_tasks_and_the_others_are_told_and_why_is_kept() {
    let company = Company::with_cycle(PLANNED).await;
    company.submit("E1", goals()).await;
    let done =
        eventually("the task is done", async || told(&company).await.get("draft/E1").filter(|task| task.done).cloned())
            .await;
    let path = company.path("/stages/draft");
    let to = |opens: &str, due: &str, reason: &str| json!({ "opens": opens, "due": due, "reason": reason });

    company.executive.put(&path, None, to("2026-09-20", "2026-10-09", "the holiday")).await.expect(403);
    company.hr.put(&company.path("/stages/nothing"), None, to("2026-09-20", "2026-10-09", "x")).await.expect(404);
    let refused = company.hr.put(&path, None, to("2026-09-20", "2026-09-01", "the holiday")).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/due");
    company.hr.put(&path, None, to("2026-09-20", "2026-10-09", " ")).await.expect(422);
    let moved = company.hr.put(&path, None, to("2026-09-20", "2026-10-09", "the holiday")).await.expect(200);
    assert_eq!(
        (moved.str("/dated_by"), moved.str("/moved_why"), moved.str("/due")),
        ("moved", "the holiday", "2026-10-09")
    );

    eventually("open tasks have the new day", async || {
        let due = told(&company).await.get("draft/E2")?.due?;
        (due.to_string() == "2026-10-09").then_some(())
    })
    .await;
    assert_eq!(told(&company).await["draft/E1"].due, done.due);
    let events = company.world.outbox("planning").await;
    let news = events.iter().find_map(|event| if let Event::StagesMoved(moved) = event { Some(moved) } else { None });
    let news = news.expect("the news");
    assert_eq!((news.stages[0].code.as_str(), news.reason.as_str()), ("draft", "the holiday"));
    company.hr.post(&company.path("/cancel"), json!({ "reason": "too late" })).await.expect(200);
    company.hr.put(&path, None, to("2026-09-20", "2026-10-10", "again")).await.expect(409);
}
