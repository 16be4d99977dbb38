//! The service as its neighbours and its clients see it. Each test has a database of its own.

mod feed;
mod ledger;
mod profiles;
mod stage;
mod statements;
