//! Who sends a request: whom the token in its header is of.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use groeilijn_domain::values::calendar::amsterdam_date;
use rusqlite::OptionalExtension as _;

use super::Error;
use super::token::Caller;
use super::worker::{Duties, Worker, id};
use crate::outside;

/// Whether a session counts, whose it is, what they may do and whether their institution has a licence.
const SESSION: &str = "SELECT account.id, account.institution_id, account.role, licence.valid_until \
    FROM session JOIN account ON account.id = session.account_id \
        JOIN licence ON licence.institution_id = account.institution_id \
    WHERE session.id = ?1 AND session.ended_at IS NULL AND session.expires_at > ?2 AND account.blocked_at IS NULL";

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller(request))
    }
}

fn caller(request: &HttpRequest) -> Result<Caller, Error> {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|sent| sent.to_str().ok());
    let token = token.and_then(|sent| sent.strip_prefix("Bearer "));
    let (Some(token), Some(worker)) = (token, request.app_data::<web::Data<Worker>>()) else {
        return Err(Error::Unauthenticated);
    };
    let Some(duties) = &worker.duties else {
        let claims = worker.tokens.verify(token).ok_or(Error::Unauthenticated)?;
        let (user, institution) = (claims.sub, claims.institution);
        return Ok(Caller { user, institution, session: None, address: String::new() });
    };
    let mut caller = session(worker, duties, token)?;
    if let Some(peer) = request.peer_addr() {
        caller.address = peer.ip().to_string();
    }
    Ok(caller)
}

fn session(worker: &Worker, duties: &Duties, token: &str) -> Result<Caller, Error> {
    let (session, user) = duties.tokens.verify(token).ok_or(Error::Unauthenticated)?;
    let now = outside::now();
    let mut statement = worker.connection.prepare_cached(SESSION)?;
    let found = statement
        .query_one((session.as_bytes().as_slice(), now.as_microsecond()), |row| {
            Ok((id(row, 0), id(row, 1), row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        })
        .optional()?;
    let (owner, institution, role, valid_until) = found.ok_or(Error::Unauthenticated)?;
    let may = duties.may(&role) && amsterdam_date(now).to_string() <= valid_until;
    if owner? != user || !may {
        return Err(Error::Unauthenticated);
    }
    Ok(Caller { user, institution: institution?, session: Some(session), address: String::new() })
}
