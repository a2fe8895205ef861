//! Values that are kept as a document of their own form, as the open format writes them.

use groeilijn_domain::access::right_change::RightChange;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{
    Action, Entitlement, Function, GivenGroup, GivenGroups, GivenLocation, Part, UserRights, user_rights,
};
use groeilijn_domain::children::framework::{FrameworkChoices, FrameworkDocument, LineCode};
use groeilijn_domain::children::placement::Placement;
use groeilijn_domain::children::placement_change::PlacementChange;
use groeilijn_domain::children::registration::{Completeness, Judgements, MilestoneState};
use groeilijn_domain::values::ids::{GroupId, LocationId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::form::Json;
use crate::children::registration::content::Content;
use crate::institutions::agreement::AgreementContent;

/// An object of these members and no others, of which all have to be there.
fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The same value as another type, or what is wrong with it. The text of the error is ours: that of serde may quote.
fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| {
        if error.is_data() { "is not as its schema says".to_owned() } else { "cannot be read".to_owned() }
    })
}

fn written(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|_| "cannot be written".to_owned())
}

/// As it is kept, held against a type.
fn same<T: DeserializeOwned + Serialize>(value: &Value) -> Result<String, String> {
    written(&typed::<T>(value)?)
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The name of a person.
pub(super) static NAME: Json = Json {
    schema: || {
        object(&json!({
            "firstName": {"type": "string", "maxLength": NamePart::MOST_CHARACTERS},
            "infix": {"type": ["string", "null"], "maxLength": Infix::MOST_CHARACTERS},
            "lastName": {"type": "string", "maxLength": NamePart::MOST_CHARACTERS},
        }))
    },
    open: |text| {
        let PersonName { first, infix, last } = PersonName::kept(text)?;
        Some(json!({"firstName": first, "infix": infix, "lastName": last}))
    },
    close: |value| {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Name {
            first_name: String,
            infix: Option<String>,
            last_name: String,
        }
        let Name { first_name, infix, last_name } = typed(value)?;
        let name = PersonName {
            first: NamePart::parse(&first_name).map_err(|refusal| refusal.detail)?,
            infix: infix.map(|infix| Infix::parse(&infix)).transpose().map_err(|refusal| refusal.detail)?,
            last: NamePart::parse(&last_name).map_err(|refusal| refusal.detail)?,
        };
        Ok(name.to_kept())
    },
};

/// The development lines that a note is about.
pub(super) static LINES: Json = Json {
    schema: || json!({"type": "array", "items": {"type": "string"}}),
    open: read,
    close: same::<Vec<LineCode>>,
};

/// What was judged of a child, and how old it was.
pub(super) static JUDGEMENTS: Json = Json {
    schema: || {
        let codes = |codes: Vec<&str>| json!({"type": "string", "enum": codes});
        let line = json!({
            "type": "object",
            "properties": {
                "phaseFromMonth": {"type": "integer", "minimum": 0},
                "completeness": codes(Completeness::ALL.iter().map(|code| code.code()).collect()),
                "attention": {"type": "boolean"},
            },
            "additionalProperties": false,
        });
        let states = codes(MilestoneState::ALL.iter().map(|code| code.code()).collect());
        object(&json!({
            "ageMonths": {"type": "integer", "minimum": 0},
            "judgements": {
                "type": "object",
                "properties": {
                    "scales": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
                    "lines": {"type": "object", "additionalProperties": line},
                    "milestones": {"type": "object", "additionalProperties": states},
                },
                "additionalProperties": false,
            },
        }))
    },
    open: read,
    close: same::<Content<Judgements>>,
};

/// A framework.
pub(super) static FRAMEWORK: Json =
    Json { schema: || json!({"type": "object"}), open: read, close: same::<FrameworkDocument> };

/// Which framework is chosen for which age.
pub(super) static FRAMEWORK_CHOICES: Json = Json {
    schema: || json!({"type": "array", "items": {"type": "object"}}),
    open: read,
    close: framework_choices,
};

fn framework_choices(value: &Value) -> Result<String, String> {
    let choices = FrameworkChoices::new(typed(value)?);
    written(&choices.map_err(|_| "has choices that cannot hold together".to_owned())?)
}

/// The rights that were set for a user.
pub(super) static RIGHTS: Json = Json {
    schema: rights_schema,
    open: |text| Some(shown_rights(&read(text)?)),
    close: |value| {
        let named = typed::<Vec<RightsOnPart>>(value)?.into_iter().map(|right| (right.part, right.actions));
        let rights = user_rights(named).map_err(|refusals| {
            refusals.into_iter().next().map(|(_, refusal)| refusal.detail).unwrap_or_default()
        })?;
        written(&rights)
    },
};

/// Everything that is allowed on a part.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RightsOnPart {
    part: Part,
    actions: Vec<Action>,
}

