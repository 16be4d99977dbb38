use events::EmployeeNumber;
use std::collections::{HashMap, HashSet};

use platform::web::Errors;
use platform::{Problem, Result, Role, say};
use uuid::Uuid;

use super::account::{AccountChange, NewAccount};
use crate::exclusive::ExclusiveRoles;
use crate::passwords::{LONGEST, SHORTEST};
use crate::text::is_username;

/// What an account can be granted; the other roles follow from whose account it is.
pub const GRANTED: [Role; 6] =
    [Role::Hr, Role::Executive, Role::CommitteeMember, Role::Finance, Role::Auditor, Role::Admin];

pub const BATCH_AT_MOST: usize = 1000;

pub fn check_username(errors: &mut Errors, pointer: &str, username: &str) {
    if !is_username(username) {
        errors.add(
            pointer,
            say!(
                "用户名由 1 到 100 个字母、数字、`-`、`_`、`.`、`+` 或 `@` 组成",
                "a user name has 1 to 100 letters, digits, `-`, `_`, `.`, `+` or `@`"
            ),
        );
    }
}

pub fn check_password(errors: &mut Errors, pointer: &str, password: &str) {
    if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        errors.add(
            pointer,
            say!("密码须为 {SHORTEST} 到 {LONGEST} 个字符", "a password has {SHORTEST} to {LONGEST} characters"),
        );
    }
}

fn check_roles(errors: &mut Errors, pointer: &str, roles: &[Role], exclusive: &ExclusiveRoles) {
    for (index, role) in roles.iter().enumerate() {
        if !GRANTED.contains(role) {
            errors.add(format!("{pointer}/{index}"), say!("该角色不能授予", "this role cannot be granted"));
        }
    }
    for (one, other) in exclusive.among(roles) {
        let (one, other) = (one.name(), other.name());
        let detail = say!("角色 {one} 与 {other} 不能兼任", "nobody has the roles {one} and {other} together");
        errors.add(pointer, detail);
    }
}

/// Sorted, each once.
pub fn tidy(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort_unstable();
    roles.dedup();
    roles
}

pub fn check_one(account: &NewAccount, exclusive: &ExclusiveRoles) -> Errors {
    let mut errors = Errors::default();
    check_new(&mut errors, "", account, exclusive);
    errors
}

/// `at` is the pointer to the account within the request.
fn check_new(errors: &mut Errors, at: &str, account: &NewAccount, exclusive: &ExclusiveRoles) {
    check_username(errors, &format!("{at}/username"), &account.username);
    check_password(errors, &format!("{at}/password"), &account.password);
    check_roles(errors, &format!("{at}/roles"), &account.roles, exclusive);
}

pub fn check_batch(accounts: &[NewAccount], exclusive: &ExclusiveRoles) -> Errors {
    let mut errors = Errors::default();
    if accounts.is_empty() || accounts.len() > BATCH_AT_MOST {
        errors.add(
            "/accounts",
            say!("每批须有 1 到 {BATCH_AT_MOST} 个账号", "a batch has 1 to {BATCH_AT_MOST} accounts"),
        );
        return errors;
    }
    let (mut usernames, mut employees) = (HashMap::new(), HashMap::new());
    for (index, account) in accounts.iter().enumerate() {
        check_new(&mut errors, &format!("/accounts/{index}"), account, exclusive);
        if let Some(first) = usernames.insert(account.username.to_lowercase(), index) {
            errors.add(
                format!("/accounts/{index}/username"),
                say!("与 /accounts/{first} 的用户名相同", "the same user name is at /accounts/{first}"),
            );
        }
        if let Some(employee) = &account.employee
            && let Some(first) = employees.insert(employee, index)
        {
            errors.add(
                format!("/accounts/{index}/employee"),
                say!("与 /accounts/{first} 的员工相同", "the same employee is at /accounts/{first}"),
            );
        }
    }
    errors
}

pub fn check_change(change: &AccountChange, exclusive: &ExclusiveRoles) -> Errors {
    let mut errors = Errors::default();
    if change.roles.is_none() && change.disabled.is_none() && change.password.is_none() {
        errors.add("", say!("没有要修改的内容", "nothing is to be changed"));
    }
    check_roles(&mut errors, "/roles", change.roles.as_deref().unwrap_or_default(), exclusive);
    if let Some(password) = &change.password {
        check_password(&mut errors, "/password", password);
    }
    errors
}

