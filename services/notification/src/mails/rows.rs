use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::{self, Cached, ToDiesel};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::mail::{After, Claimed, MailSummary, MailView, MailsQuery, NewMail, State};
use crate::schema::mails;

/// Queues mails, each once however often it is asked for.
pub async fn queue(tx: &mut Tx, mails: &[NewMail]) -> Result<()> {
    if mails.is_empty() {
        return Ok(());
    }
    let now = tx.now;
    let texts = |of: fn(&NewMail) -> &str| mails.iter().map(of).collect::<Vec<_>>();
    tx.sql(
        "insert into mails (company_id, id, dedupe_key, kind, recipient, address, locale, subject, body, invitation, state, next_try_at, created_at)
         select $1, n.*, case when n.address is null then 'undeliverable' else 'queued' end,
                case when n.address is not null then $11::timestamptz end, $11
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::text[]) n(id, dedupe_key, kind, recipient, address, locale, subject, body, invitation)
         on conflict (company_id, dedupe_key) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(mails.iter().map(|m| Uuid::new_v5(&tx.company, m.key.as_bytes())).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(|m| &m.key))
    .bind::<Array<Text>, _>(texts(|m| m.kind.as_str()))
    .bind::<Array<Text>, _>(texts(|m| &m.recipient))
    .bind::<Array<Nullable<Text>>, _>(mails.iter().map(|m| m.address.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(|m| &m.locale))
    .bind::<Array<Text>, _>(texts(|m| &m.text.subject))
    .bind::<Array<Text>, _>(texts(|m| &m.text.body))
    .bind::<Array<Nullable<Text>>, _>(mails.iter().map(|m| m.invitation.as_deref()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A company's mails, newest first, without their bodies: those before a position.
pub async fn list(tx: &mut Tx, wanted: &MailsQuery, before: Option<i64>, limit: i64) -> Result<Vec<MailSummary>> {
    let mut query = mails::table
        .filter(mails::company_id.eq(tx.company))
        .order(mails::position.desc())
        .limit(limit)
        .select(MailSummary::as_select())
        .into_boxed();
    if let Some(state) = wanted.state {
        query = query.filter(mails::state.eq(state));
    }
    if let Some(recipient) = &wanted.recipient {
        query = query.filter(mails::recipient.eq(recipient));
    }
    if let Some(before) = before {
        query = query.filter(mails::position.lt(before));
    }
    Ok(query.load(tx.conn()).await?)
}

/// One mail; locked against the sender until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<MailView> {
    let mail = mails::table.find((tx.company, id)).select(MailView::as_select()).for_update();
    mail.first(tx.conn()).await.optional()?.ok_or_else(|| Problem::not_found(say!("邮件", "mail")))
}

/// Queues a mail anew, to the address its recipient has by now.
pub async fn requeue(tx: &mut Tx, id: Uuid, address: &str) -> Result<MailSummary> {
    Ok(diesel::update(mails::table.find((tx.company, id)))
        .set((
            mails::state.eq(State::Queued),
            mails::address.eq(address),
            mails::next_try_at.eq(tx.now.to_diesel()),
            mails::last_error.eq(None::<String>),
        ))
        .returning(MailSummary::as_returning())
        .cached()
        .get_result(tx.conn())
        .await?)
}

/// Takes mails that are due, or whose sender has vanished, of all companies.
pub async fn claim(tx: &mut Tx, leased_until: Timestamp, most: i64) -> Result<Vec<Claimed>> {
    let now = tx.now;
    Ok(tx
        .sql_of_all(
            "with waiting as (
                 select company_id, id from mails where state in ('queued', 'failed') and next_try_at <= $1
                 order by next_try_at limit $3 for update skip locked),
             abandoned as (
                 select company_id, id from mails where state = 'sending' and leased_until <= $1
                 order by leased_until limit $3 for update skip locked)
             update mails m set state = 'sending', leased_until = $2, tries = m.tries + 1
             from (select * from abandoned union all select * from waiting limit $3) due
             where m.company_id = due.company_id and m.id = due.id
             returning m.company_id, m.id, m.address, m.subject, m.body, m.invitation, m.tries, m.created_at",
        )
        .bind::<Timestamptz, _>(now.to_diesel())
        .bind::<Timestamptz, _>(leased_until.to_diesel())
        .bind::<BigInt, _>(most)
        .columns::<(SqlUuid, SqlUuid, Text, Text, Text, Nullable<Text>, Integer, Timestamptz)>()
        .load(tx.conn())
        .await?)
}

/// Records what became of a claimed mail, unless another sender has taken it meanwhile.
pub async fn record(tx: &mut Tx, mail: &Claimed, after: &After) -> Result<()> {
    let claimed = mails::table
        .find((mail.company_id, mail.id))
        .filter(mails::tries.eq(mail.tries))
        .filter(mails::state.eq(State::Sending));
    diesel::update(claimed)
        .set((
            mails::state.eq(after.state),
            mails::next_try_at.eq(after.next_try_at.map(ToDiesel::to_diesel)),
            mails::last_error.eq(&after.last_error),
            mails::sent_at.eq(after.sent_at.map(ToDiesel::to_diesel)),
            mails::leased_until.eq(None::<sql::Timestamp>),
        ))
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}
