//! What professionals wrote, as far as it is shown (C050).

use groeilijn_engine::error::Result;
use groeilijn_engine::sealing::RowOpener;

/// A text that is always there, as the value it was kept from; an empty one when it is masked, and then it is not opened.
pub(super) fn open_text<T>(
    opener: &mut RowOpener<'_>,
    column: &'static str,
    stored: &[u8],
    masked: bool,
    make: impl FnOnce(String) -> T,
) -> Result<T> {
    if masked { Ok(make(String::new())) } else { opener.required_kept(column, stored, make) }
}
