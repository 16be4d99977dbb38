//! Companies, their units and people over time, accounts and machine clients, and the working calendar.
//!
//! Everybody else learns of people and units from the events told here; [`tokens`] is where people and
//! machines sign in, and [`imports`] is how a company gets its people in.

mod accounts;
mod bodies;
mod calendar;
mod clients;
mod companies;
mod delegations;
mod employees;
mod exclusive;
mod heads;
mod imports;
mod news;
mod passwords;
mod permissions;
mod schema;
mod settings;
mod text;
mod themselves;
mod tokens;
mod units;

use std::sync::Arc;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform::Service;
use platform::actix_web::web;

pub use exclusive::ExclusiveRoles;
pub use settings::{InitialPasswords, Settings, SigningKey};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The service.
pub fn service(settings: Settings) -> Service {
    let passwords = web::Data::new(passwords::Passwords::new());
    let settings = web::Data::new(settings);
    Service {
        name: "organisation",
        about: "Companies, units, people over time, roles, accounts and machine clients, working calendar.",
        migrations: || vec![MIGRATIONS],
        routes: Arc::new(move |config| {
            config.app_data(settings.clone());
            config.app_data(passwords.clone());
            config.configure(tokens::routes::configure);
            config.configure(companies::routes::configure);
            config.configure(accounts::routes::configure);
            config.configure(clients::routes::configure);
            config.configure(imports::routes::configure);
            config.configure(units::routes::configure);
            config.configure(heads::routes::configure);
            config.configure(bodies::routes::configure);
            config.configure(delegations::routes::configure);
            config.configure(employees::routes::configure);
            config.configure(calendar::routes::configure);
        }),
        handler: None,
        jobs: vec![units::jobs::derive_heads(), companies::jobs::tell_again(), tokens::jobs::forget_failures()],
        replay: None,
        confidential: None,
    }
}
