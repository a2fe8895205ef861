//! Support sessions: which kinds of looks into an institution there are, who may begin one, what it shows at most and how
//! long it lasts (C010–C013, C016, C048).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::basis::Ground;
use super::end::check_later;
use crate::access::principal::Actor;
use crate::access::session::SessionEnd;
use crate::access::{Action, Part, ProcessorFunction, Rights, Scope};
use crate::values::ids::{InstitutionId, UserId};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

code_list! {
    /// A kind of look into an institution.
    pub enum SupportKind {
        /// The helpdesk looks along with a user who allows it (C012).
        LookAlong = "look-along",
        /// An adviser answers a concrete question of the institution (C010).
        Case = "case",
        /// An adviser works for the institution for a period (C100, C101).
        Coupling = "coupling",
        /// The platform administrator mends what nobody else can; the institution is told at once (C013).
        Emergency = "emergency",
    }
}

impl SupportKind {
    /// Who may begin it.
    pub const fn opened_by(self) -> ProcessorFunction {
        match self {
            Self::LookAlong => ProcessorFunction::Helpdesk,
            Self::Case | Self::Coupling => ProcessorFunction::Adviser,
            Self::Emergency => ProcessorFunction::PlatformAdministrator,
        }
    }

    /// What it rests on.
    pub const fn rests_on(self) -> Ground {
        match self {
            Self::LookAlong => Ground::Consent,
            Self::Coupling => Ground::Coupling,
            Self::Case => Ground::Request,
            Self::Emergency => Ground::Named,
        }
    }

    /// The parts that it shows at most. It never changes anything.
    pub const fn ceiling(self) -> &'static [Part] {
        use Part::*;
        match self {
            Self::LookAlong => &[SupportView],
            Self::Case => &[Groups, Pupils, Registrations, Overviews, Frameworks],
            Self::Coupling => &[Groups, Registrations, Overviews, Frameworks],
            Self::Emergency => &[Groups, Pupils, Notes, Registrations, Overviews, Frameworks],
        }
    }

    /// How long it lasts at most.
    pub const fn longest(self) -> SignedDuration {
        match self {
            Self::LookAlong | Self::Emergency => SignedDuration::from_mins(60),
            Self::Case => SignedDuration::from_hours(4),
            Self::Coupling => SignedDuration::from_hours(8),
        }
    }

    /// That somebody with this function may begin it.
    ///
    /// # Errors
    /// `not-of-this-function`.
    pub fn check_opener(self, function: ProcessorFunction) -> Result<(), Refusal> {
        if function == self.opened_by() {
            return Ok(());
        }
        Err(Refusal::new("not-of-this-function", "your function begins no support sessions of this kind"))
    }

    /// Whether its purpose can need the texts that professionals wrote; they are masked unless it is said why (C050).
    pub const fn may_need_free_text(self) -> bool {
        matches!(self, Self::Case | Self::Emergency)
    }

    /// That what has to be named is named: the user with whom is looked along, and her code; the request behind a case; a
    /// user or a case in an emergency. A coupling says itself what it is for. Why free text is needed is said of the kinds
    /// alone that can need it.
    ///
    /// # Errors
    /// For each that is missing `required-for-the-kind`; for `free_text_reason` `beyond-the-kind`.
    pub fn check_named(self, named: &[Naming]) -> Result<(), FieldRefusals> {
        let required: &[Naming] = match self {
            Self::LookAlong => &[Naming::User, Naming::ConsentCode],
            Self::Emergency if named.contains(&Naming::User) => &[],
            Self::Case => &[Naming::Request],
            Self::Emergency => &[Naming::Case],
            Self::Coupling => &[],
        };
        let mut refusals = FieldRefusals::new();
        for naming in required.iter().filter(|naming| !named.contains(naming)) {
            let detail = "is required for a support session of this kind";
            refusals.refuse(naming.field(), Refusal::new("required-for-the-kind", detail));
        }
        if named.contains(&Naming::FreeText) && !self.may_need_free_text() {
            let detail = "a support session of this kind never shows free text";
            refusals.refuse(Naming::FreeText.field(), Refusal::new("beyond-the-kind", detail));
        }
        refusals.or(())
    }

    /// The parts to show: those that were asked for, or all that the kind shows when none were.
    ///
    /// # Errors
    /// With the number of the part, `beyond-the-kind` for one that the kind never shows; `empty` for none at all.
    pub fn parts(self, asked: Option<&[Part]>) -> Result<BTreeSet<Part>, (Option<usize>, Refusal)> {
        let Some(asked) = asked else { return Ok(self.ceiling().iter().copied().collect()) };
        if asked.is_empty() {
            return Err((None, Refusal::new("empty", "must name at least one part")));
        }
        if let Some(beyond) = asked.iter().position(|part| !self.ceiling().contains(part)) {
            let refusal =
                Refusal::new("beyond-the-kind", "a support session of this kind never shows this part");
            return Err((Some(beyond), refusal));
        }
        Ok(asked.iter().copied().collect())
    }

    /// That a support session that begins at the moment `now` may last until `ends_at`, when what it rests on ends at
    /// `basis_ends`.
    ///
    /// # Errors
    /// `expiry-past`, `expiry-too-far`.
    pub fn check_end(
        self,
        ends_at: Timestamp,
        now: Timestamp,
        basis_ends: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        check_later(ends_at, now)?;
        let beyond_basis = basis_ends.is_some_and(|basis_ends| ends_at > basis_ends);
        if beyond_basis || ends_at.duration_since(now) > self.longest() {
            let detail = format!(
                "lasts {} minutes at most, and no longer than what allows it",
                self.longest().as_mins()
            );
            return Err(Refusal::new("expiry-too-far", detail));
        }
        Ok(())
    }
}

