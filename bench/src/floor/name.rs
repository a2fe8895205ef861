//! Names of children.

/// A name, which is one sealed value as ours is (ADR 25).
pub(super) struct Name {
    pub(super) first: String,
    pub(super) infix: Option<String>,
    pub(super) last: String,
}

impl Name {
    /// Follows each of the three parts.
    const END: char = '\u{1f}';

    /// A name as it is sealed; an absent tussenvoegsel is empty.
    pub(super) fn kept(first: &str, infix: &str, last: &str) -> String {
        let end = Self::END;
        format!("{first}{end}{infix}{end}{last}{end}")
    }

    pub(super) fn read(kept: &str) -> Option<Self> {
        let mut parts = kept.split(Self::END);
        let (first, infix, last) = (parts.next()?, parts.next()?, parts.next()?);
        let infix = (!infix.is_empty()).then(|| infix.to_owned());
        Some(Self { first: first.to_owned(), infix, last: last.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_kept() {
        let name = Name::read(&Name::kept("Noor", "van 't", "Verzinsel")).unwrap();
        assert_eq!(
            (name.first.as_str(), name.infix.as_deref(), name.last.as_str()),
            ("Noor", Some("van 't"), "Verzinsel")
        );
        assert_eq!(Name::read(&Name::kept("Daan", "", "Denkbeeld")).unwrap().infix, None);
        assert!(Name::read("Noor").is_none());
    }
}
