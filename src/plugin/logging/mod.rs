//! Log records on stderr, from which Terraform makes entries of its own log.
//!
//! Only events of the named crates are written: those of HTTP libraries may hold credentials.

mod record;

use std::{
    collections::BTreeMap,
    env, fmt,
    io::{self, Write},
};

use serde_json::Value;
use time::OffsetDateTime;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{
    Layer, filter::filter_fn, layer::Context, layer::SubscriberExt, registry::LookupSpan,
};

use record::Record;

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
        let _ = io::stderr().lock().write_all(line.as_bytes()); // stderr is the last resort
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
    HclogLayer { format, write }.with_filter(filter_fn(wanted))
}

/// Turns each event into a line, with the fields of the spans around it.
struct HclogLayer<W> {
    format: LogFormat,
    write: W,
}

impl<S, W> Layer<S> for HclogLayer<W>
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
        let record = Record::new(event.metadata(), fields.0, OffsetDateTime::now_utc());
        let line = match self.format {
            LogFormat::Json => record.to_json_line(),
            LogFormat::Text => record.to_text_line(),
        };
        (self.write)(&line);
    }
}

/// Keeps values of types that JSON has.
macro_rules! record {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method(&mut self, field: &Field, value: $type) {
            self.0.insert(field.name(), value.into());
        })+
    };
}

