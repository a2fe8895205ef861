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
        $(#[doc = $doc])*
        #[derive(::serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        $vis struct $name {
            $($(#[doc = $field_doc])* $vis $field: $type,)*
        }

        $crate::described_struct! { $name [$($doc)*] $($field: $type [$($field_doc)*],)* }
    };
}

/// The description of a struct by those of its fields: for utoipa, and as a field of another struct.
#[doc(hidden)]
#[macro_export]
macro_rules! described_struct {
    ($name:ident [$($doc:literal)*] $($field:ident: $type:ty [$($field_doc:literal)*],)*) => {
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                $crate::http::described::ObjectShape::new(&[$($doc),*])
                    $(.member::<$type>(stringify!($field), &[$($field_doc),*]))*
                    .build()
            }
        }

        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(stringify!($name))
            }

            fn schemas(found: &mut $crate::http::described::NamedSchemas) {
                $(<$type as $crate::http::described::Described>::components(found);)*
            }
        }

        impl $crate::http::described::Described for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                $crate::http::described::reference(stringify!($name))
            }

            fn components(found: &mut $crate::http::described::NamedSchemas) {
                found.push((stringify!($name).to_owned(), <Self as ::utoipa::PartialSchema>::schema()));
                <Self as ::utoipa::ToSchema>::schemas(found);
            }
        }
    };
}
