//! The ledger by itself, without the engine: what is entered, in which order it can be read, and that it stays.

use std::collections::BTreeSet;

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use pay::cycles::{self, Cycle};
use pay::statements::{Figures, Reckoned, ledger};
use platform::store::Actor;
use platform::{Platform, Tx};
use rand::Rng;
use serde_json::Value;

use crate::stage::{EACH, Stage, result, values};

const WRITERS: usize = 5;
const TRANSACTIONS: usize = 30;

fn reckoned(number: &str, version: i64) -> Reckoned {
    let figures = Figures {
        currency: "CNY".to_owned(),
        components: values(&[("performance_pay", "100.00")]),
        coefficient: None,
        explanation: None,
    };
    Reckoned { result: result(number, version, "1"), figures: Some(figures) }
}

async fn begin(stage: &Stage) -> Tx {
    let platform = platform(stage);
    platform.store.begin(stage.world.company, Actor::system(), platform.clock.now()).await.unwrap()
}

fn platform(stage: &Stage) -> Platform {
    stage.world.running["pay"].platform.clone()
}

async fn cycle(stage: &Stage) -> Cycle {
    let mut tx = begin(stage).await;
    let opened = stage.opened(EACH);
    cycles::rows::insert(&mut tx, &opened, "2026-10-31".parse().unwrap()).await.unwrap();
    let cycle = cycles::rows::find(&mut tx, stage.cycle).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    cycle
}

/// A writer that takes its time between entering and committing, and sometimes gives up; how many statements it
/// committed.
async fn write(platform: Platform, company: uuid::Uuid, cycle: Cycle, writer: usize) -> usize {
    let mut committed = 0;
    for turn in 0..TRANSACTIONS {
        let (people, pause, gives_up) = {
            let mut random = rand::rng();
            (random.random_range(1..6), random.random_range(0..4_u64), random.random_bool(0.2))
        };
        let mut tx = platform.store.begin(company, Actor::system(), platform.clock.now()).await.unwrap();
        let results = (0..people).map(|person| reckoned(&format!("{writer}-{turn}-{person}"), 1)).collect();
        ledger::enter(&mut tx, &cycle, results, "{}").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        if gives_up {
            tx.rollback().await.unwrap();
        } else {
            tx.commit().await.unwrap();
            committed += people;
        }
    }
    committed
}

#[actix_web::test]
async fn given_many_writers_when_a_reader_follows_the_cursor_then_it_misses_nothing_and_there_are_no_gaps() {
    let stage = Stage::set(EACH).await;
    let cycle = cycle(&stage).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(platform(&stage), stage.world.company, cycle.clone(), writer)))
        .collect();

    let (payroll, mut after, mut read) = (stage.payroll(), "0".to_owned(), Vec::new());
    loop {
        let done = writers.iter().all(|writer| writer.is_finished());
        let page = payroll.get(&format!("/v1/payroll/statements?limit=7&after={after}")).await.expect(200);
        let items = page.body["items"].as_array().cloned().unwrap();
        if let Some(last) = items.last() {
            after = last["cursor"].as_str().unwrap().to_owned();
        } else if done {
            break;
        }
        read.extend(items);
    }

    let mut committed = 0;
    for writer in writers {
        committed += writer.await.unwrap();
    }
    let cursors: Vec<String> = read.iter().map(|s| s["cursor"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<String> = (1..=committed).map(|n| n.to_string()).collect();
    assert_eq!(cursors, expected);
    let numbers: BTreeSet<&str> = read.iter().map(|s| s["number"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), read.len());
}

#[actix_web::test]
async fn given_the_same_result_when_several_enter_it_at_once_then_one_statement_is_issued() {
    let stage = Stage::set(EACH).await;
    let cycle = cycle(&stage).await;
    let entering = (0..4).map(|_| {
        let (platform, company, cycle) = (platform(&stage), stage.world.company, cycle.clone());
        tokio::spawn(async move {
            let mut tx = platform.store.begin(company, Actor::system(), platform.clock.now()).await.unwrap();
            ledger::enter(&mut tx, &cycle, vec![reckoned("E001", 1)], "{}").await.unwrap();
            tx.commit().await.unwrap();
        })
    });
    for entered in entering.collect::<Vec<_>>() {
        entered.await.unwrap();
    }

    assert_eq!(stage.statements(1).await.len(), 1);
}

#[actix_web::test]
async fn given_a_statement_when_anybody_changes_or_deletes_it_then_the_database_refuses() {
    let stage = Stage::set(EACH).await;
    let cycle = cycle(&stage).await;
    let mut tx = begin(&stage).await;
    ledger::enter(&mut tx, &cycle, vec![reckoned("E001", 1)], "{}").await.unwrap();
    tx.commit().await.unwrap();

    for change in ["update statements set document = '{}'", "delete from statements", "truncate statements"] {
        let mut owner = stage.world.database.connect("pay").await;
        let refused = owner.batch_execute(change).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{change}: {refused}");
        let mut tx = begin(&stage).await;
        assert!(diesel::sql_query(change).execute(tx.conn()).await.is_err(), "{change}");
    }
    assert_eq!(stage.statements(1).await.len(), 1);
}

#[actix_web::test]
async fn given_thousands_of_statements_when_they_are_streamed_then_lines_and_pages_say_the_same() {
    let stage = Stage::set(EACH).await;
    let cycle = cycle(&stage).await;
    let mut tx = begin(&stage).await;
    let results = (0..9001).map(|person| reckoned(&format!("E{person:05}"), 1)).collect();
    ledger::enter(&mut tx, &cycle, results, "{}").await.unwrap();
    tx.commit().await.unwrap();
    let ndjson = [("accept", "application/x-ndjson")];

    let stream = stage.payroll().send("GET", "/v1/payroll/statements?after=1", &ndjson, Vec::new()).await.expect(200);
    let page = stage.payroll().get("/v1/payroll/statements?after=1&limit=500").await.expect(200);

    assert_eq!(stream.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = stream.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 9000);
    let cursors: Vec<usize> = lines.iter().map(|line| line["cursor"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(cursors, (2..=9001).collect::<Vec<_>>());
    assert_eq!(page.body["items"].as_array().unwrap()[..], lines[..500]);
    assert_eq!(page.str("/next"), "501");
    let told = stage.world.outbox("pay").await;
    assert_eq!(told.len(), 19, "events tell of 500 statements at most");
}
