//! Who acts, on what, in which order: steps, what is decided in them, sessions of bodies, documents, and the tasks that
//! follow for people.
//!
//! A service that has steps runs [`MIGRATIONS`] beside its own, so that the tables are in its schema, and plugs in what
//! its steps are about: `about` is a text of its own, such as `appeal:UUID`. What may happen is in [`steps::rules`],
//! which is pure; who there is comes from the organisation's events ([`directory`]).
//!
//! Example: an appeal goes first to the superior, then to a body. The first step has the actor `person:E7` and is due on
//! a day. E7 sends it on: the step is `sent_on`, and a second one opens with the actor `body:LG` and a panel. A member
//! records the session in which the body decided; the step is `done`.

use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub mod directory;
pub mod documents;
pub mod schema;
pub mod signed;
pub mod steps;
pub mod tasks;

/// The tables, in the schema of the service that runs them.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
