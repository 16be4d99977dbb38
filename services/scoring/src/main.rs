use std::process::ExitCode;

fn main() -> ExitCode {
    platform::command(|| Ok(scoring::service()), || Ok(scoring::service()))
}
