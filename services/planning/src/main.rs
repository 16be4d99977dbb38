use std::process::ExitCode;

fn main() -> ExitCode {
    platform::command(|| Ok(planning::service()), || Ok(planning::service()))
}
