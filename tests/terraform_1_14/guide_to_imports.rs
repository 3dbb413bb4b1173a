//! What the guide to imports shows that needs a new Terraform works as it stands.

use std::fs;

use realtimekit::mock_api::MockApi;

use crate::features::*;
use crate::shown::{read, run};
use crate::support::*;
use crate::{IDENTITY, QUERY};

const PROVIDER: &str = "provider \"realtimekit\" {}\n";

fn existing(api: &MockApi, name: &str) -> String {
    let url = format!("https://hooks.example.com/{name}");
    api.add_webhook(ACCOUNT, APP, name, &url, &["meeting.started"])
        .id
}

#[test]
fn import_guide_query_imports_a_whole_app() {
    requires!(QUERY);
    let api = live();
    let ids = ["meetings", "recordings", "transcripts"].map(|name| existing(&api, name));
    let terraform = Terraform::new(&api);
    terraform.write(PROVIDER);
    let query = read("importing-existing-webhooks/all.tfquery.hcl");
    fs::write(terraform.path().join("all.tfquery.hcl"), query).unwrap();

    let ran = run(&terraform, "importing-existing-webhooks/query.sh");

    ran.says(&["3 imported, 0 added, 0 changed, 0 destroyed."]);
    let state = terraform.succeeds(&["show", "-json"]).stdout;
    assert!(ids.iter().all(|id| state.contains(id)), "{state}");
    assert!(writes(&api).is_empty());
    terraform.expect_no_changes();
}

#[test]
fn import_guide_identity_imports() {
    requires!(IDENTITY);
    let api = live();
    let id = existing(&api, "meetings");
    let terraform = Terraform::new(&api);
    let import = read("importing-existing-webhooks/identity.tf");
    let import = import.replace("0d1f069d-43bb-489a-ad8c-7eb95592ba8e", &id);
    terraform.write(&import);

    run(&terraform, "importing-existing-webhooks/one.sh");
    terraform.write(PROVIDER); // the block is removed

    assert_eq!(
        terraform.state("realtimekit_webhook.meetings")["id"],
        id.as_str()
    );
    assert!(writes(&api).is_empty());
    terraform.expect_no_changes();
}
