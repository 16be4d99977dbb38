use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule about who people or units are in the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The category that it puts them in; null: whether they take part at all.
    #[serde(default)]
    #[schema(example = "staff")]
    pub category: Option<String>,
    /// A condition over `position`, `unit`, `unit_category`, `category` (the organisation's), `hired_on`, `is_head`,
    /// `has_reports`, `dotted` and `fact.NAME`.
    #[schema(example = "position in ['engineer', 'technician']")]
    pub rule: String,
}

/// The company's rules beside a scheme, in their order: the first that holds counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "people": [
        { "category": null, "rule": "unit_category == 'department'" },
        { "category": "lead", "rule": "is_head" }
    ],
    "units": []
}))]
pub struct Placements {
    /// At most 200.
    #[serde(default)]
    pub people: Vec<Placement>,
    /// At most 200.
    #[serde(default)]
    pub units: Vec<Placement>,
}
