//! The notification service against a real database, Redis and mail server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod sink;
mod store;
mod tasks;

use std::collections::BTreeSet;
use std::time::Duration;

use diesel_async::RunQueryDsl;
use events::{
    CycleCancelled, CycleOpened, Employee, EmployeesChanged, Event, Notice, Notices, PublishedResult, ResultUnit,
    ResultsPublished, Subject, TasksChanged, UnitResult, WorkItem, WorkingCalendarChanged,
};
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use notification::Settings;
use platform::Role;
use serde_json::{Value, json};
use sink::{Manner, Sink};
use testkit::{Client, World, eventually};
use uuid::Uuid;

const CYCLE: Uuid = Uuid::from_u128(7);

fn settings(port: u16) -> Settings {
    Settings::new(&format!("smtp://127.0.0.1:{port}"), "HR <hr@example.com>", "https://hr.example.com/").unwrap()
}

async fn world(sink: &Sink) -> World {
    let world = World::start(&[notification::service(settings(sink.port))]).await;
    world
        .publish(&people(&[("E001", "zh-CN", Some("lilei@example.com")), ("E002", "en", Some("han@example.com"))]))
        .await;
    world.publish(&cycle_opened()).await;
    world
}

fn hr(world: &World) -> Client {
    world.client("notification", Some("H001"), &[Role::Employee, Role::Hr])
}

fn people(of: &[(&str, &str, Option<&str>)]) -> Event {
    let employee = |&(number, locale, email): &(&str, &str, Option<&str>)| Employee {
        number: number.into(),
        name: format!("{number} 姓名"),
        email: email.map(str::to_owned),
        locale: locale.to_owned(),
        hired_on: None,
        left_on: None,
        facts: Default::default(),
        roles: Vec::new(),
        assignments: Vec::new(),
        version: 1,
    };
    Event::EmployeesChanged(EmployeesChanged { employees: of.iter().map(employee).collect() })
}

/// Somebody with a superior, as news.
fn led(number: &str, superior: &str) -> Event {
    let Event::EmployeesChanged(mut news) = people(&[(number, "zh-CN", None)]) else { unreachable!("people are told") };
    for employee in &mut news.employees {
        employee.version = 2;
        employee.assignments = vec![events::Assignment {
            from: date(2020, 1, 1),
            unit: "U".into(),
            position: None,
            category: None,
            superior: Some(superior.into()),
            dotted_superior: None,
        }];
    }
    Event::EmployeesChanged(news)
}

fn cycle_opened() -> Event {
    Event::CycleOpened(CycleOpened {
        cycle: CYCLE,
        name: None,
        scheme_code: "kpi".to_owned(),
        scheme_version: 1,
        scheme_source: "code = \"kpi\"\nname = { zh = \"月度考核\", en = \"Monthly appraisal\" }\ngrades = [{ code = \"good\", label = { zh = \"良好\", en = \"Good\" } }]\nstages = [{ code = \"score\", label = { zh = \"评分\", en = \"Scoring\" } }]\n".to_owned(),
        cadence: "month".to_owned(),
        period: "2026-09".to_owned(),
        parameters: json!({}),
        company_facts: Default::default(),
        stages: vec![events::Stage { code: "score".to_owned(), opens: None, due: Some(date(2026, 9, 28)) }],
    })
}

fn result(number: &str, version: i64, score: &str, grade: &str) -> PublishedResult {
    PublishedResult {
        number: number.into(),
        name: number.to_owned(),
        category: None,
        version,
        excluded: None,
        score: Some(score.to_owned()),
        grade: Some(grade.to_owned()),
        coefficient: None,
        outcomes: Vec::new(),
        interview: Vec::new(),
        involved: Vec::new(),
        carried: Default::default(),
    }
}

fn news(results: Vec<PublishedResult>, reason: Option<&str>) -> ResultsPublished {
    ResultsPublished {
        cycle: CYCLE,
        period: "2026-09".to_owned(),
        publication: 1,
        company_carried: Default::default(),
        unit: ResultUnit {
            code: "U".into(),
            name: "U".to_owned(),
            category: None,
            carried: Default::default(),
            result: None,
        },
        results,
        reason: reason.map(str::to_owned),
        known_on: None,
        appeal: None,
    }
}

fn published(results: Vec<PublishedResult>) -> Event {
    Event::ResultsPublished(news(results, None))
}

