//! The register of disclosures: only added to (C046, C047, C148).

use std::collections::BTreeSet;

use groeilijn_domain::audit::data_class::DataClass;
use groeilijn_domain::audit::disclosure::{Disclosure, DisclosureGround};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{DisclosureId, PupilId, UserId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::schema::users;
use crate::audit::schema::disclosure;
use crate::children::reach::children_of;
use crate::children::schema::pupil;
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "disclosure";

/// A disclosure as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDisclosure {
    /// Its id.
    pub id: DisclosureId,
    /// What it is.
    pub fields: Disclosure,
    /// Who entered it; the operator's program has no account.
    pub recorded_by: Option<UserId>,
    /// When it was entered, in UTC.
    pub recorded_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = disclosure)]
struct DisclosureRow {
    id: DisclosureId,
    ground: DisclosureGround,
    disclosed_at: Timestamp,
    content: Vec<u8>,
    recorded_by: Option<UserId>,
    recorded_at: Timestamp,
}

/// What is sealed of it.
#[derive(Serialize, Deserialize)]
struct Content {
    recipient: String,
    what: String,
    classes: BTreeSet<DataClass>,
    pupils: Vec<Uuid>,
    users: Vec<Uuid>,
    everybody: bool,
    order: Option<String>,
    necessity: Option<String>,
    legal_basis: Option<String>,
    requester_checked: Option<String>,
    judgment: Option<bool>,
    appeal_open: Option<bool>,
    told_on: Option<Date>,
    not_told_because: Option<String>,
}

fn kept(text: Option<&ShortText>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

impl From<&Disclosure> for Content {
    fn from(of: &Disclosure) -> Self {
        Self {
            recipient: of.recipient.as_str().to_owned(),
            what: of.what.as_str().to_owned(),
            classes: of.classes.clone(),
            pupils: of.pupils.iter().map(PupilId::as_uuid).collect(),
            users: of.users.iter().map(UserId::as_uuid).collect(),
            everybody: of.everybody,
            order: kept(of.order.as_ref()),
            necessity: kept(of.necessity.as_ref()),
            legal_basis: kept(of.legal_basis.as_ref()),
            requester_checked: kept(of.requester_checked.as_ref()),
            judgment: of.judgment,
            appeal_open: of.appeal_open,
            told_on: of.told_on,
            not_told_because: kept(of.not_told_because.as_ref()),
        }
    }
}

impl Content {
    fn read(self, ground: DisclosureGround, disclosed_at: Timestamp) -> Disclosure {
        Disclosure {
            recipient: ShortText::kept(self.recipient),
            what: FreeText::kept(self.what),
            classes: self.classes,
            pupils: self.pupils.into_iter().map(PupilId::from_uuid).collect(),
            users: self.users.into_iter().map(UserId::from_uuid).collect(),
            everybody: self.everybody,
            disclosed_at,
            ground,
            order: self.order.map(ShortText::kept),
            necessity: self.necessity.map(ShortText::kept),
            legal_basis: self.legal_basis.map(ShortText::kept),
            requester_checked: self.requester_checked.map(ShortText::kept),
            judgment: self.judgment,
            appeal_open: self.appeal_open,
            told_on: self.told_on,
            not_told_because: self.not_told_because.map(ShortText::kept),
        }
    }
}

impl TenantReader<'_> {
    /// The disclosures of the institution in the order in which they were entered, after the one with id `after`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn disclosures(&mut self, after: Option<DisclosureId>, limit: i64) -> Result<Vec<StoredDisclosure>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &DisclosureId, limit| {
            Ok(disclosure::table
                .filter(disclosure::institution_id.is(institution))
                .filter(disclosure::id.after(*after))
                .order(disclosure::id)
                .limit(limit)
                .select(columns::<DisclosureRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &DisclosureRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_disclosure(&row);
                reader.readable(id, opened)
            },
        )
    }

    /// One disclosure.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn disclosure(&mut self, id: DisclosureId) -> Result<StoredDisclosure> {
        let row: Option<DisclosureRow> = disclosure::table
            .filter(disclosure::institution_id.is(self.institution()))
            .filter(disclosure::id.is(id))
            .select(columns::<DisclosureRow>())
            .first(self.connection)
            .optional()?;
        self.open_disclosure(&row.ok_or(Error::NotFound)?)
    }

    fn open_disclosure(&mut self, row: &DisclosureRow) -> Result<StoredDisclosure> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        let content: Content = opener.json("content", &row.content)?;
        let fields = content.read(row.ground, row.disclosed_at);
        self.touch_disclosed(row.id, &fields);
        Ok(StoredDisclosure {
            id: row.id,
            fields,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        })
    }

    /// The log names whom a disclosure is about, so that it is found by child and by user.
    fn touch_disclosed(&mut self, id: DisclosureId, of: &Disclosure) {
        self.touch(ObjectKind::Disclosure, id.as_uuid());
        of.pupils.iter().for_each(|pupil| self.touch(ObjectKind::Pupil, pupil.as_uuid()));
        of.users.iter().for_each(|user| self.touch(ObjectKind::User, user.as_uuid()));
    }

    /// That everybody whom a disclosure names is of the institution.
    fn check_disclosed(&mut self, of: &Disclosure) -> Result<()> {
        let institution = self.institution();
        let mut refusals = FieldRefusals::new();
        for (at, id) in of.pupils.iter().enumerate() {
            let own = children_of!(institution).filter(pupil::id.is(*id));
            if !diesel::select(diesel::dsl::exists(own)).get_result::<bool>(self.connection)? {
                let refusal = Refusal::new("unknown-pupil", "the institution has no such child");
                refusals.refuse(format!("pupil_ids/{at}"), refusal);
            }
        }
        for (at, id) in of.users.iter().enumerate() {
            let own = users::table.filter(users::institution_id.is(institution)).filter(users::id.is(*id));
            if !diesel::select(diesel::dsl::exists(own)).get_result::<bool>(self.connection)? {
                let refusal = Refusal::new("unknown-user", "the institution has no such user");
                refusals.refuse(format!("user_ids/{at}"), refusal);
            }
        }
        Ok(refusals.or(())?)
    }
}

impl TenantWriter<'_> {
    /// Enters a disclosure, which was checked.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `unknown-pupil`, `unknown-user`.
    pub fn record_disclosure(&mut self, id: DisclosureId, of: &Disclosure) -> Result<StoredDisclosure> {
        self.check_disclosed(of)?;
        let (institution, now) = (self.institution(), self.now());
        let recorded_by = self.principal().as_actor().map(|actor| actor.user);
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let content = row.json("content", &Content::from(of))?;
        self.sealed(row);
        diesel::insert_into(disclosure::table)
            .values((
                disclosure::institution_id.is(institution),
                disclosure::id.is(id),
                disclosure::ground.is(of.ground),
                disclosure::disclosed_at.is(of.disclosed_at),
                disclosure::content.eq(content),
                disclosure::recorded_by.is(recorded_by),
                disclosure::recorded_at.is(now),
            ))
            .execute(self.connection)?;
        self.disclosure(id)
    }
}
