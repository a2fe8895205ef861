//! API tokens, with which auditors and programs ask: what one looks like, what it may hold and how long it may last.
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use zeroize::Zeroizing;

use super::rights::named_twice;
use crate::access::{Action, Part, Rights, Scope};
use crate::values::calendar::amsterdam_date;
use crate::values::network::Network;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{Label, code_list};

/// How far ahead a token may expire, in calendar years.
pub const LONGEST_LIFE_YEARS: i8 = 1;

/// What every token starts with, by which people and secret scanners know one.
const PREFIX: &str = "groeilijn_";

/// How many characters 32 bytes take in base64url.
const SECRET_LENGTH: usize = 43;
/// How many characters a token has.
const LENGTH: usize = PREFIX.len() + SECRET_LENGTH + 1 + 8;

code_list! {
    /// What a token is for: it decides what the token may hold at most.
    pub enum ApiTokenKind {
        /// An auditor reads evidence, and never what is kept about a child: the audit log names children by id only.
        Auditor = "auditor",
        /// A program of the institution works with groups and children.
        Integration = "integration",
    }
}

impl ApiTokenKind {
    /// Whether a token of this kind may hold a right. A program writes nothing that has an author: a note says which
    /// person saw it (C070).
    pub const fn may_hold(self, part: Part, action: Action) -> bool {
        use Part::*;
        match (self, part) {
            (
                Self::Auditor,
                Institutions | Licences | Users | SecurityEvents | ApiTokens | SupportSessions | Compliance
                | Incidents | LogReviews,
            )
            | (
                Self::Integration,
                Institutions | Notes | Registrations | Overviews | Frameworks | FrameworkChoices,
            ) => {
                matches!(action, Action::Read)
            }
            // What proves itself is worth taking along.
            (Self::Auditor, AuditLog) => matches!(action, Action::Read | Action::Export),
            (Self::Integration, Groups | Pupils) => !matches!(action, Action::Export),
            _ => false,
        }
    }
}

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

/// What a token may do: for each part the actions, in the whole institution.
pub type ApiTokenScopes = BTreeMap<Part, BTreeSet<Action>>;

/// That somebody with the rights `giver` can give a token these actions on a part: what suits its kind, and no more than
/// she has herself.
///
/// # Errors
/// `empty` without an action; `not-grantable`.
pub fn check_scope(
    kind: ApiTokenKind,
    part: Part,
    actions: &BTreeSet<Action>,
    giver: &Rights,
) -> Result<(), Refusal> {
    if actions.is_empty() {
        return Err(Refusal::new("empty", "must name at least one action"));
    }
    let has = |action| giver.scope(part, action) == Some(Scope::Institution);
    if actions.iter().all(|&action| kind.may_hold(part, action) && has(action)) {
        return Ok(());
    }
    Err(Refusal::new("not-grantable", "must be a right for this kind of token that its maker has too"))
}

/// The scopes of a token that somebody with the rights `giver` makes on the day `today`, from the parts that were named
/// with what the token may do with each.
///
/// # Errors
/// For `scopes` `empty` when none was named; for `scopes/…` what [`check_scope`] refuses; for `scopes/…/part` `repeated`
/// when a part is named twice; for `expires_on` what [`check_expiry`] refuses.
pub fn scopes(
    kind: ApiTokenKind,
    named: impl IntoIterator<Item = (Part, Vec<Action>)>,
    expires_on: Date,
    giver: &Rights,
    today: Date,
) -> Result<ApiTokenScopes, FieldRefusals> {
    let (mut scopes, mut refusals) = (ApiTokenScopes::new(), FieldRefusals::new());
    for (index, (part, actions)) in named.into_iter().enumerate() {
        let actions = actions.into_iter().collect();
        refusals.check(format!("scopes/{index}"), check_scope(kind, part, &actions, giver));
        if scopes.insert(part, actions).is_some() {
            refusals.refuse(format!("scopes/{index}/part"), named_twice());
        }
    }
    if scopes.is_empty() {
        refusals.refuse("scopes", Refusal::new("empty", "must name at least one part"));
    }
    refusals.check("expires_on", check_expiry(expires_on, today));
    refusals.or(scopes)
}

/// What a token may do: what its scopes say and suits its kind, in the whole institution; no more than its maker may now
/// (C067).
pub fn rights(kind: ApiTokenKind, scopes: &ApiTokenScopes, maker: &Rights) -> Rights {
    let named = scopes.iter().flat_map(|(&part, actions)| actions.iter().map(move |&action| (part, action)));
    let held: Rights = named
        .filter(|&(part, action)| kind.may_hold(part, action))
        .map(|(part, action)| (part, action, Scope::Institution))
        .collect();
    held.and(maker)
}

/// What decides whether a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiTokenFacts {
    /// The last day on which it counts, in Europe/Amsterdam.
    pub expires_on: Date,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether its maker may still log in: it does not outlast her rights (C067).
    pub maker_is_active: bool,
    /// The last day of its maker's rights, in Europe/Amsterdam.
    pub maker_last_day: Option<Date>,
}

