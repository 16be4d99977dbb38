//! What holds of the service's source: its tables, its statements, and which file may use which.

use std::path::{Path, PathBuf};

use crate::service;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[actix_web::test]
async fn given_the_migrated_tables_when_printed_then_they_are_what_the_source_says() {
    testkit::schema::check(service(), &source().join("schema.rs")).await;
}

#[actix_web::test]
async fn given_the_statements_of_the_source_when_prepared_then_postgres_takes_each() {
    assert!(testkit::statements::check(service(), &source(), &[]).await > 5);
    testkit::statements::check_no_bare_sql(&source(), &[]);
}

#[test]
fn given_the_files_of_a_noun_when_they_use_each_other_then_no_arrow_runs_back() {
    testkit::rooms::check(&source(), &[]);
}
