use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::values::ids::PupilId;
use groeilijn_persistence::children::key_owner;
use groeilijn_persistence::children::pupil::{NumberSeen, PupilNumber};
use groeilijn_persistence::{Cost, Error, Result, Tenant};

use crate::school::{School, child};

fn eck_id(number: u32) -> EckId {
    EckId::parse(&format!("https://ketenid.nl/201703/{number:0128x}")).unwrap()
}

async fn look_for(tenant: &Tenant, number: u32) -> NumberSeen {
    tenant
        .read(Cost::Scan, move |reader| reader.look_for_number(PupilNumber::EckId(eck_id(number))))
        .await
        .unwrap()
}

/// Enters a pupil with an ECK iD, of which `seen` says whose it was.
async fn enter(school: &School, tenant: &Tenant, number: u32, seen: NumberSeen) -> Result<PupilId> {
    let id = PupilId::from_uuid(school.store.environment().uuid());
    let tenant = tenant.entering(vec![key_owner::pupil(id)]);
    let fields = PupilFields { eck_id: Some(eck_id(number)), ..child() };
    tenant.write(move |writer| writer.create_pupil(id, &fields, None, &[seen]).map(|_| id)).await
}

fn is_taken(outcome: &Result<PupilId>) -> bool {
    matches!(outcome, Err(Error::Conflict(refusal)) if refusal.code == "eck-id-in-use")
}

#[tokio::test]
async fn an_eck_id_that_was_free_when_it_was_looked_for_may_be_taken_by_now() {
    let school = School::new().await;
    let tenant = school.as_teacher(school.teacher);
    let (first, second, third) =
        (look_for(&tenant, 1).await, look_for(&tenant, 1).await, look_for(&tenant, 2).await);
    enter(&school, &tenant, 1, first).await.unwrap();
    assert!(is_taken(&enter(&school, &tenant, 1, second).await));
    enter(&school, &tenant, 2, third).await.unwrap();
    let taken = look_for(&tenant, 1).await;
    assert!(is_taken(&enter(&school, &tenant, 1, taken).await));
}

#[tokio::test]
async fn what_was_seen_of_another_eck_id_counts_for_nothing() {
    let school = School::new().await;
    let tenant = school.as_teacher(school.teacher);
    let first = look_for(&tenant, 1).await;
    enter(&school, &tenant, 1, first).await.unwrap();
    let of_another = look_for(&tenant, 2).await;
    assert!(is_taken(&enter(&school, &tenant, 1, of_another).await));
}

#[tokio::test]
async fn an_eck_id_that_was_taken_may_be_free_by_now() {
    let school = School::new().await;
    let tenant = school.as_teacher(school.teacher);
    let pupil = school.pupil;
    let change = |number: Option<u32>| {
        tenant.write(move |writer| {
            let stored = writer.pupil(pupil)?;
            let fields = PupilFields { eck_id: number.map(eck_id), ..stored.fields.clone() };
            writer.change_pupil(&stored, &fields, stored.school_key.as_ref(), &[])
        })
    };
    change(Some(1)).await.unwrap();
    let taken = look_for(&tenant, 1).await;
    change(None).await.unwrap();
    enter(&school, &tenant, 1, taken).await.unwrap();
}
