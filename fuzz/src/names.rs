//! The calls of Terraform's protocol by number, and the names that they are about.

/// How many calls there are.
pub const CALLS: u8 = 24;
/// `ConfigureProvider`.
pub const CONFIGURE: u8 = 6;
/// `StopProvider`.
pub const STOP: u8 = 7;

pub const RESOURCES: &[&str] = &["realtimekit_webhook"];
pub const DATA_SOURCES: &[&str] = &[
    "realtimekit_webhook",
    "realtimekit_webhooks",
    "realtimekit_webhook_events",
    "realtimekit_apps",
    "realtimekit_webhook_public_key",
];
pub const FUNCTIONS: &[&str] = &[
    "webhook_events",
    "webhook_import_id",
    "parse_webhook_import_id",
];
pub const ACTIONS: &[&str] = &["realtimekit_webhook_enable", "realtimekit_webhook_disable"];

/// Puts one of these names in place, or leaves the one that there is.
pub fn choose(name: &mut String, names: &[&str], choice: u8) {
    let choice = usize::from(choice) % (names.len() + 1);
    if let Some(chosen) = choice.checked_sub(1) {
        *name = names[chosen].to_owned();
    }
}
