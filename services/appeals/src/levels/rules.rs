//! Who decides at a level, and what follows from what they decide: pure.

use std::collections::BTreeSet;

use domain::scheme::source::Who;
use platform::{Problem, Result, say};
use steps::steps::{Actor, Decision, Standpoint, Step};

use crate::appeals::{Case, Verdict};
use crate::viewer::Viewer;

/// Whom a level names for a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub actors: Vec<Actor>,
    /// Whoever appealed is one of them: they talk it over.
    pub is_talk: bool,
    /// HR has to name somebody.
    pub is_assigned: bool,
}

impl Named {
    pub fn of(level: &[Who], from: &Standpoint) -> Self {
        let mut actors: Vec<Actor> = Vec::new();
        for actor in level.iter().filter_map(|who| Actor::of(who, from)) {
            if !actors.contains(&actor) {
                actors.push(actor);
            }
        }
        let is_talk = level.contains(&Who::Oneself);
        Self { actors, is_talk, is_assigned: level.contains(&Who::Assigned) }
    }
}

/// Whether a level of a case is a talk between whoever appealed and somebody else.
pub fn is_talk(case: &Case, place: i32) -> bool {
    let levels = case.terms.levels();
    let level = usize::try_from(place - 1).ok().and_then(|at| levels.get(at));
    level.is_some_and(|level| level.contains(&Who::Oneself))
}

/// What follows from what those of a level agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The next level opens.
    NextLevel,
    /// Whoever appealed may carry it on.
    MayBeCarriedOn,
    /// It has ended, and its remedy follows where it was upheld.
    Ends,
}

pub fn follows(case: &Case, verdict: Verdict) -> Follows {
    match verdict {
        Verdict::NextLevel => Follows::NextLevel,
        // Both have agreed that the result stands.
        Verdict::Refused if is_talk(case, case.appeal.level) || case.is_at_last_level() => Follows::Ends,
        Verdict::Refused => Follows::MayBeCarriedOn,
        Verdict::Upheld | Verdict::UpheldInPart => Follows::Ends,
    }
}

/// Checks that a verdict can be given at the level of a case.
pub fn check_verdict(case: &Case, verdict: Verdict) -> Result<()> {
    if verdict == Verdict::NextLevel && case.is_at_last_level() {
        return Err(Problem::field("/verdict", say!("这是最后一级，须作出决定", "this is the last level: it decides")));
    }
    Ok(())
}

/// For which of a step's actors, who have not decided yet, the caller decides; `own` are those as whom they can.
pub fn actor_of(
    viewer: &Viewer,
    own: &[String],
    waiting: &[Actor],
    sits: bool,
    appellant: &str,
    talk: bool,
) -> Result<Actor> {
    let elsewhere = || Problem::not_permitted(say!("此级由他人受理", "this level is for somebody else to decide"));
    if viewer.is(appellant) && !talk {
        return Err(Problem::not_permitted(say!("没有人受理自己的申诉", "nobody decides about their own appeal")));
    }
    let is_for = |actor: &&Actor| match actor {
        Actor::Body { .. } => sits,
        // One's own voice in a talk is not delegated.
        Actor::Person(number) if number == appellant || viewer.is(appellant) => viewer.is(number),
        actor => own.contains(&actor.to_string()),
    };
    waiting.iter().find(is_for).cloned().ok_or_else(elsewhere)
}

/// Checks that not all who decided gave what the result was computed from. A talk in which both let the result stand
/// needs nobody else.
pub fn check_somebody_else(case: &Case, verdict: Verdict, deciders: &BTreeSet<String>) -> Result<()> {
    let settles = verdict == Verdict::Refused && is_talk(case, case.appeal.level);
    let deciders = deciders.iter().map(String::as_str);
    if verdict == Verdict::NextLevel || settles || steps::steps::rules::has_somebody_else(deciders, &case.concerned) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!(
        "参与过该评分的人不能单独作出决定：请提请上一级，或由人力资源部另行指定",
        "those who rated do not decide alone: send it to the next level, or have HR name somebody else"
    )))
}

/// Those who decided in the round of a step, but for who did it in the place of somebody concerned.
pub fn independent(
    step: &Step,
    decisions: &[Decision],
    present: &[String],
    concerned: &BTreeSet<String>,
) -> BTreeSet<String> {
    let of_concerned = |one: &Decision| one.actor.strip_prefix("person:").is_some_and(|of| concerned.contains(of));
    let others: Vec<Decision> = decisions.iter().filter(|one| !of_concerned(one)).cloned().collect();
    deciders(step, &others, present)
}

/// Everybody who decided in the round of a step; in a session, all who were there.
pub fn deciders(step: &Step, decisions: &[Decision], present: &[String]) -> BTreeSet<String> {
    let of_round = decisions.iter().filter(|one| one.step == step.id && one.round == step.round);
    let persons = of_round.filter(|one| one.session.is_none()).map(|one| one.by.clone());
    persons.chain(present.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_level_then_those_are_named_who_are_there() {
        let from = Standpoint {
            oneself: Some("E1".to_owned()),
            superior: Some("M".to_owned()),
            head: Some("M".to_owned()),
            ..Standpoint::default()
        };
        let named = |level: &[&str]| {
            let level: Vec<Who> = level.iter().map(|who| Who::from(*who)).collect();
            let named = Named::of(&level, &from);
            let actors: Vec<String> = named.actors.iter().map(ToString::to_string).collect();
            (actors.join(" "), named.is_talk, named.is_assigned)
        };
        assert_eq!(named(&["superior", "self"]), ("person:M person:E1".to_owned(), true, false));
        assert_eq!(named(&["superior", "head"]), ("person:M".to_owned(), false, false));
        assert_eq!(named(&["assigned"]), (String::new(), false, true));
        assert_eq!(named(&["superior.superior"]), (String::new(), false, false));
    }

    #[test]
    fn given_a_caller_then_they_decide_for_whom_the_step_names() {
        let viewer = |number: &str| Viewer::for_tests(number, &["hr"]);
        let waiting = [Actor::Role("hr".to_owned()), Actor::Person("M".to_owned())];
        let own = |number: &str| vec![format!("person:{number}"), "role:hr".to_owned()];
        let of = |number: &str| {
            actor_of(&viewer(number), &own(number), &waiting, false, "E1", false).map(|actor| actor.to_string())
        };
        assert_eq!(of("P").unwrap(), "role:hr");
        assert!(of("E1").is_err(), "not about one's own");
        let body = [Actor::Body { code: "LG".to_owned(), office: None }];
        assert!(actor_of(&viewer("P"), &own("P"), &body, true, "E1", false).is_ok());
        assert!(actor_of(&viewer("P"), &own("P"), &body, false, "E1", false).is_err());
        // Whoever appealed talks for themselves, even where they act for their superior otherwise.
        let both = [Actor::Person("M".to_owned()), Actor::Person("E1".to_owned())];
        let acting = ["person:M".to_owned(), "person:E1".to_owned()];
        let talks = actor_of(&viewer("E1"), &acting, &both, false, "E1", true).unwrap();
        assert_eq!(talks, Actor::Person("E1".to_owned()));
    }
}
