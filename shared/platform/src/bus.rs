//! Events between services, over Redis Streams. Redis is transport only: what has not been confirmed by
//! every subscriber is published again when Redis loses it, and the inbox makes a second delivery harmless.

use std::collections::HashMap;
use std::time::Duration;

use diesel::dsl::{case_when, count_star, max};
use diesel::sql_types::{Array, BigInt, Text};
use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, PgExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use events::{Envelope, Event, SUBSCRIPTIONS};
use jiff_diesel::ToDiesel;
use redis::IntoConnectionInfo;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::streams::{StreamAutoClaimReply, StreamId, StreamReadReply};
use tokio::sync::watch;
use tracing::Instrument;
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::schema::{dead_letters, outbox};
use crate::service::Platform;
use crate::sql::{self, Cached};
use crate::store::Tx;
use crate::{Result, Task, telemetry};

const EPOCH: &str = "steelyard:epoch";
const PUBLISH_AT_ONCE: i64 = 500;
const READ_AT_ONCE: usize = 32;
/// An event that failed this often is buried as a dead letter.
const MOST_TRIES: u32 = 8;
/// What an event waits for usually comes within seconds; after ten minutes of tries it is buried too.
const MOST_WAITS: u32 = 6_000;
/// The relay's rest between two turns, so that it publishes many events at once.
const REST: Duration = Duration::from_millis(20);
/// How long the relay sleeps when nothing is told and everything is confirmed.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How soon, and how late, it looks whether what it has published was taken.
const CONFIRMING: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// Milliseconds that a read waits for news.
const BLOCK: u64 = 4_000;
/// The longest that Redis may take to answer; more than a read blocks.
const ANSWER: Duration = Duration::from_secs(5);
/// The longest that a turn of the relay may take.
const RELAY_TURN: Duration = Duration::from_secs(60);
/// The longest that an event may take to be handled.
const HANDLING: Duration = Duration::from_secs(120);
/// What a loop may take beside its turn before it counts as stalled.
pub(crate) const SLACK: Duration = Duration::from_secs(30);
/// The relay's name in health.
const RELAY: &str = "relay";

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    Done,
    /// Something it builds on has not arrived: try again soon.
    NotYet,
}

/// What a service does with an event, in the transaction that also marks it as taken.
pub type Handler = for<'a> fn(&'a mut Tx, &'a Event) -> Task<'a, Result<Handled>>;

fn stream(source: &str) -> String {
    format!("steelyard:events:{source}")
}

fn subscribers(source: &str) -> &'static [&'static str] {
    SUBSCRIPTIONS.iter().find(|(name, _)| *name == source).map_or(&[], |(_, services)| services)
}

/// The sources a service listens to.
pub fn sources(service: &str) -> impl Iterator<Item = &'static str> {
    SUBSCRIPTIONS.iter().filter(move |(_, services)| services.contains(&service)).map(|(source, _)| *source)
}

/// A connection that finds out when the other side is gone without a word: by waiting no longer for an answer than
/// the longest read blocks and a little more, and by asking the kernel to look.
pub(crate) async fn connect(platform: &Platform) -> Result<MultiplexedConnection> {
    let keepalive = TcpKeepalive::new().with_time(ANSWER).with_interval(ANSWER).with_retries(3);
    let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive).set_user_timeout(4 * ANSWER);
    let address = platform.config.redis_url.expose().into_connection_info()?.set_tcp_settings(tcp);
    let config =
        redis::AsyncConnectionConfig::new().set_connection_timeout(Some(ANSWER)).set_response_timeout(Some(ANSWER));
    Ok(redis::Client::open(address)?.get_multiplexed_async_connection_with_config(&config).await?)
}

/// One turn of a loop, given up when it takes too long: nothing lasts but what it has committed.
pub(crate) async fn within<T>(limit: Duration, turn: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, turn).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Problem::unavailable(format!("it took more than {} s", limit.as_secs()))),
    }
}

// ---- the relay: from the outbox to the stream --------------------------------------------------

