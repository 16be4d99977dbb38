//! The services' replicas: taken in turn, and passed over for a moment when they cannot be reached.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::Uri;
use actix_web::http::uri::{Authority, PathAndQuery};
use tokio::time::Instant;

/// How long an unreachable replica is tried last.
const PASSED_OVER: Duration = Duration::from_secs(2);

pub struct Upstreams {
    services: BTreeMap<String, Replicas>,
    started: Instant,
}

pub struct Replicas {
    list: Vec<Replica>,
    next: AtomicUsize,
}

pub struct Replica {
    authority: Authority,
    /// Milliseconds since the start until which it is passed over.
    passed_over_until: AtomicU64,
}

impl Upstreams {
    pub fn new(addresses: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let mut services = BTreeMap::new();
        for (service, addresses) in addresses {
            let list = addresses.iter().map(|address| replica(address)).collect::<Result<Vec<_>, _>>()?;
            services.insert(service.clone(), Replicas { list, next: AtomicUsize::new(0) });
        }
        Ok(Self { services, started: Instant::now() })
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &[Replica])> {
        self.services.iter().map(|(service, replicas)| (service.as_str(), replicas.list.as_slice()))
    }

    /// A service's replicas in the order to try them: the next in turn first, those that were unreachable
    /// a moment ago last.
    pub fn in_turn(&self, service: &str) -> Vec<&Replica> {
        let Some(replicas) = self.services.get(service).filter(|replicas| !replicas.list.is_empty()) else {
            return Vec::new();
        };
        let first = replicas.next.fetch_add(1, Ordering::Relaxed) % replicas.list.len();
        let now = self.now();
        let mut turn: Vec<&Replica> = replicas.list.iter().cycle().skip(first).take(replicas.list.len()).collect();
        turn.sort_by_key(|replica| replica.passed_over_until.load(Ordering::Relaxed) > now);
        turn
    }

    pub fn pass_over(&self, replica: &Replica) {
        let until = self.now().saturating_add(PASSED_OVER.as_millis() as u64);
        replica.passed_over_until.store(until, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.started.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }
}

impl Replica {
    pub fn uri(&self, path_and_query: PathAndQuery) -> Option<Uri> {
        Uri::builder().scheme("http").authority(self.authority.clone()).path_and_query(path_and_query).build().ok()
    }
}

fn replica(address: &str) -> Result<Replica, String> {
    let authority = address
        .strip_prefix("http://")
        .map(|rest| rest.trim_end_matches('/'))
        .and_then(|authority| authority.parse().ok())
        .ok_or_else(|| format!("{address} is not an address of the form http://host:port"))?;
    Ok(Replica { authority, passed_over_until: AtomicU64::new(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(turn: &[&Replica]) -> Vec<String> {
        turn.iter().map(|replica| replica.authority.host().to_owned()).collect()
    }

    #[test]
    fn replicas_take_turns_and_the_unreachable_come_last() {
        let addresses = BTreeMap::from([("pay".to_owned(), vec!["http://a:1".to_owned(), "http://b:1/".to_owned()])]);
        let upstreams = Upstreams::new(&addresses).unwrap();
        assert_eq!(hosts(&upstreams.in_turn("pay")), ["a", "b"]);
        assert_eq!(hosts(&upstreams.in_turn("pay")), ["b", "a"]);
        let turn = upstreams.in_turn("pay");
        upstreams.pass_over(turn[0]);
        assert_eq!(hosts(&upstreams.in_turn("pay")), ["b", "a"]);
        assert_eq!(hosts(&upstreams.in_turn("pay")), ["b", "a"]);
        assert!(upstreams.in_turn("planning").is_empty());
    }

    #[test]
    fn only_plain_http_addresses_are_taken() {
        for address in ["https://a", "a:8080", "http://", "http://a b"] {
            assert!(replica(address).is_err(), "{address}");
        }
    }
}
