//! What people may not read about themselves in the audit log until it is published.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::audit::Own;
use platform::{Result, Task, Tx};
use uuid::Uuid;

use crate::sheets::sheet::id_of;
use crate::subjects::rows as subjects;

/// A person's number and units stand for them; of cycles in which they are published they may read all, their own sheet
/// too.
pub fn own<'a>(tx: &'a mut Tx, number: &'a str) -> Task<'a, Result<Own>> {
    Box::pin(async move {
        let mut names = subjects::units_of(tx, number).await?;
        names.push(number.to_owned());
        let person = Subject::person(number);
        let published = published_cycles(tx, number).await?;
        let readable = published.into_iter().flat_map(|cycle| [cycle, id_of(cycle, &person)]);
        Ok(Own { names, readable: readable.map(|id| id.to_string()).collect() })
    })
}

/// Published cycles, but for those in which the person is still to come.
async fn published_cycles(tx: &mut Tx, number: &str) -> Result<Vec<Uuid>> {
    Ok(tx
        .sql(
            "select id from cycles c where company_id = $1 and state <> 'cancelled' and publications > 0
               and (exists (select from results r where r.company_id = $1 and r.cycle = c.id and r.kind = 'person' and r.subject = $2
                       and r.publication is not null)
                   or not exists (select from subjects s where s.company_id = $1 and s.cycle = c.id and s.kind = 'person'
                       and s.subject = $2 and s.standing <> 'out'))",
        )
        .bind::<Text, _>(number)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}
