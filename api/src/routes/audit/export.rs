//! The audit log of an institution, to take along and to check elsewhere (C090, C092).

use std::time::Duration;

use actix_web::web;
use futures_util::future::try_join_all;
use futures_util::stream::try_unfold;
use groeilijn_persistence::audit::checkpoints::StoredCheckpoint;
use groeilijn_persistence::audit::export::LogExport;
use groeilijn_persistence::{Cost, Error, Result, Tenant};
use tokio::time::{sleep, timeout};

use crate::http::access::{Access, action, part};
use crate::http::file_reply::Streamed;
use crate::http::guard::activity::OperateService;
use crate::http::problem::Problem;
use crate::log_signing::sign_log;
use crate::log_witnessing::show_log;
use crate::operations;
use crate::state::AppState;

/// How often a piece is asked for while the database is busy, and the pause in between.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// How long an export waits for the witnesses.
const WITNESS_PATIENCE: Duration = Duration::from_secs(5);

operations! {
    /// The operations on the audit log as a whole.
    pub fn endpoints;

    /// Export the audit log
    ///
    /// The whole log as lines of JSON, with everything that the hashes cover: first whose log it is and the keys that check
    /// its checkpoints, then each entry, from the first on, and last the checkpoint of exactly these entries, which is signed
    /// now, with the cosignatures of the witnesses if the operator named any. `groeilijn audit verify` checks it offline, with a
    /// key and older checkpoints that you kept. Network addresses and details are the ciphertexts that the hashes cover; nobody
    /// reads them there. A reply without the last line broke off.
    ///
    /// That it was asked for is on record before the first line leaves, and in the export.
    GET "/audit-log/export" => export_audit_log: "The log, one JSON object a line."
        .producing(&[Streamed::MEDIA_TYPE]);
}

async fn export_audit_log(
    access: Access<part::AuditLog, action::Export, OperateService>,
) -> Result<Streamed, Problem> {
    let (tenant, state) = (access.tenant()?, access.state());
    tenant.record_log_export().await?;
    let signers = state.store.log_signers().await?;
    let checkpoint = match sign_log(state, tenant.institution(), &signers).await? {
        Some(checkpoint) => checkpoint,
        // An altered log leaves with what was signed before, and whoever checks it finds out.
        None => tenant.newest_checkpoint().await?.ok_or(Error::Unreadable("the audit log"))?,
    };
    let checkpoint = witnessed(state, &tenant, checkpoint).await?;
    let export = tenant.export_log(checkpoint).await?;
    Ok(Streamed::of(try_unfold(export, async |mut export| {
        let piece = next_piece(&mut export).await?;
        Ok::<_, Error>(piece.map(|lines| (web::Bytes::from(lines), export)))
    })))
}

/// The checkpoint with the cosignatures of those witnesses that answer in time.
async fn witnessed(
    state: &AppState,
    tenant: &Tenant,
    checkpoint: StoredCheckpoint,
) -> Result<StoredCheckpoint> {
    let log = tenant.institution();
    let shown = state.witnesses.named.iter().map(|witness| show_log(state, witness, log));
    if timeout(WITNESS_PATIENCE, try_join_all(shown)).await.is_ok_and(|shown| shown.is_err()) {
        tracing::error!(institution = %log, "the end of an export could not be shown to the witnesses");
    }
    let size = checkpoint.size;
    let kept = tenant.read_log(Cost::Rows, move |reader| reader.log_checkpoint(size)).await?;
    Ok(kept.unwrap_or(checkpoint))
}

/// The next lines, as soon as the database has time for them.
async fn next_piece(export: &mut LogExport) -> Result<Option<Vec<u8>>> {
    for _ in 1..ATTEMPTS {
        match export.next().await {
            Err(Error::Busy) => sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
    export.next().await
}
