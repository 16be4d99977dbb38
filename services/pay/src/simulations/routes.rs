use std::collections::HashMap;

use actix_web::{HttpResponse, post};
use events::{EmployeeNumber, Values};
use platform::aside::aside;
use platform::language::Asked;
use platform::web::read;
use platform::{Caller, JsonBody, Platform, Result, Tx};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules;
use super::simulation::{NewPaySimulation, PaySimulation};
use crate::permissions::SimulatePay;
use crate::profiles;
use crate::statements::reckoning::{self, Basis, Detail, Policy, Published};

/// How many people one audit entry names.
const RECORDED_AT_ONCE: usize = 500;

pub fn register(config: &mut ServiceConfig) {
    config.service(simulate_pay);
}

/// Reckons what a policy would pay
///
/// Scoring asks this for its simulations. Nothing is written; that profiles were read is recorded.
#[utoipa::path(
    tag = "simulations",
    request_body = NewPaySimulation,
    extensions(("x-not-remembered" = json!(true))), security(("bearer" = [])),
    responses(
        (status = 200, body = PaySimulation),
    )
)]
#[post("/v1/pay-simulations")]
async fn simulate_pay(
    caller: Caller<SimulatePay>,
    platform: Platform,
    Asked(locale): Asked,
    body: JsonBody<NewPaySimulation>,
) -> Result<HttpResponse> {
    let (policy, published) = aside(move |_| rules::read(body.0)).await?;
    let profiles = read(&platform, &caller, async |tx| inputs_of_all(tx, &policy, &published).await).await?;
    let reckoning = aside(move |wanted| {
        let basis = Basis::new(&policy, published, &profiles, &HashMap::new());
        reckoning::reckon_while(&policy, basis, Detail::Amounts, wanted)
    })
    .await?;
    Ok(HttpResponse::Ok().json(PaySimulation::new(reckoning, locale)))
}

/// The pay inputs of everybody, by number; that they were looked at is recorded.
async fn inputs_of_all(tx: &mut Tx, policy: &Policy, published: &Published) -> Result<HashMap<EmployeeNumber, Values>> {
    let numbers = rules::numbers(published);
    let units: Vec<&str> = published.units.iter().map(|unit| unit.unit.code.as_str()).collect();
    for chunk in numbers.chunks(RECORDED_AT_ONCE) {
        let about = json!({ "period": policy.period, "units": units, "numbers": chunk });
        tx.audit("pay_profiles.simulated", policy.scheme.code(), about).await?;
    }
    profiles::rows::inputs_on(tx, &numbers, policy.scheme.last_day(&policy.period)).await
}
