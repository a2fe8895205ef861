//! Ids in paths.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use groeilijn_domain::values::bsn::refuse_bsn;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::input::{Input, Reads};
use super::problem::{FieldError, Problem};
use super::text_value::PathParameter;

/// The id of type `T` in the path, under the name that such ids always have there.
pub struct PathId<T>(pub T);

/// Several ids in the path; every malformed one is reported.
pub struct PathIds<T>(pub T);

impl<T: PathParameter> Input for PathId<T> {
    const READS: Reads = Reads { path: true, ..Reads::NOTHING };

    fn parameters() -> Vec<Parameter> {
        vec![describe::<T>()]
    }

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        Ok(Self(parameter(request)?))
    }
}

macro_rules! several {
    ($(($($id:ident)*))*) => {$(
        impl<$($id: PathParameter),*> Input for PathIds<($($id,)*)> {
            const READS: Reads = Reads { path: true, ..Reads::NOTHING };

            fn parameters() -> Vec<Parameter> {
                vec![$(describe::<$id>()),*]
            }

            #[allow(non_snake_case, reason = "the parameters are called after their types")]
            async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
                match ($(parameter::<$id>(request),)*) {
                    ($(Ok($id),)*) => Ok(Self(($($id,)*))),
                    ($($id,)*) => Err(together([$($id.err()),*])),
                }
            }
        }
    )*};
}

several! { (A B) (A B C) }

/// The path parameter for a type.
///
/// # Errors
/// 400 when it is malformed or holds a citizen service number (C030).
pub fn parameter<T: PathParameter>(request: &HttpRequest) -> Result<T, Problem> {
    // A route without the parameter is a mistake in the route: its text is then empty, and refused.
    let text = request.match_info().get(T::NAME).unwrap_or_default();
    refuse_bsn(text)
        .and_then(|()| T::parse_text(text))
        .map_err(|refusal| FieldError::path(T::NAME, refusal).into())
}

fn describe<T: PathParameter>() -> Parameter {
    ParameterBuilder::new()
        .name(T::NAME)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(T::description()))
        .schema(Some(T::schema()))
        .build()
}

fn together<const N: usize>(problems: [Option<Problem>; N]) -> Problem {
    Problem::invalid(problems.into_iter().flatten().flat_map(|problem| problem.errors).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use groeilijn_domain::values::ids::{GroupId, PupilId};

    #[actix_web::test]
    async fn every_malformed_id_is_reported() {
        let request = TestRequest::default().param("pupilId", "1").param("groupId", "2").to_http_request();
        let read = PathIds::<(PupilId, GroupId)>::read(&request, &mut Payload::None).await;
        assert_eq!(read.err().unwrap().errors.len(), 2);

        let id = "01999999-0000-7000-8000-000000000001";
        let request = TestRequest::default().param("pupilId", id).to_http_request();
        assert_eq!(parameter::<PupilId>(&request).ok().unwrap().to_string(), id);
    }
}
