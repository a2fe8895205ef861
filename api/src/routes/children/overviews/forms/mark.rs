//! How a level is shown: by a shape, a sign and a shade, so that no colour has to be told from another.

use groeilijn_domain::children::overview::Level;

use super::super::bodies::LinePosition;
use super::svg::Element;
use super::words::Words;

/// The levels in the order in which they are told.
pub(super) const LEVELS: [Level; 3] = [Level::Behind, Level::AtLevel, Level::Ahead];

/// The fill behind a level: dark, light and in between, also on a black and white printer.
pub(super) fn shade(level: Level) -> &'static str {
    match level {
        Level::Behind => "#b35806",
        Level::AtLevel => "#f1f1f1",
        Level::Ahead => "#b2abd2",
    }
}

/// What is written on [`shade`].
pub(super) fn ink(level: Level) -> &'static str {
    match level {
        Level::Behind => "#ffffff",
        Level::AtLevel | Level::Ahead => "#1a1a1a",
    }
}

/// A triangle that points down, a disc or a triangle that points up, 8 pixels wide, around this point.
pub(super) fn shape(level: Level, x: u32, y: u32) -> Element {
    let (left, right, top, bottom) = (x.saturating_sub(4), x + 4, y.saturating_sub(4), y + 4);
    let triangle = |points: String| Element::new("polygon").set("points", points);
    match level {
        Level::Behind => triangle(format!("{left},{top} {right},{top} {x},{bottom}")),
        Level::AtLevel => Element::new("circle").set("cx", x).set("cy", y).set("r", 4),
        Level::Ahead => triangle(format!("{left},{bottom} {right},{bottom} {x},{top}")),
    }
}

/// The sign of attention.
pub(super) const ATTENTION: &str = "!";

/// How far a child is from its age, such as `+6`, `0` or `−12`.
pub(super) fn difference(position: &LinePosition) -> String {
    match position.difference_months {
        0 => "0".to_owned(),
        above @ 1.. => format!("+{above}"),
        below => format!("−{}", below.unsigned_abs()),
    }
}

/// Where a child is on a line, in words.
pub(super) fn told(position: Option<&LinePosition>, attention: bool, words: &Words) -> String {
    let told = position.map_or_else(
        || words.not_judged.to_owned(),
        |at| format!("{} {} ({}), {}", at.months, words.months, difference(at), words.level(at.level)),
    );
    if attention { format!("{told}, {}", words.attention) } else { told }
}
