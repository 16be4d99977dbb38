//! What must fit together in a scheme besides its formulas: codes, names, dates, weights.

use std::collections::BTreeSet;

use super::calendar::{DatePhrase, Term};
use super::compile::Problem;
use super::source::{Coded, ParameterDefault, SheetSource, Source, SubjectSource};
use crate::value::Kind;

pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    let mut told = Vec::new();
    if source.cadences.is_empty() {
        told.push("a scheme has at least one cadence".to_owned());
    }
    dates(source, &mut told);
    once("grade", source.grades.iter().map(|grade| grade.code.as_str()), &mut told);
    once("outcome", source.outcomes.iter().map(|outcome| outcome.code.as_str()), &mut told);
    once("cadence", source.cadences.iter().map(|cadence| cadence.code.as_str()), &mut told);
    let parameters = source.parameters.iter().chain(&source.tables);
    once("parameter", parameters.map(|parameter| parameter.name.as_str()), &mut told);
    for kind in Kind::ALL {
        if let Some(subject) = source.subject(kind) {
            subject_names(source, subject, &mut told);
        }
    }
    for sheet in &source.sheets {
        check_sheet(source, sheet, &mut told);
    }
    for stage in &source.stages {
        known_cadences(source, &stage.code, &stage.cadences, &mut told);
    }
    problems.extend(told.into_iter().map(|message| Problem { at: None, message }));
}

fn dates(source: &Source, told: &mut Vec<String>) {
    for stage in &source.stages {
        for phrase in stage.opens.iter().chain(&stage.due).filter(|phrase| DatePhrase::parse(phrase).is_none()) {
            told.push(format!("stage {}: {phrase:?} is no date relative to the period", stage.code));
        }
    }
    let terms = source.appeal.iter().flat_map(|appeal| appeal.file_within.iter().chain([&appeal.answer_within]));
    for term in terms.filter(|term| Term::parse(term).is_none()) {
        told.push(format!("appeal: {term:?} is no number of days or working days"));
    }
}

fn once<'s>(what: &str, names: impl Iterator<Item = &'s str>, told: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            told.push(format!("{what} {name} is declared twice"));
        }
    }
}

fn subject_names(source: &Source, subject: &SubjectSource, told: &mut Vec<String>) {
    once("category", subject.categories.iter().map(|category| category.code.as_str()), told);
    once("fact", subject.facts.iter().map(|fact| fact.name.as_str()), told);
    once("pay input", subject.pay.iter().map(|pay| pay.name.as_str()), told);
    once("list", subject.lists.iter().map(|list| list.key.as_str()), told);
    let figures = subject.figures.iter().map(|figure| (figure.name.as_str(), &figure.categories, &figure.cadences));
    let facts =
        subject.facts.iter().chain(&subject.pay).map(|fact| (fact.name.as_str(), &fact.categories, &fact.cadences));
    let rules = subject.rules.iter().map(|rule| (rule.when.text.as_str(), &rule.categories, &rule.cadences));
    let checks = subject.checks.iter().map(|check| ("a check", &check.categories, &check.cadences));
    let exclusions = subject.exclusions.iter().map(|one| (one.code.as_str(), &one.categories, &one.cadences));
    for (name, categories, cadences) in figures.chain(facts).chain(rules).chain(checks).chain(exclusions) {
        known_cadences(source, name, cadences, told);
        known_categories(&subject.categories, name, categories, told);
    }
}

fn known_cadences(source: &Source, name: &str, cadences: &[String], told: &mut Vec<String>) {
    for unknown in cadences.iter().filter(|code| !source.cadences.iter().any(|cadence| cadence.code == **code)) {
        told.push(format!("{name}: there is no cadence {unknown}"));
    }
}

fn known_categories(declared: &[Coded], name: &str, categories: &[String], told: &mut Vec<String>) {
    for unknown in categories.iter().filter(|code| !declared.iter().any(|category| category.code == **code)) {
        told.push(format!("{name}: there is no category {unknown}"));
    }
}

fn check_sheet(source: &Source, sheet: &SheetSource, told: &mut Vec<String>) {
    let name = format!("the sheet for {:?}", sheet.categories);
    known_cadences(source, &name, &sheet.cadences, told);
    let declared = source.subject(sheet.on).map_or(&[][..], |subject| &subject.categories);
    known_categories(declared, &name, &sheet.categories, told);
    once("item", sheet.items.iter().map(|item| item.code.as_str()), told);
    once("rater", sheet.raters.iter().map(|rater| rater.name.as_str()), told);
    for item in &sheet.items {
        let unknown = item.section.as_ref().filter(|section| !sheet.sections.iter().any(|one| one.code == **section));
        if let Some(section) = unknown {
            told.push(format!("item {}: there is no section {section}", item.code));
        }
    }
    let weights = source.parameters.iter().find(|parameter| Some(&parameter.name) == sheet.weights.as_ref());
    for item in &sheet.items {
        let weighed = weights.is_none_or(|weights| match &weights.default {
            Some(ParameterDefault::Table(table)) => table.contains_key(&item.code),
            Some(ParameterDefault::ByCategory(tables)) => {
                let ours = tables
                    .iter()
                    .filter(|(category, _)| sheet.categories.is_empty() || sheet.categories.contains(category));
                ours.into_iter().all(|(_, table)| table.contains_key(&item.code))
            }
            Some(ParameterDefault::Number(_)) | None => false,
        });
        if !weighed {
            told.push(format!(
                "item {}: {} does not weigh it",
                item.code,
                sheet.weights.as_deref().unwrap_or("nothing")
            ));
        }
    }
}
