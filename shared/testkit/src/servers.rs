use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, OnceLock};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use platform::Service;
use tokio::sync::Mutex;
use uuid::Uuid;

/// The servers of this test process.
pub struct Servers {
    socket_dir: String,
    redis_socket: String,
    /// The shell that owns them; it ends them when this process lets go of its input.
    _shell: Child,
}

/// Starts the servers once a process.
#[allow(clippy::expect_used, reason = "without servers no test can run")]
pub fn servers() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let mut shell = Command::new("sh")
            .arg("-c")
            .arg(include_str!("../../../scripts/servers.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell to start PostgreSQL and Redis");
        let mut lines = BufReader::new(shell.stdout.take().expect("the shell's output")).lines();
        let mut line = || {
            lines
                .next()
                .and_then(Result::ok)
                .expect("PostgreSQL and Redis start (apt-get install postgresql redis-server)")
        };
        let (socket_dir, redis_socket) = (line(), line());
        Servers { socket_dir, redis_socket, _shell: shell }
    })
}

impl Servers {
    fn url(&self, user: &str, database: &str) -> String {
        let host: String = self.socket_dir.replace('/', "%2F");
        format!("postgresql://{user}@{host}/{database}")
    }

    /// A Redis of the test's own.
    pub fn redis(&self) -> String {
        let number = Uuid::new_v4().as_u128() % 10_000;
        format!("redis+unix://{}?db={number}", self.redis_socket)
    }
}

/// A database of the test's own, with the given services migrated.
pub struct Database {
    name: String,
}

static TEMPLATES: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl Database {
    pub async fn new(services: &[Service]) -> Self {
        let template = template(services).await;
        let name = format!("test_{}", Uuid::new_v4().simple());
        admin(&format!("create database {name} template {template} strategy file_copy")).await;
        Self { name }
    }

    /// What an older version kept, a compressed dump of its database, brought up to the present.
    pub async fn restored(dump: &std::path::Path, services: &[Service]) -> Self {
        // The services' roles are the server's: migrating a template makes them.
        template(services).await;
        let name = format!("test_{}", Uuid::new_v4().simple());
        admin(&format!("create database {name}")).await;
        let restoring = format!(
            "zcat '{}' | psql -q -v ON_ERROR_STOP=1 -h '{}' -U postgres -d {name} >/dev/null",
            dump.display(),
            servers().socket_dir
        );
        let restored = Command::new("sh").args(["-c", &restoring]).status().expect("a shell");
        assert!(restored.success(), "the dump is restored");
        for service in services {
            let (url, role) = (servers().url("postgres", &name), platform::service::role(service.name));
            platform::migrate::migrate(&url, service.name, &role, (service.migrations)())
                .await
                .expect("migrations run");
        }
        Self { name }
    }

    /// As the service's own role, bound by row-level security.
    pub fn url(&self, service: &str) -> String {
        servers().url(&platform::service::role(service), &self.name)
    }

    /// As the superuser, for looking behind the scenes.
    pub fn owner_url(&self) -> String {
        servers().url("postgres", &self.name)
    }

    /// A superuser's connection whose search path is the service's schema.
    pub async fn connect(&self, service: &str) -> AsyncPgConnection {
        let mut conn = AsyncPgConnection::establish(&self.owner_url()).await.expect("a connection");
        conn.batch_execute(&format!("set search_path to {service}")).await.expect("a schema");
        conn
    }
}

/// Migrated once a process and set of services, then cloned.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
async fn template(services: &[Service]) -> String {
    let key = services.iter().map(|s| s.name).collect::<Vec<_>>().join("_");
    let mut templates = TEMPLATES.lock().await;
    if let Some(name) = templates.get(&key) {
        return name.clone();
    }
    let name = format!("template_{}", Uuid::new_v4().simple());
    admin(&format!("create database {name}")).await;
    for service in services {
        let url = servers().url("postgres", &name);
        platform::migrate::migrate(&url, service.name, &platform::service::role(service.name), (service.migrations)())
            .await
            .expect("migrations run");
    }
    templates.insert(key, name.clone());
    name
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
async fn admin(sql: &str) {
    let mut conn =
        AsyncPgConnection::establish(&servers().url("postgres", "postgres")).await.expect("PostgreSQL answers");
    conn.batch_execute(sql).await.expect("the statement runs");
}