/// Field names and values of a span or an event.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}").into());
    }

    record! {
        record_str: &str,
        record_bool: bool,
        record_i64: i64,
        record_u64: u64,
        record_f64: f64,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{debug, debug_span, error, field, info, info_span, trace, warn};

    use super::*;

    /// What `work` logs, up to `level`.
    fn logged(format: LogFormat, level: LevelFilter, work: impl FnOnce()) -> String {
        let lines = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&lines);
        let write = move |line: &str| sink.lock().unwrap().push_str(line);
        let subscriber =
            tracing_subscriber::registry().with(layer(&["realtimekit"], level, format, write));
        tracing::subscriber::with_default(subscriber, work);
        lines.lock().unwrap().clone()
    }

    /// The one record that `work` logs.
    #[track_caller]
    fn record(work: impl FnOnce()) -> Value {
        let line = logged(LogFormat::Json, LevelFilter::TRACE, work);
        assert_eq!(line.lines().count(), 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn a_record_has_what_terraform_looks_for() {
        let record = record(|| warn!("watch out"));

        assert_eq!(record["@level"], "warn");
        assert_eq!(record["@message"], "watch out");
        assert_eq!(record["@module"], "realtimekit.plugin.logging.tests");
        assert!(record["@caller"].as_str().unwrap().starts_with(file!()));
        assert_eq!(
            record["@timestamp"].as_str().unwrap().len(),
            "2006-01-02T15:04:05.000000Z".len()
        );
    }

    #[test]
    fn fields_keep_their_types() {
        let record = record(|| {
            info!(text = "a", number = -1, large = u64::MAX, float = 0.5, flag = true, debug = ?Some(1));
        });

        assert_eq!(record["text"], "a");
        assert_eq!(record["number"], -1);
        assert_eq!(record["large"], u64::MAX);
        assert_eq!(record["float"], 0.5);
        assert_eq!(record["flag"], true);
        assert_eq!(record["debug"], "Some(1)");
    }

    #[test]
    fn a_record_has_the_fields_of_the_spans_around_it() {
        let record = record(|| {
            let _call = info_span!("call", tf_req_id = "r-1", tf_rpc = "ReadResource").entered();
            let _step = info_span!("step", tf_rpc = "Step", message = "of the span").entered();
            info!(own = 1, "done");
        });

        assert_eq!(record["tf_req_id"], "r-1");
        assert_eq!(record["tf_rpc"], "Step");
        assert_eq!(record["own"], 1);
        assert_eq!(record["@message"], "done");
    }

    #[test]
    fn a_field_may_be_recorded_later() {
        let record = record(|| {
            let call = info_span!("call", tf_resource_type = field::Empty).entered();
            call.record("tf_resource_type", "realtimekit_webhook");
            info!("done");
        });

        assert_eq!(record["tf_resource_type"], "realtimekit_webhook");
    }

    #[test]
    fn an_error_has_the_fields_of_a_debug_span() {
        let line = logged(LogFormat::Json, LevelFilter::ERROR, || {
            let _call = debug_span!("call", tf_req_id = "r-1").entered();
            error!("failed");
        });

        assert!(line.contains(r#""tf_req_id":"r-1""#), "{line}");
    }

    #[test]
    fn what_is_below_the_level_is_not_logged() {
        let lines = logged(LogFormat::Json, LevelFilter::INFO, || {
            info!("heard");
            debug!("unheard");
            trace!("unheard");
        });

        assert!(lines.contains("heard"));
        assert!(!lines.contains("unheard"), "{lines}");
    }

    #[test]
    fn other_crates_are_not_logged() {
        let lines = logged(LogFormat::Json, LevelFilter::TRACE, || {
            error!(target: "hyper::client", authorization = "Bearer secret", "sent");
            error!(target: "realtimekit_other", "sent");
        });

        assert_eq!(lines, "");
    }

    #[test]
    fn a_field_cannot_take_the_place_of_what_terraform_looks_for() {
        let record = record(|| info!({ "@message" = 1, "@level" = false }, "still here"));

        assert_eq!(record["@message"], "still here");
        assert_eq!(record["@level"], "info");
        assert_eq!(record["_@message"], 1);
        assert_eq!(record["_@level"], false);
    }

    #[test]
    fn a_message_is_a_string_whatever_it_was() {
        assert_eq!(record(|| info!(message = 42))["@message"], "42");
        assert_eq!(record(|| info!(other = 42))["@message"], "");
    }

    #[test]
    fn a_record_is_one_line() {
        let record = record(|| info!(field = "c\nd", "a\nb"));

        assert_eq!(record["@message"], "a\nb");
        assert_eq!(record["field"], "c\nd");
    }

    #[test]
    fn a_long_field_is_cut_and_says_so() {
        let record = record(|| info!(body = "é".repeat(20_000), "short"));

        let body = record["body"].as_str().unwrap();
        assert!(body.starts_with("éééé"));
        assert!(
            body.ends_with("… (23616 bytes more)"),
            "{}",
            &body[body.len() - 40..]
        );
        assert_eq!(record["@message"], "short");
    }

    #[test]
    fn terraform_can_read_the_longest_line() {
        let long = "\u{1}".repeat(100_000); // six bytes each in JSON

        let line = logged(LogFormat::Json, LevelFilter::TRACE, || {
            info!(a = long, b = long, c = long, d = long, "{long}");
        });

        assert!(line.len() < 64 * 1024, "{}", line.len());
        let record: Value = serde_json::from_str(&line).unwrap();
        assert!(record["d"].is_string());
    }

    #[test]
    fn a_person_reads_plain_lines() {
        let line = logged(LogFormat::Text, LevelFilter::TRACE, || {
            info!(number = 1, "hello")
        });

        assert!(
            line.ends_with(" INFO  realtimekit.plugin.logging.tests: hello number=1\n"),
            "{line}"
        );
    }

    #[test]
    fn levels_are_read_as_terraform_reads_them() {
        let cases = [
            ("", None),
            ("off", Some(LevelFilter::OFF)),
            ("ERROR", Some(LevelFilter::ERROR)),
            ("warn", Some(LevelFilter::WARN)),
            ("Info", Some(LevelFilter::INFO)),
            ("DEBUG", Some(LevelFilter::DEBUG)),
            ("TRACE", Some(LevelFilter::TRACE)),
            ("JSON", Some(LevelFilter::TRACE)),
            ("unheard-of", Some(LevelFilter::TRACE)),
        ];
        for (value, expected) in cases {
            assert_eq!(level(value), expected, "{value:?}");
        }
    }
}
