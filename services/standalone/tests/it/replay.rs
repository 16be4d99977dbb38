use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{here, steelyard};

#[test]
fn given_nothing_kept_when_replayed_then_it_says_so_and_makes_nothing() {
    let ran = here(&["replay", "--data", "nowhere"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("nothing is kept in"), "{}", ran.err);
    assert!(!crate::files().join("nowhere").exists());
}

#[test]
fn given_the_demonstration_when_replayed_while_it_runs_and_after_it_stopped_then_there_is_no_difference() {
    // PostgreSQL's user has to get there.
    let directory = std::env::temp_dir().join(format!("steelyard-replay-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut up = Command::new(env!("CARGO_BIN_EXE_steelyard"))
        .args(["up", "--data", "kept", "--port", "0"])
        .current_dir(&directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(up.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("up after")), "it did not come up");

    let running = steelyard(&directory, &["replay", "--data", "kept", "--company", "hengxin"]);
    Command::new("kill").arg(up.id().to_string()).status().unwrap();
    assert!(lines.any(|line| line.contains("stopped")), "it did not stop");
    up.wait().unwrap();
    let stopped = steelyard(&directory, &["replay", "--data", "kept"]);

    for ran in [&running, &stopped] {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("results 6, corrections 1, units 2: no difference"), "{}", ran.out);
        assert!(ran.out.contains("statements 7: no difference"), "{}", ran.out);
    }
    assert!(!directory.join("kept/servers").exists(), "the servers' mark stayed");
    std::fs::remove_dir_all(&directory).unwrap();
}
