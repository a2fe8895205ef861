mod frameworks;
mod groups;
pub(crate) mod imports;
mod notes;
mod overviews;
mod placements;
mod pupils;
mod registrations;
