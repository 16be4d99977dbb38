use std::process::ExitCode;

use gateway::Settings;
use platform::config::variable;
use platform::{Result, service, telemetry};

const HELP: &str = "Steelyard gateway: the one public door. It authenticates, limits, routes and proxies, and serves the API documents.

Usage: steelyard-gateway

Options:
  -h, --help     Print this
  -V, --version  Print the version

It is configured by STEELYARD_* variables: see docs/operations.md.";

#[allow(clippy::print_stdout, reason = "what was asked for is what the command prints")]
fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None | Some("serve") => {}
        Some("-h" | "--help" | "help") => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some("-V" | "--version") => {
            println!("steelyard-gateway {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Some(other) => {
            eprintln!("unknown command {other}\n\n{HELP}");
            return ExitCode::FAILURE;
        }
    }
    match Settings::from_env().map_err(Into::into).and_then(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(told) => {
            eprintln!("{told}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: Settings) -> Result<(), service::Told> {
    let runtime = service::runtime()?;
    // The exporters speak gRPC on the runtime they are made in.
    let _inside = runtime.enter();
    let _telemetry = telemetry::install("gateway", variable("STEELYARD_OTLP_ENDPOINT").as_deref());
    runtime.block_on(async {
        let running = gateway::start(settings).await?;
        service::asked_to_stop().await;
        running.stop().await;
        Ok(())
    })
}
