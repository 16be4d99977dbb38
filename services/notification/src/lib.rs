//! Notification: what waits for whom, reminders, results and decisions by mail.
//!
//! Events queue mails in the transaction that takes them; a job sends what is queued. Nothing here is the
//! truth about anybody's result: it is what people are told of it.

mod bodies;
mod calendar;
mod cycles;
mod delegations;
mod events;
mod mails;
mod notices;
mod people;
mod permissions;
mod reminders;
mod results;
mod schema;
mod sending;
mod settings;
mod stages;
mod tasks;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform::{Confidential, Job, Service};

pub use settings::{Settings, SettingsError};

use sending::Mailer;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The service as it is run: in a process of its own, or beside the others.
pub fn service(settings: Settings) -> Service {
    let portal = Data::new(settings.portal.clone());
    let mailer = Arc::new(Mailer::new(settings));
    // News of a mail wake it; a mail that is to be tried again later has none.
    let sending = Job::new("mails.send", Duration::from_secs(2), move |platform| {
        let mailer = mailer.clone();
        Box::pin(async move { sending::send_due(&platform, &mailer).await })
    })
    .woken_by(&["mails"]);
    let reminding = Job::new("reminders.queue", Duration::from_secs(5), |platform| {
        Box::pin(async move { reminders::queueing::queue_due(&platform).await })
    });
    Service {
        name: "notification",
        about: "What waits for whom, over all services; mail: everybody's result, what changed in it, what was decided, and what is due.",
        migrations: || vec![MIGRATIONS],
        routes: Arc::new(move |config| {
            config.app_data(portal.clone());
            mails::routes::register(config);
            tasks::routes::register(config);
            reminders::routes::register(config);
        }),
        handler: Some(events::handle),
        jobs: vec![sending, reminding],
        replay: None,
        confidential: Some(Confidential::default()),
    }
}
