use std::collections::BTreeMap;
use std::str::FromStr;

use platform::text::is_title;
use platform::web::Errors;
use platform::{Problem, Result, say};

/// Where a cycle stands as far as planning knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being planned.
    Open,
    /// Handed over to scoring; nothing about it changes here any more.
    Released,
    Published,
}

impl State {
    pub fn must_be_open(self) -> Result<()> {
        match self {
            Self::Open => Ok(()),
            Self::Released => {
                Err(Problem::wrong_state(say!("考核周期已下发评分", "the cycle has been released for scoring")))
            }
            Self::Published => {
                Err(Problem::wrong_state(say!("考核结果已发布", "the cycle's results have been published")))
            }
        }
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "released" => Ok(Self::Released),
            "published" => Ok(Self::Published),
            other => Err(format!("unknown state of a cycle: {other}")),
        }
    }
}

const LONGEST_FACT: usize = 200;

/// Facts of the company: the names the scheme declares, short texts.
pub fn check_company_facts(facts: &BTreeMap<String, String>, declared: &[String]) -> Result<()> {
    let mut errors = Errors::default();
    for (name, value) in facts {
        let pointer = format!("/company_facts/{}", name.replace('~', "~0").replace('/', "~1"));
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
    fn only_an_open_cycle_can_be_planned() {
        assert!(State::Open.must_be_open().is_ok());
        assert!(State::Released.must_be_open().is_err());
        assert!(State::Published.must_be_open().is_err());
    }

    #[test]
    fn unknown_and_empty_facts_are_all_named() {
        let facts = BTreeMap::from([("a/b".to_owned(), "1".to_owned()), ("rate".to_owned(), String::new())]);
        let problem = check_company_facts(&facts, &["rate".to_owned()]).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/company_facts/a~1b", "/company_facts/rate"]);
    }
}
