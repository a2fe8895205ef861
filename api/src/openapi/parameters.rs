//! Parameters: those that the inputs of a handler describe, and what was written with the handler.

use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation as Documented, Parameter, ParameterIn};

use crate::http::endpoint::Operation;

/// Adds the parameters that an operation reads and that are not documented with its handler.
pub(super) fn add(documented: &mut Documented, operation: &Operation, errors: &mut Vec<String>) {
    let mut parameters = documented.parameters.take().unwrap_or_default();
    for parameter in (operation.parameters)() {
        if !has(&parameters, &parameter.name, &parameter.parameter_in) {
            parameters.push(RefOr::T(parameter));
        }
    }
    for name in names_in(operation.path).filter(|name| !has(&parameters, name, &ParameterIn::Path)) {
        errors.push(format!("{}: nothing reads the path parameter {name}", operation.name));
    }
    documented.parameters = Some(parameters).filter(|parameters| !parameters.is_empty());
}

/// Whether an operation has a query parameter of this name.
pub(super) fn has_query(documented: &Documented, name: &str) -> bool {
    documented.parameters.as_ref().is_some_and(|parameters| has(parameters, name, &ParameterIn::Query))
}

fn has(parameters: &[RefOr<Parameter>], name: &str, place: &ParameterIn) -> bool {
    parameters.iter().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == name && parameter.parameter_in == *place,
        RefOr::Ref(_) => false,
    })
}

/// The names between braces in a path template.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn parameters_are_found_in_a_path() {
        let names: Vec<_> = names_in("/pupils/{pupilId}/notes/{noteId}").collect();
        assert_eq!(names, ["pupilId", "noteId"]);
        assert_eq!(names_in("/pupils").count(), 0);
    }
}
