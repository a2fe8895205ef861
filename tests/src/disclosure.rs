//! Reviews of a log and disclosures, plainly made up.

use serde_json::{Value, json};

use crate::school::School;

/// The body of a review of everything until the day before the tests begin.
pub fn new_review() -> Value {
    json!({"reviewedUntil": "2026-11-20T09:00:00Z", "findings": "Geen bijzonderheden."})
}

/// Records a review of a school's log and gives its id.
#[track_caller]
pub fn review(school: &School) -> String {
    school.admin.post("/v1/log-reviews", &new_review()).expect(201).id()
}

/// The body of a disclosure about everybody, at the school's own order.
pub fn ordered() -> Value {
    json!({
        "recipient": "Basisschool De Buren", "what": "Het overdrachtsformulier.",
        "classes": ["ordinary", "learning-result"], "everybody": true, "disclosedAt": "2026-11-20T09:00:00Z",
        "ground": "controller-order", "order": "De directie, per brief.",
    })
}

/// Records a disclosure by a school and gives its id.
#[track_caller]
pub fn disclose(school: &School) -> String {
    school.admin.post(&format!("/v1/institutions/{}/disclosures", school.id), &ordered()).expect(201).id()
}
