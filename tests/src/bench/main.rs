//! `make bench`: one JSON line a figure, each beside its baseline, measured in the same run. `ARGS` names those that are
//! wanted, with a size where it is to be another than usual: `ARGS="engine units=50"`.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run stops")]

mod baseline;
mod company;
mod engine;
mod facts;
mod figure;
mod memory;
mod month;
mod policies;
mod read;
mod rest;
mod steps;
mod units;

use std::collections::BTreeMap;

use figure::Figure;
use tests::month::Size;

/// The benchmarks that are wanted, some with a size of their own; all of them where none is named.
struct Wanted(BTreeMap<String, Option<usize>>);

impl Wanted {
    fn of(words: impl Iterator<Item = String>) -> Self {
        let wanted = words.map(|word| match word.split_once('=') {
            Some((name, size)) => (name.to_owned(), Some(size.parse().expect("a size is a number"))),
            None => (word, None),
        });
        Self(wanted.collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.contains_key(name)
    }

    fn size(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied().flatten()
    }
}

fn main() {
    let wanted = Wanted::of(std::env::args().skip(1));
    if wanted.has("engine") {
        engine::measure();
    }
    if wanted.has("policies") {
        policies::measure();
    }
    if wanted.has("month") {
        let usual = vec![Size { units: 100, people_per_unit: 100 }, Size { units: 200, people_per_unit: 500 }];
        let sizes = wanted.size("month").map(|people| vec![Size { units: people.div_ceil(100), people_per_unit: 100 }]);
        for size in sizes.unwrap_or(usual) {
            run(month::measure(size));
        }
    }
    if wanted.has("facts") {
        run(facts::measure(wanted.size("facts").unwrap_or(facts::VALUES)));
    }
    if wanted.has("units") {
        run(units::measure(wanted.size("units").unwrap_or(units::UNITS)));
    }
    if wanted.has("steps") {
        run(steps::measure(wanted.size("steps").unwrap_or(steps::PEOPLE)));
    }
    if wanted.has("read") {
        run(read::measure());
    }
    if wanted.has("rest") {
        run(rest::measure());
    }
    if wanted.has("memory") {
        memory::measure();
    }
    Figure::new("done").print();
}

fn run(measuring: impl Future<Output = ()>) {
    actix_web::rt::System::new().block_on(measuring);
}
