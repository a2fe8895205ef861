pub(crate) mod destroying;
