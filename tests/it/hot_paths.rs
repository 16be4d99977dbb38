//! What the operations that run most cost in round trips to PostgreSQL: beginning with the company, ending, and what
//! is between.

use player::api::{Api, list, text};
use tests::month::{Month, Size};
use tests::system::System;

/// A read, the service that serves it, and how many statements it may send there.
struct HotPath<'a> {
    service: &'a str,
    caller: &'a Api,
    path: String,
    statements: u64,
}

impl HotPath<'_> {
    /// The fewest of some tries: relays and jobs of the service send statements, too, now and then.
    async fn cost(&self, system: &System) -> u64 {
        let store = &system.replicas[0].running[self.service].platform.store;
        let mut fewest = u64::MAX;
        for _ in 0..5 {
            let before = store.statements();
            self.caller.get(&self.path).await.unwrap();
            fewest = fewest.min(store.statements() - before);
        }
        fewest
    }
}

#[actix_web::test]
async fn given_the_operations_that_run_most_when_asked_then_they_send_no_more_statements_than_they_need() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", Size { units: 1, people_per_unit: 3 }).await;
    month.open().await;
    month.plan().await;
    month.score().await;
    let head = month.head(0).clone();
    let sheets = head.get("/v1/sheets").await.unwrap();
    let sheet = text(&sheets, "/items/0/id").to_owned();
    let mut found = Vec::new();
    for (path, statements) in [("/v1/sheets".to_owned(), 5), (format!("/v1/sheets/{sheet}"), 12)] {
        let hot = HotPath { service: "scoring", caller: &head, path, statements };
        found.push((hot.path.clone(), hot.statements, hot.cost(&system).await));
    }
    month.close().await;
    month.publish().await;
    month.paid().await;
    let me = month.sign_in(&system, "e1").await;
    let mine = me.get("/v1/my/results").await.unwrap();
    let result = text(&mine, "/items/0/id").to_owned();
    let statement = list(&me.get("/v1/my/statements").await.unwrap(), "/items")[0]["id"].as_str().unwrap().to_owned();
    let (cycle, hr, finance, payroll) = (&month.cycle, &month.hr, &month.finance, &month.payroll);
    let after_publishing = [
        ("scoring", &me, "/v1/my/results".to_owned(), 3),
        ("scoring", &me, format!("/v1/results/{result}"), 3),
        ("scoring", &me, format!("/v1/results/{result}/explanation"), 6),
        ("scoring", hr, format!("/v1/cycles/{cycle}/results"), 6),
        ("pay", &me, "/v1/my/statements".to_owned(), 4),
        ("pay", &me, format!("/v1/statements/{statement}"), 4),
        ("pay", payroll, "/v1/payroll/statements".to_owned(), 6),
        // Twelve, and which pay inputs are still checked.
        ("pay", finance, format!("/v1/cycles/{cycle}/pay-run"), 13),
        ("organisation", &me, "/v1/me".to_owned(), 10),
        ("organisation", hr, "/v1/employees".to_owned(), 8),
        ("organisation", hr, "/v1/units".to_owned(), 6),
    ];
    for (service, caller, path, statements) in after_publishing {
        let hot = HotPath { service, caller, path, statements };
        found.push((hot.path.clone(), hot.statements, hot.cost(&system).await));
    }
    let costly: Vec<_> = found.iter().filter(|(_, allowed, cost)| cost > allowed).collect();
    assert!(costly.is_empty(), "operation, statements allowed, statements sent: {costly:#?}");
}
