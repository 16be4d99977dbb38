//! Values that nobody rates, out of files: what is measured of salespeople in a month.

use tests::system::System;

use crate::baseline::copy;
use crate::company::{Company, LINES, person, unit};
use crate::figure::{Figure, timed};

/// Values that are entered unless a size is given.
pub const VALUES: usize = 600_000;
const PEOPLE_PER_UNIT: usize = 100;

/// What HR enters of a salesperson.
const MEASURED: [(&str, &str); 11] = [
    ("fact.absent_days", "1"),
    ("fact.absent_half_days", "0"),
    ("fact.repeated_non_submission", "false"),
    ("fact.weekly_report_void", "false"),
    ("item.dealer_management.value", "1"),
    ("item.key_account_visits.value", "0"),
    ("item.key_account_visits.record_missing", "false"),
    ("item.ad_plan.value", "1"),
    ("item.promotion_plan.value", "0"),
    ("item.promotion_review.value", "2"),
    ("item.vehicle.value", "0"),
];

/// So many values of an open cycle of sales-monthly, each another, beside COPY of the rows that keep them.
pub async fn measure(values: usize) {
    let system = System::start().await;
    let people = values.div_ceil(MEASURED.len());
    let number = |at: usize| format!("E{at:06}");
    let code = |at: usize| format!("U{at:04}");
    let units = people.div_ceil(PEOPLE_PER_UNIT);
    let heads = (0..units).map(|at| person(&format!("M{at:04}"), &code(at), "regional_manager", "G001"));
    let team = (0..people).map(|at| {
        let place = at / PEOPLE_PER_UNIT;
        person(&number(at), &code(place), "salesperson", &format!("M{place:04}"))
    });
    let units = (0..units).map(|at| unit(&code(at), ""));
    let mut company = Company::found(&system, "sales-monthly", units.collect(), heads.chain(team).collect()).await;
    let subjects: Vec<String> = (0..people).map(|at| format!("person:{}", number(at))).collect();
    company.open(&system, "2026-10", &subjects).await;

    let lines =
        subjects.iter().flat_map(|one| MEASURED.iter().map(move |(path, value)| format!("{one},{path},{value}")));
    let lines: Vec<String> = lines.take(values).collect();
    let ((), entered) = timed(company.enter_facts(&lines)).await;
    let kept = usize::try_from(system.count("scoring", "select from facts").await).expect("a count");
    assert_eq!(kept, values);
    let copied = copy(&system, "scoring", &["facts"]).await;
    Figure::new("facts")
        .with("scheme", "sales-monthly")
        .with("people", people)
        .with("files", values.div_ceil(LINES))
        .rate(values, entered)
        .beside("COPY of facts", kept, copied, entered)
        .print();
    system.stop().await;
}
