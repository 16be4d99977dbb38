use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use events::Event;
use platform::Store;
use platform::replay::{Asked, Replayed, run};

use testkit::eventually;

use crate::stage::{EACH, POOLED, Stage, result, sharing_profit, values};

async fn replay(stage: &Stage) -> Replayed {
    let store = Store::connect(&stage.world.database.url("pay"), 1, "pay").expect("a store");
    let now = stage.world.clock.now();
    run(&pay::service(), &store, &Asked::default(), now, &mut |_| ()).await.expect("a replay")
}

fn told(replayed: &Replayed) -> Vec<(String, String, String)> {
    let differences = replayed.cycles.iter().flat_map(|(_, tally)| tally.differences.clone());
    differences.map(|d| (d.what, d.stored, d.recomputed)).collect()
}

#[actix_web::test]
async fn given_statements_and_corrections_when_profiles_change_later_then_a_replay_finds_no_difference() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\nE002,9000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.3"), result("E003", 1, "0.3")]).await;
    stage.statements(2).await;
    stage.correct("NET", result("E001", 2, "0.27")).await;
    stage.statements(3).await;
    let mut excluded = result("E002", 2, "0");
    (excluded.excluded, excluded.grade, excluded.coefficient) = (Some("left".to_owned()), None, None);
    excluded.carried.clear();
    stage.correct("NET", excluded).await;
    stage.statements(4).await;

    stage.import("number,base_salary\nE001,1\nE002,2\nE003,7000\n").await.expect(200);
    stage.statements(5).await;

    let replayed = replay(&stage).await;
    assert_eq!(told(&replayed), []);
    assert_eq!(replayed.cycles[0].1.counted("statements"), 5);
}

#[actix_web::test]
async fn given_a_pool_when_one_result_is_corrected_and_profiles_change_then_a_replay_finds_no_difference() {
    let stage = Stage::set(POOLED).await;
    stage.import("number,base_salary\nE001,1\nE002,1\nE003,1\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "1"), result("E003", 1, "1")]).await;
    stage.complete(3).await;
    stage.statements(3).await;
    stage.import("number,base_salary\nE002,2\n").await.expect(200);
    stage.correct("NET", result("E001", 2, "3")).await;
    stage.statements(4).await;
    stage.import("number,base_salary\nE003,5\n").await.expect(200);
    stage.correct("NET", result("E003", 2, "3")).await;
    stage.statements(5).await;

    let replayed = replay(&stage).await;

    assert_eq!(told(&replayed), []);
    assert_eq!(replayed.cycles[0].1.counted("statements"), 5);
}

#[actix_web::test]
async fn given_a_statement_that_was_changed_when_replayed_then_exactly_that_is_told() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\nE002,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.3")]).await;
    stage.statements(2).await;
    let mut conn = stage.world.database.connect("pay").await;
    let change = "alter table statements disable trigger user;
        update statements set document = replace(document, '2400.00', '9400.00') where number = 'E002';
        alter table statements enable trigger user";
    conn.batch_execute(change).await.unwrap();

    let replayed = replay(&stage).await;

    let of = |what: &str| format!("statement of E002 for version 1: {what}");
    let money = |amount: &str| format!("{{\"performance_pay\":\"{amount}\"}}");
    let both = |what: &str| (of(what), money("9400.00"), money("2400.00"));
    assert_eq!(told(&replayed), [both("components"), both("difference")]);
}

async fn delete(stage: &Stage, which: &str) {
    let mut conn = stage.world.database.connect("pay").await;
    let change = format!(
        "alter table statements disable trigger user; delete from statements where {which};
         alter table statements enable trigger user"
    );
    conn.batch_execute(&change).await.unwrap();
}

fn differs(what: &str, stored: &str, recomputed: &str) -> (String, String, String) {
    (what.to_owned(), stored.to_owned(), recomputed.to_owned())
}

