use diesel::QueryableByName;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::events::CycleOpened;
use platform::Result;
use uuid::Uuid;

use super::rules::SchemeName;

/// A cycle as mails speak of it.
#[derive(Clone, Debug)]
pub struct Cycle {
    pub scheme: SchemeName,
    pub period: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    period: String,
}

pub async fn keep(conn: &mut AsyncPgConnection, company: Uuid, opened: &CycleOpened) -> Result<()> {
    let name = SchemeName::of(&opened.scheme_source, &opened.scheme_code);
    diesel::sql_query(
        "insert into cycles (company_id, cycle, name_zh, name_en, period) values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(opened.cycle)
    .bind::<Text, _>(name.zh)
    .bind::<Text, _>(name.en)
    .bind::<Text, _>(&opened.period)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn find(conn: &mut AsyncPgConnection, company: Uuid, cycle: Uuid) -> Result<Option<Cycle>> {
    let found: Vec<Row> =
        diesel::sql_query("select name_zh, name_en, period from cycles where company_id = $1 and cycle = $2")
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(cycle)
            .load(conn)
            .await?;
    Ok(found
        .into_iter()
        .next()
        .map(|row| Cycle { scheme: SchemeName { zh: row.name_zh, en: row.name_en }, period: row.period }))
}
