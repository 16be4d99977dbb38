//! A company of 100 000 people, to see how long each step takes: `cargo test --test planning -- --ignored --nocapture`.

use std::time::Instant;

use domain::events::{Employee, EmployeesChanged, Event, Unit, UnitsChanged};
use platform::Role;
use serde_json::{Value, json};
use testkit::{World, eventually_within};

use crate::company::{PLANNED, UNPLANNED, employees, goals, units};

const UNITS: usize = 1000;
const PEOPLE_PER_UNIT: usize = 100;

fn unit(index: usize) -> Unit {
    let code = format!("U{index:04}");
    Unit { head: Some(format!("{code}-000")), name: code.clone(), code, ..units().remove(1) }
}

fn person(unit: usize, index: usize) -> Employee {
    let mut person = employees().remove(3);
    person.number = format!("U{unit:04}-{index:03}");
    person.assignments[0].unit = format!("U{unit:04}");
    person.assignments[0].superior = Some(if index == 0 { "G1".to_owned() } else { format!("U{unit:04}-000") });
    person
}

#[allow(clippy::print_stdout, reason = "it prints what it measures")]
fn took(step: &str, started: Instant) {
    println!("{step}: {:.1} s", started.elapsed().as_secs_f64());
}

#[actix_web::test]
#[ignore = "takes minutes; it measures"]
async fn given_100_000_people_when_a_cycle_is_planned_then_every_step_is_one_of_sets() {
    let world = World::start(&[planning::service()]).await;
    let started = Instant::now();
    world.publish(&Event::UnitsChanged(UnitsChanged { units: (0..UNITS).map(unit).collect() })).await;
    let people: Vec<Employee> =
        (0..UNITS).flat_map(|unit| (0..PEOPLE_PER_UNIT).map(move |index| person(unit, index))).collect();
    for batch in people.chunks(500) {
        world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: batch.to_vec() })).await;
    }
    let hr = world.client("planning", Some("P1"), &[Role::Employee, Role::Hr]);
    let mut arrived = async || {
        let directory = hr.get("/v1/planning/directory").await.expect(200).body;
        (directory["employees"] == people.len()).then_some(())
    };
    eventually_within(std::time::Duration::from_secs(300), "everybody arrives", &mut arrived).await;
    took("arrive", started);

    let executive = world.client("planning", None, &[Role::Executive]);
    let open = async |scheme: &str| {
        let code = hr.post("/v1/schemes", json!({ "source": scheme })).await.expect(201).str("/code").to_owned();
        let started = Instant::now();
        let cycle = hr.post("/v1/cycles", json!({ "scheme": code, "period": "2026-10" })).await.expect(201);
        took(&format!("open {code}"), started);
        format!("/v1/cycles/{}", cycle.str("/id"))
    };
    let cycle = open(PLANNED).await;

    let started = Instant::now();
    for batch in people.chunks(5000) {
        let plans: Vec<Value> =
            batch.iter().map(|person| json!({ "number": person.number, "goals": goals() })).collect();
        hr.put(&format!("{cycle}/plans"), None, json!({ "plans": plans })).await.expect(200);
    }
    took("enter plans", started);

    let mut conn = world.database.connect("planning").await;
    let approved = "update plans set state = 'approved'; update cycle_units set plan_state = 'approved'";
    diesel_async::SimpleAsyncConnection::batch_execute(&mut conn, approved).await.unwrap();
    for (step, path) in [("settle", "/sheets/settle"), ("progress", "/progress"), ("release", "/release")] {
        let started = Instant::now();
        match step {
            "settle" => hr.post(&format!("{cycle}{path}"), json!({})).await.expect(200),
            "progress" => hr.get(&format!("{cycle}{path}")).await.expect(200),
            _ => executive.post(&format!("{cycle}{path}"), json!({})).await.expect(200),
        };
        took(step, started);
    }
    let unplanned = open(UNPLANNED).await;
    let started = Instant::now();
    executive.post(&format!("{unplanned}/release"), json!({})).await.expect(200);
    took("release without plans", started);
}