fn rights_schema() -> Value {
    let parts: Vec<&str> = Part::ALL.iter().map(|part| part.code()).collect();
    let actions: Vec<&str> = Action::ALL.iter().map(|action| action.code()).collect();
    json!({"type": "array", "items": object(&json!({
        "part": {"type": "string", "enum": parts},
        "actions": {"type": "array", "items": {"type": "string", "enum": actions}},
    }))})
}

fn shown_rights(rights: &UserRights) -> Value {
    let each = rights.iter();
    each.map(|(part, actions)| {
        json!(RightsOnPart { part: *part, actions: actions.iter().copied().collect() })
    })
    .collect()
}

fn named_rights(rights: &[RightsOnPart]) -> UserRights {
    rights.iter().map(|right| (right.part, right.actions.iter().copied().collect())).collect()
}

/// From which day and until which a user is given a group.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ShownGroupDays {
    group_id: GroupId,
    first_day: Option<Date>,
    last_day: Option<Date>,
}

impl ShownGroupDays {
    const fn of(given: &GivenGroup) -> Self {
        Self { group_id: given.group, first_day: given.first_day, last_day: given.last_day }
    }

    const fn named(&self) -> GivenGroup {
        GivenGroup { group: self.group_id, first_day: self.first_day, last_day: self.last_day }
    }
}

/// A location that a user is limited to, and from which day and until which.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ShownLocation {
    location_id: LocationId,
    first_day: Option<Date>,
    last_day: Option<Date>,
}

impl ShownLocation {
    const fn of(given: &GivenLocation) -> Self {
        Self { location_id: given.location, first_day: given.first_day, last_day: given.last_day }
    }

    const fn named(&self) -> GivenLocation {
        GivenLocation { location: self.location_id, first_day: self.first_day, last_day: self.last_day }
    }
}

/// What a user was and is entitled to.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ShownEntitlement {
    function: Function,
    group_ids: Vec<GroupId>,
    /// The days of those that are not given for good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    group_days: Vec<ShownGroupDays>,
    /// The locations that she is limited to; nothing for one who is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locations: Option<Vec<ShownLocation>>,
    rights: Vec<RightsOnPart>,
    state: AccountState,
    last_day: Option<Date>,
}

impl ShownEntitlement {
    fn of(entitlement: &Entitlement) -> Result<Self, String> {
        Ok(Self {
            function: entitlement.function,
            group_ids: entitlement.groups.ids(),
            group_days: entitlement.groups.limited().map(ShownGroupDays::of).collect(),
            locations: entitlement
                .locations
                .as_ref()
                .map(|locations| locations.iter().map(ShownLocation::of).collect()),
            rights: typed(&shown_rights(&entitlement.rights))?,
            state: entitlement.state,
            last_day: entitlement.last_day,
        })
    }

    fn named(self) -> Entitlement {
        let limited: GivenGroups = self.group_days.iter().map(ShownGroupDays::named).collect();
        Entitlement {
            function: self.function,
            groups: limited.replaced_by(self.group_ids),
            locations: self.locations.map(|named| named.iter().map(ShownLocation::named).collect()),
            rights: named_rights(&self.rights),
            state: self.state,
            last_day: self.last_day,
        }
    }

