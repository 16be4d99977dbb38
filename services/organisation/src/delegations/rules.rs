use jiff::ToSpan;
use jiff::civil::Date;
use platform::web::Errors;
use platform::{Problem, Result, say};

use super::delegation::{Delegation, NewDelegation};

/// Whom a delegation is of: the caller, or whomever HR names. Nobody gives themselves what is somebody else's.
pub fn delegator(new: &NewDelegation, caller: Option<&str>, hr: bool) -> Result<String> {
    let of = new.of.as_deref().or(caller).map(str::to_owned);
    let Some(of) = of else {
        return Err(Problem::field("/of", say!("请注明委托人", "say who is stood in for")));
    };
    let own = caller == Some(of.as_str());
    if !own && !hr {
        return Err(Problem::not_permitted(say!("只能委托自己的工作", "one delegates what is one's own")));
    }
    if !own && caller == Some(new.to.as_str()) {
        return Err(Problem::not_permitted(say!("不能委托给自己", "nobody delegates to themselves")));
    }
    Ok(of)
}

/// Days in order, from today on, of a year at most, and a reason.
pub fn check(new: &NewDelegation, of: &str, today: Date) -> Result<()> {
    let mut errors = Errors::default();
    errors.check_text("/reason", &new.reason);
    let from = new.from_on.unwrap_or(today);
    if new.to == of {
        errors.add("/to", say!("不能委托给自己", "nobody delegates to themselves"));
    }
    if from < today {
        errors.add("/from_on", say!("不能早于今天", "it begins today at the earliest"));
    }
    if new.until_on < from {
        errors.add("/until_on", say!("早于第一天", "this is before the first day"));
    } else if from.checked_add(1.year()).is_ok_and(|most| new.until_on > most) {
        errors.add("/until_on", say!("最长一年", "a year at most"));
    }
    errors.check()
}

/// Whoever gave it may take it back, and HR; once.
pub fn check_revoking(delegation: &Delegation, caller: Option<&str>, hr: bool) -> Result<()> {
    if !hr && caller != Some(&*delegation.delegator) {
        return Err(Problem::not_permitted(say!(
            "只能由委托人或人力资源部撤销",
            "whoever gave it takes it back, or HR"
        )));
    }
    if delegation.revoked_at.is_some() {
        return Err(Problem::wrong_state(say!("该委托已撤销", "it was taken back already")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::delegations::delegation::Purpose;

    fn new(of: Option<&str>, to: &str) -> NewDelegation {
        NewDelegation {
            of: of.map(str::to_owned),
            to: to.to_owned(),
            purpose: Purpose::All,
            from_on: None,
            until_on: date(2026, 10, 31),
            reason: "away".to_owned(),
        }
    }

    #[test]
    fn given_a_caller_then_they_delegate_what_is_theirs_and_hr_what_is_somebodys_but_not_to_themselves() {
        assert_eq!(delegator(&new(None, "E2"), Some("E1"), false).ok().as_deref(), Some("E1"));
        assert!(delegator(&new(Some("E3"), "E2"), Some("E1"), false).is_err());
        assert_eq!(delegator(&new(Some("E3"), "E2"), Some("H1"), true).ok().as_deref(), Some("E3"));
        assert!(delegator(&new(Some("E3"), "H1"), Some("H1"), true).is_err());
        assert!(delegator(&new(None, "E2"), None, true).is_err());
    }

    #[test]
    fn given_days_then_they_are_in_order_from_today_on_and_a_year_at_most() {
        let today = date(2026, 10, 1);
        let pointers = |new: NewDelegation| match check(&new, "E1", today) {
            Ok(()) => Vec::new(),
            Err(problem) => problem.errors.into_iter().map(|error| error.pointer).collect(),
        };
        assert!(pointers(new(None, "E2")).is_empty());
        assert_eq!(pointers(new(None, "E1")), ["/to"]);
        assert_eq!(pointers(NewDelegation { from_on: Some(date(2026, 9, 30)), ..new(None, "E2") }), ["/from_on"]);
        assert_eq!(pointers(NewDelegation { until_on: date(2026, 9, 30), ..new(None, "E2") }), ["/until_on"]);
        assert_eq!(pointers(NewDelegation { until_on: date(2027, 10, 2), ..new(None, "E2") }), ["/until_on"]);
    }
}