/// What a request for a support session can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The user whom it is about.
    User,
    /// The code that she read out.
    ConsentCode,
    /// The case that it is about.
    Case,
    /// The request of the institution.
    Request,
    /// Why free text is needed.
    FreeText,
}

impl Naming {
    const fn field(self) -> &'static str {
        match self {
            Self::User => "user_id",
            Self::ConsentCode => "consent_code",
            Self::Case => "case_id",
            Self::Request => "request_id",
            Self::FreeText => "free_text_reason",
        }
    }
}

/// Why a support session cannot be begun as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupportRefusal {
    /// Whoever asks may not begin one of this kind.
    Forbidden(Refusal),
    /// Something of what was asked is wrong.
    Invalid(FieldRefusals),
}

/// The parts that a support session of this kind shows, when a member of the processor's staff with this function asks for
/// it and names this much.
///
/// # Errors
/// What [`SupportKind::check_opener`], [`SupportKind::check_named`] and [`SupportKind::parts`] refuse.
pub fn requested_parts(
    kind: SupportKind,
    function: ProcessorFunction,
    named: &[Naming],
    parts: Option<&[Part]>,
) -> Result<BTreeSet<Part>, SupportRefusal> {
    kind.check_opener(function).map_err(SupportRefusal::Forbidden)?;
    kind.check_named(named).map_err(SupportRefusal::Invalid)?;
    kind.parts(parts).map_err(|(at, refusal)| {
        let field = at.map_or_else(|| "parts".to_owned(), |at| format!("parts/{at}"));
        SupportRefusal::Invalid(FieldRefusals::one(field, refusal))
    })
}

/// How far looking along with a user reaches: as far as she herself reads both children and registrations; `None`
/// when she does not read both.
pub fn reach_of(user: &Rights) -> Option<Scope> {
    let pupils = user.scope(Part::Pupils, Action::Read)?;
    let registrations = user.scope(Part::Registrations, Action::Read)?;
    Some(pupils.min(registrations))
}

/// That looking along with a user shows something, and how far it then reaches.
///
/// # Errors
/// `sees-no-registrations`.
pub fn check_reach(user: &Rights) -> Result<Scope, Refusal> {
    reach_of(user).ok_or_else(|| {
        let detail = "the user does not see children and their registrations herself";
        Refusal::new("sees-no-registrations", detail)
    })
}

/// How a support session of a member of staff into an institution ends when `actor` ends it: her own, or one into her
/// institution; `None` for any other, which she does not end.
pub fn end_by(actor: &Actor, institution: InstitutionId, staff: UserId) -> Option<SessionEnd> {
    match actor.institution {
        Some(own) if own == institution => Some(SessionEnd::EndedByAdministrator),
        None if actor.user == staff => Some(SessionEnd::EndedByUser),
        Some(_) | None => None,
    }
}

