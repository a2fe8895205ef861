//! Changing a draft step by step.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::{Completeness, Judgements, LineJudgement, MilestoneState};
use crate::children::framework::{LineCode, MilestoneCode, ScaleCode};

/// The merge patch (RFC 7396) of a map: absent leaves it, null empties it, and of the entries null removes
/// one and a value sets or merges it.
pub type MapPatch<K, P> = Option<Option<BTreeMap<K, Option<P>>>>;

/// A merge patch (RFC 7396) of [`Judgements`], which is how a draft is saved with every tap (C071).
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JudgementPatch {
    /// Changes of [`Judgements::scales`].
    #[serde(default, deserialize_with = "present")]
    pub scales: MapPatch<ScaleCode, u8>,
    /// Changes of [`Judgements::lines`].
    #[serde(default, deserialize_with = "present")]
    pub lines: MapPatch<LineCode, LinePatch>,
    /// Changes of [`Judgements::milestones`].
    #[serde(default, deserialize_with = "present")]
    pub milestones: MapPatch<MilestoneCode, MilestoneState>,
}

/// A merge patch of one [`LineJudgement`]: for each field absent leaves it, null removes it.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinePatch {
    /// Changes [`LineJudgement::phase_from_month`].
    #[serde(default, deserialize_with = "present")]
    pub phase_from_month: Option<Option<u16>>,
    /// Changes [`LineJudgement::completeness`].
    #[serde(default, deserialize_with = "present")]
    pub completeness: Option<Option<Completeness>>,
    /// Changes [`LineJudgement::attention`]; removed is false.
    #[serde(default, deserialize_with = "present")]
    pub attention: Option<Option<bool>>,
}

impl Judgements {
    /// Carries out a merge patch. The result may be inconsistent: [`Judgements::check`] it afterwards.
    pub fn apply(&mut self, patch: JudgementPatch) {
        merge(&mut self.scales, patch.scales, |_, value| value);
        merge(&mut self.lines, patch.lines, |line, patch| line.unwrap_or_default().merged(&patch));
        merge(&mut self.milestones, patch.milestones, |_, state| state);
    }
}

impl LineJudgement {
    fn merged(self, patch: &LinePatch) -> Self {
        Self {
            phase_from_month: patch.phase_from_month.unwrap_or(self.phase_from_month),
            completeness: patch.completeness.unwrap_or(self.completeness),
            attention: patch.attention.map_or(self.attention, Option::unwrap_or_default),
        }
    }
}

fn merge<K: Ord, V, P>(
    target: &mut BTreeMap<K, V>,
    patch: MapPatch<K, P>,
    value: impl Fn(Option<V>, P) -> V,
) {
    match patch {
        None => {}
        Some(None) => target.clear(),
        Some(Some(entries)) => {
            for (key, change) in entries {
                let old = target.remove(&key);
                if let Some(change) = change {
                    target.insert(key, value(old, change));
                }
            }
        }
    }
}

/// Tells a null (`Some(None)`) from an absent field, which serde leaves to the default.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::{Map, Value, json};

    use super::*;

    /// What RFC 7396 does to any JSON value.
    fn merge_patch(target: Value, patch: &Value) -> Value {
        let Value::Object(patch) = patch else { return patch.clone() };
        let mut target = match target {
            Value::Object(target) => target,
            _ => Map::new(),
        };
        for (name, value) in patch {
            let old = target.remove(name);
            if !value.is_null() {
                target.insert(name.clone(), merge_patch(old.unwrap_or_default(), value));
            }
        }
        Value::Object(target)
    }

    /// An object with some of these keys.
    fn object(
        keys: &'static [&'static str],
        value: impl Strategy<Value = Value> + 'static,
    ) -> impl Strategy<Value = Value> {
        btree_map(select(keys), value, 0..=keys.len())
            .prop_map(|entries| entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The value, or null if `nullable`.
    fn or_null(nullable: bool, value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
        if nullable { prop_oneof![1 => Just(Value::Null), 3 => value].boxed() } else { value.boxed() }
    }

    /// An object with some of these fields.
    fn fields(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> impl Strategy<Value = Value> {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| {
                prop::option::of(value).prop_map(move |value| Some((name.to_owned(), value?)))
            })
            .collect();
        fields.prop_map(|fields| fields.into_iter().flatten().collect())
    }

    /// The JSON form of judgements or, with nulls, of a patch of them.
    fn judgements(nulls: bool) -> impl Strategy<Value = Value> {
        let line = fields(vec![
            ("phaseFromMonth", or_null(nulls, (0u16..96).prop_map_into())),
            ("completeness", or_null(nulls, select(&["begun", "partly", "complete"][..]).prop_map_into())),
            ("attention", or_null(nulls, any::<bool>().prop_map_into())),
        ]);
        let state = select(&["reached", "not-yet", "not-observed"][..]).prop_map_into();
        fields(vec![
            ("scales", or_null(nulls, object(&["a", "b"], or_null(nulls, any::<u8>().prop_map_into())))),
            ("lines", or_null(nulls, object(&["c", "d", "e"], or_null(nulls, line)))),
            ("milestones", or_null(nulls, object(&["f", "g.1", "h-2"], or_null(nulls, state)))),
        ])
    }

    fn parse(json: Value) -> Judgements {
        serde_json::from_value(json).unwrap()
    }

    proptest! {
        #[test]
        fn a_patch_does_what_rfc_7396_does_to_the_json_form(
            before in judgements(false),
            patch in judgements(true),
        ) {
            let mut patched = parse(before);
            let expected = merge_patch(serde_json::to_value(&patched).unwrap(), &patch);
            patched.apply(serde_json::from_value(patch).unwrap());
            let json = serde_json::to_value(&patched).unwrap();
            prop_assert!(patched == parse(expected.clone()), "{json} instead of {expected}");
        }

        #[test]
        fn a_patch_repeated_changes_nothing_more(before in judgements(false), patch in judgements(true)) {
            let patch: JudgementPatch = serde_json::from_value(patch).unwrap();
            let mut once = parse(before);
            once.apply(patch.clone());
            let mut twice = once.clone();
            twice.apply(patch);
            prop_assert!(once == twice);
        }
    }

    #[test]
    fn one_field_of_one_line_changes() {
        let mut judgements = parse(json!({
            "lines": {
                "early-reading": {"attention": true},
                "gross-motor": {"phaseFromMonth": 42, "completeness": "begun"},
            },
        }));
        let patch = json!({"lines": {"gross-motor": {"completeness": "complete"}, "early-reading": null}});
        judgements.apply(serde_json::from_value(patch).unwrap());
        let expected = json!({"lines": {"gross-motor": {"phaseFromMonth": 42, "completeness": "complete"}}});
        assert_eq!(serde_json::to_value(&judgements).unwrap(), expected);
    }

    #[test]
    fn a_patch_of_another_shape_is_refused() {
        for patch in [json!({"colour": 1}), json!({"lines": 3}), json!({"lines": {"a": {"colour": 1}}})] {
            assert!(serde_json::from_value::<JudgementPatch>(patch).is_err());
        }
    }
}
