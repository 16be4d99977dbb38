//! The tables, the statements and the files of the source.

use std::path::Path;

use notification::Settings;

#[actix_web::test]
async fn given_the_migrated_tables_when_printed_then_they_are_what_the_source_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs");
    testkit::schema::check(notification::service(Settings::nowhere().unwrap()), &file).await;
}

#[actix_web::test]
async fn given_the_statements_of_the_source_when_prepared_then_postgres_takes_each() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let service = notification::service(Settings::nowhere().unwrap());
    assert!(testkit::statements::check(service, &source, &[]).await > 5);
    testkit::statements::check_no_bare_sql(&source, &[]);
}

#[test]
fn given_the_files_of_the_source_when_their_uses_are_read_then_none_runs_back() {
    testkit::rooms::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[]);
}
