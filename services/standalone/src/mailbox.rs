//! A mailbox for `steelyard up`: an SMTP server on loopback that keeps every message as a file.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{Problem, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub struct Mailbox {
    pub port: u16,
    pub directory: PathBuf,
}

impl Mailbox {
    pub async fn start(directory: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory).map_err(Problem::internal)?;
        // Mails tell results: they are their owner's alone.
        std::fs::set_permissions(directory, Permissions::from_mode(0o700)).map_err(Problem::internal)?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Problem::internal)?;
        let port = listener.local_addr().map_err(Problem::internal)?.port();
        let kept = Arc::new(directory.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &kept).await {
                        tracing::debug!(%error, "a mail connection ended early");
                    }
                });
            }
        });
        Ok(Self { port, directory: directory.to_owned() })
    }

    /// Kept messages, oldest first.
    pub fn messages(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let mut files: Vec<_> =
            entries.map(|entry| entry.path()).filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
        files.sort_by_key(|path| std::fs::metadata(path).and_then(|m| m.modified()).ok());
        files
    }
}

async fn converse(stream: TcpStream, directory: &Path) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read.take(64 << 20));
    let mut recipient = String::new();
    write.write_all(b"220 steelyard mailbox\r\n").await?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-steelyard\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "RCPT" => {
                recipient = line.split(['<', '>']).nth(1).unwrap_or("nobody").to_owned();
                b"250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let message = read_message(&mut lines).await?;
                keep(directory, &recipient, &message)?;
                b"250 kept\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
}

async fn read_message(lines: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// One file a message, named by its Message-ID: a message sent twice is kept once.
fn keep(directory: &Path, recipient: &str, message: &str) -> std::io::Result<()> {
    let id = message.lines().find_map(|line| line.strip_prefix("Message-ID:")).unwrap_or("message");
    let safe =
        |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || "@.-".contains(*c)).collect::<String>();
    let name = safe(id.split('@').next().unwrap_or(id));
    std::fs::write(directory.join(format!("{}-{name}.eml", safe(recipient))), message)
}