    fn schema() -> Value {
        let functions: Vec<&str> = Function::ALL.iter().map(|function| function.code()).collect();
        let states: Vec<&str> = AccountState::ALL.iter().map(|state| state.code()).collect();
        let mut schema = object(&json!({
            "function": {"type": "string", "enum": functions},
            "groupIds": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            "rights": rights_schema(),
            "state": {"type": "string", "enum": states},
            "lastDay": {"type": ["string", "null"], "format": "date"},
        }));
        let day = json!({"type": ["string", "null"], "format": "date"});
        let given = |id: &str| {
            let properties =
                json!({id: {"type": "string", "format": "uuid"}, "firstDay": day, "lastDay": day});
            json!({"type": "array", "items": object(&properties)})
        };
        // They are not there where every group is given for good and the user is limited to no location, as in exports of
        // earlier versions.
        if let Some(properties) = schema.pointer_mut("/properties").and_then(Value::as_object_mut) {
            properties.insert("groupDays".to_owned(), given("groupId"));
            properties.insert("locations".to_owned(), given("locationId"));
        }
        schema
    }
}

/// A change in the register of rights.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownRightChange {
    before: Option<ShownEntitlement>,
    after: ShownEntitlement,
    reason: Option<String>,
}

/// A change in the register of rights.
pub(super) static RIGHT_CHANGE: Json = Json {
    schema: || {
        let either = json!({"anyOf": [ShownEntitlement::schema(), {"type": "null"}]});
        object(&json!({
            "before": either,
            "after": ShownEntitlement::schema(),
            "reason": {"type": ["string", "null"]},
        }))
    },
    open: |text| {
        let RightChange { before, after, reason } = read(text)?;
        let before = before.as_ref().map(ShownEntitlement::of).transpose().ok()?;
        Some(json!(ShownRightChange { before, after: ShownEntitlement::of(&after).ok()?, reason }))
    },
    close: |value| {
        let ShownRightChange { before, after, reason } = typed(value)?;
        written(&RightChange { before: before.map(ShownEntitlement::named), after: after.named(), reason })
    },
};

/// A placement, as it was or as it is since.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ShownPlacement {
    group_id: GroupId,
    placed_on: Date,
    ended_on: Option<Date>,
}

impl ShownPlacement {
    fn schema() -> Value {
        let day = json!({"type": "string", "format": "date"});
        object(&json!({
            "groupId": {"type": "string", "format": "uuid"},
            "placedOn": day,
            "endedOn": {"type": ["string", "null"], "format": "date"},
        }))
    }

    fn of(placement: &Placement) -> Self {
        let Placement { group, placed_on, ended_on } = *placement;
        Self { group_id: group, placed_on, ended_on }
    }

    fn placement(&self) -> Placement {
        Placement { group: self.group_id, placed_on: self.placed_on, ended_on: self.ended_on }
    }
}

/// How a placement was put right.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownPlacementChange {
    before: ShownPlacement,
    after: Option<ShownPlacement>,
    reason: String,
}

/// How a placement was put right.
pub(super) static PLACEMENT_CHANGE: Json = Json {
    schema: || {
        object(&json!({
            "before": ShownPlacement::schema(),
            "after": {"anyOf": [ShownPlacement::schema(), {"type": "null"}]},
            "reason": {"type": "string", "maxLength": ShortText::MOST_CHARACTERS},
        }))
    },
    open: |text| {
        let PlacementChange { before, after, reason } = read(text)?;
        let (before, after) = (ShownPlacement::of(&before), after.as_ref().map(ShownPlacement::of));
        Some(json!(ShownPlacementChange { before, after, reason }))
    },
    close: |value| {
        let ShownPlacementChange { before, after, reason } = typed(value)?;
        let reason = ShortText::parse(&reason).map_err(|refusal| refusal.detail)?;
        let after = after.as_ref().map(ShownPlacement::placement);
        let reason = reason.as_str().to_owned();
        written(&PlacementChange { before: before.placement(), after, reason })
    },
};

