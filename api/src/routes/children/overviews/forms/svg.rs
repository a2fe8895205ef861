//! Elements of an SVG picture. Everything that comes from elsewhere is escaped here.

use std::fmt::{self, Display, Formatter};

use quick_xml::escape::escape;

/// The media type of a picture.
pub(in super::super) const SVG: &str = "image/svg+xml";

/// An element with its attributes and what is in it.
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Node>,
}

enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), content: Vec::new() }
    }

    /// A picture of this size in pixels, which can be scaled. Who cannot see it hears the title and the description.
    pub(super) fn picture(width: u32, height: u32, title: &str, description: &str) -> Self {
        Self::new("svg")
            .set("xmlns", "http://www.w3.org/2000/svg")
            .set("viewBox", format_args!("0 0 {width} {height}"))
            .set("width", width)
            .set("height", height)
            .set("role", "img")
            .set("aria-labelledby", "title description")
            .set("font-family", "system-ui, sans-serif")
            .set("font-size", 12)
            .with(Self::new("title").set("id", "title").saying(title))
            .with(Self::new("desc").set("id", "description").saying(description))
            .with(Self::rectangle(0, 0, width, height).set("fill", "#ffffff"))
    }

    pub(super) fn rectangle(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self::new("rect").set("x", x).set("y", y).set("width", width).set("height", height)
    }

    /// A line from one point to another.
    pub(super) fn line(from: (u32, u32), to: (u32, u32)) -> Self {
        Self::new("line").set("x1", from.0).set("y1", from.1).set("x2", to.0).set("y2", to.1)
    }

    /// A text whose baseline begins at this point.
    pub(super) fn text(x: u32, y: u32, text: &str) -> Self {
        Self::new("text").set("x", x).set("y", y).saying(text)
    }

    #[must_use]
    pub(super) fn set(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    #[must_use]
    pub(super) fn with(mut self, element: Self) -> Self {
        self.content.push(Node::Element(element));
        self
    }

    #[must_use]
    pub(super) fn with_all(mut self, elements: impl IntoIterator<Item = Self>) -> Self {
        self.content.extend(elements.into_iter().map(Node::Element));
        self
    }

    /// With a title, which a browser shows to who points at it.
    #[must_use]
    pub(super) fn titled(self, title: &str) -> Self {
        self.with(Self::new("title").saying(title))
    }

    #[must_use]
    fn saying(mut self, text: &str) -> Self {
        self.content.push(Node::Text(text.to_owned()));
        self
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escape(value))?;
        }
        if self.content.is_empty() {
            return f.write_str("/>");
        }
        f.write_str(">")?;
        for node in &self.content {
            match node {
                Node::Element(element) => element.fmt(f)?,
                Node::Text(text) => f.write_str(&escape(text))?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}

/// The text, with an ellipsis where it has more than this many characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_elsewhere_is_no_markup() {
        let element = Element::text(1, 2, "a<b>&\"'").set("data", "\"><script>").titled("</title>");
        let expected = "<text x=\"1\" y=\"2\" data=\"&quot;&gt;&lt;script&gt;\">a&lt;b&gt;&amp;&quot;&apos;\
                        <title>&lt;/title&gt;</title></text>";
        assert_eq!(element.to_string(), expected);
        assert_eq!(Element::new("g").to_string(), "<g/>");
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis() {
        assert_eq!(shortened("Ëen", 3), "Ëen");
        assert_eq!(shortened("Ëentje", 3), "Ëe…");
    }
}
