//! Text, tables and drawings on pages of A4, one under another.

use std::io;

use pdf_writer::{Content, Filter, Finish as _, Pdf, Rect, Ref, Str, TextStr};
use skrifa::raw::ReadError;

use super::fonts::{Fonts, Weight, compressed};

/// The width and height of a page and its margins, in points of 1/72 inch.
const PAGE: (f32, f32) = (595.0, 842.0);
pub(super) const LEFT: f32 = 56.0;
const TOP: f32 = 56.0;
const BOTTOM: f32 = 64.0;

/// How wide what stands between the margins is.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * LEFT;

/// The room above a heading.
const HEADING_GAP: f32 = 16.0;

/// How far below the top of a line of text its letters stand, and how high the line is, each of the size.
const BASELINE: f32 = 1.05;
const LINE: f32 = 1.4;

/// The cosine and sine of the angle at which texts lean: 60 degrees.
const LEANING: (f32, f32) = (0.5, 0.866);

/// A colour: red, green and blue from 0 to 1.
pub(super) type Colour = [f32; 3];

/// The colours of text.
pub(super) const INK: Colour = [0.1, 0.1, 0.1];
pub(super) const DARK: Colour = [0.106, 0.286, 0.396];
pub(super) const PALE: Colour = [0.36, 0.36, 0.36];
/// That of rules.
pub(super) const RULE: Colour = [0.78, 0.8, 0.82];

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) colour: Colour,
}

impl Style {
    pub(super) const fn new(size: f32, weight: Weight, colour: Colour) -> Self {
        Self { size, weight, colour }
    }

    fn line(self) -> f32 {
        self.size * LINE
    }
}

/// Texts one under another, from this place and in this width.
pub(super) struct Column<'a> {
    pub(super) left: f32,
    pub(super) width: f32,
    pub(super) texts: Vec<(&'a str, Style)>,
}

fn height(lines: &[(String, Style)]) -> f32 {
    lines.iter().map(|(_, style)| style.line()).sum()
}

/// The pages of a document while they are filled, from top to bottom.
pub(super) struct Flow {
    fonts: Fonts,
    full: Vec<Content>,
    page: Content,
    /// How far below the top of the page is written next.
    at: f32,
}

impl Flow {
    /// # Errors
    /// When a font cannot be read: a mistake in the program.
    pub(super) fn new() -> Result<Self, ReadError> {
        Ok(Self { fonts: Fonts::new()?, full: Vec::new(), page: Content::new(), at: TOP })
    }

    /// How far below the top of the page is written next.
    pub(super) fn at(&self) -> f32 {
        self.at
    }

    /// Goes on further down.
    pub(super) fn skip(&mut self, points: f32) {
        self.at += points;
    }

    /// How much room there is on this page.
    pub(super) fn left(&self) -> f32 {
        PAGE.1 - BOTTOM - self.at
    }

    /// Goes on with the next page unless there is this much room on this one. Says whether it did.
    pub(super) fn make_room(&mut self, points: f32) -> bool {
        if points <= self.left() || self.at <= TOP {
            return false;
        }
        self.full.push(std::mem::replace(&mut self.page, Content::new()));
        self.at = TOP;
        true
    }

    /// A heading, with this much room beneath it on the page.
    pub(super) fn heading(&mut self, text: &str, style: Style, beneath: f32) {
        if !self.make_room(HEADING_GAP + 2.0 * style.line() + beneath) {
            self.skip(HEADING_GAP);
        }
        self.paragraph(text, style);
        self.skip(4.0);
    }

    /// A text in lines, across the page.
    pub(super) fn paragraph(&mut self, text: &str, style: Style) {
        for line in self.lines(text, style, WIDTH) {
            self.make_room(style.line());
            self.put(LEFT, self.at, &line, style);
            self.at += style.line();
        }
    }

