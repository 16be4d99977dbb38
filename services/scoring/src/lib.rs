//! Scoring: sheets, forms and facts, computation, results, their publication and correction.

mod approvals;
mod assignments;
mod corrections;
mod cycles;
mod directory;
mod documents;
mod duties;
mod engine;
mod entries;
mod events;
mod fact_checks;
mod facts;
mod grouping;
mod history;
mod imports;
mod interviews;
mod log;
mod moves;
mod notes;
mod opinions;
mod paging;
mod permissions;
mod recusals;
mod redos;
mod replays;
mod reports;
mod results;
mod runs;
mod schema;
mod sheets;
mod signatures;
mod simulations;
mod spot_checks;
mod subjects;
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
        about: "Sheets, raters' forms and facts; computation, results, publication and corrections.",
        migrations: || vec![steps::MIGRATIONS, MIGRATIONS],
        routes: Arc::new(|config| {
            cycles::routes::routes(config);
            sheets::routes::routes(config);
            assignments::routes::routes(config);
            recusals::routes::routes(config);
            facts::routes::routes(config);
            fact_checks::routes::routes(config);
            documents::routes::routes(config);
            entries::routes::routes(config);
            notes::routes::routes(config);
            runs::routes::routes(config);
            approvals::routes::routes(config);
            moves::routes::routes(config);
            spot_checks::routes::routes(config);
            results::routes::routes(config);
            interviews::routes::routes(config);
            opinions::routes::routes(config);
            reports::routes::routes(config);
            duties::routes::routes(config);
            signatures::routes::routes(config);
            corrections::routes::routes(config);
            imports::routes::routes(config);
            simulations::routes::routes(config);
            directory::routes::routes(config);
        }),
        handler: Some(events::handle),
        jobs: vec![
            Job::new("scoring.close", Duration::from_secs(2), runs::closing::run).woken_by(&["run_pieces", "cycles"]),
            Job::new("scoring.lapse", Duration::from_secs(600), assignments::lapsing::run).woken_by(&["cycles"]),
            Job::new("scoring.lapse-signatures", Duration::from_secs(600), signatures::opening::run)
                .woken_by(&["signatures"]),
            Job::new("scoring.ask-readers", Duration::from_secs(2), signatures::announcing::run)
                .woken_by(&["posted_texts"]),
            Job::new("scoring.announce", Duration::from_secs(2), results::announcing::run).woken_by(&["announcements"]),
        ],
        replay: Some(replays::REPLAY),
        confidential: Some(Confidential { own: Some(log::own), ..Confidential::default() }),
    }
}
