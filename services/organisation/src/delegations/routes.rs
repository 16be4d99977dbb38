use actix_web::{HttpResponse, delete, get, post, web};
use platform::clock::date_of;
use platform::sql::ToDiesel;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Page, Platform, Problem, Reply, Result, Role, Write, say, web as platform_web};
use serde_json::json;
use uuid::Uuid;

use super::delegation::{Delegation, DelegationView, NewDelegation};
use super::{rows, rules};
use crate::permissions::{Delegate, ReadDelegations};
use crate::{employees, news};

pub fn configure(config: &mut ServiceConfig) {
    config.service(list_delegations).service(delegate).service(revoke_delegation);
}

/// Who acts for whom: what one gave and was given; all of them for HR and auditors. The newest 500.
#[utoipa::path(tag = "delegations", responses((status = 200, body = Page<DelegationView>)), security(("bearer" = [])))]
#[get("/v1/delegations")]
pub async fn list_delegations(caller: Caller<ReadDelegations>, platform: Platform) -> Result<HttpResponse> {
    let all = caller.has(Role::Hr) || caller.has(Role::Auditor);
    let whose = if all { None } else { Some(caller.employee.clone().unwrap_or_default()) };
    let found = platform_web::read(&platform, &caller, async |tx| rows::list(tx, whose.as_deref()).await).await?;
    let items: Vec<DelegationView> = found.into_iter().map(DelegationView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Has somebody act for oneself for a time
///
/// They fill in forms or decide, as themselves: the forms and decisions keep both names. HR may say it for others, not to
/// themselves. What somebody sits in a body for is not delegated, nor self-assessment.
#[utoipa::path(tag = "delegations", request_body = NewDelegation, responses((status = 201, body = DelegationView)),
    security(("bearer" = [])))]
#[post("/v1/delegations")]
pub async fn delegate(caller: Caller<Delegate>, write: Write, body: JsonBody<NewDelegation>) -> Result<HttpResponse> {
    let new = body.0;
    let of = rules::delegator(&new, caller.employee.as_deref(), caller.has(Role::Hr))?;
    write
        .run(&caller, async |tx| {
            let today = date_of(tx.now);
            rules::check(&new, &of, today)?;
            for (pointer, number) in [("/of", &of), ("/to", &new.to)] {
                if employees::rows::by_number(tx, number).await?.is_none() {
                    return Err(Problem::field(pointer, say!("没有该员工", "there is no such employee")));
                }
            }
            let delegation = Delegation {
                company_id: tx.company,
                id: Uuid::now_v7(),
                delegator: of.as_str().into(),
                delegate: new.to.as_str().into(),
                purpose: new.purpose,
                from_on: new.from_on.unwrap_or(today).to_diesel(),
                until_on: new.until_on.to_diesel(),
                reason: new.reason.trim().to_owned(),
                made_by: tx.actor.name.clone(),
                made_at: tx.now.to_diesel(),
                revoked_by: None,
                revoked_at: None,
                version: 1,
            };
            rows::insert(tx, &delegation).await?;
            let id = delegation.id.to_string();
            let detail =
                json!({ "of": of, "to": new.to, "purpose": new.purpose, "until": new.until_on, "reason": new.reason });
            tx.audit("delegations.made", &id, detail).await?;
            news::delegations_changed(tx, std::slice::from_ref(&delegation)).await?;
            Reply::created(format!("/v1/delegations/{id}"), &DelegationView::from(delegation))
        })
        .await
}

/// Takes a delegation back. What was done by it stays.
#[utoipa::path(tag = "delegations", params(("id" = Uuid, Path)), responses((status = 200, body = DelegationView)),
    security(("bearer" = [])))]
#[delete("/v1/delegations/{id}")]
pub async fn revoke_delegation(caller: Caller<Delegate>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (number, hr) = (caller.employee.clone(), caller.has(Role::Hr));
    write
        .run(&caller, async |tx| {
            let delegation = rows::get(tx, *id).await?;
            rules::check_revoking(&delegation, number.as_deref(), hr)?;
            rows::revoke(tx, *id).await?;
            tx.audit(
                "delegations.revoked",
                &id.to_string(),
                json!({ "of": delegation.delegator, "to": delegation.delegate }),
            )
            .await?;
            let now = rows::get(tx, *id).await?;
            news::delegations_changed(tx, std::slice::from_ref(&now)).await?;
            Reply::ok(&DelegationView::from(now))
        })
        .await
}
