//! Who decides, in which order: as a stage of the scheme says, or by what is usual where it says nothing.

use basics::Label;
use domain::period::Period;
use domain::scheme::Scheme;
use domain::scheme::source::{Acting, Does, Stage, StageOn, Who};
use jiff::civil::Date;
use steps::steps::{Actor, Standpoint};

use crate::cycles::cycle::StageView;
use crate::process;
use crate::subjects::subject::{Kind, Subject};

/// Those who decide about something, place by place.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Code of the stage; empty: of no cycle's.
    pub stage: String,
    pub label: Label,
    pub due: Option<Date>,
    /// About whom, by category; empty: about all.
    categories: Vec<String>,
    /// Several at a place decide together; empty: what is usual.
    places: Vec<Vec<Who>>,
    /// What was written by the subject, or by the unit's head: they do not decide about it.
    is_theirs: bool,
}

/// Who decides at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub place: i32,
    pub actors: Vec<Actor>,
    /// Who may decide in place of these.
    pub also: Vec<Actor>,
}

impl Chain {
    /// About the plans of a cycle.
    pub fn of_plans(scheme: &Scheme, cadence: &str, period: &Period, stages: &[StageView], kind: Kind) -> Self {
        let declared = scheme.stages_of(cadence, period);
        let of =
            |does: Does| declared.iter().find(|stage| stage.does == does && process::plans_of(stage) == kind).copied();
        let collected = of(Does::Submit).is_some();
        let stage = match kind {
            Kind::Unit if collected => of(Does::ApprovePlan).or(of(Does::Submit)),
            _ => of(Does::Plan),
        };
        stage.map_or_else(|| Self::usual(Vec::new()), |stage| Self::of_stage(stage, stages))
    }

    /// About plans that are no cycle's: as the scheme says of plans of their length, else of those of its cycles.
    pub fn of_standing(scheme: &Scheme, period: &Period, kind: Kind) -> Self {
        let on = match kind {
            Kind::Person => StageOn::People,
            Kind::Unit => StageOn::Units,
        };
        if let Some(terms) = scheme.plan_terms(on).filter(|terms| terms.every == period.form()) {
            return Self::usual(places(&terms.by));
        }
        let cadence = scheme.cadences().iter().find(|cadence| cadence.form == period.form());
        let of_cycles = cadence.map(|cadence| Self::of_plans(scheme, &cadence.code, period, &[], kind));
        of_cycles.unwrap_or_else(|| Self::usual(Vec::new()))
    }

    /// About sheets that HR has settled, by whom each of them is for; empty where nobody confirms them.
    pub fn of_sheets(scheme: &Scheme, cadence: &str, period: &Period, stages: &[StageView]) -> (Vec<Self>, StageOn) {
        let declared = scheme.stages_of(cadence, period);
        let settle = declared.into_iter().filter(|stage| stage.does == Does::Settle && !stage.by.is_empty());
        let settle: Vec<&Stage> = settle.collect();
        let chain = |stage: &&Stage| Self { is_theirs: stage.on == StageOn::People, ..Self::of_stage(stage, stages) };
        (settle.iter().map(chain).collect(), settle.first().map_or(StageOn::Cycle, |stage| stage.on))
    }

    /// Whether it is about a subject: about everything, or about people of the subject's category.
    pub fn is_for(&self, subject: &Subject) -> bool {
        let named = |category: &String| self.categories.contains(category);
        self.categories.is_empty() || (subject.kind == Kind::Person && subject.category.as_ref().is_some_and(named))
    }

    fn of_stage(stage: &Stage, stages: &[StageView]) -> Self {
        let dated = stages.iter().find(|view| view.code == stage.code);
        Self {
            stage: stage.code.clone(),
            label: stage.label.clone(),
            due: dated.and_then(|dated| dated.due),
            categories: stage.categories.clone(),
            places: places(&stage.by),
            is_theirs: true,
        }
    }

    fn usual(places: Vec<Vec<Who>>) -> Self {
        let label = Label::new("绩效计划审批", "Approval of the plan");
        Self { stage: String::new(), label, due: None, categories: Vec::new(), places, is_theirs: true }
    }

    /// The first place after another at which somebody is asked about a subject, or nobody any more. Who has been asked
    /// before is not asked again; whoever wrote it is not, and where nobody is left an executive decides.
    pub fn next(&self, after: i32, subject: &Subject, asked_before: &[Vec<Actor>]) -> Option<Asked> {
        let mut before = asked_before.to_vec();
        for place in after + 1.. {
            let (actors, also) = self.at(place, subject)?;
            if !before.contains(&actors) {
                return Some(Asked { place, actors, also });
            }
            before.push(actors);
        }
        None
    }

