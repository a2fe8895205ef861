//! How long what is kept about people is kept, what holds it, and how it is destroyed (C104–C113).

pub mod canonical;
pub mod certificate;
pub mod destruction;
pub mod hold;
pub mod leaver;
pub mod plan;
pub mod term;
pub mod terms;
