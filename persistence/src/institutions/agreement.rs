//! What institutions were asked to agree upon, and what they decided (C139, C140, C149).

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::agreement::{AgreementSubject, Decision, Deviation, Slot, check_open};
use groeilijn_domain::institutions::contract_document::DocumentKind;
use groeilijn_domain::institutions::institution::ContractProfile;
use groeilijn_domain::institutions::licence::AcceptedTerms;
use groeilijn_domain::values::ids::{AgreementId, ContractDocumentId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::contract_document as document;
use crate::institutions::schema::{agreement, contract_document, institution};

const TABLE: &str = "agreement";

/// What the processor proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// A version of a document, and where the institution deviates from it.
    Document(ContractDocumentId, Vec<Deviation>),
    /// Another contract profile, and what that means in plain language.
    Profile(ContractProfile, String),
}

/// What an agreement says beside what it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementContent {
    /// What changes, in plain language.
    pub summary: Option<String>,
    /// Where the institution deviates from the document, and why.
    pub deviations: Vec<Deviation>,
}

/// An agreement as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAgreement {
    /// Its id.
    pub id: AgreementId,
    /// What it is about.
    pub subject: AgreementSubject,
    /// Which version of the terms or of the parts.
    pub version: Option<String>,
    /// Which version of a document, and of which.
    pub document: Option<(ContractDocumentId, DocumentKind)>,
    /// Which contract profile.
    pub profile: Option<ContractProfile>,
    /// What it says.
    pub content: AgreementContent,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When, in UTC.
    pub proposed_at: Timestamp,
    /// What was decided, if anything was.
    pub decision: Option<Decision>,
}

impl StoredAgreement {
    /// What it takes the place of, and what was decided.
    pub fn slot(&self) -> (Slot, Option<Decision>) {
        ((self.subject, self.document.map(|(_, kind)| kind)), self.decision)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = agreement)]
struct AgreementRow {
    id: AgreementId,
    subject: AgreementSubject,
    version: Option<String>,
    document_id: Option<ContractDocumentId>,
    contract_profile: Option<ContractProfile>,
    content: Vec<u8>,
    proposed_by: UserId,
    proposed_at: Timestamp,
    decided_by: Option<UserId>,
    decided_at: Option<Timestamp>,
    accepted: Option<i32>,
}

/// An agreement to be entered, decided already or not.
struct NewAgreement<'a> {
    subject: AgreementSubject,
    version: Option<&'a str>,
    document: Option<ContractDocumentId>,
    profile: Option<ContractProfile>,
    content: AgreementContent,
    proposed: (UserId, Timestamp),
    accepted: Option<(UserId, Timestamp)>,
}

impl TenantReader<'_> {
    /// Everything that the institution was asked to agree upon, in the order in which it was.
    pub fn agreements(&mut self) -> Result<Vec<StoredAgreement>> {
        let rows: Vec<(AgreementRow, Option<DocumentKind>)> = agreement::table
            .left_join(contract_document::table)
            .filter(agreement::institution_id.is(self.institution()))
            .order(agreement::id)
            .select((columns::<AgreementRow>(), contract_document::kind.nullable()))
            .load(self.connection)?;
        let mut agreements = Vec::with_capacity(rows.len());
        for (row, kind) in rows {
            let id = row.id;
            let opened = self.open_agreement(row, kind);
            agreements.extend(self.readable(id, opened)?);
        }
        Ok(agreements)
    }

    /// One agreement.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn agreement(&mut self, id: AgreementId) -> Result<StoredAgreement> {
        let (row, kind): (AgreementRow, Option<DocumentKind>) = agreement::table
            .left_join(contract_document::table)
            .filter(agreement::institution_id.is(self.institution()))
            .filter(agreement::id.is(id))
            .select((columns::<AgreementRow>(), contract_document::kind.nullable()))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_agreement(row, kind)
    }

    fn open_agreement(&mut self, row: AgreementRow, kind: Option<DocumentKind>) -> Result<StoredAgreement> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let decided = row.decided_by.zip(row.decided_at).zip(row.accepted);
        Ok(StoredAgreement {
            id: row.id,
            subject: row.subject,
            version: row.version,
            document: row.document_id.zip(kind),
            profile: row.contract_profile,
            content: opener.json("content", &row.content)?,
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            decision: decided.map(|((by, at), accepted)| Decision { by, at, accepted: accepted != 0 }),
        })
    }
}

