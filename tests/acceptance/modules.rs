//! The modules of `examples/modules`: as their READMEs call them, and by their own tests.

use std::fs;

use crate::features::*;
use crate::support::*;

/// Copies a directory of `examples`: a module, with its tests, to where its README says.
fn copy(w: &Workspace, directory: &str) {
    fs::create_dir_all(w.path().join(directory)).unwrap();
    for entry in fs::read_dir(root().join("examples").join(directory)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => copy(w, &path),
            false => w.put(&path, &read(&format!("examples/{path}"))),
        }
    }
}

/// A module, and the configuration that its README shows.
fn called(module: &str) -> (Workspace, String) {
    let w = Workspace::new();
    copy(&w, &format!("modules/{module}"));
    let call = shown_in(&format!("examples/modules/{module}/README.md"));
    w.write(&call);
    w.succeeds("get");
    (w, call)
}

#[test]
fn module_readme_example_applies_without_further_changes() {
    requires!(OPTIONAL_ATTRIBUTES);
    let modules = fs::read_dir(root().join("examples/modules")).unwrap();
    assert_eq!(modules.count(), 3);
    for (module, counts) in [
        ("checked-webhook", (1, 0)),
        ("one-app", (2, 0)),
        ("many-apps", (1, 2)),
    ] {
        let (w, call) = called(module);

        w.apply(call);

        let others = || w.api.webhooks(ACCOUNT, OTHER_APP);
        assert_eq!((w.webhooks().len(), others().len()), counts, "{module}");
        let ids = w.output("webhook_ids").to_string();
        assert!(w.webhooks().iter().all(|it| ids.contains(&it.id)), "{ids}");
        w.destroy();
        assert!(others().is_empty());
    }
}

#[test]
fn module_renamed_webhook_stays_removed_key_is_destroyed_and_duplicate_url_refused() {
    requires!(OPTIONAL_ATTRIBUTES);
    let (w, before) = called("many-apps");
    w.succeeds(APPLY);
    let meetings = w.webhook().id;

    let (tenants, rest) = before.split_once("    globex").unwrap();
    let (_, outputs) = rest.split_once("\n}\n").unwrap();
    let events = r#"["meeting.started", "meeting.ended"]"#;
    let tenants = tenants.replace(events, &format!("{events}\n          name = \"Meetings\""));
    w.apply(format!("{tenants}  }}\n}}\n{outputs}"));

    let left = w.webhook();
    assert_eq!((left.id, left.name.as_str()), (meetings, "Meetings"));
    assert!(w.api.webhooks(ACCOUNT, OTHER_APP).is_empty());
    let twice = before.replace("globex/recordings", "globex/meetings");
    w.plan_fails(&twice, "Two webhooks of a tenant have the same url");
}

#[test]
fn module_tests_with_mock_provider_need_no_settings_and_validate_arguments() {
    requires!(MOCK_PROVIDER);
    let w = Workspace::without_settings();
    let test = |module: &str, script: &str| {
        let [command] = commands(&guide(script)).try_into().unwrap();
        let command = match cfg!(windows) {
            true => command.replace('/', "\\"), // as Terraform names the file there
            false => command,
        };
        w.run(&format!("-chdir=modules/{module} {command}"))
    };
    copy(&w, "modules/checked-webhook");
    copy(&w, "modules/one-app");

    let checked = test("checked-webhook", "testing-your-modules/all.sh");
    let mocked = test("one-app", "testing-your-modules/mocked.sh");

    checked.says("Success! 1 passed, 0 failed.");
    mocked.says("Success! 4 passed, 0 failed.");
    let tests = "modules/one-app/tests/mocked.tftest.hcl";
    w.put(tests, &w.get(tests).replace("meeting.started", "meeting.*"));
    test("one-app", "testing-your-modules/mocked.sh").says("No Wildcards in Events");
}

#[cfg(unix)]
#[test]
fn pipeline_tests_a_module_against_its_own_mock_and_stops_it() {
    use std::{net::TcpStream, thread, time::Duration};

    requires!(RUN_REFERENCES);
    let w = Workspace::without_settings();
    copy(&w, "modules/one-app");
    let script = guide("testing-your-modules/ci.sh");
    let programs = provider().parent().unwrap().display();
    let script = format!("PATH='{programs}':$PATH\n{script}echo $CLOUDFLARE_BASE_URL");

    let mut sh = w.program("sh");
    sh.args(["-c", &script])
        .current_dir(w.path().join("modules/one-app"));
    let ran = Ran::from(sh.output().unwrap()).says("6 passed, 0 failed.");

    assert!(ran.succeeded, "{ran}");
    let requests = w.get("modules/one-app/requests.log");
    let [created, deleted] = ["POST", "DELETE"].map(|it| requests.matches(it).count());
    assert_eq!((created, deleted), (1, 1), "{requests}");
    let base_url = ran.stdout.lines().next_back().unwrap();
    let address = base_url.split('/').nth(2).unwrap();
    let is_stopped = (0..1000).any(|_| {
        thread::sleep(Duration::from_millis(10));
        TcpStream::connect(address).is_err()
    });
    assert!(is_stopped, "the mock API still runs");
}
