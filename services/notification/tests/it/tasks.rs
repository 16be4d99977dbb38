//! What waits for whom: tasks of people, roles and bodies, and who hears of them.

use events::{Event, TasksChanged, WorkItem};
use jiff::civil::date;
use platform::Role;
use serde_json::{Value, json};
use testkit::{Client, World, eventually};
use uuid::Uuid;

use crate::sink::{self, Manner, Sink};
use crate::{CYCLE, hr, led, mail_in, mails, tasks, world};

/// A body with a leader and a member.
fn body(leader: &str, member: &str) -> Event {
    let seat = |number: &str, office: &str| events::Seat {
        number: number.into(),
        office: office.to_owned(),
        in_charge: Vec::new(),
        represents: None,
        from: date(2026, 1, 1),
        until: None,
    };
    Event::BodiesChanged(events::BodiesChanged {
        bodies: vec![events::Body {
            code: "LG".to_owned(),
            name_zh: "领导小组".to_owned(),
            name_en: "Leading group".to_owned(),
            seats: vec![seat(leader, "leader"), seat(member, "member")],
            rule: events::BodyRule::default(),
            version: 1,
        }],
    })
}

/// Tasks of somebody, of HR, of a body and of its leader.
async fn with_tasks_of_groups(world: &World) {
    let today = date(2026, 9, 28);
    let Event::ScoringTasksChanged(told) = tasks(&[
        ("own", "E001", Some(date(2026, 9, 25)), false, 1),
        ("other", "E002", Some(today), false, 1),
        ("hr", "", Some(today), false, 1),
        ("group", "", None, false, 1),
        ("leader", "", Some(date(2026, 9, 30)), false, 1),
        ("done", "E001", Some(today), true, 1),
    ]) else {
        return;
    };
    let holder = |task: WorkItem| match task.key.as_str() {
        "hr" => WorkItem { holder: "role:hr".to_owned(), ..task },
        "group" => WorkItem { holder: "body:LG".to_owned(), ..task },
        "leader" => WorkItem { holder: "body:LG/leader".to_owned(), ..task },
        _ => task,
    };
    let tasks = told.tasks.into_iter().map(holder).collect();
    world.publish(&Event::ScoringTasksChanged(TasksChanged { tasks, ..told })).await;
    world.publish(&body("E001", "E002")).await;
    let leader = world.client("notification", Some("E001"), &[Role::Employee]);
    eventually("the tasks and the body are known", async || (keys(&leader, "").await.len() == 3).then_some(())).await;
}

