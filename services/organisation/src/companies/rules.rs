use platform::say;
use platform::web::Errors;

use super::company::NewCompany;
use crate::accounts::rules::{check_password, check_username};
use crate::text::{check_name, is_code};

pub fn check(company: &NewCompany) -> Errors {
    let mut errors = Errors::default();
    if !is_code(&company.code) {
        errors.add(
            "/code",
            say!(
                "代码由 1 到 64 个字母、数字、`-`、`_` 或 `.` 组成",
                "a code has 1 to 64 letters, digits, `-`, `_` or `.`"
            ),
        );
    }
    check_name(&mut errors, "/name", &company.name);
    if company.currency.len() != 3 || !company.currency.bytes().all(|b| b.is_ascii_uppercase()) {
        errors.add(
            "/currency",
            say!("货币为三个大写字母（ISO 4217）", "a currency has three capital letters, as in ISO 4217"),
        );
    }
    check_username(&mut errors, "/admin/username", &company.admin.username);
    check_password(&mut errors, "/admin/password", &company.admin.password);
    errors
}