/// Publishes the outbox and confirms what all subscribers took, until told to stop.
pub async fn relay(platform: Platform, mut stop: watch::Receiver<bool>) {
    let health = platform.health.clone();
    health.watch(RELAY, RELAY_TURN + SLACK);
    let mut relay = Relay { platform, redis: None, epoch: None, looked_at: tokio::time::Instant::now() };
    let (soonest, latest) = CONFIRMING;
    let mut confirming = soonest;
    while !*stop.borrow() {
        let wakes = relay.platform.wakes.clone();
        let told = wakes.told(&["outbox"]);
        let pause = match within(RELAY_TURN, relay.turn()).await {
            Ok(Turn::Published) => {
                confirming = soonest;
                Duration::ZERO
            }
            Ok(Turn::Unconfirmed) => {
                confirming = (confirming * 2).min(latest);
                confirming / 2
            }
            Ok(Turn::Nothing) => HEARTBEAT,
            Err(problem) => {
                tracing::warn!(%problem, "relay will try again");
                health.note(&problem);
                relay.redis = None;
                Duration::from_millis(500)
            }
        };
        health.turned(RELAY);
        let sleep = async {
            tokio::time::sleep(REST).await;
            wakes.wait(&["outbox"], told, pause).await;
        };
        tokio::select! {
            () = sleep => {}
            _ = stop.changed() => {}
        }
    }
}

/// What a turn of the relay has found.
enum Turn {
    /// Events that it has published.
    Published,
    /// None to publish, but some that not every subscriber has taken.
    Unconfirmed,
    Nothing,
}

struct Relay {
    platform: Platform,
    redis: Option<MultiplexedConnection>,
    /// The epoch for which the groups are known to exist.
    epoch: Option<String>,
    /// When it last looked whether what it has published was taken.
    looked_at: tokio::time::Instant,
}

impl Relay {
    async fn turn(&mut self) -> Result<Turn> {
        let mut redis = match self.redis.take() {
            Some(redis) => redis,
            None => connect(&self.platform).await?,
        };
        let epoch = self.epoch(&mut redis).await?;
        let published = self.publish(&mut redis, &epoch).await?;
        // Where much is published, now and then is enough.
        let mut turn = Turn::Published;
        if published == 0 || self.looked_at.elapsed() > CONFIRMING.1 {
            let found = self.confirm(&mut redis, &epoch).await?;
            self.looked_at = tokio::time::Instant::now();
            if published == 0 {
                turn = found;
            }
        }
        self.redis = Some(redis);
        Ok(turn)
    }

    /// A mark that vanishes with Redis's data: events published under another mark are published again.
    async fn epoch(&mut self, redis: &mut MultiplexedConnection) -> Result<String> {
        let fresh = Uuid::now_v7().to_string();
        redis::cmd("SET").arg(EPOCH).arg(&fresh).arg("NX").query_async::<Option<String>>(redis).await?;
        let epoch: String = redis::cmd("GET").arg(EPOCH).query_async(redis).await?;
        if self.epoch.as_deref() != Some(&epoch) {
            for group in subscribers(self.platform.name) {
                create_group(redis, &stream(self.platform.name), group).await?;
            }
            self.epoch = Some(epoch.clone());
        }
        Ok(epoch)
    }

    async fn publish(&self, redis: &mut MultiplexedConnection, epoch: &str) -> Result<usize> {
        let mut tx = self.platform.store.begin_across_companies(self.platform.clock.now()).await?;
        let outgoing: Vec<(i64, String)> = outbox::table
            .select((outbox::position, outbox::event))
            .filter(outbox::confirmed_at.is_null().and(outbox::epoch.is_distinct_from(epoch)))
            .order(outbox::position)
            .limit(PUBLISH_AT_ONCE)
            .for_update()
            .skip_locked()
            .load(tx.conn())
            .await?;
        if outgoing.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let positions: Vec<i64> = outgoing.iter().map(|(position, _)| *position).collect();
        if subscribers(self.platform.name).is_empty() {
            let now = tx.now.to_diesel();
            diesel::update(outbox::table.filter(outbox::position.eq_any(&positions)))
                .set(outbox::confirmed_at.eq(now))
                .cached()
                .execute(tx.conn())
                .await?;
        } else {
            let mut pipe = redis::pipe();
            for (_, event) in &outgoing {
                pipe.cmd("XADD").arg(stream(self.platform.name)).arg("*").arg("event").arg(event);
            }
            let ids: Vec<String> = pipe.query_async(redis).await?;
            tx.sql_of_all(
                "update outbox o set epoch = $1, stream_id = n.id from unnest($2::bigint[], $3::text[]) n(position, id)
                 where o.position = n.position",
            )
            .bind::<Text, _>(epoch)
            .bind::<Array<BigInt>, _>(&positions)
            .bind::<Array<Text>, _>(ids.iter().map(|id| sortable(id)).collect::<Vec<_>>())
            .execute(tx.conn())
            .await?;
        }
        tx.commit().await?;
        Ok(outgoing.len())
    }

