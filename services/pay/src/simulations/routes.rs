use actix_web::{HttpResponse, post};
use events::Values;
use platform::aside::aside;
use platform::language::Asked;
use platform::web::read;
use platform::{Caller, JsonBody, Locale, Platform, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules;
use crate::permissions::SimulatePay;
use crate::profiles;
use crate::statements::reckoning::{self, Basis, CURRENCY, Detail, Reckoning};

/// How many people one audit entry names.
const RECORDED_AT_ONCE: usize = 500;

pub fn register(config: &mut ServiceConfig) {
    config.service(simulate_pay);
}

/// People's figures under a policy, as scoring computed them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaySimulation {
    /// The scheme's TOML text, whole.
    pub scheme: String,
    pub cadence: String,
    /// Such as `2026-10`; the pay profiles in force on its last day count.
    pub period: String,
    /// Overrides of the scheme's parameters, as in a case.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub parameters: Value,
    /// Figures of the company that pay stands on, by name.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub company_carried: Values,
    /// Where people share a sum, all who share it.
    pub units: Vec<SimulatedUnit>,
}

/// A unit with its people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedUnit {
    pub code: String,
    pub category: Option<String>,
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub carried: Values,
    pub people: Vec<SimulatedPerson>,
}

/// Somebody who is appraised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPerson {
    /// Employee number.
    pub number: String,
    pub category: Option<String>,
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub carried: Values,
}

/// What a policy would pay.
#[derive(Serialize, ToSchema)]
struct PaySimulation {
    /// ISO 4217.
    currency: String,
    people: Vec<SimulatedPay>,
    /// Whose pay cannot be reckoned.
    lacking: Vec<LackingPerson>,
    /// Codes of what the scheme warns of.
    warnings: Vec<String>,
}

/// What one person would be paid.
#[derive(Serialize, ToSchema)]
struct SimulatedPay {
    /// Employee number.
    number: String,
    /// Money by component, with two decimals.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    components: Values,
}

/// Somebody whose pay cannot be reckoned.
#[derive(Serialize, ToSchema)]
struct LackingPerson {
    /// Employee number.
    number: String,
    /// Pay inputs that the profile lacks.
    missing: Vec<String>,
    /// Why it cannot be reckoned, where that is not a missing input; in the caller's language.
    problem: Option<String>,
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
    let day = policy.scheme.last_day(&policy.period);
    let profiles = read(&platform, &caller, async |tx| {
        let numbers = rules::numbers(&published);
        let units: Vec<&str> = published.units.iter().map(|unit| unit.unit.code.as_str()).collect();
        for chunk in numbers.chunks(RECORDED_AT_ONCE) {
            let about = json!({ "period": policy.period, "units": units, "numbers": chunk });
            tx.audit("pay_profiles.simulated", policy.scheme.code(), about).await?;
        }
        profiles::rows::inputs_on(tx, &numbers, day).await
    })
    .await?;
    let reckoning = aside(move |wanted| {
        let basis = Basis::new(&policy, published, &profiles);
        reckoning::reckon_while(&policy, basis, Detail::Amounts, wanted)
    });
    Ok(HttpResponse::Ok().json(told(reckoning.await?, locale)))
}

fn told(reckoning: Reckoning, locale: Locale) -> PaySimulation {
    let people = reckoning.reckoned.into_iter().map(|reckoned| SimulatedPay {
        number: reckoned.result.number,
        components: reckoned.figures.map(|figures| figures.components).unwrap_or_default(),
    });
    let lacking = reckoning.withheld.into_iter().map(|withheld| LackingPerson {
        number: withheld.held.result.number,
        missing: withheld.reason.missing,
        problem: withheld.reason.problem.map(|problem| problem.get(locale).to_owned()),
    });
    PaySimulation {
        currency: CURRENCY.to_owned(),
        people: people.collect(),
        lacking: lacking.collect(),
        warnings: reckoning.warnings,
    }
}
