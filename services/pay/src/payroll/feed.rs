//! The feed as a stream: page after page by keyset, each in a short transaction of its own, so that a slow
//! client holds neither a connection nor memory.

use actix_web::web::Bytes;
use futures_util::stream::{Stream, try_unfold};
use platform::store::Actor;
use platform::{Platform, Result};
use uuid::Uuid;

use super::rows::{self, Lines};

const PAGE: i64 = 4000;

/// What is left to be sent.
pub struct Rest {
    platform: Platform,
    company: Uuid,
    actor: Actor,
    after: i64,
    /// Statements at most; none sends all there are.
    limit: Option<i64>,
}

impl Rest {
    pub fn new(platform: Platform, company: Uuid, actor: Actor, after: i64, limit: Option<i64>) -> Self {
        Self { platform, company, actor, after, limit }
    }

    /// The next lines; none at the end.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        let page = self.limit.map_or(PAGE, |limit| limit.min(PAGE));
        if page == 0 {
            return Ok(None);
        }
        let lines = self.read(page).await?;
        let (Some(last), Some(text)) = (lines.last, lines.lines) else { return Ok(None) };
        self.after = last;
        self.limit = self.limit.map(|limit| limit - lines.count);
        Ok(Some((Bytes::from(text), self)))
    }

    async fn read(&self, limit: i64) -> Result<Lines> {
        let mut tx = self.platform.store.begin(self.company, self.actor.clone(), self.platform.clock.now()).await?;
        let lines = rows::lines(&mut tx, self.after, limit).await?;
        tx.rollback().await?;
        Ok(lines)
    }
}

/// NDJSON lines, several to a chunk. An error ends the stream in the middle, so that the client notices.
pub fn ndjson(rest: Rest) -> impl Stream<Item = Result<Bytes>> {
    try_unfold(rest, Rest::next)
}
