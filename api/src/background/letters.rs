//! Sends the letters that wait, through a mail server or into a folder.
//!
//! A letter is held by a lease, so that it is sent once; when its sender dies, the lease ends and another process takes
//! the letter over. What a letter says is in `groeilijn_mail`.

use groeilijn_domain::access::Scope;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::Letter;
use groeilijn_persistence::access::letter::{Addressee, WaitingLetter};
use groeilijn_persistence::{AuditContext, Cost, Error, Principal, Result, Store};
use jiff::SignedDuration;

use super::kind::{Found, Kind, Stop};
use crate::audit_context::without_request;
use crate::state::AppState;

/// How long a letter is held: longer than sending it may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// Sends the letters, one at a time.
pub(super) struct Letters;

impl Kind for Letters {
    const LEFT_FOR_LATER: &'static str = "letters are left for later";

    async fn work(&mut self, state: &AppState, _: &Stop) -> Result<Found> {
        let store = &state.store;
        let Some(waiting) = store.claim_letter(store.environment().now(), LEASE).await? else {
            return Ok(Found::Nothing);
        };
        deliver(state, &waiting).await?;
        Ok(Found::Work)
    }

    async fn bell(&self, state: &AppState) {
        state.store.letter_left().await;
    }
}

/// Sends a letter, or gives it up when it is too late or cannot be sent at all.
async fn deliver(state: &AppState, waiting: &WaitingLetter) -> Result<()> {
    let store = &state.store;
    if waiting.content.is_too_late(store.environment().now()) {
        return store.letter_done(waiting).await;
    }
    let letter = match write(state, waiting).await {
        Ok(letter) => letter,
        Err(error @ (Error::NotFound | Error::Destroyed)) => {
            tracing::warn!(%error, letter = %waiting.id, "a letter is thrown away: its addressee is gone");
            return store.letter_done(waiting).await;
        }
        Err(error) => {
            tracing::error!(%error, letter = %waiting.id, "a letter cannot be written and is tried again later");
            return store.postpone_letter(waiting, store.environment().now()).await;
        }
    };
    match state.letters.send(&letter).await {
        Ok(()) => store.letter_done(waiting).await,
        Err(error) if error.is_permanent() => {
            tracing::error!(%error, letter = %waiting.id, "a letter cannot be sent");
            store.letter_done(waiting).await
        }
        Err(error) => {
            tracing::warn!(%error, letter = %waiting.id, "a letter is tried again later");
            store.postpone_letter(waiting, store.environment().now()).await
        }
    }
}

async fn write(state: &AppState, waiting: &WaitingLetter) -> Result<Letter> {
    let (name, present) = addressee(&state.store, waiting.to).await?;
    let to = waiting.content.goes_to().map_or(present, |to| EmailAddress::kept(to.to_owned()));
    let id = waiting.id.as_uuid();
    Ok(match &waiting.content {
        LetterContent::SetPassword { token, until } => {
            // What stands after the # stays in the browser: no server on the way writes it down.
            let link = format!("{}#token={token}", state.password_page);
            Letter::set_password(id, to, &name, &link, *until)
        }
        LetterContent::JoinInstitution { token, until } => {
            let link = format!("{}#join={token}", state.password_page);
            let institution = inviting(&state.store, waiting.to).await?;
            Letter::join_institution(id, to, &name, (&institution, &link), *until)
        }
        LetterContent::ConfirmAddress { token, until, to: other } => {
            let link = format!("{}#address={token}", state.password_page);
            Letter::confirm_address(id, to, &name, &link, *until, other.is_some())
        }
        LetterContent::AddressChanged { .. } => Letter::address_changed(id, to, &name),
        LetterContent::AddressDue => Letter::address_due(id, to, &name),
        LetterContent::AddressMoved => Letter::address_moved(id, to, &name),
        LetterContent::PasswordExpires { on } => Letter::password_expires(id, to, &name, *on),
        LetterContent::AccountBlocked => Letter::account_blocked(id, to, &name),
        LetterContent::SupportBegun { kind, from, until, free_text } => {
            Letter::support_begun(id, to, &name, *kind, *from, *until, *free_text)
        }
        LetterContent::BackupFailed { at } => Letter::backup_failed(id, to, &name, *at),
        LetterContent::RequestRecorded => Letter::request_recorded(id, to, &name),
        LetterContent::CouplingProposed { from, until } => {
            Letter::coupling_proposed(id, to, &name, *from, *until)
        }
        LetterContent::RecoveryAnnounced { kind, from } => {
            Letter::recovery_announced(id, to, &name, *kind, *from)
        }
        LetterContent::ChangeProposed { summary } => Letter::change_proposed(id, to, &name, summary),
        LetterContent::LicenceCancelled { last_day } => Letter::licence_cancelled(id, to, &name, *last_day),
        LetterContent::CancellationWithdrawn => Letter::cancellation_withdrawn(id, to, &name),
        LetterContent::Destroyed { complete_on } => Letter::destroyed(id, to, &name, *complete_on),
        LetterContent::SubprocessorAnnounced { firm, until } => {
            Letter::subprocessor_announced(id, to, &name, firm, *until)
        }
        LetterContent::IncidentTold { news, deadline } => {
            Letter::incident_told(id, to, &name, *news, *deadline)
        }
        LetterContent::CheckpointToKeep { note } => Letter::checkpoint_to_keep(id, to, &name, note),
    })
}

fn context(store: &Store, to: Addressee) -> AuditContext {
    let service = Principal::Service { institution: to.institution() };
    without_request(store.environment(), service, "sendLetter", ProcessingActivity::AdministerAccess)
}

/// The name of the institution that invites the addressee.
async fn inviting(store: &Store, to: Addressee) -> Result<String> {
    let tenant = store.tenant(context(store, to), Scope::Institution)?;
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let institution = tenant.read(Cost::Rows, |reader| reader.own_institution()).await?;
    Ok(institution.fields.name)
}

/// The name and address of the addressee.
async fn addressee(store: &Store, to: Addressee) -> Result<(String, EmailAddress)> {
    let context = context(store, to);
    let (name, email) = match to {
        Addressee::LicenceHolder { .. } => {
            let tenant = store.tenant(context, Scope::Institution)?;
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            let holder = tenant.read(Cost::Rows, |reader| reader.licence_holder()).await?;
            (holder.fields.name, holder.fields.email)
        }
        Addressee::ContactPerson { id, .. } => {
            let tenant = store.tenant(context, Scope::Institution)?;
            let contact = tenant.read(Cost::Rows, move |reader| reader.contact_person(id)).await?;
            (contact.fields.name, contact.fields.email)
        }
        Addressee::Person(person) if person.institution.is_some() => {
            let tenant = store.tenant(context, Scope::Institution)?;
            let user = tenant.read(Cost::Rows, move |reader| reader.user(person.user)).await?;
            (user.fields.name, user.fields.email)
        }
        Addressee::Person(person) => {
            let platform = store.platform(context);
            let staff =
                platform.read(Cost::Rows, move |reader| reader.processor_staff_member(person.user)).await?;
            (staff.fields.name, staff.fields.email)
        }
    };
    Ok((name.display(), email))
}
