use jiff::Timestamp;
use platform::Role;
use platform::auth::{AUDIENCE, Claims, ISSUER};

use super::sign_in::{Attempts, Standing, Subject};

/// Seconds a token is good for.
pub const LIFETIME: i64 = 900;

/// Seconds that a name has to wait at an address after too many wrong passwords.
pub const LOCKED_FOR: i64 = 15 * 60;

/// So many times as many wrong passwords as one address is allowed make strangers of a name wait, wherever they are:
/// somebody guesses from many addresses.
pub const ADDRESSES: i64 = 10;

/// Seconds that somebody has to wait who knocks under a name.
pub fn wait(attempts: &Attempts, allowed: u16, now: Timestamp) -> Option<u64> {
    if allowed == 0 {
        return None;
    }
    let seconds = |until: Timestamp| u64::try_from(until.as_second() - now.as_second()).unwrap_or(0).max(1);
    if let Some(until) = attempts.locked_until().filter(|until| *until > now) {
        return Some(seconds(until));
    }
    let guessed = !attempts.known && attempts.failures >= i64::from(allowed) * ADDRESSES;
    guessed.then_some(60)
}

/// Granted roles and those that follow, sorted.
pub fn roles(granted: Vec<Role>, is_person: bool, standing: Standing) -> Vec<Role> {
    let derived = [
        (Role::Employee, is_person),
        (Role::Manager, standing.has_reports),
        (Role::UnitHead, standing.heads_unit),
        (Role::CommitteeMember, standing.sits_in_body),
    ];
    let derived = derived.into_iter().filter(|(_, holds)| *holds).map(|(role, _)| role);
    crate::accounts::rules::tidy(granted.into_iter().chain(derived).collect())
}

pub fn claims(subject: Subject, now: Timestamp) -> Claims {
    let iat = now.as_second();
    Claims {
        sub: subject.id,
        company: subject.company,
        employee: subject.employee,
        name: subject.name,
        roles: subject.roles,
        scopes: subject.scopes,
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        iat,
        exp: iat + LIFETIME,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn roles_follow_from_the_place_in_the_company() {
        let standing = Standing { has_reports: true, heads_unit: true, sits_in_body: false };
        assert_eq!(roles(vec![Role::Hr], true, standing), [Role::Employee, Role::Manager, Role::UnitHead, Role::Hr]);
        let standing = Standing { sits_in_body: true, ..Standing::default() };
        assert_eq!(roles(Vec::new(), true, standing), [Role::Employee, Role::CommitteeMember]);
        assert_eq!(roles(vec![Role::Admin], false, Standing::default()), [Role::Admin]);
    }

    #[test]
    fn a_token_lasts_fifteen_minutes() {
        let subject = Subject {
            id: Uuid::nil(),
            company: Uuid::nil(),
            employee: None,
            name: "payroll".to_owned(),
            roles: vec![Role::Machine],
            scopes: vec!["payroll.read".to_owned()],
        };
        let claims = claims(subject, Timestamp::UNIX_EPOCH);
        assert_eq!((claims.iat, claims.exp), (0, 900));
    }
}
