//! What companies live through, each in a file named after its policy.

mod by_series;
mod four_categories;
mod monthly_grades;
mod monthly_kpi;
mod quarterly_coefficients;
mod sales_monthly;
