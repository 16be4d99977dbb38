//! What every service forgets in time: confirmed events, taken events and answered requests.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use jiff::SignedDuration;
use jiff_diesel::ToDiesel;

use crate::problem::Problem;
use crate::schema::{idempotency_keys, inbox, outbox};
use crate::service::Platform;
use crate::{Result, sql};

const CONFIRMED_FOR_DAYS: i64 = 2;
const ANSWERS_FOR_DAYS: i64 = 7;
/// An event can come back as long as its outbox row lives, so the inbox remembers for longer.
const TAKEN_FOR_DAYS: i64 = 90;

pub async fn run(platform: Platform) -> Result<bool> {
    let now = platform.clock.now();
    let days_ago = |days: i64| -> Result<sql::Timestamp> {
        Ok(now.checked_sub(SignedDuration::from_hours(24 * days)).map_err(Problem::internal)?.to_diesel())
    };
    let mut tx = platform.store.begin_across_companies(now).await?;
    let confirmed = outbox::table.filter(outbox::confirmed_at.lt(days_ago(CONFIRMED_FOR_DAYS)?));
    diesel::delete(confirmed).execute(tx.conn()).await?;
    let answered = idempotency_keys::table.filter(idempotency_keys::created_at.lt(days_ago(ANSWERS_FOR_DAYS)?));
    diesel::delete(answered).execute(tx.conn()).await?;
    let taken = inbox::table.filter(inbox::received_at.lt(days_ago(TAKEN_FOR_DAYS)?));
    diesel::delete(taken).execute(tx.conn()).await?;
    tx.commit().await?;
    Ok(false)
}