    /// How high texts side by side are, as [`columns`](Self::columns) puts them.
    pub(super) fn height(&self, columns: &[Column<'_>]) -> f32 {
        columns.iter().map(|column| height(&self.laid_out(column))).fold(0.0, f32::max)
    }

    /// Texts side by side. They stay together on a page unless they are higher than one.
    pub(super) fn columns(&mut self, columns: &[Column<'_>]) {
        let highest = self.height(columns);
        self.make_room(highest);
        let top = self.at;
        for column in columns {
            let mut at = top;
            for (line, style) in self.laid_out(column) {
                self.put(column.left, at, &line, style);
                at += style.line();
            }
        }
        self.at = top + highest;
    }

    fn laid_out(&self, column: &Column<'_>) -> Vec<(String, Style)> {
        let texts = column.texts.iter();
        texts
            .flat_map(|(text, style)| {
                self.lines(text, *style, column.width).into_iter().map(|line| (line, *style))
            })
            .collect()
    }

    /// One line of text with its top left corner here.
    pub(super) fn put(&mut self, left: f32, top: f32, text: &str, style: Style) {
        put(&mut self.page, &mut self.fonts, left, top, text, style);
    }

    /// One line of text that leans: it begins here and goes up to the right.
    pub(super) fn put_leaning(&mut self, left: f32, bottom: f32, text: &str, style: Style) {
        let matrix = [LEANING.0, LEANING.1, -LEANING.1, LEANING.0, left, PAGE.1 - bottom];
        show(&mut self.page, &mut self.fonts, text, style, |page| {
            page.set_text_matrix(matrix);
        });
    }

    /// The beginning of a text that fits in this width, with an ellipsis where something was left out.
    pub(super) fn shortened(&self, text: &str, style: Style, width: f32) -> String {
        if self.width(text, style) <= width {
            return text.to_owned();
        }
        let mut left = width - self.width("…", style);
        let fits = |character: &char| {
            left -= self.width(character.encode_utf8(&mut [0; 4]), style);
            left >= 0.0
        };
        let beginning: String = text.chars().take_while(fits).collect();
        format!("{}…", beginning.trim_end())
    }

    /// How wide a text is on one line.
    pub(super) fn width(&self, text: &str, style: Style) -> f32 {
        self.fonts.width(text, style.weight, style.size)
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&mut self, left: f32, top: f32, width: f32, height: f32, colour: Colour) {
        let [red, green, blue] = colour;
        self.page.set_fill_rgb(red, green, blue);
        self.page.rect(left, PAGE.1 - top - height, width, height);
        self.page.fill_nonzero();
    }

    /// A line across the page, here.
    pub(super) fn rule(&mut self) {
        self.rectangle(LEFT, self.at, WIDTH, 0.6, RULE);
    }

    /// The text in lines of this width. A word that is wider goes on in the next line.
    fn lines(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        let fits = |line: &str| self.width(line, style) <= width;
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if fits(&longer) {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for character in word.chars() {
                    line.push(character);
                    if !fits(&line) {
                        line.pop();
                        lines.push(std::mem::replace(&mut line, character.to_string()));
                    }
                }
            }
            lines.push(line);
        }
        lines
    }

    /// The file, with `foot` at the foot of each page beside its number. `id` is the file's own.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub(super) fn finish(
        mut self,
        title: &str,
        language: &str,
        foot: &str,
        id: &[u8],
    ) -> io::Result<Vec<u8>> {
        self.full.push(self.page);
        let count = self.full.len();
        let small = Style::new(7.5, Weight::Regular, PALE);
        let top = PAGE.1 - BOTTOM + 20.0;
        let mut numbers = 1..;
        let mut next = || Ref::new(numbers.next().unwrap_or(i32::MAX));
        let (catalog, tree, about) = (next(), next(), next());
        let fonts = Weight::ALL.map(|weight| (weight, next()));
        let mut file = Pdf::new();
        file.set_file_id((id.to_vec(), id.to_vec()));
        let mut root = file.catalog(catalog);
        root.pages(tree).lang(TextStr(language));
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        file.document_info(about).title(TextStr(title)).producer(TextStr("Groeilijn"));
        let pages: Vec<(Ref, Ref)> = self.full.iter().map(|_| (next(), next())).collect();
        let total = i32::try_from(count).unwrap_or(i32::MAX);
        file.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(total);
        for ((mut content, (page, drawn)), number) in self.full.into_iter().zip(pages).zip(1..) {
            let number = format!("{number} / {count}");
            let right = LEFT + WIDTH - self.fonts.width(&number, small.weight, small.size);
            put(&mut content, &mut self.fonts, LEFT, top, foot, small);
            put(&mut content, &mut self.fonts, right, top, &number, small);
            let mut page = file.page(page);
            page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(drawn);
            let mut resources = page.resources();
            let mut known = resources.fonts();
            fonts.iter().for_each(|(weight, id)| {
                known.pair(weight.name(), *id);
            });
            known.finish();
            resources.finish();
            page.finish();
            file.stream(drawn, &compressed(&content.finish())?).filter(Filter::FlateDecode);
        }
        for (weight, id) in fonts {
            self.fonts.embed(weight, &mut file, id, &mut next)?;
        }
        Ok(file.finish())
    }
}

fn put(page: &mut Content, fonts: &mut Fonts, left: f32, top: f32, text: &str, style: Style) {
    show(page, fonts, text, style, |page| {
        page.next_line(left, PAGE.1 - top - style.size * BASELINE);
    });
}

/// A text from where `place` says.
fn show(page: &mut Content, fonts: &mut Fonts, text: &str, style: Style, place: impl FnOnce(&mut Content)) {
    let [red, green, blue] = style.colour;
    page.begin_text();
    page.set_fill_rgb(red, green, blue);
    page.set_font(style.weight.name(), style.size);
    place(page);
    page.show(Str(&fonts.glyphs(text, style.weight)));
    page.end_text();
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Style = Style::new(10.0, Weight::Regular, INK);

    #[test]
    fn lines_break_between_words_and_within_those_that_are_too_long() {
        let flow = Flow::new().ok().unwrap();
        let long = "x".repeat(300);
        let lines = flow.lines(&format!("een twee\n\ndrie {long} vier"), TEXT, 100.0);
        assert_eq!(lines[..3], ["een twee", "", "drie"]);
        assert!(lines.iter().all(|line| flow.width(line, TEXT) <= 100.0));
        assert_eq!(lines[3..].concat().replace(' ', ""), format!("{long}vier"));
    }

    #[test]
    fn what_does_not_fit_goes_on_the_next_page() {
        let mut flow = Flow::new().ok().unwrap();
        (0..200).for_each(|number| flow.paragraph(&format!("regel {number}"), TEXT));
        let file = flow.finish("Titel", "nl", "voet", &[7; 16]).unwrap();
        let pages = lopdf::Document::load_mem(&file).unwrap().get_pages();
        assert_eq!(pages.len(), 4);
    }
}
