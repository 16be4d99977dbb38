use std::process::ExitCode;

use gateway::Settings;
use platform::config::variable;
use platform::{service, telemetry};

fn main() -> ExitCode {
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let served = service::runtime().and_then(|runtime| {
        // The exporters speak gRPC on the runtime they are made in.
        let _inside = runtime.enter();
        let _telemetry = telemetry::install("gateway", variable("STEELYARD_OTLP_ENDPOINT").as_deref());
        runtime.block_on(async {
            let running = gateway::start(settings).await?;
            service::asked_to_stop().await;
            running.stop().await;
            Ok(())
        })
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
