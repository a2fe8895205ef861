//! What one setting is: its name, its default, the values it takes, and what it means.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A setting with a value of type `T`.
pub(super) struct Setting<T> {
    /// Its dotted name.
    pub(super) name: &'static str,
    /// The default, as it would be written in the file.
    pub(super) default: String,
    /// Which texts are a value of it.
    accepts: Accepts<T>,
    meaning: &'static str,
}

impl<T> Setting<T> {
    pub(super) fn new(
        name: &'static str,
        default: &impl ToString,
        accepts: Accepts<T>,
        meaning: &'static str,
    ) -> Self {
        Self { name, default: default.to_string(), accepts, meaning }
    }

    /// The value that a text stands for; `None` for one that is not allowed.
    pub(super) fn parse(&self, text: &str) -> Option<T> {
        (self.accepts.parse)(text)
    }

    /// What it means, with the range of its values.
    pub(super) fn meaning(&self) -> String {
        match &self.accepts.range {
            Some((least, most)) => format!("{}, from {least} to {most}", self.meaning),
            None => self.meaning.to_owned(),
        }
    }

    /// Its row in the table of settings: name, default and meaning.
    pub(super) fn row(&self) -> [String; 3] {
        [self.name.to_owned(), self.default.clone(), self.meaning()]
    }
}

/// Gives the value that a text stands for, if it is one.
type Parse<T> = Box<dyn Fn(&str) -> Option<T>>;

/// The values that a setting takes.
pub(super) struct Accepts<T> {
    parse: Parse<T>,
    range: Option<(String, String)>,
}

/// Takes what `parse` gives a value for.
pub(super) fn parsed<T>(parse: impl Fn(&str) -> Option<T> + 'static) -> Accepts<T> {
    Accepts { parse: Box::new(parse), range: None }
}

/// Takes every value of the type.
pub(super) fn any<T: FromStr>() -> Accepts<T> {
    parsed(|text| text.parse().ok())
}

/// Takes the values that are right.
pub(super) fn checked<T: FromStr>(right: impl Fn(&T) -> bool + 'static) -> Accepts<T> {
    parsed(move |text| text.parse().ok().filter(|value| right(value)))
}

/// Takes the values in a range.
pub(super) fn within<T>(range: RangeInclusive<T>) -> Accepts<T>
where
    T: FromStr + PartialOrd + Display + 'static,
{
    let bounds = (range.start().to_string(), range.end().to_string());
    Accepts { range: Some(bounds), ..checked(move |value| range.contains(value)) }
}

/// Takes nothing at all, which is `None`, or a value of the type.
pub(super) fn optional<T: FromStr>() -> Accepts<Option<T>> {
    parsed(|text| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) })
}

/// Takes a text that is right.
pub(super) fn text(right: impl Fn(&str) -> bool + 'static) -> Accepts<String> {
    parsed(move |text| right(text).then(|| text.to_owned()))
}

/// Takes values with commas between them.
pub(super) fn list<T: 'static>(item: Accepts<T>) -> Accepts<Vec<T>> {
    let parse = item.parse;
    parsed(move |text| text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(&parse).collect())
}

/// Declares `Settings`: for each section its settings, each with its type, its default, what it
/// accepts, and what it means. Reading them and describing them both come from it.
macro_rules! declare {
    ($(
        $(#[$doc:meta])*
        $section:ident: $section_type:ident {
            $($field:ident: $type:ty = $default:expr, $accepts:expr, $meaning:literal;)+
        }
    )+) => {
        /// All settings. Without Debug, because a database URL may hold a password.
        pub struct Settings {
            $($(#[$doc])* pub $section: $section_type,)+
        }

        $(
            $(#[$doc])*
            pub struct $section_type {
                $(#[doc = $meaning] pub $field: $type,)+
            }
        )+

        impl Settings {
            /// Every setting there is: its dotted name, its default as text, and what it means.
            pub fn table() -> Vec<[String; 3]> {
                vec![$($(setting!($section $field $type, $default, $accepts, $meaning).row(),)+)+]
            }

            /// Takes every setting before looking whether one was refused, so that all mistakes are found.
            pub(super) fn take_from(reader: &mut Reader) -> Option<Self> {
                $(
                    $(let $field = reader.take(&setting!($section $field $type, $default, $accepts, $meaning));)+
                    let $section = (|| Some($section_type { $($field: $field?,)+ }))();
                )+
                Some(Self { $($section: $section?,)+ })
            }
        }
    };
}

/// The setting that one line declares.
macro_rules! setting {
    ($section:ident $field:ident $type:ty, $default:expr, $accepts:expr, $meaning:literal) => {
        Setting::<$type>::new(
            concat!(stringify!($section), ".", stringify!($field)),
            &$default,
            $accepts,
            $meaning,
        )
    };
}

pub(super) use {declare, setting};
