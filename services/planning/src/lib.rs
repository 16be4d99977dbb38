//! Planning: schemes, appraisal cycles, targets, plans and their approval, and the settling of sheets,
//! up to the moment when a cycle is released for scoring.

mod approvals;
mod cycles;
mod directory;
mod events;
mod permissions;
mod placements;
mod plans;
mod precondition;
mod process;
mod row_sets;
mod schema;
mod schemes;
mod sheets;
mod subjects;
mod targets;
mod tasks;
mod viewer;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform::{Confidential, Job, Service};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The planning service.
pub fn service() -> Service {
    Service {
        name: "planning",
        about: "Schemes, appraisal cycles and their subjects, targets, plans and their approval, settled sheets, release for scoring.",
        migrations: || vec![steps::MIGRATIONS, MIGRATIONS],
        routes: Arc::new(|config| {
            schemes::routes(config);
            placements::routes(config);
            row_sets::routes(config);
            cycles::routes(config);
            subjects::routes(config);
            targets::routes(config);
            plans::routes(config);
            approvals::routes(config);
            sheets::routes(config);
            directory::routes(config);
        }),
        handler: Some(events::handle),
        jobs: vec![
            Job::new("tasks.tell", Duration::from_secs(30), |platform| Box::pin(tasks::tell(platform)))
                .woken_by(&["tasks"]),
        ],
        replay: None,
        confidential: Some(Confidential::default()),
    }
}
