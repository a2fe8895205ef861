//! The institution, its licence, and what was agreed with it.

use groeilijn_domain::access::access_settings::ChildrenEnteredBy;
use groeilijn_domain::institutions::agreement::AgreementSubject;
use groeilijn_domain::institutions::contract_document::{DocumentKind, DocumentLanguage};
use groeilijn_domain::institutions::institution::{Brin, ChildcareNumber, ContractProfile, InstitutionKind};
use groeilijn_domain::institutions::instruction::{ExtraProcessing, InstructionState};
use groeilijn_domain::institutions::licence::{LicenceState, Product};
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::support::RequestChannel;
use groeilijn_domain::values::email::{EmailAddress, MailDomain};
use groeilijn_domain::values::ids::{ContactPersonId, InstitutionId, LicenceHolderId};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::text::{FreeText, Label, ShortText};
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyOwner;

use super::super::documents::{AGREEMENT, AS_KEPT, FRAMEWORK_CHOICES, NAME};
use super::super::form::{Form, any, code, codes, text};
use super::super::resource::{Cells, Fate, INSTITUTION_ID, Member, Resource};
use super::super::rules;
use crate::handles::tenant::TenantWriter;
use crate::institutions::key_owner;
use crate::institutions::organisation::check_domains_free;

pub(super) static ORGANISATIONS: Resource = Resource::new(
    "organisations",
    "organisation",
    "The board that the institution is one of, if it is.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("name", "name", text!(Label)),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.filtered("t.id IN (SELECT organisation_id FROM institution WHERE id = $1)")
.stays("who is in a board has a part in its mail domains: the secretariat there joins the institution to a board");

pub(super) static CONTRACT_DOCUMENTS: Resource = Resource::new(
    "contract-documents",
    "contract_document",
    "A version of a document that something was agreed about.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("kind", "kind", code!(DocumentKind)),
        Member::plain("version", "version", text!(Label)),
        Member::plain("language", "language", code!(DocumentLanguage)),
        Member::plain("summary", "summary", text!(FreeText)),
        Member::plain("text", "text", text!(FreeText)).optional(),
        Member::plain("sha256", "sha256", Form::Digest),
        Member::plain("publishedBy", "published_by", Form::Actor),
        Member::plain("publishedAt", "published_at", Form::Moment),
    ],
)
.filtered("t.id IN (SELECT document_id FROM agreement WHERE institution_id = $1)")
.held_to(rules::contract_document)
.fate(Fate::IsHere { found_by: &["kind", "version", "language"], same: &["sha256"] });

