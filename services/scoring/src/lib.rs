//! Scoring: sheets and what is entered on them, closing, results, their publication and correction.

mod cycles;
mod engine;
mod events;
mod log;
mod measures;
mod permissions;
mod replays;
mod results;
mod schema;
mod sheets;
mod simulations;
mod tasks;
mod viewer;

use std::sync::Arc;
use std::time::Duration;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform::service::{Confidential, Job, Service};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

pub fn service() -> Service {
    Service {
        name: "scoring",
        about: "Sheets, ratings and measurements; closing, results, publication and corrections.",
        migrations: || MIGRATIONS,
        routes: Arc::new(|config| {
            cycles::routes::routes(config);
            sheets::routes::routes(config);
            measures::routes(config);
            results::routes::routes(config);
            simulations::routes::routes(config);
        }),
        handler: Some(events::handle),
        jobs: vec![
            Job::new("scoring.close", Duration::from_secs(2), results::closing::run)
                .woken_by(&["closing_units", "cycles"]),
            Job::new("scoring.announce", Duration::from_secs(2), results::announcing::run).woken_by(&["cycles"]),
        ],
        replay: Some(replays::REPLAY),
        confidential: Some(Confidential { own: Some(log::own), ..Confidential::default() }),
    }
}
