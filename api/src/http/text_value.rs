//! Values that are written as text: in a JSON string, in a query or in a path.
//!
//! Here each of them gets its description for the OpenAPI document; the rule itself is the type's own.

use groeilijn_domain::access::access_settings::ChildrenEnteredBy;
use groeilijn_domain::access::api_token::ApiTokenKind;
use groeilijn_domain::access::email_address::AddressDue;
use groeilijn_domain::access::second_factor::{AppCode, LoginCode, SecondFactorState};
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::access::{Action, Function, Part, ProcessorFunction, Role, Scope};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::data_class::DataClass;
use groeilijn_domain::audit::disclosure::DisclosureGround;
use groeilijn_domain::audit::entry::{ActorKind, ObjectKind, Outcome as LogOutcome};
use groeilijn_domain::audit::log_key::LogKeyCause;
use groeilijn_domain::audit::reader::ReaderBasis;
use groeilijn_domain::children::departure::DepartureKind;
use groeilijn_domain::children::eck_id::EckId;
use groeilijn_domain::children::feed::{ChangeKind, FeedKind};
use groeilijn_domain::children::follow_up::FollowUpText;
use groeilijn_domain::children::framework::{
    AreaCode, FrameworkCode, FrameworkState, LineCode, Locale, MilestoneCode, ScaleCode,
};
use groeilijn_domain::children::goal::GoalText;
use groeilijn_domain::children::import::{Failure, ImportState, Outcome, RecordKind};
use groeilijn_domain::children::note::NoteText;
use groeilijn_domain::children::overview::Level;
use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::children::registration::{Completeness, MilestoneState, RegistrationState};
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::evidence::audit::{AuditConfirmationKind, AuditParty, AuditPayer, AuditStage};
use groeilijn_domain::evidence::clause::{ClauseId, ClauseKind, ClauseSection, ClauseState, Means};
use groeilijn_domain::evidence::kind::EvidenceKind;
use groeilijn_domain::evidence::live::LiveCheckKind;
use groeilijn_domain::evidence::record::EvidenceOutcome;
use groeilijn_domain::incidents::{
    AffectedGroup, BreachCause, BreachNature, ContentItem, CostKind, DecisionStep, Happened, IncidentChannel,
    IncidentDecision, IncidentKind, IncidentSource, IncidentStage, NoticeStep,
    RecordKind as IncidentRecordKind, SecurityPart, UpdateKind,
};
use groeilijn_domain::institutions::administrator_recovery::{RecoveryKind, RecoveryState};
use groeilijn_domain::institutions::agreement::AgreementSubject;
use groeilijn_domain::institutions::contract_document::{DocumentKind, DocumentLanguage};
use groeilijn_domain::institutions::institution::{Brin, ChildcareNumber, ContractProfile, InstitutionKind};
use groeilijn_domain::institutions::instruction::{ExtraProcessing, InstructionState};
use groeilijn_domain::institutions::licence::{CustomerDuty, LicenceState, Product};
use groeilijn_domain::institutions::licence_state::LicencePhase;
use groeilijn_domain::institutions::service::{InseparablePart, Service};
use groeilijn_domain::institutions::webhook::{DeliveryState, WebhookAddress, WebhookEvent};
use groeilijn_domain::platform::ending::SurvivingDuty;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::platform::subprocessor::{CheckOutcome, SubprocessorDuty, SubprocessorState};
use groeilijn_domain::platform::transfer::{Country, Safeguard};
use groeilijn_domain::retention::destruction::DestructionState;
use groeilijn_domain::retention::plan::{Rule, SubjectKind};
use groeilijn_domain::retention::term::{StatutoryKind, TermBasis};
use groeilijn_domain::support::{
    CaseId, ConsentCode, ConsentKind, CouplingReport, RequestChannel, SupportKind,
};
use groeilijn_domain::values::calendar::{HalfYear, SchoolYear};
use groeilijn_domain::values::email::{EmailAddress, MailDomain};
use groeilijn_domain::values::ids::{
    ActorId, AdditionalGroupId, AdministratorRecoveryId, AgreementId, ApiTokenId, AuditId, ContactPersonId,
    ContractDocumentId, CouplingId, DestructionConfirmationId, DestructionId, DisclosureId, EvidenceRecordId,
    FollowUpId, ForcedProcessingId, FrameworkId, GoalId, GoalOfferId, GroupId, HoldId, ImportId,
    IncidentCaseId, IncidentId, IncidentRecordId, InstitutionId, InstructionId, InvitationId, LocationId,
    LogReviewId, LoggedObjectId, NoteId, OrganisationId, PlacementChangeId, PlacementId, ProcessorContactId,
    PupilId, RegistrationId, RightChangeId, SchoolYearTransitionId, SecurityEventId, SessionId,
    StaffRightChangeId, SubjectId, SubprocessorCheckId, SubprocessorId, SubprocessorObjectionId,
    SupportConsentId, SupportRequestId, SupportSessionId, UserId, WebhookDeliveryId, WebhookEndpointId,
};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::person::{Gender, HomeLanguage};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{FreeText, Infix, Label, NamePart, ShortText};
use jiff::Timestamp;
use jiff::civil::Date;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};

