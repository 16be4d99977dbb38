use std::process::ExitCode;

use notification::Settings;

fn main() -> ExitCode {
    platform::command(
        || Ok(notification::service(Settings::from_env()?)),
        || Ok(notification::service(Settings::nowhere()?)),
    )
}
