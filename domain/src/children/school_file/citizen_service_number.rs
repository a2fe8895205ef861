//! Forgetting the citizen service numbers in a school file (C030).

use percent_encoding::percent_decode_str;

use super::file::{FileGroup, FilePupil, SchoolFile};
use crate::values::bsn::contains_bsn;

/// Stands for a text with a citizen service number. Its own passes the eleven-test, so that it is refused like the text,
/// and was given to nobody; with a word before it, it is no number of anything else either.
const NOBODYS: &str = "bsn 000000012";

/// Stands for an ECK iD with one.
const NOBODYS_ECK_ID: &str = "https://eck.invalid/000000012";

/// Replaces every text that holds one. The record is refused as before, and what is kept of the file until its import
/// ends does not hold the number.
pub(super) fn forget(file: &mut SchoolFile) {
    let groups = file.groups.iter_mut().flat_map(texts_of_group);
    let pupils = file.pupils.iter_mut().flat_map(texts_of_pupil);
    for text in groups.chain(pupils).chain(file.brin.as_mut()) {
        if contains_bsn(text) {
            NOBODYS.clone_into(text);
        }
    }
    for eck_id in file.pupils.iter_mut().filter_map(|pupil| pupil.eck_id.as_mut()) {
        if contains_bsn(eck_id) || contains_bsn(&percent_decode_str(eck_id).decode_utf8_lossy()) {
            NOBODYS_ECK_ID.clone_into(eck_id);
        }
    }
}

fn texts_of_group(group: &mut FileGroup) -> impl Iterator<Item = &mut String> {
    let FileGroup { line: _, key, school_key, name, year_group, location } = group;
    [key, name].into_iter().chain([school_key, year_group, location].into_iter().flatten())
}

/// All but the ECK iD.
fn texts_of_pupil(pupil: &mut FilePupil) -> impl Iterator<Item = &mut String> {
    let FilePupil {
        line: _,
        key,
        eck_id: _,
        first_name,
        infix,
        last_name,
        gender,
        birth_date,
        home_language,
        vve,
        day_parts_per_week,
        year_level,
        particulars,
        group_key,
        placed_on,
        left_on,
        broken: _,
    } = pupil;
    let names = [key, first_name, infix, last_name, group_key];
    let others = [
        gender,
        birth_date,
        home_language,
        vve,
        day_parts_per_week,
        year_level,
        particulars,
        placed_on,
        left_on,
    ];
    names.into_iter().chain(others).flatten()
}
