//! What people may not read about themselves in the audit log until it is published.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::audit::Own;
use platform::{Result, Task, Tx};
use uuid::Uuid;

use crate::cycles::cycle::State;
use crate::sheets::sheet::id_of;
use crate::subjects::rows as subjects;

/// A person's number and units stand for them; of published cycles they may read all, their own sheet too.
pub fn own<'a>(tx: &'a mut Tx, number: &'a str) -> Task<'a, Result<Own>> {
    Box::pin(async move {
        let mut names = subjects::units_of(tx, number).await?;
        names.push(number.to_owned());
        let person = Subject::person(number);
        let published = published_cycles(tx).await?;
        let readable = published.into_iter().flat_map(|cycle| [cycle, id_of(cycle, &person)]);
        Ok(Own { names, readable: readable.map(|id| id.to_string()).collect() })
    })
}

async fn published_cycles(tx: &mut Tx) -> Result<Vec<Uuid>> {
    Ok(tx
        .sql("select id from cycles where company_id = $1 and state = $2")
        .bind::<Text, _>(State::Published)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}