fn tasks(of: &[(&str, &str, Option<Date>, bool, i64)]) -> Event {
    let task = |&(key, assignee, due, done, version): &(&str, &str, Option<Date>, bool, i64)| WorkItem {
        key: key.to_owned(),
        stage: "score".to_owned(),
        label_zh: "打分".to_owned(),
        label_en: "Score your people".to_owned(),
        holder: format!("person:{assignee}"),
        about: Subject::unit("U"),
        about_name: format!("Unit of {key}"),
        count: 2,
        due,
        operation: "enter_ratings".to_owned(),
        path: format!("/v1/cycles/{CYCLE}/ratings"),
        done,
        version,
    };
    let tasks = of.iter().map(task).collect();
    Event::ScoringTasksChanged(TasksChanged { within: CYCLE.into(), period: "2026-09".to_owned(), tasks })
}

async fn mails(world: &World, query: &str) -> Vec<Value> {
    let answer = hr(world).get(&format!("/v1/mails?limit=500&{query}")).await.expect(200);
    answer.body["items"].as_array().unwrap().clone()
}

/// The only mail of this query, once it is in this state.
async fn mail_in(world: &World, state: &str, query: &str) -> Value {
    eventually(&format!("a mail is {state}"), async || {
        mails(world, query).await.into_iter().find(|mail| mail["state"] == state)
    })
    .await
}

fn later(world: &World, by: SignedDuration) {
    world.clock.move_to(world.clock.now() + by);
}

/// Until everything told so far must have been taken and sent: a later mail has arrived.
async fn flush(world: &World, sink: &Sink) {
    let number = format!("Z{}", Uuid::now_v7().simple());
    world.publish(&people(&[(&number, "en", Some("last@example.com"))])).await;
    world.publish(&published(vec![result(&number, 1, "1", "D")])).await;
    eventually("the last mail", async || {
        sink.mails().iter().any(|mail| mail.contains("last@example.com")).then_some(())
    })
    .await;
    mail_in(world, "sent", &format!("recipient={number}")).await;
}

#[actix_web::test]
async fn given_published_results_each_person_gets_one_mail_in_their_language() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&people(&[("E003", "zh-CN", None)])).await;
    let results = vec![result("E001", 1, "86.5", "A2"), result("E002", 1, "64", "C"), result("E003", 1, "70", "B3")];
    world.publish(&published(results.clone())).await;
    world.publish(&published(results)).await;
    let first = mail_in(&world, "sent", "recipient=E001").await;
    mail_in(&world, "sent", "recipient=E002").await;
    let nobody = mail_in(&world, "undeliverable", "recipient=E003").await;
    flush(&world, &sink).await;

    let received = sink.mails();
    assert_eq!(received.len(), 3);
    let find = |address: &str| received.iter().find(|mail| mail.contains(address)).unwrap();
    let chinese = sink::read(find("lilei@example.com"));
    assert_eq!(chinese.subject(), Some("月度考核（2026-09）考核结果"));
    let id = format!("{}@example.com", first["id"].as_str().unwrap());
    assert_eq!(chinese.message_id(), Some(id.as_str()));
    let body = chinese.body_text(0).unwrap();
    for needed in ["得分：86.5", "等级：A2", "https://hr.example.com，"] {
        assert!(body.contains(needed), "{needed} in {body}");
    }
    let english = sink::read(find("han@example.com"));
    assert_eq!(english.subject(), Some("Monthly appraisal (2026-09): your appraisal result"));
    assert!(english.body_text(0).unwrap().contains("Grade: C"));
    assert_eq!(nobody["address"], Value::Null);
    assert_eq!(mails(&world, "recipient=E001").await.len(), 1);
}

