//! The `schema.rs` of a service, printed from its migrated tables.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use diesel::sql_types::{Bool, Integer, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use platform::Service;

use crate::servers::Database;

/// Tables that every service has; the platform's own `schema.rs` tells of them.
const PLATFORM: &[&str] =
    &["audit_entries", "audit_heads", "audit_seals", "dead_letters", "idempotency_keys", "inbox", "outbox"];

/// Tables of the crate of steps, which stand beside a service's own.
pub const STEPS: &[&str] = &[
    "decisions",
    "directory_bodies",
    "directory_calendars",
    "directory_delegations",
    "directory_people",
    "documents",
    "panels",
    "sessions",
    "step_tasks",
    "steps",
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    r#type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    /// Its place in the primary key.
    #[diesel(sql_type = Nullable<Integer>)]
    key: Option<i32>,
}

const COLUMNS: &str = "
    select c.relname::text as table, a.attname::text as name, t.typname::text as type, not a.attnotnull as nullable,
        array_position(string_to_array(k.indkey::text, ' '), a.attnum::text) as key
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_index k on k.indrelid = c.oid and k.indisprimary
    where c.relkind = 'r' and c.relnamespace = $1::regnamespace and c.relname not like '\\_\\_%'
    order by c.relname, a.attnum";

/// Fails the test where a service's `src/schema.rs` is not what its migrated tables are. With `STEELYARD_WRITE_DOCS` it
/// is written anew.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn check(service: Service, file: &Path) {
    compare(&printed(service, |table| !PLATFORM.contains(&table)).await, file);
}

/// The same for some tables, where a service has its own beside those of what it is built on.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn check_some(service: Service, file: &Path, wanted: impl Fn(&str) -> bool) {
    compare(&printed(service, |table| !PLATFORM.contains(&table) && wanted(table)).await, file);
}

/// The same for the tables that every service has.
pub async fn check_platform(service: Service, file: &Path) {
    compare(&printed(service, |table| PLATFORM.contains(&table)).await, file);
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
fn compare(printed: &str, file: &Path) {
    if std::env::var_os("STEELYARD_WRITE_DOCS").is_some() {
        std::fs::write(file, printed).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(file).expect("the file is there");
    assert!(kept == printed, "{} is stale: run the test with STEELYARD_WRITE_DOCS=1", file.display());
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
async fn printed(service: Service, wanted: impl Fn(&str) -> bool) -> String {
    let database = Database::new(std::slice::from_ref(&service)).await;
    let mut conn = database.connect(service.name).await;
    let columns: Vec<Column> =
        sql_query(COLUMNS).bind::<Text, _>(service.name).load(&mut conn).await.expect("the catalogue");
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns.into_iter().filter(|column| wanted(&column.table)) {
        tables.entry(column.table.clone()).or_default().push(column);
    }
    let mut text = String::from("//! The tables, printed from the migrated database; a test compares.\n\n");
    for (table, columns) in &tables {
        let mut key: Vec<&Column> = columns.iter().filter(|column| column.key.is_some()).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
        let columns: String = columns.iter().map(line).collect();
        let _ = write!(
            text,
            "diesel::table! {{\n    {table} ({}) {{\n{columns}    }}\n}}\n\n",
            key.iter().map(|name| escaped(name)).collect::<Vec<_>>().join(", ")
        );
    }
    let names: String = tables.keys().map(|table| format!("    {table},\n")).collect();
    let _ = writeln!(text, "diesel::allow_tables_to_appear_in_same_query! {{\n{names}}}");
    text
}

fn line(column: &Column) -> String {
    let name = escaped(&column.name);
    let renamed =
        if name == column.name { String::new() } else { format!("        #[sql_name = \"{}\"]\n", column.name) };
    let sql_type = sql_type(&column.r#type);
    let sql_type = if column.nullable { format!("Nullable<{sql_type}>") } else { sql_type };
    format!("{renamed}        {name} -> {sql_type},\n")
}

/// Names that are words of Rust.
fn escaped(name: &str) -> String {
    match name {
        "type" | "for" | "in" | "as" | "use" | "where" | "ref" | "move" => format!("{name}_"),
        name => name.to_owned(),
    }
}

#[allow(clippy::panic, reason = "a test fails by panicking")]
fn sql_type(name: &str) -> String {
    match name {
        "text" | "varchar" => "Text".to_owned(),
        "uuid" => "Uuid".to_owned(),
        "int2" => "SmallInt".to_owned(),
        "int4" => "Integer".to_owned(),
        "int8" => "BigInt".to_owned(),
        "bool" => "Bool".to_owned(),
        "jsonb" => "Jsonb".to_owned(),
        "bytea" => "Binary".to_owned(),
        "date" => "Date".to_owned(),
        "timestamptz" => "Timestamptz".to_owned(),
        "numeric" => "Numeric".to_owned(),
        name => match name.strip_prefix('_') {
            Some(item) => format!("Array<{}>", sql_type(item)),
            None => panic!("{name} is a type that diesel is not told of"),
        },
    }
}
