//! Subprocessors, plainly made up, announced by the secretariat.

use diesel::sql_query;
use diesel::sql_types::Binary;
use groeilijn_api::audit_context::without_request;
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::platform::subprocessor::SubprocessorDuty;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::database::query::RunQuery;
use groeilijn_persistence::{Cost, PlatformReader, PlatformWriter, Principal};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::Server;

/// The body of a subprocessor in the Netherlands.
pub fn subprocessor() -> Value {
    let passages = SubprocessorDuty::ALL.map(|duty| {
        json!({"duty": duty.code(), "text": format!("Artikel over {}.", duty.code()), "documentSha256": "ab".repeat(32)})
    });
    json!({
        "name": "Verzonnen Hosting B.V.", "place": "Delft", "task": "Beheert de servers.",
        "access": "Versleutelde databases.", "passages": passages,
    })
}

/// The body of one in Switzerland, to which each institution has to consent.
pub fn abroad() -> Value {
    let mut body = subprocessor();
    body["country"] = json!("CH");
    body["place"] = json!("Bern");
    body["safeguard"] = json!("adequacy-decision");
    body
}

/// Announces a subprocessor and gives its id.
#[track_caller]
pub fn announce(server: &Server, body: &Value) -> String {
    server.staff(ProcessorFunction::Secretariat).post("/v1/subprocessors", body).expect(201).id()
}

/// Has the subprocessors confirm that they destroyed the data of an institution whose contract ended on this day, as
/// destroying it does, and gives the id of the first confirmation.
#[track_caller]
pub fn end_contract(server: &Server, institution: &str, ended_on: &str) -> String {
    let institution = InstitutionId::from_uuid(Uuid::parse_str(institution).unwrap());
    let ended_on: Date = ended_on.parse().unwrap();
    server.installation().with_store(&server.clock, async |store| {
        let service = Principal::Service { institution: None };
        let operation = ("endInstitution", ProcessingActivity::OperateService);
        let context = without_request(store.environment(), service, operation.0, operation.1);
        let platform = store.platform(context);
        let ask =
            move |writer: &mut PlatformWriter<'_>| writer.ask_to_confirm_destruction(institution, ended_on);
        platform.write(ask).await.unwrap();
        let read = |reader: &mut PlatformReader<'_>| reader.institution_endings(None, 100);
        let endings = platform.read(Cost::Rows, read).await.unwrap();
        let ending = endings.into_iter().find(|ending| ending.institution == institution).unwrap();
        ending.confirmations.into_iter().next().map_or_else(String::new, |asked| asked.id.to_string())
    })
}

/// What a subprocessor has to confirm that was in use when the contract of an institution ended: its id.
#[track_caller]
pub fn to_be_confirmed(server: &Server, institution: &str) -> String {
    let id = announce(server, &subprocessor());
    let long_ago = sql_query("UPDATE subprocessor SET announced_at = 0 WHERE id = $1")
        .bind::<Binary, _>(Uuid::parse_str(&id).unwrap().as_bytes().to_vec());
    assert_eq!(long_ago.execute(&mut server.raw_data()).unwrap(), 1);
    end_contract(server, institution, "2026-11-20")
}