impl ApiTokenFacts {
    /// Whether the token counts at the moment `now`. One that does not is answered like one that never was.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let today = amsterdam_date(now);
        let of_maker = self.maker_is_active && self.maker_last_day.is_none_or(|last| today <= last);
        of_maker && !self.revoked && today <= self.expires_on
    }
}

/// The token of a `secret`, which has to be random: `groeilijn_`, the secret in base64url (RFC 4648) without padding,
/// `_`, and the CRC-32 of all before that `_` in 8 lower-case hexadecimal digits.
pub fn write(secret: &[u8; 32]) -> Zeroizing<String> {
    let mut token = Zeroizing::new(String::with_capacity(LENGTH));
    token.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(secret, &mut token);
    let checksum = checksum(&token);
    token.push('_');
    token.push_str(&checksum);
    token
}

/// The secret of a token; `None` for a text that [`write()`] would not have written, such as one with a typing mistake.
pub fn read(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let (body, written_checksum) = text.rsplit_once('_')?;
    let encoded = body.strip_prefix(PREFIX).filter(|encoded| encoded.len() == SECRET_LENGTH)?;
    if checksum(body) != written_checksum {
        return None;
    }
    let mut secret = Zeroizing::new([0; 32]);
    URL_SAFE_NO_PAD.decode_slice(encoded, secret.as_mut_slice()).ok()?;
    Some(secret)
}

/// Whether `text` starts as a token does, so that it is no token of another kind.
pub fn is_api_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Whether a token that is made on the day `today` may count up to and including the day `expires_on`, both in
/// Europe/Amsterdam.
///
/// # Errors
/// `expiry-past` before today, `expiry-too-far` more than a calendar year ahead.
pub fn check_expiry(expires_on: Date, today: Date) -> Result<(), Refusal> {
    if expires_on < today {
        return Err(Refusal::new("expiry-past", "the day on which the token expires must not be past"));
    }
    if expires_on > today.saturating_add(LONGEST_LIFE_YEARS.years()) {
        return Err(Refusal::new("expiry-too-far", "a token expires within a year"));
    }
    Ok(())
}

