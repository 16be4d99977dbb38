use events::{Notice, Notices, Within};
use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use platform::bus::Handled;
use platform::{Locale, Problem, Result, Tx, say};
use serde::Serialize;

use crate::cycles::Name;
use crate::mails::invitation::Appointment;
use crate::mails::templates::{PORTAL, Templates};
use crate::mails::{Kind, NewMail};
use crate::people::Person;
use crate::{cycles, mails, people};

/// The scheme and period that notices are about.
struct Spoken {
    scheme: Name,
    period: String,
}

/// What the templates of notices speak of.
#[derive(Serialize)]
struct Words<'a> {
    portal: &'static str,
    name: &'a str,
    scheme: &'a str,
    period: &'a str,
    /// Whom or what it is about.
    about: Option<&'a str>,
    verdict: Option<&'a str>,
    reason: Option<&'a str>,
    /// The last day on which something may be done about it.
    until: Option<&'a str>,
    /// The day by which it is answered.
    by_day: Option<&'a str>,
    /// Why it went on: a code.
    why: Option<&'a str>,
    /// The moment of an appointment, where people live.
    at: Option<String>,
    place: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn new(within: &'a Spoken, person: &'a Person, notice: &'a Notice, locale: Locale) -> Self {
        // A text that is told in the reader's language stands under its name and the language.
        let in_language = match locale {
            Locale::ZhCn => "reason_zh",
            Locale::En => "reason_en",
        };
        let word = |name: &str| notice.words.get(name).map(String::as_str);
        Self {
            portal: PORTAL,
            name: &person.name,
            scheme: within.scheme.get(locale),
            period: &within.period,
            about: word("about"),
            verdict: word("verdict"),
            reason: word("reason").or_else(|| word(in_language)),
            until: word("until"),
            by_day: word("by_day"),
            why: word("why"),
            at: word("at").and_then(|at| at.parse().ok()).map(told),
            place: word("place"),
        }
    }
}

/// A moment by the clocks of the company.
fn told(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(tz::offset(8))).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The file for calendars that goes with a notice of an appointment.
fn invitation(within: &Spoken, notice: &Notice, locale: Locale, now: Timestamp) -> Option<String> {
    let word = |name: &str| notice.words.get(name).map(String::as_str);
    let about = word("about").unwrap_or_default();
    let title = say!(
        "绩效面谈：{}（{} {}）",
        "Appraisal interview: {} ({} {})",
        about,
        within.scheme.get(locale),
        within.period
    );
    let appointment = Appointment {
        id: word("appointment")?,
        revision: word("revision")?.parse().ok()?,
        at: word("at")?.parse().ok()?,
        minutes: word("minutes").and_then(|minutes| minutes.parse().ok()),
        title: title.get(locale),
        place: word("place"),
    };
    Some(appointment.invitation(now))
}

/// Queues a mail for each person that a notice is for. Nobody is told of a cancelled cycle.
pub async fn tell(tx: &mut Tx, news: &Notices) -> Result<Handled> {
    let within = match &news.within {
        Within::Cycle(cycle) => match cycles::rows::find(tx, *cycle).await? {
            None => return Ok(Handled::NotYet),
            Some(cycle) if cycle.cancelled => return Ok(Handled::Done),
            Some(cycle) => Spoken { scheme: cycle.scheme, period: cycle.period },
        },
        Within::Scheme { scheme_zh, scheme_en, period } => {
            Spoken { scheme: Name { zh: scheme_zh.clone(), en: scheme_en.clone() }, period: period.clone() }
        }
    };
    let numbers: Vec<&str> = news.notices.iter().flat_map(|notice| &notice.to).map(|number| number.as_str()).collect();
    let people = people::rows::by_number(tx, &numbers).await?;
    let templates = Templates::new()?;
    let mut queue = Vec::new();
    for notice in &news.notices {
        let kind: Kind = serde_json::from_value(notice.kind.as_str().into()).map_err(Problem::internal)?;
        for number in &notice.to {
            let Some(person) = people.get(number) else { return Ok(Handled::NotYet) };
            let locale = person.language();
            let text = templates.render(kind, locale, &Words::new(&within, person, notice, locale))?;
            let invitation = invitation(&within, notice, locale, tx.now);
            queue.push(NewMail::new(format!("{}/{number}", notice.key), kind, person, text).inviting(invitation));
        }
    }
    mails::rows::queue(tx, &queue).await?;
    Ok(Handled::Done)
}
