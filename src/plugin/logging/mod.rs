//! Log records on stderr, in the JSON lines that Terraform makes its own log entries of.
//!
//! Terraform shows a record with its level and fields only if `@timestamp` has six digits after the
//! second and the line is below 64 KiB; it crashes if `@level`, `@message` or `@timestamp` is no
//! string. Only events of the named crates are written: those of HTTP libraries may hold credentials.

use std::{
    collections::BTreeMap,
    env, fmt,
    io::{self, Write},
};

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{
    Layer, filter::filter_fn, layer::Context, layer::SubscriberExt, registry::LookupSpan,
};

/// Go's `2006-01-02T15:04:05.000000Z07:00`.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Terraform reads that many bytes of a line, the line break among them.
const MAX_LINE: usize = 64 * 1024;

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Terraform: a JSON object in each line.
    Json,
    /// A person at a terminal: plain lines.
    Text,
}

/// Starts to log what `crates` have to say, for the provider called `provider`.
///
/// The level is that of `TF_LOG_PROVIDER_<provider>`, else `TF_LOG_PROVIDER`, else `TF_LOG`. Without
/// any of them nothing is logged for Terraform, and a person sees warnings.
pub fn start_logging(provider: &str, crates: &'static [&'static str], format: LogFormat) {
    let name = provider.to_uppercase().replace('-', "_");
    let level = [
        &format!("TF_LOG_PROVIDER_{name}"),
        "TF_LOG_PROVIDER",
        "TF_LOG",
    ]
    .into_iter()
    .filter_map(|variable| env::var(variable).ok())
    .find_map(|value| level(&value))
    .unwrap_or(match format {
        LogFormat::Json => LevelFilter::OFF,
        LogFormat::Text => LevelFilter::WARN,
    });
    if level == LevelFilter::OFF {
        return; // without a subscriber, tracing does no work at all
    }
    let subscriber = tracing_subscriber::registry().with(layer(crates, level, format, |line| {
        let _ = io::stderr().lock().write_all(line.as_bytes()); // nobody else to tell
    }));
    // fails only where a log was started before, which then goes on
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Reads a level as Terraform does: `JSON` is a format and means all, as does what it does not know.
fn level(value: &str) -> Option<LevelFilter> {
    Some(match value.to_uppercase().as_str() {
        "" => return None,
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    })
}

fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(
    crates: &'static [&'static str],
    level: LevelFilter,
    format: LogFormat,
    write: impl Fn(&str) + 'static + Send + Sync,
) -> impl Layer<S> {
    // spans of any level, since their fields belong to records of every level
    let wanted = move |metadata: &Metadata<'_>| {
        let own = metadata
            .target()
            .split("::")
            .next()
            .is_some_and(|name| crates.contains(&name));
        own && (metadata.is_span() || *metadata.level() <= level)
    };
    Records { format, write }.with_filter(filter_fn(wanted))
}

/// Turns each event into a line, with the fields of the spans around it.
struct Records<W> {
    format: LogFormat,
    write: W,
}

impl<S, W> Layer<S> for Records<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, new: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        new.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let mut new = Fields::default();
        values.record(&mut new); // outside of the lock: this runs code of the values
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            fields.0.extend(new.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        let spans = context
            .event_scope(event)
            .into_iter()
            .flat_map(|spans| spans.from_root());
        for span in spans {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.clone());
            }
        }
        fields.0.remove("message"); // a span's is no event's
        event.record(&mut fields);
        let record = Record::new(event.metadata(), fields, OffsetDateTime::now_utc());
        let line = match self.format {
            LogFormat::Json => record.to_json_line(),
            LogFormat::Text => record.to_text_line(),
        };
        (self.write)(&line);
    }
}

/// Field names and values of a span or an event.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name(), value.into());
    }
}

/// What a line says.
struct Record {
    timestamp: String,
    level: String,
    module: String,
    caller: String,
    message: String,
    fields: BTreeMap<&'static str, Value>,
}

impl Record {
    fn new(metadata: &Metadata<'_>, Fields(mut fields): Fields, now: OffsetDateTime) -> Self {
        let message = match fields.remove("message") {
            Some(Value::String(message)) => message,
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Self {
            // a format of fixed numbers finds all of them in any time
            timestamp: now.format(TIMESTAMP).unwrap_or_default(),
            level: metadata.level().to_string(),
            module: metadata.target().replace("::", "."),
            caller: format!(
                "{}:{}",
                metadata.file().unwrap_or("?"),
                metadata.line().unwrap_or_default()
            ),
            message,
            fields,
        }
    }

    fn to_json_line(&self) -> String {
        // a byte becomes six at most, and no record has that many fields
        [16 * 1024, 1024, 64]
            .into_iter()
            .map(|longest| self.to_json(longest).to_string() + "\n")
            .find(|line| line.len() < MAX_LINE)
            .unwrap_or_default()
    }

    fn to_json(&self, longest: usize) -> Value {
        let mut object = json!({
            "@timestamp": self.timestamp,
            "@level": self.level.to_lowercase(),
            "@module": self.module,
            "@caller": self.caller,
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

    fn to_text_line(&self) -> String {
        let Self {
            timestamp,
            level,
            module,
            message,
            fields,
            ..
        } = self;
        let fields: String = fields
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        format!("{timestamp} {level:5} {module}: {message}{fields}\n")
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
