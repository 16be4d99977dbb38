use diesel::QueryableByName;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use jiff::SignedDuration;
use platform::Store;
use platform::replay::{Asked, Replayed, run};
use uuid::Uuid;

use crate::world::{Company, ranked, scheme};

pub async fn replay(company: &Company) -> Replayed {
    let store = Store::connect(&company.world.database.url("scoring"), 1, "scoring").expect("a store");
    let mut lines = Vec::new();
    let tell = &mut |line: &str| lines.push(line.to_owned());
    let now = company.world.clock.now();
    let replayed = run(&scoring::service(), &store, &Asked::default(), now, tell).await.expect("a replay");
    assert!(lines.len() >= replayed.cycles.len(), "{lines:?}");
    replayed
}

async fn correct(company: &Company, cycle: Uuid, number: &str, item: &str, value: &str) {
    company.correct(cycle, number, &format!("/items/{item}/value"), value).await.expect(201);
}

#[actix_web::test]
async fn given_two_months_with_corrections_when_replayed_then_everything_comes_out_the_same() {
    let company = Company::scoring().await;
    let before = Uuid::now_v7();
    company.open(before, "2026-09").await;
    company.score_everybody(before).await;
    company.tell_apart(before, &[("E001", 6), ("E002", 1)]).await;
    company.close(before).await;
    company.publish(before).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    assert_eq!(replay(&company).await.different(), 0);
    company.publish(company.cycle).await;

    // A correction of the month before, after the month that looked at it.
    correct(&company, before, "E001", "reports", "5").await;
    correct(&company, company.cycle, "E001", "reports", "2").await;
    correct(&company, company.cycle, "E001", "proposals", "5").await;
    correct(&company, before, "E001", "reports", "4").await;

    let replayed = replay(&company).await;
    assert_eq!(replayed.different(), 0, "{:?}", replayed.cycles);
    let counted: Vec<(u64, u64, u64)> = replayed
        .cycles
        .iter()
        .map(|(_, tally)| (tally.counted("results"), tally.counted("corrections"), tally.counted("units")))
        .collect();
    assert_eq!(counted, [(5, 2, 2), (5, 2, 2)]);
}

#[derive(QueryableByName)]
struct InOrder {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    in_order: bool,
}

#[actix_web::test]
async fn given_a_replica_whose_clock_is_behind_when_it_publishes_and_corrects_then_its_changes_still_come_last() {
    let company = Company::scoring().await;
    let before = Uuid::now_v7();
    company.open(before, "2026-09").await;
    company.score_everybody(before).await;
    company.tell_apart(before, &[("E001", 6), ("E002", 1)]).await;
    company.close(before).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;

    let clock = &company.world.clock;
    clock.move_to(clock.now() - SignedDuration::from_mins(10));
    company.publish(before).await;
    company.publish(company.cycle).await;
    correct(&company, before, "E001", "reports", "5").await;
    correct(&company, company.cycle, "E001", "reports", "2").await;

    let mut conn = company.world.database.connect("scoring").await;
    let found: InOrder = diesel::sql_query(
        "select (select max(made_at) from results where version = 1) < (select min(published_at) from cycles)
            and (select max(published_at) from cycles) < (select min(made_at) from results where version = 2) as in_order",
    )
    .get_result(&mut conn)
    .await
    .unwrap();
    assert!(found.in_order);
    assert_eq!(replay(&company).await.different(), 0);
}

#[actix_web::test]
async fn given_a_forced_ranking_with_a_correction_when_replayed_then_it_agrees() {
    for within in ["company", "unit"] {
        let company = Company::scoring_by(&ranked(within)).await;
        company.score_everybody(company.cycle).await;
        company.tell_apart(company.cycle, &[("E001", 6), ("E002", 4), ("M001", 2)]).await;
        company.close(company.cycle).await;
        company.publish(company.cycle).await;
        correct(&company, company.cycle, "E001", "proposals", "5").await;
        correct(&company, company.cycle, "E002", "proposals", "5").await;

        let replayed = replay(&company).await;

        assert_eq!(replayed.different(), 0, "{within}: {:?}", replayed.cycles);
        assert_eq!(replayed.cycles[0].1.counted("corrections"), 2);
    }
}

