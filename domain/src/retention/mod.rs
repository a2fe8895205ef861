//! How long what is kept about people is kept, and how it is destroyed (C104–C113).

pub mod leaver;
pub mod terms;
