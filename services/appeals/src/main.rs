use std::process::ExitCode;

fn main() -> ExitCode {
    platform::command(|| Ok(appeals::service()), || Ok(appeals::service()))
}
