//! API tokens: who asks without logging in, for one institution.
//!
//! A token is found by its SHA-256 alone, before anybody knows whose it is. So the table belongs to the platform, as
//! that of the accounts does, and every query for an institution names it.

use std::sync::Arc;

use groeilijn_domain::access::api_token::{
    ApiTokenFacts, ApiTokenKind, ApiTokenScopes, rights as api_token_rights,
};
use groeilijn_domain::access::principal::Principal;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Rights, Role};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::licence::Licence;
use groeilijn_domain::values::ids::{ApiTokenId, InstitutionId, UserId};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::last_use::{self, Used};
use groeilijn_engine::remembered::Remembered;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::account::{read_networks, read_rights, write_networks};
use crate::access::schema::{account, api_token};
use crate::convert::{code, date, micros, timestamp, uuid};
use crate::handles::store::Store;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::licence::LicenceRow;
use crate::institutions::schema::{institution, licence};

const TABLE: &str = "api_token";

/// What a token is, as its maker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenFields {
    /// What people know it by.
    pub name: Label,
    /// What it is for.
    pub kind: ApiTokenKind,
    /// What it may do.
    pub scopes: ApiTokenScopes,
    /// The last day on which it counts, in Amsterdam.
    pub expires_on: Date,
    /// The networks that it is used from; none is any.
    pub networks: Vec<Network>,
}

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// What it is.
    pub fields: ApiTokenFields,
    /// Who made it.
    pub created_by: UserId,
    /// When, in UTC.
    pub created_at: Timestamp,
    /// When something was last asked with it, in UTC.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, in UTC.
    pub revoked_at: Option<Timestamp>,
}

/// A token that somebody asks with.
#[derive(Debug, Clone)]
pub struct ApiTokenInUse {
    /// Its id.
    pub id: ApiTokenId,
    /// The institution that gave it.
    pub institution: InstitutionId,
    /// Whether it still counts.
    pub facts: ApiTokenFacts,
    /// What it may do: no more than its maker may now.
    pub rights: Rights,
    /// The networks that it is used from; none is any.
    pub networks: Arc<[Network]>,
    /// The networks that everybody of the institution works from; none is any (C065).
    pub institution_networks: Arc<[Network]>,
    /// The licence of the institution.
    pub licence: Licence,
    /// Whether its terms were accepted (C004).
    pub terms_accepted: bool,
}

impl ApiTokenInUse {
    /// Who acts with it.
    pub fn principal(&self) -> Principal {
        Principal::ApiToken { id: self.id, institution: self.institution }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_token)]
struct ApiTokenRow {
    id: Vec<u8>,
    name: Vec<u8>,
    kind: String,
    rights: String,
    networks: String,
    created_by: Vec<u8>,
    created_at: i64,
    expires_on: String,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_token)]
struct InUseRow {
    id: Vec<u8>,
    institution_id: Vec<u8>,
    kind: String,
    rights: String,
    networks: String,
    expires_on: String,
    revoked_at: Option<i64>,
}

/// What the maker of a token may do now.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct MakerRow {
    role: String,
    state: String,
    rights: Option<String>,
    last_day: Option<String>,
}

fn read_scopes(kept: &str) -> Result<ApiTokenScopes> {
    serde_json::from_str(kept).map_err(|_| Error::Unreadable(TABLE))
}

fn find(connection: &mut AnyConnection, hash: &[u8; 32]) -> Result<Option<ApiTokenInUse>> {
    let row: Option<(InUseRow, String, LicenceRow, MakerRow)> = api_token::table
        .inner_join(institution::table)
        .inner_join(account::table.on(account::id.eq(api_token::created_by)))
        .inner_join(licence::table.on(licence::institution_id.eq(api_token::institution_id)))
        .filter(api_token::token_hash.eq(hash.as_slice()))
        .select((
            columns::<InUseRow>(),
            institution::login_networks,
            columns::<LicenceRow>(),
            columns::<MakerRow>(),
        ))
        .first(connection)
        .optional()?;
    let Some((row, institution_networks, licence, maker)) = row else { return Ok(None) };
    let kind = code(ApiTokenKind::from_code, &row.kind, TABLE)?;
    let licence = licence.read()?;
    let role = code(Role::from_code, &maker.role, TABLE)?;
    let of_maker = read_rights(role, maker.rights.as_deref())?;
    Ok(Some(ApiTokenInUse {
        id: ApiTokenId::from_uuid(uuid(&row.id, TABLE)?),
        institution: InstitutionId::from_uuid(uuid(&row.institution_id, TABLE)?),
        facts: ApiTokenFacts {
            expires_on: date(&row.expires_on, TABLE)?,
            revoked: row.revoked_at.is_some(),
            maker_is_active: code(AccountState::from_code, &maker.state, TABLE)? == AccountState::Active,
            maker_last_day: maker.last_day.map(|day| date(&day, TABLE)).transpose()?,
        },
        rights: api_token_rights(kind, &read_scopes(&row.rights)?, &of_maker),
        networks: read_networks(&row.networks)?.into(),
        institution_networks: read_networks(&institution_networks)?.into(),
        terms_accepted: licence.has_accepted_terms(),
        licence: licence.licence,
    }))
}

/// How many tokens are kept in memory at most.
const TOKENS: usize = 1_000;

/// By the SHA-256 of the token.
struct KeptTokens(Remembered<[u8; 32], ApiTokenInUse>);

