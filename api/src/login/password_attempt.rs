//! Trying a password, and what is asked for beside it: one at a time for each thread that may hash, counted before it
//! is checked, and answered alike whatever is wrong (C060, C063, C079).

use std::future::Future;

use actix_web::HttpRequest;
use groeilijn_domain::access::password::Password;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::access::login::{LoginAttempt, LoginEnd, LoginStart, TriedAccount};
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use groeilijn_persistence::{Actor, Error};

use crate::http::access::context;
use crate::http::client_address;
use crate::http::guard::Needs;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::rate_limit::RateLimits;
use crate::state::AppState;

/// Checks a password, and the second factor of the account if it has one: whose it is when all is right.
///
/// # Errors
/// 401, the same for an unknown account, a wrong password, a wrong code and an account that may not be opened; 401
/// `second-factor-required` for a right password without the code that is needed; 429 when too many failed before; 503
/// when too many want to log in at this moment.
pub async fn check_password(
    request: &HttpRequest,
    state: &AppState,
    needs: Needs,
    tried: TriedAccount,
    password: Password,
    second_factor: SecondFactorCheck,
) -> Result<Actor, Problem> {
    let turn = state.passwords.turn().await?;
    let attempt = begin(request, state, tried).await?;
    let account = attempt.admitted().cloned();
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = turn.verify(password, stored).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(refuse(request, state, needs, attempt).await?);
    };
    match state.store.login_succeeded(&attempt, second_factor).await? {
        LoginEnd::Opened => Ok(account.actor),
        LoginEnd::CodeMissing => Err(Problem::of(ProblemKind::SecondFactorRequired)),
        LoginEnd::Refused => Err(refuse(request, state, needs, attempt).await?),
    }
}

/// Checks a code of the authenticator app that the actor is setting up; it is counted as a password is. `confirm` tells
/// whether the code is right.
///
/// # Errors
/// 401 when it is not; 429 when too many failed before; what `confirm` refuses.
pub async fn check_app_code(
    request: &HttpRequest,
    state: &AppState,
    needs: Needs,
    actor: Actor,
    confirm: impl Future<Output = Result<bool, Error>>,
) -> Result<(), Problem> {
    let attempt = begin(request, state, TriedAccount::Account(actor.account)).await?;
    let right = attempt.admitted().is_some() && confirm.await?;
    if right
        && state.store.login_succeeded(&attempt, SecondFactorCheck::AlreadyShown).await? == LoginEnd::Opened
    {
        return Ok(());
    }
    Err(refuse(request, state, needs, attempt).await?)
}

/// Counts an attempt, unless too many failed before.
async fn begin(
    request: &HttpRequest,
    state: &AppState,
    tried: TriedAccount,
) -> Result<LoginAttempt, Problem> {
    let address = client_address::of(request, &state.trusted_proxies);
    match state.store.begin_login(tried, address).await? {
        LoginStart::Begun(attempt) => Ok(attempt),
        LoginStart::Refused { limit, retry_after, events } => {
            count(state, &events);
            Err(Problem {
                retry_after: Some(u32::try_from(retry_after).unwrap_or(u32::MAX)),
                rate_limits: Some(Box::new(RateLimits::exceeded(limit, retry_after))),
                ..Problem::of(ProblemKind::TooManyRequests)
            })
        }
    }
}

/// Records a failed attempt, and gives the reply to it.
async fn refuse(
    request: &HttpRequest,
    state: &AppState,
    needs: Needs,
    attempt: LoginAttempt,
) -> Result<Problem, Problem> {
    let rate_limits = RateLimits::of(&attempt.allowances);
    let context = attempt.known().map(|actor| context(request, state, needs, actor, None));
    let events = state.store.login_failed(attempt, context).await?;
    count(state, &events);
    let told = "The address, the password or the code is not right.";
    Ok(Problem {
        rate_limits: Some(Box::new(rate_limits)),
        ..Problem::new(ProblemKind::Unauthenticated, told)
    })
}

fn count(state: &AppState, events: &[SecurityEventKind]) {
    for &event in events {
        state.metrics.security_event(event);
    }
}
