use diesel::Queryable;
use events::{EmployeeNumber, UnitCode};

platform::stored_enum! {
    /// Whether somebody is appraised in a cycle.
    pub enum Standing {
        In = "in",
        Excluded = "excluded",
        Out = "out",
    }
}

impl From<events::Standing> for Standing {
    fn from(standing: events::Standing) -> Self {
        match standing {
            events::Standing::In => Self::In,
            events::Standing::Excluded => Self::Excluded,
            events::Standing::Out => Self::Out,
        }
    }
}

/// Somebody who is appraised in a cycle.
#[derive(Clone, Debug, Queryable)]
pub struct CyclePerson {
    pub number: EmployeeNumber,
    pub name: String,
    pub unit: Option<UnitCode>,
    /// Under the cycle's scheme.
    pub category: Option<String>,
}
