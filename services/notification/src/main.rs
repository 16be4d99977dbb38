use std::process::ExitCode;

use notification::Settings;
use platform::{Code, Problem};

fn main() -> ExitCode {
    platform::command(|| {
        let serves = matches!(std::env::args().nth(1).as_deref(), None | Some("serve"));
        let settings = if serves { Settings::from_env() } else { Settings::nowhere() };
        Ok(notification::service(settings.map_err(|error| Problem::new(Code::Internal, error.to_string()))?))
    })
}
