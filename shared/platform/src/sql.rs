//! Column types that diesel and jiff share. Rows hold these; `.to_jiff()` and [`ToDiesel`] go between.

pub use jiff_diesel::{Date, NullableDate, NullableTimestamp, Timestamp, ToDiesel};