    /// Who decides at a place about a subject, and who in place of them.
    pub fn at(&self, place: i32, subject: &Subject) -> Option<(Vec<Actor>, Vec<Actor>)> {
        let writer = writer(subject).filter(|_| self.is_theirs);
        let person = |number: &String| Actor::Person(number.clone());
        let executive = || Actor::Role("executive".to_owned());
        if self.places.is_empty() {
            let (decides, also) = match subject.kind {
                Kind::Person => (&subject.superior, subject.head.as_ref().map(person)),
                Kind::Unit => (&subject.leader, Some(executive())),
            };
            let actor =
                decides.as_ref().filter(|number| Some(number.as_str()) != writer).map_or_else(executive, person);
            let others =
                also.filter(|also| *also != actor && Some(also.to_string()) != writer.map(|w| format!("person:{w}")));
            return (place == 1).then(|| (vec![actor], others.into_iter().collect()));
        }
        let who = self.places.get(usize::try_from(place - 1).ok()?)?;
        let from = Standpoint {
            oneself: writer.map(str::to_owned),
            superior: subject.superior.clone(),
            superior_above: subject.superior_above.clone(),
            head: subject.head.clone(),
            leader: subject.leader.clone(),
            dotted: subject.dotted.clone(),
        };
        let is_writer = |actor: &Actor| matches!(actor, Actor::Person(number) if Some(number.as_str()) == writer);
        let (agreeing, deciding): (Vec<&Who>, Vec<&Who>) = who.iter().partition(|who| **who == Who::Oneself);
        let mut actors: Vec<Actor> = deciding.iter().filter_map(|who| Actor::of(who, &from)).collect();
        actors.retain(|actor| !is_writer(actor));
        if actors.is_empty() && (!deciding.is_empty() || agreeing.is_empty()) {
            actors.push(executive());
        }
        // Whoever it is about agrees to it where the scheme says so, beside those who decide.
        actors.extend(agreeing.iter().filter_map(|who| Actor::of(who, &from)));
        actors.sort();
        actors.dedup();
        Some((if actors.is_empty() { vec![executive()] } else { actors }, Vec::new()))
    }
}

/// Who writes a plan: the person, or the unit's head.
pub fn writer(subject: &Subject) -> Option<&str> {
    match subject.kind {
        Kind::Person => Some(&subject.subject),
        Kind::Unit => subject.head.as_deref(),
    }
}

fn places(by: &[Acting]) -> Vec<Vec<Who>> {
    by.iter().map(|acting| acting.who().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(kind: Kind) -> Subject {
        let number = |text: &str| Some(text.to_owned());
        Subject {
            kind,
            subject: if kind == Kind::Person { "E1" } else { "NET" }.to_owned(),
            name: "N".to_owned(),
            unit: number("NET"),
            position: None,
            category: None,
            category_by: None,
            own_category: None,
            superior: number("S"),
            superior_above: number("L"),
            head: number("H"),
            co_head: None,
            head_since: None,
            leader: number("L"),
            dotted: None,
            hired_on: None,
            left_on: None,
            facts: serde_json::json!({}),
            standing: crate::subjects::subject::Standing::In,
            why: None,
            decided_by: None,
            published: false,
            version: 1,
        }
    }

    fn asked(chain: &Chain, subject: &Subject) -> Vec<String> {
        let (mut told, mut after, mut before) = (Vec::new(), 0, Vec::new());
        while let Some(next) = chain.next(after, subject, &before) {
            told.push(next.actors.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"));
            after = next.place;
            before.push(next.actors);
        }
        told
    }

    fn declared(places: &[&[&str]]) -> Chain {
        Chain::usual(places.iter().map(|who| who.iter().map(|who| Who::from(*who)).collect()).collect())
    }

    #[test]
    fn given_nothing_said_then_the_superior_decides_and_the_head_in_their_place() {
        let usual = Chain::usual(Vec::new());
        let first = usual.next(0, &subject(Kind::Person), &[]).unwrap();
        assert_eq!((first.actors[0].to_string(), first.also[0].to_string()), ("person:S".into(), "person:H".into()));
        assert_eq!(asked(&usual, &subject(Kind::Unit)), ["person:L"]);
        let top = Subject { superior: None, head: Some("E1".to_owned()), ..subject(Kind::Person) };
        let alone = usual.next(0, &top, &[]).unwrap();
        assert_eq!(alone.actors, [Actor::Role("executive".to_owned())]);
        assert!(alone.also.is_empty(), "nobody decides about their own plan");
    }

    #[test]
    fn given_a_sheet_to_which_its_subject_agrees_then_they_are_asked() {
        let chain = declared(&[&["superior"], &["self"]]);
        assert_eq!(asked(&chain, &subject(Kind::Person)), ["person:S", "person:E1"]);
        let top = Subject { superior: None, ..subject(Kind::Person) };
        let together = declared(&[&["superior", "self"]]);
        assert_eq!(asked(&together, &top), ["person:E1+role:executive"], "nobody settles their own sheet alone");
    }

    #[test]
    fn given_a_chain_then_each_is_asked_in_turn_and_nobody_twice() {
        let chain = declared(&[&["superior"], &["head", "role.hr"], &["superior.superior"], &["leader"]]);
        assert_eq!(asked(&chain, &subject(Kind::Person)), ["person:S", "person:H+role:hr", "person:L"]);
        let head = Subject { subject: "H".to_owned(), ..subject(Kind::Person) };
        let alone = declared(&[&["head"], &["leader"]]);
        assert_eq!(asked(&alone, &head), ["role:executive", "person:L"], "the head wrote it");
    }
}
