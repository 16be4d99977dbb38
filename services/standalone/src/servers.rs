//! The private PostgreSQL and Redis, run by a shell script that ends them when this process ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use platform::config::Secret;
use platform::{Problem, Result, say};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub struct Servers {
    sockets: String,
    redis_socket: String,
    shell: Child,
    /// Where others find the sockets.
    mark: PathBuf,
}

impl Servers {
    /// Starts both over the data kept in `directory`.
    pub async fn start(directory: &Path) -> Result<Self> {
        let data = reachable(directory)?;
        let mut shell = Command::new("sh")
            .arg("-c")
            .arg(include_str!("../../../scripts/servers.sh"))
            .arg("servers.sh")
            .arg(&data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(Problem::internal)?;
        let output = shell.stdout.take().ok_or_else(|| Problem::internal("no output to read"))?;
        let mut lines = BufReader::new(output).lines();
        let mut line = async || {
            let line = lines.next_line().await.map_err(Problem::internal)?;
            line.ok_or_else(|| {
                Problem::internal("PostgreSQL and Redis did not start; are postgresql and redis-server installed?")
            })
        };
        let (sockets, redis_socket) = (line().await?, line().await?);
        let mark = directory.join(MARK);
        std::fs::write(&mark, &sockets).map_err(Problem::internal)?;
        Ok(Self { sockets, redis_socket, shell, mark })
    }

    /// The socket directory of the servers that are running over the data of `directory`, whoever started them.
    pub async fn running(directory: &Path) -> Option<String> {
        let sockets = std::fs::read_to_string(directory.join(MARK)).ok()?;
        // A process that was killed leaves its mark behind.
        tokio::net::UnixStream::connect(Path::new(&sockets).join(".s.PGSQL.5432")).await.ok()?;
        Some(sockets)
    }

    pub fn sockets(&self) -> &str {
        &self.sockets
    }

    /// A database URL for a role.
    pub fn postgres(&self, role: &str, database: &str) -> Secret {
        url(&self.sockets, role, database)
    }

    pub fn redis(&self) -> Secret {
        Secret::new(format!("redis+unix://{}", self.redis_socket))
    }

    /// How to look into the database.
    pub fn psql(&self) -> String {
        format!("psql -h {} -U postgres steelyard", self.sockets)
    }

    /// Lets go of the shell's input and waits until it has stopped the servers.
    pub async fn stop(mut self) {
        drop(self.shell.stdin.take());
        // The script stops the servers itself; there is nothing left to do if it is gone.
        let _ = self.shell.wait().await;
        // A mark that stays is found out to lead nowhere.
        let _ = std::fs::remove_file(&self.mark);
    }
}

/// The folder is this process's alone, for as long as this lives: a second process over the same database would stop
/// the servers of the first. The system lets go of it however the process ends.
pub struct Hold(#[allow(dead_code, reason = "it holds the lock")] File);

impl Hold {
    /// Refuses a folder that another process holds.
    pub fn of(directory: &Path) -> Result<Self> {
        let path = directory.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Problem::internal)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let detail = say!(
                    "另一个 `steelyard` 正在使用 {}；请先停止它，或用 --data 为本进程指定另一文件夹",
                    "another `steelyard` is running in {}; stop it first, or give this one a folder of its own with --data",
                    directory.display()
                );
                Err(Problem::wrong_state(detail))
            }
            Err(TryLockError::Error(error)) => Err(Problem::internal(format!("{}: {error}", path.display()))),
        }
    }
}

/// Holds the socket directory while servers are running.
const MARK: &str = "servers";

/// A database URL for a role, over the servers' sockets.
pub fn url(sockets: &str, role: &str, database: &str) -> Secret {
    Secret::new(format!("postgresql://{role}@{}/{database}", sockets.replace('/', "%2F")))
}

/// Whether there is a database in `directory` to start over.
pub fn keeps_data(directory: &Path) -> bool {
    place(directory).join("PG_VERSION").exists()
}

fn reachable(directory: &Path) -> Result<PathBuf> {
    let data = place(directory);
    std::fs::create_dir_all(&data).map_err(Problem::internal)?;
    Ok(data)
}

/// PostgreSQL refuses root, so root runs it as `postgres`, who cannot enter a private home: data under one
/// is kept in /var/lib/steelyard instead.
fn place(directory: &Path) -> PathBuf {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let wanted = directory.join("postgres");
    let as_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o001 != 0);
    if !as_root || directory.ancestors().skip(1).all(open) {
        return wanted;
    }
    let name: String = wanted.to_string_lossy().trim_matches('/').replace('/', "-");
    Path::new("/var/lib/steelyard").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_folder_that_is_held_when_another_comes_then_it_is_told_so_until_the_first_lets_go() {
        let directory = std::env::temp_dir().join(format!("steelyard-hold-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&directory).unwrap();
        let first = Hold::of(&directory).unwrap();

        let refused = Hold::of(&directory).err().unwrap();
        assert!(refused.detail.en.contains("another `steelyard` is running"), "{refused}");

        drop(first);
        assert!(Hold::of(&directory).is_ok());
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
