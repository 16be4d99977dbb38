use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::figure::Figure;

/// Resident memory of `steelyard up --empty` at rest, without PostgreSQL and Redis.
pub fn measure() {
    let Ok(here) = std::env::current_exe() else { return };
    let steelyard = here.with_file_name("steelyard");
    let directory = std::env::temp_dir().join(format!("steelyard-bench-{}", std::process::id()));
    let child = Command::new(steelyard)
        .args(["up", "--empty", "--data"])
        .arg(&directory)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("memory: build `steelyard` first");
        return;
    };
    if let Some(output) = child.stderr.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains("up after") {
                break;
            }
        }
        std::thread::sleep(Duration::from_secs(10));
        Figure::new("memory.at_rest")
            .with("what", "steelyard up --empty: gateway and five services in one process")
            .with("resident_kib", resident_kib(child.id()))
            .print();
    }
    // A terminated `steelyard up` stops its servers and leaves.
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    let _ = child.wait();
    let _ = std::fs::remove_dir_all(directory);
}

/// Resident memory of a process.
pub fn resident_kib(process: u32) -> u64 {
    status(process, "VmRSS:")
}

/// The most this process ever had resident.
pub fn peak_kib() -> u64 {
    status(std::process::id(), "VmHWM:")
}

fn status(process: u32, key: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