pub(super) static INSTITUTION: Resource = Resource::new(
    "institution",
    "institution",
    "The institution itself, and how it wants its users to log in.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("kind", "kind", code!(InstitutionKind)),
        Member::plain("name", "name", text!(Label)),
        Member::plain("brin", "brin", text!(6, Brin)).optional(),
        Member::plain("childcareNumber", "childcare_number", text!(20, ChildcareNumber)).optional(),
        Member::plain("contractProfile", "contract_profile", code!(ContractProfile)),
        Member::reference("organisationId", "organisation_id", "organisations").optional(),
        Member::plain(
            "loginNetworks",
            "login_networks",
            Form::TextList(|text| Network::parse(text).map(|_| ()).map_err(|refusal| refusal.detail)),
        ),
        Member::plain("administratorsNeedSecondFactor", "administrators_need_second_factor", Form::Flag),
        Member::plain("couplingsForbidden", "couplings_forbidden", Form::Flag),
        Member::plain("childrenEnteredBy", "children_entered_by", code!(ChildrenEnteredBy)),
        Member::plain("frameworkChoices", "framework_choices", Form::Json(&FRAMEWORK_CHOICES)),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.filtered("t.id = $1")
.held_to(rules::institution)
.without(&[
    ("children_edition", "it counts changes, for what is remembered in one installation"),
    ("checkpoint_told_in", "it is about letters that this installation wrote of its own log"),
]);

pub(super) static MAIL_DOMAINS: Resource = Resource::new(
    "mail-domains",
    "institution_domain",
    "A mail domain of the institution's users.",
    &[Member::plain("domain", "domain", text!(253, MailDomain))],
)
.known_by(&["domain"])
.held_to(rules::mail_domain)
.behind(require_free)
.without(&[INSTITUTION_ID]);

/// That no institution of another board has the domain.
fn require_free(writer: &mut TenantWriter<'_>, cells: &Cells) -> Result<()> {
    let organisation = writer.own_institution()?.organisation;
    let domain = cells.text("domain").map(MailDomain::parse).transpose();
    let domain = domain.map_err(|refusal| Error::invalid("domain", refusal))?;
    let institution = writer.institution();
    check_domains_free(writer.connection, (institution, organisation), domain.as_slice())
}

pub(super) static LICENCE: Resource = Resource::new(
    "licence",
    "licence",
    "What the institution may use, from when until when.",
    &[
        Member::plain("products", "products", codes!(Product)),
        Member::plain("services", "services", codes!(Service)),
        Member::plain("startDate", "start_date", Form::Day),
        Member::plain("endDate", "end_date", Form::Day).optional(),
        Member::plain("state", "state", code!(LicenceState)),
        Member::plain("acceptedTermsVersion", "terms_version", Form::Text(100, any)).optional(),
        Member::plain("termsAcceptedBy", "terms_accepted_by", Form::Actor).optional(),
        Member::plain("termsAcceptedAt", "terms_accepted_at", Form::Moment).optional(),
        Member::plain("cancelledAt", "cancelled_at", Form::Moment).optional(),
        Member::plain("cancelledBy", "cancelled_by", Form::Actor).optional(),
        Member::plain("agreedEndDate", "agreed_end_date", Form::Day).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.known_by(&["institution_id"])
.without(&[INSTITUTION_ID, ("destroyed_at", "an institution that was destroyed is not exported")]);

pub(super) static LICENCE_HOLDER: Resource = Resource::new(
    "licence-holder",
    "licence_holder",
    "The person with whom the licence was agreed.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("name", "name", Form::Json(&NAME)).spread(),
        Member::sealed("address", "address", text!(Label)),
        Member::sealed("email", "email", text!(EmailAddress)),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.owned(|cells, _| cells.id("id").map(|id| key_owner::licence_holder(LicenceHolderId::from_uuid(id))))
.without(&[INSTITUTION_ID]);

pub(super) static LOCATIONS: Resource = Resource::new(
    "locations",
    "location",
    "Where the institution is, and its numbers there.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("name", "name", text!(Label)),
        Member::sealed("brin", "brin", text!(6, Brin)).optional(),
        Member::sealed("childcareNumber", "childcare_number", text!(20, ChildcareNumber)).optional(),
        Member::plain("archivedAt", "archived_at", Form::Moment).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("createdAt", "created_at", Form::Moment),
    ],
)
.without(&[INSTITUTION_ID]);

pub(super) static AGREEMENTS: Resource = Resource::new(
    "agreements",
    "agreement",
    "What the institution was asked to agree upon, and what it decided.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("subject", "subject", code!(AgreementSubject)),
        Member::plain("version", "version", Form::Text(100, any)).optional(),
        Member::reference("documentId", "document_id", "contract-documents").optional(),
        Member::plain("contractProfile", "contract_profile", code!(ContractProfile)).optional(),
        Member::sealed("content", "content", Form::Json(&AGREEMENT)).spread(),
        Member::plain("proposedBy", "proposed_by", Form::Actor),
        Member::plain("proposedAt", "proposed_at", Form::Moment),
        Member::plain("decidedBy", "decided_by", Form::Actor).optional(),
        Member::plain("decidedAt", "decided_at", Form::Moment).optional(),
        Member::plain("accepted", "accepted", Form::Flag).optional(),
    ],
)
.without(&[INSTITUTION_ID]);

pub(super) static CONTACT_PERSONS: Resource = Resource::new(
    "contact-persons",
    "contact_person",
    "A contact person of the institution. Of one who was that long ago only the id and the times are left.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("name", "name", Form::Json(&NAME)).spread(),
        Member::sealed("email", "email", text!(EmailAddress)),
        Member::plain("createdBy", "created_by", Form::Actor),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("endedBy", "ended_by", Form::Actor).optional(),
        Member::plain("endedAt", "ended_at", Form::Moment).optional(),
    ],
)
.owned(|cells, _| cells.id("id").map(|id| key_owner::contact_person(ContactPersonId::from_uuid(id))))
.may_be_gone()
.without(&[INSTITUTION_ID]);

pub(super) static INSTRUCTIONS: Resource = Resource::new(
    "instructions",
    "instruction",
    "An instruction of the institution, and what the processor said to it.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("contactPersonId", "contact_person_id", "contact-persons"),
        Member::plain("processing", "processing", code!(ExtraProcessing)),
        Member::sealed("text", "content", text!(FreeText)),
        Member::plain("givenOn", "given_on", Form::Day),
        Member::plain("state", "state", code!(InstructionState)),
        Member::plain("madeBy", "made_by", Form::Actor),
        Member::plain("madeAt", "made_at", Form::Moment),
        Member::plain("processorContactId", "processor_contact_id", Form::Id).optional(),
        Member::sealed("declinedBecause", "answer", text!(ShortText)).optional(),
        Member::plain("answeredBy", "answered_by", Form::Actor).optional(),
        Member::plain("answeredAt", "answered_at", Form::Moment).optional(),
        Member::plain("withdrawnBy", "withdrawn_by", Form::Actor).optional(),
        Member::plain("withdrawnAt", "withdrawn_at", Form::Moment).optional(),
    ],
)
.without(&[INSTITUTION_ID]);

