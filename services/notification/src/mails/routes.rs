use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get, post};
use platform::web::read;
use platform::{Caller, Page, PageQuery, Platform, Reply, Result, Tx, Write};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::mail::{ListedMail, MailSummary, MailView, MailsQuery};
use super::templates::PORTAL;
use super::{rows, rules};
use crate::people;
use crate::permissions::{ReadMailTexts, ReadMails, RetryMails};
use crate::settings::Portal;

pub fn register(config: &mut ServiceConfig) {
    config.service(list_mails).service(read_mail).service(retry_mail);
}

/// Lists mails, newest first, without their texts.
#[utoipa::path(
    tag = "mails",
    params(MailsQuery, PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ListedMail>),
    )
)]
#[get("/v1/mails")]
async fn list_mails(
    caller: Caller<ReadMails>,
    platform: Platform,
    query: Query<MailsQuery>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, before) = (page.limit()?, page.after_key()?);
    let page = read(&platform, &caller, async |tx| {
        let found = rows::list(tx, &query, before, limit + 1).await?;
        named(tx, Page::cut(found, limit, |mail| mail.position.to_string())).await
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

async fn named(tx: &mut Tx, page: Page<MailSummary>) -> Result<Page<ListedMail>> {
    let numbers: Vec<&str> = page.items.iter().map(|mail| mail.recipient.as_str()).collect();
    let people = people::rows::by_number(tx, &numbers).await?;
    let name = |mail: &MailSummary| people.get(&mail.recipient).map(|person| person.name.clone());
    let items = page.items.into_iter().map(|mail| ListedMail { recipient_name: name(&mail), mail });
    Ok(Page { items: items.collect(), next: page.next })
}

/// One mail with its text. Reading it is recorded, since it may tell somebody's result.
#[utoipa::path(
    tag = "mails",
    params(("id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = MailView),
    )
)]
#[get("/v1/mails/{id}")]
async fn read_mail(
    caller: Caller<ReadMailTexts>,
    platform: Platform,
    portal: Data<Portal>,
    id: Path<Uuid>,
) -> Result<HttpResponse> {
    let mail = read(&platform, &caller, async |tx| {
        let mail = rows::lock(tx, *id).await?;
        let detail = json!({ "recipient": mail.summary.recipient, "kind": mail.summary.kind });
        tx.audit("mails.read", &id.to_string(), detail).await?;
        Ok(mail)
    })
    .await?;
    let body = mail.body.replace(PORTAL, &portal.0);
    Ok(HttpResponse::Ok().json(MailView { body, ..mail }))
}

/// Tries a mail again that failed, was given up or had no address, to the address its recipient has now.
#[utoipa::path(
    tag = "mails",
    params(("id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    security(("bearer" = [])),
    responses(
        (status = 202, body = MailSummary),
    )
)]
#[post("/v1/mails/{id}/retry")]
async fn retry_mail(caller: Caller<RetryMails>, write: Write, id: Path<Uuid>) -> Result<HttpResponse> {
    write.run(&caller, async |tx| Reply::accepted(&retry(tx, *id).await?)).await
}

async fn retry(tx: &mut Tx, id: Uuid) -> Result<MailSummary> {
    let mail = rows::lock(tx, id).await?.summary;
    rules::check_may_be_retried(mail.state)?;
    let people = people::rows::by_number(tx, &[&mail.recipient]).await?;
    let address = rules::address_of_retry(&mail, people.get(&mail.recipient))?;
    let queued = rows::requeue(tx, id, &address).await?;
    tx.audit("mails.retried", &id.to_string(), json!({ "recipient": mail.recipient })).await?;
    Ok(queued)
}
