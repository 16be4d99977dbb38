//! How often one account or one address may call.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use platform::web::network;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Gateway;
use crate::refusal::Refusal;

/// Requests allowed, each with bursts of twice as many; 0 allows any number.
#[derive(Clone, Copy, Debug, Default)]
pub struct RateLimits {
    /// Of one account or machine client.
    pub account_per_second: u32,
    /// Of one client address without a valid token.
    pub address_per_second: u32,
    /// Attempts to sign in, and other writes without a token, of one client address.
    pub sign_in_per_minute: u32,
}

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

pub struct Limiter {
    accounts: Option<Keyed<Uuid>>,
    addresses: Option<Keyed<IpAddr>>,
    sign_ins: Option<Keyed<IpAddr>>,
    clock: DefaultClock,
}

/// How many requests a caller may send at once, and how many of them are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub limit: u32,
    pub remaining: u32,
}

impl Room {
    pub fn tell(self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(self.remaining));
    }
}

impl Limiter {
    pub fn new(limits: RateLimits) -> Self {
        Self {
            accounts: limiter(limits.account_per_second, Quota::per_second),
            addresses: limiter(limits.address_per_second, Quota::per_second),
            sign_ins: limiter(limits.sign_in_per_minute, Quota::per_minute),
            clock: DefaultClock::default(),
        }
    }

    pub fn account(&self, account: Uuid) -> Result<Option<Room>, Refusal> {
        self.check(self.accounts.as_ref(), account)
    }

    pub fn address(&self, address: IpAddr) -> Result<Option<Room>, Refusal> {
        self.check(self.addresses.as_ref(), network(address))
    }

    pub fn sign_in(&self, address: IpAddr) -> Result<Option<Room>, Refusal> {
        self.check(self.sign_ins.as_ref(), network(address))
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: Option<&Keyed<K>>, key: K) -> Result<Option<Room>, Refusal> {
        let Some(limiter) = limiter else { return Ok(None) };
        match limiter.check_key(&key) {
            Ok(state) => {
                Ok(Some(Room { limit: state.quota().burst_size().get(), remaining: state.remaining_burst_capacity() }))
            }
            Err(early) => Err(Refusal::Rate {
                seconds: early.wait_time_from(self.clock.now()).as_secs() + 1,
                room: Room { limit: early.quota().burst_size().get(), remaining: 0 },
            }),
        }
    }

    fn forget_the_idle(&self) {
        for addresses in [&self.addresses, &self.sign_ins].into_iter().flatten() {
            addresses.retain_recent();
            addresses.shrink_to_fit();
        }
        if let Some(accounts) = &self.accounts {
            accounts.retain_recent();
            accounts.shrink_to_fit();
        }
    }
}

fn limiter<K: Hash + Eq + Clone>(limit: u32, quota: fn(NonZeroU32) -> Quota) -> Option<Keyed<K>> {
    let limit = NonZeroU32::new(limit)?;
    let quota = quota(limit).allow_burst(limit.saturating_mul(NonZeroU32::MIN.saturating_add(1)));
    Some(RateLimiter::keyed(quota).with_middleware())
}

/// Keeps the limiter's memory to who called lately.
pub async fn forget_the_idle(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60)) => gateway.limiter.forget_the_idle(),
            _ = stop.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_refused_with_a_time_to_wait() {
        let limiter = Limiter::new(RateLimits { sign_in_per_minute: 2, ..RateLimits::default() });
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        for remaining in [3, 2, 1, 0] {
            assert_eq!(limiter.sign_in(address).unwrap(), Some(Room { limit: 4, remaining }));
        }
        let refused = limiter.sign_in(address).unwrap_err();
        let Refusal::Rate { seconds, room } = refused else { panic!("{refused:?}") };
        assert!((1..=31).contains(&seconds), "{seconds}");
        assert_eq!(room, Room { limit: 4, remaining: 0 });
        limiter.sign_in("192.0.2.2".parse().unwrap()).unwrap();
        limiter.address(address).unwrap();
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
