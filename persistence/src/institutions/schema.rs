//! The tables of this area, as diesel sees them: one description for both databases.
//!
//! Columns have the types of `groeilijn_engine::columns` and those declared here.

use std::collections::BTreeSet;
use std::ops::Deref;

use groeilijn_domain::access;
use groeilijn_domain::children::framework;
use groeilijn_domain::institutions;
use groeilijn_domain::institutions::licence::Product;
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::values::email;
use groeilijn_domain::values::network::Network;
use groeilijn_engine::{code_columns, id_columns, json_columns, list_columns, parsed_columns};

id_columns! { ContactPersonId ForcedProcessingId InstructionId OrganisationId LicenceHolderId LocationId ContractDocumentId AgreementId AdministratorRecoveryId
WebhookEndpointId WebhookDeliveryId }

code_columns! {
    ExtraProcessing: institutions::instruction::ExtraProcessing,
    InstructionState: institutions::instruction::InstructionState,
    AgreementSubject: institutions::agreement::AgreementSubject,
    ContractProfile: institutions::institution::ContractProfile,
    DocumentKind: institutions::contract_document::DocumentKind,
    DocumentLanguage: institutions::contract_document::DocumentLanguage,
    InstitutionKind: institutions::institution::InstitutionKind,
    LicenceState: institutions::licence::LicenceState,
    WebhookEvent: institutions::webhook::WebhookEvent,
    DeliveryState: institutions::webhook::DeliveryState,
    ChildrenEnteredBy: access::access_settings::ChildrenEnteredBy,
}

parsed_columns! {
    Brin: institutions::institution::Brin, |text| institutions::institution::Brin::parse(text).ok();
    ChildcareNumber: institutions::institution::ChildcareNumber,
        |text| institutions::institution::ChildcareNumber::parse(text).ok();
    MailDomain: email::MailDomain, |text| email::MailDomain::parse(text).ok();
}

list_columns! {
    Networks: NetworkList, Network::to_string, |network| Network::parse(network).ok();
    Products: BTreeSet<Product>, |product| product.code(), Product::from_code;
    Services: BTreeSet<Service>, |service| service.code(), Service::from_code;
    WebhookEvents: BTreeSet<institutions::webhook::WebhookEvent>, |event| event.code(),
        institutions::webhook::WebhookEvent::from_code;
}

json_columns! { FrameworkChoices: framework::FrameworkChoices }

/// Networks in a column: [`diesel::Queryable`] lets nobody else say how a `Vec` is read.
#[derive(Debug, Clone)]
pub(crate) struct NetworkList(pub(crate) Vec<Network>);

impl Deref for NetworkList {
    type Target = [Network];

    fn deref(&self) -> &[Network] {
        &self.0
    }
}

impl FromIterator<Network> for NetworkList {
    fn from_iter<T: IntoIterator<Item = Network>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment};
    use super::{Brin, ChildcareNumber, ChildrenEnteredBy, ContractProfile, FrameworkChoices, InstitutionKind, Networks, OrganisationId};

    institution (id) {
        id -> InstitutionId,
        kind -> InstitutionKind,
        name -> Text,
        brin -> Nullable<Brin>,
        contract_profile -> ContractProfile,
        revision -> Integer,
        created_at -> Moment,
        login_networks -> Networks,
        administrators_need_second_factor -> Integer,
        children_edition -> BigInt,
        couplings_forbidden -> Integer,
        organisation_id -> Nullable<OrganisationId>,
        childcare_number -> Nullable<ChildcareNumber>,
        checkpoint_told_in -> Nullable<Day>,
        children_entered_by -> ChildrenEnteredBy,
        framework_choices -> FrameworkChoices,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::Moment;
    use super::OrganisationId;

    organisation (id) {
        id -> OrganisationId,
        name -> Text,
        revision -> Integer,
        created_at -> Moment,
    }
}

