//! The tables, the statements and the files of the source.

use std::path::Path;

use testkit::schema::STEPS;

#[actix_web::test]
async fn given_the_migrated_tables_when_printed_then_they_are_what_the_source_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs");
    testkit::schema::check_some(pay::service(), &file, |table| !STEPS.contains(&table)).await;
}

#[actix_web::test]
async fn given_the_statements_of_the_source_when_prepared_then_postgres_takes_each() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert!(testkit::statements::check(pay::service(), &source, &[]).await > 10);
    testkit::statements::check_no_bare_sql(&source, &[]);
}

#[test]
fn given_the_files_of_the_source_when_their_uses_are_read_then_none_runs_back() {
    testkit::rooms::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[]);
}
