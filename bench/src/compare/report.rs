//! What is printed of the scenarios.

use super::Error;
use super::load::Measured;
use super::output::{say, verdict};
use super::scenario::{Goal, Scenario};

/// The most that 99 of 100 replies may take, in milliseconds.
const MOST_P99: f64 = 20.0;

/// How much dearer ours may be than another build of it: what differs less cannot be told from chance.
const MOST_DEARER: f64 = 1.03;

/// How much longer than of the floor's the p99 of a note may be, in milliseconds.
const MOST_BEHIND: f64 = 2.0;

/// The most connections of which so little waiting is asked.
const FEW: u64 = 16;

/// By how much the ratio of requests per second may be less than that of processor time.
const MOST_LESS: f64 = 0.05;

/// What a scenario showed: the medians of the servers.
pub(super) struct Row {
    /// Which.
    pub(super) scenario: Scenario,
    /// Over how many connections.
    pub(super) connections: u64,
    /// The server that only reads and writes.
    pub(super) bare: Measured,
    /// The one with the same duties as ours.
    pub(super) floor: Measured,
    /// Ours.
    pub(super) ours: Measured,
}

/// How what was measured compares with what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    TooSlow,
    Late,
    Reached,
    Aimed,
    WithoutGoal,
}

impl Verdict {
    fn text(self) -> &'static str {
        match self {
            Self::TooSlow => verdict(false),
            Self::Late => "P99 TOO HIGH",
            Self::Reached => verdict(true),
            Self::Aimed => "as aimed",
            Self::WithoutGoal => "no goal",
        }
    }
}

impl Row {
    /// Ours in requests per second, where the floor is 1. It is about the machine too: what else runs there,
    /// and the load generator itself.
    fn rate_ratio(&self) -> f64 {
        self.ours.rate / self.floor.rate
    }

    /// Ours in requests per second of processor time, where the floor is 1.
    fn cpu_ratio(&self) -> f64 {
        self.floor.cpu / self.ours.cpu
    }

    /// The most that 99 of 100 replies may take, in milliseconds, if anything is asked of that.
    fn most_p99(&self) -> f64 {
        let few = if self.connections <= FEW { MOST_P99 } else { f64::INFINITY };
        match self.scenario {
            Scenario::Note => few.min(self.floor.p99 + MOST_BEHIND),
            _ => few,
        }
    }

    /// The lower of the two ratios counts.
    fn verdict(&self) -> Verdict {
        let ratio = (self.rate_ratio() + MOST_LESS).min(self.cpu_ratio());
        match self.scenario.goal() {
            Some(goal) if ratio < goal.required => Verdict::TooSlow,
            None => Verdict::WithoutGoal,
            _ if self.ours.p99 > self.most_p99() => Verdict::Late,
            Some(goal) if ratio < goal.aimed => Verdict::Reached,
            Some(_) => Verdict::Aimed,
        }
    }

    /// Whether ours does what is required.
    pub(super) fn is_reached(&self) -> bool {
        !matches!(self.verdict(), Verdict::TooSlow | Verdict::Late)
    }
}

/// What a scenario showed of two builds of ours: the medians of both.
pub(super) struct BuildRow {
    /// Which.
    pub(super) scenario: Scenario,
    /// Over how many connections.
    pub(super) connections: u64,
    /// The other build.
    pub(super) other: Measured,
    /// Ours.
    pub(super) ours: Measured,
}

impl BuildRow {
    /// Ours in processor time a request, where the other build is 1.
    fn cpu_ratio(&self) -> f64 {
        self.ours.cpu / self.other.cpu
    }

    /// Whether ours is no dearer.
    pub(super) fn is_reached(&self) -> bool {
        self.cpu_ratio() <= MOST_DEARER
    }
}

