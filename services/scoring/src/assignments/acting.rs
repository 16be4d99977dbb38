//! Who may fill in a form, and who a form goes to.

use std::collections::BTreeSet;

use domain::scheme::placing::Condition;
use domain::scheme::source::{Giver, SourceCase, Who};
use platform::{Message, say};

use super::assignment::{Assignment, Rater, RaterKind};
use crate::directory::rows::Bodies;
use crate::subjects::subject::{Appraised, Kind};
use crate::viewer::Viewer;

/// Who may not rate whom in a cycle: the subject, and the rater's number.
pub type Recusals = BTreeSet<(Kind, String, String)>;

/// Whether the caller may fill in a form; else why not.
///
/// Nobody rates themselves but in self-assessment, which nobody does for somebody else, and nobody who is recused. Where
/// the rater is recused, or nobody is there to rate, HR or an executive stands in.
pub fn may_act(viewer: &Viewer, assignment: &Assignment, recusals: &Recusals) -> Result<(), Message> {
    let rater = assignment.rater();
    let is_own = assignment.kind == Kind::Person && viewer.is(&assignment.subject);
    if is_own && !(rater.kind == RaterKind::Person && rater.id == assignment.subject) {
        return Err(say!("除自评外，不能为自己评分", "nobody scores themselves but in self-assessment"));
    }
    let recused = |number: &str| recusals.contains(&(assignment.kind, assignment.subject.clone(), number.to_owned()));
    if viewer.number.as_deref().is_some_and(recused) {
        return Err(say!("您须回避对该对象的评分", "the caller is recused from this subject"));
    }
    let allowed = match rater.kind {
        RaterKind::Person if rater.id == assignment.subject && assignment.kind == Kind::Person => viewer.is(&rater.id),
        RaterKind::Person if recused(&rater.id) => viewer.hr || viewer.executive,
        RaterKind::Person => viewer.rates_for(&rater.id),
        RaterKind::Role => {
            viewer.has(&rater.id) || (rater.id == "hr" && viewer.executive && assignment.rater_column != "hr")
        }
        RaterKind::Body => {
            let (code, office) = rater.office();
            viewer.sits_in(code, office)
        }
        // Whoever leads it; HR where nobody does.
        RaterKind::Unit => viewer.leads(&rater.id) || (viewer.hr && !viewer.units.is_led(&rater.id)),
    };
    if allowed { Ok(()) } else { Err(say!("此项由他人填写", "this is for somebody else to enter")) }
}

/// The first source whose condition holds for a subject.
pub fn source<'w>(cases: &'w [SourceCase], about: &Appraised, unit: Option<&Appraised>) -> Option<&'w Who> {
    cases.iter().find(|case| holds(case.when.as_deref(), about, unit)).map(|case| &case.from)
}

/// Whether a condition of a scheme holds for a subject; `unit` is the one in which they stand.
pub fn holds(when: Option<&str>, about: &Appraised, unit: Option<&Appraised>) -> bool {
    let Some(when) = when else { return true };
    let standpoint = about.standpoint(unit);
    let facts: Vec<&str> = standpoint.facts.keys().map(String::as_str).collect();
    Condition::read(when, &facts).is_ok_and(|condition| condition.holds(&standpoint))
}

/// Whom a source names for a subject; none where somebody has to name them, or where there is nobody.
pub fn rater(who: &Who, about: &Appraised, bodies: &Bodies) -> Option<Rater> {
    let person = |number: &Option<String>| number.as_deref().map(Rater::person);
    let head = || about.head.clone().or_else(|| about.co_head.clone());
    match who {
        Who::Oneself if about.kind == Kind::Person => Some(Rater::person(&about.subject)),
        Who::Oneself | Who::Head => person(&head()),
        Who::Superior => person(if about.kind == Kind::Unit { &about.leader } else { &about.superior }),
        Who::SuperiorAbove => person(&about.superior_above),
        Who::Leader => person(&about.leader),
        Who::Dotted => person(&about.dotted),
        Who::Role(role) => Some(Rater::role(role)),
        Who::Body { code, office } => Some(of_body(code, office.as_deref(), about, bodies)),
        Who::Unit(code) => Some(Rater { kind: RaterKind::Unit, id: code.clone() }),
        Who::Former | Who::Reports | Who::Peers | Who::Partners | Who::Customers | Who::Assigned | Who::Unknown(_) => {
            None
        }
    }
}

/// Of a body whose members are in charge of units it is the member who is the superior, else the one in charge of the
/// unit; of others the body together.
fn of_body(code: &str, office: Option<&str>, about: &Appraised, bodies: &Bodies) -> Rater {
    let seats = bodies.seats(code);
    if office.is_none() && seats.iter().any(|seat| !seat.in_charge.is_empty()) {
        let superior = seats.iter().find(|seat| about.superior.as_deref() == Some(&*seat.number));
        let in_charge = seats.iter().find(|seat| seat.in_charge.iter().any(|unit| *unit == *about.unit));
        if let Some(seat) = superior.or(in_charge) {
            return Rater::person(&seat.number);
        }
    }
    Rater::body(code, office)
}

/// Whether the caller is one of those whom the scheme lets give a value about a subject. Where it names nobody, HR is.
pub fn may_give(viewer: &Viewer, by: &[Giver], about: Option<&Appraised>, unit: Option<&Appraised>) -> bool {
    if !Giver::name_somebody(by) {
        return viewer.hr;
    }
    let steps = by.iter().filter(|giver| match (giver.when(), about) {
        (None, _) => true,
        (Some(when), Some(about)) => holds(Some(when), about, unit),
        (Some(_), None) => false,
    });
    // Of several that are for some subjects only, the first that holds counts.
    let mut conditional = false;
    let mut allowed = false;
    for step in steps {
        if conditional && step.when().is_none() {
            continue;
        }
        conditional = conditional || step.when().is_some();
        allowed = allowed || step.who().iter().any(|who| gives_as(viewer, who, about));
    }
    allowed
}