#[actix_web::test]
async fn given_an_appointment_when_it_is_moved_then_calendars_get_each_as_the_same_one() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let arranged = |revision: &str, at: &str| {
        let told =
            [("about", "李雷"), ("at", at), ("place", "3 楼会议室"), ("appointment", "a7"), ("revision", revision)];
        Event::ScoringNotices(Notices {
            within: CYCLE.into(),
            notices: vec![Notice {
                key: format!("interviews/a7/{revision}"),
                kind: "interview_arranged".to_owned(),
                to: vec!["E001".into()],
                words: told.into_iter().map(|(name, word)| (name.to_owned(), word.to_owned())).collect(),
            }],
        })
    };
    world.publish(&arranged("1", "2026-10-09T02:00:00Z")).await;
    world.publish(&arranged("2", "2026-10-10T02:00:00Z")).await;
    let received = eventually("both are told", async || Some(sink.mails()).filter(|mails| mails.len() == 2)).await;
    let files: BTreeSet<(bool, bool, bool)> = received
        .iter()
        .map(|mail| {
            let mail = sink::read(mail);
            assert!(mail.body_text(0).unwrap().contains("3 楼会议室"), "the words are there without a calendar, too");
            let file = std::str::from_utf8(mail.attachment(0).unwrap().contents()).unwrap();
            let has = |line: &str| file.contains(line);
            (has("UID:a7@"), has("SEQUENCE:1") && has("20261009T020000Z"), has("SEQUENCE:2") && has("20261010T020000Z"))
        })
        .collect();
    assert_eq!(files, [(true, false, true), (true, true, false)].into());
}

#[actix_web::test]
async fn given_results_before_the_cycle_and_its_people_the_mail_waits_for_them() {
    let sink = Sink::start(Manner::Takes).await;
    let world = World::start(&[notification::service(settings(sink.port))]).await;
    let corrected = news(vec![result("E001", 2, "90", "A1")], Some("a mistyped figure"));
    world.publish(&Event::ResultsCorrected(corrected)).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    world.publish(&cycle_opened()).await;
    world.publish(&people(&[("E001", "en", Some("lilei@example.com"))])).await;

    eventually("both mails", async || (sink.mails().len() == 2).then_some(())).await;
    let received = sink.mails();
    let bodies: Vec<String> = received.iter().map(|mail| sink::read(mail).body_text(0).unwrap().into_owned()).collect();
    let correction = bodies.iter().find(|body| body.contains("corrected")).unwrap();
    for needed in ["Score: 90 (before: 86.5)", "Grade: A1 (before: A2)", "Reason: a mistyped figure"] {
        assert!(correction.contains(needed), "{needed} in {correction}");
    }
}

#[actix_web::test]
async fn given_a_grade_with_a_label_when_it_is_published_and_corrected_then_people_read_the_label() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "good"), result("E002", 1, "86.5", "good")])).await;
    mail_in(&world, "sent", "recipient=E001").await;
    let corrected = news(vec![result("E001", 2, "86.5", "C")], Some("a mistyped figure"));
    world.publish(&Event::ResultsCorrected(corrected)).await;
    eventually("all mails", async || (sink.mails().len() == 3).then_some(())).await;

    let received = sink.mails();
    let bodies: Vec<String> = received.iter().map(|mail| sink::read(mail).body_text(0).unwrap().into_owned()).collect();
    for needed in ["等级：良好", "Grade: Good", "等级：由 良好 改为 C"] {
        assert!(bodies.iter().any(|body| body.contains(needed)), "{needed} in {bodies:?}");
    }
}

#[actix_web::test]
async fn given_a_busy_server_the_mail_is_tried_again_under_the_same_message_id() {
    let sink = Sink::start(Manner::Busy).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    let failed = mail_in(&world, "failed", "recipient=E001").await;
    assert!(failed["last_error"].as_str().unwrap().contains("busy"), "{failed}");
    assert_eq!(failed["tries"], 1);

    sink.becomes(Manner::HangsUp);
    later(&world, SignedDuration::from_secs(61));
    eventually("the second try", async || {
        mails(&world, "state=failed").await.into_iter().find(|mail| mail["tries"] == 2)
    })
    .await;
    sink.becomes(Manner::Takes);
    later(&world, SignedDuration::from_secs(301));
    let sent = mail_in(&world, "sent", "recipient=E001").await;
    assert_eq!(sent["tries"], 3);
    let received = sink.mails();
    let ids: BTreeSet<_> = received.iter().map(|mail| sink::read(mail).message_id().unwrap().to_owned()).collect();
    assert_eq!((received.len(), ids.len()), (2, 1));
}

