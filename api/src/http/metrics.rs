//! What the service counts and measures, for Prometheus (C086). Nothing in it is personal, and no label takes
//! its value from a client.

use std::time::Duration;

use groeilijn_domain::platform::security_event::SecurityEventKind;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

/// Upper bounds of the latency histogram in seconds: fine where answers should be, coarse where they should not.
const LATENCY_SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The measurements of one process. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    in_flight: IntGauge,
    security_events: IntCounterVec,
    /// When the newest good backup was made, in seconds since 1970; 0 when there is none.
    pub backup_last_success: IntGauge,
    /// How often a backup of the night could not be made.
    pub backup_failures: IntCounter,
    /// How much work waits for the database.
    pub database_queue: IntGauge,
    /// How often a list went past a damaged row.
    pub damaged_rows: IntGauge,
    /// How many requests wait for changes.
    pub waiting_for_changes: IntGauge,
}

impl Metrics {
    /// Measurements that all start at zero.
    ///
    /// # Errors
    /// When two of them have one name.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("groeilijn_requests_total", "Requests answered."),
            &["operation", "method", "status"],
        )?;
        let latency = HistogramVec::new(
            HistogramOpts::new("groeilijn_request_seconds", "Time from request to reply.")
                .buckets(LATENCY_SECONDS.to_vec()),
            &["operation"],
        )?;
        let in_flight = IntGauge::new("groeilijn_requests_in_flight", "Requests being worked on.")?;
        let security_events = IntCounterVec::new(
            Opts::new("groeilijn_security_events_total", "What may be an attack."),
            &["kind"],
        )?;
        for kind in SecurityEventKind::ALL {
            security_events.with_label_values(&[kind.code()]);
        }
        let database_queue = IntGauge::new("groeilijn_database_queue", "Work that waits for the database.")?;
        let damaged_rows =
            IntGauge::new("groeilijn_damaged_rows_total", "How often a list left out a damaged row.")?;
        let waiting_for_changes =
            IntGauge::new("groeilijn_waiting_for_changes", "Requests that wait for changes.")?;
        let backup_last_success = IntGauge::new(
            "groeilijn_backup_last_success_timestamp_seconds",
            "When the newest good backup was made.",
        )?;
        let backup_failures =
            IntCounter::new("groeilijn_backup_failures_total", "How often the backup of the night failed.")?;
        let build =
            IntGaugeVec::new(Opts::new("groeilijn_build_info", "The running version."), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);

        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(latency.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        registry.register(Box::new(security_events.clone()))?;
        registry.register(Box::new(database_queue.clone()))?;
        registry.register(Box::new(damaged_rows.clone()))?;
        registry.register(Box::new(waiting_for_changes.clone()))?;
        registry.register(Box::new(backup_last_success.clone()))?;
        registry.register(Box::new(backup_failures.clone()))?;
        registry.register(Box::new(build))?;
        Ok(Self {
            registry,
            requests,
            latency,
            in_flight,
            security_events,
            backup_last_success,
            backup_failures,
            database_queue,
            damaged_rows,
            waiting_for_changes,
        })
    }

    /// Counts a request as being worked on until the result is dropped: also when its client goes away.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answered request.
    pub fn answered(&self, operation: &str, method: &str, status: &str, took: Duration) {
        if let Ok(requests) = self.requests.get_metric_with_label_values(&[operation, method, status]) {
            requests.inc();
        }
        if let Ok(latency) = self.latency.get_metric_with_label_values(&[operation]) {
            latency.observe(took.as_secs_f64());
        }
    }

    /// Counts something that may be an attack (C079).
    pub fn security_event(&self, kind: SecurityEventKind) {
        if let Ok(events) = self.security_events.get_metric_with_label_values(&[kind.code()]) {
            events.inc();
        }
    }

    /// Everything in the Prometheus text format.
    ///
    /// # Errors
    /// When the measurements contradict each other.
    pub fn render(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// A request that is being worked on.
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_operation() {
        let metrics = Metrics::new().unwrap();
        let in_flight = metrics.begin();
        metrics.answered("readPupil", "GET", "200", Duration::from_millis(3));
        let text = metrics.render().unwrap();
        assert!(text.contains("groeilijn_requests_in_flight 1"));
        assert!(
            text.contains(r#"groeilijn_requests_total{method="GET",operation="readPupil",status="200"} 1"#)
        );
        assert!(text.contains(r#"groeilijn_request_seconds_bucket{operation="readPupil",le="0.005"} 1"#));
        drop(in_flight);
        assert!(metrics.render().unwrap().contains("groeilijn_requests_in_flight 0"));
    }
}
