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
        .stdout(std::fs::File::create(directory.join("story")).unwrap())
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
    is_told_as_the_readme_has_it(&std::fs::read_to_string(directory.join("story")).unwrap());
    std::fs::remove_dir_all(&directory).unwrap();
}

/// What the README shows of the story is in it, line by line and in this order.
fn is_told_as_the_readme_has_it(story: &str) {
    let readme = std::fs::read_to_string(crate::pages::root().join("README.md")).unwrap();
    let (_, shown) = readme.split_once("tells the story of a cycle").unwrap();
    let shown = shown.split("```").nth(1).unwrap();
    let mut told = story.lines();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(told.any(|one| one == line), "the README has it otherwise: {line}\n{story}");
    }
}
