use groeilijn_domain::access::session::SESSION_LIFE;
use groeilijn_domain::access::{Function, Role};
use groeilijn_domain::values::ids::SessionId;
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Actor, Cost};
use jiff::{SignedDuration, Timestamp};

use crate::school::School;

async fn teacher(school: &School) -> Actor {
    let user = school.teacher;
    let stored = school.as_teacher(user).read(Cost::Rows, move |reader| reader.user(user)).await.unwrap();
    let (role, institution) = (Role::Institution(Function::Teacher), Some(school.institution));
    Actor { account: stored.account, user, role, institution }
}

async fn log_in(school: &School, checked_at: Timestamp) -> Option<StoredSession> {
    let id = SessionId::from_uuid(school.store.environment().uuid());
    let actor = teacher(school).await;
    let hash = school.store.environment().bytes();
    school.platform().write(move |writer| writer.start_session(id, actor, checked_at, &hash)).await.unwrap()
}

#[tokio::test]
async fn an_old_password_opens_no_session_when_it_was_replaced_while_it_was_checked() {
    let school = School::new().await;
    let before = school.store.environment().now();
    let actor = teacher(&school).await;
    school.platform().write(move |writer| writer.change_password(actor, "$argon2id$x")).await.unwrap();
    assert!(log_in(&school, before).await.is_none());
    assert!(log_in(&school, school.store.environment().now()).await.is_some());
}

#[tokio::test]
async fn a_session_is_forgotten_a_day_after_it_could_not_last_any_longer() {
    let school = School::new().await;
    let begun = log_in(&school, school.store.environment().now()).await.unwrap();
    let end = begun.created_at + SESSION_LIFE;
    let day = SignedDuration::from_hours(24);
    let kept = async |now| {
        school.store.forget_old_sessions(now).await.unwrap();
        school.store.session(begun.id).await.unwrap().is_some()
    };
    assert!(kept(end + day - SignedDuration::from_mins(1)).await);
    assert!(!kept(end + day + SignedDuration::from_mins(1)).await);
}
