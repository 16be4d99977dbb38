//! The tables, the statements and the files of the source, of this service and of the crate that its steps are from.

use std::path::Path;

use testkit::schema::STEPS;

#[actix_web::test]
async fn given_the_migrated_tables_when_printed_then_they_are_what_the_sources_say() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    testkit::schema::check_some(appeals::service(), &here.join("src/schema.rs"), |table| !STEPS.contains(&table)).await;
    let steps = here.join("../../shared/steps/src/schema.rs");
    testkit::schema::check_some(appeals::service(), &steps, |table| STEPS.contains(&table)).await;
}

#[actix_web::test]
async fn given_the_statements_of_the_sources_when_prepared_then_postgres_takes_each() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for source in [here.join("src"), here.join("../../shared/steps/src")] {
        assert!(testkit::statements::check(appeals::service(), &source, &[]).await > 10);
        testkit::statements::check_no_bare_sql(&source, &[]);
    }
}

#[test]
fn given_the_files_of_the_sources_when_their_uses_are_read_then_none_runs_back() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    testkit::rooms::check(&here.join("src"), &[]);
    testkit::rooms::check(&here.join("../../shared/steps/src"), &[]);
}
