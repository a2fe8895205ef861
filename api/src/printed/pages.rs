//! Lines of text on pages of A4, in the fonts that every reader of PDF has.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};

/// The width and height of a page and its margin, in points of 1/72 inch.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;

/// The height of a line, in points.
const LEADING: f32 = 14.0;

/// The size of text in points, and how many characters of Courier fit on a line: each is 0.6 of the size wide.
const SIZE: f32 = 9.0;
const COLUMNS: usize = 89;

/// How many lines fit on a page.
const LINES: usize = 52;

const TEXT: Name<'_> = Name(b"F1");
const HEADING: Name<'_> = Name(b"F2");

/// A line of a document.
pub(super) enum Line {
    /// A heading, in bold.
    Heading(String),
    /// Text; what is too long goes on in the next line.
    Text(String),
    /// Nothing.
    Empty,
}

/// The PDF file of these lines.
pub(super) fn pdf(lines: &[Line]) -> Vec<u8> {
    let laid_out: Vec<(Name<'_>, String)> = lines.iter().flat_map(laid_out).collect();
    let pages: Vec<_> = laid_out.chunks(LINES).collect();
    let mut numbers = 1..;
    let mut next = || Ref::new(numbers.next().unwrap_or(i32::MAX));
    let (catalog, tree, text, heading) = (next(), next(), next(), next());
    let ids: Vec<(Ref, Ref)> = pages.iter().map(|_| (next(), next())).collect();
    let mut file = Pdf::new();
    file.catalog(catalog).pages(tree);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    file.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for (id, font) in [(text, "Courier"), (heading, "Courier-Bold")] {
        file.type1_font(id).base_font(Name(font.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for (lines, (id, content)) in pages.into_iter().zip(ids) {
        let mut page = file.page(id);
        page.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(content);
        page.resources().fonts().pair(TEXT, text).pair(HEADING, heading);
        page.finish();
        file.stream(content, &drawn(lines));
    }
    file.finish()
}

fn laid_out(line: &Line) -> Vec<(Name<'static>, String)> {
    let (font, text) = match line {
        Line::Heading(text) => (HEADING, text),
        Line::Text(text) => (TEXT, text),
        Line::Empty => return vec![(TEXT, String::new())],
    };
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(COLUMNS).map(|part| (font, part.iter().collect())).collect()
}

fn drawn(lines: &[(Name<'_>, String)]) -> Vec<u8> {
    let mut content = Content::new();
    content.begin_text();
    content.set_leading(LEADING);
    content.next_line(MARGIN, HEIGHT - MARGIN);
    for (font, text) in lines {
        content.set_font(*font, SIZE);
        content.show(Str(&win_ansi(text)));
        content.next_line_using_leading();
    }
    content.end_text();
    content.finish().into_vec()
}

/// The text in the encoding of the fonts, which Latin-1 is part of.
fn win_ansi(text: &str) -> Vec<u8> {
    let byte =
        |character| u8::try_from(u32::from(character)).ok().filter(|byte| !(0x80..0xa0).contains(byte));
    text.chars().map(|character| byte(character).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_laid_on_pages() {
        let lines: Vec<Line> = (0..120).map(|number| Line::Text(format!("regel {number}"))).collect();
        let file = pdf(&lines);
        let text = String::from_utf8_lossy(&file);
        assert!(file.starts_with(b"%PDF-") && file.ends_with(b"%%EOF"));
        assert_eq!(text.matches("/Type /Page\n").count(), 3);
        assert!(text.contains("(regel 119)"));
    }

    #[test]
    fn a_long_line_goes_on_in_the_next_one() {
        let laid_out = laid_out(&Line::Heading("é".repeat(COLUMNS + 1)));
        assert_eq!(laid_out.iter().map(|(_, text)| text.chars().count()).collect::<Vec<_>>(), [COLUMNS, 1]);
    }

    #[test]
    fn what_the_fonts_do_not_have_is_a_question_mark() {
        assert_eq!(win_ansi("é\u{85}漢"), [0xe9, b'?', b'?']);
    }
}
