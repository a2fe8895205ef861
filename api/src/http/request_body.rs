//! `request_body!`: a request body is declared once; its reading and its description follow from it.

/// Declares a request body: a struct of which each field's type says what is admitted.
///
/// Names are camelCase in JSON. A field of type `Option`, [`Change`](crate::http::change::Change) or
/// [`ChangeOrClear`](crate::http::change::ChangeOrClear) may be absent. The doc comments are the descriptions
/// in the OpenAPI document. A body can be a field of another body.
#[macro_export]
macro_rules! request_body {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
        }
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

        $crate::described_struct! { $name [$($doc)*] $($field: $type [$($field_doc)*],)* }
    };
}

/// Declares a reply body: a struct that is serialised, described by the types of its fields in the same way
/// as a [`request_body!`](crate::request_body). Absent optional values are written as null.
#[macro_export]
macro_rules! reply_body {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
        }
    ) => {
        $crate::reply_struct! { $vis $name [$($doc)*] $($field: $type [$($field_doc)*],)* }
        $crate::described_struct! { $name [$($doc)*] $($field: $type [$($field_doc)*],)* }
    };
}

/// Declares a reply body that has no name in the OpenAPI document: it is written out where it stands.
#[macro_export]
macro_rules! unnamed_reply_body {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
        }
    ) => {
        $crate::reply_struct! { $vis $name [$($doc)*] $($field: $type [$($field_doc)*],)* }

        impl $crate::http::described::Described for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                $crate::object_shape! { [$($doc)*] $($field: $type [$($field_doc)*],)* }
            }

            fn components(found: &mut $crate::http::described::NamedSchemas) {
                $(<$type as $crate::http::described::Described>::components(found);)*
            }
        }
    };
}

/// A struct that is serialised with the names of JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! reply_struct {
    ($vis:vis $name:ident [$($doc:literal)*] $($field:ident: $type:ty [$($field_doc:literal)*],)*) => {
        $(#[doc = $doc])*
        #[derive(::serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        $vis struct $name {
            $($(#[doc = $field_doc])* $vis $field: $type,)*
        }
    };
}

/// The schema of a struct by those of its fields.
#[doc(hidden)]
#[macro_export]
macro_rules! object_shape {
    ([$($doc:literal)*] $($field:ident: $type:ty [$($field_doc:literal)*],)*) => {
        $crate::http::described::ObjectShape::new(&[$($doc),*])
            $(.member::<$type>(stringify!($field), &[$($field_doc),*]))*
            .build()
    };
}

/// The description of a struct by those of its fields.
#[doc(hidden)]
#[macro_export]
macro_rules! described_struct {
    ($name:ident [$($doc:literal)*] $($field:ident: $type:ty [$($field_doc:literal)*],)*) => {
        impl $crate::http::described::Described for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                $crate::http::described::reference(stringify!($name))
            }

            fn components(found: &mut $crate::http::described::NamedSchemas) {
                let shape = $crate::object_shape! { [$($doc)*] $($field: $type [$($field_doc)*],)* };
                found.push((stringify!($name).to_owned(), shape));
                $(<$type as $crate::http::described::Described>::components(found);)*
            }
        }
    };
}