    async fn confirm(&self, redis: &mut MultiplexedConnection, epoch: &str) -> Result<Turn> {
        let groups = subscribers(self.platform.name);
        let mut tx = self.platform.store.begin_across_companies(self.platform.clock.now()).await?;
        let unconfirmed = outbox::table.filter(outbox::confirmed_at.is_null());
        // What another replica is publishing is not of this epoch yet.
        let (count, furthest): (i64, Option<String>) = unconfirmed
            .select((count_star(), max(case_when(outbox::epoch.eq(epoch), outbox::stream_id))))
            .get_result(tx.conn())
            .await?;
        if count == 0 {
            tx.rollback().await?;
            return Ok(Turn::Nothing);
        }
        let watermark = watermark(redis, &stream(self.platform.name), groups).await?;
        let lost = match (&watermark, &furthest) {
            (None, furthest) => furthest.is_some(),
            (Some(mark), Some(id)) => *id > mark.newest,
            (Some(_), None) => false,
        };
        if lost {
            tracing::warn!("Redis has lost events; publishing again what is unconfirmed");
            redis::cmd("DEL").arg(EPOCH).query_async::<i64>(redis).await?;
            tx.rollback().await?;
            return Ok(Turn::Unconfirmed);
        }
        let Some(mark) = watermark else {
            tx.rollback().await?;
            return Ok(Turn::Unconfirmed);
        };
        let now = tx.now.to_diesel();
        let taken = outbox::epoch.eq(epoch).and(outbox::stream_id.le(&mark.taken));
        let confirmed = diesel::update(outbox::table.filter(outbox::confirmed_at.is_null().and(taken)))
            .set(outbox::confirmed_at.eq(now))
            .cached()
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        if confirmed > 0 {
            redis::cmd("XTRIM")
                .arg(stream(self.platform.name))
                .arg("MINID")
                .arg("~")
                .arg(&mark.taken_id)
                .query_async::<i64>(redis)
                .await?;
        }
        Ok(if i64::try_from(confirmed).is_ok_and(|confirmed| confirmed == count) {
            Turn::Nothing
        } else {
            Turn::Unconfirmed
        })
    }
}

/// Stream ids as text that sorts like the ids.
fn sortable(id: &str) -> String {
    let (ms, seq) = id.split_once('-').unwrap_or((id, "0"));
    format!("{ms:0>20}-{seq:0>20}")
}

struct Watermark {
    /// Everything up to here was taken by every subscriber.
    taken: String,
    taken_id: String,
    /// The newest id the stream ever gave out.
    newest: String,
}

