//! For tests: one PostgreSQL and one Redis a process, a database and a Redis number of its own for each
//! test, services started on loopback, a token issuer, and a client.

mod client;
mod documented;
mod issuer;
pub mod rooms;
pub mod schema;
mod servers;
pub mod statements;
mod world;

pub use client::{Answer, Client};
pub use documented::Documented;
pub use issuer::{Issuer, generate_key_pem};
pub use servers::{Database, Servers, servers};
pub use world::{World, employee, outbox, publish};

use std::time::Duration;

/// Waits until `probe` yields a value; fails the test when it does not within a minute, which only a machine that builds beside it needs.
pub async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(Duration::from_secs(60), what, &mut probe).await
}

/// Waits until `probe` yields a value, at most so long.
#[allow(clippy::panic, reason = "a test fails by panicking")]
pub async fn eventually_within<T>(limit: Duration, what: &str, probe: &mut impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        let asked = tokio::time::Instant::now();
        if let Some(value) = probe().await {
            return value;
        }
        assert!(tokio::time::Instant::now() < deadline, "did not happen: {what}");
        // Whoever waits leaves the machine to what they wait for.
        tokio::time::sleep(asked.elapsed().max(Duration::from_millis(20))).await;
    }
}
