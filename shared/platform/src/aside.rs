//! Work that takes a processor for a while: beside the threads that serve requests, in few places, with a deadline,
//! and stopped once nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::Result;
use crate::problem::{Code, Problem};

/// How many work at once in this process, however many services run in it.
const PLACES: usize = 2;
/// How long a request waits for a place.
const WAIT: Duration = Duration::from_secs(10);
/// How long a request waits for its work; the gateway gives up after a minute.
const DEADLINE: Duration = Duration::from_secs(40);

static FREE: Semaphore = Semaphore::const_new(PLACES);

/// Whether somebody still waits for a piece of work; to be asked between its steps.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    pub fn still(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    fn no_more(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Gives the work up when the request is: whoever called has left, or has been answered.
struct Waiting(Wanted);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.no_more();
    }
}

/// Does some work aside for a request. It keeps its place until it really ends, so that work that nobody waits for
/// any more makes others wait instead of piling up.
pub async fn aside<T: Send + 'static>(work: impl FnOnce(&Wanted) -> Result<T> + Send + 'static) -> Result<T> {
    let place = timeout(WAIT, FREE.acquire()).await.map_err(|_| busy())?.map_err(Problem::internal)?;
    let waiting = Waiting(Wanted::default());
    let wanted = waiting.0.clone();
    let working = tokio::task::spawn_blocking(move || {
        let _place = place;
        work(&wanted)
    });
    timeout(DEADLINE, working).await.map_err(|_| busy())?.map_err(Problem::internal)?
}

fn busy() -> Problem {
    Problem::new(Code::Unavailable, "too much is being computed just now; try again in a moment")
}
