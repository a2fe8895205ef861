//! Who may see a child now, and why (C096).

use std::collections::BTreeSet;

use groeilijn_domain::access::{Action, Function, Part, ProcessorFunction};
use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::audit::in_words;
use groeilijn_domain::audit::reader::ReaderBasis;
use groeilijn_domain::values::ids::{ActorId, LoggedObjectId, PupilId};
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::Cost;
use groeilijn_persistence::audit::readers::ChildReader as Found;
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::described::counted;
use crate::http::guard::activity::OperateService;
use crate::http::language::AcceptLanguage;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::{operations, reply_body};

/// How many may see one child at most: everybody of the institution, and its tokens.
const MOST_READERS: usize = 10_000;

operations! {
    /// The operations on who may see whom.
    pub fn endpoints;

    /// Read who may see a child now
    ///
    /// For a parent who asks who may see her child (C096): everybody whose next request about it would be let in at this moment,
    /// with what they may do. It is worked out by the same rights and the same rule of reach by which requests are let in. The
    /// processor's staff is there only with what they can look by: a support session that is open, or a consent, a coupling, a
    /// request or an emergency by which they could begin one.
    GET "/pupils/{pupilId}/readers" => read_pupil_readers: "Who may see the child now.";
}

reply_body! {
    /// What somebody may do with a part of what is kept about a child.
    pub struct ReadablePart {
        /// The part.
        part: Part,
        /// What they may do with it.
        actions: Vec<Action> = counted(1..=Action::ALL.len()),
    }
}

reply_body! {
    /// Somebody who may see a child now.
    pub struct ChildReader {
        /// Why they may.
        basis: ReaderBasis,
        /// The id of what they may see it by: the user, token, support session, consent, coupling or request; null for an
        /// emergency that nobody is in.
        basis_id: Option<LoggedObjectId>,
        /// The user, or the member of the processor's staff; null as long as it can be any with that function.
        actor_id: Option<ActorId>,
        /// First name of a user of the institution. To tell the parent who it is; null for who may not read users.
        first_name: Option<NamePart>,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: Option<NamePart>,
        /// What a user of the institution does there.
        function: Option<Function>,
        /// What a member of the processor's staff does.
        staff_function: Option<ProcessorFunction>,
        /// Who it is, in words.
        who: String,
        /// What they may see and do.
        parts: Vec<ReadablePart> = counted(1..=Part::ALL.len()),
        /// When it ends by itself, in UTC; null when it does not.
        ends_at: Option<Timestamp>,
    }
}

reply_body! {
    /// Who may see a child now.
    pub struct ChildReaders {
        /// At which moment, in UTC.
        at: Timestamp,
        /// Everybody: users of the institution first, in the order in which they were entered.
        readers: Vec<ChildReader> = counted(0..=MOST_READERS),
    }
}

fn readable((part, actions): (Part, BTreeSet<Action>)) -> ReadablePart {
    ReadablePart { part, actions: actions.into_iter().collect() }
}

fn told(found: Found, names: bool, language: Language) -> ChildReader {
    let function = found.user.as_ref().map(|user| user.function);
    let who = match (function, found.staff_function, found.basis) {
        (Some(function), ..) => in_words::function(function, language),
        (_, Some(function), _) => in_words::processor_function(function, language),
        (_, _, ReaderBasis::ApiToken) => in_words::side(ActorKind::ApiToken, true, language),
        _ => in_words::side(ActorKind::InstitutionUser, true, language),
    };
    let (first_name, infix, last_name) = match found.user.filter(|_| names) {
        Some(user) => (Some(user.name.first), user.name.infix, Some(user.name.last)),
        None => (None, None, None),
    };
    ChildReader {
        basis: found.basis,
        basis_id: found.basis_id.map(LoggedObjectId::from_uuid),
        actor_id: found.person.map(|id| ActorId::from_uuid(id.as_uuid())),
        first_name,
        infix,
        last_name,
        function,
        staff_function: found.staff_function,
        who: who.to_owned(),
        parts: found.parts.into_iter().map(readable).collect(),
        ends_at: found.ends_at,
    }
}

async fn read_pupil_readers(
    access: Access<part::AuditLog, action::Read, OperateService>,
    PathId(id): PathId<PupilId>,
    AcceptLanguage(language): AcceptLanguage,
) -> Result<Shown<ChildReaders>, Problem> {
    let names = access.rights().scope(Part::Users, Action::Read).is_some();
    let at = access.state().environment().now();
    let found = access.tenant()?.read(Cost::Scan, move |reader| reader.readers_of_pupil(id)).await?;
    let readers = found.into_iter().map(|found| told(found, names, language)).collect();
    Ok(reply::view(&ChildReaders { at, readers })?.in_language(language))
}
