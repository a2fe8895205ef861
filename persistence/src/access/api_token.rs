//! API tokens: who asks without logging in, for one institution.
//!
//! A token is found by its SHA-256 alone, before anybody knows whose it is. So the table belongs to the platform, as
//! that of the accounts does, and every query for an institution names it.

use std::sync::Arc;

use groeilijn_domain::access::Rights;
use groeilijn_domain::access::api_token::{
    ApiTokenFacts, ApiTokenFields, ApiTokenKind, ApiTokenScopes, rights as api_token_rights,
};
use groeilijn_domain::access::principal::Principal;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::institution::ContractProfile;
use groeilijn_domain::institutions::licence_state::LicenceFacts;
use groeilijn_domain::values::ids::{ApiTokenId, InstitutionId, UserId};
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::text::Label;
use groeilijn_engine::authentic::{Authentic, Fields, SPENT};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::last_use::{self, Used};
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::remembered::Remembered;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::schema::api_token;
use crate::access::{account, membership};
use crate::handles::store::Store;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::licence::LicenceRow;
use crate::institutions::schema::{NetworkList, institution, licence};

const TABLE: &str = "api_token";

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
    pub licence: LicenceFacts,
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
    id: ApiTokenId,
    name: Vec<u8>,
    kind: ApiTokenKind,
    rights: ApiTokenScopes,
    networks: NetworkList,
    created_by: UserId,
    created_at: Timestamp,
    expires_on: Date,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// What decides what a token may do, as far as its row proves that the service wrote it. One that was revoked has no proof.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_token)]
struct InUseRow {
    id: ApiTokenId,
    institution_id: InstitutionId,
    kind: ApiTokenKind,
    token_hash: Vec<u8>,
    rights: ApiTokenScopes,
    networks: NetworkList,
    created_by: UserId,
    expires_on: Date,
    revoked_at: Option<Timestamp>,
    proof: Vec<u8>,
}

impl Authentic for InUseRow {
    const TABLE: &'static str = TABLE;

