//! Choosing a password: the rules that depend on who chooses it (C059).

use groeilijn_domain::access::password::{Password, PersonalWords};
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_persistence::Actor;
use groeilijn_persistence::access::own_details::OwnDetails;

use crate::http::problem::Problem;
use crate::state::AppState;

/// The hash of a password that `actor` chooses at this network address, if it keeps the rules that depend on who chooses it: it does not hold
/// their own name or address, is not a common one, and is none of their last five (C059).
///
/// # Errors
/// 404 when they are there no more; 400 that names every broken rule of `field`; 503 when too many want to log in at this moment.
pub async fn check_choice(
    state: &AppState,
    actor: Actor,
    address: &str,
    password: Password,
    field: &'static str,
) -> Result<String, Problem> {
    let OwnDetails { name, email } = state.store.own_details(actor).await?;
    let words = PersonalWords::new(&name, &email);
    password.check_choice(&words).map_err(|refusals| {
        refusals.into_iter().map(|refusal| (field.to_owned(), refusal)).collect::<FieldRefusals>()
    })?;
    let used = state.store.last_passwords(actor.account).await?;
    let turn = state.passwords.turn(address).await?;
    Ok(turn.hash_unless_used(password, used, field).await?)
}
