//! `make bench`: one JSON line a figure, each beside its baseline, measured in the same run.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run stops")]

mod engine;
mod figure;
mod memory;
mod month;
mod policies;
mod read;
mod rest;

use figure::Figure;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    if is_wanted("engine") {
        engine::measure();
    }
    if is_wanted("policies") {
        policies::measure();
    }
    if is_wanted("month") {
        for (units, people_per_unit) in [(100, 100), (200, 500)] {
            actix_web::rt::System::new().block_on(month::measure(tests::month::Size { units, people_per_unit }));
        }
    }
    if is_wanted("read") {
        actix_web::rt::System::new().block_on(read::measure());
    }
    if is_wanted("rest") {
        actix_web::rt::System::new().block_on(rest::measure());
    }
    if is_wanted("memory") {
        memory::measure();
    }
    Figure::new("done").print();
}
