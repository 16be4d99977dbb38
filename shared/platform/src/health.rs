//! What a service knows of its own health: whether what it needs answers, and when each of its loops last turned.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use serde::Serialize;
use tokio::time::Instant;

use crate::bus;
use crate::problem::Problem;
use crate::service::Platform;

/// Longer than an answer takes, shorter than whoever asks waits.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long an answer is given again, so that asking often costs nothing.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long a database that had no room is spoken of.
const FULL_FOR: Duration = Duration::from_secs(10);

/// An answer that is given again for a second; whoever asks meanwhile waits for the one who is asking.
pub struct Kept<T>(tokio::sync::Mutex<Option<(Instant, T)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::default())
    }
}

impl<T: Clone> Kept<T> {
    pub async fn get(&self, ask: impl AsyncFnOnce() -> T) -> T {
        let mut kept = self.0.lock().await;
        if let Some((since, answer)) = kept.as_ref()
            && since.elapsed() < GOOD_FOR
        {
            return answer.clone();
        }
        let answer = ask().await;
        *kept = Some((Instant::now(), answer.clone()));
        answer
    }
}

/// Whether a service can do its work.
#[derive(Clone, Debug, Serialize)]
pub struct Readiness {
    pub database: bool,
    pub redis: bool,
    /// Public keys of tokens have been fetched.
    pub keys: bool,
    /// False for some seconds after the database had no room to write.
    pub storage: bool,
    /// Loops that have not turned for longer than they may take.
    pub stalled: Vec<String>,
}

impl Readiness {
    pub fn is_complete(&self) -> bool {
        self.database && self.redis && self.keys && self.storage && self.stalled.is_empty()
    }
}

struct Loop {
    turned: Instant,
    /// The longest it may take from turn to turn.
    patience: Duration,
}

#[derive(Default)]
pub struct Health {
    loops: Mutex<BTreeMap<String, Loop>>,
    full_at: Mutex<Option<Instant>>,
    redis: tokio::sync::Mutex<Option<MultiplexedConnection>>,
    readiness: Kept<Readiness>,
}

impl Health {
    /// A loop begins, which may take so long from turn to turn.
    pub fn watch(&self, name: &str, patience: Duration) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.insert(name.to_owned(), Loop { turned: Instant::now(), patience });
    }

    pub fn turned(&self, name: &str) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = loops.get_mut(name) {
            known.turned = Instant::now();
        }
    }

    /// Remembers a database that has no room left.
    pub fn note(&self, problem: &Problem) {
        if problem.is_for_want_of_room() {
            *self.full_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    fn has_room(&self) -> bool {
        let full_at = *self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        full_at.is_none_or(|at| at.elapsed() > FULL_FOR)
    }

    fn stalled(&self) -> Vec<String> {
        let loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.iter().filter(|(_, l)| l.turned.elapsed() > l.patience).map(|(name, _)| name.clone()).collect()
    }

    /// Whether the service is ready, as it was found within the last second.
    pub async fn readiness(&self, platform: &Platform) -> Readiness {
        self.readiness
            .get(async || {
                let (database, redis) = tokio::join!(
                    tokio::time::timeout(PATIENCE, platform.store.is_ready()),
                    tokio::time::timeout(PATIENCE, self.redis_answers(platform)),
                );
                Readiness {
                    database: database.unwrap_or(false),
                    redis: redis.unwrap_or(false),
                    keys: platform.verifier.is_ready(),
                    storage: self.has_room(),
                    stalled: self.stalled(),
                }
            })
            .await
    }

    /// Asks over one connection that is kept as long as it answers.
    async fn redis_answers(&self, platform: &Platform) -> bool {
        let mut kept = self.redis.lock().await;
        let held = match kept.take() {
            Some(held) => Ok(held),
            None => bus::connect(platform).await,
        };
        let Ok(mut redis) = held else { return false };
        let answers = redis::cmd("PING").query_async::<String>(&mut redis).await.is_ok();
        *kept = answers.then_some(redis);
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;
    use crate::say;

    #[tokio::test(start_paused = true)]
    async fn given_a_loop_when_it_has_not_turned_for_too_long_then_it_is_stalled_until_it_turns() {
        let health = Health::default();
        health.watch("relay", Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert!(health.stalled().is_empty());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(health.stalled(), ["relay"]);
        health.turned("relay");
        assert!(health.stalled().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn given_a_database_without_room_when_it_refused_then_it_is_told_for_a_while() {
        let health = Health::default();
        health.note(&Problem::new(Code::Unavailable, say!("其他原因", "of another kind")));
        assert!(health.has_room());
        health.note(&Problem::no_room("could not extend file"));
        assert!(!health.has_room());
        tokio::time::advance(FULL_FOR + GOOD_FOR).await;
        assert!(health.has_room());
    }

    #[tokio::test(start_paused = true)]
    async fn given_an_answer_when_asked_again_within_a_second_then_nobody_looks() {
        let (kept, looks) = (Kept::default(), std::sync::atomic::AtomicU32::new(0));
        let ask = async || kept.get(async || looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst)).await;
        assert_eq!((ask().await, ask().await), (0, 0));
        tokio::time::advance(GOOD_FOR).await;
        assert_eq!(ask().await, 1);
    }
}
