//! The report for a talk with a child's parents, as a PDF that opens with a password (C085). That it was made is on record.

mod contents;

use groeilijn_domain::access::Part;
use groeilijn_domain::children::parent_report::{MOST_NOTES, MOST_REGISTRATIONS, ReportWish};
use groeilijn_domain::values::ids::{DisclosureId, NoteId, PupilId, RegistrationId};
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::text::ShortText;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use self::contents::contents;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::described::counted;
use crate::http::file_reply::{Attached, Printed};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::language::AcceptLanguage;
use crate::http::password_field::PasswordOfDocument;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::printed::locked;
use crate::{operations, request_body};

operations! {
    /// The operation on reports to parents.
    pub fn endpoints;

    /// Make the report for a talk with parents
    ///
    /// A PDF to take along or to send, in the language that `Accept-Language` asks for: who the child is, its development lines
    /// as bars against its age and in words, its scales, notes if some are chosen, what kind of instrument this is, and room for
    /// what the parents tell and what is agreed. It opens with the password alone (AES-256), which is kept nowhere: tell it to
    /// the parents another way than the file goes.
    ///
    /// Each time it is made is a disclosure on record (`/institutions/{institutionId}/disclosures`), whose id stands at the foot
    /// of every page, and an entry in the log that the child's parents can ask for. Remarks beside judgements, particulars and
    /// comparisons with the age in months are not in it.
    ///
    /// To put notes in it takes the right to read notes as well.
    POST "/pupils/{pupilId}/_report-to-parents" => report_to_parents: "The report."
        .producing(&[Printed::MEDIA_TYPE])
        .with_parameter("pupilId", "The pupil.");
}

request_body! {
    /// What is wanted of a report to parents.
    pub struct ReportToParents {
        /// The password that the report opens with: not one that something else opens with too, and without a name or the day of
        /// birth of the child. Letters without accents, digits, symbols and spaces between them.
        password: PasswordOfDocument,
        /// The final registrations to tell of; all of them when absent. The picture shows the latest six of these, the tables
        /// the latest two.
        registration_ids: Option<Vec<RegistrationId>> = counted(1..=MOST_REGISTRATIONS),
        /// The notes to put in it; none when absent.
        note_ids: Option<Vec<NoteId>> = counted(0..=MOST_NOTES),
        /// To whom it is given, for the record of the disclosure; the child's parents or guardians when absent.
        recipient: Option<ShortText>,
    }

    example { "password": "drie blauwe olifanten", "recipient": "Beide ouders, op het gesprek van november." }
}

async fn report_to_parents(
    access: Access<part::Overviews, action::Export, FollowDevelopment>,
    PathId(pupil): PathId<PupilId>,
    AcceptLanguage(language): AcceptLanguage,
    JsonBody(body, _): JsonBody<ReportToParents>,
) -> Result<Attached, Problem> {
    let ReportToParents { password: PasswordOfDocument(password), registration_ids, note_ids, recipient } =
        body;
    let notes = note_ids.unwrap_or_default();
    if !notes.is_empty() && !access.reads_as_far(Part::Notes) {
        return Err(Problem::of(ProblemKind::Forbidden));
    }
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let id = DisclosureId::from_uuid(environment.uuid());
    let (file_id, key) = (environment.bytes::<16>(), Zeroizing::new(environment.bytes::<32>()));
    let wish = ReportWish { pupil, registrations: registration_ids, notes, recipient };
    let (sheet, password) =
        tenant.write(move |writer| Ok((writer.report_to_parents(id, wish, &password)?, password))).await?;
    let made = spawn_blocking(move || {
        let file = contents(&sheet, language).pdf(&file_id).map_err(Problem::internal)?;
        locked(&file, &password, &key).map_err(Problem::internal)
    });
    Attached::pdf(file_name(language), language, made.await.map_err(Problem::internal)??)
}

const fn file_name(language: Language) -> &'static str {
    match language {
        Language::Dutch => "verslag-voor-ouders.pdf",
        Language::English => "report-to-parents.pdf",
    }
}