use super::described::{Described, NamedSchemas, formatted, one_of, reference};
use super::position::Position;

/// A type that text is read into.
pub trait ParseText: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Why the text is refused; the refusal never holds the text.
    fn parse_text(text: &str) -> Result<Self, Refusal>;
}

/// What has a character that shows, and control characters around it at most, which are taken away.
const ONE_LINE: &str =
    r"^[\s\u0085]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*[\s\u0085]*$";

/// The same, in which lines may end and tabs may stand.
const LINES: &str =
    r"^[\s\u0085]*[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]|[\t\n]|\r\n)*[\s\u0085]*$";

/// Lower-case letters and digits, in parts separated by one `-` or `.`.
const CODE: &str = r"^[a-z0-9]+([.-][a-z0-9]+)*$";

/// An https URI, as RFC 3986 spells one.
const HTTPS_URI: &str = r"^https://[A-Za-z0-9][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*$";

/// Text of at most so many characters, with an example.
fn text(most: usize, example: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(most))
        .examples([example])
}

/// Text of at most so many characters, in lines.
fn lines(most: usize) -> ObjectBuilder {
    text(most, "Bouwt een toren van acht blokken en telt ze hardop.").pattern(Some(LINES))
}

/// A string of a known format and of at most so many characters, with an example.
fn known(format: KnownFormat, most: usize, example: &str) -> ObjectBuilder {
    formatted(format).max_length(Some(most)).examples([example])
}

macro_rules! parsed {
    ($($type:ty: $schema:expr;)*) => {$(
        impl ParseText for $type {
            fn parse_text(text: &str) -> Result<Self, Refusal> {
                <$type>::parse(text)
            }
        }

        impl Described for $type {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }
    )*};
}

