//! Takes what is queued to the mail server: with a lease, so that what a killed sender had in hand is tried
//! again, and under one Message-ID, so that a second delivery can be told for what it is.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};
use lettre::transport::smtp;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use platform::{Platform, Result};

use crate::mails::rules::after_try;
use crate::mails::templates::PORTAL;
use crate::mails::{Claimed, Failure, rows};
use crate::settings::Settings;

const AT_ONCE: usize = 16;
const BATCH: i64 = 64;
/// The slowest a server may be with one mail.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than a batch takes when every mail of it runs out of patience.
const LEASE: SignedDuration = SignedDuration::from_secs(180);

/// The way to the mail server.
pub struct Mailer {
    settings: Settings,
    /// Built with the first mail: its pool belongs to a running runtime.
    transport: OnceLock<AsyncSmtpTransport<Tokio1Executor>>,
}

/// Sends a batch of mails that are due; true when there may be more.
pub async fn send_due(platform: &Platform, mailer: &Mailer) -> Result<bool> {
    let claimed = claim(platform).await?;
    if claimed.is_empty() {
        return Ok(false);
    }
    let sent: Vec<Result<()>> =
        stream::iter(claimed).map(|mail| send_one(platform, mailer, mail)).buffer_unordered(AT_ONCE).collect().await;
    sent.into_iter().collect::<Result<()>>()?;
    Ok(true)
}

/// Sends a mail and records at once what became of it: whoever is killed sends again only what was under way.
async fn send_one(platform: &Platform, mailer: &Mailer, mail: Claimed) -> Result<()> {
    let outcome = mailer.send(&mail).await;
    if let Err(Failure::Passing(error) | Failure::Final(error)) = &outcome {
        tracing::warn!(mail = %mail.id, tries = mail.tries, error, "mail not delivered");
    }
    let after = after_try(mail.tries, outcome, platform.clock.now());
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    rows::record(&mut tx, &mail, &after).await?;
    tx.commit().await
}

async fn claim(platform: &Platform) -> Result<Vec<Claimed>> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let now = tx.now;
    let leased_until = now.saturating_add(LEASE).unwrap_or(now);
    let claimed = rows::claim(&mut tx, leased_until, BATCH).await?;
    tx.commit().await?;
    Ok(claimed)
}

impl Mailer {
    pub fn new(settings: Settings) -> Self {
        Self { settings, transport: OnceLock::new() }
    }

    async fn send(&self, mail: &Claimed) -> Result<(), Failure> {
        let message = self.message(mail).map_err(Failure::Final)?;
        match tokio::time::timeout(PATIENCE, self.transport().send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Failure::Passing("the mail server took too long".to_owned())),
        }
    }

    fn transport(&self) -> &AsyncSmtpTransport<Tokio1Executor> {
        self.transport.get_or_init(|| {
            let pool = PoolConfig::new().max_size(AT_ONCE as u32).idle_timeout(Duration::from_secs(30));
            self.settings.smtp.clone().timeout(Some(Duration::from_secs(10))).pool_config(pool).build()
        })
    }

    fn message(&self, mail: &Claimed) -> Result<Message, String> {
        let to = mail.address.parse().map_err(|error| format!("{}: {error}", mail.address))?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.settings.from.email.domain())))
            .date(SystemTime::from(mail.created_at))
            .from(self.settings.from.clone())
            .to(lettre::message::Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
        let body = mail.body.replace(PORTAL, &self.settings.portal.0);
        let message = match &mail.invitation {
            None => message.header(ContentType::TEXT_PLAIN).body(body),
            Some(invitation) => {
                let calendar = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH");
                let file = Attachment::new("interview.ics".to_owned())
                    .body(invitation.clone(), calendar.map_err(|error| error.to_string())?);
                message.multipart(MultiPart::mixed().singlepart(SinglePart::plain(body)).singlepart(file))
            }
        };
        message.map_err(|error| error.to_string())
    }
}

/// A refusal of this mail is final; of us (credentials, policy of the day) or none at all is not.
fn failure(error: &smtp::Error) -> Failure {
    let about_us = error.status().is_some_and(|code| code.category == Category::Unspecified3);
    let text = std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    if error.is_permanent() && !about_us { Failure::Final(text) } else { Failure::Passing(text) }
}