impl Default for KeptTokens {
    fn default() -> Self {
        Self(Remembered::new(TOKENS))
    }
}

/// When something was last asked with a token. Nothing depends on it but what people see.
static TOKEN: last_use::Kind = last_use::Kind {
    name: TABLE,
    embedded_lag: SignedDuration::from_mins(1),
    shared_lag: SignedDuration::from_mins(1),
    keep: keep_last_use,
};

fn used(id: ApiTokenId) -> Used {
    Used { kind: &TOKEN, id: id.as_uuid() }
}

fn keep_last_use(connection: &mut AnyConnection, id: Uuid, at: Timestamp) -> Result<()> {
    let before = api_token::last_used_at.is_null().or(api_token::last_used_at.lt(micros(at)));
    diesel::update(api_token::table.find(id.as_bytes().as_slice()).filter(before))
        .set(api_token::last_used_at.eq(micros(at)))
        .execute(connection)?;
    Ok(())
}

impl Store {
    /// The token with this SHA-256, whether or not it still counts.
    pub async fn api_token(&self, hash: [u8; 32]) -> Result<Option<ApiTokenInUse>> {
        let kept = self.cache::<KeptTokens>();
        kept.0.get_or_read(self.data(), hash, move |connection| find(connection, &hash)).await
    }

    /// Notes that something is asked with a token at this moment.
    pub fn note_api_token_use(&self, id: ApiTokenId, now: Timestamp) {
        self.note_use(used(id), now);
    }
}

impl TenantReader<'_> {
    /// The institution's tokens, those that no longer count too, in the order in which they were made, after the one
    /// with id `after`.
    pub fn api_tokens(&mut self, after: Option<ApiTokenId>, limit: i64) -> Result<Vec<StoredApiToken>> {
        let institution = self.institution();
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<ApiTokenRow> = api_token::table
            .filter(api_token::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(api_token::id.gt(after))
            .order(api_token::id)
            .limit(limit)
            .select(columns::<ApiTokenRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_api_token(row)).collect()
    }

    /// One token of the institution.
    pub fn api_token(&mut self, id: ApiTokenId) -> Result<StoredApiToken> {
        let institution = self.institution();
        let row: ApiTokenRow = api_token::table
            .find(id.as_bytes().as_slice())
            .filter(api_token::institution_id.eq(institution.as_bytes().as_slice()))
            .select(columns::<ApiTokenRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_api_token(&row)
    }

    fn open_api_token(&self, row: &ApiTokenRow) -> Result<StoredApiToken> {
        let uuid: Uuid = uuid(&row.id, TABLE)?;
        let id = ApiTokenId::from_uuid(uuid);
        let moment = |kept: Option<i64>| kept.map(|micros| timestamp(micros, TABLE)).transpose();
        Ok(StoredApiToken {
            id,
            fields: ApiTokenFields {
                name: self.opener(TABLE, uuid, None).required_kept("name", &row.name, Label::kept)?,
                kind: code(ApiTokenKind::from_code, &row.kind, TABLE)?,
                scopes: read_scopes(&row.rights)?,
                expires_on: date(&row.expires_on, TABLE)?,
                networks: read_networks(&row.networks)?,
            },
            created_by: UserId::from_slice(&row.created_by).ok_or(Error::Unreadable(TABLE))?,
            created_at: timestamp(row.created_at, TABLE)?,
            last_used_at: moment(row.last_used_at)?.max(self.store().last_uses().latest(used(id))),
            revoked_at: moment(row.revoked_at)?,
        })
    }
}

impl TenantWriter<'_> {
    /// Makes a token, of which only the SHA-256 is kept.
    pub fn create_api_token(
        &mut self,
        id: ApiTokenId,
        hash: &[u8; 32],
        fields: &ApiTokenFields,
    ) -> Result<StoredApiToken> {
        let (institution, created_by, now) = (self.institution(), self.actor()?.account, self.now());
        let mut row = self.sealer(TABLE, id.as_uuid(), None)?;
        let name = row.text("name", Some(fields.name.as_str()));
        self.sealed(row);
        diesel::insert_into(api_token::table)
            .values((
                api_token::id.eq(id.as_bytes().as_slice()),
                api_token::institution_id.eq(institution.as_bytes().as_slice()),
                api_token::name.eq(name),
                api_token::kind.eq(fields.kind.code()),
                api_token::token_hash.eq(hash.as_slice()),
                api_token::rights.eq(serde_json::to_string(&fields.scopes).map_err(Error::internal)?),
                api_token::networks.eq(write_networks(&fields.networks)),
                api_token::created_by.eq(created_by.as_bytes().as_slice()),
                api_token::created_at.eq(micros(now)),
                api_token::expires_on.eq(fields.expires_on.to_string()),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::ApiToken, id.as_uuid());
        self.api_token(id)
    }

    /// Revokes a token: it is refused from the next request on. One that was revoked before stays so.
    pub fn revoke_api_token(&mut self, id: ApiTokenId) -> Result<()> {
        self.api_token(id)?;
        let now = micros(self.now());
        diesel::update(
            api_token::table.find(id.as_bytes().as_slice()).filter(api_token::revoked_at.is_null()),
        )
        .set(api_token::revoked_at.eq(now))
        .execute(self.connection)?;
        self.touch(ObjectKind::ApiToken, id.as_uuid());
        Ok(())
    }
}
