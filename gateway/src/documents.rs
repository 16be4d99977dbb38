//! The services' OpenAPI documents: what the routes are made of, and what `/openapi` serves.

use std::collections::BTreeMap;

/// OpenAPI documents as JSON text, by service.
pub type Documents = BTreeMap<String, String>;

/// The documents committed in the repository.
pub fn committed() -> Documents {
    [
        ("organisation", include_str!("../../docs/openapi/organisation.json")),
        ("planning", include_str!("../../docs/openapi/planning.json")),
        ("scoring", include_str!("../../docs/openapi/scoring.json")),
        ("pay", include_str!("../../docs/openapi/pay.json")),
        ("appeals", include_str!("../../docs/openapi/appeals.json")),
        ("notification", include_str!("../../docs/openapi/notification.json")),
    ]
    .into_iter()
    .map(|(service, text)| (service.to_owned(), text.to_owned()))
    .collect()
}
