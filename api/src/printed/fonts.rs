//! The fonts that printed documents bring along, so that a name looks the same in every reader: those that every reader
//! has lack letters of many children's names.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::{BoundingBox, GlyphMetrics, Metrics};
use skrifa::raw::ReadError;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

/// What stands in the place of a character that a font does not have.
const UNKNOWN: char = '?';

/// The size in which a PDF file tells of the letters of a font.
const THOUSAND: f32 = 1000.0;

/// How thick the stems are, of a thousandth of the size: readers ask for it and take no notice.
const STEM: f32 = 80.0;

/// Registry and ordering of glyphs by their number in the font.
const BY_NUMBER: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// A weight of the letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Of text.
    Regular,
    /// Of headings and what stands out.
    Semibold,
}

impl Weight {
    pub(super) const ALL: [Self; 2] = [Self::Regular, Self::Semibold];

    /// What the pages call the font.
    pub(super) fn name(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"F1"),
            Self::Semibold => Name(b"F2"),
        }
    }
}

/// The fonts of one document, with the letters of them that it used.
pub(super) struct Fonts {
    regular: Font,
    semibold: Font,
}

struct Font {
    name: Name<'static>,
    bytes: &'static [u8],
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    measures: Metrics,
    used: BTreeMap<u16, char>,
}

impl Fonts {
    /// # Errors
    /// When a font cannot be read: a mistake in the program.
    pub(super) fn new() -> Result<Self, ReadError> {
        Ok(Self {
            regular: Font::new(Name(b"GROEIA+OpenSans"), include_bytes!("fonts/open-sans-regular.ttf"))?,
            semibold: Font::new(
                Name(b"GROEIB+OpenSans-Semibold"),
                include_bytes!("fonts/open-sans-semibold.ttf"),
            )?,
        })
    }

    /// How wide a text is at this size, in points.
    pub(super) fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        let font = self.font(weight);
        text.chars().map(|character| font.advance(font.glyph(character).0)).sum::<f32>() * size / THOUSAND
    }

    /// The glyphs of a text, as a page shows them.
    pub(super) fn glyphs(&mut self, text: &str, weight: Weight) -> Vec<u8> {
        let font = match weight {
            Weight::Regular => &mut self.regular,
            Weight::Semibold => &mut self.semibold,
        };
        let mut glyphs = Vec::with_capacity(text.len() * 2);
        for character in text.chars() {
            let (glyph, shown) = font.glyph(character);
            font.used.insert(glyph, shown);
            glyphs.extend(glyph.to_be_bytes());
        }
        glyphs
    }

    /// Puts a font in the file under `id`.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub(super) fn embed(
        &self,
        weight: Weight,
        file: &mut Pdf,
        id: Ref,
        next: &mut impl FnMut() -> Ref,
    ) -> io::Result<()> {
        self.font(weight).embed(file, id, next)
    }

    fn font(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Semibold => &self.semibold,
        }
    }
}

impl Font {
    fn new(name: Name<'static>, bytes: &'static [u8]) -> Result<Self, ReadError> {
        let font = FontRef::new(bytes)?;
        let size = Size::new(THOUSAND);
        Ok(Self {
            name,
            bytes,
            letters: font.charmap(),
            widths: font.glyph_metrics(size, LocationRef::default()),
            measures: font.metrics(size, LocationRef::default()),
            used: BTreeMap::new(),
        })
    }

    /// The number of a character's glyph, and which character it shows.
    fn glyph(&self, character: char) -> (u16, char) {
        let of = |character: char| {
            let glyph = self.letters.map(character)?;
            Some((u16::try_from(glyph.to_u32()).ok()?, character))
        };
        of(character).or_else(|| of(UNKNOWN)).unwrap_or((0, UNKNOWN))
    }

    /// How wide a glyph is, in thousandths of the size.
    fn advance(&self, glyph: u16) -> f32 {
        self.widths.advance_width(GlyphId::from(glyph)).unwrap_or_default()
    }

    fn embed(&self, file: &mut Pdf, id: Ref, next: &mut impl FnMut() -> Ref) -> io::Result<()> {
        let (letters, description, outlines, meaning) = (next(), next(), next(), next());
        file.type0_font(id)
            .base_font(self.name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(letters)
            .to_unicode(meaning);
        let mut cid = file.cid_font(letters);
        cid.subtype(CidFontType::Type2)
            .base_font(self.name)
            .system_info(BY_NUMBER)
            .font_descriptor(description)
            .default_width(0.0)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = cid.widths();
        for glyph in self.used.keys() {
            widths.consecutive(*glyph, [self.advance(*glyph)]);
        }
        widths.finish();
        cid.finish();
        let measures = &self.measures;
        let BoundingBox { x_min, y_min, x_max, y_max } = measures.bounds.unwrap_or_default();
        file.font_descriptor(description)
            .name(self.name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(x_min, y_min, x_max, y_max))
            .italic_angle(0.0)
            .ascent(measures.ascent)
            .descent(measures.descent)
            .cap_height(measures.cap_height.unwrap_or_default())
            .stem_v(STEM)
            .font_file2(outlines);
        let length = i32::try_from(self.bytes.len()).unwrap_or(i32::MAX);
        file.stream(outlines, &compressed(self.bytes)?)
            .filter(Filter::FlateDecode)
            .pair(Name(b"Length1"), length);
        let mut meanings = UnicodeCmap::new(Name(b"Groeilijn"), BY_NUMBER);
        self.used.iter().for_each(|(glyph, character)| meanings.pair(*glyph, *character));
        file.stream(meaning, &compressed(&meanings.finish())?).filter(Filter::FlateDecode);
        Ok(())
    }
}

/// Bytes as a PDF file holds them.
///
/// # Errors
/// When they cannot be compressed.
pub(super) fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = ZlibEncoder::new(Vec::new(), Compression::default());
    writer.write_all(bytes)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_names_are_all_there() {
        let fonts = Fonts::new().ok().unwrap();
        for weight in Weight::ALL {
            let font = fonts.font(weight);
            for character in "Ëïçñÿ Şğıİ Łśżą Čřů Őű Țșă Nguyễn Αλέξης Ирина – — ½ ‘’ “” … •".chars()
            {
                assert_eq!(font.glyph(character).1, character);
            }
            assert_eq!(font.glyph('漢').1, UNKNOWN);
            assert!(fonts.width("mm", weight, 10.0) > fonts.width("ii", weight, 10.0));
        }
    }
}
