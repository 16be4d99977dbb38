//! What everybody of a large company is asked at once: the steps of a stage are opened, told as tasks, and looked up.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::eventually_within;
use tests::month::{Month, Size};
use tests::system::System;

use crate::baseline::copy;
use crate::figure::{Figure, timed};

/// People who are asked unless a size is given.
pub const PEOPLE: usize = 100_000;
const PEOPLE_PER_UNIT: usize = 1_000;
const LOOKS: usize = 2_000;

/// Something is announced to so many people: a step and a task for each. Then one of them looks at their tasks.
pub async fn measure(people: usize) {
    let system = System::start().await;
    let size = Size { units: people.div_ceil(PEOPLE_PER_UNIT), people_per_unit: PEOPLE_PER_UNIT.min(people) };
    let mut month = Month::found(&system, "bench", size).await;
    month.open().await;
    let wanted = i64::try_from(size.people()).expect("a count");
    let until = async |service: &'static str, query: &'static str| {
        let mut look = async || (system.count(service, query).await >= wanted).then_some(());
        eventually_within(Duration::from_secs(900), query, &mut look).await;
    };
    until("scoring", "select from subjects where kind = 'person'").await;

    let body = json!({ "title": "Demands of the year", "text": "Safety first." });
    let path = format!("/v1/cycles/{}/announcements", month.cycle);
    let (made, posted) = timed(month.hr.post(&path, body)).await;
    made.expect("it is announced");
    let began = Instant::now();
    until("scoring", "select from signatures where posted is not null").await;
    let opened = posted + began.elapsed();
    until("notification", "select from tasks where operation = 'sign'").await;
    let told = posted + began.elapsed();

    let copied = copy(&system, "scoring", &["steps", "signatures", "step_tasks"]).await;
    Figure::new("steps.open")
        .rate(size.people(), opened)
        .beside("COPY of steps, signatures and tasks", size.people(), copied, opened)
        .print();
    let copied = copy(&system, "notification", &["tasks"]).await;
    Figure::new("steps.told").rate(size.people(), told).beside("COPY of tasks", size.people(), copied, told).print();

    let me = month.sign_in(&system, "e1").await;
    let mut took = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let (seen, time) = timed(me.get("/v1/my/tasks")).await;
        assert!(!player::api::list(&seen.expect("tasks"), "/items").is_empty());
        took.push(time);
    }
    took.sort();
    let at = |part: usize| took.get(LOOKS * part / 100).map_or(0, Duration::as_micros);
    Figure::new("tasks.list")
        .with("open_tasks", size.people())
        .with("p50_microseconds", u64::try_from(at(50)).unwrap_or(u64::MAX))
        .with("p99_microseconds", u64::try_from(at(99)).unwrap_or(u64::MAX))
        .print();
    system.stop().await;
}
