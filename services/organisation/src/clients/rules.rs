use platform::say;
use platform::text::hexadecimal;
use platform::web::Errors;
use sha2::{Digest, Sha256};

use super::client::NewClient;
use crate::text::check_name;

/// What a machine client can be given.
pub const SCOPES: [&str; 2] = ["payroll.read", "facts.write"];

pub fn check(client: &NewClient) -> Errors {
    let mut errors = Errors::default();
    check_name(&mut errors, "/name", &client.name);
    if client.scopes.is_empty() {
        errors.add("/scopes", say!("客户端至少需要一个权限范围", "a client needs a scope"));
    }
    for (index, scope) in client.scopes.iter().enumerate() {
        if !SCOPES.contains(&scope.as_str()) {
            errors.add(format!("/scopes/{index}"), say!("可用的权限范围：{}", "the scopes are: {}", SCOPES.join(", ")));
        } else if client.scopes.iter().position(|s| s == scope) != Some(index) {
            errors.add(format!("/scopes/{index}"), say!("该权限范围重复", "this scope is there twice"));
        }
    }
    errors
}

/// 256 random bits in hexadecimal.
pub fn fresh_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    hexadecimal(&bytes)
}

/// A secret that nobody can guess needs no slow hash.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, other) = (fresh_secret(), fresh_secret());
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }

    #[test]
    fn unknown_and_repeated_scopes_are_named() {
        let scopes = ["payroll.read", "everything", "payroll.read"].map(str::to_owned).to_vec();
        let errors = check(&NewClient { name: "payroll".to_owned(), scopes }).check().unwrap_err().errors;
        let pointers: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/scopes/1", "/scopes/2"]);
    }
}
