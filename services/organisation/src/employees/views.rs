//! People as others read of them, with the names of units and superiors.

use std::collections::HashMap;

use events::{Assignment, Employee, EmployeeNumber, UnitCode};
use jiff::civil::Date;
use platform::auth::Permission;
use platform::clock::date_of;
use platform::{Caller, Problem, Result, Tx, say};

use super::employee::{AssignmentView, EmployeeView, Me, OwnUnit};
use super::rows;
use crate::{companies, units};

/// Puts the names of units and superiors beside their codes and numbers.
async fn name(tx: &mut Tx, places: Vec<&mut AssignmentView>) -> Result<()> {
    let codes: Vec<UnitCode> = places.iter().map(|place| place.unit.clone()).collect();
    let above = places.iter().flat_map(|place| [&place.superior, &place.dotted_superior]);
    let numbers: Vec<EmployeeNumber> = above.flatten().cloned().collect();
    let units = units::rows::load(tx, Some(&codes)).await?;
    let people = rows::names(tx, &numbers).await?;
    let units: HashMap<&str, &str> = units.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect();
    let people: HashMap<&str, &str> = people.iter().map(|named| (named.number.as_str(), named.name.as_str())).collect();
    let person = |number: &Option<EmployeeNumber>| people.get(number.as_deref()?).map(|name| (*name).to_owned());
    for place in places {
        place.unit_name = units.get(place.unit.as_str()).map(|name| (*name).to_owned());
        place.superior_name = person(&place.superior);
        place.dotted_superior_name = person(&place.dotted_superior);
    }
    Ok(())
}

/// People as they stand on a day.
pub async fn views(tx: &mut Tx, people: Vec<Employee>, day: Date) -> Result<Vec<EmployeeView>> {
    let mut views: Vec<EmployeeView> = people.into_iter().map(|person| EmployeeView::of(person, day)).collect();
    name(tx, views.iter_mut().filter_map(|view| view.assignment.as_mut()).collect()).await?;
    Ok(views)
}

/// Places, with the names of units and superiors.
pub async fn places(tx: &mut Tx, assignments: &[Assignment]) -> Result<Vec<AssignmentView>> {
    let mut places: Vec<AssignmentView> = assignments.iter().map(AssignmentView::from).collect();
    name(tx, places.iter_mut().collect()).await?;
    Ok(places)
}

/// A person as they stand on a day.
pub async fn view(tx: &mut Tx, person: Employee, day: Date) -> Result<EmployeeView> {
    views(tx, vec![person], day).await?.pop().ok_or_else(|| Problem::not_found(say!("员工", "employee")))
}

/// The caller, with the names of those above them.
pub async fn me<P: Permission>(tx: &mut Tx, caller: &Caller<P>) -> Result<Me> {
    let today = date_of(tx.now);
    let own = match caller.employee.as_deref() {
        Some(number) => rows::by_number(tx, number).await?,
        None => None,
    };
    let place = own.as_ref().and_then(|person| person.assignment_on(today));
    let unit = match place {
        Some(place) => units::rows::by_code(tx, &place.unit).await?,
        None => None,
    };
    let above = [
        place.and_then(|place| place.superior.clone()),
        place.and_then(|place| place.dotted_superior.clone()),
        unit.as_ref().and_then(|unit| unit.head.clone()),
    ];
    let names = rows::names(tx, &above.iter().flatten().cloned().collect::<Vec<_>>()).await?;
    let [superior, dotted_superior, head] =
        above.map(|number| number.and_then(|number| names.iter().find(|named| named.number == number).cloned()));
    let employee = match own {
        Some(person) => Some(view(tx, person, today).await?),
        None => None,
    };
    Ok(Me {
        account: caller.account,
        name: caller.name.clone(),
        roles: caller.roles.clone(),
        company: companies::rows::current(tx).await?,
        employee,
        superior,
        dotted_superior,
        unit: unit.map(|unit| OwnUnit { code: unit.code, name: unit.name, head }),
    })
}
