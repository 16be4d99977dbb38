use std::time::Instant;

use tests::month::{Month, Size};
use tests::system::System;

use crate::baseline::{connect, copy};
use crate::figure::{Figure, milliseconds, per_second, timed};
use crate::memory::peak_kib;

/// A company of this size from opening to issued statements, beside COPY of the rows it leaves.
pub async fn measure(size: Size) {
    let system = System::start().await;
    let people = size.people();
    let (mut month, founding) = timed(Month::found(&system, "bench", size)).await;
    Figure::new("import").rate(people, founding).with("what", "units, people, pay profiles and accounts").print();

    let began = Instant::now();
    month.open().await;
    month.plan().await;
    let planned = began.elapsed();
    let copied = copy(&system, "planning", &["subjects", "plans", "settled_sheets"]).await;
    Figure::new("open")
        .rate(people, planned)
        .beside("COPY of subjects, plans and sheets", people, copied, planned)
        .print();

    let (_, scored) = timed(month.score()).await;
    let copied = copy(&system, "scoring", &["assignments", "facts"]).await;
    Figure::new("score").rate(people, scored).beside("COPY of forms and facts", people, copied, scored).print();

    let before = peak_kib();
    let began = Instant::now();
    month.close().await;
    let closed = began.elapsed();
    month.publish().await;
    month.paid().await;
    let paid = began.elapsed();
    let results = copy(&system, "scoring", &["results"]).await;
    let statements = copy(&system, "pay", &["statements"]).await;
    Figure::new("close")
        .rate(people, paid)
        .with("closed_milliseconds", milliseconds(closed))
        .with("peak_growth_kib", peak_kib().saturating_sub(before))
        .beside("COPY of results and statements", people, results + statements, paid)
        .print();

    feed(&system, &month).await;
    system.stop().await;
}

/// The payroll feed as NDJSON through the gateway, beside COPY TO STDOUT of the statements.
async fn feed(system: &System, month: &Month) {
    use futures_util::StreamExt;
    let (statements, read) = timed(month.feed_lines()).await;
    let client = connect(system).await;
    let (rows, copied) = timed(async {
        let stream = client.copy_out("copy (select * from pay.statements order by position) to stdout").await;
        let mut stream = Box::pin(stream.expect("COPY works"));
        let mut bytes = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            bytes += chunk.len();
        }
        bytes
    })
    .await;
    Figure::new("feed")
        .rate(statements, read)
        .with("baseline_bytes", rows)
        .beside("COPY statements TO STDOUT", statements, copied, read)
        .print();
    assert!(per_second(statements, read) > 0);
}