#[actix_web::test]
async fn given_no_server_at_all_the_mail_is_delivered_when_there_is_one() {
    let port = Sink::start(Manner::Takes).await.port;
    let unbound = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_ne!(port, unbound);
    let world = World::start(&[notification::service(settings(unbound))]).await;
    world.publish(&people(&[("E001", "en", Some("lilei@example.com"))])).await;
    world.publish(&cycle_opened()).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    mail_in(&world, "failed", "recipient=E001").await;

    let sink = Sink::start_on(unbound).await;
    later(&world, SignedDuration::from_secs(61));
    mail_in(&world, "sent", "recipient=E001").await;
    assert_eq!(sink.mails().len(), 1);
}

#[actix_web::test]
async fn given_a_final_refusal_the_mail_is_dead_until_somebody_asks_for_another_try() {
    let sink = Sink::start(Manner::KnowsNobody).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    let dead = mail_in(&world, "dead", "recipient=E001").await;
    assert!(dead["last_error"].as_str().unwrap().contains("no such user"), "{dead}");
    let path = format!("/v1/mails/{}", dead["id"].as_str().unwrap());

    sink.becomes(Manner::Takes);
    let retried = hr(&world).post(&format!("{path}/retry"), json!({})).await.expect(202);
    assert_eq!(retried.str("/state"), "queued");
    mail_in(&world, "sent", "recipient=E001").await;
    let again = hr(&world).post(&format!("{path}/retry"), json!({})).await.expect(409);
    assert_eq!(again.str("/type"), "urn:steelyard:problem:wrong-state");
}

#[actix_web::test]
async fn given_a_server_that_refuses_us_no_mail_is_given_up() {
    let sink = Sink::start(Manner::WantsCredentials).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    mail_in(&world, "failed", "recipient=E001").await;
}

#[actix_web::test]
async fn given_an_address_that_comes_later_the_mail_can_be_sent_after_all() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&people(&[("E003", "zh-CN", None)])).await;
    world.publish(&published(vec![result("E003", 1, "70", "B3")])).await;
    let mail = mail_in(&world, "undeliverable", "recipient=E003").await;
    let retry = format!("/v1/mails/{}/retry", mail["id"].as_str().unwrap());
    hr(&world).post(&retry, json!({})).await.expect(409);

    let Event::EmployeesChanged(mut changed) = people(&[("E003", "zh-CN", Some("new@example.com"))]) else { return };
    changed.employees[0].version = 2;
    world.publish(&Event::EmployeesChanged(changed)).await;
    eventually("the address is known", async || (hr(&world).post(&retry, json!({})).await.status == 202).then_some(()))
        .await;
    mail_in(&world, "sent", "recipient=E003").await;
    assert!(sink.mails()[0].contains("new@example.com"));
}

#[actix_web::test]
async fn given_a_sender_killed_with_mail_in_hand_another_sends_it_under_the_same_message_id() {
    let sink = Sink::start(Manner::Stalls).await;
    let mut world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    eventually("the mail is in hand", async || (sink.mails().len() == 1).then_some(())).await;
    world.running.remove("notification").unwrap().kill().await;

    sink.becomes(Manner::Takes);
    later(&world, SignedDuration::from_secs(181));
    let service = notification::service(settings(sink.port));
    let running = platform::service::start(&service, world.config("notification")).await.unwrap();
    world.running.insert("notification", running);
    eventually("the mail is sent again", async || (sink.mails().len() == 2).then_some(())).await;
    eventually("keys", async || (hr(&world).get("/v1/mails").await.status == 200).then_some(())).await;
    mail_in(&world, "sent", "recipient=E001").await;
    let received = sink.mails();
    assert_eq!(sink::read(&received[0]).message_id(), sink::read(&received[1]).message_id());
}

#[actix_web::test]
async fn given_two_replicas_every_mail_is_sent_once() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let service = notification::service(settings(sink.port));
    let other = platform::service::start(&service, world.config("notification")).await.unwrap();
    let numbers: Vec<String> = (0..600).map(|n| format!("P{n:04}")).collect();
    let addresses: Vec<String> = numbers.iter().map(|number| format!("{number}@example.com")).collect();
    for range in [0..300, 300..600] {
        let of: Vec<_> = range
            .clone()
            .map(|n| (numbers[n].as_str(), if n % 2 == 0 { "en" } else { "zh-CN" }, Some(addresses[n].as_str())))
            .collect();
        world.publish(&people(&of)).await;
        world.publish(&published(range.map(|n| result(&numbers[n], 1, "80", "B1")).collect())).await;
    }
    eventually("all mails", async || (sink.mails().len() >= 600).then_some(())).await;
    flush(&world, &sink).await;

    let received = sink.mails();
    let ids: BTreeSet<_> = received.iter().map(|mail| sink::read(mail).message_id().unwrap().to_owned()).collect();
    assert_eq!((received.len(), ids.len()), (601, 601));
    other.stop().await;
}

