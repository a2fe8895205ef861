//! The lines of a registration, read in place.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Judgements, LineJudgement};

/// The development lines of a registration, in the order of their codes, borrowed from [`Judgements`] or
/// from their stored JSON form.
///
/// The overview of a group needs the lines of all its children and none of their milestones. Deserialised
/// from the bytes that [`Judgements`] was serialised to, this takes one allocation where that takes hundreds.
/// It trusts those bytes: what comes from a client goes through [`Judgements`] first.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct LineJudgements<'a>(Vec<(&'a str, LineJudgement)>);

impl<'a> LineJudgements<'a> {
    /// Each line's code and judgement.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &LineJudgement)> {
        self.0.iter().map(|(code, judgement)| (*code, judgement))
    }
}

impl<'a> From<&'a Judgements> for LineJudgements<'a> {
    fn from(judgements: &'a Judgements) -> Self {
        Self(judgements.lines.iter().map(|(code, judgement)| (code.as_str(), *judgement)).collect())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for LineJudgements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Stored::deserialize(deserializer).map(|stored| Self(stored.lines.0))
    }
}

/// The part of the stored form that is read; the rest is skipped.
#[derive(Deserialize)]
struct Stored<'a> {
    #[serde(borrow, default)]
    lines: Entries<'a>,
}

#[derive(Default)]
struct Entries<'a>(Vec<(&'a str, LineJudgement)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("judgements by line code")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // Frameworks have some sixteen lines; JSON does not say beforehand how many follow.
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(16));
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_stored_form_gives_the_same_lines_as_the_judgements() {
        for json in [
            json!({}),
            json!({"scales": {"well-being": 3}, "milestones": {"gross-motor.6-12.1": "reached"}}),
            json!({
                "lines": {
                    "early-reading": {"attention": true},
                    "gross-motor": {"phaseFromMonth": 42, "completeness": "partly"},
                },
                "milestones": {"gross-motor.6-12.1": "reached"},
            }),
        ] {
            let judgements: Judgements = serde_json::from_value(json).unwrap();
            let stored = serde_json::to_vec(&judgements).unwrap();
            let read: LineJudgements<'_> = serde_json::from_slice(&stored).unwrap();
            assert_eq!(read, LineJudgements::from(&judgements));
            assert_eq!(read.iter().count(), judgements.lines.len());
        }
    }
}
