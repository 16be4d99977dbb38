use std::path::Path;

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use platform::config::Secret;
use standalone::services::all;
use testkit::Database;

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    results: i64,
}

/// The database of a demonstration with one published month and a correction, as the version before people and units were
/// appraised alike had kept it.
#[actix_web::test]
async fn given_what_an_older_version_kept_when_it_is_brought_up_to_date_then_every_result_and_statement_comes_out_the_same()
 {
    let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join("upgrade/before-9.sql.gz");
    let database = Database::restored(
        &dump,
        &all(tests::system::organisation_settings(), tests::system::notification_settings(25)),
    )
    .await;

    let mut conn = database.connect("scoring").await;
    let counted: Vec<Counted> = diesel::sql_query(
        "select kind, count(*) as results from results where publication = 1 and inputs <> '' group by kind order by kind",
    )
    .load(&mut conn)
    .await
    .unwrap();
    let counted: Vec<(&str, i64)> = counted.iter().map(|one| (one.kind.as_str(), one.results)).collect();
    assert_eq!(counted, [("person", 7), ("unit", 2)]);

    let postgres = |role: &str| Secret::new(database.url(role.strip_prefix("steelyard_").expect("a service's role")));
    let mut lines = Vec::new();
    let found =
        standalone::replay::run(&postgres, None, None, &mut |line: &str| lines.push(line.to_owned())).await.unwrap();
    let differences: Vec<_> = found.iter().flat_map(|(_, _, tally)| tally.differences.clone()).collect();
    assert!(differences.is_empty(), "{lines:#?}");
    assert!(lines[0].contains("results 6, units 2, corrections 1"), "{lines:?}");
    assert!(lines[1].contains("statements 7"), "{lines:?}");
}
