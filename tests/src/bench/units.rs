//! A year of college-departments: units are ranked by class, and their heads get what the tier brings.

use std::time::Instant;

use serde_json::{Value, json};
use tests::system::System;

use crate::baseline::copy;
use crate::company::{Company, person, unit};
use crate::figure::{Figure, milliseconds, timed};

/// Units that are appraised unless a size is given.
pub const UNITS: usize = 5_000;

/// The category that shares a fund, where offices keep their own.
const COLLEGE: &str = "college";

/// So many units from opening to publication, beside COPY of the results of them and their heads.
pub async fn measure(units: usize) {
    let system = System::start().await;
    let all: Vec<Unit> = (0..units).map(Unit).collect();
    let rows = all.iter().map(|one| unit(&one.code(), one.category())).collect();
    let heads = all.iter().map(|one| person(&one.head(), &one.code(), "", "G001")).collect();
    let mut company = Company::found(&system, "college-departments", rows, heads).await;
    let subjects = all.iter().flat_map(|one| [format!("unit:{}", one.code()), format!("person:{}", one.head())]);
    let subjects: Vec<String> = subjects.collect();

    let began = Instant::now();
    company.open(&system, "2026", &subjects).await;
    let opened = began.elapsed();
    company.enter_facts(&all.iter().flat_map(Unit::facts).collect::<Vec<_>>()).await;
    company.record(&all.iter().map(Unit::adjustment).collect::<Vec<_>>()).await;
    company.rate("working_group", &all.iter().flat_map(Unit::ratings).collect::<Vec<_>>()).await;
    let entered = began.elapsed();
    let ((), closed) = timed(company.close()).await;
    company.approve().await;
    company.publish().await;
    let published = began.elapsed();

    let results = usize::try_from(system.count("scoring", "select from results").await).expect("a count");
    assert_eq!(results, subjects.len());
    let copied = copy(&system, "scoring", &["results"]).await;
    Figure::new("units.close")
        .with("scheme", "college-departments")
        .rate(units, closed)
        .beside("COPY of results", results, copied, closed)
        .print();
    Figure::new("units")
        .with("scheme", "college-departments")
        .rate(units, published)
        .with("opened_milliseconds", milliseconds(opened))
        .with("entered_milliseconds", milliseconds(entered - opened))
        .beside("COPY of results", results, copied, published)
        .print();
    system.stop().await;
}

/// A unit by its number.
struct Unit(usize);

impl Unit {
    fn code(&self) -> String {
        format!("U{:05}", self.0)
    }

    fn head(&self) -> String {
        format!("M{:05}", self.0)
    }

    fn category(&self) -> &'static str {
        ["office_1", "office_2", COLLEGE][self.0 % 3]
    }

    /// Lines of a file.
    fn facts(&self) -> Vec<String> {
        let money = if self.category() == COLLEGE { "allocation" } else { "retained" };
        let (unit, headcount, money_of) = (self.code(), 10 + self.0 % 90, 10_000 + self.0);
        vec![format!("unit:{unit},fact.headcount,{headcount}"), format!("unit:{unit},fact.{money},{money_of}")]
    }

    fn adjustment(&self) -> Value {
        let points = (self.0 % 7).to_string();
        json!({ "subject": format!("unit:{}", self.code()), "list": "adjustments",
            "cells": { "points": points, "reason": "as noted" } })
    }

    /// Units differ by what they are given for their plan of work.
    fn ratings(&self) -> Vec<Value> {
        let items: &[(&str, usize)] = match self.category() {
            COLLEGE => &[("leader_goals", 28), ("work_plan", 40 + self.0 % 31)],
            _ => &[("leader_goals", 28), ("work_plan", 30 + self.0 % 21), ("duties", 18)],
        };
        let subject = format!("unit:{}", self.code());
        let rating = |(item, value): &(&str, usize)| json!({ "subject": subject, "item": item, "input": "group", "value": value.to_string() });
        items.iter().map(rating).collect()
    }
}
