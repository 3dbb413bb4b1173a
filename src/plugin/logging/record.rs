//! One line of the log.
//!
//! Terraform shows a record with its level and fields only if `@timestamp` has six digits after the
//! second and the line is below 64 KiB; it crashes if `@level`, `@message` or `@timestamp` is no
//! string.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tracing::Metadata;

/// Go's `2006-01-02T15:04:05.000000Z07:00`.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Terraform reads that many bytes of a line, the line break among them.
const MAX_LINE: usize = 64 * 1024;

/// What a line says.
pub(super) struct Record<'a> {
    timestamp: String,
    metadata: &'a Metadata<'a>,
    module: String,
    message: String,
    fields: BTreeMap<&'static str, Value>,
}

impl<'a> Record<'a> {
    /// What is called `message` among the fields is the message.
    pub(super) fn new(
        metadata: &'a Metadata<'a>,
        mut fields: BTreeMap<&'static str, Value>,
        now: OffsetDateTime,
    ) -> Self {
        let message = match fields.remove("message") {
            Some(Value::String(message)) => message,
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Self {
            // a format of fixed numbers finds all of them in any time
            timestamp: now.format(TIMESTAMP).unwrap_or_default(),
            metadata,
            module: metadata.target().replace("::", "."),
            message,
            fields,
        }
    }

    /// A line for Terraform.
    pub(super) fn to_json_line(&self) -> String {
        // a byte becomes six at most, and no record has that many fields
        [16 * 1024, 1024, 64]
            .into_iter()
            .map(|longest| self.to_json(longest).to_string() + "\n")
            .find(|line| line.len() < MAX_LINE)
            .unwrap_or_default()
    }

    fn to_json(&self, longest: usize) -> Value {
        let (file, line) = (self.metadata.file(), self.metadata.line());
        let mut object = json!({
            "@timestamp": self.timestamp,
            "@level": self.metadata.level().to_string().to_lowercase(),
            "@module": self.module,
            "@caller": format!("{}:{}", file.unwrap_or("?"), line.unwrap_or_default()),
            "@message": shorten(&self.message, longest),
        });
        for (&name, value) in &self.fields {
            let name = if name.starts_with('@') {
                format!("_{name}")
            } else {
                name.to_owned()
            };
            object[name] = match value {
                Value::String(text) => shorten(text, longest).into(),
                other => other.clone(),
            };
        }
        object
    }

    /// A line for a person.
    pub(super) fn to_text_line(&self) -> String {
        let (timestamp, level) = (&self.timestamp, self.metadata.level().as_str());
        let fields = self.fields.iter();
        let fields: String = fields
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        format!(
            "{timestamp} {level:5} {}: {}{fields}\n",
            self.module, self.message
        )
    }
}

/// Cuts what is after the first `longest` bytes of `text`, and says so.
fn shorten(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let kept = &text[..text.floor_char_boundary(longest)];
    format!("{kept}… ({} bytes more)", text.len() - kept.len())
}
