use tokio::sync::Semaphore;

use crate::Result;
use crate::problem::Problem;

/// Files that are read at the same time. Each may take some hundred megabytes while it is read.
static PLACES: Semaphore = Semaphore::const_new(2);

/// Reads a file where no other request waits for it.
pub async fn aside<T: Send + 'static>(read: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _place = PLACES.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(read).await.map_err(Problem::internal)?
}
