use domain::Kind;
use domain::scheme::placing::Condition;
use domain::scheme::{Coded, Scheme};
use platform::web::Errors;
use platform::{Result, say};

use super::placement::{Placement, Placements};
use crate::schemes::rules::fact_names;

const MOST: usize = 200;
const LONGEST: usize = 2000;

/// Refuses rules that the scheme does not understand.
pub fn check(placements: &Placements, scheme: &Scheme) -> Result<()> {
    let mut errors = Errors::default();
    check_all("/people", &placements.people, scheme, Kind::People, scheme.people_categories(), &mut errors);
    check_all("/units", &placements.units, scheme, Kind::Units, scheme.unit_categories(), &mut errors);
    errors.check()
}

fn check_all(
    pointer: &str,
    placements: &[Placement],
    scheme: &Scheme,
    kind: Kind,
    categories: &[Coded],
    errors: &mut Errors,
) {
    if placements.len() > MOST {
        errors.add(pointer, say!("最多 {MOST} 条规则", "at most {MOST} rules"));
        return;
    }
    let facts = fact_names(scheme, kind);
    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
    for (at, placement) in placements.iter().enumerate() {
        if let Some(category) = &placement.category
            && !categories.iter().any(|known| known.code == *category)
        {
            errors.add(
                format!("{pointer}/{at}/category"),
                say!("方案没有类别 {category}", "the scheme has no category {category}"),
            );
        }
        let pointer = format!("{pointer}/{at}/rule");
        if placement.rule.chars().count() > LONGEST {
            errors.add(pointer, say!("最多 {LONGEST} 个字符", "at most {LONGEST} characters"));
        } else if let Err(why) = Condition::read(&placement.rule, &facts) {
            errors.add(pointer, why);
        }
    }
}
