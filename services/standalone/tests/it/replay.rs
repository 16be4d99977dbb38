use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use player::api::Api;
use serde_json::Value;

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

    let story = || std::fs::read_to_string(directory.join("story")).unwrap();
    own_results_are_as_the_readme_has_them(&story());
    let running = steelyard(&directory, &["replay", "--data", "kept", "--company", "hengxin"]);
    Command::new("kill").arg(up.id().to_string()).status().unwrap();
    assert!(lines.any(|line| line.contains("stopped")), "it did not stop");
    up.wait().unwrap();
    let stopped = steelyard(&directory, &["replay", "--data", "kept"]);

    for ran in [&running, &stopped] {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("results 6, units 2, corrections 1: no difference"), "{}", ran.out);
        assert!(ran.out.contains("statements 7: no difference"), "{}", ran.out);
    }
    assert!(!directory.join("kept/servers").exists(), "the servers' mark stayed");
    is_told_as_the_readme_has_it(&story());
    std::fs::remove_dir_all(&directory).unwrap();
}

fn readme() -> String {
    std::fs::read_to_string(crate::pages::root().join("README.md")).unwrap()
}

/// E001 gets what the README shows, but for the ids.
fn own_results_are_as_the_readme_has_them(story: &str) {
    let (_, way) = story.split_once("every demonstration password is ").unwrap();
    let (password, way) = way.split_once(')').unwrap();
    let (_, url) = way.split_once("curl -s ").unwrap();
    let (url, _) = url.split_once("/v1/tokens").unwrap();
    let results = platform::actix_web::rt::System::new().block_on(async {
        let employee = Api::new(url).sign_in("hengxin", "e001", password).await.unwrap();
        employee.get("/v1/my/results").await.unwrap()
    });

    let readme = readme();
    let (_, shown) = readme.split_once("/v1/my/results").unwrap();
    let (_, shown) = shown.split_once("--no-ensure-ascii\n").unwrap();
    let shown: Value = serde_json::from_str(shown.split("```").next().unwrap()).unwrap();
    assert_eq!(without_ids(results), without_ids(shown));
}

fn without_ids(mut results: Value) -> Value {
    for result in results["items"].as_array_mut().unwrap() {
        assert!(result["id"].is_string() && result["cycle"].is_string());
        // Closing takes its moment, too.
        assert!(result["made_at"].is_string());
        (result["id"], result["cycle"], result["made_at"]) = (Value::Null, Value::Null, Value::Null);
    }
    results
}

/// What the README shows of the story is in it, line by line and in this order.
fn is_told_as_the_readme_has_it(story: &str) {
    let readme = readme();
    let (_, shown) = readme.split_once("tells the story of a cycle").unwrap();
    let shown = shown.split("```").nth(1).unwrap();
    let mut told = story.lines();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(told.any(|one| one == line), "the README has it otherwise: {line}\n{story}");
    }
}