impl TenantWriter<'_> {
    /// Proposes something to the institution, whose administrators are sent a letter. It does not hold before one of them
    /// accepted it (C140).
    ///
    /// # Errors
    /// [`Error::Invalid`] `unknown-document`.
    pub fn propose_agreement(&mut self, proposal: &Proposal) -> Result<StoredAgreement> {
        let proposed = (self.actor()?.user, self.now());
        let (new, summary) = match proposal {
            Proposal::Document(id, deviations) => {
                let unknown = || Refusal::new("unknown-document", "there is no such document");
                let published = match document::load(self.connection, *id) {
                    Err(Error::NotFound) => return Err(Error::invalid("document_id", unknown())),
                    found => found?,
                };
                let new = NewAgreement {
                    subject: AgreementSubject::Document,
                    version: None,
                    document: Some(*id),
                    profile: None,
                    content: AgreementContent { summary: None, deviations: deviations.clone() },
                    proposed,
                    accepted: None,
                };
                (new, published.fields.summary.as_str().to_owned())
            }
            Proposal::Profile(profile, summary) => {
                let new = NewAgreement {
                    subject: AgreementSubject::Profile,
                    version: None,
                    document: None,
                    profile: Some(*profile),
                    content: AgreementContent { summary: Some(summary.clone()), deviations: Vec::new() },
                    proposed,
                    accepted: None,
                };
                (new, summary.clone())
            }
        };
        let id = self.insert_agreement(&new)?;
        self.write_to_administrators(&LetterContent::ChangeProposed { summary })?;
        self.agreement(id)
    }

    /// Accepts or refuses what was proposed, in the name of the institution. A contract profile that is accepted holds from
    /// this transaction on (C140).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `already-decided`.
    pub fn decide_agreement(&mut self, id: AgreementId, accepted: bool) -> Result<StoredAgreement> {
        let stored = self.agreement(id)?;
        check_open(stored.decision.as_ref()).map_err(Error::Conflict)?;
        let (institution, decided_by, decided_at) = (self.institution(), self.actor()?.user, self.now());
        let open = agreement::table
            .filter(agreement::institution_id.is(institution))
            .filter(agreement::id.is(id))
            .filter(agreement::decided_at.is_null());
        let decided = diesel::update(open)
            .set((
                agreement::decided_by.is(Some(decided_by)),
                agreement::decided_at.is(Some(decided_at)),
                agreement::accepted.eq(Some(i32::from(accepted))),
            ))
            .execute(self.connection)?;
        if decided == 0 {
            return Err(Error::Stale(None));
        }
        if let Some(profile) = stored.profile.filter(|_| accepted) {
            diesel::update(institution::table.filter(institution::id.is(institution)))
                .set((
                    institution::contract_profile.is(profile),
                    institution::revision.eq(institution::revision + 1),
                ))
                .execute(self.connection)?;
            self.touch(ObjectKind::Institution, institution.as_uuid());
        }
        self.touch(ObjectKind::Agreement, id.as_uuid());
        self.agreement(id)
    }

    /// Puts down that the terms that hold now were accepted, and that before it the parts of the service were told (C149).
    /// An acceptance from before these were kept is put down with them.
    pub(super) fn record_acceptance(
        &mut self,
        earlier: Option<&AcceptedTerms>,
        (terms, parts): (&str, &str),
    ) -> Result<()> {
        let now = (self.actor()?.user, self.now());
        let known = self.agreements()?;
        let is_known = |subject, version: &str| {
            known.iter().any(|one| one.subject == subject && one.version.as_deref() == Some(version))
        };
        if let Some(earlier) = earlier.filter(|earlier| !is_known(AgreementSubject::Terms, &earlier.version))
        {
            let then = (earlier.accepted_by, earlier.accepted_at);
            self.insert_accepted(AgreementSubject::Terms, &earlier.version, then)?;
        }
        if !is_known(AgreementSubject::Parts, parts) {
            self.insert_accepted(AgreementSubject::Parts, parts, now)?;
        }
        self.insert_accepted(AgreementSubject::Terms, terms, now)
    }

    fn insert_accepted(
        &mut self,
        subject: AgreementSubject,
        version: &str,
        accepted: (UserId, Timestamp),
    ) -> Result<()> {
        self.insert_agreement(&NewAgreement {
            subject,
            version: Some(version),
            document: None,
            profile: None,
            content: AgreementContent::default(),
            proposed: accepted,
            accepted: Some(accepted),
        })
        .map(drop)
    }

    fn insert_agreement(&mut self, new: &NewAgreement<'_>) -> Result<AgreementId> {
        let (institution, id) = (self.institution(), AgreementId::from_uuid(self.environment().uuid()));
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let content = row.json("content", &new.content)?;
        self.sealed(row);
        let (decided_by, decided_at) = new.accepted.unzip();
        diesel::insert_into(agreement::table)
            .values((
                agreement::institution_id.is(institution),
                agreement::id.is(id),
                agreement::subject.is(new.subject),
                agreement::version.eq(new.version),
                agreement::document_id.is(new.document),
                agreement::contract_profile.is(new.profile),
                agreement::content.eq(content),
                agreement::proposed_by.is(new.proposed.0),
                agreement::proposed_at.is(new.proposed.1),
                agreement::decided_by.is(decided_by),
                agreement::decided_at.is(decided_at),
                agreement::accepted.eq(new.accepted.map(|_| 1)),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Agreement, id.as_uuid());
        Ok(id)
    }
}
