//! Handing out forms: those that the scheme says, to whom it says.

use domain::scheme::RaterView;
use domain::scheme::source::Who;
use events::Subject;
use platform::Result;
use platform::Tx;
use platform::clock::date_of;

use super::acting::{rater, source};
use super::assignment::{Assignment, FormState, Naming, NewAssignment, Rater};
use super::needs::{Desk, Desks, given_to_others, lacks, scope};
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::directory::rows::{self as directory, Bodies};
use crate::engine::form::{is_optional, may_decline};
use crate::grouping::grouped;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind, Standing};

/// Hands out the forms of these subjects' sheets as the scheme has them, notes for which of them HR has to name somebody, and
/// takes back what is asked no more: forms of earlier editions, of whoever is no longer appraised, and open ones of a superior
/// who is another now.
pub async fn hand_out(tx: &mut Tx, cycle: &Cycle, wanted: &[Subject]) -> Result<()> {
    let scheme = cycle.scheme()?;
    let about = subjects::named(tx, cycle.id, wanted).await?;
    let sheets = grouped(sheets::lock_many(tx, cycle.id, wanted).await?, Sheet::key);
    let known = grouped(rows::of_subjects(tx, cycle.id, wanted).await?, Assignment::key);
    let mut codes: Vec<String> = about.iter().map(|one| one.unit.clone()).collect();
    codes.dedup();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let bodies = directory::groups(tx, None, date_of(tx.now)).await?.bodies;
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let (mut fresh, mut void, mut namings) = (Vec::new(), Vec::new(), Vec::new());
    for one in &about {
        let mine = known.get(&one.key()).map(Vec::as_slice).unwrap_or_default();
        let sheet = sheets.get(&one.key()).and_then(|sheets| sheets.first());
        let Some(sheet) = sheet.filter(|_| one.standing == Standing::In) else {
            void.extend(mine.iter().filter(|form| form.state == FormState::Open).map(|form| form.id));
            continue;
        };
        let earlier = mine.iter().filter(|form| form.is_active() && form.edition != sheet.edition);
        void.extend(earlier.map(|form| form.id));
        let unit = units.iter().find(|unit| unit.subject == one.unit);
        let desk = desks.desk(one, Some(sheet));
        let asked = asked(&desk, one, unit, sheet.edition, &bodies);
        namings.extend(asked.namings);
        for new in asked.forms {
            // Whoever was named, or has begun, keeps the form; an open one that the scheme gave goes to whoever it is now.
            let same = |form: &&Assignment| {
                form.edition == new.edition && form.rater_column == new.column && form.items == new.items
            };
            let held: Vec<&Assignment> = mine.iter().filter(same).filter(|form| form.is_active()).collect();
            let settled =
                mine.iter().filter(same).any(|form| form.state == FormState::Declined && form.rater() == new.rater);
            if settled
                || held.iter().any(|form| {
                    form.named_by.is_some() || form.state == FormState::Submitted || form.rater() == new.rater
                })
            {
                continue;
            }
            void.extend(held.iter().map(|form| form.id));
            fresh.push(new);
        }
    }
    rows::set_state(tx, &void, FormState::Void, None).await?;
    rows::insert(tx, cycle.id, &fresh).await?;
    rows::set_namings(tx, cycle.id, wanted, &namings).await
}

/// Who rates a subject, as the scheme has it.
#[derive(Default)]
struct AskedOf {
    forms: Vec<NewAssignment>,
    /// What of it HR has to name somebody for.
    namings: Vec<Naming>,
}

/// The forms that the scheme hands out about a subject, and those for which it knows nobody.
fn asked(desk: &Desk<'_>, about: &Appraised, unit: Option<&Appraised>, edition: i32, bodies: &Bodies) -> AskedOf {
    let mut asked = AskedOf::default();
    for column in desk.form.raters() {
        let others = given_to_others(desk.form, &column.name).into_iter().collect();
        let all = scope(desk, &column.name, None, &others);
        let form = |rater: Rater, items: Option<Vec<String>>, missing: usize| NewAssignment {
            subject: about.key(),
            edition,
            column: column.name.clone(),
            items,
            rater,
            named_by: None,
            until: None,
            optional: is_optional(column),
            may_decline: may_decline(column),
            missing,
            replaces: None,
        };
        let naming = |item: &str, whole: bool| Naming {
            subject: about.key(),
            column: column.name.clone(),
            item: item.to_owned(),
            whole,
        };
        let whole = source(&column.from, about, unit).filter(|_| !all.is_empty());
        if let Some(rater) = whole.and_then(|who| of(who, column, about, bodies)) {
            let missing = lacks(desk, column, &all, &Default::default(), &Default::default()).len();
            asked.forms.push(form(rater, None, missing));
        } else if whole.is_some_and(is_named_by_hr) && !is_optional(column) {
            asked.namings.extend(all.iter().map(|place| naming(place.code(), true)));
        }
        for item in desk.form.items().iter().filter(|item| !desk.off.contains(&item.code)) {
            let Some(who) = item.given_by.get(&column.name) else { continue };
            let Some(rater) = of(who, column, about, bodies) else {
                if is_named_by_hr(who) && !is_optional(column) {
                    asked.namings.push(naming(&item.code, false));
                }
                continue;
            };
            let items = vec![item.code.clone()];
            let places = scope(desk, &column.name, Some(&items), &others);
            let missing = lacks(desk, column, &places, &Default::default(), &Default::default()).len();
            asked.forms.push(form(rater, Some(items), missing));
        }
    }
    asked
}

/// Whether HR says who it is.
fn is_named_by_hr(who: &Who) -> bool {
    matches!(
        who,
        Who::Former | Who::Reports | Who::Peers | Who::Partners | Who::Customers | Who::Assigned | Who::Unknown(_)
    )
}

/// Who has a form; where nobody is there who must, HR stands in.
fn of(who: &Who, column: &RaterView, about: &Appraised, bodies: &Bodies) -> Option<Rater> {
    let own = |rater: &Rater| about.kind == Kind::Person && *rater == Rater::person(&about.subject);
    match rater(who, about, bodies) {
        Some(rater) if *who == Who::Oneself || !own(&rater) => Some(rater),
        _ if is_named_by_hr(who) || is_optional(column) => None,
        _ => Some(Rater::role("hr")),
    }
}
