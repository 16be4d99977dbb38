//! Hosts that vanish without a word: connections stay open, and nothing comes through them any more.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::Config;
use platform::config::Secret;
use platform::service::{Running, start};
use testkit::{Client, World, eventually, eventually_within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

use crate::bus::tell;
use crate::{notes_of, service};

/// Stands before a server. What was connected before the last fall into silence is read and passed on no more.
struct Hole {
    port: u16,
    falls: watch::Sender<usize>,
    accepted: Arc<AtomicUsize>,
}

impl Hole {
    async fn before(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (falls, fallen) = watch::channel(0);
        let accepted = Arc::new(AtomicUsize::new(0));
        let counted = accepted.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(pass(client, server, fallen.clone()));
            }
        });
        Self { port, falls, accepted }
    }

    fn fall_silent(&self) {
        self.falls.send_modify(|falls| *falls += 1);
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

async fn pass(mut client: TcpStream, mut server: UnixStream, mut fallen: watch::Receiver<usize>) {
    fallen.borrow_and_update();
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    tokio::select! {
        _ = async { tokio::join!(pump(&mut from_client, &mut to_server), pump(&mut from_server, &mut to_client)) } => return,
        _ = fallen.changed() => {}
    }
    // What is sent is still taken, as by a network that swallows it.
    let mut swallowed = [0; 1024];
    while from_client.read(&mut swallowed).await.is_ok_and(|read| read > 0) {}
}

async fn pump(from: &mut (impl AsyncReadExt + Unpin), to: &mut (impl AsyncWriteExt + Unpin)) {
    let mut bytes = [0; 4096];
    while let Ok(read) = from.read(&mut bytes).await
        && read > 0
    {
        if to.write_all(&bytes[..read]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// A Redis behind a hole, and its URL.
async fn redis(world: &World) -> (Hole, String) {
    let (socket, number) = world.redis_url.strip_prefix("redis+unix://").unwrap().split_once("?db=").unwrap();
    let hole = Hole::before(socket.into()).await;
    let url = format!("redis://127.0.0.1:{}/{number}", hole.port);
    (hole, url)
}

/// The PostgreSQL of a service behind a hole, and its URL.
async fn postgres(world: &World, service: &str) -> (Hole, String) {
    let url = world.database.url(service);
    let (role, rest) = url.strip_prefix("postgresql://").unwrap().split_once('@').unwrap();
    let (folder, database) = rest.split_once('/').unwrap();
    let hole = Hole::before(PathBuf::from(folder.replace("%2F", "/")).join(".s.PGSQL.5432")).await;
    let url = format!("postgresql://{role}@127.0.0.1:{}/{database}", hole.port);
    (hole, url)
}

/// The service once more, in place of the one that runs.
async fn instead(world: &mut World, name: &'static str, change: impl FnOnce(&mut Config)) -> Running {
    world.running.remove(name).unwrap().stop().await;
    let mut config = world.config(name);
    change(&mut config);
    start(&service(name), config).await.unwrap()
}

async fn is_ready(running: &Running) {
    let client = Client::new(format!("http://{}", running.address), None);
    let mut probe = async || (client.get("/health/ready").await.status == 200).then_some(());
    eventually_within(Duration::from_secs(60), "the service is ready", &mut probe).await;
}

/// How many notes the service has in the end.
async fn has_taken(world: &World, expected: usize) {
    let mut probe = async || (notes_of(world, "notification").await.len() == expected).then_some(());
    eventually_within(Duration::from_secs(90), "the event is taken without a restart", &mut probe).await;
}

#[actix_web::test]
async fn given_a_redis_that_falls_silent_when_events_come_then_consumer_and_relay_go_on_without_a_restart() {
    let mut world = World::start(&[service("pay"), service("notification")]).await;
    let (hole, url) = redis(&world).await;
    let teller = instead(&mut world, "pay", |config| config.redis_url = Secret::new(&url)).await;
    let taker = instead(&mut world, "notification", |config| config.redis_url = Secret::new(&url)).await;
    world.running.insert("pay", teller);
    tell(&world, ["before".to_owned()]).await;
    has_taken(&world, 1).await;

    hole.fall_silent();
    tell(&world, ["after".to_owned()]).await;

    has_taken(&world, 2).await;
    is_ready(&taker).await;
    taker.stop().await;
}

#[actix_web::test]
async fn given_a_postgres_that_falls_silent_when_events_come_then_the_consumer_goes_on_without_a_restart() {
    let mut world = World::start(&[service("pay"), service("notification")]).await;
    let (hole, url) = postgres(&world, "notification").await;
    let taker = instead(&mut world, "notification", |config| config.database_url = Secret::new(&url)).await;
    tell(&world, ["before".to_owned()]).await;
    has_taken(&world, 1).await;

    hole.fall_silent();
    tell(&world, ["after".to_owned()]).await;

    has_taken(&world, 2).await;
    is_ready(&taker).await;
    taker.stop().await;
}

#[actix_web::test]
async fn given_a_ready_service_when_asked_again_and_again_then_it_opens_no_connection_for_it() {
    let mut world = World::start(&[service("pay")]).await;
    let (hole, url) = redis(&world).await;
    let running = instead(&mut world, "pay", |config| config.redis_url = Secret::new(&url)).await;
    let client = Client::new(format!("http://{}", running.address), None);
    is_ready(&running).await;
    // One of the relay's, one of health's.
    eventually("both connections are there", async || (hole.accepted() == 2).then_some(())).await;

    for _ in 0..30 {
        client.get("/health/ready").await.expect(200);
    }

    assert_eq!(hole.accepted(), 2);
    running.stop().await;
}
