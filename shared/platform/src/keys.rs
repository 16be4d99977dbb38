//! Keeps the tokens' public keys fresh: fetched at start, every minute, and when a token names an unknown one.

use std::time::Duration;

use actix_web::web::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::watch;

use crate::Result;
use crate::auth::Verifier;
use crate::problem::Problem;

const EVERY: Duration = Duration::from_secs(60);
/// Between two fetches because of tokens with unknown keys, which anybody can send.
const AT_MOST_EVERY: Duration = Duration::from_secs(10);

/// Bytes of a key set at most.
const LARGEST: usize = 1 << 20;

/// Fetches the key set at `url` into the verifier until told to stop.
pub async fn keep_fresh(url: String, verifier: Verifier, mut stop: watch::Receiver<bool>) {
    let client = client();
    while !*stop.borrow() {
        let fetched = tokio::time::Instant::now();
        let pause = match tokio::time::timeout(Duration::from_secs(5), fetch(&client, &url)).await {
            Ok(Ok(keys)) => {
                verifier.install(&keys);
                EVERY
            }
            Ok(Err(problem)) => {
                tracing::debug!(%problem, "the keys of tokens could not be fetched");
                Duration::from_millis(200)
            }
            Err(_) => Duration::from_millis(200),
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

type Web = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Speaks HTTP, and HTTPS with the public roots; the clients of the web server are bound to its workers.
fn client() -> Web {
    let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
    Client::builder(TokioExecutor::new()).build(connector)
}

async fn fetch(client: &Web, url: &str) -> Result<JwkSet> {
    let address = url.parse().map_err(Problem::internal)?;
    let answer = client.get(address).await.map_err(Problem::unavailable)?;
    if !answer.status().is_success() {
        return Err(Problem::unavailable(format!("{url} answers {}", answer.status())));
    }
    let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(Problem::unavailable)?;
    serde_json::from_slice(&body.to_bytes()).map_err(Problem::unavailable)
}
