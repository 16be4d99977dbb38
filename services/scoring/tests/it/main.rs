//! The service as its callers and its neighbours see it.

mod cycle;
mod world;
