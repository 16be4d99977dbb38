use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::civil;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

/// Notes that a company's open tasks or people have changed since they were last looked at.
pub async fn look_again(tx: &mut Tx) -> Result<()> {
    tx.sql(
        "insert into reminders as t (company_id, stale) values ($1, true)
         on conflict (company_id) do update set stale = true where not t.stale",
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
}

/// Takes a company whose tasks have to be looked at today, until the transaction ends.
pub async fn claim(tx: &mut Tx, today: civil::Date) -> Result<Option<Uuid>> {
    let claimed: Vec<Claimed> = tx.sql_of_all(
        "select company_id from reminders where stale or looked_on is distinct from $1 limit 1 for update skip locked",
    )
    .bind::<Date, _>(today.to_diesel())
    .load(tx.conn())
    .await?;
    Ok(claimed.into_iter().next().map(|claimed| claimed.company_id))
}

/// Notes that a company's tasks were looked at; `again` when not all were.
pub async fn looked(tx: &mut Tx, today: civil::Date, again: bool) -> Result<()> {
    tx.sql("update reminders set looked_on = $2, stale = $3 where company_id = $1")
        .bind::<Date, _>(today.to_diesel())
        .bind::<Bool, _>(again)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Assignee {
    #[diesel(sql_type = Text)]
    assignee: String,
}

/// People with open tasks due by a day who have had no digest today.
pub async fn to_remind(tx: &mut Tx, today: civil::Date, until: civil::Date, most: i64) -> Result<Vec<String>> {
    let found: Vec<Assignee> = tx
        .sql(
            "select distinct w.assignee from work_items w
         join employees e on e.company_id = $1 and e.number = w.assignee and (e.left_on is null or e.left_on >= $2)
         where w.company_id = $1 and not w.done and w.due <= $3
           and not exists (select from mails m where m.company_id = $1
                           and m.dedupe_key = 'digest/' || w.assignee || '/' || to_char($2, 'YYYY-MM-DD'))
         order by w.assignee limit $4",
        )
        .bind::<Date, _>(today.to_diesel())
        .bind::<Date, _>(until.to_diesel())
        .bind::<BigInt, _>(most)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| row.assignee).collect())
}