/// What can be done in a support session: look at its parts, as far as it reaches, see who is logged in, and end it.
pub fn rights(parts: &BTreeSet<Part>, reach: Option<Scope>) -> Rights {
    let looks =
        reach.into_iter().flat_map(|reach| parts.iter().map(move |&part| (part, Action::Read, reach)));
    let own = [
        (Part::Account, Action::Read, Scope::Institution),
        (Part::Credentials, Action::Delete, Scope::Institution),
    ];
    looks.chain(own).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::{Function, Role, UserRights};

    fn moment() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn c013_c048_each_kind_is_for_one_function_only() {
        for kind in SupportKind::ALL {
            for function in ProcessorFunction::ALL {
                assert_eq!(kind.check_opener(function).is_ok(), function == kind.opened_by(), "{kind:?}");
            }
        }
    }

    #[test]
    fn c008_c009_c011_other_functions_begin_none() {
        use ProcessorFunction::*;
        for function in [Marketing, Secretariat, AccountManager] {
            assert!(SupportKind::ALL.into_iter().all(|kind| kind.check_opener(function).is_err()));
        }
    }

    #[test]
    fn c010_c012_what_it_is_about_is_named() {
        use SupportKind::*;
        let missing = |kind: SupportKind, named: &[Naming]| {
            let refused = kind.check_named(named).err().into_iter().flatten();
            refused.map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(missing(LookAlong, &[Naming::Case]), ["user_id", "consent_code"]);
        assert_eq!(missing(LookAlong, &[Naming::User]), ["consent_code"]);
        assert_eq!(missing(Case, &[Naming::User, Naming::Case]), ["request_id"]);
        assert!(missing(Case, &[Naming::Request, Naming::FreeText]).is_empty());
        assert_eq!(missing(Coupling, &[Naming::FreeText]), ["free_text_reason"]);
        assert_eq!(missing(Emergency, &[]), ["case_id"]);
        for named in [Naming::User, Naming::Case] {
            assert!(missing(Emergency, &[named]).is_empty());
        }
        assert!(missing(Coupling, &[]).is_empty());
    }

    #[test]
    fn c016_the_helpdesk_sees_its_own_view_and_nothing_else() {
        assert_eq!(SupportKind::LookAlong.ceiling(), [Part::SupportView]);
        for kind in [SupportKind::Case, SupportKind::Coupling, SupportKind::Emergency] {
            assert!(!kind.ceiling().contains(&Part::SupportView));
        }
    }

    #[test]
    fn never_more_than_was_asked_for() {
        let kind = SupportKind::Case;
        assert_eq!(kind.parts(Some(&[Part::Groups])).unwrap(), BTreeSet::from([Part::Groups]));
        assert_eq!(kind.parts(None).unwrap().len(), kind.ceiling().len());
        let refused = |parts: &[Part]| kind.parts(Some(parts)).map_err(|(at, refusal)| (at, refusal.code));
        assert_eq!(refused(&[Part::Groups, Part::Notes]), Err((Some(1), "beyond-the-kind")));
        assert_eq!(refused(&[]), Err((None, "empty")));
    }

    #[test]
    fn it_ends_in_time_and_not_after_what_allows_it() {
        let now = moment();
        for kind in SupportKind::ALL {
            let code = |ends_at, basis_ends| {
                kind.check_end(ends_at, now, basis_ends).map_err(|refusal| refusal.code)
            };
            let second = SignedDuration::from_secs(1);
            assert_eq!(code(now + kind.longest(), None), Ok(()));
            assert_eq!(code(now + kind.longest() + second, None), Err("expiry-too-far"));
            assert_eq!(code(now, None), Err("expiry-past"));
            assert_eq!(code(now + second * 2, Some(now + second)), Err("expiry-too-far"));
            assert_eq!(code(now + second, Some(now + second)), Ok(()));
        }
    }

    #[test]
    fn c012_looking_along_reaches_as_far_as_the_user_does() {
        let reach = |function, own: &UserRights| reach_of(&Rights::of_user(function, own));
        let usual = UserRights::new();
        assert_eq!(reach(Function::Teacher, &usual), Some(Scope::OwnGroups));
        assert_eq!(reach(Function::InternBegeleider, &usual), Some(Scope::Institution));
        assert_eq!(reach(Function::QualityOfficer, &usual), None);
        let nothing = UserRights::from([(Part::Pupils, BTreeSet::new())]);
        assert_eq!(reach(Function::Teacher, &nothing), None);
        let refused = check_reach(&Rights::of_user(Function::Teacher, &nothing)).unwrap_err();
        assert_eq!(refused.code, "sees-no-registrations");
    }

    #[test]
    fn it_is_ended_by_who_looks_or_by_the_institution() {
        let [institution, other] = [1, 2].map(|number| InstitutionId::from_uuid(Uuid::from_u128(number)));
        let [staff, somebody] = [3, 4].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        let ends = |user: UserId, role, of| {
            let actor = Actor { account: user.into(), user, role, institution: of };
            end_by(&actor, institution, staff)
        };
        let user = Role::Institution(Function::Administrator);
        let processor = Role::Processor(ProcessorFunction::Adviser);
        assert_eq!(ends(somebody, user, Some(institution)), Some(SessionEnd::EndedByAdministrator));
        assert_eq!(ends(staff, processor, None), Some(SessionEnd::EndedByUser));
        assert_eq!(ends(somebody, user, Some(other)), None);
        assert_eq!(ends(somebody, processor, None), None);
    }

    #[test]
    fn c012_a_support_session_only_looks() {
        for kind in SupportKind::ALL {
            let parts = kind.parts(None).unwrap();
            let given = rights(&parts, Some(Scope::Institution));
            for (part, action, scope) in given.iter() {
                let looks = action == Action::Read && (parts.contains(&part) || part == Part::Account);
                assert!(
                    looks || (part, action) == (Part::Credentials, Action::Delete),
                    "{part:?} {action:?}"
                );
                assert_eq!(scope, Scope::Institution);
            }
        }
        let blind = rights(&BTreeSet::from([Part::SupportView]), None);
        assert_eq!(blind.scope(Part::SupportView, Action::Read), None);
    }

    #[test]
    fn c017_without_a_support_session_nobody_of_the_processor_sees_what_one_shows() {
        for function in ProcessorFunction::ALL {
            let standing = Rights::of(Role::Processor(function));
            let of_children = Part::ALL.into_iter().filter(|part| part.is_of_children());
            for part in of_children {
                assert!(Action::ALL.into_iter().all(|action| standing.scope(part, action).is_none()));
            }
        }
    }
}
