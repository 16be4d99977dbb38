//! Handing targets down, and taking them back.

use basics::money::{parse_plain, plain};
use events::{EmployeeNumber, UnitCode};
use platform::{Caller, Permission, Problem, Result, Role, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::rows::{self, Target};
use super::rules::{self, Above, NewTarget, To};
use crate::viewer::Viewer;
use crate::{cycles, tasks};

/// Hands a target to a unit or a person of an open cycle.
pub async fn issue<P: Permission>(
    tx: &mut Tx,
    caller: &Caller<P>,
    cycle: Uuid,
    to: To<'_>,
    new: &NewTarget,
) -> Result<Target> {
    cycles::rows::get_open(tx, cycle).await?;
    let above = above(tx, cycle, to).await?;
    let above = Above { superior: above.superior.as_deref(), head: above.head.as_deref() };
    let leads_company = caller.has_any(&[Role::Executive, Role::Hr]);
    rules::may_issue(to, &above, caller.employee.as_deref(), leads_company)?;
    let target = target(tx, cycle, new);
    rows::insert(tx, &target).await?;
    if let To::Unit(code) = to {
        tasks::rows::mark_targets(tx, cycle, code).await?;
    }
    tx.audit("targets.issued", &target.id.to_string(), serde_json::to_value(&target)?).await?;
    Ok(target)
}

async fn above(tx: &mut Tx, cycle: Uuid, to: To<'_>) -> Result<rows::Above> {
    let (found, pointer) = match to {
        To::Unit(code) => (rows::above_unit(tx, cycle, code).await?, "/to/unit"),
        To::Employee(number) => (rows::above_employee(tx, cycle, number).await?, "/to/employee"),
    };
    found.ok_or_else(|| Problem::field(pointer, say!("不参加本考核周期", "takes no part in the cycle")))
}

fn target(tx: &Tx, cycle: Uuid, new: &NewTarget) -> Target {
    Target {
        id: Uuid::now_v7(),
        cycle,
        unit: new.to.unit.as_deref().map(UnitCode::from),
        employee: new.to.employee.as_deref().map(EmployeeNumber::from),
        title: new.title.trim().to_owned(),
        measure: new.measure.clone(),
        amount: new.amount.as_deref().and_then(parse_plain).map(plain),
        due: new.due,
        author: tx.actor.name.clone(),
        created_at: tx.now,
    }
}

/// Takes a target back, while its cycle is open.
pub async fn withdraw<P: Permission>(tx: &mut Tx, caller: &Caller<P>, id: Uuid) -> Result<()> {
    let target = rows::get(tx, &Viewer::of(caller), id).await?;
    cycles::rows::get_open(tx, target.cycle).await?;
    if target.author != tx.actor.name {
        return Err(Problem::not_permitted(say!("只有下达人可撤回指标", "only its author takes a target back")));
    }
    rows::delete(tx, id).await?;
    if let Some(code) = &target.unit {
        tasks::rows::mark_targets(tx, target.cycle, code).await?;
    }
    tx.audit("targets.withdrawn", &id.to_string(), json!({ "title": target.title })).await
}
