//! Searching bytes for texts in all the forms in which they could have ended up there.

use std::fs;
use std::path::Path;

/// Texts in all their forms, to be searched for in one pass.
pub(super) struct Search {
    forms: Vec<(String, Vec<u8>)>,
    /// Which two bytes a form begins with.
    beginnings: Vec<bool>,
}

impl Search {
    /// Searches for each of these texts: as UTF-8, as UTF-16, as hexadecimal digits and as base64.
    pub(super) fn for_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::for_forms(
            texts
                .into_iter()
                .flat_map(|text| forms(text).into_iter().map(move |form| (text.to_owned(), form))),
        )
    }

    /// Searches for these bytes and for nothing else, by a name for each.
    pub(super) fn for_forms(forms: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let forms: Vec<_> = forms.into_iter().collect();
        let mut beginnings = vec![false; 1 << 16];
        for (_, form) in &forms {
            beginnings[pair(form[0], form[1])] = true;
        }
        Self { forms, beginnings }
    }

    /// The first of the texts that is in `bytes`, with what stands around it.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<String> {
        let mut previous = 0;
        for (end, &byte) in bytes.iter().enumerate() {
            if self.beginnings[pair(previous, byte)] && end > 0 {
                let rest = &bytes[end - 1..];
                if let Some((text, _)) = self.forms.iter().find(|(_, form)| rest.starts_with(form)) {
                    let around = &bytes[end.saturating_sub(100)..bytes.len().min(end + 100)];
                    return Some(format!("{text} in {:?}", String::from_utf8_lossy(around)));
                }
            }
            previous = byte;
        }
        None
    }

    /// Checks that none of the texts is in `bytes`.
    #[track_caller]
    pub(super) fn finds_nothing_in(&self, name: &str, bytes: &[u8]) {
        assert_eq!(self.find(bytes), None, "{name}");
    }

    /// Searches a file, or all files of a folder.
    pub(super) fn below(&self, path: &Path, found: &mut Found) {
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| self.below(&entry.unwrap().path(), found));
        } else if path.is_file() {
            // A database may take a file away meanwhile.
            let bytes = fs::read(path).unwrap_or_default();
            found.bytes += bytes.len();
            found.hits.extend(self.find(&bytes).map(|hit| format!("{}: {hit}", path.display())));
        }
    }
}

/// What a search through files found.
#[derive(Default)]
pub(super) struct Found {
    /// How many bytes were searched.
    pub(super) bytes: usize,
    /// In each file that has one, the first of the texts.
    pub(super) hits: Vec<String>,
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// The forms of a text. In base64 what stands before it decides how it is cut, so there are three of it, without
/// the characters at the ends that the surroundings decide.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let hex = |upper: bool| {
        let digits =
            bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        digits.collect::<String>().into_bytes()
    };
    let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut forms = vec![bytes.to_vec(), little, big, hex(false), hex(true)];
    for alphabet in [b"+/", b"-_"] {
        forms.extend((0..3).map(|before| base64(&[&vec![0; before], bytes].concat(), before, *alphabet)));
    }
    forms
}

fn base64(bytes: &[u8], before: usize, [plus, slash]: [u8; 2]) -> Vec<u8> {
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain([plus, slash]).collect();
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let whole =
        bits.chunks_exact(6).map(|six| letters[usize::from(six.iter().fold(0, |sum, bit| sum << 1 | bit))]);
    whole.skip((before * 8).div_ceil(6)).collect()
}

#[test]
fn every_form_of_a_text_is_found() {
    let search = Search::for_texts(["Verzinsel"]);
    for form in [
        &b"..Verzinsel.."[..],
        b"V\0e\0r\0z\0i\0n\0s\0e\0l\0",
        b"\0V\0e\0r\0z\0i\0n\0s\0e\0l",
        b"\\x5665727A696E73656C",
        b"\\x5665727a696e73656c",
        b"VmVyemluc2Vs",
        b"LlZlcnppbnNlbC4=",
        b"Li5WZXJ6aW5zZWwuLg==",
    ] {
        assert!(search.find(form).is_some(), "{}", String::from_utf8_lossy(form));
    }
    assert_eq!(search.find(b"verzinsel Verzinse l V\0e\0r"), None);
}
