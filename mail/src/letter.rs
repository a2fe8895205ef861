//! The letters that the service writes, in Dutch.
use groeilijn_domain::access::session::INVITATION_LIFE;
use groeilijn_domain::values::email::EmailAddress;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::moment::{day, moment};

/// A name that is longer is cut off: no letter needs more of it.
const MAX_NAME: usize = 200;

/// One letter to one person. It holds a name and sometimes a link that opens an account, so it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Stays the same when the letter is sent again: its Message-ID is made of it.
    pub id: Uuid,
    /// To whom.
    pub to: EmailAddress,
    /// What the letter is about; the same for everybody.
    pub subject: String,
    /// The text, in lines.
    pub text: String,
}

impl Letter {
    /// To choose a password, for a new account or for one whose password was forgotten or blocked.
    pub fn set_password(id: Uuid, to: EmailAddress, name: &str, link: &str, until: Timestamp) -> Self {
        let paragraphs = [
            "Met deze link kiest u een wachtwoord voor uw account bij Groeilijn:".to_owned(),
            one_word(link),
            format!(
                "De link werkt één keer en {} uur lang, tot {}.",
                INVITATION_LIFE.as_hours(),
                moment(until)
            ),
            "Stuur deze e-mail niet door: wie de link heeft, kan uw wachtwoord kiezen. Is de link verlopen, vraag \
             dan een nieuwe aan op de inlogpagina of bij de beheerder van uw instelling."
                .to_owned(),
            "Hebt u hier niet om gevraagd en verwacht u geen account? Dan hoeft u niets te doen.".to_owned(),
        ];
        Self::write(id, to, "Kies uw wachtwoord voor Groeilijn", name, &paragraphs)
    }

    /// A reminder to change a password before the day `on`. It has no link: whoever gets it can log in.
    pub fn password_expires(id: Uuid, to: EmailAddress, name: &str, on: Date) -> Self {
        let paragraphs = [
            format!("Uw wachtwoord voor Groeilijn verloopt op {}.", day(on)),
            "Log vóór die dag in zoals u gewend bent en kies bij uw account een nieuw wachtwoord. Daarna kunt u \
             niet meer inloggen met het oude."
                .to_owned(),
            "In deze e-mail staat met opzet geen link.".to_owned(),
        ];
        Self::write(id, to, "Uw wachtwoord voor Groeilijn verloopt", name, &paragraphs)
    }

    /// That an account is blocked after three wrong passwords.
    pub fn account_blocked(id: Uuid, to: EmailAddress, name: &str) -> Self {
        let paragraphs = [
            "Uw account bij Groeilijn is geblokkeerd, omdat er drie keer een verkeerd wachtwoord is ingevuld."
                .to_owned(),
            "De beheerder van uw instelling kan de blokkade opheffen. U krijgt dan een e-mail waarmee u een \
             nieuw wachtwoord kiest."
                .to_owned(),
            "Hebt u dit niet zelf gedaan? Vertel het dan aan de beheerder: misschien probeert iemand anders in te \
             loggen."
                .to_owned(),
        ];
        Self::write(id, to, "Uw account bij Groeilijn is geblokkeerd", name, &paragraphs)
    }

    /// That the platform's administrator, who works for the processor, opened emergency access.
    pub fn emergency_access(
        id: Uuid,
        to: EmailAddress,
        name: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Self {
        let paragraphs = [
            "Een platformbeheerder van de verwerker heeft noodtoegang geopend tot de gegevens van uw instelling \
             in Groeilijn."
                .to_owned(),
            format!("De noodtoegang geldt van {} tot {}.", moment(from), moment(until)),
            "De noodtoegang en de reden ervan staan in het auditlogboek van uw instelling, en ook alles wat er \
             in die tijd mee wordt gedaan."
                .to_owned(),
            "Weet u niet waarom dit nodig is? Neem dan contact op met de verwerker.".to_owned(),
        ];
        Self::write(id, to, "Noodtoegang tot uw instelling in Groeilijn", name, &paragraphs)
    }

    fn write(id: Uuid, to: EmailAddress, subject: &str, name: &str, paragraphs: &[String]) -> Self {
        let name = on_one_line(name);
        let greeting = if name.is_empty() { "Goedendag,".to_owned() } else { format!("Beste {name},") };
        let text = format!("{greeting}\n\n{}\n\nGroeilijn\n", paragraphs.join("\n\n"));
        Self { id, to, subject: subject.to_owned(), text }
    }
}

/// Without line breaks and control characters, so that a name cannot pass for a paragraph of the letter or, in
/// a header, for another header.
pub(crate) fn on_one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !turns_text_around(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_NAME)
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one_word(link: &str) -> String {
    link.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !turns_text_around(*c)).collect()
}

/// The marks that change the direction of what follows them show a reader another text than was written.
const fn turns_text_around(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn to() -> EmailAddress {
        EmailAddress::parse("fien@school.example").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_link_to_choose_a_password_stands_alone_with_its_end() {
        let link = "https://groeilijn.example/wachtwoord#ficti3f";
        let letter = Letter::set_password(Uuid::nil(), to(), "Fien Één", link, at("2026-11-21T09:00:00Z"));
        assert!(letter.text.starts_with("Beste Fien Één,\n\n"));
        assert!(letter.text.lines().any(|line| line == link));
        assert!(letter.text.contains("tot zaterdag 21 november 2026 om 10.00 uur."));
        assert_eq!(letter.subject, "Kies uw wachtwoord voor Groeilijn");
    }

    #[test]
    fn only_the_letter_to_choose_a_password_has_a_link() {
        let moments = (at("2026-03-29T00:30:00Z"), at("2026-03-29T01:30:00Z"));
        let letters = [
            Letter::password_expires(Uuid::nil(), to(), "Fien", Date::constant(2026, 12, 1)),
            Letter::account_blocked(Uuid::nil(), to(), "Fien"),
            Letter::emergency_access(Uuid::nil(), to(), "Fien", moments.0, moments.1),
        ];
        for letter in &letters {
            assert!(!letter.text.contains("://"), "{}", letter.subject);
            assert!(letter.text.starts_with("Beste Fien,\n\n") && letter.text.ends_with("\n\nGroeilijn\n"));
        }
        assert!(letters[0].text.contains("op dinsdag 1 december 2026."));
        assert!(
            letters[2]
                .text
                .contains("van zondag 29 maart 2026 om 1.30 uur tot zondag 29 maart 2026 om 3.30 uur.")
        );
    }

    #[test]
    fn a_letter_without_a_name_greets_all_the_same() {
        assert!(Letter::account_blocked(Uuid::nil(), to(), " \n").text.starts_with("Goedendag,\n"));
    }

    proptest! {
        #[test]
        fn a_name_never_makes_a_line_of_its_own(name in "\\PC{0,20}[\\r\\n\\t\u{2028}\u{202e}\\x00\"<>]{0,4}\\PC{0,300}") {
            let lines = |name: &str| Letter::account_blocked(Uuid::nil(), to(), name).text.lines().count();
            prop_assert_eq!(lines(&name), lines("Fien"));
            prop_assert!(on_one_line(&name).chars().count() <= MAX_NAME);
            prop_assert!(!on_one_line(&name).chars().any(|c| c.is_control() || turns_text_around(c)));
        }
    }
}
