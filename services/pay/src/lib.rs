//! From published results to payroll: pay profiles, the ledger of statements and the payroll feed.
//!
//! Results arrive as events ([`events`]) and are turned into money by the cycle's own scheme
//! ([`statements::reckoning`]). A statement that can be reckoned is entered into the append-only ledger
//! ([`statements::ledger`]); a result that cannot is held until the profile and the facts are there ([`held`],
//! [`paid_facts`]), and then tried again ([`statements::releasing`]). Where a scheme names who approves pay, statements wait
//! in a batch for them ([`batches`]); where one names who checks pay inputs, these count once they are through ([`profile_checks`]).
//! Payroll pulls the ledger in commit order ([`payroll`]).

mod batches;
mod cycle_people;
pub mod cycles;
mod events;
mod held;
mod input;
mod paid_facts;
mod pay_runs;
mod payroll;
mod people;
mod permissions;
mod profile_checks;
mod profiles;
mod replays;
mod schema;
mod simulations;
pub mod statements;
mod steps_view;
mod viewer;

use std::sync::Arc;
use std::time::Duration;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform::{Confidential, Job, Role, Service};

use statements::releasing;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The pay service.
pub fn service() -> Service {
    Service {
        name: "pay",
        about: "Pay profiles, statements of pay from published results, and the payroll feed.",
        migrations: || vec![steps::MIGRATIONS, MIGRATIONS],
        routes: Arc::new(|config| {
            profiles::routes::register(config);
            profile_checks::routes::register(config);
            statements::routes::register(config);
            batches::routes::register(config);
            paid_facts::routes::register(config);
            pay_runs::routes::register(config);
            payroll::routes::register(config);
            simulations::routes::register(config);
        }),
        handler: Some(events::handle),
        jobs: vec![
            Job::new("held.release", Duration::from_secs(30), |platform| {
                Box::pin(async move { releasing::release(&platform).await })
            })
            .woken_by(&["held_results", "cycles"]),
            Job::new("batches.issue", Duration::from_secs(30), |platform| {
                Box::pin(async move { batches::issuing::issue(&platform).await })
            })
            .woken_by(&["batches"]),
            Job::new("held.reconsider", Duration::from_secs(600), |platform| {
                Box::pin(async move { releasing::reconsider(&platform).await })
            }),
        ],
        replay: Some(replays::REPLAY),
        confidential: Some(Confidential {
            values: &[
                ("pay_profiles.changed", &[Role::Finance, Role::Hr]),
                ("pay_profiles.reported", &[Role::Finance, Role::Hr]),
                ("paid_facts.entered", &[Role::Finance, Role::Hr]),
            ],
            ..Confidential::default()
        }),
    }
}
