//! Pages refer to what they list. utoipa writes the schema of a generic type's parameter out in full, and a
//! generated client would then have a class for a pupil and another one for a pupil on a page.

use std::collections::HashMap;

use utoipa::openapi::path::Operation as Documented;
use utoipa::openapi::schema::{ArrayItems, Schema};
use utoipa::openapi::{Components, Ref, RefOr};

/// The named schemas by what they are.
pub(super) struct Names(HashMap<String, String>);

impl Names {
    /// The names that these components give.
    pub(super) fn of(components: &Components) -> Self {
        let named = components.schemas.iter();
        Self(named.filter_map(|(name, schema)| Some((text(schema)?, name.clone()))).collect())
    }

    /// Lets the pages that an operation replies with refer to the schemas of their items by name.
    pub(super) fn refer(&self, documented: &mut Documented) {
        for reply in documented.responses.responses.values_mut() {
            let RefOr::T(reply) = reply else { continue };
            for content in reply.content.values_mut() {
                let RefOr::T(content) = content else { continue };
                if let Some(item) = content.schema.as_mut().and_then(item_of_page) {
                    self.refer_to(item);
                }
            }
        }
    }

    fn refer_to(&self, item: &mut RefOr<Schema>) {
        if let Some(name) = text(item).and_then(|text| self.0.get(&text)) {
            *item = Ref::from_schema_name(name).into();
        }
    }
}

/// The schema of the items of a page, written out in full.
fn item_of_page(schema: &mut RefOr<Schema>) -> Option<&mut RefOr<Schema>> {
    let RefOr::T(Schema::Object(page)) = schema else { return None };
    let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") else { return None };
    match &mut items.items {
        ArrayItems::RefOrSchema(item) => Some(item),
        ArrayItems::False => None,
    }
}

fn text(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::T(schema) => serde_json::to_string(schema).ok(),
        RefOr::Ref(_) => None,
    }
}
