//! The modules of `examples/modules`: as their READMEs call them, and by their own tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::features::*;
use crate::shown::commands;
use crate::support::*;

fn modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/modules")
}

/// Copies a module to where its README says, with its tests.
pub(crate) fn copy(terraform: &Terraform, module: &str) -> PathBuf {
    let copy = terraform.path().join("modules").join(module);
    copy_directory(&modules().join(module), &copy);
    copy
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

/// The configuration that the README of a module shows.
fn call(module: &str) -> String {
    let readme = fs::read_to_string(modules().join(module).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```terraform\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn module_readme_example_applies_without_further_changes() {
    requires!(OPTIONAL_ATTRIBUTES);
    for (module, of_app, of_other_app) in [
        ("checked-webhook", 1, 0),
        ("one-app", 2, 0),
        ("many-apps", 1, 2),
    ] {
        let (api, terraform) = setup();
        copy(&terraform, module);
        terraform.write(&call(module));
        terraform.succeeds(&["get"]);

        terraform.succeeds(&["apply", "-auto-approve"]);

        terraform.expect_no_changes();
        assert_eq!(api.webhooks(ACCOUNT, APP).len(), of_app, "{module}");
        assert_eq!(api.webhooks(ACCOUNT, OTHER_APP).len(), of_other_app);
        let ids = terraform
            .succeeds(&["output", "-json", "webhook_ids"])
            .stdout;
        for webhook in api.webhooks(ACCOUNT, APP) {
            assert!(ids.contains(&webhook.id), "{module}: {ids}");
        }
        terraform.destroy();
        assert!(api.webhooks(ACCOUNT, OTHER_APP).is_empty());
    }
}

#[test]
fn every_module_is_tested() {
    let entries = fs::read_dir(modules()).unwrap();
    let mut found: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    found.sort_unstable();

    assert_eq!(found, ["checked-webhook", "many-apps", "one-app"]);
}

#[test]
fn module_renamed_webhook_stays_and_removed_key_is_destroyed() {
    requires!(OPTIONAL_ATTRIBUTES);
    let (api, terraform) = setup();
    copy(&terraform, "many-apps");
    let before = call("many-apps");
    terraform.write(&before);
    terraform.succeeds(&["get"]);
    terraform.succeeds(&["apply", "-auto-approve"]);
    let meetings = api.webhooks(ACCOUNT, APP).remove(0).id;

    let (tenants, rest) = before.split_once("    globex").unwrap();
    let (_, outputs) = rest.split_once("\n}\n").unwrap();
    let events = r#"["meeting.started", "meeting.ended"]"#;
    let tenants = tenants.replace(events, &format!("{events}\n          name = \"Meetings\""));
    terraform.apply(&format!("{tenants}  }}\n}}\n{outputs}"));

    let left = api.webhooks(ACCOUNT, APP);
    let left: Vec<_> = left
        .iter()
        .map(|webhook| (&webhook.id, &webhook.name))
        .collect();
    assert_eq!(left, [(&meetings, &"Meetings".to_owned())]);
    assert!(api.webhooks(ACCOUNT, OTHER_APP).is_empty());
}

#[test]
fn module_duplicate_url_is_an_error() {
    requires!(OPTIONAL_ATTRIBUTES);
    let (_api, terraform) = setup();
    copy(&terraform, "many-apps");
    let twice = call("many-apps").replace("globex/recordings", "globex/meetings");
    terraform.write(&twice);
    terraform.succeeds(&["get"]);

    let ran = terraform.fails(&["plan"]);

    ran.says(&["Two webhooks of a tenant have the same url"]);
}

/// Runs the command of a guide in the directory of a module.
#[track_caller]
fn test(terraform: &Terraform, module: &Path, script: &str) -> Ran {
    let chdir = format!("-chdir={}", module.display());
    let [command] = commands(script).try_into().unwrap();
    let arguments = command.iter().map(String::as_str);
    let arguments: Vec<&str> = [chdir.as_str()].into_iter().chain(arguments).collect();
    terraform.succeeds(&arguments)
}

#[test]
fn module_tests_with_mock_provider_need_no_settings() {
    requires!(MOCK_PROVIDER);
    for (module, script, words) in [
        (
            "checked-webhook",
            "testing-your-modules/all.sh",
            "Success! 1 passed, 0 failed.",
        ),
        (
            "one-app",
            "testing-your-modules/mocked.sh",
            "Success! 4 passed, 0 failed.",
        ),
    ] {
        let terraform = Terraform::without_settings();
        let module = copy(&terraform, module);

        test(&terraform, &module, script).says(&[words]);
    }
}

#[test]
fn mock_provider_still_validates_arguments() {
    requires!(MOCK_PROVIDER);
    let terraform = Terraform::new(&live());
    let module = copy(&terraform, "one-app");
    let tests = module.join("tests/mocked.tftest.hcl");
    let wildcard = fs::read_to_string(&tests)
        .unwrap()
        .replace("meeting.started", "meeting.*");
    fs::write(&tests, wildcard).unwrap();

    let chdir = format!("-chdir={}", module.display());
    let ran = terraform.fails(&[&chdir, "test", "-filter=tests/mocked.tftest.hcl"]);

    ran.says(&["No Wildcards in Events"]);
}

#[test]
fn module_tests_with_the_mock_api_leave_nothing() {
    requires!(RUN_REFERENCES);
    let (api, terraform) = setup();
    let module = copy(&terraform, "one-app");

    let ran = test(&terraform, &module, "testing-your-modules/all.sh");

    ran.says(&["Success! 6 passed, 0 failed."]);
    assert_eq!(
        writes(&api),
        ["POST webhooks", "PUT webhooks/ID", "DELETE webhooks/ID"]
    );
}