parsed! {
    NamePart: text(NamePart::MOST_CHARACTERS, "Noor").pattern(Some(ONE_LINE));
    Infix: text(Infix::MOST_CHARACTERS, "van der").pattern(Some(ONE_LINE));
    Label: text(Label::MOST_CHARACTERS, "De Vlinders").pattern(Some(ONE_LINE));
    ShortText: text(ShortText::MOST_CHARACTERS, "Op verzoek van de school.").pattern(Some(ONE_LINE));
    FreeText: lines(FreeText::MOST_CHARACTERS);
    NoteText: lines(NoteText::MOST_CHARACTERS);
    GoalText: text(GoalText::MOST_CHARACTERS, "De kinderen vertellen een verhaal na, met begin en einde.").pattern(Some(LINES));
    FollowUpText: text(FollowUpText::MOST_CHARACTERS, "Elke week in een klein groepje voorlezen.").pattern(Some(LINES));
    HomeLanguage: text(3, "nl").min_length(Some(2)).pattern(Some("^[A-Za-z]{2,3}$"));
    SchoolKey: text(SchoolKey::MOST_CHARACTERS, "L-0042").pattern(Some(ONE_LINE));
    EckId: text(EckId::MOST_CHARACTERS, "https://ketenid.nl/201703/example")
        .format(Some(SchemaFormat::Custom("uri".to_owned())))
        .pattern(Some(HTTPS_URI));
    EmailAddress: known(KnownFormat::Email, EmailAddress::MOST_CHARACTERS, "beheerder@school.example");
    AppCode: text(AppCode::MOST_CHARACTERS, "287082").min_length(Some(6)).pattern(Some(r"^\s*([0-9]\s*){6}$"));
    LoginCode: text(LoginCode::MOST_CHARACTERS, "287082")
        .pattern(Some(r"^\s*([0-9]\s*){6}$|^[\s-]*([0-9A-Za-z][\s-]*){16}$"));
    MailDomain: text(255, "school.example").pattern(Some(r"^\s*[^\s.]+(\.[^\s.]+)+\.?\s*$"));
    SchoolYear: text(9, "2026-2027").pattern(Some("^[0-9]{4}-[0-9]{4}$"));
    HalfYear: text(11, "2026-2027-1").pattern(Some("^[0-9]{4}-[0-9]{4}-[12]$"));
    WebhookAddress: text(WebhookAddress::MOST_CHARACTERS, "https://hooks.school.example/groeilijn")
        .format(Some(SchemaFormat::Custom("uri".to_owned())))
        .pattern(Some(HTTPS_URI));
    Network: text(43, "192.0.2.0/24").pattern(Some(r"^\s*[0-9A-Fa-f:.]+(/[0-9]{1,3})?\s*$"));
    Brin: text(6, "99XX").min_length(Some(4)).pattern(Some("^[0-9]{2}[A-Za-z]{2}([0-9]{2})?$"));
    ChildcareNumber: text(20, "100200301").min_length(Some(9)).pattern(Some("^ *([0-9] *){9}$"));
    FrameworkCode: text(FrameworkCode::MOST_CHARACTERS, "groeilijn-basis-0-7").pattern(Some(CODE));
    AreaCode: text(AreaCode::MOST_CHARACTERS, "language").pattern(Some(CODE));
    ScaleCode: text(ScaleCode::MOST_CHARACTERS, "involvement").pattern(Some(CODE));
    LineCode: text(LineCode::MOST_CHARACTERS, "spoken-language").pattern(Some(CODE));
    MilestoneCode: text(MilestoneCode::MOST_CHARACTERS, "spoken-language.18-24.1").pattern(Some(CODE));
    ConsentCode: text(ConsentCode::MOST_CHARACTERS, "WDJB-MJHT").pattern(Some(r"^[\s-]*([A-Za-z][\s-]*){8}$"));
    Country: text(2, "NL").min_length(Some(2)).pattern(Some("^[A-Za-z]{2}$"));
    ClauseId: text(ClauseId::CHARACTERS, "C060").pattern(Some("^C[0-9]{3}$"));
    CaseId: text(CaseId::MOST_CHARACTERS, "VRAAG-2026-17").pattern(Some("^[A-Za-z0-9._-]+$"));
}

macro_rules! codes {
    ($($type:ident $name:literal)*) => {$(
        impl ParseText for $type {
            fn parse_text(text: &str) -> Result<Self, Refusal> {
                <$type>::from_code(text).ok_or_else(|| not_one_of(Self::ALL.map(Self::code)))
            }
        }

        impl Described for $type {
            fn schema() -> RefOr<Schema> {
                reference($name)
            }

            fn components(found: &mut NamedSchemas) {
                found.push(($name.to_owned(), one_of(Self::ALL.map(Self::code)).into()));
            }
        }
    )*};
}

