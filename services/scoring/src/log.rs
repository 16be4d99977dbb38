//! What people may not read about themselves in the audit log until it is published.

use diesel::QueryableByName;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::audit::Own;
use platform::{Result, Task, Tx};
use uuid::Uuid;

use crate::sheets::rows;
use crate::sheets::sheet::id_of;

#[derive(QueryableByName)]
struct Cycle {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// A person's number and units stand for them; of published cycles they may read all, their own sheet too.
pub fn own<'a>(tx: &'a mut Tx, number: &'a str) -> Task<'a, Result<Own>> {
    Box::pin(async move {
        let mut names = rows::units_of(tx, number).await?;
        names.push(number.to_owned());
        let published = published_cycles(tx).await?;
        let readable = published.into_iter().flat_map(|cycle| [cycle, id_of(cycle, number)]);
        Ok(Own { names, readable: readable.map(|id| id.to_string()).collect() })
    })
}

async fn published_cycles(tx: &mut Tx) -> Result<Vec<Uuid>> {
    let cycles: Vec<Cycle> = tx
        .sql("select id from cycles where company_id = $1 and state = $2")
        .bind::<Text, _>("published")
        .load(tx.conn())
        .await?;
    Ok(cycles.into_iter().map(|cycle| cycle.id).collect())
}