#[actix_web::test]
async fn given_open_tasks_each_person_gets_one_digest_a_day() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let (yesterday, today, tomorrow) = (date(2026, 9, 27), date(2026, 9, 28), date(2026, 9, 29));
    world
        .publish(&tasks(&[
            ("late", "E002", Some(yesterday), false, 1),
            ("now", "E002", Some(today), false, 1),
            ("soon", "E002", Some(tomorrow), false, 1),
            ("far", "E002", Some(date(2026, 10, 9)), false, 1),
            ("undated", "E002", None, false, 1),
            ("finished", "E002", Some(today), true, 3),
            ("far", "E001", Some(date(2026, 10, 9)), false, 1),
        ]))
        .await;
    world.publish(&tasks(&[("finished", "E002", Some(today), false, 2)])).await;
    mail_in(&world, "sent", "recipient=E002").await;
    world.publish(&tasks(&[("more", "E002", Some(today), false, 1)])).await;
    flush(&world, &sink).await;

    let received = sink.mails();
    let digests: Vec<_> = received.iter().filter(|mail| mail.contains("han@example.com")).collect();
    assert_eq!(digests.len(), 1);
    assert!(!received.iter().any(|mail| mail.contains("lilei@example.com")));
    let digest = sink::read(digests[0]);
    assert_eq!(digest.subject(), Some("Appraisal tasks waiting for you: 3, 1 overdue"));
    let body = digest.body_text(0).unwrap().replace("\r\n", "\n");
    let listed = "Overdue:
- Score your people: Unit of late (Monthly appraisal 2026-09, due 2026-09-27)

Due today:
- Score your people: Unit of now (Monthly appraisal 2026-09, due 2026-09-28)

Due soon:
- Score your people: Unit of soon (Monthly appraisal 2026-09, due 2026-09-29)
";
    assert!(body.contains(listed), "{body}");

    later(&world, SignedDuration::from_hours(24));
    eventually("the next day's digest", async || {
        (mails(&world, "recipient=E002&state=sent").await.len() == 2).then_some(())
    })
    .await;
    let received = sink.mails();
    let last = received.iter().rfind(|mail| mail.contains("han@example.com")).unwrap();
    assert_eq!(sink::read(last).subject(), Some("Appraisal tasks waiting for you: 4, 3 overdue"));
}

#[actix_web::test]
async fn given_days_after_which_it_goes_up_then_the_superior_is_told_of_what_is_long_overdue() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&people(&[("M001", "en", Some("boss@example.com"))])).await;
    world.publish(&led("E001", "M001")).await;
    let hr = hr(&world);
    assert_eq!(hr.get("/v1/reminders").await.expect(200).body["escalate_after"], Value::Null);
    hr.put("/v1/reminders", None, json!({ "escalate_after": 0 })).await.expect(422);
    hr.put("/v1/reminders", None, json!({ "escalate_after": 2 })).await.expect(200);
    assert_eq!(hr.get("/v1/reminders").await.expect(200).body["escalate_after"], 2);

    // Today is Monday the 28th: what was due before Thursday is two working days late.
    world
        .publish(&tasks(&[
            ("late", "E001", Some(date(2026, 9, 23)), false, 1),
            ("later", "E001", Some(date(2026, 9, 25)), false, 1),
        ]))
        .await;

    mail_in(&world, "sent", "recipient=M001").await;
    let received = sink.mails();
    let digest = sink::read(received.iter().find(|mail| mail.contains("boss@example.com")).unwrap());
    assert_eq!(digest.subject(), Some("Appraisal tasks of your people: 1 overdue"));
    let body = digest.body_text(0).unwrap().replace("\r\n", "\n");
    assert!(body.contains("Overdue among your people:\n- E001 姓名: Score your people: Unit of late"), "{body}");
}

