//! A mail server that keeps what it is given, or misbehaves as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail_parser::{Message, MessageParser};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// Refuses every recipient for now.
    Busy,
    /// Refuses every recipient for good.
    KnowsNobody,
    /// Asks for credentials that nobody has given.
    WantsCredentials,
    /// Takes a mail and hangs up before saying so.
    HangsUp,
    /// Takes a mail and never says so.
    Stalls,
    /// Takes all mails, but never says so of the first.
    StallsOnce,
}

#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    manner: Arc<Mutex<Manner>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    pub async fn start(manner: Manner) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), manner)
    }

    pub async fn start_on(port: u16) -> Self {
        Self::listen(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), Manner::Takes)
    }

    fn listen(listener: TcpListener, manner: Manner) -> Self {
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            manner: Arc::new(Mutex::new(manner)),
            mails: Arc::default(),
        };
        let served = sink.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let sink = served.clone();
                tokio::spawn(async move { sink.converse(socket).await });
            }
        });
        sink
    }

    pub fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// Everything it was given, as text.
    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    fn manner(&self) -> Manner {
        *self.manner.lock().unwrap()
    }

    /// Whether it is the first.
    fn keep(&self, text: String) -> bool {
        let mut mails = self.mails.lock().unwrap();
        mails.push(text);
        mails.len() == 1
    }

    async fn converse(&self, mut socket: TcpStream) -> Option<()> {
        let (read, mut write) = socket.split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 sink\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let answer = match (verb.as_str(), self.manner()) {
                ("QUIT", _) => return write.write_all(b"221 bye\r\n").await.ok(),
                ("MAIL", Manner::WantsCredentials) => "530 5.7.0 authentication required",
                ("RCPT", Manner::Busy) => "451 4.3.0 busy",
                ("RCPT", Manner::KnowsNobody) => "550 5.1.1 no such user",
                ("DATA", manner) => {
                    write.write_all(b"354 go on\r\n").await.ok()?;
                    let mut text = String::new();
                    loop {
                        let line = lines.next_line().await.ok()??;
                        if line == "." {
                            break;
                        }
                        text.push_str(line.strip_prefix('.').unwrap_or(&line));
                        text.push_str("\r\n");
                    }
                    let is_first = self.keep(text);
                    match manner {
                        Manner::StallsOnce if is_first => tokio::time::sleep(Duration::from_secs(3600)).await,
                        Manner::HangsUp => return None,
                        Manner::Stalls => tokio::time::sleep(Duration::from_secs(3600)).await,
                        _ => {}
                    }
                    "250 taken"
                }
                _ => "250 fine",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}

/// A mail as a reader sees it.
pub fn read(text: &str) -> Message<'_> {
    MessageParser::default().parse(text.as_bytes()).unwrap()
}
