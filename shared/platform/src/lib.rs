//! What every Steelyard service stands on: configuration, the store with its outbox and inbox, the bus
//! between services, the web layer with its errors and permissions, and telemetry.
//!
//! A service is a [`Service`] value: its routes, its migrations, what it does with events and its jobs.
//! [`command`] serves one in a process of its own; `standalone` runs several side by side.

pub mod aside;
pub mod attachment;
pub mod audit;
pub mod auth;
pub mod bus;
pub mod clock;
pub mod config;
pub mod contract;
pub mod health;
pub mod housekeeping;
pub mod keys;
pub mod language;
pub mod migrate;
mod missing;
pub mod openapi;
mod operations;
pub mod peer;
pub mod problem;
pub mod replay;
pub mod schema;
pub mod service;
pub mod shelf;
pub mod sql;
pub mod store;
pub mod tabular;
pub mod telemetry;
pub mod text;
pub mod wake;
pub mod web;

pub use auth::{Caller, Permission, Role};
pub use basics::{Locale, Message, say};
pub use clock::Clock;
pub use config::Config;
pub use missing::{Missing, What};
pub use openapi::openapi;
pub use problem::{Code, FieldError, Problem};
pub use service::{Confidential, Job, Platform, Service, command};
pub use store::{Store, Tx};
pub use web::{IfMatch, JsonBody, Page, PageQuery, Reply, Write};

pub use actix_web;
pub use diesel;
pub use diesel_async;
pub use futures_util;
pub use utoipa;
pub use utoipa_actix_web;

/// What most fallible functions of a service return.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A boxed future that may move between threads, as event handlers and jobs return.
pub type Task<'a, T> = futures_util::future::BoxFuture<'a, T>;
