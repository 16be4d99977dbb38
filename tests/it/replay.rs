use diesel_async::SimpleAsyncConnection;
use platform::config::Secret;
use platform::replay::{Closed, Tally};
use serde_json::json;
use tests::month::{GOAL, Month, Size, person};
use tests::system::System;

const SMALL: Size = Size { units: 2, people_per_unit: 3 };

async fn replay(system: &System, company: Option<&str>) -> (Vec<(&'static str, Closed, Tally)>, Vec<String>) {
    let postgres =
        |role: &str| Secret::new(system.database.url(role.strip_prefix("steelyard_").expect("a service's role")));
    let mut lines = Vec::new();
    let tell = &mut |line: &str| lines.push(line.to_owned());
    let found = standalone::replay::run(&postgres, company, None, tell).await.expect("a replay");
    (found, lines)
}

#[actix_web::test]
async fn given_a_whole_month_with_a_correction_when_replayed_then_only_what_was_tampered_with_differs() {
    let system = System::start().await;
    let month = Month::published(&system, "acme", SMALL).await;
    month.paid().await;
    let reason = "the goal was met in part";
    month.correct(&person(0, 0), GOAL, json!("31"), reason).await.unwrap();
    testkit::eventually("the correction reaches payroll", async || (month.feed_lines().await == 7).then_some(())).await;
    let import = month.sign_in(&system, "import").await;
    let raised = format!("number,base_salary\n{},9000.00\n", person(0, 1));
    import.post_file("/v1/imports?kind=pay&effective_on=2026-09-01", "text/csv", raised.into()).await.unwrap();

    let before = (system.rows("scoring").await, system.rows("pay").await);
    let (found, lines) = replay(&system, Some("acme")).await;

    assert_eq!((system.rows("scoring").await, system.rows("pay").await), before);
    let counted: Vec<_> = found.iter().map(|(service, _, tally)| (*service, tally.different)).collect();
    assert_eq!(counted, [("scoring", 0), ("pay", 0)], "{lines:#?}");
    assert!(
        lines[0].contains("acme  2026-10") && lines[0].ends_with("results 6, units 2, corrections 1: no difference")
    );
    assert!(lines[1].ends_with("statements 7: no difference"), "{lines:?}");

    let mut conn = system.database.connect("scoring").await;
    let tampered = format!("update results set score = 91 where subject = '{}'", person(1, 2));
    conn.batch_execute(&tampered).await.unwrap();
    let (found, lines) = replay(&system, None).await;

    let told: Vec<_> = found.iter().flat_map(|(_, _, tally)| tally.differences.clone()).collect();
    assert_eq!(told.len(), 1, "{lines:#?}");
    assert_eq!(told[0].what, format!("person:{} version 1: score", person(1, 2)));
    assert_eq!((told[0].stored.as_str(), told[0].recomputed.as_str()), ("91", "88.4"));
    system.stop().await;
}
