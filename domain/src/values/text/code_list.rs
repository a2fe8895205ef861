//! Closed lists whose members are written as a code.

/// Declares an enum whose variants have a stable code in kebab case, used in JSON, in the database and in the
/// audit log alike: `ALL`, `code` and `from_code`.
macro_rules! code_list {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        $vis enum $name {
            $($(#[$variant_meta])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every member, in order of declaration.
            $vis const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The stable code of this member.
            $vis const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The member with this code; `None` for an unknown one.
            $vis fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use code_list;

#[cfg(test)]
mod tests {
    code_list! {
        /// A list to try the macro on.
        enum Example {
            /// One.
            First = "first",
            /// Two.
            NextOne = "next-one",
        }
    }

    #[test]
    fn code_and_json_are_the_same_and_read_back() {
        for member in Example::ALL {
            assert_eq!(Example::from_code(member.code()), Some(member));
            let json = serde_json::to_string(&member).unwrap();
            assert_eq!(json, format!("\"{}\"", member.code()));
            assert_eq!(serde_json::from_str::<Example>(&json).unwrap(), member);
        }
        assert_eq!(Example::from_code("First"), None);
    }
}