pub fn check_not_own(caller: Uuid, account: Uuid) -> Result<()> {
    if caller == account {
        let detail = say!(
            "任何人不得变更自己的账号；修改密码请用 PUT /v1/me/password",
            "nobody decides about their own account; change your password with PUT /v1/me/password"
        );
        return Err(Problem::not_permitted(detail));
    }
    Ok(())
}

/// Checks a password that somebody chooses instead of another.
pub fn check_own_password(old: &str, new: &str) -> Errors {
    let mut errors = Errors::default();
    check_password(&mut errors, "/new_password", new);
    if new == old {
        errors.add("/new_password", say!("新密码不能与旧密码相同", "the new password is the old one"));
    }
    errors
}

/// What is stored under the names and employees of new accounts.
pub struct Stored {
    /// User names that are taken, in lower case.
    pub usernames: HashSet<String>,
    /// Employees who have an account.
    pub with_account: HashSet<EmployeeNumber>,
    /// Employees there are.
    pub employees: HashSet<EmployeeNumber>,
    /// Employees whose number is one of the user names, whatever the case.
    pub called_alike: Vec<EmployeeNumber>,
}

impl Stored {
    /// Somebody else than the account's employee whose number is its user name.
    fn is_anothers(&self, account: &NewAccount) -> bool {
        let username = account.username.to_lowercase();
        let called = |number: &&EmployeeNumber| number.to_lowercase() == username;
        self.called_alike.iter().find(called).is_some_and(|number| account.employee.as_deref() != Some(number.as_str()))
    }
}

/// `at` is the pointer to each account within the request.
pub fn check_stored(accounts: &[NewAccount], stored: &Stored, at: impl Fn(usize) -> String) -> Errors {
    let mut errors = Errors::default();
    for (index, account) in accounts.iter().enumerate() {
        if stored.is_anothers(account) {
            let detail = say!(
                "这是某员工的工号，只能用于其本人的账号",
                "this is an employee's number: only their own account has it"
            );
            errors.add(format!("{}/username", at(index)), detail);
        }
        if stored.usernames.contains(account.username.to_lowercase().as_str()) {
            errors.add(format!("{}/username", at(index)), say!("该用户名已被使用", "this user name is taken"));
        }
        let Some(employee) = &account.employee else { continue };
        if !stored.employees.contains(employee.as_str()) {
            errors.add(format!("{}/employee", at(index)), say!("没有该员工", "there is no such employee"));
        } else if stored.with_account.contains(employee.as_str()) {
            errors.add(format!("{}/employee", at(index)), say!("该员工已有账号", "this employee has an account"));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(username: &str) -> NewAccount {
        NewAccount {
            username: username.to_owned(),
            password: "long enough to do".to_owned(),
            employee: None,
            roles: Vec::new(),
        }
    }

    #[test]
    fn derived_roles_cannot_be_granted() {
        let mut errors = Errors::default();
        let new = NewAccount { roles: vec![Role::Hr, Role::Manager], ..account("li") };
        check_new(&mut errors, "", &new, &ExclusiveRoles::default());
        assert_eq!(errors.check().unwrap_err().errors[0].pointer, "/roles/1");
    }

    #[test]
    fn passwords_have_twelve_characters_at_least() {
        let mut errors = Errors::default();
        check_password(&mut errors, "/password", "elevenchars");
        assert!(!errors.is_empty());
        let mut errors = Errors::default();
        check_password(&mut errors, "/password", "十二个汉字也是一个好密码");
        assert!(errors.is_empty());
    }

    #[test]
    fn a_batch_names_nobody_twice() {
        let exclusive = ExclusiveRoles::default();
        let batch = [account("li"), account("wang"), account("LI")];
        let errors = check_batch(&batch, &exclusive).check().unwrap_err().errors;
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].pointer, "/accounts/2/username");
        assert!(!check_batch(&[], &exclusive).is_empty());
    }
}
