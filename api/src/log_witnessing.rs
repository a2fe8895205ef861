//! Showing a checkpoint of an audit log to a witness, and keeping what it signs (C090).
//!
//! A log that a witness does not accept is a security event: it saw another log under this name, or a longer one.

use groeilijn_domain::audit::note::text_of;
use groeilijn_domain::audit::witness::{Witness, WitnessAnswer, answer, request};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_persistence::audit::witnesses::Submission;
use groeilijn_persistence::signature::is_signed;
use groeilijn_persistence::{Error, Result};
use jiff::SignedDuration;
use tokio::task::spawn_blocking;

use crate::state::AppState;

/// How long a log is held for a witness: longer than asking it may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// What came of showing a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing more is to be done about it now.
    Done,
    /// The witness does not answer.
    NoAnswer,
}

/// Shows the newest checkpoint of a log to a witness that has yet to sign it.
///
/// # Errors
/// What the database refuses.
pub(crate) async fn show_log(state: &AppState, witness: &Witness, log: InstitutionId) -> Result<Shown> {
    // When the witness says from where on, it is shown once more.
    loop {
        if let Some(shown) = show_once(state, witness, log).await? {
            return Ok(shown);
        }
    }
}

/// `None` when it is to be shown again at once.
async fn show_once(state: &AppState, witness: &Witness, log: InstitutionId) -> Result<Option<Shown>> {
    let store = &state.store;
    let now = state.environment().now();
    let claimed = store.claim_submission(log, witness.name().to_owned(), now, LEASE).await?;
    let Some(submission) = claimed else { return Ok(Some(Shown::Done)) };
    let answered = ask(state, witness, &submission).await?;
    let now = state.environment().now();
    match answered {
        Some(WitnessAnswer::Cosigned(cosignature)) => {
            store.cosigned(submission, cosignature, now).await?;
        }
        Some(WitnessAnswer::Saw(saw)) => {
            if store.witness_saw(submission, saw, now).await? {
                return Ok(None);
            }
            tell(state, witness, log, "it saw more entries than there are").await?;
        }
        Some(WitnessAnswer::Refused) => {
            store.ask_witness_later(submission, now).await?;
            tell(state, witness, log, "it saw another log, or does not know this one or its key").await?;
        }
        Some(WitnessAnswer::Unclear) => {
            tracing::warn!(institution = %log, witness = witness.name(), "a witness gives no answer that can be used");
            store.ask_witness_later(submission, now).await?;
        }
        None => {
            tracing::warn!(witness = witness.name(), "a witness does not answer");
            store.ask_witness_later(submission, now).await?;
            return Ok(Some(Shown::NoAnswer));
        }
    }
    Ok(Some(Shown::Done))
}

/// What the witness answers, if it does.
async fn ask(state: &AppState, witness: &Witness, submission: &Submission) -> Result<Option<WitnessAnswer>> {
    let note = &submission.checkpoint.note;
    let text = text_of(note).ok_or(Error::Unreadable("audit_checkpoint"))?.to_owned();
    let body = request(submission.old, &submission.proof, note);
    let (sender, witness) = (state.witnesses.sender.clone(), witness.clone());
    let asked = spawn_blocking(move || {
        let (status, said) = sender.show(&witness, &body)?;
        let holds = |key: &[u8; 32], message: &[u8], signature: &[u8]| is_signed(key, message, signature);
        Some(answer((status, &said), &text, witness.key(), holds))
    });
    asked.await.map_err(Error::internal)
}

/// Tells of a log that a witness does not accept.
async fn tell(state: &AppState, witness: &Witness, log: InstitutionId, why: &str) -> Result<()> {
    let name = witness.name();
    tracing::error!(institution = %log, witness = name, "a witness does not accept the audit log: {why}");
    if state.store.tell_of_unwitnessed_log(log).await? {
        state.metrics.security_event(SecurityEventKind::LogNotWitnessed);
    }
    Ok(())
}