// Each under its name in the OpenAPI document.
codes! {
    Part "PermissionPart"
    Action "PermissionAction"
    Scope "PermissionScope"
    Role "Role"
    Function "UserFunction"
    AddressDue "AddressDue"
    ProcessorFunction "ProcessorFunction"
    InstitutionKind "InstitutionKind"
    ContractProfile "ContractProfile"
    Product "LicenceProduct"
    LicenceState "LicenceState"
    CustomerDuty "CustomerDuty"
    Gender "Gender"
    RegistrationState "RegistrationState"
    Completeness "Completeness"
    Level "DevelopmentLevel"
    MilestoneState "MilestoneState"
    FrameworkState "FrameworkState"
    FeedKind "ChangedThing"
    ChangeKind "ChangeKind"
    Locale "FrameworkLocale"
    AccountState "AccountState"
    SecondFactorState "SecondFactorState"
    SecurityEventKind "SecurityEventKind"
    FileFormat "SchoolFileFormat"
    ImportState "ImportState"
    Failure "ImportFailure"
    RecordKind "ImportRecordKind"
    Outcome "ImportOutcome"
    SessionEnd "SessionEnd"
    ConsentKind "SupportConsentKind"
    CouplingReport "CouplingReport"
    RequestChannel "SupportRequestChannel"
    SupportKind "SupportKind"
    ApiTokenKind "ApiTokenKind"
    DestructionState "DestructionState"
    Rule "RetentionRule"
    StatutoryKind "StatutoryTermKind"
    SubjectKind "RetentionSubject"
    TermBasis "RetentionTermBasis"
    LicencePhase "LicencePhase"
    ChildrenEnteredBy "ChildrenEnteredBy"
    Service "LicenceService"
    InseparablePart "InseparablePartCode"
    DocumentKind "ContractDocumentKind"
    DocumentLanguage "ContractDocumentLanguage"
    AgreementSubject "AgreementSubject"
    DepartureKind "DepartureKind"
    YearLevel "YearLevel"
    RecoveryKind "AdministratorRecoveryKind"
    RecoveryState "AdministratorRecoveryState"
    Safeguard "TransferSafeguard"
    SubprocessorDuty "SubprocessorDuty"
    SubprocessorState "SubprocessorState"
    CheckOutcome "SubprocessorCheckOutcome"
    SurvivingDuty "SurvivingDuty"
    ExtraProcessing "ExtraProcessing"
    WebhookEvent "WebhookEvent"
    DeliveryState "WebhookDeliveryState"
    InstructionState "InstructionState"
    ActorKind "ActorKind"
    LogOutcome "LogOutcome"
    LogKeyCause "LogKeyCause"
    ObjectKind "LoggedObjectKind"
    ProcessingActivity "ProcessingActivity"
    ClauseKind "ClauseKind"
    ClauseSection "ClauseSection"
    ClauseState "ClauseState"
    Means "ClauseMeans"
    LiveCheckKind "LiveCheckKind"
    ReaderBasis "ChildReaderBasis"
    IncidentKind "IncidentKind"
    IncidentSource "IncidentSource"
    IncidentChannel "IncidentChannel"
    IncidentStage "IncidentStage"
    IncidentRecordKind "IncidentRecordKind"
    DataClass "PersonalDataClass"
    EvidenceKind "EvidenceKind"
    AuditStage "AuditStage"
    AuditPayer "AuditPayer"
    AuditParty "AuditParty"
    AuditConfirmationKind "AuditConfirmationKind"
    EvidenceOutcome "EvidenceOutcome"
    DisclosureGround "DisclosureGround"
    AffectedGroup "AffectedGroup"
    BreachCause "BreachCause"
    BreachNature "BreachNature"
    ContentItem "IncidentContentItem"
    CostKind "IncidentCostKind"
    DecisionStep "IncidentDecisionStep"
    Happened "Happened"
    IncidentDecision "IncidentDecision"
    NoticeStep "IncidentNoticeStep"
    SecurityPart "SecurityPart"
    UpdateKind "IncidentUpdateKind"
}

fn not_one_of<const N: usize>(codes: [&str; N]) -> Refusal {
    Refusal::new("not-in-list", format!("must be one of: {}", codes.join(", ")))
}

/// An id that stands in paths, always under the same name.
pub trait PathParameter: ParseText + Described + 'static {
    /// The name of the path parameter.
    const NAME: &'static str;

    /// What it is, for the OpenAPI document.
    fn description() -> String {
        format!("The id of the {}.", Self::NAME.trim_end_matches("Id"))
    }
}

macro_rules! ids {
    ($($type:ident $name:literal)*) => {$(
        impl ParseText for $type {
            fn parse_text(text: &str) -> Result<Self, Refusal> {
                text.parse().map_err(|_| Refusal::new("not-a-uuid", "must be a UUID"))
            }
        }

        impl Described for $type {
            fn schema() -> RefOr<Schema> {
                known(KnownFormat::Uuid, 36, "01999999-0000-7000-8000-000000000001").into()
            }
        }

        impl PathParameter for $type {
            const NAME: &'static str = $name;
        }

        impl Position for $type {
            fn to_bytes(&self) -> Vec<u8> {
                self.as_bytes().to_vec()
            }

            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Self::from_slice(bytes)
            }
        }
    )*};
}