pub(super) static EXTRA_PROCESSINGS: Resource = Resource::new(
    "extra-processings",
    "extra_processing",
    "An extra processing that is switched on.",
    &[
        Member::plain("processing", "processing", code!(ExtraProcessing)),
        Member::plain("switchedOnBy", "switched_on_by", Form::Actor),
        Member::plain("switchedOnAt", "switched_on_at", Form::Moment),
    ],
)
.known_by(&["processing"])
.without(&[INSTITUTION_ID]);

pub(super) static FORCED_PROCESSINGS: Resource = Resource::new(
    "forced-processings",
    "forced_processing",
    "Processing that a law forced upon the processor, as far as the institution was told of it.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::sealed("provision", "provision", text!(ShortText)),
        Member::sealed("what", "content", text!(FreeText)),
        Member::plain("toldOn", "told_on", Form::Day),
        Member::plain("recordedBy", "recorded_by", Form::Actor),
        Member::plain("recordedAt", "recorded_at", Form::Moment),
    ],
)
.filtered("t.institution_id = $1 AND t.told_on IS NOT NULL")
.owned(|_, _| Some(KeyOwner::shared(InstitutionId::PLATFORM)))
.stays("the processor who was forced keeps that register")
.without(&[INSTITUTION_ID, ("not_told_because", "of what was told it says nothing")]);

pub(super) static ADMINISTRATOR_RECOVERIES: Resource = Resource::new(
    "administrator-recoveries",
    "administrator_recovery",
    "That the licence holder asked for an administrator who can log in, and what came of it.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("userId", "user_id", Form::Id).optional(),
        Member::plain("channel", "channel", code!(RequestChannel)),
        Member::plain("receivedOn", "received_on", Form::Day),
        Member::sealed("content", "content", Form::Json(&AS_KEPT)),
        Member::plain("recordedBy", "recorded_by", Form::Actor),
        Member::plain("recordedAt", "recorded_at", Form::Moment),
        Member::plain("checkedBy", "checked_by", Form::Actor).optional(),
        Member::plain("checkedAt", "checked_at", Form::Moment).optional(),
        Member::plain("approvedBy", "approved_by", Form::Actor).optional(),
        Member::plain("approvedAt", "approved_at", Form::Moment).optional(),
        Member::plain("stoppedBy", "stopped_by", Form::Actor).optional(),
        Member::plain("stoppedAt", "stopped_at", Form::Moment).optional(),
        Member::plain("carriedOutBy", "carried_out_by", Form::Actor).optional(),
        Member::plain("carriedOutAt", "carried_out_at", Form::Moment).optional(),
    ],
)
.stays("the staff who checked and approved it are those of the installation that it was asked at")
.without(&[INSTITUTION_ID]);
