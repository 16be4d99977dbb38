//! Forms whose last day is over: nobody waits for them any more.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Date, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::service::Platform;
use platform::sql::{Lock, ToDiesel};
use platform::{Result, Task};
use serde_json::json;
use uuid::Uuid;

use crate::cycles::rows as cycles;
use crate::sheets::rows as sheets;
use crate::subjects::subject::Kind;
use crate::tasks;

const AT_ONCE: i64 = 500;

/// Lets some forms lapse; true when there may be more.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        let lapsed: Vec<(Uuid, Uuid, Uuid, Kind, String)> = tx
            .sql_of_all(
                "update assignments a set state = 'lapsed', version = a.version + 1
                 from (select company_id, id from assignments where state = 'open' and until < $1
                     order by until limit $2 for update skip locked) due
                 where a.company_id = due.company_id and a.id = due.id
                 returning a.company_id, a.cycle, a.id, a.kind, a.subject",
            )
            .bind::<Date, _>(platform.clock.today().to_diesel())
            .bind::<BigInt, _>(AT_ONCE)
            .columns::<(SqlUuid, SqlUuid, SqlUuid, Text, Text)>()
            .load(tx.conn())
            .await?;
        let more = i64::try_from(lapsed.len()).is_ok_and(|count| count == AT_ONCE);
        let mut by_cycle: BTreeMap<(Uuid, Uuid), (Vec<Uuid>, Vec<Subject>)> = BTreeMap::new();
        for (company, cycle, id, kind, subject) in lapsed {
            let (ids, subjects) = by_cycle.entry((company, cycle)).or_default();
            ids.push(id);
            subjects.push(kind.subject(&subject));
        }
        for ((company, cycle), (ids, subjects)) in by_cycle {
            tx.enter(company).await?;
            let cycle = cycles::get(&mut tx, cycle, Lock::Share).await?;
            sheets::touch(&mut tx, cycle.id, &subjects).await?;
            tx.audit("assignments.lapsed", &cycle.id.to_string(), json!({ "assignments": ids })).await?;
            tasks::following::bring_up_to_date(&mut tx, &cycle, &subjects).await?;
        }
        tx.commit().await?;
        Ok(more)
    })
}