ids! {
    OrganisationId "organisationId"
    InstitutionId "institutionId"
    UserId "userId"
    GroupId "groupId"
    PupilId "pupilId"
    PlacementId "placementId"
    PlacementChangeId "placementChangeId"
    AdditionalGroupId "additionalGroupId"
    SchoolYearTransitionId "schoolYearTransitionId"
    NoteId "noteId"
    RegistrationId "registrationId"
    FollowUpId "followUpId"
    GoalId "goalId"
    GoalOfferId "goalOfferId"
    FrameworkId "frameworkId"
    ImportId "importId"
    SessionId "sessionId"
    InvitationId "invitationId"
    RightChangeId "rightChangeId"
    SecurityEventId "securityEventId"
    StaffRightChangeId "staffRightChangeId"
    SupportConsentId "consentId"
    SupportRequestId "supportRequestId"
    SupportSessionId "supportSessionId"
    CouplingId "couplingId"
    ApiTokenId "apiTokenId"
    LocationId "locationId"
    ContractDocumentId "contractDocumentId"
    AgreementId "agreementId"
    AdministratorRecoveryId "recoveryId"
    DestructionId "destructionId"
    SubjectId "subjectId"
    ActorId "actorId"
    LoggedObjectId "objectId"
    HoldId "holdId"
    SubprocessorId "subprocessorId"
    SubprocessorCheckId "subprocessorCheckId"
    SubprocessorObjectionId "subprocessorObjectionId"
    DestructionConfirmationId "destructionConfirmationId"
    ContactPersonId "contactPersonId"
    ProcessorContactId "processorContactId"
    InstructionId "instructionId"
    LogReviewId "logReviewId"
    DisclosureId "disclosureId"
    ForcedProcessingId "forcedProcessingId"
    WebhookEndpointId "webhookEndpointId"
    WebhookDeliveryId "webhookDeliveryId"
    IncidentId "incidentId"
    IncidentCaseId "incidentCaseId"
    IncidentRecordId "incidentRecordId"
    EvidenceRecordId "evidenceRecordId"
    AuditId "auditId"
}

impl PathParameter for ClauseId {
    const NAME: &'static str = "clauseId";

    fn description() -> String {
        "The number of the clause.".to_owned()
    }
}

impl PathParameter for SchoolYear {
    const NAME: &'static str = "schoolYear";

    fn description() -> String {
        "The school year.".to_owned()
    }
}

/// The most characters of text for which no type says otherwise.
const MOST_CHARACTERS: usize = 10_000;

impl ParseText for String {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        if text.chars().count() > MOST_CHARACTERS {
            return Err(Refusal::new("too-long", format!("must have at most {MOST_CHARACTERS} characters")));
        }
        Ok(text.to_owned())
    }
}

impl Described for &str {
    fn schema() -> RefOr<Schema> {
        String::schema()
    }
}

impl Described for String {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).max_length(Some(MOST_CHARACTERS)).into()
    }
}

/// RFC 3339 `full-date`, nothing else: no time, no week dates, no sign.
impl ParseText for Date {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let parsed = Self::strptime("%Y-%m-%d", text).ok();
        // Whatever else the parser reads, such as a month without its zero, is not written back the same.
        parsed
            .filter(|date| date.to_string() == text)
            .ok_or_else(|| Refusal::new("not-a-date", "must be a date, written YYYY-MM-DD"))
    }
}

impl Described for Date {
    fn schema() -> RefOr<Schema> {
        known(KnownFormat::Date, 10, "2026-11-21").into()
    }
}

/// Room for any date and time with nanoseconds and an offset.
const MOST_OF_A_TIME: usize = 40;

/// RFC 3339 `date-time` with any offset; kept in UTC and cut to microseconds.
impl ParseText for Timestamp {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let refusal = || {
            Refusal::new(
                "not-a-date-time",
                "must be a date and time with an offset, such as 2026-11-21T09:30:00Z",
            )
        };
        if text.len() > MOST_OF_A_TIME {
            return Err(refusal());
        }
        let parsed: Self = text.parse().map_err(|_| refusal())?;
        Ok(groeilijn_domain::values::calendar::to_micros(parsed))
    }
}

impl Described for Timestamp {
    fn schema() -> RefOr<Schema> {
        known(KnownFormat::DateTime, MOST_OF_A_TIME, "2026-11-21T09:30:00Z").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_in_one_way() {
        assert_eq!(Date::parse_text("2024-02-29").unwrap(), jiff::civil::date(2024, 2, 29));
        for wrong in
            ["2023-02-29", "2024-2-29", "20240229", "2024-02-29T00:00:00", "+2024-02-29", " 2024-02-29", ""]
        {
            assert_eq!(Date::parse_text(wrong).unwrap_err().code, "not-a-date", "{wrong}");
        }
    }

    #[test]
    fn a_time_may_have_any_offset_and_is_cut_to_microseconds() {
        let time = Timestamp::parse_text("2026-11-21T10:30:00.1234567+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-11-21T09:30:00.123456Z");
        for wrong in ["2026-11-21T10:30:00", "2026-11-21", "yesterday"] {
            assert_eq!(Timestamp::parse_text(wrong).unwrap_err().code, "not-a-date-time", "{wrong}");
        }
    }

    #[test]
    fn codes_name_what_is_possible() {
        assert_eq!(Gender::parse_text("female"), Ok(Gender::Female));
        assert!(Gender::parse_text("Female").unwrap_err().detail.contains("female"));
    }
}
