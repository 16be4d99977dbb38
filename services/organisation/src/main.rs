use std::process::ExitCode;

use organisation::Settings;

fn main() -> ExitCode {
    platform::command(
        || Ok(organisation::service(Settings::from_env()?)),
        || Ok(organisation::service(Settings::without_secrets())),
    )
}
