use std::str::FromStr;

use crate::clock::Clock;

/// How a service is run. Production reads it from the environment; `standalone` and tests fill it in.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address the service listens on, such as `0.0.0.0:8080`.
    pub listen: String,
    /// PostgreSQL, as the service's own role.
    pub database_url: Secret,
    /// Redis, for events.
    pub redis_url: Secret,
    /// Where tokens' public keys are published (the organisation service).
    pub jwks_url: String,
    /// Where the pay service is, for the services that ask it (scoring); without it they do without.
    pub pay_url: Option<String>,
    /// OTLP endpoint for traces and metrics; none exports nothing.
    pub otlp_endpoint: Option<String>,
    /// Worker threads of the web server.
    pub workers: usize,
    /// PostgreSQL connections at most.
    pub connections: usize,
    /// How long an event may wait for its consumer before it counts as abandoned, in milliseconds.
    pub reclaim_after_ms: u64,
    pub clock: Clock,
}

impl Config {
    /// Reads `STEELYARD_*` variables. Secrets come from the variable or from the file named by its `_FILE`
    /// twin and have no default.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut environment = Environment::default();
        let config = Self {
            listen: variable("STEELYARD_LISTEN").unwrap_or_else(|| "0.0.0.0:8080".to_owned()),
            database_url: environment.secret("STEELYARD_DATABASE_URL"),
            redis_url: environment.secret("STEELYARD_REDIS_URL"),
            jwks_url: environment.required("STEELYARD_JWKS_URL"),
            pay_url: variable("STEELYARD_PAY_URL"),
            otlp_endpoint: variable("STEELYARD_OTLP_ENDPOINT"),
            workers: environment.number("STEELYARD_WORKERS", 2),
            connections: environment.number("STEELYARD_DATABASE_CONNECTIONS", 8),
            reclaim_after_ms: environment.number("STEELYARD_RECLAIM_AFTER_MS", 30_000),
            clock: Clock::system(),
        };
        let addresses = [
            ("STEELYARD_DATABASE_URL", "postgresql://role@host/database", is_postgres(config.database_url.expose())),
            ("STEELYARD_REDIS_URL", "redis://host:6379/0", redis::Client::open(config.redis_url.expose()).is_ok()),
            ("STEELYARD_JWKS_URL", "http://host:8080/.well-known/jwks.json", is_http(&config.jwks_url)),
        ];
        for (name, example, can_be_read) in addresses {
            if !can_be_read && !environment.names(name) {
                environment.refuse(name, format!("this is no address such as {example}"));
            }
        }
        environment.check()?;
        Ok(config)
    }
}

fn is_http(url: &str) -> bool {
    url.parse::<actix_web::http::Uri>().is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")))
}

fn is_postgres(url: &str) -> bool {
    url.parse::<tokio_postgres::Config>().is_ok()
}

/// Reads variables and collects what is wrong with them, to be told all at once.
#[derive(Debug, Default)]
pub struct Environment(Vec<ConfigError>);

impl Environment {
    pub fn required(&mut self, name: &str) -> String {
        required(name).unwrap_or_else(|error| {
            self.0.push(error);
            String::new()
        })
    }

    pub fn secret(&mut self, name: &str) -> Secret {
        secret(name).unwrap_or_else(|error| {
            self.0.push(error);
            Secret::new("")
        })
    }

    pub fn number<T: FromStr>(&mut self, name: &str, default: T) -> T {
        let Some(text) = variable(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.refuse(name, format!("{text} is not a whole number that fits here"));
            default
        })
    }

    pub fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.0.push(ConfigError::Unreadable(name.to_owned(), why.into()));
    }

    /// Whether something is wrong with a variable already.
    fn names(&self, name: &str) -> bool {
        self.0.iter().any(|error| error.to_string().starts_with(name))
    }

    pub fn check(mut self) -> Result<(), ConfigError> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(self.0.remove(0)),
            _ => Err(ConfigError::Several(self.0)),
        }
    }
}

/// A setting that must not reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is not set; see docs/operations.md")]
    Missing(String),
    #[error("{0}: {1}")]
    Unreadable(String, String),
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<ConfigError>),
}

pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub fn required(name: &str) -> Result<String, ConfigError> {
    variable(name).ok_or_else(|| ConfigError::Missing(name.to_owned()))
}

/// A secret from `NAME`, or from the file that `NAME_FILE` names.
pub fn secret(name: &str) -> Result<Secret, ConfigError> {
    if let Some(value) = variable(name) {
        return Ok(Secret::new(value));
    }
    let file = required(&format!("{name}_FILE")).map_err(|_| ConfigError::Missing(format!("{name} or {name}_FILE")))?;
    let text = std::fs::read_to_string(&file).map_err(|error| ConfigError::Unreadable(file, error.to_string()))?;
    Ok(Secret::new(text.trim_end()))
}
