//! The store as its callers see it, on a fresh SQLite database for each test.

#[cfg(test)]
mod eck_ids;
#[cfg(test)]
mod frameworks;
#[cfg(test)]
mod key_queries;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod overviews;
#[cfg(test)]
mod registrations;
#[cfg(test)]
mod school;
#[cfg(test)]
mod sessions;