#[actix_web::test]
async fn given_stored_results_that_were_changed_when_replayed_then_exactly_these_are_told() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    let mut conn = company.world.database.connect("scoring").await;
    let changes = "update results set score = 99 where kind = 'person' and subject = 'E002';
        update results set carried = '{\"x\": \"1\"}' where kind = 'unit' and subject = 'OPS';
        delete from results where subject = 'M002'";
    conn.batch_execute(changes).await.unwrap();

    let replayed = replay(&company).await;

    let told: Vec<(&str, &str, &str)> = replayed.cycles[0]
        .1
        .differences
        .iter()
        .map(|d| (d.what.as_str(), d.stored.as_str(), d.recomputed.as_str()))
        .collect();
    let expected = [
        ("person:E002 version 1: score", "99", "88.4"),
        ("unit:OPS version 1: carried figures", "x = 1", ""),
        ("published results of people", "5", "4"),
    ];
    assert_eq!(told, expected);
}

#[actix_web::test]
async fn given_figures_of_the_company_that_the_scheme_does_not_have_when_replayed_then_they_are_told() {
    let company = Company::scoring_by(&scheme().replace("param.performance_share", "0.3")).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    assert_eq!(replay(&company).await.different(), 0);
    let mut conn = company.world.database.connect("scoring").await;
    conn.batch_execute("update cycles set company_carried = '{\"profit\": \"1\"}'").await.unwrap();

    let replayed = replay(&company).await;

    assert_eq!(replayed.different(), 1, "once, though each unit is looked at");
    let told = &replayed.cycles[0].1.differences[0];
    assert_eq!(told.what, "carried figures of the company");
    assert_eq!((told.stored.as_str(), told.recomputed.as_str()), ("profit = 1", ""));
}

#[actix_web::test]
async fn given_a_cycle_whose_scheme_or_results_cannot_be_read_when_replayed_then_that_is_told_and_the_next_are_replayed()
 {
    let company = Company::scoring().await;
    let unread = [Uuid::now_v7(), Uuid::now_v7()];
    for (cycle, period) in unread.into_iter().zip(["2026-08", "2026-09"]) {
        company.open(cycle, period).await;
        company.score_everybody(cycle).await;
        company.close(cycle).await;
    }
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let mut conn = company.world.database.connect("scoring").await;
    let [of_scheme, of_results] = unread;
    let changes = format!(
        "update cycles set scheme_source = 'no scheme' where id = '{of_scheme}';
         update results set carried = '[]' where cycle = '{of_results}' and subject = 'E001'"
    );
    conn.batch_execute(&changes).await.unwrap();

    let replayed = replay(&company).await;

    let told: Vec<(Uuid, u64)> =
        replayed.cycles.iter().map(|(closed, tally)| (closed.cycle, tally.different)).collect();
    assert_eq!(told, [(of_scheme, 1), (of_results, 1), (company.cycle, 0)]);
    assert_eq!(replayed.cycles[0].1.differences[0].what, "the cycle");
    assert_eq!(replayed.cycles[2].1.counted("results"), 5);
}

#[actix_web::test]
async fn given_a_replay_when_it_tries_to_write_then_the_database_refuses() {
    let company = Company::scoring().await;
    let store = Store::connect(&company.world.database.url("scoring"), 1, "scoring").unwrap();
    let mut tx = store.begin_to_read(Some(company.world.company), company.world.clock.now()).await.unwrap();

    let written = diesel::sql_query("update cycles set state = 'computed'").execute(tx.conn()).await;

    assert!(written.unwrap_err().to_string().contains("read-only"));
}
