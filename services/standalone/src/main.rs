use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use standalone::tools::finish;

/// Steelyard runs a company's performance appraisal: who is appraised, on what plan, by whom, with what
/// result, and what that does to their pay.
///
/// `steelyard up` starts everything on this machine, with a PostgreSQL and a Redis of its own, and plays a
/// whole monthly appraisal cycle and then a year of a policy that ranks, through the public API. The other commands need no server.
#[derive(Parser)]
#[command(name = "steelyard", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything here and stay up until Ctrl-C; start again on what was kept.
    Up {
        /// Start without the demonstration companies.
        #[arg(long)]
        empty: bool,
        /// Where data, secrets and mail are kept.
        #[arg(long, value_name = "DIRECTORY", default_value = ".steelyard")]
        data: PathBuf,
        /// Port of the gateway; 8080, or any free one when that is taken, unless given.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Recompute every closed cycle from what is stored, and tell every difference.
    ///
    /// Works on the data of `steelyard up`, whether or not it is running, and changes nothing. Prints a line a
    /// cycle. Exit status 2 means that differences were found, 1 that something went wrong.
    Replay {
        /// Where `steelyard up` keeps everything.
        #[arg(long, value_name = "DIRECTORY", default_value = ".steelyard")]
        data: PathBuf,
        /// Only this company.
        #[arg(long, value_name = "CODE|ID")]
        company: Option<String>,
        /// Only this cycle.
        #[arg(long, value_name = "ID")]
        cycle: Option<uuid::Uuid>,
    },
    /// Compute a case, or a period for people in a spreadsheet.
    ///
    /// A case is a JSON file; its results are printed as JSON. With --people the people come from a CSV or XLSX
    /// file, and results, the distribution of grades and the cost are printed as tables. Exit status 2 means that
    /// what was given is invalid; standard error says where: problem details with JSON pointers for a case, rows and
    /// columns for a spreadsheet.
    Simulate(Box<standalone::tools::simulate::Arguments>),
    /// Check, explain and compare schemes.
    Scheme {
        #[command(subcommand)]
        command: standalone::tools::scheme::Command,
    },
    /// List the schemes that come with the product, or print one as TOML.
    Schemes {
        /// Code of a scheme to print.
        code: Option<String>,
    },
    /// Print the OpenAPI document of a service, or of the whole API.
    Openapi {
        /// organisation, planning, scoring, pay, appeals or notification; or steelyard for all of them.
        service: String,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Up { empty, data, port } => report(up(standalone::up::Options { directory: data, empty, port })),
        Command::Replay { data, company, cycle } => {
            replay(&standalone::replay::Options { directory: data, company, cycle })
        }
        Command::Simulate(arguments) => finish(standalone::tools::simulate::run(&arguments)),
        Command::Scheme { command } => finish(standalone::tools::scheme::run(&command)),
        Command::Schemes { code } => schemes(code.as_deref()),
        Command::Openapi { service } => report(openapi(&service)),
    }
}

fn report(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("steelyard: {error}");
            ExitCode::FAILURE
        }
    }
}

fn up(options: standalone::up::Options) -> Result<(), String> {
    let runtime = platform::service::runtime().map_err(|e| e.to_string())?;
    // The exporters speak gRPC on the runtime they are made in.
    let _inside = runtime.enter();
    let otlp = platform::config::variable("STEELYARD_OTLP_ENDPOINT");
    let _telemetry =
        platform::telemetry::install_to_file("standalone", otlp.as_deref(), &options.directory.join("steelyard.log"));
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(standalone::up::up(options))).map_err(|e| e.to_string())
}

fn replay(options: &standalone::replay::Options) -> ExitCode {
    let _telemetry = platform::telemetry::install("replay", None);
    let outcome =
        platform::service::runtime().and_then(|runtime| runtime.block_on(standalone::replay::replay(options)));
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => platform::service::DIFFERENT.into(),
        Err(problem) => report(Err(problem.to_string())),
    }
}

#[allow(clippy::print_stdout, reason = "what the command prints")]
fn print(value: &serde_json::Value) -> Result<(), String> {
    println!("{}", serde_json::to_string_pretty(value).map_err(|e| e.to_string())?);
    Ok(())
}

#[allow(clippy::print_stdout, reason = "what the command prints")]
fn schemes(code: Option<&str>) -> ExitCode {
    for (shipped, source) in domain::scheme::Scheme::shipped() {
        match code {
            None => match domain::scheme::Scheme::parse(source) {
                Ok(scheme) => println!("{shipped:<24} {}", scheme.name(basics::Locale::En)),
                Err(_) => println!("{shipped:<24} (does not parse)"),
            },
            Some(code) if code == *shipped => {
                println!("{source}");
                return ExitCode::SUCCESS;
            }
            Some(_) => {}
        }
    }
    match code {
        None => ExitCode::SUCCESS,
        Some(code) => report(Err(format!("no scheme {code} comes with the product; `steelyard schemes` lists them"))),
    }
}

fn openapi(name: &str) -> Result<(), String> {
    let services = standalone::services::described().map_err(|e| e.to_string())?;
    if name == "steelyard" {
        return print(&standalone::services::described_whole(&services)?);
    }
    let service = services.iter().find(|s| s.name == name).ok_or_else(|| format!("there is no service {name}"))?;
    print(&platform::openapi(service).map_err(|e| e.to_string())?)
}
