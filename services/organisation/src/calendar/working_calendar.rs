use events::WorkingCalendarChanged;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The company's working days, where they differ from Monday to Friday.
#[derive(Serialize, ToSchema)]
pub struct WorkingCalendarView {
    /// Weekdays on which nobody works.
    pub non_working_days: Vec<Date>,
    /// Weekend days that are worked in lieu.
    pub working_days: Vec<Date>,
    /// The `ETag`; 0 until it is first written.
    pub version: i64,
}

impl From<WorkingCalendarChanged> for WorkingCalendarView {
    fn from(calendar: WorkingCalendarChanged) -> Self {
        Self {
            non_working_days: calendar.non_working_days,
            working_days: calendar.working_days,
            version: calendar.version,
        }
    }
}

/// All exceptions from Monday to Friday.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkingCalendarChange {
    /// Weekdays on which nobody works.
    pub non_working_days: Vec<Date>,
    /// Weekend days that are worked in lieu.
    pub working_days: Vec<Date>,
}
