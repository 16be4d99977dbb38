//! Work that takes a processor for a while: beside the threads that serve requests, in few places, with a deadline,
//! and stopped once nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::problem::{Code, Problem};
use crate::{Result, say};

/// Where requests have their work done, in all services of the process: two pieces at once. A request waits twenty
/// seconds for a place and 35 for its work; the gateway gives up after a minute.
static FOR_REQUESTS: Places = Places::new(2, Duration::from_secs(20), Duration::from_secs(35));

/// Where stored schemes are read, one after another.
static IN_TURN: Semaphore = Semaphore::const_new(1);

/// Does some work of a request aside; `unavailable` when there is no place for it, or when it takes too long.
pub async fn aside<T: Send + 'static>(work: impl FnOnce(&Wanted) -> Result<T> + Send + 'static) -> Result<T> {
    FOR_REQUESTS.aside(work).await
}

/// Does some work aside that is short, and that requests and events cannot do without: it waits for its turn.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _turn = IN_TURN.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}

/// Whether somebody still waits for a piece of work; to be asked between its steps.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    pub fn still(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Gives work up together with the request that waits for it: the caller has left, or has been answered.
struct Waiting(Wanted);

impl Drop for Waiting {
    fn drop(&mut self) {
        (self.0).0.store(true, Ordering::Relaxed);
    }
}

/// So many pieces of work at once, each waited for so long.
struct Places {
    free: Semaphore,
    wait: Duration,
    deadline: Duration,
}

impl Places {
    const fn new(places: usize, wait: Duration, deadline: Duration) -> Self {
        Self { free: Semaphore::const_new(places), wait, deadline }
    }

    /// Work keeps its place until it really ends, so that what nobody waits for any more does not pile up.
    async fn aside<T: Send + 'static>(
        &'static self,
        work: impl FnOnce(&Wanted) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = timeout(self.wait, self.free.acquire()).await.map_err(|_| busy())?.map_err(Problem::internal)?;
        let waiting = Waiting(Wanted::default());
        let wanted = waiting.0.clone();
        let working = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&wanted)
        });
        timeout(self.deadline, working).await.map_err(|_| busy())?.map_err(Problem::internal)?
    }
}

fn busy() -> Problem {
    Problem::new(
        Code::Unavailable,
        say!("当前计算任务过多，请稍后再试", "too much is being computed just now; try again in a moment"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const NOT_AT_ALL: Duration = Duration::ZERO;
    const LONG: Duration = Duration::from_secs(600);

    /// Work that says that it has begun, and goes on until nobody wants it.
    fn endless(begun: Sender<()>, ended: Sender<()>) -> impl FnOnce(&Wanted) -> Result<()> + Send + 'static {
        move |wanted| {
            begun.send(()).unwrap();
            while wanted.still() {
                std::thread::yield_now();
            }
            ended.send(()).unwrap();
            Ok(())
        }
    }

    fn signal() -> (Sender<()>, Receiver<()>) {
        channel()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn given_no_free_place_then_the_next_is_refused_until_the_work_has_really_ended() {
        static ONE: Places = Places::new(1, NOT_AT_ALL, LONG);
        let ((begun, has_begun), (ended, has_ended)) = (signal(), signal());
        let first = tokio::spawn(ONE.aside(endless(begun, ended)));
        has_begun.recv().unwrap();

        let refused = ONE.aside(|_| Ok(())).await.unwrap_err();
        assert_eq!(refused.code, Code::Unavailable);

        // When the caller leaves, then the work stops and the place is free.
        first.abort();
        has_ended.recv().unwrap();
        while ONE.free.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ONE.aside(|_| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn given_work_past_its_deadline_then_it_is_refused_and_stops() {
        static ONE: Places = Places::new(1, LONG, NOT_AT_ALL);
        let ((begun, _has_begun), (ended, has_ended)) = (signal(), signal());

        let refused = ONE.aside(endless(begun, ended)).await.unwrap_err();

        assert_eq!(refused.code, Code::Unavailable);
        has_ended.recv().unwrap();
    }
}
