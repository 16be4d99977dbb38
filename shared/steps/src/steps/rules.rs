//! What may happen in a step, and what follows: pure.
//!
//! Example: HR and a head decide together. HR refuses, the head upholds: they are divided, and a new round begins; what
//! both said is kept. In the second round both refuse: the step is done, and what they agreed on is its outcome.

use std::collections::{BTreeMap, BTreeSet};

use basics::Label;
use domain::scheme::source::GroupRule;
use events::BodyRule;
use jiff::civil::Date;
use platform::web::Errors;
use platform::{Message, Problem, Result, say};

use super::{Actor, Decision, Member, NewSession, Step};

/// Refuses what comes before the first day of something, or after its last.
pub fn check_days(label: &Label, (opens, due): (Option<Date>, Option<Date>), today: Date) -> Result<()> {
    let what = Message { zh: label.zh.clone(), en: label.en.clone() };
    if let Some(opens) = opens.filter(|opens| today < *opens) {
        return Err(Problem::wrong_state(say!("{what}自 {opens} 开始", "{what}: not before {opens}"; what)));
    }
    if let Some(due) = due.filter(|due| today > *due) {
        return Err(Problem::wrong_state(say!("{what}已于 {due} 截止", "{what}: {due} was the last day"; what)));
    }
    Ok(())
}

/// Where those who decide a step together stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Together {
    /// Some have still to decide.
    Waiting(Vec<Actor>),
    /// All have decided alike.
    Agreed,
    Divided,
}

/// Where a step stands by the decisions of its round. A body decides for all who sit in it, also for those who are named
/// beside it.
pub fn together(step: &Step, decisions: &[Decision]) -> Together {
    let deciding = deciding(step);
    let of_round: Vec<&Decision> =
        decisions.iter().filter(|one| one.step == step.id && one.round == step.round).collect();
    let mut verdicts = of_round.iter().map(|one| (&one.verdict, &one.detail));
    if let Some(first) = verdicts.next()
        && verdicts.any(|other| other != first)
    {
        return Together::Divided;
    }
    let decided: BTreeSet<&str> = of_round.iter().map(|one| one.actor.as_str()).collect();
    let waiting: Vec<Actor> =
        deciding.into_iter().filter(|actor| !decided.contains(actor.to_string().as_str())).collect();
    if waiting.is_empty() { Together::Agreed } else { Together::Waiting(waiting) }
}

/// Those who have still to decide; nobody where all have, or where they are divided.
pub fn waiting(step: &Step, decisions: &[Decision]) -> Vec<Actor> {
    match together(step, decisions) {
        Together::Waiting(waiting) => waiting,
        Together::Agreed | Together::Divided => Vec::new(),
    }
}

/// The actors who decide: the body alone where there is one.
pub fn deciding(step: &Step) -> Vec<Actor> {
    match step.body() {
        Some(body) => vec![body],
        None => step.actors(),
    }
}

/// Whether some of those who decide had no part in what is decided about.
pub fn has_somebody_else<'n>(deciders: impl IntoIterator<Item = &'n str>, concerned: &BTreeSet<String>) -> bool {
    deciders.into_iter().any(|number| !concerned.contains(number))
}

/// The rule that a scheme has for a group, as bodies have theirs.
pub fn of_scheme(rule: &GroupRule) -> BodyRule {
    BodyRule {
        min: Some(rule.min.into()),
        max: Some(rule.max.into()),
        odd: rule.odd,
        represented: rule.representatives.iter().map(|(whom, least)| (whom.clone(), (*least).into())).collect(),
    }
}

/// Checks a session of a body against who sits in its panel, and against the rule of how many decide in it.
pub fn check_session(
    session: &NewSession,
    panel: &[Member],
    rule: &BodyRule,
    opened_on: Date,
    today: Date,
) -> Result<()> {
    let mut errors = Errors::default();
    if session.held_on < opened_on || session.held_on > today {
        errors
            .add("/session/held_on", say!("须在 {opened_on} 至 {today} 之间", "it is between {opened_on} and {today}"));
    }
    let withdrawn = |member: &Member| session.withdrew.contains(&member.number);
    for (at, number) in session.withdrew.iter().enumerate() {
        if !panel.iter().any(|member| member.number == *number) {
            let place = format!("/session/withdrew/{at}");
            errors.add(place, say!("{number} 不是小组成员", "{number} does not sit in the panel"));
        }
    }
    let sitting: BTreeMap<&str, &Member> = panel
        .iter()
        .filter(|member| member.sits() && !withdrawn(member))
        .map(|member| (member.number.as_str(), member))
        .collect();
    let mut present: BTreeSet<&str> = BTreeSet::new();
    for (at, number) in session.present.iter().enumerate() {
        let place = format!("/session/present/{at}");
        if panel.iter().any(|member| member.number == *number && (!member.sits() || withdrawn(member))) {
            errors.add(place, say!("{number} 已回避", "{number} has withdrawn"));
        } else if !sitting.contains_key(number.as_str()) {
            errors.add(place, say!("{number} 不是小组成员", "{number} does not sit in the panel"));
        } else if !present.insert(number) {
            errors.add(place, say!("{number} 重复出现", "{number} is there twice"));
        }
    }
    let there: Vec<&Member> = present.iter().filter_map(|number| sitting.get(number).copied()).collect();
    check_made_up(&mut errors, &there, sitting.len(), rule);
    if let Some(votes) = session.votes {
        let cast = u64::from(votes.in_favour) + u64::from(votes.against) + u64::from(votes.abstained);
        if cast != there.len() as u64 {
            errors.add("/session/votes", say!("票数与到会人数不符", "there are not as many votes as members"));
        } else if votes.in_favour <= votes.against {
            errors
                .add("/session/votes/for", say!("赞成票未超过反对票", "there are not more votes for it than against"));
        }
    }
    errors.check()
}