diesel::table! {
    use groeilijn_engine::columns::InstitutionId;
    use super::MailDomain;

    institution_domain (institution_id, domain) {
        institution_id -> InstitutionId,
        domain -> MailDomain,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{LicenceState, Products, Services};

    licence (institution_id) {
        institution_id -> InstitutionId,
        products -> Products,
        start_date -> Day,
        end_date -> Nullable<Day>,
        state -> LicenceState,
        terms_version -> Nullable<Text>,
        terms_accepted_by -> Nullable<UserId>,
        terms_accepted_at -> Nullable<Moment>,
        revision -> Integer,
        created_at -> Moment,
        services -> Services,
        cancelled_at -> Nullable<Moment>,
        cancelled_by -> Nullable<UserId>,
        agreed_end_date -> Nullable<Day>,
        destroyed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment};
    use super::LicenceHolderId;

    licence_holder (institution_id) {
        institution_id -> InstitutionId,
        id -> LicenceHolderId,
        name -> Binary,
        address -> Binary,
        email -> Binary,
        revision -> Integer,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment};
    use super::LocationId;

    location (institution_id, id) {
        institution_id -> InstitutionId,
        id -> LocationId,
        name -> Binary,
        brin -> Binary,
        childcare_number -> Binary,
        archived_at -> Nullable<Moment>,
        revision -> Integer,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Moment, UserId};
    use super::{ContractDocumentId, DocumentKind, DocumentLanguage};

    contract_document (id) {
        id -> ContractDocumentId,
        kind -> DocumentKind,
        version -> Text,
        language -> DocumentLanguage,
        summary -> Text,
        text -> Nullable<Text>,
        sha256 -> Binary,
        published_by -> UserId,
        published_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{AgreementId, AgreementSubject, ContractDocumentId, ContractProfile};

    agreement (institution_id, id) {
        institution_id -> InstitutionId,
        id -> AgreementId,
        subject -> AgreementSubject,
        version -> Nullable<Text>,
        document_id -> Nullable<ContractDocumentId>,
        contract_profile -> Nullable<ContractProfile>,
        content -> Binary,
        proposed_by -> UserId,
        proposed_at -> Moment,
        decided_by -> Nullable<UserId>,
        decided_at -> Nullable<Moment>,
        accepted -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use crate::support::schema::RequestChannel;
    use super::AdministratorRecoveryId;

    administrator_recovery (institution_id, id) {
        institution_id -> InstitutionId,
        id -> AdministratorRecoveryId,
        user_id -> Nullable<UserId>,
        channel -> RequestChannel,
        received_on -> Day,
        content -> Binary,
        recorded_by -> UserId,
        recorded_at -> Moment,
        checked_by -> Nullable<UserId>,
        checked_at -> Nullable<Moment>,
        approved_by -> Nullable<UserId>,
        approved_at -> Nullable<Moment>,
        stopped_by -> Nullable<UserId>,
        stopped_at -> Nullable<Moment>,
        carried_out_by -> Nullable<UserId>,
        carried_out_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::ContactPersonId;

    contact_person (institution_id, id) {
        institution_id -> InstitutionId,
        id -> ContactPersonId,
        name -> Binary,
        email -> Binary,
        created_by -> UserId,
        created_at -> Moment,
        ended_by -> Nullable<UserId>,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::{ContactPersonId, ExtraProcessing, InstructionId, InstructionState};

    instruction (institution_id, id) {
        institution_id -> InstitutionId,
        id -> InstructionId,
        contact_person_id -> ContactPersonId,
        processing -> ExtraProcessing,
        content -> Binary,
        given_on -> Day,
        state -> InstructionState,
        made_by -> UserId,
        made_at -> Moment,
        processor_contact_id -> Nullable<ContactPersonId>,
        answer -> Binary,
        answered_by -> Nullable<UserId>,
        answered_at -> Nullable<Moment>,
        withdrawn_by -> Nullable<UserId>,
        withdrawn_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::ExtraProcessing;

    extra_processing (institution_id, processing) {
        institution_id -> InstitutionId,
        processing -> ExtraProcessing,
        switched_on_by -> UserId,
        switched_on_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{InstitutionId, Moment, UserId};
    use super::{WebhookEndpointId, WebhookEvents};

    webhook_endpoint (institution_id, id) {
        institution_id -> InstitutionId,
        id -> WebhookEndpointId,
        address -> Binary,
        secret -> Binary,
        events -> WebhookEvents,
        made_by -> UserId,
        made_at -> Moment,
        ended_by -> Nullable<UserId>,
        ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{AnyId, InstitutionId, Moment};
    use super::{DeliveryState, WebhookDeliveryId, WebhookEndpointId, WebhookEvent};

    webhook_delivery (institution_id, id) {
        institution_id -> InstitutionId,
        id -> WebhookDeliveryId,
        endpoint_id -> WebhookEndpointId,
        event -> WebhookEvent,
        subject_id -> AnyId,
        occurred_at -> Moment,
        state -> DeliveryState,
        attempts -> Integer,
        due_at -> Moment,
        lease_until -> Moment,
        tried_at -> Nullable<Moment>,
        status -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use groeilijn_engine::columns::{Day, InstitutionId, Moment, UserId};
    use super::ForcedProcessingId;

    forced_processing (id) {
        id -> ForcedProcessingId,
        institution_id -> InstitutionId,
        provision -> Binary,
        content -> Binary,
        told_on -> Nullable<Day>,
        not_told_because -> Binary,
        recorded_by -> UserId,
        recorded_at -> Moment,
    }
}

diesel::joinable!(agreement -> contract_document (document_id));
diesel::allow_tables_to_appear_in_same_query!(agreement, contract_document);
