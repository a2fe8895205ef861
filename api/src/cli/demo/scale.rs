//! How large a demo is.

use std::str::FromStr;

/// How much is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) institutions: usize,
    /// In each institution.
    pub(super) groups: usize,
    /// In each group.
    pub(super) pupils: usize,
    /// How many half-years back the children have been followed.
    pub(super) half_years: usize,
    /// How many notes each child has.
    pub(super) notes: usize,
}

impl Scale {
    /// One believable school: three groups of twenty-five, two years of notes and registrations.
    pub(super) const SCHOOL: Self = Self { institutions: 1, groups: 3, pupils: 25, half_years: 4, notes: 24 };
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Vec<usize> = text.split('x').map_while(|part| part.parse().ok()).collect();
        match numbers.as_slice() {
            &[institutions, groups, pupils] if institutions * groups * pupils > 0 => {
                Ok(Self { institutions, groups, pupils, half_years: 1, notes: 1 })
            }
            _ => Err("must be three numbers such as 200x10x25".to_owned()),
        }
    }
}