/// Whether the caller is somebody whom a scheme names, as seen from a subject.
pub fn gives_as(viewer: &Viewer, who: &Who, about: Option<&Appraised>) -> bool {
    match who {
        Who::Role(role) => viewer.has(role),
        Who::Body { code, office } => viewer.sits_in(code, office.as_deref()),
        Who::Assigned => viewer.hr,
        who => {
            let rater = about.and_then(|about| {
                rater(who, about, &viewer.bodies)
                    .filter(|one| one.kind != RaterKind::Person || !about.is_led_by(&one.id))
            });
            match rater {
                Some(rater) if rater.kind == RaterKind::Unit => viewer.leads(&rater.id),
                Some(rater) => {
                    rater.kind == RaterKind::Person
                        && (viewer.is(&rater.id) || rates_in_place(viewer, &rater.id, about))
                }
                // Nobody is there: HR stands in.
                None => viewer.hr,
            }
        }
    }
}

/// Whether the caller gives a value in somebody's place; nobody does for whom it is about, or whose unit it is.
fn rates_in_place(viewer: &Viewer, number: &str, about: Option<&Appraised>) -> bool {
    let own = about.is_some_and(|about| about.is_person(number) || about.is_led_by(number));
    viewer.rates_for(number) && !own
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::assignments::assignment::FormState;
    use crate::subjects::subject::Standing;

    pub fn appraised(number: &str, superior: Option<&str>) -> Appraised {
        Appraised {
            kind: Kind::Person,
            subject: number.into(),
            name: number.into(),
            unit: "NET".into(),
            position: None,
            category: Some("staff".into()),
            own_category: None,
            superior: superior.map(str::to_owned),
            superior_above: None,
            head: Some("H".into()),
            co_head: None,
            head_since: None,
            leader: Some("L".into()),
            dotted: None,
            hired_on: None,
            left_on: None,
            facts: json!({}),
            standing: Standing::In,
        }
    }

    fn viewer(number: &str, roles: &[&'static str]) -> Viewer {
        Viewer {
            number: Some(number.into()),
            roles: roles.to_vec(),
            hr: roles.contains(&"hr"),
            executive: roles.contains(&"executive"),
            ..Viewer::default()
        }
    }

    #[test]
    fn given_sources_by_condition_then_the_first_that_holds_counts() {
        let cases: Vec<SourceCase> = serde_json::from_value(json!([
            { "when": "dotted", "from": "head" }, { "from": "superior" },
        ]))
        .unwrap();
        let plain = appraised("E1", Some("M"));
        let doubled = Appraised { dotted: Some("D".into()), ..plain.clone() };
        let whose = |about: &Appraised| rater(source(&cases, about, None).unwrap(), about, &Bodies::default());
        assert_eq!((whose(&plain), whose(&doubled)), (Some(Rater::person("M")), Some(Rater::person("H"))));
    }

    #[test]
    fn given_whoever_the_scheme_names_then_they_give_a_value_and_nobody_else() {
        let by: Vec<Giver> = serde_json::from_value(json!(["superior", "role.finance"])).unwrap();
        let about = appraised("E1", Some("M"));
        for (who, allowed) in [
            (viewer("M", &[]), true),
            (viewer("F", &["finance"]), true),
            (viewer("P", &["hr"]), false),
            (viewer("X", &[]), false),
        ] {
            assert_eq!(may_give(&who, &by, Some(&about), None), allowed, "{who:?}");
        }
        assert!(may_give(&viewer("P", &["hr"]), &[], Some(&about), None), "HR where nobody is named");
        let by: Vec<Giver> =
            serde_json::from_value(json!([{ "when": "category == 'head'", "who": "leader" }, "role.finance"])).unwrap();
        assert!(may_give(&viewer("F", &["finance"]), &by, Some(&about), None));
        let head = Appraised { category: Some("head".into()), ..about };
        assert!(may_give(&viewer("L", &[]), &by, Some(&head), None));
        assert!(!may_give(&viewer("F", &["finance"]), &by, Some(&head), None));
    }

    #[test]
    fn given_a_form_then_its_rater_fills_it_in_and_hr_where_they_are_recused() {
        let form = |rater: Rater| {
            let row = json!({});
            Assignment::for_tests(Kind::Person, "E1", "superior", rater, FormState::Open, row)
        };
        let nobody = Recusals::new();
        assert!(may_act(&viewer("M", &[]), &form(Rater::person("M")), &nobody).is_ok());
        assert!(may_act(&viewer("P", &["hr"]), &form(Rater::person("M")), &nobody).is_err());
        assert!(may_act(&viewer("E1", &["hr"]), &form(Rater::role("hr")), &nobody).is_err(), "not about oneself");
        assert!(may_act(&viewer("P", &["hr"]), &form(Rater::role("hr")), &nobody).is_ok());
        let recused = Recusals::from([(Kind::Person, "E1".into(), "M".into())]);
        assert!(may_act(&viewer("M", &[]), &form(Rater::person("M")), &recused).is_err());
        assert!(may_act(&viewer("P", &["hr"]), &form(Rater::person("M")), &recused).is_ok());
    }
}