/// Prints the table.
pub(super) fn table(rows: &[Row]) -> Result<(), Error> {
    say(format_args!(
        "\n{:<12}|{:>17} |{:>15} |{:>15} |{:>23} |{:>13} |{:>13} |\n{:<12}|{}|",
        "scenario",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "CPU µs/request",
        "ratio",
        "goal",
        "",
        "    floor    ours |  floor    ours |  floor    ours |   bare   floor    ours |  req/s   CPU |   min   aim ",
    ))?;
    for row in rows {
        let Row { scenario, connections, bare, floor, ours } = row;
        let goal = match scenario.goal() {
            Some(Goal { required, aimed }) => format!("{required:>6.2}{aimed:>6.2}"),
            None => " ".repeat(12),
        };
        say(format_args!(
            "{:<9}{connections:>3}|{:>9.0}{:>8.0} |{:>7.2}{:>8.2} |{:>7.2}{:>8.2} |{:>7.1}{:>8.1}{:>8.1} |{:>7.2}{:>6.2} \
             |{goal} | {}",
            scenario.name(),
            floor.rate,
            ours.rate,
            floor.p50,
            ours.p50,
            floor.p99,
            ours.p99,
            bare.cpu,
            floor.cpu,
            ours.cpu,
            row.rate_ratio(),
            row.cpu_ratio(),
            row.verdict().text(),
        ))?;
    }
    say(format_args!(
        "\nMedians over the rounds; the number behind a scenario is that of the connections. CPU is that of the server \
         alone. The ratios are to the floor, which has the same duties; that of requests may be {MOST_LESS} less. p99 of \
         ours may be at most {MOST_P99} ms up to {FEW} connections, and of a note {MOST_BEHIND} ms more than the floor's."
    ))
}

/// Prints how many microseconds of processor time a request takes in each of two builds of ours.
pub(super) fn builds_table(rows: &[BuildRow]) -> Result<(), Error> {
    say(format_args!(
        "\n{:<12}|{:>17} |{:>15} |\n{:<12}|    other    ours |    req/s     CPU |",
        "scenario", "CPU µs/request", "ours / other", ""
    ))?;
    for row in rows {
        let BuildRow { scenario, connections, other, ours } = row;
        say(format_args!(
            "{:<9}{connections:>3}|{:>9.1}{:>8.1} |{:>9.3}{:>8.3} | {}",
            scenario.name(),
            other.cpu,
            ours.cpu,
            ours.rate / other.rate,
            row.cpu_ratio(),
            if row.is_reached() { "no dearer" } else { "DEARER" },
        ))?;
    }
    say(format_args!(
        "\nMedians over the rounds. CPU is that of the server alone; that of ours may be {:.0}% more.",
        (MOST_DEARER - 1.0) * 100.0
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict_on(scenario: Scenario, connections: u64, [rate, cpu, p99]: [f64; 3]) -> Verdict {
        let floor = Measured { rate: 1000.0, p50: 1.0, p99: 1.0, cpu: 10.0 };
        Row { scenario, connections, bare: floor, floor, ours: Measured { rate, p50: 1.0, p99, cpu } }
            .verdict()
    }

    #[test]
    fn the_lower_ratio_and_the_slowest_replies_count() {
        assert_eq!(verdict_on(Scenario::Page, 16, [950.0, 10.0, 20.0]), Verdict::Aimed);
        assert_eq!(verdict_on(Scenario::Page, 16, [810.0, 10.0, 20.0]), Verdict::Reached);
        assert_eq!(verdict_on(Scenario::Page, 16, [790.0, 10.0, 1.0]), Verdict::TooSlow);
        assert_eq!(verdict_on(Scenario::Page, 16, [950.0, 12.0, 1.0]), Verdict::TooSlow);
        assert_eq!(verdict_on(Scenario::Page, 16, [950.0, 10.0, 20.1]), Verdict::Late);
        assert_eq!(verdict_on(Scenario::Page, 64, [950.0, 10.0, 20.1]), Verdict::Aimed);
        assert_eq!(verdict_on(Scenario::Note, 64, [1200.0, 9.0, 3.0]), Verdict::Aimed);
        assert_eq!(verdict_on(Scenario::Note, 64, [1200.0, 9.0, 3.1]), Verdict::Late);
        assert_eq!(verdict_on(Scenario::Health, 1, [1.0, 1000.0, 1.0]), Verdict::WithoutGoal);
    }

    #[test]
    fn three_percent_more_processor_time_is_no_dearer() {
        let row = |other, ours| {
            let [other, ours] = [other, ours].map(|cpu| Measured { rate: 1.0, p50: 1.0, p99: 1.0, cpu });
            BuildRow { scenario: Scenario::Pupil, connections: 16, other, ours }
        };
        assert!(row(100.0, 103.0).is_reached());
        assert!(!row(100.0, 103.1).is_reached());
        assert!(!row(100.0, f64::NAN).is_reached());
    }
}
