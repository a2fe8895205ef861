//! What may be an attack, for whoever watches over an institution or the service (C079, C089).

use crate::values::text::code_list;

code_list! {
    /// What may be an attack, or a mistake that looks like one (C079).
    pub enum SecurityEventKind {
        /// The third wrong password in a row blocked an account.
        AccountBlocked = "account-blocked",
        /// Logins from one network address failed for many accounts; it is refused for a while.
        AddressFailsOnManyAccounts = "address-fails-on-many-accounts",
        /// Many accounts were blocked in a short time.
        ManyAccountsBlocked = "many-accounts-blocked",
        /// A refresh token was used twice: one of its two users is not the rightful one.
        RefreshTokenReused = "refresh-token-reused",
        /// A refresh token was used twice within half a minute, from two networks or by two programs.
        RefreshTokenUsedElsewhere = "refresh-token-used-elsewhere",
        /// A row that decides who gets in was not written by the service as it is.
        RowForged = "row-forged",
        /// The platform administrator looks into the institution in an emergency (C013).
        EmergencyAccess = "emergency-access",
        /// The audit log of the institution is not what the service signed of it (C090).
        LogAltered = "audit-log-altered",
        /// The operator began another key to sign the audit log with, because the one before was lost or stolen (C090).
        LogKeyRenewed = "audit-log-key-renewed",
        /// A witness does not accept the audit log of the institution: it saw another or a longer one, or does not know it (C090).
        LogNotWitnessed = "audit-log-not-witnessed",
    }
}
