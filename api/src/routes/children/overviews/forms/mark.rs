//! How a level is shown: by a shape, a sign and a shade, so that no colour has to be told from another.

use std::fmt::{self, Display, Formatter};

use groeilijn_domain::children::overview::Level;

use super::super::bodies::LinePosition;
use super::svg::Element;
use super::words::Words;

/// The levels in the order in which they are told.
pub(super) const LEVELS: [Level; 3] = [Level::Behind, Level::AtLevel, Level::Ahead];

/// A colour: red, green and blue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colour([u8; 3]);

impl Display for Colour {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    /// From 0 to 1, as it is printed.
    pub(super) fn printed(self) -> [f32; 3] {
        self.0.map(|part| f32::from(part) / f32::from(u8::MAX))
    }
}

/// The fill behind a level: dark, light and in between, also on a black and white printer.
pub(super) fn shade(level: Level) -> Colour {
    Colour(match level {
        Level::Behind => [0xb3, 0x58, 0x06],
        Level::AtLevel => [0xf1, 0xf1, 0xf1],
        Level::Ahead => [0xb2, 0xab, 0xd2],
    })
}

/// What is written on [`shade`].
pub(super) fn ink(level: Level) -> Colour {
    Colour(match level {
        Level::Behind => [0xff, 0xff, 0xff],
        Level::AtLevel | Level::Ahead => [0x1a, 0x1a, 0x1a],
    })
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
