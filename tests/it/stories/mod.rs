//! What companies live through, each in a file named after its policy.

mod four_categories;
mod monthly_kpi;
mod quarterly_coefficients;
