//! Keeps the tokens' public keys fresh: fetched at start, every minute, and when a token names an unknown one.

use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::auth::Verifier;
use crate::problem::{Code, Problem};
use crate::{Result, say};

const EVERY: Duration = Duration::from_secs(60);
/// Between two fetches because of tokens with unknown keys, which anybody can send.
const AT_MOST_EVERY: Duration = Duration::from_secs(10);

/// Fetches the key set at `url` into the verifier until told to stop.
pub async fn keep_fresh(url: String, verifier: Verifier, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let fetched = tokio::time::Instant::now();
        let pause = match tokio::time::timeout(Duration::from_secs(5), fetch(&url)).await {
            Ok(Ok(keys)) => {
                verifier.install(&keys);
                EVERY
            }
            Ok(Err(_)) | Err(_) => Duration::from_millis(200),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stale(&verifier, fetched) => {}
            _ = stop.changed() => {}
        }
    }
}

/// When a token has named an unknown key, but not too soon after the last fetch.
async fn stale(verifier: &Verifier, fetched: tokio::time::Instant) {
    verifier.stale.notified().await;
    tokio::time::sleep_until(fetched + AT_MOST_EVERY).await;
}

/// A plain HTTP/1.0 GET: the keys come from inside the cluster, and web clients are bound to web workers.
async fn fetch(url: &str) -> Result<JwkSet> {
    let malformed = || Problem::new(Code::Unavailable, say!("无法获取公钥", "the key set cannot be fetched"));
    let rest = url.strip_prefix("http://").ok_or_else(malformed)?;
    let (host, path) = rest.split_once('/').ok_or_else(malformed)?;
    let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut stream = TcpStream::connect(address).await.map_err(|_| malformed())?;
    let request = format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|_| malformed())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(|_| malformed())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(malformed)?;
    if !head.starts_with("HTTP/1.0 200") && !head.starts_with("HTTP/1.1 200") {
        return Err(malformed());
    }
    serde_json::from_str(body).map_err(|_| malformed())
}
