//! What Terraform gets of a panic: of a call's task a log record, since the process lives on
//! (`tests/framework/failures.rs` has the answer of the call), of any other a crash.

use std::{env, process::Command};

use realtimekit::plugin::{self, LogFormat};

const PANICS: &str = "PANICS";
const WORDS: &str = "the hinges gave way";

/// Run by the test below in a process of its own; otherwise it does nothing.
#[tokio::test]
async fn process_that_panics() {
    let Ok(place) = env::var(PANICS) else { return };
    plugin::install_panic_hook();
    plugin::start_logging("panicking", &["realtimekit"], LogFormat::Json);
    let panic = async { panic!("{WORDS}") };
    match place.as_str() {
        "task" => assert!(tokio::spawn(panic).await.is_err()),
        _ => panic.await,
    }
}

#[test]
fn panic_of_a_task_is_a_log_record_and_any_other_a_crash() {
    let [task, other] = ["task", "other"].map(|place| {
        let mut test = Command::new(env::current_exe().unwrap());
        test.args(["--exact", "panics::process_that_panics", "--nocapture"]);
        let output = test.env(PANICS, place).env("TF_LOG", "TRACE").output();
        String::from_utf8(output.unwrap().stderr).unwrap()
    });

    for log in [&task, &other] {
        assert!(log.contains(WORDS) && log.contains("panics.rs"), "{log}");
    }
    let is_crash = |log: &str| log.lines().any(|line| line == format!("panic: {WORDS}"));
    assert!(task.contains("\"@level\":\"error\"") && !is_crash(&task));
    assert!(is_crash(&other), "{other}");
}
