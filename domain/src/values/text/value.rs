//! What every parsed text has in common.

/// Gives a `struct Name(String)` its reading side: `as_str`, JSON as a string, and a Debug that shows nothing,
/// because any text from outside may name a person.
macro_rules! text_value {
    ($name:ident) => {
        impl $name {
            /// A text that was parsed before it was kept. What a sealed value holds is authentic, so it is not
            /// checked once more at each reading.
            pub fn kept(text: String) -> Self {
                Self(text)
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        /// Of a sealed value, as [`Self::kept`]: what comes from outside is parsed.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self::kept)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

pub(crate) use text_value;
