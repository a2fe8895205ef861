//! Whoever holds the disk, the databases or the logs learns nothing of a child (C015, C074), and whoever moves or
//! alters what is stored is found out.

mod altered;
mod citizen_service_number;
mod keys;
mod rotation;
mod search;
mod stored;
mod vault;
mod walk;
mod walls;
