//! The report for a talk with a child's parents on paper (C085): for people who know nothing of the framework.

mod facts;
mod picture;
mod tables;
mod words;

use std::io;

use groeilijn_domain::values::calendar::age_in_months;

pub(crate) use self::facts::{DRAWN, Judged, Line, Moment, Note, ParentReport, Place, Scale, Step};
use self::tables::{ASIDE, HEADING, STRONG, TEXT};
use self::words::Words;
use super::flow::{Column, DARK, Flow, LEFT, Style, WIDTH};
use super::fonts::Weight;

const TITLE: Style = Style::new(11.0, Weight::Semibold, DARK);
const NAME: Style = Style::new(20.0, Weight::Semibold, DARK);

/// How wide the names of facts about the child are, with the room beside them.
const FACTS: f32 = 96.0;

/// How many empty lines there are for what the parents tell, and for what is agreed, at least and at most; and how far apart.
const ROOM_TO_TELL: [u8; 2] = [4, 6];
const ROOM_TO_AGREE: [u8; 2] = [5, 8];
const ROOM_LINE: f32 = 24.0;

/// How high what stands above the picture is, about: it stays on one page unless it is higher than one.
const PICTURE_HEAD: f32 = 110.0;

impl ParentReport<'_> {
    /// The PDF file, not encrypted yet. `id` is the file's own.
    ///
    /// # Errors
    /// When it cannot be made: a mistake in the program.
    pub(crate) fn pdf(&self, id: &[u8]) -> io::Result<Vec<u8>> {
        let words = Words::of(self.language);
        let mut flow = Flow::new().map_err(io::Error::other)?;
        self.head(&mut flow, words);
        tables::scales(&mut flow, self, words);
        room(&mut flow, words.parents_tell, ROOM_TO_TELL);
        if !self.lines.is_empty() {
            flow.make_room(picture::height(self) + PICTURE_HEAD);
            flow.heading(words.lines, HEADING, 0.0);
            flow.paragraph(words.how_to_read, ASIDE);
            flow.skip(8.0);
            picture::draw(&mut flow, self, words);
            tables::lines(&mut flow, self, words);
        }
        self.notes(&mut flow, words);
        room(&mut flow, words.agreed, ROOM_TO_AGREE);
        let foot =
            format!("{} · {} · {} {}", words.confidential, self.institution, words.record, self.record);
        flow.finish(words.title, self.language.code(), &foot, id)
    }

    fn head(&self, flow: &mut Flow, words: &Words) {
        flow.paragraph(words.title, TITLE);
        flow.paragraph(&self.name, NAME);
        flow.skip(4.0);
        let born = format!(
            "{} ({})",
            words.date(self.birth_date),
            words.age(age_in_months(self.birth_date, self.made_on).unwrap_or_default())
        );
        let made = match &self.made_by {
            Some(name) => format!("{}, {} {name}", words.date(self.made_on), words.by),
            None => words.date(self.made_on),
        };
        let facts = [
            (words.born, Some(born)),
            (words.group, self.group.map(str::to_owned)),
            (words.at, Some(self.institution.to_owned())),
            (words.made, Some(made)),
        ];
        for (name, fact) in facts {
            let Some(fact) = fact else { continue };
            flow.columns(&[
                Column { left: LEFT, width: FACTS - 4.0, texts: vec![(name, ASIDE)] },
                Column { left: LEFT + FACTS, width: WIDTH - FACTS, texts: vec![(&fact, TEXT)] },
            ]);
        }
        flow.skip(8.0);
        flow.rule();
        flow.skip(8.0);
        flow.paragraph(words.what_it_is, TEXT);
        if self.moments.is_empty() {
            flow.skip(10.0);
            flow.paragraph(words.nothing_yet, STRONG);
        }
    }

    fn notes(&self, flow: &mut Flow, words: &Words) {
        if self.notes.is_empty() {
            return;
        }
        flow.heading(words.notes, HEADING, 60.0);
        for note in &self.notes {
            let by = note.by.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
            flow.make_room(40.0);
            flow.paragraph(&format!("{}{by}", words.date(note.on)), ASIDE);
            flow.paragraph(note.text, TEXT);
            flow.skip(6.0);
        }
    }
}

/// A heading with lines to write on: as many as there is room for on this page, or else the most on the next.
fn room(flow: &mut Flow, title: &str, [least, most]: [u8; 2]) {
    let lines = |count: u8| f32::from(count) * ROOM_LINE;
    flow.heading(title, HEADING, lines(least));
    for line in 0..most {
        if line >= least && flow.left() < ROOM_LINE {
            break;
        }
        flow.skip(ROOM_LINE);
        flow.rule();
    }
}