#[actix_web::test]
async fn given_a_statement_that_was_deleted_when_replayed_then_it_is_missing_and_so_is_its_place_in_the_feed() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\nE002,8000\nE003,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.3"), result("E003", 1, "0.3")]).await;
    stage.statements(3).await;
    let missing = |number: &str| differs(&format!("statement of {number} for version 1"), "nothing", "a statement");

    delete(&stage, "position = 2").await;
    let gap = differs("place in the feed before 3", "1", "2");
    assert_eq!(told(&replay(&stage).await), [missing("E002"), gap]);

    delete(&stage, "position = 3").await;
    let end = differs("last place in the feed", "1", "3");
    assert_eq!(told(&replay(&stage).await), [missing("E002"), missing("E003"), end]);

    delete(&stage, "true").await;
    assert_eq!(told(&replay(&stage).await).len(), 4);
}

#[actix_web::test]
async fn given_a_pool_when_a_correction_is_deleted_then_it_is_missing_and_those_who_kept_theirs_are_not() {
    let stage = Stage::set(POOLED).await;
    stage.import("number,base_salary\nE001,1\nE002,1\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "1")]).await;
    stage.complete(2).await;
    stage.statements(2).await;
    stage.correct("NET", result("E001", 2, "3")).await;
    stage.statements(3).await;

    delete(&stage, "position = 3").await;

    let missing = differs("statement of E001 for version 2", "nothing", "a statement");
    assert_eq!(told(&replay(&stage).await), [missing, differs("last place in the feed", "2", "3")]);
}

#[actix_web::test]
async fn given_statements_from_before_their_basis_was_kept_when_replayed_then_they_are_named_and_not_recomputed() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.statements(1).await;
    let mut conn = stage.world.database.connect("pay").await;
    let change = "alter table statements disable trigger user; update statements set reckoning = null;
        alter table statements enable trigger user";
    conn.batch_execute(change).await.unwrap();

    let replayed = replay(&stage).await;

    assert_eq!(replayed.different(), 0);
    let tally = &replayed.cycles[0].1;
    assert_eq!((tally.counted("statements"), tally.notes.len()), (0, 1));
}

#[actix_web::test]
async fn given_results_without_the_figures_of_the_company_then_nobody_is_paid_by_the_default_instead() {
    let stage = Stage::set(&sharing_profit()).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);

    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;

    let problem = eventually("it is told why they wait", async || {
        let run = stage.pay_run().await;
        run.body.pointer("/missing/0/problem").and_then(|problem| problem.as_str().map(str::to_owned))
    })
    .await;
    assert!(problem.starts_with("/company/facts/profit_share: "), "{problem}");
    let mut news = stage.news("NET", vec![result("E001", 1, "0.3")]);
    news.company_carried = values(&[("fact.profit_share", "1.5")]);
    stage.world.publish(&Event::ResultsPublished(news)).await;
    assert_eq!(stage.statements(1).await[0]["components"]["performance_pay"], "3600.00");
}

#[actix_web::test]
async fn given_statements_on_other_figures_of_the_company_than_were_published_when_replayed_then_that_is_told() {
    let stage = Stage::set(&sharing_profit()).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    let mut news = stage.news("NET", vec![result("E001", 1, "0.3")]);
    news.company_carried = values(&[("fact.profit_share", "1.5")]);
    stage.world.publish(&Event::ResultsPublished(news.clone())).await;
    stage.complete_with(1, news.company_carried).await;
    stage.statements(1).await;
    let mut conn = stage.world.database.connect("pay").await;
    eventually("the end of publication is known", async || {
        let told = diesel::sql_query("select from cycles where company_carried is not null").execute(&mut conn).await;
        (told.ok()? == 1).then_some(())
    })
    .await;
    assert_eq!(told(&replay(&stage).await), []);
    let lost = "alter table reckonings disable trigger user;
        update reckonings set basis = replace(basis, '\"fact.profit_share\":\"1.5\"', '');
        alter table reckonings enable trigger user";
    conn.batch_execute(lost).await.unwrap();

    let differences = told(&replay(&stage).await);

    let figures = differs("figures of the company that were published", "", "fact.profit_share = 1.5");
    let statement = differs("statement of E001 for version 1", "a statement", "nothing");
    assert_eq!(differences, [statement, figures]);
}
