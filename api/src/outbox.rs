//! Sends the letters that wait, through a mail server or into a folder.
//!
//! Each process looks when one was left here and every second besides, for those that are due or were left elsewhere.
//! A letter is held by a lease, so that it is sent once; one whose sender dies is taken over when the lease ends.

use std::time::Duration;

use actix_web::web;
use groeilijn_domain::access::Scope;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::Letter;
use groeilijn_persistence::access::letter::WaitingLetter;
use groeilijn_persistence::{Actor, AuditContext, Cost, Error, Principal, Result, Store, TraceContext};
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::jobs::end;
use crate::state::AppState;

/// How long a letter is held: longer than sending it may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// How often it is looked whether a letter is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Sends letters until told to stop.
pub(crate) async fn run(state: web::Data<AppState>, mut stopped: watch::Receiver<bool>) {
    loop {
        let pause = match send_next(&state).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "letters are left for later");
                LOOK_EVERY
            }
        };
        tokio::select! {
            biased;
            () = end(&mut stopped) => return,
            () = state.store.letter_left() => {}
            () = sleep(pause) => {}
        }
    }
}

/// Sends the letter that has been due longest; whether there was one.
async fn send_next(state: &AppState) -> Result<bool> {
    let store = &state.store;
    let Some(waiting) = store.claim_letter(store.environment().now(), LEASE).await? else { return Ok(false) };
    if waiting.content.is_too_late(store.environment().now()) {
        store.letter_done(&waiting).await?;
        return Ok(true);
    }
    let letter = match write(state, &waiting).await {
        Ok(letter) => letter,
        Err(Error::NotFound | Error::Unreadable(_)) => {
            // Whoever it was for is gone.
            store.letter_done(&waiting).await?;
            return Ok(true);
        }
        Err(error) => return Err(error),
    };
    match state.letters.send(&letter).await {
        Ok(()) => store.letter_done(&waiting).await?,
        Err(error) if error.is_permanent() => {
            tracing::error!(%error, letter = %waiting.id, "a letter cannot be sent");
            store.letter_done(&waiting).await?;
        }
        Err(error) => {
            tracing::warn!(%error, letter = %waiting.id, "a letter is tried again later");
            if !store.postpone_letter(&waiting, store.environment().now()).await? {
                tracing::error!(letter = %waiting.id, "a letter was tried often enough and is given up");
            }
        }
    }
    Ok(true)
}

async fn write(state: &AppState, waiting: &WaitingLetter) -> Result<Letter> {
    let (name, to) = addressee(&state.store, waiting.to).await?;
    let id = waiting.id.as_uuid();
    Ok(match &waiting.content {
        LetterContent::SetPassword { token, until } => {
            // What stands after the # stays in the browser: no server on the way writes it down.
            let link = format!("{}#token={token}", state.password_page);
            Letter::set_password(id, to, &name, &link, *until)
        }
        LetterContent::PasswordExpires { on } => Letter::password_expires(id, to, &name, *on),
        LetterContent::AccountBlocked => Letter::account_blocked(id, to, &name),
        LetterContent::EmergencyAccess { from, until } => {
            Letter::emergency_access(id, to, &name, *from, *until)
        }
    })
}

/// The name and address of whom a letter is for.
async fn addressee(store: &Store, to: Actor) -> Result<(String, EmailAddress)> {
    let context = context(store, to);
    let (name, email) = if to.institution.is_some() {
        let tenant = store.tenant(context, Scope::Institution)?;
        let user = tenant.read(Cost::Rows, move |reader| reader.user(to.account)).await?;
        (user.fields.name, user.fields.email)
    } else {
        let platform = store.platform(context);
        let staff =
            platform.read(Cost::Rows, move |reader| reader.processor_staff_member(to.account)).await?;
        (staff.fields.name, staff.fields.email)
    };
    Ok((name.display(), email))
}

/// What the audit log says of a letter: it is sent by the service itself.
fn context(store: &Store, to: Actor) -> AuditContext {
    let environment = store.environment();
    AuditContext {
        actor: Principal::Service { institution: to.institution },
        support: None,
        session: None,
        address: String::new(),
        trace: TraceContext { trace_id: environment.bytes(), span_id: environment.bytes() },
        operation: "sendLetter",
        activity: ProcessingActivity::AdministerAccess,
    }
}
