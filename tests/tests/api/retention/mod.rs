pub(crate) mod destroying;
mod holds;