async fn keys(client: &Client, query: &str) -> Vec<String> {
    let tasks = client.get(&format!("/v1/my/tasks?limit=500{query}")).await.expect(200);
    let items = tasks.body["items"].as_array().unwrap().iter();
    items.map(|task| task["key"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn given_tasks_of_people_roles_and_bodies_then_each_sees_what_waits_for_them_soonest_first() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    with_tasks_of_groups(&world).await;
    let client = |number: &str, roles: &[Role]| world.client("notification", Some(number), roles);

    assert_eq!(keys(&client("E001", &[Role::Employee]), "").await, ["own", "leader", "group"]);
    assert_eq!(keys(&client("E002", &[Role::Employee]), "").await, ["other", "group"]);
    assert_eq!(keys(&client("H001", &[Role::Employee, Role::Hr]), "").await, ["hr"]);
    assert!(keys(&client("E003", &[Role::Employee]), "").await.is_empty());

    let own = client("E001", &[Role::Employee]);
    assert_eq!(keys(&own, "&state=done").await, ["done"]);
    assert_eq!(keys(&own, "&state=all").await, ["own", "done", "leader", "group"]);
    assert_eq!(keys(&own, "&overdue=true").await, ["own"]);
    assert!(keys(&own, &format!("&cycle={}", Uuid::from_u128(8))).await.is_empty());
    let first = own.get("/v1/my/tasks?limit=2").await.expect(200);
    let task = &first.body["items"][0];
    assert_eq!((&task["holder"], &task["holder_name"]), (&json!("person:E001"), &json!("E001 姓名")));
    assert_eq!((&task["scheme_en"], &task["period"]), (&json!("Monthly appraisal"), &json!("2026-09")));
    assert_eq!((&task["about"], &task["count"], &task["overdue"]), (&json!("unit:U"), &json!(2), &json!(true)));
    assert_eq!(
        (&task["operation"], &task["path"]),
        (&json!("enter_ratings"), &json!(format!("/v1/cycles/{CYCLE}/ratings")))
    );
    let next = first.str("/next").to_owned();
    let rest = own.get(&format!("/v1/my/tasks?limit=2&after={}", next.replace('/', "%2F"))).await.expect(200);
    assert_eq!((rest.str("/items/0/key"), &rest.body["next"]), ("group", &Value::Null));
    own.get("/v1/my/tasks?after=nowhere").await.expect(422);
}

#[actix_web::test]
async fn given_somebody_who_has_delegated_rating_then_what_they_have_to_rate_waits_for_the_other_until_it_is_taken_back()
 {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    with_tasks_of_groups(&world).await;
    let other = world.client("notification", Some("E003"), &[Role::Employee]);
    let told = |purpose: &str, revoked: bool, version: i64| {
        let delegation = events::Delegation {
            id: Uuid::from_u128(77),
            of: "E001".into(),
            to: "E003".into(),
            purpose: purpose.to_owned(),
            from: date(2026, 9, 1),
            until: date(2026, 9, 28),
            revoked,
            version,
        };
        Event::DelegationsChanged(events::DelegationsChanged { delegations: vec![delegation] })
    };
    world.publish(&told("rating", false, 1)).await;

    eventually("it waits for the other", async || (keys(&other, "").await == ["own"]).then_some(())).await;
    world.publish(&told("rating", true, 2)).await;
    eventually("it waits no more", async || keys(&other, "").await.is_empty().then_some(())).await;
}

#[actix_web::test]
async fn given_a_superior_then_they_see_who_of_their_people_is_late_and_hr_sees_all_of_the_cycle() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    with_tasks_of_groups(&world).await;
    world.publish(&led("E001", "M001")).await;
    let superior = world.client("notification", Some("M001"), &[Role::Employee, Role::Manager]);
    eventually("the superior sees them", async || {
        (keys(&superior, "&of=reports&overdue=true").await == ["own"]).then_some(())
    })
    .await;
    assert!(keys(&superior, "").await.is_empty());

    let path = format!("/v1/cycles/{CYCLE}/progress");
    let progress = hr(&world).get(&path).await.expect(200);
    let figures = ["total", "done", "open", "overdue"].map(|figure| progress.body[figure].as_i64().unwrap());
    assert_eq!(figures, [6, 1, 5, 1]);
    let late = &progress.body["holders"][0];
    assert_eq!((&late["holder"], &late["open"], &late["overdue"]), (&json!("person:E001"), &json!(1), &json!(1)));
    superior.get(&path).await.expect(403);
    hr(&world).get(&format!("/v1/cycles/{}/progress", Uuid::from_u128(9))).await.expect(404);
}

#[actix_web::test]
async fn given_a_task_of_a_body_that_is_due_then_all_who_sit_in_it_are_reminded() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&body("E001", "E002")).await;
    let Event::ScoringTasksChanged(told) = tasks(&[("group", "", Some(date(2026, 9, 28)), false, 1)]) else { return };
    let of_body = |task: WorkItem| WorkItem { holder: "body:LG".to_owned(), ..task };
    let tasks = told.tasks.into_iter().map(of_body).collect();
    world.publish(&Event::ScoringTasksChanged(TasksChanged { tasks, ..told })).await;

    mail_in(&world, "sent", "recipient=E001").await;
    mail_in(&world, "sent", "recipient=E002").await;
}

#[actix_web::test]
async fn given_a_stage_whose_days_are_moved_then_whoever_has_work_in_it_is_told_at_once() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&tasks(&[("open", "E002", None, false, 1), ("done", "E001", None, true, 1)])).await;
    // The two are told by different services.
    eventually("the tasks have arrived", async || {
        let progress = hr(&world).get(&format!("/v1/cycles/{CYCLE}/progress")).await;
        (progress.body["total"] == 2).then_some(())
    })
    .await;
    let stage = events::Stage { code: "score".to_owned(), opens: None, due: Some(date(2026, 10, 9)) };
    let news = events::StagesMoved { cycle: CYCLE, stages: vec![stage], reason: "the holiday".to_owned() };
    world.publish(&Event::StagesMoved(news)).await;

    mail_in(&world, "sent", "recipient=E002").await;

    let mail = sink.mails().pop().unwrap();
    let read = sink::read(&mail);
    assert_eq!(read.subject(), Some("Monthly appraisal (2026-09): \"Scoring\" has another last day"));
    let text = read.body_text(0).unwrap().into_owned();
    for needed in ["2026-10-09", "2026-09-28", "the holiday"] {
        assert!(text.contains(needed), "{needed} in {text}");
    }
    assert!(mails(&world, "recipient=E001").await.is_empty());
    let progress = hr(&world).get(&format!("/v1/cycles/{CYCLE}/progress")).await.expect(200);
    assert_eq!((progress.str("/stages/0/due"), progress.str("/stages/0/label_en")), ("2026-10-09", "Scoring"));
}