/// None when the stream or one of its groups is gone.
async fn watermark(redis: &mut MultiplexedConnection, stream: &str, groups: &[&str]) -> Result<Option<Watermark>> {
    let mut pipe = redis::pipe();
    pipe.atomic();
    pipe.cmd("XINFO").arg("STREAM").arg(stream);
    pipe.cmd("XINFO").arg("GROUPS").arg(stream);
    for group in groups {
        pipe.cmd("XPENDING").arg(stream).arg(*group);
    }
    let replies: Vec<redis::Value> = match pipe.query_async(redis).await {
        Ok(replies) => replies,
        Err(error) if error.is_io_error() || error.is_connection_dropped() => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let mut replies = replies.into_iter();
    let Some(about) = replies.next().and_then(|r| redis::from_redis_value::<HashMap<String, redis::Value>>(r).ok())
    else {
        return Ok(None);
    };
    let newest = about.get("last-generated-id").and_then(|v| redis::from_redis_value::<String>(v.clone()).ok());
    let listed: Vec<HashMap<String, redis::Value>> =
        replies.next().and_then(|r| redis::from_redis_value(r).ok()).unwrap_or_default();
    let mut delivered: HashMap<String, String> = HashMap::new();
    for group in listed {
        let text = |key: &str| group.get(key).and_then(|v| redis::from_redis_value::<String>(v.clone()).ok());
        if let (Some(name), Some(id)) = (text("name"), text("last-delivered-id")) {
            delivered.insert(name, id);
        }
    }
    let mut lowest: Option<(String, String)> = None;
    for (group, pending) in groups.iter().zip(replies) {
        let Some(last) = delivered.get(*group) else { return Ok(None) };
        let oldest_pending = match pending {
            redis::Value::Array(parts) => {
                parts.get(1).and_then(|v| redis::from_redis_value::<Option<String>>(v.clone()).ok()).flatten()
            }
            _ => None,
        };
        let id = oldest_pending.map_or_else(|| last.clone(), |id| before(&id));
        let key = sortable(&id);
        if lowest.as_ref().is_none_or(|(low, _)| key < *low) {
            lowest = Some((key, id));
        }
    }
    Ok(match (lowest, newest) {
        (Some((taken, taken_id)), Some(newest)) => Some(Watermark { taken, taken_id, newest: sortable(&newest) }),
        _ => None,
    })
}

/// The greatest id below another.
fn before(id: &str) -> String {
    let (ms, seq) = id.split_once('-').unwrap_or((id, "0"));
    let (ms, seq): (u64, u64) = (ms.parse().unwrap_or(0), seq.parse().unwrap_or(0));
    match seq.checked_sub(1) {
        Some(seq) => format!("{ms}-{seq}"),
        None => format!("{}-{}", ms.saturating_sub(1), u64::MAX),
    }
}

async fn create_group(redis: &mut MultiplexedConnection, stream: &str, group: &str) -> Result<()> {
    let made: redis::RedisResult<String> =
        redis::cmd("XGROUP").arg("CREATE").arg(stream).arg(group).arg("0").arg("MKSTREAM").query_async(redis).await;
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
        Err(error) => Err(error.into()),
    }
}

// ---- the consumer: from the stream to the service's tables --------------------------------------

