//! Appeals: from filing, level by level, to the decision and what follows from it.
//!
//! Results and subjects arrive as events ([`cycles`]). An appeal ([`appeals`]) goes through the levels of its cycle's
//! frozen scheme ([`levels`]), each of them a step of [`steps`]. What a decision asks for ([`remedies`]) is told to
//! scoring, which corrects the result and tells so.

mod appeals;
mod cycles;
mod documents;
mod events;
mod levels;
mod permissions;
mod remedies;
mod schema;
mod viewer;

use std::sync::Arc;
use std::time::Duration;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform::{Confidential, Job, Service};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The appeals service.
pub fn service() -> Service {
    Service {
        name: "appeals",
        about: "Appeals against results, ratings and exclusions, from filing to the decision and its remedy.",
        migrations: || vec![steps::MIGRATIONS, MIGRATIONS],
        routes: Arc::new(|config| {
            documents::routes::register(config);
            levels::routes::register(config);
            remedies::routes::register(config);
            appeals::routes::register(config);
        }),
        handler: Some(events::handle),
        jobs: vec![Job::new("appeals.overdue", Duration::from_secs(5), levels::overdue::run)],
        replay: None,
        confidential: Some(Confidential::default()),
    }
}
