use actix_web::{HttpResponse, get, post, web};
use jiff::Timestamp;
use platform::{Caller, Code, Page, PageQuery, Platform, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::{self, Mail, Wanted};
use super::rules::State;
use super::templates::PORTAL;
use crate::people;
use crate::permissions::{ReadMailTexts, ReadMails, RetryMails};
use crate::settings::Portal;

/// A mail on its way to somebody.
#[derive(Serialize, ToSchema)]
pub struct MailSummary {
    id: Uuid,
    /// `result`, `correction` or `digest`.
    kind: String,
    /// Employee number.
    recipient: String,
    /// Where it goes; null when the recipient has no address.
    address: Option<String>,
    /// `zh-CN` or `en`.
    locale: String,
    subject: String,
    state: State,
    /// How often it was tried.
    tries: i32,
    next_try_at: Option<Timestamp>,
    /// What the mail server said last, when it did not take the mail.
    last_error: Option<String>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
}

/// A mail with its text.
#[derive(Serialize, ToSchema)]
pub struct MailView {
    #[serde(flatten)]
    summary: MailSummary,
    body: String,
}

impl MailSummary {
    fn new(mail: Mail) -> Result<Self> {
        Ok(Self {
            id: mail.id,
            state: mail.state()?,
            next_try_at: mail.next_try_at(),
            created_at: mail.created_at(),
            sent_at: mail.sent_at(),
            kind: mail.kind,
            recipient: mail.recipient,
            address: mail.address,
            locale: mail.locale,
            subject: mail.subject,
            tries: mail.tries,
            last_error: mail.last_error,
        })
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MailsQuery {
    /// Only mails in this state.
    state: Option<State>,
    /// Only mails to this employee number.
    recipient: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Lists mails, newest first, without their texts.
#[utoipa::path(
    tag = "mails",
    params(MailsQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<MailSummary>),
    )
)]
#[get("/v1/mails")]
pub async fn list_mails(
    caller: Caller<ReadMails>,
    platform: Platform,
    query: web::Query<MailsQuery>,
) -> Result<HttpResponse> {
    let query = query.into_inner();
    let after = query.after.as_deref().map(position).transpose()?;
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let found = platform::web::read(&platform, &caller, async |tx| {
        let wanted =
            Wanted { state: query.state, recipient: query.recipient.as_deref(), after, limit: limit.saturating_add(1) };
        rows::list(tx, wanted).await
    })
    .await?;
    let page = Page::cut(found, limit, |mail| mail.position.to_string());
    let items = page.items.into_iter().map(MailSummary::new).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}

fn position(after: &str) -> Result<i64> {
    after
        .parse()
        .map_err(|_| Problem::field("/after", say!("after 须为分页返回的 `next`", "after is the `next` of a page")))
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
pub async fn read_mail(
    caller: Caller<ReadMailTexts>,
    platform: Platform,
    portal: web::Data<Portal>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let view = platform::web::read(&platform, &caller, async |tx| {
        let mail = rows::find(tx, *id).await?;
        let detail = json!({ "recipient": mail.recipient, "kind": mail.kind });
        tx.audit("mails.read", &id.to_string(), detail).await?;
        let body = mail.body.replace(PORTAL, &portal.0);
        Ok(MailView { summary: MailSummary::new(mail)?, body })
    })
    .await?;
    Ok(HttpResponse::Ok().json(view))
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
pub async fn retry_mail(caller: Caller<RetryMails>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let now = tx.now;
            let mail = rows::find(tx, *id).await?;
            let state = mail.state()?;
            if !state.may_be_retried() {
                let state = state.told();
                return Err(Problem::wrong_state(say!("邮件{state}", "the mail is {state}"; state)));
            }
            let people = people::rows::by_number(tx, &[&mail.recipient]).await?;
            let address = people.get(&mail.recipient).and_then(|person| person.email.clone());
            let Some(address) = address.or(mail.address) else {
                return Err(Problem::new(
                    Code::WrongState,
                    say!("{} 没有邮箱地址", "{} has no mail address", mail.recipient),
                ));
            };
            rows::requeue(tx, *id, &address, now).await?;
            tx.audit("mails.retried", &id.to_string(), json!({ "recipient": mail.recipient })).await?;
            Reply::accepted(&MailSummary::new(rows::find(tx, *id).await?)?)
        })
        .await
}
