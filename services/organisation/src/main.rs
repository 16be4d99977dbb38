use std::process::ExitCode;

use organisation::Settings;

fn main() -> ExitCode {
    platform::command(|| {
        let serving = matches!(std::env::args().nth(1).as_deref(), None | Some("serve"));
        let settings = if serving { Settings::from_env()? } else { Settings::without_secrets() };
        Ok(organisation::service(settings))
    })
}
