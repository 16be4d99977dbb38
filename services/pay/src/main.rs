use std::process::ExitCode;

fn main() -> ExitCode {
    platform::command(|| Ok(pay::service()), || Ok(pay::service()))
}
