//! Announcing something to everybody in a cycle.

use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::Lock;
use platform::text::{is_paragraph, is_title};
use platform::web::Errors;
use platform::{Problem, Result, Task, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::rows::{self, ToAsk};
use super::signature::{Announcement, AnnouncingStage, NewAnnouncement};
use super::telling;
use crate::approvals::deciding::acts_as;
use crate::cycles::cycle::State;
use crate::cycles::rows as cycles;
use crate::viewer::Viewer;

const MOST_OF_TITLE: usize = 200;
const MOST_OF_TEXT: usize = 20_000;

/// By whom a stage names, or HR: everybody who takes part is told by mail, and confirms having read it. They are asked by a job,
/// some at a time.
pub async fn announce(tx: &mut Tx, viewer: &Viewer, cycle: Uuid, new: &NewAnnouncement) -> Result<Announcement> {
    let (title, text) = (new.title.trim(), new.text.trim());
    let mut errors = Errors::default();
    if !is_title(title, MOST_OF_TITLE) {
        errors.add("/title", say!("一行，1 到 {MOST_OF_TITLE} 字", "1 to {MOST_OF_TITLE} characters in one line"));
    }
    if text.is_empty() || text.chars().count() > MOST_OF_TEXT || !is_paragraph(text) {
        errors.add(
            "/text",
            say!("1 到 {MOST_OF_TEXT} 个可显示的字符", "1 to {MOST_OF_TEXT} characters that can be shown"),
        );
    }
    errors.check()?;
    let cycle = cycles::get(tx, cycle, Lock::Share).await?;
    cycle.state.check_not_cancelled()?;
    let stage = AnnouncingStage::of(&cycle)?.into_iter().chain([AnnouncingStage::beside()]);
    let stage = stage.into_iter().find(|stage| acts_as(viewer, &stage.by)).ok_or_else(|| {
        Problem::not_permitted(say!("公告由方案指定的人或人力资源发布", "whom the scheme names, or HR, announces"))
    })?;
    let id = rows::insert_posted(tx, cycle.id, &stage.code, title, text).await?;
    tx.audit("announcements.made", &id.to_string(), json!({ "cycle": cycle.id, "title": title })).await?;
    rows::posted(tx, id).await
}

/// Readers asked in one transaction.
const READERS_AT_ONCE: i64 = 1000;

/// Asks some readers of an announcement, and tells them; true when there may be more.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        let Some(next) = rows::to_ask(&mut tx).await? else {
            tx.rollback().await?;
            return Ok(false);
        };
        tx.enter(next.company_id).await?;
        ask_some(&mut tx, &next).await?;
        tx.commit().await?;
        Ok(true)
    })
}

async fn ask_some(tx: &mut Tx, next: &ToAsk) -> Result<()> {
    let posted = rows::posted(tx, next.id).await?;
    let cycle = cycles::get(tx, posted.cycle, Lock::Share).await?;
    if cycle.state == State::Cancelled {
        return rows::asked_to(tx, next.id, &next.asked_to, true).await;
    }
    let stages = AnnouncingStage::of(&cycle)?.into_iter().chain([AnnouncingStage::beside()]);
    let due = stages.into_iter().find(|stage| stage.code == posted.stage).and_then(|stage| stage.due);
    let asked = rows::ask_readers(tx, &posted, &next.asked_to, date_of(tx.now), due, READERS_AT_ONCE).await?;
    let all = i64::try_from(asked.len()).is_ok_and(|count| count < READERS_AT_ONCE);
    let last = asked.iter().map(|(_, number)| number.clone()).max().unwrap_or_default();
    let (steps, readers): (Vec<Uuid>, Vec<String>) = asked.into_iter().unzip();
    telling::tasks(tx, &cycle, &steps).await?;
    telling::announced(tx, &posted, &readers).await?;
    rows::asked_to(tx, next.id, &last, all).await
}