fn check_made_up(errors: &mut Errors, there: &[&Member], sitting: usize, rule: &BodyRule) {
    let count = there.len();
    let min = rule.min.map_or(sitting / 2 + 1, usize::from);
    let place = "/session/present";
    if count < min {
        errors.add(
            place,
            say!("至少须有 {min} 人到会，现有 {count} 人", "at least {min} of them are there, not {count}"),
        );
    } else if let Some(max) = rule.max.map(usize::from).filter(|max| count > *max) {
        errors.add(place, say!("最多 {max} 人到会，现有 {count} 人", "at most {max} of them are there, not {count}"));
    } else if rule.odd && count.is_multiple_of(2) {
        errors.add(place, say!("到会人数须为单数，现有 {count} 人", "their number is odd, not {count}"));
    }
    for (whom, least) in &rule.represented {
        let speakers = there.iter().filter(|member| member.represents.as_ref() == Some(whom)).count();
        if speakers < usize::from(*least) {
            errors.add(
                place,
                say!(
                    "其中 {whom} 代表至少 {least} 人，现有 {speakers} 人",
                    "at least {least} of them speak for {whom}, not {speakers}"
                ),
            );
        }
    }
}

/// Checks who is to sit in a panel: whoever held a seat stays in the list, with the reason where they withdraw; whoever is
/// concerned withdraws; a seat is filled that somebody gave up.
pub fn check_panel(new: &[Member], seated: &[Member], concerned: &BTreeSet<String>) -> Result<()> {
    let mut errors = Errors::default();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (at, member) in new.iter().enumerate() {
        let place = format!("/members/{at}");
        let number = &member.number;
        if !seen.insert(number) {
            errors.add(format!("{place}/number"), say!("{number} 重复出现", "{number} is there twice"));
        }
        if member.sits() && concerned.contains(number) {
            errors.add(
                format!("{place}/withdrew_why"),
                say!("{number} 与此有关，须回避", "{number} is concerned and withdraws"),
            );
        }
        if let Some(left) = &member.fills
            && !new.iter().any(|other| other.number == *left && !other.sits())
        {
            errors.add(format!("{place}/fills"), say!("{left} 没有回避", "{left} has not withdrawn"));
        }
    }
    let held = seated.iter().filter(|member| member.fills.is_none());
    for missing in held.filter(|member| !seen.contains(member.number.as_str())) {
        let number = &missing.number;
        errors.add(
            "/members",
            say!("缺少 {number}：回避须写明原因", "{number} is missing: whoever withdraws is named, with the reason"),
        );
    }
    if !new.iter().any(Member::sits) {
        errors.add("/members", say!("无人受理", "nobody is left to decide"));
    }
    errors.check()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::steps::{StepState, Votes};

    fn step(actors: &[&str]) -> Step {
        Step {
            id: Uuid::nil(),
            about: "appeal:1".to_owned(),
            place: 1,
            round: 1,
            actors: actors.iter().map(|actor| (*actor).to_owned()).collect(),
            state: StepState::Open,
            opened_on: date(2026, 11, 2),
            due: None,
            ended_on: None,
            version: 1,
        }
    }

    fn decision(actor: &str, verdict: &str, detail: Value) -> Decision {
        Decision {
            id: Uuid::nil(),
            step: Uuid::nil(),
            round: 1,
            actor: actor.to_owned(),
            verdict: verdict.to_owned(),
            reason: String::new(),
            detail,
            by: "X".to_owned(),
            session: None,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn member(number: &str, represents: Option<&str>) -> Member {
        Member { number: number.to_owned(), represents: represents.map(str::to_owned), withdrew_why: None, fills: None }
    }

    fn session(present: &[&str], votes: Option<Votes>) -> NewSession {
        NewSession {
            held_on: date(2026, 11, 4),
            present: present.iter().map(|number| (*number).to_owned()).collect(),
            votes,
            withdrew: Vec::new(),
            minutes: "heard both".to_owned(),
        }
    }

    #[test]
    fn given_several_who_decide_together_then_all_have_to_agree() {
        let step = step(&["role:hr", "person:H"]);
        let first = decision("role:hr", "refused", json!({}));
        let waits = Together::Waiting(vec![Actor::Person("H".to_owned())]);
        assert_eq!(together(&step, std::slice::from_ref(&first)), waits);
        let same = [first.clone(), decision("person:H", "refused", json!({}))];
        assert_eq!(together(&step, &same), Together::Agreed);
        let other = [first, decision("person:H", "upheld", json!({}))];
        assert_eq!(together(&step, &other), Together::Divided);
        let later = Step { round: 2, ..step };
        assert!(matches!(together(&later, &other), Together::Waiting(all) if all.len() == 2));
    }

    #[test]
    fn given_a_body_with_somebody_beside_it_then_the_body_decides_for_all() {
        let step = step(&["body:LG", "person:M"]);
        assert_eq!(together(&step, &[decision("body:LG", "refused", json!({}))]), Together::Agreed);
    }

    #[test]
    fn given_a_rule_then_a_session_is_of_that_size_odd_and_with_whoever_speaks_for_the_staff() {
        let rule = GroupRule { min: 3, max: 5, odd: true, representatives: [("staff".to_owned(), 1)].into() };
        let rule = of_scheme(&rule);
        let mut panel = vec![member("A", None), member("B", None), member("C", Some("staff")), member("D", None)];
        panel.push(Member { withdrew_why: Some("rated".to_owned()), ..member("E", None) });
        let check = |present: &[&str], votes: Option<Votes>| {
            check_session(&session(present, votes), &panel, &rule, date(2026, 11, 2), date(2026, 11, 5))
        };
        assert!(check(&["A", "B", "C"], Some(Votes { in_favour: 2, against: 1, abstained: 0 })).is_ok());
        for (present, votes) in [
            (vec!["A", "B"], None),
            (vec!["A", "B", "D"], None),
            (vec!["A", "B", "C", "D"], None),
            (vec!["A", "B", "C", "E", "D"], None),
            (vec!["A", "B", "C", "Z"], None),
            (vec!["A", "B", "C", "A"], None),
            (vec!["A", "B", "C"], Some(Votes { in_favour: 1, against: 2, abstained: 0 })),
            (vec!["A", "B", "C"], Some(Votes { in_favour: 3, against: 1, abstained: 0 })),
        ] {
            assert!(check(&present, votes).is_err(), "{present:?} {votes:?}");
        }
        let mut early = session(&["A", "B", "C"], None);
        early.held_on = date(2026, 11, 1);
        assert!(check_session(&early, &panel, &rule, date(2026, 11, 2), date(2026, 11, 5)).is_err());
    }

    #[test]
    fn given_no_rule_then_more_than_half_are_there() {
        let panel = [member("A", None), member("B", None), member("C", None)];
        let days = (date(2026, 11, 2), date(2026, 11, 5));
        assert!(check_session(&session(&["A", "B"], None), &panel, &BodyRule::default(), days.0, days.1).is_ok());
        assert!(check_session(&session(&["A"], None), &panel, &BodyRule::default(), days.0, days.1).is_err());
        // Two are concerned: whoever is left decides; somebody who withdrew does not take part, and no stranger withdraws.
        let withdrawing = |present: &[&str], withdrew: &[&str]| {
            let withdrew = withdrew.iter().map(|number| (*number).to_owned()).collect();
            let session = NewSession { withdrew, ..session(present, None) };
            check_session(&session, &panel, &BodyRule::default(), days.0, days.1)
        };
        assert!(withdrawing(&["A"], &["B", "C"]).is_ok());
        assert!(withdrawing(&["A", "B"], &["B"]).is_err());
        assert!(withdrawing(&["A", "B"], &["Z"]).is_err());
    }

    #[test]
    fn given_somebody_who_is_concerned_then_they_withdraw_and_their_seat_may_be_filled() {
        let seated = [member("A", None), member("B", Some("staff"))];
        let concerned = BTreeSet::from(["B".to_owned()]);
        let withdrawn = Member { withdrew_why: Some("appeals".to_owned()), ..member("B", Some("staff")) };
        let filling = Member { fills: Some("B".to_owned()), ..member("C", Some("staff")) };
        assert!(check_panel(&[member("A", None), withdrawn.clone(), filling.clone()], &seated, &concerned).is_ok());
        assert!(check_panel(&[member("A", None), member("B", Some("staff"))], &seated, &concerned).is_err());
        assert!(
            check_panel(&[member("A", None), filling], &seated, &concerned).is_err(),
            "nobody is left out silently"
        );
        assert!(check_panel(&[withdrawn], &seated, &concerned).is_err());
    }

    #[test]
    fn given_deciders_who_all_scored_then_nobody_else_decides() {
        let concerned = BTreeSet::from(["A".to_owned(), "B".to_owned()]);
        assert!(!has_somebody_else(["A", "B"], &concerned));
        assert!(has_somebody_else(["A", "C"], &concerned));
    }
}
