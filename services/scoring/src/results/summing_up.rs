//! What the leaders are mailed once results are published: how they came out, in numbers.

use events::{EmployeeNumber, Event, Notice, Notices};
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::directory::rows as known;

use super::rows;
use crate::cycles::cycle::Cycle;
use crate::subjects::rows as subjects;

/// Mails the summary of a publication to the leaders: the executives, and whoever is in charge of units.
pub async fn tell(tx: &mut Tx, cycle: &Cycle, publication: i32) -> Result<()> {
    let mut leaders = known::holders(tx, "executive", date_of(tx.now)).await?;
    leaders.extend(subjects::leaders(tx, cycle.id).await?);
    leaders.sort();
    leaders.dedup();
    if leaders.is_empty() {
        return Ok(());
    }
    let totals = rows::totals(tx, cycle.id).await?;
    let (scheme, counted) = (cycle.scheme()?, rows::grades(tx, cycle.id).await?);
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if let Some(mean) = &totals.mean {
        zh.push(format!("平均分：{mean}"));
        en.push(format!("mean score: {mean}"));
    }
    for grade in scheme.grades() {
        let Some(count) = counted.iter().find(|one| one.grade == grade) else { continue };
        let label = scheme.grade_label(&grade);
        zh.push(format!("{}：{} 人", label.zh, count.people));
        en.push(format!("{}: {}", label.en, count.people));
    }
    zh.push(format!("须面谈：{} 人", totals.interviews));
    en.push(format!("to be interviewed: {}", totals.interviews));
    let words = [
        ("about".to_owned(), (totals.people - totals.excluded).to_string()),
        ("reason_zh".to_owned(), zh.join("\n")),
        ("reason_en".to_owned(), en.join("\n")),
    ];
    let notice = Notice {
        key: format!("summary/{}/{publication}", cycle.id),
        kind: "summary".to_owned(),
        to: leaders.iter().map(|number| EmployeeNumber::from(number.as_str())).collect(),
        words: words.into(),
    };
    tx.emit(&Event::ScoringNotices(Notices { within: cycle.id.into(), notices: vec![notice] })).await
}
