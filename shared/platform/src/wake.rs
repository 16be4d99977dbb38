//! Who waits for news of a table is woken when a transaction that wrote to it commits. The tables say so themselves:
//! their triggers call `tell_schema()`.

use std::collections::HashMap;
use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, NoTls};

use crate::Result;
use crate::problem::Problem;
use crate::service::Platform;

/// How often each table has told of something. After a silence nobody knows what was missed, so that all count.
#[derive(Clone, Debug, Default)]
struct Told {
    by_table: HashMap<String, u64>,
    silences: u64,
}

impl Told {
    fn of(&self, tables: &[&str]) -> u64 {
        self.silences + tables.iter().filter_map(|table| self.by_table.get(*table)).sum::<u64>()
    }
}

/// What the tables of a service have told.
#[derive(Debug, Default)]
pub struct Wakes(watch::Sender<Told>);

impl Wakes {
    /// To be asked before looking for work, so that what comes while one looks is not missed.
    pub fn told(&self, tables: &[&str]) -> u64 {
        self.0.borrow().of(tables)
    }

    /// Waits until one of the tables tells more than it had told, at most so long.
    pub async fn wait(&self, tables: &[&str], told: u64, at_most: Duration) {
        let mut news = self.0.subscribe();
        let more = news.wait_for(|now| now.of(tables) != told);
        // Without news it is time to look all the same.
        let _ = tokio::time::timeout(at_most, more).await;
    }

    fn tell(&self, table: &str) {
        self.0.send_modify(|told| *told.by_table.entry(table.to_owned()).or_default() += 1);
    }

    fn tell_all(&self) {
        self.0.send_modify(|told| told.silences += 1);
    }
}

/// Listens to the service's tables until told to stop.
pub async fn listen(platform: Platform, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            heard = hear(&platform) => {
                if let Err(problem) = heard {
                    tracing::warn!(%problem, "listening to the tables will be tried again");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            _ = stop.changed() => {}
        }
    }
}

async fn hear(platform: &Platform) -> Result<()> {
    let (client, mut connection) = platform.store.config().connect(NoTls).await.map_err(Problem::unavailable)?;
    let listening = format!("listen \"steelyard.{}\"", platform.name);
    let asked = async {
        client.batch_execute(&listening).await.map_err(Problem::unavailable)?;
        platform.wakes.tell_all();
        // The connection lives as long as its client.
        std::future::pending::<Result<()>>().await
    };
    let heard = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message.map_err(Problem::unavailable)? {
                platform.wakes.tell(told.payload());
            }
        }
        Err(Problem::unavailable("PostgreSQL has closed the connection that listens"))
    };
    tokio::select! {
        failed = asked => failed,
        ended = heard => ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[tokio::test(start_paused = true)]
    async fn given_news_that_came_while_one_looked_when_one_waits_then_it_is_not_missed() {
        let wakes = Wakes::default();
        let told = wakes.told(&["outbox"]);
        wakes.tell("outbox");
        let before = tokio::time::Instant::now();
        wakes.wait(&["outbox"], told, DAY).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn given_news_of_another_table_when_one_waits_then_one_sleeps_on() {
        let wakes = Wakes::default();
        let told = wakes.told(&["outbox"]);
        wakes.tell("mails");
        let before = tokio::time::Instant::now();
        wakes.wait(&["outbox"], told, DAY).await;
        assert_eq!(before.elapsed(), DAY);
    }

    #[tokio::test(start_paused = true)]
    async fn given_a_silence_that_ended_when_one_waits_then_one_looks_at_once() {
        let wakes = Wakes::default();
        let told = wakes.told(&["outbox"]);
        wakes.tell_all();
        let before = tokio::time::Instant::now();
        wakes.wait(&["outbox"], told, DAY).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }
}
