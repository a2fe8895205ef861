//! Trying a password, and what is asked for beside it: one at a time for each thread that may hash, counted before it
//! is checked, and answered alike whatever is wrong (C060, C063, C079).

use std::future::Future;

use actix_web::HttpRequest;
use groeilijn_domain::access::Scope;
use groeilijn_domain::access::password::{Password, PersonalWords};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::network::{Network, admits};
use groeilijn_persistence::access::login::LoginAccount;
use groeilijn_persistence::access::login::{LoginAttempt, LoginEnd, LoginStart, TriedAccount};
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use groeilijn_persistence::{Actor, AuditContext, Cost, Error};
use jiff::civil::Date;

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

/// Has `confirm` check a code of the app that the actor binds to her account, counted like a password: it tells whether
/// the code is right.
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
    let (from, today) = (address.clone(), amsterdam_date(state.environment().now()));
    // Whoever is in a session was let in, and may choose another password without a licence too.
    let is_in = matches!(tried, TriedAccount::Account(_));
    let started = state
        .store
        .begin_login(tried, address, move |account| is_in || may_be_opened(account, &from, today))
        .await?;
    match started {
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

/// The reply to whoever may not come in, after that was counted and noted.
async fn refuse(
    request: &HttpRequest,
    state: &AppState,
    needs: Needs,
    attempt: LoginAttempt,
) -> Result<Problem, Problem> {
    let rate_limits = RateLimits::of(&attempt.allowances);
    let events =
        state.store.login_failed(attempt, |actor| context(request, state, needs, actor, None)).await?;
    count(state, &events);
    let told = "The address, the password or the code is not right.";
    Ok(Problem {
        rate_limits: Some(Box::new(rate_limits)),
        ..Problem::new(ProblemKind::Unauthenticated, told)
    })
}

/// The hash of a password that `actor` chooses, if it keeps the rules that need to know her: not her
/// own name or address, no common one, and none of her last five (C059).
///
/// # Errors
/// 400 that names every broken rule, with `pointer`; 503 when too many want to log in at this moment.
pub async fn check_choice(
    state: &AppState,
    actor: Actor,
    context: AuditContext,
    password: Password,
    pointer: &'static str,
) -> Result<String, Problem> {
    let words = personal_words(state, actor, context).await?;
    password.check_choice(&words).map_err(|refusals| {
        let named = refusals.into_iter().map(|refusal| (pointer.to_owned(), refusal));
        Problem::from(Error::Invalid(named.collect()))
    })?;
    let used = state.store.last_passwords(actor.account).await?;
    let turn = state.passwords.turn().await?;
    Ok(turn.hash_unless_used(password, used, pointer).await?)
}

/// What of the actor must not be in her password.
async fn personal_words(
    state: &AppState,
    actor: Actor,
    context: AuditContext,
) -> Result<PersonalWords, Problem> {
    if actor.institution.is_none() {
        let platform = state.store.platform(context);
        let staff =
            platform.read(Cost::Rows, move |reader| reader.processor_staff_member(actor.account)).await?;
        return Ok(PersonalWords::new(&staff.fields.name, &staff.fields.email));
    }
    let tenant = state.store.tenant(context, Scope::Institution)?;
    let user = tenant.read(Cost::Rows, move |reader| reader.user(actor.account)).await?;
    Ok(PersonalWords::new(&user.fields.name, &user.fields.email))
}

/// Whether a right password opens the account: from a network of the institution (C065), under a licence that admits
/// its users (C004), and not after the account's last day (C067).
fn may_be_opened(account: &LoginAccount, from: &str, today: Date) -> bool {
    let licensed = account.licence.as_ref().is_none_or(|licence| licence.admits(today).is_ok());
    let in_time = account.last_day.is_none_or(|last| today <= last);
    licensed && in_time && is_admitted_from(&account.networks, from)
}

/// Whether a network address, as text, is in one of these networks; in any when there are none (C065).
pub fn is_admitted_from(networks: &[Network], address: &str) -> bool {
    networks.is_empty() || address.parse().is_ok_and(|address| admits(networks, address))
}

fn count(state: &AppState, events: &[SecurityEventKind]) {
    for &event in events {
        state.metrics.security_event(event);
    }
}
