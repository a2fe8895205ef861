//! `operations!`: an operation is declared once, and everything else follows from that.

/// Declares the operations of a resource, in the order in which their paths are tried.
///
/// ```ignore
/// operations! {
///     /// The operations on groups.
///     pub fn endpoints;
///
///     /// Read a group
///     ///
///     /// One group within the caller's reach.
///     GET "/groups/{groupId}" => read_group: "The group.";
/// }
/// ```
///
/// serves `GET /groups/{groupId}` with the function `read_group`, as the operation `readGroup`. The doc comment is the
/// summary and the description in the OpenAPI document, the text at the end describes the reply that succeeds. What the
/// operation needs, reads and replies with is known from the function's signature: its first parameter is a
/// [`Guard`](crate::http::guard::Guard), the others are [`Input`](crate::http::input::Input)s, and it returns a
/// [`Success`](crate::http::reply::Success). An operation without a guard or without documentation does not compile.
///
/// Methods of [`Endpoint`](crate::http::endpoint::Endpoint) can follow, such as `.within(limit)`.
#[macro_export]
macro_rules! operations {
    (
        $(#[doc = $about:literal])+
        $vis:vis fn $name:ident;
        $(
            $(#[doc = $doc:literal])+
            $method:ident $path:literal => $handler:ident: $success:literal
            $(.$modifier:ident($($argument:tt)*))*;
        )+
    ) => {
        $(#[doc = $about])+
        $vis fn $name() -> Vec<$crate::http::endpoint::Endpoint> {
            vec![$(
                $crate::http::endpoint::Endpoint::declare(
                    ::actix_web::http::Method::$method,
                    $path,
                    stringify!($handler),
                    $handler,
                    &[$($doc),+],
                    $success,
                )
                $(.$modifier($($argument)*))*
            ),+]
        }
    };
}
