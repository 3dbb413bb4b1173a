//! A provider block that is not known yet, and clients that take deferrals, or do not. What each
//! call answers then is tested by `tests/framework`.

use realtimekit::mock_api::MockApi;

use crate::support::{Answer, Core, WEBHOOK, bell, look_up, provider_block, wire::UNKNOWN};

const ID: &str = "0d1f069d-43bb-489a-ad8c-7eb95592ba8e";

#[tokio::test]
async fn unknown_setting_defers_without_a_request_or_is_an_error_if_the_client_cannot_defer() {
    let api = MockApi::start().unwrap();
    let terraform = Core::start().await;
    let mut calls = terraform.calls();
    let error = "Provider Configuration Not Known Yet";
    for (version, is_allowed, defers) in [
        ("1.15.5", true, true),
        ("1.15.5", false, false),
        ("1.11.0", true, false), // OpenTofu 1.11.0 to 1.11.3 allow deferrals by mistake
        ("1.11.3", true, false),
        ("1.11.4", true, true),
    ] {
        calls.allows_deferral = is_allowed;
        let settings = "api_token app_id base_url max_retries requests_per_second";
        for setting in settings.split(' ') {
            let block = provider_block(&api, &[(setting, UNKNOWN.into())]);
            calls.configure(version, &block).await;

            let found = calls.look_up(WEBHOOK, &look_up("id", ID)).await;
            let planned = calls.plan(&Answer::default(), &bell("bell")).await;

            let told = if defers { vec![] } else { vec![error] };
            let summaries = found.diagnostics.iter().map(|it| it.summary.as_str());
            let answered = (found.deferred, summaries.collect());
            assert_eq!(answered, (defers, told), "{version} {setting}");
            assert_eq!(planned.deferred, defers && setting != "app_id"); // which is planned as unknown
            assert_eq!(
                [&planned.state["name"], &planned.state["id"]],
                ["bell", UNKNOWN]
            );
        }
    }
    assert!(api.calls().is_empty());
}
