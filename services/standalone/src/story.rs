//! What both acts of the demonstration have in common.

use std::path::Path;

use player::Place;
use serde_json::Value;

#[allow(clippy::print_stdout, reason = "the story is what the command tells its user")]
pub fn tell(line: &str) {
    println!("{line}");
}

/// What an act left behind when it had been played to its end.
pub fn played(marker: &Path) -> Option<Value> {
    std::fs::read_to_string(marker).ok().and_then(|text| serde_json::from_str(&text).ok())
}

/// How to sign in to a company, with its accounts and whose they are.
pub fn how_to_sign_in(
    place: &Place,
    company: &str,
    username: &str,
    accounts: impl IntoIterator<Item = (String, String)>,
) -> String {
    let (url, password) = (place.api.base_url(), &place.password);
    let mut lines = vec![
        format!("Sign in (company {company}, every demonstration password is {password}):"),
        format!("  curl -s {url}/v1/tokens -H 'Content-Type: application/json' \\"),
        format!(
            "    -d '{{\"grant_type\":\"password\",\"company\":\"{company}\",\"username\":\"{username}\",\"password\":\"{password}\"}}'"
        ),
    ];
    lines.extend(accounts.into_iter().map(|(username, whose)| format!("  {username:<16} {whose}")));
    lines.join("\n")
}
