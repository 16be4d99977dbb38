//! What other services are told.

use events::{
    BodiesChanged, Body, DelegationsChanged, Employee, EmployeeNumber, EmployeesChanged, Event, Unit, UnitCode,
    UnitsChanged, WorkingCalendarChanged,
};
use jiff::civil::Date;
use platform::{Result, Tx};

use crate::delegations::delegation::Delegation;
use crate::{bodies, employees, heads, units};

const AT_ONCE: usize = 500;

pub async fn tell_employees(tx: &mut Tx, employees: &[Employee]) -> Result<()> {
    for batch in employees.chunks(AT_ONCE) {
        tx.emit(&Event::EmployeesChanged(EmployeesChanged { employees: batch.to_vec() })).await?;
    }
    Ok(())
}

pub async fn tell_units(tx: &mut Tx, units: &[Unit]) -> Result<()> {
    for batch in units.chunks(AT_ONCE) {
        tx.emit(&Event::UnitsChanged(UnitsChanged { units: batch.to_vec() })).await?;
    }
    Ok(())
}

pub async fn tell_calendar(tx: &mut Tx, calendar: WorkingCalendarChanged) -> Result<()> {
    tx.emit(&Event::WorkingCalendarChanged(calendar)).await?;
    Ok(())
}

/// Tells of a body and of everybody who sits in it.
pub async fn bodies_changed(tx: &mut Tx, code: &str) -> Result<()> {
    let found = bodies::rows::load(tx, Some(code)).await?;
    tell_bodies(tx, found.into_iter().map(|(body, _)| body).collect()).await
}

pub async fn tell_bodies(tx: &mut Tx, bodies: Vec<Body>) -> Result<()> {
    if bodies.is_empty() { Ok(()) } else { tx.emit(&Event::BodiesChanged(BodiesChanged { bodies })).await }
}

/// Tells who acts for whom.
pub async fn delegations_changed(tx: &mut Tx, changed: &[Delegation]) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let delegations = changed.iter().map(Delegation::told).collect();
    tx.emit(&Event::DelegationsChanged(DelegationsChanged { delegations })).await
}

/// After the roles of these people's accounts changed.
pub async fn roles_changed(tx: &mut Tx, numbers: &[EmployeeNumber]) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    employees::rows::touch(tx, numbers).await?;
    let employees = employees::rows::load(tx, Some(numbers)).await?;
    tell_employees(tx, &employees).await
}

/// Derives the units' heads anew and tells of these units and of those that got another head.
pub async fn units_changed(tx: &mut Tx, mut changed: Vec<UnitCode>, today: Date) -> Result<()> {
    changed.extend(units::rows::derive_heads(tx, today).await?);
    changed.sort_unstable();
    changed.dedup();
    if changed.is_empty() {
        return Ok(());
    }
    heads::rows::note(tx, &changed, today).await?;
    let units = units::rows::load(tx, Some(&changed)).await?;
    tell_units(tx, &units).await
}
