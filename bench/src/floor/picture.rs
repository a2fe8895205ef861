//! A group as a picture.

use std::fmt::Write as _;

use groeilijn_domain::children::overview::{Level, LineCell};

use super::overview::{ChildCells, Overview};

/// The media type.
pub(super) const SVG: &str = "image/svg+xml";

/// Draws a row for each child and a cell for each line.
pub(super) fn draw(overview: &Overview<'_>) -> String {
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"1100\">");
    for (line, x) in overview.lines.iter().zip((250_u32..).step_by(50)) {
        put(&mut svg, x, 200, line.title);
    }
    for (child, y) in overview.children.iter().zip((216_u32..).step_by(24)) {
        put(&mut svg, 16, y, child.first_name);
        put(&mut svg, 90, y, child.last_name);
        for (line, x) in overview.lines.iter().zip((250_u32..).step_by(50)) {
            let Some(cell) = cell(child, line.line) else { continue };
            let (shade, told) = told(cell);
            let _ = write!(
                svg,
                "<g><title>{} {}, {}: {told}</title><rect x=\"{x}\" y=\"{y}\" width=\"48\" height=\"22\" fill=\"{shade}\"/></g>",
                child.first_name, child.last_name, line.title,
            );
            put(&mut svg, x, y, &told);
        }
    }
    svg.push_str("</svg>");
    svg
}

/// What is known of a child on a line.
pub(super) fn cell<'a>(child: &ChildCells<'a>, line: &str) -> Option<&'a LineCell<'a>> {
    child.cells.iter().find(|cell| cell.line == line)
}

/// The shade of a cell, and what is written on it.
pub(super) fn told(cell: &LineCell<'_>) -> (&'static str, String) {
    let attention = if cell.attention { " !" } else { "" };
    let Some(position) = &cell.position else { return ("none", attention.to_owned()) };
    let shade = match position.level {
        Level::Behind => "#b35806",
        Level::AtLevel => "#f1f1f1",
        Level::Ahead => "#b2abd2",
    };
    (shade, format!("{:+}{attention}", position.difference_months))
}

fn put(svg: &mut String, x: u32, y: u32, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\">{text}</text>");
}