/// What an agreement says.
pub(super) static AGREEMENT: Json = Json {
    schema: || {
        let text = json!({"type": "string"});
        let deviation = object(&json!({"provision": text, "agreed": text, "reason": text}));
        object(&json!({
            "summary": {"type": ["string", "null"]},
            "deviations": {"type": "array", "items": deviation},
        }))
    },
    open: read,
    close: same::<AgreementContent>,
};

/// A document that is not taken in, as it is.
pub(super) static AS_KEPT: Json =
    Json { schema: || json!({}), open: read, close: |_| Err("is not taken in".to_owned()) };

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back(document: &Json, kept: &str) -> Value {
        let value = (document.open)(kept).unwrap();
        assert_eq!((document.close)(&value).unwrap(), kept);
        value
    }

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let name = PersonName {
            first: NamePart::parse("Fien").unwrap(),
            infix: Some(Infix::parse("van der").unwrap()),
            last: NamePart::parse("Verzonnen").unwrap(),
        };
        let shown = comes_back(&NAME, &name.to_kept());
        assert_eq!(shown, json!({"firstName": "Fien", "infix": "van der", "lastName": "Verzonnen"}));
        comes_back(&LINES, r#"["play"]"#);
        comes_back(
            &JUDGEMENTS,
            r#"{"ageMonths":50,"judgements":{"scales":{"well-being":3},"lines":{"play":{"attention":true}}}}"#,
        );
        let rights = comes_back(&RIGHTS, r#"{"notes":["read"]}"#);
        assert_eq!(rights, json!([{"part": "notes", "actions": ["read"]}]));
        let entitlement =
            r#"{"function":"teacher","groups":[],"rights":{},"state":"active","last_day":null}"#;
        let change =
            comes_back(&RIGHT_CHANGE, &format!(r#"{{"before":null,"after":{entitlement},"reason":null}}"#));
        assert_eq!(change["after"]["groupIds"], json!([]));
        let given = entitlement.replace(
            r#""groups":[]"#,
            r#""groups":["01999999-0000-7000-8000-000000000001"],"group_days":[{"group":"01999999-0000-7000-8000-000000000001","first_day":"2026-11-23","last_day":null}]"#,
        );
        let change =
            comes_back(&RIGHT_CHANGE, &format!(r#"{{"before":null,"after":{given},"reason":null}}"#));
        assert_eq!(change["after"]["groupDays"][0]["firstDay"], json!("2026-11-23"));
        let limited = entitlement.replace(
            r#""groups":[]"#,
            r#""groups":[],"locations":[{"location":"01999999-0000-7000-8000-000000000001","first_day":null,"last_day":"2026-11-23"}]"#,
        );
        let change =
            comes_back(&RIGHT_CHANGE, &format!(r#"{{"before":null,"after":{limited},"reason":null}}"#));
        assert_eq!(change["after"]["locations"][0]["lastDay"], json!("2026-11-23"));
        comes_back(&AGREEMENT, r#"{"summary":null,"deviations":[]}"#);
        let group = "01999999-0000-7000-8000-000000000001";
        comes_back(
            &PLACEMENT_CHANGE,
            &format!(
                r#"{{"before":{{"group":"{group}","placedOn":"2026-08-24","endedOn":null}},"after":null,"reason":"Vergissing."}}"#
            ),
        );
        let not_hers = json!([{"part": "users", "actions": ["read"]}]);
        assert_eq!((RIGHTS.close)(&not_hers).unwrap_err(), "must be a right that can be given to one user");
    }

    #[test]
    fn what_is_wrong_is_told_without_quoting_it() {
        for document in [
            &NAME,
            &LINES,
            &JUDGEMENTS,
            &RIGHTS,
            &RIGHT_CHANGE,
            &AGREEMENT,
            &FRAMEWORK,
            &FRAMEWORK_CHOICES,
            &PLACEMENT_CHANGE,
        ] {
            let wrong = (document.close)(&json!({"secret": "Fien"})).unwrap_err();
            assert!(!wrong.contains("Fien") && !wrong.contains("secret"), "{wrong}");
        }
    }
}
