//! Configurations: blocks, and webhooks with defaults.

use super::BELL;

const DEFAULTS: [&str; 3] = [
    "name = 'door bell'",
    "url = 'https://example.com/bell'",
    "events = ['meeting.started', 'meeting.ended']",
];

/// A block of HCL: its type and its labels, and what is in it, where `'` stands for a quote.
pub(crate) fn block(head: &str, body: &str) -> String {
    let (kind, labels) = head.split_once(' ').unwrap_or((head, ""));
    let labels = labels.split(' ').filter(|label| !label.is_empty());
    let labels: String = labels.map(|label| format!(" \"{label}\"")).collect();
    format!("{kind}{labels} {{\n{}\n}}\n", body.replace('\'', "\""))
}

/// A resource with this label: these attributes, one a line, and the default ones that are not
/// among them.
pub(crate) fn webhook(label: &str, attributes: &str) -> String {
    let is_set = |default: &&str| {
        let (name, _) = default.split_once('=').unwrap();
        attributes.lines().any(|line| line.starts_with(name))
    };
    let defaults = DEFAULTS.into_iter().filter(|default| !is_set(default));
    let lines: Vec<&str> = defaults.chain([attributes]).collect();
    let head = format!("resource realtimekit_webhook {label}");
    block(&head, &lines.join("\n"))
}

/// The webhook at [`BELL`].
pub(crate) fn bell(attributes: &str) -> String {
    webhook("bell", attributes)
}

/// The block that imports [`BELL`].
pub(crate) fn import_block(id: &str) -> String {
    block("import", &format!("  to = {BELL}\n  id = \"{id}\""))
}