fn checksum(body: &str) -> String {
    format!("{:08x}", crc32fast::hash(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::access::{Function, Role, UserRights};

    #[test]
    fn a_token_is_recognisable() {
        let token = write(&[0; 32]);
        let secret = "A".repeat(SECRET_LENGTH);
        assert_eq!(
            *token,
            format!("groeilijn_{secret}_{:08x}", crc32fast::hash(format!("groeilijn_{secret}").as_bytes()))
        );
        assert!(is_api_token(&token));
        assert!(!is_api_token("eyJhbGciOiJFUzI1NiJ9"));
    }

    #[test]
    fn only_the_written_form_is_read() {
        let token = write(&[0xff; 32]);
        assert_eq!(*read(&token).unwrap(), [0xff; 32]);
        assert!(read("").is_none());
        assert!(read(&token.to_uppercase()).is_none());
        assert!(read(&format!(" {}", *token)).is_none());
        assert!(read(&format!("{}=", *token)).is_none());
        assert!(read(token.trim_start_matches(PREFIX)).is_none());
    }

    #[test]
    fn a_secret_is_encoded_in_one_way_only() {
        let with_checksum = |body: String| format!("{body}_{}", checksum(&body));
        let encoded = |last: char| with_checksum(format!("{PREFIX}{}{last}", "A".repeat(SECRET_LENGTH - 1)));
        assert!(read(&encoded('A')).is_some());
        assert!(read(&encoded('B')).is_none());
        assert!(read(&encoded('+')).is_none());
        assert!(read(&with_checksum(format!("{PREFIX}{}", "A".repeat(42)))).is_none());
        assert!(read(&with_checksum(format!("{PREFIX}{}", "A".repeat(44)))).is_none());
    }

    #[test]
    fn a_token_lasts_a_year_at_most() {
        let today = date(2026, 11, 22);
        let code = |expires_on| check_expiry(expires_on, today).err().map(|refusal| refusal.code);
        assert_eq!(code(date(2026, 11, 21)), Some("expiry-past"));
        assert_eq!(code(today), None);
        assert_eq!(code(date(2027, 11, 22)), None);
        assert_eq!(code(date(2027, 11, 23)), Some("expiry-too-far"));
        assert!(check_expiry(date(2029, 2, 28), date(2028, 2, 29)).is_ok());
        assert!(check_expiry(date(2029, 3, 1), date(2028, 2, 29)).is_err());
    }

    #[test]
    fn an_auditor_never_holds_a_part_with_children_and_nobody_writes_for_an_author() {
        for part in Part::ALL {
            for action in Action::ALL {
                if ApiTokenKind::Auditor.may_hold(part, action) {
                    let is_read =
                        action == Action::Read || (part, action) == (Part::AuditLog, Action::Export);
                    assert!(!part.is_of_children() && is_read, "{part:?} {action:?}");
                }
                if ApiTokenKind::Integration.may_hold(part, action) {
                    let has_author = matches!(part, Part::Notes | Part::Registrations | Part::Imports);
                    assert!(!has_author || action == Action::Read, "{part:?} {action:?}");
                }
                for own in [Part::Account, Part::Credentials] {
                    assert!(ApiTokenKind::ALL.iter().all(|kind| !kind.may_hold(own, action)));
                }
            }
        }
    }

    #[test]
    fn nobody_gives_a_token_more_than_she_has() {
        let administrator = Rights::of(Role::Institution(Function::Administrator));
        let code = |kind, part, actions: &[Action], giver: &Rights| {
            let actions = actions.iter().copied().collect();
            check_scope(kind, part, &actions, giver).err().map(|refusal| refusal.code)
        };
        let (auditor, integration) = (ApiTokenKind::Auditor, ApiTokenKind::Integration);
        assert_eq!(code(auditor, Part::Users, &[Action::Read], &administrator), None);
        assert_eq!(code(auditor, Part::Users, &[], &administrator), Some("empty"));
        let more = [Action::Read, Action::Change];
        assert_eq!(code(auditor, Part::Users, &more, &administrator), Some("not-grantable"));
        assert_eq!(code(auditor, Part::Pupils, &[Action::Read], &administrator), Some("not-grantable"));
        assert_eq!(code(integration, Part::Pupils, &more, &administrator), None);
        assert_eq!(code(integration, Part::Users, &[Action::Read], &administrator), Some("not-grantable"));
        let without_notes = UserRights::from([(Part::Notes, BTreeSet::new())]);
        let limited = Rights::of_user(Function::Administrator, &without_notes);
        assert_eq!(code(integration, Part::Notes, &[Action::Read], &limited), Some("not-grantable"));
        let teacher = Rights::of(Role::Institution(Function::Teacher));
        assert_eq!(code(integration, Part::Groups, &[Action::Read], &teacher), Some("not-grantable"));
    }

    #[test]
    fn a_token_can_do_what_suits_its_kind_whatever_its_scopes_say() {
        let scopes = ApiTokenScopes::from([
            (Part::Users, BTreeSet::from([Action::Read, Action::Change])),
            (Part::Pupils, BTreeSet::from([Action::Read])),
            (Part::Licences, BTreeSet::new()),
        ]);
        let maker = Rights::of(Role::Institution(Function::Administrator));
        let allowed = |kind| rights(kind, &scopes, &maker).iter().collect::<Vec<_>>();
        assert_eq!(allowed(ApiTokenKind::Auditor), [(Part::Users, Action::Read, Scope::Institution)]);
        assert_eq!(allowed(ApiTokenKind::Integration), [(Part::Pupils, Action::Read, Scope::Institution)]);
    }

    #[test]
    fn c067_a_token_does_nothing_that_its_maker_may_not_do_any_more() {
        let scopes = ApiTokenScopes::from([
            (Part::Pupils, BTreeSet::from([Action::Read, Action::Create])),
            (Part::Notes, BTreeSet::from([Action::Read])),
        ]);
        let maker =
            Rights::of_user(Function::Administrator, &UserRights::from([(Part::Notes, BTreeSet::new())]));
        let token = rights(ApiTokenKind::Integration, &scopes, &maker);
        assert_eq!(token.scope(Part::Notes, Action::Read), None);
        assert_eq!(token.scope(Part::Pupils, Action::Create), Some(Scope::Institution));
        assert_eq!(rights(ApiTokenKind::Integration, &scopes, &Rights::default()), Rights::default());
    }

    #[test]
    fn a_token_counts_through_its_last_day_in_amsterdam() {
        let expires_on = date(2026, 11, 22);
        let facts = ApiTokenFacts { expires_on, revoked: false, maker_is_active: true, maker_last_day: None };
        let last: Timestamp = "2026-11-22T23:59:59.999999+01:00".parse().unwrap();
        assert!(facts.is_live(last));
        assert!(!facts.is_live(last + jiff::SignedDuration::from_micros(1)));
        assert!(!ApiTokenFacts { revoked: true, ..facts }.is_live(last));
        assert!(ApiTokenFacts { maker_last_day: Some(expires_on), ..facts }.is_live(last));
        assert!(!ApiTokenFacts { maker_last_day: Some(date(2026, 11, 21)), ..facts }.is_live(last));
        assert!(!ApiTokenFacts { maker_is_active: false, ..facts }.is_live(last));
    }

    proptest! {
        #[test]
        fn a_token_reads_back(secret: [u8; 32]) {
            let token = write(&secret);
            prop_assert_eq!(token.len(), LENGTH);
            prop_assert_eq!(*read(&token).unwrap(), secret);
        }

        #[test]
        fn a_typing_mistake_is_seen(secret: [u8; 32], place in 0..LENGTH, typed in proptest::char::range('!', '~')) {
            let token = write(&secret);
            let mistake = |(at, right)| if at == place { typed } else { right };
            let mistaken: String = token.chars().enumerate().map(mistake).collect();
            prop_assert_eq!(read(&mistaken).is_some(), mistaken == *token);
        }
    }
}