    fn prove(&self, fields: &mut Fields) {
        let rights = serde_json::to_vec(&self.rights).unwrap_or_default();
        let networks: Vec<String> = self.networks.iter().map(Network::to_string).collect();
        fields
            .bytes(self.id.as_bytes())
            .bytes(self.institution_id.as_bytes())
            .text(self.kind.code())
            .bytes(&self.token_hash)
            .bytes(&rights)
            .text(&networks.join(","))
            .bytes(self.created_by.as_bytes())
            .text(&self.expires_on.to_string());
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

fn find(connection: &mut AnyConnection, store: &Store, hash: &[u8; 32]) -> Result<Option<ApiTokenInUse>> {
    type Row = (InUseRow, NetworkList, ContractProfile, LicenceRow);
    let row: Option<Row> = api_token::table
        .inner_join(institution::table)
        .inner_join(licence::table.on(licence::institution_id.eq(api_token::institution_id)))
        .filter(api_token::token_hash.eq(hash.as_slice()))
        .select((
            columns::<InUseRow>(),
            institution::login_networks,
            institution::contract_profile,
            columns::<LicenceRow>(),
        ))
        .first(connection)
        .optional()?;
    let Some((row, institution_networks, profile, licence)) = row else { return Ok(None) };
    let row = if row.revoked_at.is_none() { store.authenticator().check(row)? } else { row };
    // A token may do no more than its maker may now. It has no groups and no locations of its own: what its maker has in these
    // alone reaches no child.
    let maker = membership::load(connection, store, row.institution_id, row.created_by)?;
    let login = account::load(connection, store, maker.account_id)?;
    Ok(Some(ApiTokenInUse {
        id: row.id,
        institution: row.institution_id,
        facts: ApiTokenFacts {
            expires_on: row.expires_on,
            revoked: row.revoked_at.is_some(),
            maker_is_active: maker.standing().as_seen(login.state) == AccountState::Active,
            maker_last_day: maker.last_day,
        },
        rights: api_token_rights(row.kind, &row.rights, &maker.rights_to_pass_on()),
        networks: row.networks.0.into(),
        institution_networks: institution_networks.0.into(),
        licence: licence.under(profile).facts(),
    }))
}

/// The tokens of an institution that were not revoked, in the order in which they were made. One that was forged is none.
pub(crate) fn of_institution(
    connection: &mut AnyConnection,
    store: &Store,
    institution: InstitutionId,
) -> Result<Vec<ApiTokenInUse>> {
    let hashes: Vec<Vec<u8>> = api_token::table
        .filter(api_token::institution_id.is(institution))
        .filter(api_token::revoked_at.is_null())
        .order(api_token::id)
        .select(api_token::token_hash)
        .load(connection)?;
    let mut tokens = Vec::with_capacity(hashes.len());
    for hash in hashes.iter().filter_map(|hash| <&[u8; 32]>::try_from(hash.as_slice()).ok()) {
        match find(connection, store, hash) {
            Err(Error::Forged(_)) => {}
            found => tokens.extend(found?),
        }
    }
    Ok(tokens)
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
    let before = api_token::last_used_at.is_null().or(api_token::last_used_at.before(Some(at)));
    diesel::update(api_token::table.filter(api_token::id.is(ApiTokenId::from_uuid(id))).filter(before))
        .set(api_token::last_used_at.is(Some(at)))
        .execute(connection)?;
    Ok(())
}

impl Store {
    /// The token with this SHA-256, whether or not it still counts.
    pub async fn api_token(&self, hash: [u8; 32]) -> Result<Option<ApiTokenInUse>> {
        let (kept, store) = (self.cache::<KeptTokens>(), self.clone());
        let read = move |connection: &mut AnyConnection| find(connection, &store, &hash);
        let found = kept.0.get_or_read(self.data(), hash, read).await;
        self.unless_forged(found).await
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
        let rows = |reader: &mut Self, after: &ApiTokenId, limit| {
            Ok(api_token::table
                .filter(api_token::institution_id.is(institution))
                .filter(api_token::id.after(*after))
                .order(api_token::id)
                .limit(limit)
                .select(columns::<ApiTokenRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &ApiTokenRow| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_api_token(row);
                reader.readable(id, opened)
            },
        )
    }

    /// One token of the institution.
    pub fn api_token(&mut self, id: ApiTokenId) -> Result<StoredApiToken> {
        let institution = self.institution();
        let row: ApiTokenRow = api_token::table
            .filter(api_token::id.is(id))
            .filter(api_token::institution_id.is(institution))
            .select(columns::<ApiTokenRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_api_token(row)
    }

    fn open_api_token(&self, row: ApiTokenRow) -> Result<StoredApiToken> {
        let id = row.id;
        let mut opener = self.opener(TABLE, id.as_uuid(), self.shared_owner());
        Ok(StoredApiToken {
            id,
            fields: ApiTokenFields {
                name: opener.required_kept("name", &row.name, Label::kept)?,
                kind: row.kind,
                scopes: row.rights,
                expires_on: row.expires_on,
                networks: row.networks.0,
            },
            created_by: row.created_by,
            created_at: row.created_at,
            last_used_at: row.last_used_at.max(self.store().last_uses().latest(used(id))),
            revoked_at: row.revoked_at,
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
        let (institution, created_by, now) = (self.institution(), self.actor()?.user, self.now());
        let in_use = InUseRow {
            id,
            institution_id: institution,
            kind: fields.kind,
            token_hash: hash.to_vec(),
            rights: fields.scopes.clone(),
            networks: NetworkList(fields.networks.clone()),
            created_by,
            expires_on: fields.expires_on,
            revoked_at: None,
            proof: Vec::new(),
        };
        let proof = self.store().authenticator().prove(&in_use)?;
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let name = row.text("name", Some(fields.name.as_str()));
        self.sealed(row);
        diesel::insert_into(api_token::table)
            .values((
                api_token::id.is(id),
                api_token::institution_id.is(institution),
                api_token::name.eq(name),
                api_token::kind.is(fields.kind),
                api_token::token_hash.eq(hash.as_slice()),
                api_token::rights.is(&fields.scopes),
                api_token::networks.is(&in_use.networks),
                api_token::created_by.is(created_by),
                api_token::created_at.is(now),
                api_token::expires_on.is(fields.expires_on),
                api_token::proof.eq(proof),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::ApiToken, id.as_uuid());
        self.api_token(id)
    }

    /// Revokes a token: it is refused from the next request on. One that was revoked before stays so.
    pub fn revoke_api_token(&mut self, id: ApiTokenId) -> Result<()> {
        self.api_token(id)?;
        let now = self.now();
        let live = api_token::table.filter(api_token::id.is(id)).filter(api_token::revoked_at.is_null());
        diesel::update(live)
            .set((api_token::revoked_at.is(Some(now)), api_token::proof.eq(SPENT)))
            .execute(self.connection)?;
        self.touch(ObjectKind::ApiToken, id.as_uuid());
        Ok(())
    }
}
