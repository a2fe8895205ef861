//! A group as a PDF that opens with a password. It has the letters that every reader has: ours brings its own along.

use std::collections::BTreeMap;
use std::sync::Arc;

use lopdf::encryption::crypt_filters::{Aes256CryptFilter, CryptFilter};
use lopdf::{Document, EncryptionState, EncryptionVersion, Permissions};
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};

use super::Error;
use super::overview::Overview;
use super::picture::{cell, told};
use crate::outside::random_bytes;

const FONT: Name<'_> = Name(b"F1");
const FILTER: &[u8] = b"StdCF";

/// Draws a row for each child and a cell for each line on one page.
pub(super) fn draw(overview: &Overview<'_>) -> Vec<u8> {
    let mut page = Content::new();
    for (line, x) in overview.lines.iter().zip((190_u16..).step_by(20)) {
        put(&mut page, x, 740, line.title);
    }
    for (child, y) in overview.children.iter().zip((0_u16..=720).rev().step_by(14)) {
        put(&mut page, 56, y, &format!("{} {}", child.first_name, child.last_name));
        for (line, x) in overview.lines.iter().zip((190_u16..).step_by(20)) {
            let Some(cell) = cell(child, line.line) else { continue };
            page.set_fill_rgb(0.9, 0.9, 0.9);
            page.rect(f32::from(x), f32::from(y), 18.0, 12.0);
            page.fill_nonzero();
            put(&mut page, x, y, &told(cell).1);
        }
    }
    let [catalog, tree, only, drawn, font] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut file = Pdf::new();
    let id = random_bytes::<16>().to_vec();
    file.set_file_id((id.clone(), id));
    file.catalog(catalog).pages(tree);
    file.pages(tree).kids([only]).count(1);
    let mut one = file.page(only);
    one.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(tree).contents(drawn);
    one.resources().fonts().pair(FONT, font);
    one.finish();
    file.type1_font(font).base_font(Name(b"Helvetica"));
    file.stream(drawn, &page.finish());
    file.finish()
}

fn put(page: &mut Content, x: u16, y: u16, text: &str) {
    page.begin_text();
    page.set_fill_rgb(0.0, 0.0, 0.0);
    page.set_font(FONT, 8.0);
    page.next_line(f32::from(x), f32::from(y));
    page.show(Str(text.as_bytes()));
    page.end_text();
}

/// The same file under a password.
pub(super) fn locked(file: &[u8], password: &str) -> Result<Vec<u8>, Error> {
    encrypted(file, password).map_err(|_| Error::Unreadable)
}

fn encrypted(file: &[u8], password: &str) -> lopdf::Result<Vec<u8>> {
    let mut document = Document::load_mem(file)?;
    let filter: Arc<dyn CryptFilter> = Arc::new(Aes256CryptFilter);
    let state = EncryptionState::try_from(EncryptionVersion::V5 {
        encrypt_metadata: true,
        crypt_filters: BTreeMap::from([(FILTER.to_vec(), filter)]),
        file_encryption_key: &random_bytes::<32>(),
        stream_filter: FILTER.to_vec(),
        string_filter: FILTER.to_vec(),
        owner_password: password,
        user_password: password,
        permissions: Permissions::all(),
    })?;
    document.encrypt(&state)?;
    let mut locked = Vec::new();
    document.save_to(&mut locked)?;
    Ok(locked)
}
