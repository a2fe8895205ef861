//! Where in a JSON document something is (RFC 6901).

use std::fmt::{self, Display, Formatter, Write};

use super::described::camel_case;

/// A place in a JSON document, as a chain on the stack: it costs nothing until it is written out.
#[derive(Debug, Clone, Copy)]
pub enum Pointer<'a> {
    /// The whole document.
    Root,
    /// A member of the object at the first place.
    Member(&'a Pointer<'a>, &'a str),
    /// An item of the array at the first place, counted from 0.
    Item(&'a Pointer<'a>, usize),
}

impl<'a> Pointer<'a> {
    /// The member called `name` of the object here.
    pub fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }

    /// The item `index` of the array here, counted from 0.
    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl Display for Pointer<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Item(parent, index) => write!(formatter, "{parent}/{index}"),
            Self::Member(parent, name) => {
                write!(formatter, "{parent}/")?;
                name.chars().try_for_each(|character| match character {
                    '~' => formatter.write_str("~0"),
                    '/' => formatter.write_str("~1"),
                    other => formatter.write_char(other),
                })
            }
        }
    }
}

/// Where a field of the domain is in the body: `birth_date` is at `/birthDate`, `rights/2/part` at `/rights/2/part`.
pub fn field_pointer(field: &str) -> String {
    field.split('/').flat_map(|name| ["/".to_owned(), camel_case(name)]).collect()
}

#[cfg(test)]
mod tests {
    use super::Pointer::Root;
    use super::field_pointer;

    #[test]
    fn members_are_escaped() {
        assert_eq!(Root.to_string(), "");
        assert_eq!(Root.member("lines").item(3).member("a/b~c").to_string(), "/lines/3/a~1b~0c");
        assert_eq!(Root.member("").to_string(), "/");
    }

    #[test]
    fn a_field_is_found_at_its_place_in_the_body() {
        assert_eq!(field_pointer("birth_date"), "/birthDate");
        assert_eq!(field_pointer("licence/end_date"), "/licence/endDate");
        assert_eq!(field_pointer("rights/2/part"), "/rights/2/part");
    }
}
