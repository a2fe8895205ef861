//! The parameters of an operation: those that the inputs of its handler are read from.

use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation as Documented, Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;

use crate::http::endpoint::{Documentation, Operation};

/// Adds the parameters that an operation reads.
pub(super) fn add(documented: &mut Documented, operation: &Operation, errors: &mut Vec<String>) {
    let mut parameters: Vec<RefOr<Parameter>> = Vec::new();
    for mut parameter in (operation.parameters)() {
        describe(&mut parameter, &operation.documentation);
        parameters.push(RefOr::T(parameter));
    }
    for name in names_in(operation.path).filter(|name| !has(&parameters, name, &ParameterIn::Path)) {
        errors.push(format!("{}: nothing reads the path parameter {name}", operation.name));
    }
    for parameter in &parameters {
        let RefOr::T(parameter) = parameter else { continue };
        let absent = !names_in(operation.path).any(|name| name == parameter.name);
        if parameter.parameter_in == ParameterIn::Path && absent {
            errors.push(format!("{}: the path has no parameter {}", operation.name, parameter.name));
        }
    }
    documented.parameters = Some(parameters).filter(|parameters| !parameters.is_empty());
}

/// Gives a path parameter the words that the operation has for it, in place of the description and the examples of its
/// type.
fn describe(parameter: &mut Parameter, documentation: &Documentation) {
    let words = documentation.path_parameters.iter().find(|(name, _)| parameter.name == *name);
    let Some((_, description)) = words else { return };
    parameter.description = Some((*description).to_owned());
    if let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema {
        schema.examples.clear();
    }
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
