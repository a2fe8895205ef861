//! Founds schools: staff, groups, children, and what was noted and registered of them over time.

use std::collections::BTreeSet;
use std::sync::Arc;

use groeilijn_domain::access::second_factor::AppCode;
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::access::{Function, GivenGroups, Role, Scope};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::children::note::{NewNote, NoteText};
use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::institutions::institution::{ContractProfile, InstitutionFields, InstitutionKind};
use groeilijn_domain::institutions::licence::{Licence, LicenceState, Product};
use groeilijn_domain::institutions::service;
use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::platform::processor_staff::ProcessorStaffFields;
use groeilijn_domain::values::calendar::{SchoolYear, amsterdam_date, end_of_day};
use groeilijn_domain::values::email::{EmailAddress, MailDomain};
use groeilijn_domain::values::ids::{
    FrameworkId, GroupId, InstitutionId, NoteId, PlacementId, PupilId, RegistrationId, UserId,
};
use groeilijn_domain::values::person::HomeLanguage;
use groeilijn_domain::values::text::{Label, ShortText};
use groeilijn_persistence::children::framework::{FrameworkFilter, PublishedFramework};
use groeilijn_persistence::children::registration::NewRegistration;
use groeilijn_persistence::{
    Actor, AuditContext, Cost, Error, Result, Store, Tenant, access, children, platform,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::clock::TravellingClock;
use super::judgements::judgements;
use super::logins::{address, password, processor_logins, second_factor};
use super::names::{language, person, pick};
use super::notes::NOTES;
use super::scale::Scale;
use crate::audit_context::without_request;
use crate::installation::context;
use crate::routes::access::invitations::invitation;
use crate::server::Service;

/// Months between two registrations of a child.
const HALF_YEAR_MONTHS: usize = 6;

/// One of the schools of the demo.
pub(super) struct DemoSchool {
    name: Label,
    domain: MailDomain,
    groups: [&'static str; 3],
}

impl DemoSchool {
    /// The school with this number; the first one is the one to log in to.
    pub(super) fn number(number: usize) -> Result<Self> {
        let (name, domain) = match number {
            0 => ("De Regenboog".to_owned(), "regenboog.example".to_owned()),
            number => (format!("Kindcentrum {number}"), format!("kindcentrum-{number}.example")),
        };
        Ok(Self {
            name: Label::parse(&name).map_err(Error::internal)?,
            domain: MailDomain::parse(&domain).map_err(Error::internal)?,
            groups: ["De Eendjes", "De Vlinders", "De Beren"],
        })
    }

    /// Who can log in, as what.
    pub(super) fn logins(&self) -> Result<Vec<(Function, EmailAddress)>> {
        let address = |function: Function| address(&format!("{}@{}", function.code(), self.domain.as_str()));
        Function::ALL.into_iter().map(|function| Ok((function, address(function)?))).collect()
    }
}

/// Founds schools in one installation.
pub(super) struct Founder {
    store: Store,
    clock: Arc<TravellingClock>,
    password_hash: String,
    now: Timestamp,
    scale: Scale,
    framework: Arc<PublishedFramework>,
}

impl Founder {
    pub(super) async fn new(
        service: &Service,
        clock: Arc<TravellingClock>,
        now: Timestamp,
        scale: Scale,
    ) -> Result<Self> {
        let state = service.state();
        let store = state.store.clone();
        // One hash for all: the accounts have one password, and hashing it for each would take minutes.
        let password_hash = state.passwords.turn("").await?.hash(password()?).await?;
        let platform = store.platform(context(&store, "fillDemo", ACTIVITY));
        let frameworks = platform
            .read(Cost::Rows, |reader| reader.frameworks(&FrameworkFilter::default(), None, 100))
            .await?;
        // The last one in Dutch is the newest of those that came along.
        let dutch = frameworks.iter().rfind(|framework| framework.locale.code() == "nl");
        let id: FrameworkId = dutch.ok_or_else(|| Error::internal("run `groeilijn init` first"))?.id;
        let framework = store.framework(id).await?;
        Ok(Self { store, clock, password_hash, now, scale, framework })
    }

    /// The processor's staff, one for each function.
    pub(super) async fn found_platform(&self) -> Result<()> {
        self.clock.travel(self.beginning());
        let mut random = StdRng::seed_from_u64(0);
        for (function, email) in processor_logins()? {
            let id: UserId = self.store.environment().uuid().into();
            let actor = Actor::staff(id, function);
            let invitation = invitation(self.store.environment()).map_err(Error::internal)?;
            let token = invitation.token_hash;
            let fields = ProcessorStaffFields { name: person(&mut random)?.0, email, function };
            let statement = ConfidentialityStatement {
                signed_on: amsterdam_date(self.beginning()),
                document_sha256: self.store.environment().bytes(),
            };
            let reason = ShortText::parse("Demonstratie.").map_err(Error::internal)?;
            self.store
                .platform(self.context(actor))
                .entering(InstitutionId::PLATFORM, vec![platform::key_owner::staff(id)])
                .write(move |writer| {
                    writer.create_processor_staff(id, &fields, &reason, &invitation)?;
                    writer.record_statement(id, &statement, &reason)
                })
                .await?;
            self.let_in(vec![(actor, token)]).await?;
            self.set_up_second_factor(actor).await?;
        }
        Ok(())
    }

    /// Gives staff of the processor the demo's second factor, at the beginning: every code of today is unused.
    async fn set_up_second_factor(&self, actor: Actor) -> Result<()> {
        let secret = second_factor();
        let shown = secret.code_at(self.store.environment().now());
        let code = AppCode::parse(shown.as_deref().map_or("", String::as_str)).map_err(Error::internal)?;
        let confirmed = self
            .store
            .platform(self.context(actor))
            .write(move |writer| {
                writer.set_up_second_factor(actor, &secret, &[])?;
                writer.confirm_second_factor(actor, None, &code)
            })
            .await?;
        if confirmed { Ok(()) } else { Err(Error::internal("the demo's second factor was not taken")) }
    }

    /// Has everybody accept her invitation, of which the token's hash is given, with the demo's password, and choose it
    /// again today: one of the beginning would have expired (C059).
    async fn let_in(&self, invited: Vec<(Actor, [u8; 32])>) -> Result<()> {
        let Some(&(first, _)) = invited.first() else { return Ok(()) };
        let platform = self.store.platform(self.context(first));
        let (hash, accepting) = (self.password_hash.clone(), invited.clone());
        platform
            .write(move |writer| {
                let mut accepting = accepting.iter();
                accepting.try_for_each(|(actor, token)| writer.accept_invitation(token, *actor, &hash))
            })
            .await?;
        self.clock.travel(self.now);
        let hash = self.password_hash.clone();
        platform
            .write(move |writer| {
                let mut invited = invited.iter();
                invited.try_for_each(|(actor, _)| writer.change_password(*actor, &hash))
            })
            .await?;
        self.clock.travel(self.beginning());
        Ok(())
    }

    /// A school with everything that happened in it.
    pub(super) async fn found_school(&self, school: &DemoSchool) -> Result<()> {
        self.clock.travel(self.beginning());
        let mut random = StdRng::seed_from_u64(school.domain.as_str().bytes().map(u64::from).sum());
        let id: InstitutionId = self.store.environment().uuid().into();
        let staff = self.found_institution(id, school, &mut random).await?;
        let administrator = staff.first().ok_or_else(|| Error::internal("a school without staff"))?.0;
        let classes = self.found_groups(administrator, school).await?;
        let present: Vec<_> = classes.iter().filter_map(|class| Some(class.last()?.0)).collect();
        self.give_groups(administrator, &staff, &present).await?;
        let teacher = staff.iter().find(|(actor, _)| actor.role == Role::Institution(Function::Teacher));
        let teacher = teacher.map_or(administrator, |(actor, _)| *actor);
        for class in classes {
            self.clock.travel(self.beginning());
            let children = self.enrol(administrator, &class, &mut random).await?;
            self.follow(teacher, &children, &mut random).await?;
        }
        Ok(())
    }

    /// The institution with one staff member for each function, all with the demo's password.
    async fn found_institution(
        &self,
        id: InstitutionId,
        school: &DemoSchool,
        random: &mut StdRng,
    ) -> Result<Vec<(Actor, UserFields)>> {
        let environment = self.store.environment();
        let mut staff = Vec::new();
        for (function, email) in school.logins()? {
            let (name, gender) = person(random)?;
            let user: UserId = environment.uuid().into();
            // Which login it becomes is known once she is entered.
            let (account, role) = (user.into(), Role::Institution(function));
            let actor = Actor { account, user, role, institution: Some(id) };
            staff.push((actor, UserFields::new(name, gender, email, function)));
        }
        let fields = InstitutionFields {
            kind: InstitutionKind::SchoolBoard,
            name: school.name.as_str().to_owned(),
            brin: None,
            childcare_number: None,
            contract_profile: ContractProfile::Kijk,
        };
        let licence = Licence {
            products: BTreeSet::from(Product::ALL),
            services: BTreeSet::from(service::Service::ALL),
            start: amsterdam_date(self.beginning()),
            end: None,
            state: LicenceState::Active,
        };
        let owners = staff.iter().map(|(actor, _)| access::key_owner::of(actor.person())).collect();
        let first = staff.first().map(|(actor, _)| *actor).ok_or_else(|| Error::internal("nobody"))?;
        let platform = self.store.platform(self.context(first));
        let platform = platform.founding(id, owners);
        let invitations = staff.iter().map(|_| invitation(environment).map_err(Error::internal));
        let invitations = invitations.collect::<Result<Vec<_>>>()?;
        let tokens: Vec<[u8; 32]> = invitations.iter().map(|invitation| invitation.token_hash).collect();
        let (domain, members) = (school.domain.clone(), staff.clone());
        let logins = platform
            .write(move |writer| {
                writer.enter(id, |tenant| {
                    tenant.create_institution(&fields, &[domain], None)?;
                    tenant.create_licence(&licence)?;
                    let entered = members.iter().zip(&invitations);
                    let logins = entered.map(|((actor, fields), invitation)| {
                        Ok(tenant.create_user(actor.user, fields, invitation)?.account)
                    });
                    let logins = logins.collect::<Result<Vec<_>>>()?;
                    tenant.accept_terms()?;
                    Ok(logins)
                })
            })
            .await?;
        for ((actor, _), account) in staff.iter_mut().zip(logins) {
            actor.account = account;
        }
        self.let_in(staff.iter().map(|(actor, _)| *actor).zip(tokens).collect()).await?;
        Ok(staff)
    }

    /// Each class with its group in each school year, the present one last, and the day on which its children come into it.
    async fn found_groups(
        &self,
        administrator: Actor,
        school: &DemoSchool,
    ) -> Result<Vec<Vec<(GroupId, Date)>>> {
        let mut classes = vec![Vec::new(); self.scale.groups];
        for (school_year, first_day) in self.school_years() {
            self.clock.travel(start_of_day(first_day).max(self.beginning()));
            let mut groups = Vec::new();
            for (number, class) in classes.iter_mut().enumerate() {
                let name = match school.groups.get(number) {
                    Some(name) => (*name).to_owned(),
                    None => format!("Groep {}", number + 1),
                };
                let name = Label::parse(&name).map_err(Error::internal)?;
                let id = GroupId::from_uuid(self.store.environment().uuid());
                groups.push((id, NewGroup { name, school_year, location: None, location_id: None }));
                class.push((id, first_day));
            }
            self.tenant(administrator)?
                .write(move |writer| {
                    for (id, fields) in &groups {
                        writer.create_group(*id, fields, None)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(classes)
    }

    /// The school years since the beginning, the present one last, each with its first day that there was a school.
    fn school_years(&self) -> Vec<(SchoolYear, Date)> {
        let mut years = Vec::new();
        let (mut day, today) = (amsterdam_date(self.beginning()), amsterdam_date(self.now));
        while day <= today {
            let year = SchoolYear::containing(day);
            years.push((year, day));
            day = year.last_day().saturating_add(1.day());
        }
        years
    }

    /// Gives these groups to everybody whose function sees only the groups she is given.
    async fn give_groups(
        &self,
        administrator: Actor,
        staff: &[(Actor, UserFields)],
        groups: &[GroupId],
    ) -> Result<()> {
        const OF_GROUPS: [Function; 3] =
            [Function::Teacher, Function::ChildcareWorker, Function::PedagogicalCoach];
        let members = staff.iter().filter(|(_, fields)| OF_GROUPS.contains(&fields.function));
        let given: Vec<_> = members
            .map(|(actor, fields)| {
                (
                    actor.user,
                    UserFields { groups: GivenGroups::always(groups.iter().copied()), ..fields.clone() },
                )
            })
            .collect();
        let reason = ShortText::parse("Werkt met deze groepen.").map_err(Error::internal)?;
        self.tenant(administrator)?
            .write(move |writer| {
                for (id, fields) in &given {
                    let stored = writer.user(*id)?;
                    writer.change_user(&stored, fields, None, Some(&reason))?;
                }
                Ok(())
            })
            .await
    }

    /// Fills a class with children of about the same age, who have been in it since the beginning.
    async fn enrol(
        &self,
        administrator: Actor,
        class: &[(GroupId, Date)],
        random: &mut StdRng,
    ) -> Result<Vec<(PupilId, Date)>> {
        let placed_on = amsterdam_date(self.beginning());
        let environment = self.store.environment();
        let youngest = placed_on.checked_sub(24.months()).map_err(Error::internal)?;
        let mut children = Vec::new();
        for _ in 0..self.scale.pupils {
            let (name, gender) = person(random)?;
            let birth_date =
                youngest.checked_sub(random.random_range(0..540_i64).days()).map_err(Error::internal)?;
            let fields = PupilFields {
                name,
                gender,
                home_language: Some(HomeLanguage::parse(language(random)?).map_err(Error::internal)?),
                birth_date,
                vve: Some(random.random_bool(0.3)),
                day_parts_per_week: Some(random.random_range(4..=10)),
                weeks_premature: None,
                particulars: None,
                eck_id: None,
                year_level: None,
            };
            children.push((PupilId::from_uuid(environment.uuid()), fields));
        }
        let ids: Vec<_> = children.iter().map(|(id, fields)| (*id, fields.birth_date)).collect();
        let owners = children.iter().map(|(id, _)| children::key_owner::pupil(*id)).collect();
        self.tenant(administrator)?
            .entering(owners)
            .write(move |writer| {
                for (id, fields) in &children {
                    writer.create_pupil(*id, fields, None, &[])?;
                }
                Ok(())
            })
            .await?;
        for &(group, first_day) in class {
            self.clock.travel(start_of_day(first_day).max(self.beginning()));
            let placements: Vec<_> = ids.iter().map(|(pupil, _)| (*pupil, environment.uuid())).collect();
            self.tenant(administrator)?
                .write(move |writer| {
                    let group = writer.reached_group(group)?;
                    for (pupil, placement) in placements {
                        let child = writer.child(pupil)?;
                        writer.place(PlacementId::from_uuid(placement), child, group, first_day)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(ids)
    }

    /// Follows children from the beginning until today: notes along the way, a registration each half-year. The
    /// last child of a group has none in this half-year yet.
    async fn follow(&self, teacher: Actor, children: &[(PupilId, Date)], random: &mut StdRng) -> Result<()> {
        let moments = self.scale.half_years.max(1);
        for moment in 0..moments {
            let months_ago = HALF_YEAR_MONTHS * (moments - moment - 1);
            let day = self.day(months_ago)?.max(self.beginning());
            for _ in 0..self.scale.notes.div_ceil(moments) {
                self.note(teacher, children, day, random).await?;
            }
            let is_last = moment + 1 == moments;
            let registered = match children.split_last() {
                Some((_, others)) if is_last && moments > 1 => others,
                _ => children,
            };
            self.register(teacher, registered, day, random).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        teacher: Actor,
        children: &[(PupilId, Date)],
        day: Timestamp,
        random: &mut StdRng,
    ) -> Result<()> {
        let at = day - SignedDuration::from_hours(24 * random.random_range(1..150));
        self.clock.travel(at.max(self.beginning()));
        let observed_on = amsterdam_date(at.max(self.beginning()));
        let mut notes = Vec::new();
        for (pupil, _) in children {
            let (text, line) = pick(&NOTES, random)?;
            let note = NewNote {
                text: NoteText::parse(text).map_err(Error::internal)?,
                observed_on,
                lines: vec![LineCode::parse(line).map_err(Error::internal)?],
            };
            notes.push((NoteId::from_uuid(self.store.environment().uuid()), *pupil, note));
        }
        let framework = self.framework.id;
        self.tenant(teacher)?
            .write(move |writer| {
                for (id, pupil, note) in notes {
                    writer.create_note(id, pupil, note, Some(framework))?;
                }
                Ok(())
            })
            .await
    }

    async fn register(
        &self,
        teacher: Actor,
        children: &[(PupilId, Date)],
        day: Timestamp,
        random: &mut StdRng,
    ) -> Result<()> {
        self.clock.travel(day);
        let registered_on = amsterdam_date(day);
        let mut registrations = Vec::new();
        for (pupil, birth) in children {
            let age =
                groeilijn_domain::values::calendar::age_in_months(*birth, registered_on).unwrap_or_default();
            registrations.push(NewRegistration {
                id: RegistrationId::from_uuid(self.store.environment().uuid()),
                pupil: *pupil,
                framework: Some(self.framework.id),
                registered_on,
                judgements: judgements(&self.framework, age, random)?,
            });
        }
        self.tenant(teacher)?
            .write(move |writer| {
                for new in registrations {
                    let draft = writer.create_registration(new)?;
                    writer.finalise_registration(draft, true)?;
                }
                Ok(())
            })
            .await
    }

    /// Some months ago, in the morning.
    fn day(&self, months_ago: usize) -> Result<Timestamp> {
        let days = i64::try_from(months_ago).map_err(Error::internal)? * 30;
        Ok(self.now - SignedDuration::from_hours(24 * days + 1))
    }

    /// When the schools were founded: half a year before the first registration. Schools of one half-year have the groups
    /// of one school year, so that there are as many as the scale says.
    fn beginning(&self) -> Timestamp {
        let months = HALF_YEAR_MONTHS * self.scale.half_years.max(1);
        let beginning = self.day(months).unwrap_or(self.now);
        if self.scale.half_years > 1 {
            return beginning;
        }
        beginning.max(start_of_day(SchoolYear::containing(amsterdam_date(self.now)).first_day()))
    }

    fn tenant(&self, actor: Actor) -> Result<Tenant> {
        self.store.tenant(self.context(actor), Scope::Institution)
    }

    fn context(&self, actor: Actor) -> AuditContext {
        without_request(self.store.environment(), actor, "fillDemo", ACTIVITY)
    }
}

/// The moment at which a day begins in Amsterdam.
fn start_of_day(day: Date) -> Timestamp {
    day.yesterday().map_or(Timestamp::MIN, end_of_day)
}

const ACTIVITY: ProcessingActivity = ProcessingActivity::OperateService;
