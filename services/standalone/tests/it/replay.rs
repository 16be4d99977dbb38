use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

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
    let mut up = Up::start(&directory);
    up.says("the second act is over");

    own_results_are_as_the_readme_has_them(&up.story());
    let running = steelyard(&directory, &["replay", "--data", "kept", "--company", "hengxin"]);
    let ranking = steelyard(&directory, &["replay", "--data", "kept", "--company", "ranking"]);
    let story = up.stop();
    let stopped = steelyard(&directory, &["replay", "--data", "kept"]);

    for ran in [&running, &stopped] {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("results 6, units 2, corrections 1: no difference"), "{}", ran.out);
        assert!(ran.out.contains("statements 7: no difference"), "{}", ran.out);
    }
    for ran in [&ranking, &stopped] {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("results 20, units 1, corrections 0: no difference"), "{}", ran.out);
        assert!(ran.out.contains("statements 20: no difference"), "{}", ran.out);
    }
    assert!(!directory.join("kept/servers").exists(), "the servers' mark stayed");
    is_told_as_the_readme_has_it(&story, "tells the story of a cycle");
    is_told_as_the_readme_has_it(&story, "A second act follows");
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn given_a_second_act_that_is_stopped_half_way_when_started_again_then_it_is_played_once_and_people_can_sign_in() {
    let directory = std::env::temp_dir().join(format!("steelyard-acts-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut up = Up::start(&directory);
    up.says("the second act follows");
    let broken_off = up.stop();
    assert!(!broken_off.contains("cut-offs of"), "it waited for the act:\n{broken_off}");

    let mut up = Up::start(&directory);
    up.says("the second act is over");
    let played = up.stop();
    let mut up = Up::start(&directory);
    up.says("the second act is over");
    let told = up.story();

    assert!(played.contains("cut-offs of U: A from 122, B from 98, C from 80, D from 74, E from 71"), "{played}");
    assert!(told.contains("The second act has been played already"), "{told}");
    assert!(!told.contains("cut-offs of"), "it was played again:\n{told}");
    let (_, way) = told.split_once("The second act").unwrap();
    let (company, _) = way.split_once("Sign in (company ").unwrap().1.split_once(',').unwrap();
    let own = own_results(way, company, "e20");
    assert_eq!(own.pointer("/items/0/grade"), Some(&"E".into()), "{own}");
    up.stop();
    std::fs::remove_dir_all(&directory).unwrap();
}

/// `steelyard up` in a folder, with what it tells.
struct Up {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
    story: PathBuf,
}

impl Up {
    fn start(directory: &Path) -> Self {
        let story = directory.join("story");
        let mut process = Command::new(env!("CARGO_BIN_EXE_steelyard"))
            .args(["up", "--data", "kept", "--port", "0"])
            .current_dir(directory)
            .stdout(std::fs::File::create(&story).unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, lines, story }
    }

    fn story(&self) -> String {
        std::fs::read_to_string(&self.story).unwrap()
    }

    /// Waits until it says so.
    fn says(&mut self, what: &str) {
        let said: Vec<String> =
            self.lines.by_ref().map(Result::unwrap).take_while(|line| !line.contains(what)).collect();
        assert!(self.process.try_wait().unwrap().is_none(), "it ended before it said “{what}”: {said:#?}");
    }

    /// Stops it as Ctrl-C does; what it told.
    fn stop(mut self) -> String {
        Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(self.lines.any(|line| line.unwrap().contains("stopped")), "it did not stop");
        assert!(self.process.wait().unwrap().success());
        self.story()
    }
}

fn readme() -> String {
    std::fs::read_to_string(crate::pages::root().join("README.md")).unwrap()
}

/// E001 gets what the README shows, but for the ids.
fn own_results_are_as_the_readme_has_them(story: &str) {
    let results = own_results(story, "hengxin", "e001");
    let readme = readme();
    let (_, shown) = readme.split_once("/v1/my/results").unwrap();
    let (_, shown) = shown.split_once("--no-ensure-ascii\n").unwrap();
    let shown: Value = serde_json::from_str(shown.split("```").next().unwrap()).unwrap();
    assert_eq!(without_ids(results), without_ids(shown));
}

/// What somebody sees who signs in as the story tells.
fn own_results(story: &str, company: &str, username: &str) -> Value {
    let (_, way) = story.split_once("every demonstration password is ").unwrap();
    let (password, way) = way.split_once(')').unwrap();
    let (_, url) = way.split_once("curl -s ").unwrap();
    let (url, _) = url.split_once("/v1/tokens").unwrap();
    platform::actix_web::rt::System::new().block_on(async {
        let employee = Api::new(url).sign_in(company, username, password).await.unwrap();
        employee.get("/v1/my/results").await.unwrap()
    })
}

fn without_ids(mut results: Value) -> Value {
    for result in results["items"].as_array_mut().unwrap() {
        assert!(result["id"].is_string() && result["cycle"].is_string());
        // Closing takes its moment, too.
        assert!(result["made_at"].is_string());
        (result["id"], result["cycle"], result["made_at"]) = (Value::Null, Value::Null, Value::Null);
        // The demonstration is of the month before today's.
        assert!(result["period"].is_string());
        result["period"] = Value::Null;
    }
    results
}

/// What the README shows of the story behind these words is in it, line by line and in this order.
fn is_told_as_the_readme_has_it(story: &str, words: &str) {
    let readme = readme();
    let (_, shown) = readme.split_once(words).unwrap();
    let shown = shown.split("```").nth(1).unwrap();
    let mut told = story.lines().map(in_any_month);
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(told.any(|one| one == in_any_month(line)), "the README has it otherwise: {line}\n{story}");
    }
}

/// A line without years and months: the demonstration is of the month before today's.
fn in_any_month(line: &str) -> String {
    let is_month = |part: &str| {
        part.len() == 7
            && part.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    let mut told = line.to_owned();
    for at in 0..line.len().saturating_sub(6) {
        if line.get(at..at + 7).is_some_and(is_month) {
            told.replace_range(at..at + 7, "YYYY-MM");
        }
    }
    told
}