#[actix_web::test]
async fn given_a_task_that_stays_overdue_then_it_goes_further_up_the_line_and_what_waits_for_a_group_to_executives() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let Event::EmployeesChanged(mut above) =
        people(&[("M001", "en", Some("boss@example.com")), ("G001", "en", Some("top@example.com"))])
    else {
        unreachable!("people are told")
    };
    let Event::EmployeesChanged(below) = led("M001", "G001") else { unreachable!("people are told") };
    above.employees[0].assignments.clone_from(&below.employees[0].assignments);
    above.employees[1].roles = vec!["executive".to_owned()];
    world.publish(&Event::EmployeesChanged(above)).await;
    world.publish(&led("E001", "M001")).await;
    hr(&world).put("/v1/reminders", None, json!({ "escalate_after": 2 })).await.expect(200);
    // Today is Monday the 28th: what was due before Tuesday the 22nd is four working days late. One event, so that one
    // digest has it all.
    let late = [("long", "E001", 21), ("late", "E001", 23), ("group", "", 23)];
    let late = late.map(|(key, holder, day)| (key, holder, Some(date(2026, 9, day)), false, 1));
    let Event::ScoringTasksChanged(mut told) = tasks(&late) else { unreachable!("tasks are told") };
    told.tasks[2].holder = "role:finance".to_owned();
    world.publish(&Event::ScoringTasksChanged(told)).await;
    mail_in(&world, "sent", "recipient=M001").await;
    mail_in(&world, "sent", "recipient=G001").await;
    let received = sink.mails();
    let listed = |address: &str| {
        let digest = sink::read(received.iter().find(|mail| mail.contains(address)).unwrap());
        let body = digest.body_text(0).unwrap().replace("\r\n", "\n");
        let lines = body.lines().filter(|line| line.starts_with("- "));
        let what = |line: &str| line.split(" (").next().unwrap_or_default().to_owned();
        lines.map(what).collect::<Vec<_>>()
    };
    let line = |of: &str, what: &str| format!("- {of}: Score your people: Unit of {what}");
    assert_eq!(listed("boss@example.com"), [line("E001 姓名", "long"), line("E001 姓名", "late")]);
    assert_eq!(listed("top@example.com"), [line("E001 姓名", "long"), line("Finance", "group")]);
}

#[actix_web::test]
async fn given_a_task_without_a_day_then_people_are_told_of_it_again_and_again() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let hr = hr(&world);
    assert_eq!(hr.get("/v1/reminders").await.expect(200).body["undated_every"], 7);
    hr.put("/v1/reminders", None, json!({ "escalate_after": null, "undated_every": 0 })).await.expect(422);
    hr.put("/v1/reminders", None, json!({ "escalate_after": null, "undated_every": 2 })).await.expect(200);
    world
        .publish(&tasks(&[("open", "E002", None, false, 1), ("today", "E001", Some(date(2026, 9, 28)), false, 1)]))
        .await;
    mail_in(&world, "sent", "recipient=E001").await;
    assert!(mails(&world, "recipient=E002").await.is_empty(), "it came today");

    for (days, told) in [(24, 0), (24, 1), (24, 1), (24, 2)] {
        later(&world, SignedDuration::from_hours(days));
        flush_digests(&world).await;
        assert_eq!(mails(&world, "recipient=E002").await.len(), told);
    }
    mail_in(&world, "sent", "recipient=E002").await;
    let received = sink.mails();
    let body = sink::read(received.iter().find(|mail| mail.contains("han@example.com")).unwrap());
    let body = body.body_text(0).unwrap().replace("\r\n", "\n");
    assert!(body.contains("Without a day:\n- Score your people: Unit of open (Monthly appraisal 2026-09)"), "{body}");
}

