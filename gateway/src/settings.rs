use std::collections::BTreeMap;

use platform::Clock;
use platform::config::{ConfigError, Environment, variable};

use crate::documents::{self, Documents};
use crate::limits::RateLimits;

/// How the gateway is run. Production reads it from the environment; `standalone` and tests fill it in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address it listens on, such as `0.0.0.0:8080`.
    pub listen: String,
    /// Base addresses of each service's replicas, such as `http://planning:8080`.
    pub upstreams: BTreeMap<String, Vec<String>>,
    /// Where tokens' public keys are published (the organisation service).
    pub jwks_url: String,
    /// Worker threads of the web server.
    pub workers: usize,
    pub clock: Clock,
    pub rate: RateLimits,
    /// How many proxies of our own stand before the gateway: the client's address is taken from the
    /// `X-Forwarded-For` entry that the outermost of them wrote. With none, the header is not believed.
    pub trusted_proxies: usize,
    /// The services' OpenAPI documents: the committed ones unless told otherwise.
    pub documents: Documents,
}

impl Settings {
    /// The committed documents, two workers, the system's clock and no limits.
    pub fn new(
        listen: impl Into<String>,
        upstreams: BTreeMap<String, Vec<String>>,
        jwks_url: impl Into<String>,
    ) -> Self {
        Self {
            listen: listen.into(),
            upstreams,
            jwks_url: jwks_url.into(),
            workers: 2,
            clock: Clock::system(),
            rate: RateLimits::default(),
            trusted_proxies: 0,
            documents: documents::committed(),
        }
    }

    /// Reads `STEELYARD_*` variables.
    pub fn from_env() -> Result<Self, ConfigError> {
        let listen = variable("STEELYARD_LISTEN").unwrap_or_else(|| "0.0.0.0:8080".to_owned());
        let mut environment = Environment::default();
        let addresses = environment.required("STEELYARD_UPSTREAMS");
        let upstreams = parse_upstreams(&addresses).unwrap_or_else(|wrong| {
            environment.refuse("STEELYARD_UPSTREAMS", wrong);
            BTreeMap::new()
        });
        let settings = Self {
            workers: environment.number("STEELYARD_WORKERS", 2),
            rate: RateLimits {
                account_per_second: environment.number("STEELYARD_RATE_ACCOUNT_PER_SECOND", 50),
                address_per_second: environment.number("STEELYARD_RATE_ADDRESS_PER_SECOND", 50),
                sign_in_per_minute: environment.number("STEELYARD_RATE_SIGN_IN_PER_MINUTE", 300),
            },
            trusted_proxies: environment.number("STEELYARD_TRUSTED_PROXIES", 0),
            ..Self::new(listen, upstreams, environment.required("STEELYARD_JWKS_URL"))
        };
        environment.check()?;
        Ok(settings)
    }
}

/// Reads `organisation=http://a:8080,http://b:8080;planning=http://c:8080`.
fn parse_upstreams(text: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut upstreams = BTreeMap::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (service, addresses) =
            part.split_once('=').ok_or_else(|| format!("{part} is not of the form service=address"))?;
        let addresses = addresses.split(',').map(|address| address.trim().to_owned()).collect();
        upstreams.insert(service.trim().to_owned(), addresses);
    }
    Ok(upstreams)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_are_services_with_their_replicas() {
        let upstreams = parse_upstreams("organisation=http://a:8080, http://b:8080; planning=http://c:8080;").unwrap();
        assert_eq!(upstreams["organisation"], ["http://a:8080", "http://b:8080"]);
        assert_eq!(upstreams["planning"], ["http://c:8080"]);
        assert!(parse_upstreams("organisation").is_err());
    }
}