/// Takes one source's events for a service until told to stop.
pub async fn consume(platform: Platform, source: &'static str, handler: Handler, mut stop: watch::Receiver<bool>) {
    let (health, watched) = (platform.health.clone(), format!("events of {source}"));
    health.watch(&watched, HANDLING + SLACK);
    let mut consumer = Consumer {
        stream: stream(source),
        watched: watched.clone(),
        name: Uuid::now_v7().to_string(),
        platform,
        handler,
        redis: None,
        waiting: Vec::new(),
        claimed: tokio::time::Instant::now(),
    };
    while !*stop.borrow() {
        tokio::select! {
            turn = consumer.turn() => {
                if let Err(problem) = turn {
                    tracing::warn!(%problem, source, "consumer will try again");
                    health.note(&problem);
                    consumer.redis = None;
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                health.turned(&watched);
            }
            _ = stop.changed() => {}
        }
    }
}

struct Consumer {
    platform: Platform,
    stream: String,
    /// The loop's name in health.
    watched: String,
    name: String,
    handler: Handler,
    redis: Option<MultiplexedConnection>,
    /// Events that could not be taken yet, with how often they were tried.
    waiting: Vec<Waiting>,
    claimed: tokio::time::Instant,
}

struct Waiting {
    id: String,
    event: String,
    failures: u32,
    waits: u32,
    pause: Duration,
    again_at: tokio::time::Instant,
}

impl Consumer {
    async fn turn(&mut self) -> Result<()> {
        let mut redis = match self.redis.take() {
            Some(redis) => redis,
            None => {
                let mut redis = connect(&self.platform).await?;
                create_group(&mut redis, &self.stream, self.platform.name).await?;
                redis
            }
        };
        let mut fresh = self.retry();
        if self.claimed.elapsed().as_millis() as u64 >= self.platform.config.reclaim_after_ms / 2 {
            self.claimed = tokio::time::Instant::now();
            fresh.extend(self.claim_abandoned(&mut redis).await?);
        }
        if fresh.is_empty() {
            fresh = self.read(&mut redis).await?;
        }
        let mut taken = Vec::new();
        for waiting in fresh {
            if let Some(id) = self.take(waiting).await? {
                taken.push(id);
            }
        }
        if !taken.is_empty() {
            redis::cmd("XACK")
                .arg(&self.stream)
                .arg(self.platform.name)
                .arg(&taken)
                .query_async::<i64>(&mut redis)
                .await?;
        }
        self.redis = Some(redis);
        Ok(())
    }

    fn retry(&mut self) -> Vec<Waiting> {
        let now = tokio::time::Instant::now();
        let (due, later) = std::mem::take(&mut self.waiting).into_iter().partition(|w| w.again_at <= now);
        self.waiting = later;
        due
    }

    async fn read(&self, redis: &mut MultiplexedConnection) -> Result<Vec<Waiting>> {
        let block = if self.waiting.is_empty() { BLOCK.min(self.platform.config.reclaim_after_ms / 2) } else { 50 };
        let reply: redis::RedisResult<Option<StreamReadReply>> = redis::cmd("XREADGROUP")
            .arg("GROUP")
            .arg(self.platform.name)
            .arg(&self.name)
            .arg("COUNT")
            .arg(READ_AT_ONCE)
            .arg("BLOCK")
            .arg(block)
            .arg("STREAMS")
            .arg(&self.stream)
            .arg(">")
            .query_async(redis)
            .await;
        match reply {
            Ok(reply) => {
                Ok(reply.into_iter().flat_map(|r| r.keys).flat_map(|k| k.ids).filter_map(Waiting::new).collect())
            }
            Err(error) if error.code() == Some("NOGROUP") => {
                create_group(redis, &self.stream, self.platform.name).await?;
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn claim_abandoned(&self, redis: &mut MultiplexedConnection) -> Result<Vec<Waiting>> {
        let reply: redis::RedisResult<StreamAutoClaimReply> = redis::cmd("XAUTOCLAIM")
            .arg(&self.stream)
            .arg(self.platform.name)
            .arg(&self.name)
            .arg(self.platform.config.reclaim_after_ms)
            .arg("0")
            .arg("COUNT")
            .arg(READ_AT_ONCE)
            .query_async(redis)
            .await;
        match reply {
            Ok(reply) => Ok(reply.claimed.into_iter().filter_map(Waiting::new).collect()),
            Err(error) if error.code() == Some("NOGROUP") => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Handles one event; its id when it is done with and may be acknowledged.
    async fn take(&mut self, mut waiting: Waiting) -> Result<Option<String>> {
        let envelope: Envelope = match serde_json::from_str(&waiting.event) {
            Ok(envelope) => envelope,
            Err(error) => return self.bury(waiting, None, &error.to_string()).await.map(Some),
        };
        let event = match Event::read(&envelope) {
            Ok(Some(event)) => event,
            Ok(None) => return Ok(Some(waiting.id)),
            Err(error) => return self.bury(waiting, Some(&envelope), &error.to_string()).await.map(Some),
        };
        let span = telemetry::consumer_span(self.platform.name, &envelope);
        let handling = handle(&self.platform, self.handler, &envelope, &event).instrument(span);
        let outcome = within(HANDLING, handling).await;
        self.platform.health.turned(&self.watched);
        match outcome {
            Ok(Handled::Done) => return Ok(Some(waiting.id)),
            Ok(Handled::NotYet) => waiting.waits += 1,
            // A database that is away says nothing about the event.
            Err(problem) if problem.code == Code::Unavailable => {
                self.platform.health.note(&problem);
                waiting.pause = waiting.pause.max(Duration::from_secs(1))
            }
            Err(problem) => {
                tracing::warn!(%problem, kind = envelope.r#type, id = %envelope.id, "event failed");
                waiting.failures += 1;
            }
        }
        if waiting.failures >= MOST_TRIES || waiting.waits >= MOST_WAITS {
            let reason = if waiting.waits >= MOST_WAITS { "what it builds on never came" } else { "failed every time" };
            return self.bury(waiting, Some(&envelope), reason).await.map(Some);
        }
        let pause = Duration::from_millis(100 << waiting.failures.min(6));
        waiting.again_at = tokio::time::Instant::now() + pause.max(waiting.pause);
        waiting.pause = Duration::ZERO;
        self.waiting.push(waiting);
        Ok(None)
    }

    async fn bury(&self, waiting: Waiting, envelope: Option<&Envelope>, reason: &str) -> Result<String> {
        tracing::error!(reason, stream = self.stream, id = waiting.id, "event buried as a dead letter");
        let mut tx = self.platform.store.begin_across_companies(self.platform.clock.now()).await?;
        let now = tx.now;
        let letter = DeadLetter {
            event_id: envelope.map_or_else(Uuid::now_v7, |e| e.id),
            tenant: envelope.map_or(Uuid::nil(), |e| e.company),
            stream: &self.stream,
            event: &waiting.event,
            reason,
            deliveries: i64::from(waiting.failures + waiting.waits),
            buried_at: now.to_diesel(),
        };
        diesel::insert_into(dead_letters::table).values(letter).on_conflict_do_nothing().execute(tx.conn()).await?;
        tx.commit().await?;
        Ok(waiting.id)
    }
}

#[derive(Insertable)]
#[diesel(table_name = dead_letters)]
struct DeadLetter<'a> {
    event_id: Uuid,
    tenant: Uuid,
    stream: &'a str,
    event: &'a str,
    reason: &'a str,
    deliveries: i64,
    buried_at: sql::Timestamp,
}

impl Waiting {
    fn new(entry: StreamId) -> Option<Self> {
        let event = entry.get::<String>("event")?;
        Some(Self {
            id: entry.id,
            event,
            failures: 0,
            waits: 0,
            pause: Duration::ZERO,
            again_at: tokio::time::Instant::now(),
        })
    }
}

async fn handle(platform: &Platform, handler: Handler, envelope: &Envelope, event: &Event) -> Result<Handled> {
    let mut tx = platform.store.begin(envelope.company, crate::store::Actor::system(), platform.clock.now()).await?;
    if !tx.first_time(envelope.id).await? {
        tx.rollback().await?;
        return Ok(Handled::Done);
    }
    match handler(&mut tx, event).await {
        Ok(Handled::Done) => {
            tx.commit().await?;
            Ok(Handled::Done)
        }
        Ok(Handled::NotYet) => {
            tx.rollback().await?;
            Ok(Handled::NotYet)
        }
        Err(problem) => {
            tx.rollback().await.map_err(|second| {
                tracing::warn!(%second, "rollback failed");
                problem.clone()
            })?;
            Err(problem)
        }
    }
}

/// Hands a company's dead letters to their handler again, once what was wrong is mended.
pub async fn revive(platform: &Platform, handler: Handler, company: Uuid) -> Result<usize> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let buried: Vec<(Uuid, String)> = dead_letters::table
        .select((dead_letters::event_id, dead_letters::event))
        .filter(dead_letters::tenant.eq(company))
        .order(dead_letters::buried_at)
        .load(tx.conn())
        .await?;
    tx.rollback().await?;
    let mut revived = 0;
    for (id, event) in buried {
        let Ok(envelope) = serde_json::from_str::<Envelope>(&event) else { continue };
        let Ok(Some(event)) = Event::read(&envelope) else { continue };
        if handle(platform, handler, &envelope, &event).await.map_err(|p| Problem::internal(&p))? == Handled::Done {
            let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
            diesel::delete(dead_letters::table.find(id)).execute(tx.conn()).await?;
            tx.commit().await?;
            revived += 1;
        }
    }
    Ok(revived)
}
