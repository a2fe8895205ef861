//! Taking an export in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_persistence::access::invitation::NewInvitation;
use groeilijn_persistence::continuity::resource::Resource;
use groeilijn_persistence::continuity::{Checked, Checking, TakingIn};
use groeilijn_persistence::{Cost, Error, Platform, Result, Store, TenantWriter};
use serde_json::json;

use super::archive;
use super::manifest::Manifest;
use crate::backup::folder::told;
use crate::backup::sealed_file::{Identities, opened};
use crate::installation::context;
use crate::routes::access::invitations::invitation;

/// An institution that was taken in.
pub struct Imported {
    /// What the export says of itself.
    pub manifest: Manifest,
    /// How many administrators are sent a link.
    pub invited: usize,
}

/// Where an export is, what opens it, and which one it is: whoever has the public key can make another.
#[derive(Clone)]
struct Source {
    path: PathBuf,
    identities: Arc<Identities>,
    manifest_sha256: [u8; 32],
}

/// Takes in an institution that is not here, from the export whose manifest has this SHA-256: everything in one transaction,
/// with its ids and with new keys. Its users have to accept anew; administrators are sent a link, and let the others in.
///
/// # Errors
/// [`Error::Internal`] with what is wrong with the export, file and line; nothing was changed then.
pub async fn import(
    store: &Store,
    identities: Identities,
    from: &Path,
    manifest_sha256: [u8; 32],
) -> Result<Imported> {
    let source = Source { path: from.to_owned(), identities: Arc::new(identities), manifest_sha256 };
    let platform = store.platform(context(store, "importInstitution", ProcessingActivity::OperateService));
    let (manifest, checked) = check(&source)?;
    require_absent(&platform, checked.institution).await?;
    let invitations = invitations(store, &checked)?;
    let invited = invitations.len();
    let Checked { institution, owners, .. } = checked;
    platform
        .founding(institution, owners)
        .write(move |writer| writer.enter(institution, |tenant| take_in(tenant, &source, &invitations)))
        .await
        .map_err(|error| match error {
            Error::Conflict(refusal) => Error::internal(refusal.detail),
            error => error,
        })?;
    Ok(Imported { manifest, invited })
}

/// Looks whether everything in an export is right.
fn check(source: &Source) -> Result<(Manifest, Checked)> {
    let begin = |manifest: &Manifest| Ok(Checking::new(InstitutionId::from_uuid(manifest.institution_id)));
    let (manifest, checking) = source.read(begin, |checking, resource, number, text| {
        checking.line(resource, number, text);
        Ok(())
    })?;
    let checked = checking.finish().map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        told(&source.path, &format!("nothing was taken in:\n  {}", wrong.join("\n  ")))
    })?;
    Ok((manifest, checked))
}

async fn require_absent(platform: &Platform, institution: InstitutionId) -> Result<()> {
    match platform.read(Cost::Rows, move |reader| reader.institution(institution)).await {
        Err(Error::NotFound) => Ok(()),
        Ok(_) => Err(Error::internal(format!(
            "institution {institution} is already here, or was and is destroyed: an export is taken in once"
        ))),
        Err(error) => Err(error),
    }
}

fn invitations(store: &Store, checked: &Checked) -> Result<Vec<(UserId, NewInvitation)>> {
    let one = |user: &UserId| Ok((*user, invitation(store.environment()).map_err(Error::internal)?));
    checked.administrators.iter().map(one).collect()
}

/// Enters everything, and asks the administrators in.
fn take_in(
    tenant: &mut TenantWriter<'_>,
    source: &Source,
    invitations: &[(UserId, NewInvitation)],
) -> Result<()> {
    let begin = |_: &Manifest| Ok(TakingIn::default());
    // It is the same one still: its digest is looked at again, and every file is held against it.
    let (manifest, taking) =
        source.read(begin, |taking, resource, number, text| taking.line(tenant, resource, number, text))?;
    let digest = hex::encode(source.manifest_sha256);
    let from = json!({"exportedAt": manifest.exported_at, "manifestSha256": digest});
    taking.finish(tenant, &from)?;
    for (user, invitation) in invitations {
        tenant.invite_user(*user, invitation)?;
    }
    Ok(())
}

impl Source {
    /// Reads it from the beginning.
    fn read<S>(
        &self,
        begin: impl FnOnce(&Manifest) -> Result<S>,
        line: impl FnMut(&mut S, &'static Resource, u64, &str) -> Result<()>,
    ) -> Result<(Manifest, S)> {
        let source = opened(&self.identities, &self.path)?;
        archive::read(source, &self.manifest_sha256, begin, line).map_err(|error| match error {
            Error::Internal(text) => told(&self.path, &text),
            error => error,
        })
    }
}
