//! The domain's own rules, for lines that come from elsewhere: what the API refuses is not taken in either.

use groeilijn_domain::access::Function;
use groeilijn_domain::access::user::check_own_address;
use groeilijn_domain::children::framework::{FrameworkDocument, FrameworkState};
use groeilijn_domain::institutions::institution::{InstitutionKind, check_register};
use groeilijn_domain::retention::term::{StatutoryKind, StatutoryTerm};
use groeilijn_domain::values::email::{EmailAddress, MailDomain, check_organisation_domain};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_engine::database::rows::Cell;
use sha2::{Digest, Sha256};

use super::known::Known;
use super::resource::{Breach, Cells};

fn at(column: &'static str) -> impl Fn(Refusal) -> Breach {
    move |refusal| (column, refusal.detail)
}

fn first(column: &'static str, refusals: FieldRefusals) -> Breach {
    let refusal = refusals.into_iter().next().map(|(_, refusal)| refusal.detail);
    (column, refusal.unwrap_or_default())
}

/// The one that the manifest names, in the register of its kind.
pub(super) fn institution(cells: &Cells, known: &mut Known) -> Result<(), Breach> {
    if cells.id("id") != Some(known.institution.as_uuid()) {
        return Err(("id", "is not that of the institution that the manifest names".to_owned()));
    }
    // Other institutions than schools could be given a BRIN before they had a number of their own register.
    let kind = cells.text("kind").and_then(InstitutionKind::from_code);
    let has_number = cells.text("childcare_number").is_some();
    let checked = kind.map_or(Ok(()), |kind| check_register(kind, false, has_number));
    checked.map_err(|refusals| first("childcare_number", refusals))
}

/// Nobody else's: no domain at which anybody can have an address.
pub(super) fn mail_domain(cells: &Cells, known: &mut Known) -> Result<(), Breach> {
    let domain = MailDomain::parse(cells.text("domain").unwrap_or_default()).map_err(at("domain"))?;
    check_organisation_domain(&domain).map_err(at("domain"))?;
    known.domains.push(domain);
    Ok(())
}

/// With an address of the institution itself (C054), unless nothing is known of her any more; limited to locations only with
/// a function of which that can be (C143).
pub(super) fn user(cells: &Cells, known: &mut Known) -> Result<(), Breach> {
    let function = cells.text("m.function").and_then(Function::from_code);
    let is_limited = cells.number("m.limited_to_locations").is_some_and(|limited| limited != 0);
    if is_limited && !function.is_some_and(Function::can_be_limited_to_locations) {
        return Err(("m.limited_to_locations", "must be false for a user with this function".to_owned()));
    }
    let Some(email) = cells.text("email") else { return Ok(()) };
    let email = EmailAddress::parse(email).map_err(at("email"))?;
    check_own_address(&known.domains, &email).map_err(at("email"))
}

/// A number of months that a term can have.
fn months(cells: &Cells) -> Option<u8> {
    // One that is too large for a term is above the longest one in any case.
    cells.number("months").map(|months| u8::try_from(months).unwrap_or(u8::MAX))
}

/// A term that an administrator could set.
pub(super) fn own_term(cells: &Cells, known: &mut Known) -> Result<(), Breach> {
    known.retention.own_months = months(cells);
    known.retention.check().map_err(|refusals| first("months", refusals))
}

/// A term by law that goes with the others, and with the institution's own.
pub(super) fn statutory_term(cells: &Cells, known: &mut Known) -> Result<(), Breach> {
    let kind = cells.text("kind").and_then(StatutoryKind::from_code);
    if let Some((kind, months)) = kind.zip(months(cells)) {
        known.retention.statutory.push(StatutoryTerm { kind, months });
    }
    known.retention.check().map_err(|refusals| first("months", refusals))
}

/// Of something else than itself: a line is known by its id, and what it is about has a key of its own.
pub(super) fn hold(cells: &Cells, _: &mut Known) -> Result<(), Breach> {
    if cells.id("id") == cells.id("subject_id") {
        return Err(("id", "must be another id than that of what is held".to_owned()));
    }
    Ok(())
}

/// A published one that hangs together, under the name and version that its document has.
pub(super) fn framework(cells: &Cells, _: &mut Known) -> Result<(), Breach> {
    let text = cells.text("document").unwrap_or_default();
    let document: FrameworkDocument =
        serde_json::from_str(text).map_err(|_| ("document", "is not as its schema says".to_owned()))?;
    let is = |column, said: &str| {
        let is_same = cells.text(column) == Some(said);
        is_same.then_some(()).ok_or_else(|| (column, "is not what the document says".to_owned()))
    };
    is("code", document.code.as_str())?;
    is("locale", document.locale.code())?;
    is("title", &document.title)?;
    if cells.number("version") != Some(i64::from(document.version)) {
        return Err(("version", "is not what the document says".to_owned()));
    }
    if cells.text("state") != Some(FrameworkState::Published.code()) {
        return Err(("state", "must be that of a published framework".to_owned()));
    }
    document.validate().map_err(|refusals| first("document", refusals))
}

/// One whose digest is that of its text, or of what is kept elsewhere.
pub(super) fn contract_document(cells: &Cells, _: &mut Known) -> Result<(), Breach> {
    let Some(Cell::Bytes(digest)) = cells.get("sha256") else { return Ok(()) };
    let text = cells.text("text");
    let is_right = match text {
        Some(text) => Sha256::digest(text).as_slice() == digest.as_slice(),
        None => digest.len() == 32,
    };
    is_right.then_some(()).ok_or_else(|| ("sha256", "must be the SHA-256 of the text".to_owned()))
}

/// Withdrawn by somebody, or not at all.
pub(super) fn withdrawal(cells: &Cells, _: &mut Known) -> Result<(), Breach> {
    if cells.number("withdrawn_at").is_some() == cells.id("withdrawn_by").is_some() {
        return Ok(());
    }
    Err(("withdrawn_by", "goes with withdrawnAt".to_owned()))
}

/// Finished by somebody with what came of it, or not at all.
pub(super) fn follow_up(cells: &Cells, _: &mut Known) -> Result<(), Breach> {
    let is_finished = cells.number("finished_at").is_some();
    if cells.id("finished_by").is_some() != is_finished {
        return Err(("finished_by", "goes with finishedAt".to_owned()));
    }
    if cells.text("outcome").is_some() != is_finished {
        return Err(("outcome", "goes with finishedAt".to_owned()));
    }
    Ok(())
}

/// Withdrawn only when it was final, and is not being corrected.
pub(super) fn registration(cells: &Cells, known: &mut Known) -> Result<(), Breach> {
    let is_final = cells.number("final_version").is_some() && cells.number("draft_version").is_none();
    if cells.number("withdrawn_at").is_some() && !is_final {
        return Err(("withdrawn_at", "is of what is final alone".to_owned()));
    }
    withdrawal(cells, known)
}