/// Until the digests of today have been looked through.
async fn flush_digests(world: &World) {
    let today = platform::clock::date_of(world.clock.now());
    eventually("the digests are looked through", async || {
        let looked: Vec<Looked> = diesel::sql_query(format!(
            "select (looked_on = '{today}' and not exists (select from news)) as looked from reminders"
        ))
        .load(&mut world.database.connect("notification").await)
        .await
        .unwrap();
        looked.iter().any(|row| row.looked).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_a_second_publication_and_a_result_of_the_unit_then_only_the_people_of_each_get_mail() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let mut first = news(vec![result("E001", 1, "86.5", "A2")], None);
    first.unit.result = Some(UnitResult {
        version: 1,
        score: Some("91.25".to_owned()),
        grade: None,
        coefficient: None,
        outcomes: Vec::new(),
        outputs: Default::default(),
        involved: Vec::new(),
    });
    let unit_alone = ResultsPublished { results: Vec::new(), ..first.clone() };
    let second = ResultsPublished { publication: 2, results: vec![result("E002", 1, "64", "C")], ..first.clone() };
    for published in [first, unit_alone, second] {
        world.publish(&Event::ResultsPublished(published)).await;
    }
    mail_in(&world, "sent", "recipient=E001").await;
    mail_in(&world, "sent", "recipient=E002").await;
    flush(&world, &sink).await;

    assert_eq!(mails(&world, "recipient=E001").await.len(), 1);
    assert_eq!(sink.mails().len(), 3);
    assert!(sink.mails().iter().all(|mail| !sink::read(mail).body_text(0).unwrap().contains("91.25")));
}

#[actix_web::test]
async fn given_a_cancelled_cycle_when_its_tasks_are_due_then_nobody_is_reminded_and_told_of_results() {
    let sink = Sink::start(Manner::Takes).await;
    let world = World::start(&[notification::service(settings(sink.port))]).await;
    let both = [("E001", "zh-CN", Some("lilei@example.com")), ("E002", "en", Some("han@example.com"))];
    let cancelled = CycleCancelled { cycle: CYCLE, reason: "opened by mistake".to_owned() };
    world.publish(&Event::CycleCancelled(cancelled)).await;
    world.publish(&cycle_opened()).await;
    eventually("the cycle is cancelled", async || {
        let cancelled = diesel::sql_query("select from cycles where cancelled")
            .execute(&mut world.database.connect("notification").await)
            .await;
        (cancelled.ok()? == 1).then_some(())
    })
    .await;
    let (today, other) = (date(2026, 9, 28), Uuid::from_u128(8));
    world.publish(&tasks(&[("now", "E002", Some(today), false, 1), ("more", "E001", Some(today), false, 1)])).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    let Event::ScoringTasksChanged(going_on) = tasks(&[("other", "E002", Some(today), false, 1)]) else { return };
    world.publish(&Event::ScoringTasksChanged(TasksChanged { within: other.into(), ..going_on })).await;
    world.publish(&people(&both)).await;

    mail_in(&world, "sent", "recipient=E002").await;

    let digest = sink.mails().pop().unwrap();
    assert_eq!(sink::read(&digest).subject(), Some("Appraisal tasks waiting for you: 1"));
    assert_eq!(mails(&world, "recipient=E001").await, Vec::<Value>::new());
}

#[actix_web::test]
async fn given_a_public_holiday_when_tasks_are_open_then_the_digest_comes_on_working_days_only() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    let holidays = (1..=7).map(|day| date(2026, 10, day)).collect();
    let calendar = WorkingCalendarChanged { non_working_days: holidays, working_days: Vec::new(), version: 1 };
    world.publish(&Event::WorkingCalendarChanged(calendar)).await;
    world.publish(&tasks(&[("holiday", "E002", Some(date(2026, 10, 2)), false, 1)])).await;
    let digests = async |count: usize| {
        eventually("the digests", async || {
            (mails(&world, "recipient=E002&state=sent").await.len() == count).then_some(())
        })
        .await;
    };
    // Monday to Wednesday: what is due within the holidays is spoken of on the last working day before them.
    later(&world, SignedDuration::from_hours(48));
    digests(1).await;
    let last = sink.mails().pop().unwrap();
    assert!(last.contains("han@example.com"), "{last}");

    // Thursday, the first holiday: another person's task that was due shows that reminders were looked at.
    later(&world, SignedDuration::from_hours(24));
    world.publish(&tasks(&[("late", "E001", Some(date(2026, 9, 30)), false, 1)])).await;
    eventually("the holiday was looked at", async || {
        let looked: Vec<Looked> = diesel::sql_query(
            "select (looked_on = '2026-10-01' and not exists (select from news)
                     and exists (select from tasks where holder = 'person:E001')) as looked from reminders",
        )
        .load(&mut world.database.connect("notification").await)
        .await
        .unwrap();
        looked.iter().any(|row| row.looked).then_some(())
    })
    .await;
    flush(&world, &sink).await;
    assert_eq!(mails(&world, "recipient=E001&state=sent").await.len(), 0);

    // The working day after the holidays.
    later(&world, SignedDuration::from_hours(7 * 24));
    digests(2).await;
}

