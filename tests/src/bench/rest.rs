//! What Steelyard costs while nobody asks it anything.

use std::fs;
use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use tests::month::{Month, Size};
use tests::system::System;

use crate::figure::{Figure, tenths};

const SECONDS: u64 = 30;

#[derive(QueryableByName)]
struct Transactions {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Transactions a second and the share of a core, of the services with the gateway and of PostgreSQL, after a month
/// was appraised and everything about it was told.
pub async fn measure() {
    let system = System::start().await;
    let month = Month::published(&system, "bench", Size { units: 2, people_per_unit: 50 }).await;
    month.paid().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (transactions, own, servers) = (transactions(&system).await, own_ticks(), ticks_of_children());
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    let after = (self::transactions(&system).await, own_ticks(), ticks_of_children());
    let per_second = |before: u64, after: u64| tenths(u128::from(after.saturating_sub(before)), u128::from(SECONDS));
    Figure::new("rest")
        .with("what", "gateway and five services in this process, their PostgreSQL and Redis beside it, for 30 s")
        .with("transactions_per_second", per_second(transactions, after.0))
        .with("per_cent_of_a_core", per_second(own, after.1))
        .with("per_cent_of_a_core_postgres_and_redis", per_second(servers, after.2))
        .print();
    system.stop().await;
}

/// Transactions of the database so far; the question is one, too.
#[allow(clippy::cast_sign_loss, reason = "a count")]
async fn transactions(system: &System) -> u64 {
    let mut conn = system.database.connect("scoring").await;
    let query = "select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()";
    let found: Transactions = diesel::sql_query(query).get_result(&mut conn).await.expect("the statistics");
    found.n as u64
}

/// Hundredths of a second that this process has used.
fn own_ticks() -> u64 {
    ticks(std::process::id())
}

/// The same of PostgreSQL and Redis, which a shell of this process has started.
fn ticks_of_children() -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_server = |id: &u32| {
        let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        name.starts_with("postgres") || name.starts_with("redis-server")
    };
    numbers.filter(is_server).map(ticks).sum()
}

/// User and system time of a process, in ticks of a hundredth of a second.
fn ticks(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    [11, 12].iter().filter_map(|place| fields.get(*place)?.parse::<u64>().ok()).sum()
}
