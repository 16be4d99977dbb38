//! Where people and machines sign in, and the keys by which every service checks that they did.

pub mod attempts;
pub mod jobs;
pub mod machines;
pub mod people;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod sign_in;

use platform::store::Actor;
use platform::{Platform, Result, Tx};
use uuid::Uuid;

/// A transaction of somebody who is not signed in yet.
async fn begin(platform: &Platform, company: Uuid) -> Result<Tx> {
    platform.store.begin(company, Actor::system(), platform.clock.now()).await
}
