//! Structured logs with trace ids, and OpenTelemetry traces and metrics where an endpoint is set.

use std::time::Duration;

use domain::events::Envelope;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::variable;

/// Keeps the exporters; dropping it flushes them.
pub struct Telemetry {
    traces: SdkTracerProvider,
    metrics: Option<SdkMeterProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // Nothing can be done about a collector that is gone at the end.
        let _ = self.traces.shutdown();
        if let Some(metrics) = &self.metrics {
            let _ = metrics.shutdown();
        }
    }
}

/// Installs logging and tracing for the process. Logs are JSON lines, or text where `STEELYARD_LOG_FORMAT`
/// is `text`; `STEELYARD_LOG` filters them.
pub fn install(service: &'static str, otlp_endpoint: Option<&str>) -> Telemetry {
    install_with(service, otlp_endpoint, tracing_subscriber::fmt::writer::BoxMakeWriter::new(std::io::stderr))
}

/// The same, with the log in a file that only its owner reads: for a process whose terminal belongs to its user.
pub fn install_to_file(service: &'static str, otlp_endpoint: Option<&str>, path: &std::path::Path) -> Telemetry {
    let open = || {
        use std::os::unix::fs::OpenOptionsExt;
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)
    };
    match open() {
        Ok(file) => install_with(service, otlp_endpoint, tracing_subscriber::fmt::writer::BoxMakeWriter::new(file)),
        Err(_) => install(service, otlp_endpoint),
    }
}

fn install_with(
    service: &'static str,
    otlp_endpoint: Option<&str>,
    writer: tracing_subscriber::fmt::writer::BoxMakeWriter,
) -> Telemetry {
    let resource = Resource::builder().with_service_name(format!("steelyard-{service}")).build();
    let mut traces = SdkTracerProvider::builder().with_resource(resource.clone());
    let mut metrics = None;
    if let Some(endpoint) = otlp_endpoint {
        if let Ok(exporter) = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint).build() {
            traces = traces.with_batch_exporter(exporter);
        }
        if let Ok(exporter) = opentelemetry_otlp::MetricExporter::builder().with_tonic().with_endpoint(endpoint).build()
        {
            let provider = SdkMeterProvider::builder().with_resource(resource).with_periodic_exporter(exporter).build();
            global::set_meter_provider(provider.clone());
            metrics = Some(provider);
        }
    }
    let traces = traces.build();
    let filter = EnvFilter::new(
        variable("STEELYARD_LOG")
            .unwrap_or_else(|| "info,lettre=warn,h2=warn,tower=warn,hyper=warn,opentelemetry=warn".to_owned()),
    );
    let text = variable("STEELYARD_LOG_FORMAT").is_some_and(|format| format == "text");
    let logs = if text {
        tracing_subscriber::fmt::layer().with_writer(writer).boxed()
    } else {
        tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(writer)
            .boxed()
    };
    let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer("steelyard"));
    // A second service in the same process finds the subscriber installed, which is what it needs.
    let _ = tracing_subscriber::registry().with(filter).with(spans).with(logs).try_init();
    Telemetry { traces, metrics }
}

/// The current span as a W3C `traceparent`.
pub fn traceparent() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8()))
}

/// The trace id of a span, for logs and answers.
pub fn trace_id(span: &Span) -> Option<String> {
    let context = span.context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

struct One<'a>(Option<&'a str>);

impl Extractor for One<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        if key.eq_ignore_ascii_case("traceparent") { self.0 } else { None }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Makes a span the child of a remote one.
pub fn follow(span: &Span, traceparent: Option<&str>) {
    if traceparent.is_some() {
        let _ = span.set_parent(TraceContextPropagator::new().extract(&One(traceparent)));
    }
    if let Some(id) = trace_id(span) {
        span.record("trace_id", id);
    }
}

/// The span of an event being taken, a child of the request that caused it.
pub fn consumer_span(service: &'static str, envelope: &Envelope) -> Span {
    let span = tracing::info_span!(
        "event",
        otel.name = %format!("take {}", envelope.r#type),
        otel.kind = "consumer",
        service,
        kind = envelope.r#type,
        event = %envelope.id,
        trace_id = tracing::field::Empty,
    );
    follow(&span, envelope.traceparent.as_deref());
    span
}

/// What a service measures of its requests.
#[derive(Clone)]
pub struct Metrics {
    service: &'static str,
    requests: opentelemetry::metrics::Counter<u64>,
    duration: opentelemetry::metrics::Histogram<u64>,
}

impl Metrics {
    pub fn new(service: &'static str) -> Self {
        let meter = global::meter("steelyard");
        Self {
            service,
            requests: meter.u64_counter("http.server.requests").build(),
            duration: meter.u64_histogram("http.server.duration").with_unit("us").build(),
        }
    }

    /// Counts a request and how long it took.
    pub fn count(&self, method: &str, status: u16, took: Duration) {
        let labels = [
            KeyValue::new("service", self.service),
            KeyValue::new("method", method.to_owned()),
            KeyValue::new("status", i64::from(status)),
        ];
        self.requests.add(1, &labels);
        self.duration.record(took.as_micros().try_into().unwrap_or(u64::MAX), &labels);
    }
}
