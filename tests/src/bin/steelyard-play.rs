//! `steelyard-play`: plays cases through the API, on a system of its own or on one that is running.
//!
//! ```text
//! steelyard-play [--url GATEWAY --bootstrap-token T] CASE.json…
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

use player::api::Api;
use player::{Place, Tally, play_all};
use tests::system::{BOOTSTRAP_TOKEN, System};

const USAGE: &str = "steelyard-play [--url GATEWAY --bootstrap-token TOKEN] CASE.json…";

#[derive(Default)]
struct Arguments {
    url: Option<String>,
    bootstrap_token: Option<String>,
    files: Vec<PathBuf>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--url" => read.url = words.next(),
                "--bootstrap-token" => read.bootstrap_token = words.next(),
                option if option.starts_with("--") => return Err(format!("there is no option {option}\n{USAGE}")),
                file => read.files.push(file.into()),
            }
        }
        match (&read.url, &read.bootstrap_token, read.files.is_empty()) {
            (_, _, true) | (Some(_), None, _) => Err(USAGE.to_owned()),
            _ => Ok(read),
        }
    }
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "what the command tells its user")]
fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let tally = actix_web::rt::System::new().block_on(run(arguments));
    println!("played: {} passed, {} failed", tally.passed, tally.failed.len());
    if tally.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[allow(clippy::print_stdout, reason = "what the command tells its user")]
async fn run(arguments: Arguments) -> Tally {
    let tell = |line: &str| println!("{line}");
    if let Some(url) = arguments.url {
        let bootstrap_token = arguments.bootstrap_token.unwrap_or_default();
        return play_all(&Place::new(Api::new(&url), &bootstrap_token), arguments.files, tell).await;
    }
    let system = System::start().await;
    let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
    let tally = play_all(&place, arguments.files, tell).await;
    system.stop().await;
    tally
}
