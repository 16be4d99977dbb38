//! Changes behind the service's back, and a look at its tables.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use testkit::World;
use uuid::Uuid;

use crate::world::{MEASURED, ratings, row};

/// Fills all forms of a cycle behind the service's back, as thousands of raters would.
pub trait Filling {
    async fn fill_all(&self, cycle: Uuid);
    /// Makes an input of a person one that cannot be computed.
    async fn spoil(&self, cycle: Uuid, number: &str);
    /// How many rows each table holds, but for those that record who looked.
    async fn rows(&self) -> BTreeMap<String, i64>;
    /// Any change at all.
    async fn change(&self, statements: &str);
}

#[derive(diesel::QueryableByName)]
struct Rows {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl Filling for World {
    async fn fill_all(&self, cycle: Uuid) {
        let mut conn = self.database.connect("scoring").await;
        let mut given: BTreeMap<String, Value> = BTreeMap::new();
        for one in ratings("").into_iter().chain([row("", "conduct", "hr", "2")]) {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            given.insert(text("item"), json!({ "": { text("input"): one["value"] } }));
        }
        diesel::sql_query("update assignments set given = $1, state = 'submitted', missing = 0 where cycle = $2")
            .bind::<Jsonb, _>(json!(given))
            .bind::<SqlUuid, _>(cycle)
            .execute(&mut conn)
            .await
            .expect("filled");
        let of_people = MEASURED.iter().map(|(path, value)| json!({ "kind": "person", "path": path, "value": value }));
        let of_units = [("score", "88"), ("fact.average_forms", "20")];
        let of_units = of_units.iter().map(|(path, value)| json!({ "kind": "unit", "path": path, "value": value }));
        diesel::sql_query(
            "insert into facts (company_id, cycle, kind, subject, path, no, value, latest, source, made_by, made_at)
             select s.company_id, s.cycle, s.kind, s.subject, v.path, 1, v.value, true, 'entered', 'H001', now()
             from subjects s join jsonb_to_recordset($1) v(kind text, path text, value jsonb) on v.kind = s.kind
             where s.cycle = $2",
        )
        .bind::<Jsonb, _>(of_people.chain(of_units).collect::<Value>())
        .bind::<SqlUuid, _>(cycle)
        .execute(&mut conn)
        .await
        .expect("filled");
    }

    async fn spoil(&self, cycle: Uuid, number: &str) {
        let mut conn = self.database.connect("scoring").await;
        diesel::sql_query(
            "update facts set value = '\"many\"' where cycle = $1 and subject = $2 and path = 'item.reports.value' and latest",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .execute(&mut conn)
        .await
        .expect("spoilt");
    }

    async fn rows(&self) -> BTreeMap<String, i64> {
        let mut conn = self.database.connect("scoring").await;
        let counted: Vec<Rows> = diesel::sql_query(
            "select table_name as name, (xpath('//n/text()', query_to_xml(
                 format('select count(*) as n from scoring.%I', table_name), false, true, '')))[1]::text::bigint as rows
             from information_schema.tables where table_schema = 'scoring' and table_name not like 'audit%'",
        )
        .load(&mut conn)
        .await
        .expect("counted");
        counted.into_iter().map(|table| (table.name, table.rows)).collect()
    }

    async fn change(&self, statements: &str) {
        use diesel_async::SimpleAsyncConnection;
        self.database.connect("scoring").await.batch_execute(statements).await.expect("changed");
    }
}
