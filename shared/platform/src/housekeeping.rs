//! What every service forgets in time: confirmed events, taken events and answered requests.

use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use jiff::SignedDuration;
use jiff_diesel::ToDiesel;

use crate::Result;
use crate::problem::Problem;
use crate::service::Platform;

/// An event can come back as long as its outbox row lives, so the inbox remembers for longer.
const FORGOTTEN_AFTER: &[(&str, i64)] = &[
    ("delete from outbox where confirmed_at < $1", 2),
    ("delete from idempotency_keys where created_at < $1", 7),
    ("delete from inbox where received_at < $1", 90),
];

pub async fn run(platform: Platform) -> Result<bool> {
    let now = platform.clock.now();
    let mut tx = platform.store.begin_across_companies(now).await?;
    for (statement, days) in FORGOTTEN_AFTER {
        let before = now.checked_sub(SignedDuration::from_hours(24 * days)).map_err(Problem::internal)?;
        diesel::sql_query(*statement).bind::<Timestamptz, _>(before.to_diesel()).execute(tx.conn()).await?;
    }
    tx.commit().await?;
    Ok(false)
}
