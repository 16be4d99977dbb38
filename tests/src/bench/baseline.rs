//! What a figure is measured against: PostgreSQL alone, in the same run.

use std::time::{Duration, Instant};

use tests::system::System;

/// How long COPY takes to write the rows of these tables into tables with the same columns and indexes.
pub async fn copy(system: &System, schema: &str, tables: &[&str]) -> Duration {
    let client = connect(system).await;
    let mut took = Duration::ZERO;
    for table in tables {
        let file = std::env::temp_dir().join(format!("steelyard-bench-{}-{table}", uuid::Uuid::now_v7()));
        let file = file.display().to_string();
        let prepare = format!(
            "create table {schema}.bench_copy (like {schema}.{table} including all);
             copy {schema}.{table} to '{file}' (format binary);"
        );
        client.batch_execute(&prepare).await.expect("a copy of the table");
        let began = Instant::now();
        client
            .batch_execute(&format!("copy {schema}.bench_copy from '{file}' (format binary)"))
            .await
            .expect("COPY works");
        took += began.elapsed();
        client.batch_execute(&format!("drop table {schema}.bench_copy")).await.expect("dropped");
        // A file of the server's user; it goes with the machine if it cannot be removed.
        let _ = std::fs::remove_file(&file);
    }
    took
}

/// A connection behind the services' backs.
pub async fn connect(system: &System) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(&system.database.owner_url(), tokio_postgres::NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}