#[derive(diesel::QueryableByName)]
struct Looked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    looked: bool,
}

#[actix_web::test]
async fn given_no_right_to_them_mails_are_neither_listed_nor_read_and_reading_is_recorded() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    let mail = mail_in(&world, "sent", "recipient=E001").await;
    let path = format!("/v1/mails/{}", mail["id"].as_str().unwrap());
    assert_eq!(mail.get("body"), None);

    let person = world.client("notification", Some("E001"), &[Role::Employee, Role::Manager]);
    person.get("/v1/mails").await.expect(403);
    person.get(&path).await.expect(403);
    person.post(&format!("{path}/retry"), json!({})).await.expect(403);
    world.anonymous("notification").get(&path).await.expect(401);
    let stranger = world.client_of(Uuid::now_v7(), "notification", Some("H001"), &[Role::Hr], &[]);
    stranger.get(&path).await.expect(404);
    assert_eq!(stranger.get("/v1/mails").await.expect(200).body["items"], json!([]));

    let read = hr(&world).get(&path).await.expect(200);
    assert!(read.str("/body").contains("得分：86.5") && read.str("/body").contains("https://hr.example.com"));
    let auditor = world.client("notification", Some("A001"), &[Role::Auditor]);
    let entries = auditor.get("/v1/notification/audit-entries").await.expect(200);
    let recorded = entries.body["items"].as_array().unwrap();
    assert_eq!(
        (recorded.len(), &recorded[0]["action"], &recorded[0]["actor"]),
        (1, &json!("mails.read"), &json!("H001"))
    );
}

#[actix_web::test]
async fn given_a_mail_that_stalls_when_another_is_taken_then_that_is_recorded_without_waiting() {
    let sink = Sink::start(Manner::StallsOnce).await;
    let mut world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2"), result("E002", 1, "64", "C")])).await;
    // Sooner than the sender runs out of patience with the other.
    let mut taken = async || {
        let sent = hr(&world).get("/v1/mails?state=sent").await.expect(200);
        sent.body["items"].as_array().is_some_and(|items| items.len() == 1).then_some(())
    };
    testkit::eventually_within(Duration::from_secs(15), "one of the mails is recorded as sent", &mut taken).await;

    world.running.remove("notification").unwrap().kill().await;

    assert_eq!(sink.mails().len(), 2);
}

#[actix_web::test]
async fn given_a_mail_about_a_result_when_an_admin_asks_then_they_see_its_way_and_not_its_text() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2")])).await;
    let id = mail_in(&world, "sent", "recipient=E001").await["id"].as_str().unwrap().to_owned();
    let admin = world.client("notification", Some("A009"), &[Role::Admin]);

    let listed = admin.get("/v1/mails").await.expect(200);

    assert!(!listed.text.contains("86.5"));
    admin.get(&format!("/v1/mails/{id}")).await.expect(403);
}

#[actix_web::test]
async fn mails_are_listed_in_pages_newest_first_and_bad_queries_are_refused() {
    let sink = Sink::start(Manner::Takes).await;
    let world = world(&sink).await;
    world.publish(&published(vec![result("E001", 1, "86.5", "A2"), result("E002", 1, "64", "C")])).await;
    mail_in(&world, "sent", "recipient=E001").await;
    mail_in(&world, "sent", "recipient=E002").await;

    let first = hr(&world).get("/v1/mails?limit=1").await.expect(200);
    let second = hr(&world).get(&format!("/v1/mails?limit=1&after={}", first.str("/next"))).await.expect(200);
    assert_eq!(second.body["next"], Value::Null);
    let of = |answer: &testkit::Answer| answer.str("/items/0/recipient").to_owned();
    assert_eq!(BTreeSet::from([of(&first), of(&second)]).len(), 2);
    hr(&world).get("/v1/mails?state=lost").await.expect(422);
    hr(&world).get("/v1/mails?limit=0").await.expect(422);
    hr(&world).get("/v1/mails?after=x").await.expect(422);
    hr(&world).get("/v1/mails/not-an-id").await.expect(404);
    hr(&world).get(&format!("/v1/mails/{}", Uuid::nil())).await.expect(404);
}
