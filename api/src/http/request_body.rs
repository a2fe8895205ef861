//! `request_body!`: a request body is declared once; its reading and its description follow from it.

/// Declares a request body: a struct of which each field's type says what is admitted.
///
/// Names are camelCase in JSON. A field of type `Option`, [`Change`](crate::http::change::Change) or
/// [`ChangeOrClear`](crate::http::change::ChangeOrClear) may be absent. The doc comments are the descriptions
/// in the OpenAPI document. A body can be a field of another body. A rule of the domain that is narrower than a field's
/// type stands behind it: `day_parts: u8 = within(0, 14)`. Behind the struct stands an example where those of the fields
/// make none that is accepted: a test sends each example of the document.
#[macro_export]
macro_rules! request_body {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $(= $narrowed:expr)?,)*
        }
        $(example $example:tt)?
    ) => {
        $(#[doc = $doc])*
        $vis struct $name {
            $($(#[doc = $field_doc])* $vis $field: $type,)*
        }

        impl $crate::http::fields::FromJson for $name {
            fn from_json(
                value: &::serde_json::Value,
                at: &$crate::http::pointer::Pointer<'_>,
                errors: &mut $crate::http::fields::Errors,
            ) -> Option<Self> {
                let mut members = $crate::http::fields::Members::of(value, at, errors)?;
                $(let $field = members.take::<$type>(stringify!($field), errors);)*
                members.finish(errors);
                Some(Self { $($field: $field?,)* })
            }
        }

        $crate::described_struct! {
            closed $name [] [$($doc)*] [$($example)?] $($field: $type [$($field_doc)*] $(= $narrowed)?,)*
        }
    };
}

/// Declares a reply body: a struct that is serialised, described by the types of its fields in the same way
/// as a [`request_body!`](crate::request_body). Absent optional values are written as null. It may borrow from what was
/// read.
#[macro_export]
macro_rules! reply_body {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $(= $narrowed:expr)?,)*
        }
    ) => {
        $crate::reply_struct! { $vis $name [$($life)?] [$($doc)*] $($field: $type [$($field_doc)*],)* }
        $crate::described_struct! { open $name [$($life)?] [$($doc)*] [] $($field: $type [$($field_doc)*] $(= $narrowed)?,)* }
    };
}

/// A struct that is serialised with the names of JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! reply_struct {
    (
        $vis:vis $name:ident [$($life:lifetime)?] [$($doc:literal)*]
        $($field:ident: $type:ty [$($field_doc:literal)*],)*
    ) => {
        $(#[doc = $doc])*
        #[derive(::serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        $vis struct $name $(<$life>)? {
            $($(#[doc = $field_doc])* $vis $field: $type,)*
        }
    };
}

/// The description of a struct by those of its fields.
#[doc(hidden)]
#[macro_export]
macro_rules! described_struct {
    (
        $shape:ident $name:ident [$($life:lifetime)?] [$($doc:literal)*] [$($example:tt)?]
        $($field:ident: $type:ty [$($field_doc:literal)*] $(= $narrowed:expr)?,)*
    ) => {
        impl $(<$life>)? $crate::http::described::Described for $name $(<$life>)? {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                $crate::http::described::reference($crate::http::described::body_name(stringify!($name)))
            }

            fn components(found: &mut $crate::http::described::NamedSchemas) {
                let shape = $crate::http::described::ObjectShape::$shape(&[$($doc),*])
                    $(.member::<$type>(stringify!($field), &[$($field_doc),*], $crate::narrowed!($($narrowed)?)))*
                    $(.example(::serde_json::json!($example)))?
                    .build();
                found.push(($crate::http::described::body_name(stringify!($name)).to_owned(), shape));
                $(<$type as $crate::http::described::Described>::components(found);)*
            }
        }
    };
}

/// How the schema of a member is narrower than that of its type.
#[doc(hidden)]
#[macro_export]
macro_rules! narrowed {
    () => {
        $crate::http::described::as_it_is
    };
    ($narrowed:expr) => {
        $narrowed
    };
}
