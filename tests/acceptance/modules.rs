//! The modules of `examples/modules`: as their READMEs call them, and by their own tests.

use std::{fs, path::Path};

use crate::features::*;
use crate::support::*;

/// Copies a module to where its README says, with its tests.
fn copy(w: &Workspace, module: &str) {
    let from = root().join("examples/modules").join(module);
    copy_directory(&from, &w.path().join("modules").join(module));
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_directory(&path, &copy),
            false => drop(fs::copy(&path, &copy).unwrap()),
        }
    }
}

/// A module, and the configuration that its README shows.
fn called(module: &str) -> (Workspace, String) {
    let w = Workspace::new();
    copy(&w, module);
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
        let mut webhooks = w.webhooks().into_iter();
        assert!(webhooks.all(|webhook| ids.contains(&webhook.id)), "{ids}");
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

/// Runs the command of a guide in the directory of a module.
#[track_caller]
fn test(w: &Workspace, module: &str, script: &str) -> Ran {
    let [command] = commands(&guide(script)).try_into().unwrap();
    let command = match cfg!(windows) {
        true => command.replace('/', "\\"), // as Terraform names the file there
        false => command,
    };
    w.run(&format!("-chdir=modules/{module} {command}"))
}

#[test]
fn module_tests_with_mock_provider_need_no_settings_and_validate_arguments() {
    requires!(MOCK_PROVIDER);
    let w = Workspace::without_settings();
    copy(&w, "checked-webhook");
    copy(&w, "one-app");

    let checked = test(&w, "checked-webhook", "testing-your-modules/all.sh");
    let mocked = test(&w, "one-app", "testing-your-modules/mocked.sh");

    checked.says("Success! 1 passed, 0 failed.");
    mocked.says("Success! 4 passed, 0 failed.");
    let tests = "modules/one-app/tests/mocked.tftest.hcl";
    w.put(tests, &w.get(tests).replace("meeting.started", "meeting.*"));
    test(&w, "one-app", "testing-your-modules/mocked.sh").says("No Wildcards in Events");
}

#[test]
fn module_tests_with_the_mock_api_leave_nothing() {
    requires!(RUN_REFERENCES);
    let w = Workspace::new();
    copy(&w, "one-app");

    let ran = test(&w, "one-app", "testing-your-modules/all.sh");

    ran.says("Success! 6 passed, 0 failed.");
    let expected = ["POST", "PUT", "DELETE"];
    assert_eq!(w.writes(), expected);
}

#[cfg(unix)]
#[test]
fn pipeline_tests_a_module_against_its_own_mock_and_stops_it() {
    use std::{env, net::TcpStream, thread, time::Duration};

    requires!(RUN_REFERENCES);
    let w = Workspace::without_settings();
    copy(&w, "one-app");
    let module = w.path().join("modules/one-app");
    let script = guide("testing-your-modules/ci.sh") + "echo \"$CLOUDFLARE_BASE_URL\" >address\n";
    fs::write(module.join("ci.sh"), script).unwrap();
    let mock = Path::new(env!("CARGO_BIN_EXE_realtimekit-mock-api"));
    let mock = mock.parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([mock].into_iter().chain(env::split_paths(&path))).unwrap();

    let mut sh = w.program("sh");
    sh.arg("ci.sh").current_dir(&module).env("PATH", path);
    let ran = Ran::from(sh.output().unwrap());

    assert!(ran.succeeded, "{ran}");
    ran.says("6 passed, 0 failed.");
    let requests = w.get("modules/one-app/requests.log");
    assert!(requests.contains("DELETE"), "{requests}");
    let url = w.get("modules/one-app/address");
    let address = url.split('/').nth(2).unwrap();
    let mut tries = 0;
    while TcpStream::connect(address).is_ok() {
        tries += 1;
        assert!(tries < 1000, "it still runs");
        thread::sleep(Duration::from_millis(10));
    }
}
