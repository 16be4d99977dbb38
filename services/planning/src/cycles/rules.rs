use basics::pointer::below;
use std::collections::BTreeMap;

use platform::text::is_title;
use platform::web::Errors;
use platform::{Result, say};

const LONGEST_FACT: usize = 200;

/// Facts of the company: the names the scheme declares, short texts.
pub fn check_company_facts(facts: &BTreeMap<String, String>, declared: &[String]) -> Result<()> {
    let mut errors = Errors::default();
    for (name, value) in facts {
        let pointer = below("/company_facts", name);
        if !declared.contains(name) {
            errors.add(pointer, say!("方案没有该项公司事实数据", "the scheme knows no such fact of the company"));
        } else if !is_title(value, LONGEST_FACT) {
            errors.add(
                pointer,
                say!(
                    "事实数据须为单行，1 到 {LONGEST_FACT} 个字符",
                    "a fact is one line of 1 to {LONGEST_FACT} characters"
                ),
            );
        }
    }
    errors.check()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_empty_facts_are_all_named() {
        let facts = BTreeMap::from([("a/b".to_owned(), "1".to_owned()), ("rate".to_owned(), String::new())]);
        let problem = check_company_facts(&facts, &["rate".to_owned()]).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/company_facts/a~1b", "/company_facts/rate"]);
    }
}
