use diesel::sql_types::{Bool, Date, Jsonb, Text};
use diesel_async::RunQueryDsl;
use events::Delegation;
use jiff::civil;
use platform::sql::ToDiesel;
use platform::{Result, Tx};

/// Takes delegations, as far as they are news.
pub async fn keep(tx: &mut Tx, delegations: &[Delegation]) -> Result<()> {
    tx.sql(
        r#"insert into delegations as t (company_id, id, delegator, delegate, purpose, from_on, until_on, revoked, version)
         select distinct on (n.id) $1, n.id, n."of", n."to", n.purpose, n."from", n.until, n.revoked, n.version
         from jsonb_to_recordset($2) as n(id uuid, "of" text, "to" text, purpose text, "from" date, until date, revoked boolean,
             version bigint)
         order by n.id, n.version desc
         on conflict (company_id, id) do update set revoked = excluded.revoked, version = excluded.version
         where excluded.version > t.version"#,
    )
    .bind::<Jsonb, _>(serde_json::to_value(delegations)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those for whom somebody fills in forms on a day, and those for whom they decide, as tasks name them.
pub async fn of(tx: &mut Tx, number: &str, today: civil::Date) -> Result<(Vec<String>, Vec<String>)> {
    let found: Vec<(String, bool, bool)> = tx
        .sql(
            "select 'person:' || delegator, bool_or(purpose <> 'deciding'), bool_or(purpose <> 'rating') from delegations
             where company_id = $1 and delegate = $2 and not revoked and from_on <= $3 and until_on >= $3
             group by delegator order by delegator",
        )
        .bind::<Text, _>(number)
        .bind::<Date, _>(today.to_diesel())
        .columns::<(Text, Bool, Bool)>()
        .load(tx.conn())
        .await?;
    let rated = found.iter().filter(|(_, rating, _)| *rating).map(|(of, ..)| of.clone()).collect();
    let decided = found.into_iter().filter(|(.., deciding)| *deciding).map(|(of, ..)| of).collect();
    Ok((rated, decided))
}
