//! Trying a password, and what is asked for beside it: one at a time for each thread that may hash, counted before it
//! is checked, and answered alike whatever is wrong (C060, C063, C079).
//!
//! What was begun is settled whatever the client does: it learns the outcome or it does not, but it is counted.

use std::future::Future;

use actix_web::HttpRequest;
use groeilijn_domain::access::password::Password;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_persistence::access::login::{Guess, LoginAttempt, LoginEnd, TriedAccount};
use groeilijn_persistence::access::password_hashing::Turn;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use groeilijn_persistence::{Actor, AuditContext, Error, Principal, Store};

use crate::http::access::context;
use crate::http::guard::Needs;
use crate::http::metrics::Metrics;
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
    let trial = Trial::of(request, state, needs);
    // The limits come first: who failed too often keeps nobody waiting.
    let guess = trial.weigh(tried).await?;
    let turn = state.passwords.turn(guess.address()).await?;
    state.finishing.finish(trial.try_password(guess, turn, password, second_factor)).await?
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
    confirm: impl Future<Output = Result<bool, Error>> + Send + 'static,
) -> Result<(), Problem> {
    let trial = Trial::of(request, state, needs);
    let guess = trial.weigh(TriedAccount::Session(actor)).await?;
    state.finishing.finish(trial.try_app_code(guess, confirm)).await?
}

/// A password or a code that is tried, apart from the request that it came with.
struct Trial {
    store: Store,
    metrics: Metrics,
    /// Where it comes from; in nobody's name as long as it is not known in whose.
    context: AuditContext,
}

impl Trial {
    fn of(request: &HttpRequest, state: &AppState, needs: Needs) -> Self {
        let nobody = Principal::Service { institution: None };
        let context = context(request, state, needs, nobody, None);
        Self { store: state.store.clone(), metrics: state.metrics.clone(), context }
    }

    async fn weigh(&self, tried: TriedAccount) -> Result<Guess, Problem> {
        Ok(self.store.weigh_login(tried, self.context.address.clone()).await??)
    }

    async fn try_password(
        self,
        guess: Guess,
        turn: Turn,
        password: Password,
        second_factor: SecondFactorCheck,
    ) -> Result<Actor, Problem> {
        let attempt = self.store.begin_login(guess).await??;
        let stored = attempt.admitted().and_then(|account| account.password_hash.clone());
        match turn.verify(password, stored).await {
            Ok(right) => self.end(attempt, right, second_factor).await,
            Err(error) => self.abandon(attempt, error).await,
        }
    }

    async fn try_app_code(
        self,
        guess: Guess,
        confirm: impl Future<Output = Result<bool, Error>>,
    ) -> Result<(), Problem> {
        let attempt = self.store.begin_login(guess).await??;
        let confirmed = if attempt.admitted().is_some() { confirm.await } else { Ok(false) };
        match confirmed {
            Ok(right) => self.end(attempt, right, SecondFactorCheck::AlreadyShown).await.map(drop),
            Err(error) => self.abandon(attempt, error).await,
        }
    }

    /// Settles an attempt, and gives the reply to it.
    async fn end(
        self,
        attempt: LoginAttempt,
        right: bool,
        second_factor: SecondFactorCheck,
    ) -> Result<Actor, Problem> {
        let rate_limits = RateLimits::of(&attempt.allowances);
        let told = match self.store.end_login(attempt, right, second_factor, self.context).await? {
            LoginEnd::Opened(actor) => return Ok(actor),
            LoginEnd::CodeMissing => return Err(Problem::of(ProblemKind::SecondFactorRequired)),
            LoginEnd::CodeRepeated => return Err(repeated()),
            LoginEnd::Refused { events } => {
                count(&self.metrics, &events);
                "The address, the password or the code is not right."
            }
        };
        Err(Problem {
            rate_limits: Some(Box::new(rate_limits)),
            ..Problem::new(ProblemKind::Unauthenticated, told)
        })
    }

    /// Takes an attempt back of which the server could not tell whether it was right.
    async fn abandon<T>(self, attempt: LoginAttempt, error: Error) -> Result<T, Problem> {
        self.store.abandon_login(attempt).await?;
        Err(error.into())
    }
}

fn repeated() -> Problem {
    let told = "This code was used a moment ago, and works once: send the next one.";
    Problem { code: Some("code-used"), ..Problem::new(ProblemKind::Unauthenticated, told) }
}

fn count(metrics: &Metrics, events: &[SecurityEventKind]) {
    for &event in events {
        metrics.security_event(event);
    }
}
