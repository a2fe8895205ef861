//! A framework of another shape than the basis: phases of a year, and scales of two steps.

use groeilijn_tests::both_databases;
use groeilijn_tests::class::finalise;
use groeilijn_tests::framework::shipped_version;
use serde_json::json;

use super::{find, lines_in, lines_of, phase, position};

both_databases! {
    fn c025_c028_a_child_is_registered_and_followed_by_the_early_framework(server: Server) {
        let class = server.class();
        let teacher = &class.teacher.client;
        let early = shipped_version(teacher, "groeilijn-early-0-4", 1, "nl");
        // She was three years and six months old.
        let path = format!("/v1/pupils/{}/registrations", class.pupil);
        let body = json!({"frameworkId": early, "registeredOn": "2025-11-04", "judgements": {
            "scales": {"communication-judgement": 2, "play-judgement": 1},
            "lines": {"communicating": phase(36, "partly"), "playing": phase(12, "complete")},
            "milestones": {"communicating.36-48.1": "reached"},
        }});
        let draft = teacher.post(&path, &body).expect(201);
        let wrong = json!({"judgements": {
            "scales": {"play-judgement": 3},
            "lines": {"communicating": phase(42, "begun"), "drawing": phase(36, "begun")},
        }});
        teacher.change(draft.header("Location"), &wrong).refuses(&[
            ("/judgements/scales/play-judgement", "unknown-step"),
            ("/judgements/lines/communicating/phaseFromMonth", "unknown-phase"),
            ("/judgements/lines/drawing", "not-in-framework"),
        ]);
        finalise(teacher, &draft.id());

        let overview = teacher.get(&format!("/v1/pupils/{}/overview", class.pupil)).expect(200).json();
        assert_eq!(overview["frameworkId"], early.as_str());
        assert_eq!(lines_in(&overview), lines_of(teacher, &early));
        let point = |line: &str| find(&overview["lines"], "line", line)["points"][0]["position"].clone();
        assert_eq!(point("communicating"), position(42, 0, "at-level"));
        assert_eq!(point("playing"), position(24, -18, "behind"));
        assert_eq!(find(&overview["scales"], "scale", "play-judgement")["points"][0]["value"], 1);

        let group = teacher.get(&format!("/v1/groups/{}/overview?frameworkId={early}", class.group)).expect(200).json();
        let cells = &group["children"][0]["cells"];
        assert_eq!(find(cells, "line", "communicating")["position"], position(42, 0, "at-level"));
        assert_eq!(find(&group["lines"], "line", "playing")["behind"], 1);
        assert_eq!(lines_in(&group), lines_of(teacher, &early));
    }
}
