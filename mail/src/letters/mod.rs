//! The letters that the service writes, in Dutch: one a file.

mod account_blocked;
mod address_changed;
mod backup_failed;
mod change_proposed;
mod checkpoint_to_keep;
mod confirm_address;
mod coupling_proposed;
mod destroyed;
mod incident_told;
mod join_institution;
mod licence_cancelled;
mod password_expires;
mod recovery_announced;
mod request_recorded;
mod set_password;
mod subprocessor_announced;
mod support_begun;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use groeilijn_domain::incidents::IncidentNews;
    use groeilijn_domain::institutions::administrator_recovery::RecoveryKind;
    use groeilijn_domain::support::SupportKind;
    use groeilijn_domain::values::email::EmailAddress;
    use jiff::Timestamp;
    use jiff::civil::Date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use crate::letter::{Letter, MAX_NAME, on_one_line, turns_text_around};

    const NOTE: &str = "groeilijn/audit/x\n3\nBQUF\n\n\u{2014} groeilijn/audit/x AAAA\n";

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
    fn a_link_to_join_stands_alone_and_the_institution_on_one_line() {
        let link = "https://groeilijn.example/wachtwoord#join=ficti3f";
        let about = ("Basisschool\nhttps://elders.example", link);
        let letter = Letter::join_institution(Uuid::nil(), to(), "Fien", about, at("2026-11-21T09:00:00Z"));
        assert!(letter.text.lines().any(|line| line == link));
        assert!(!letter.text.lines().any(|line| line.starts_with("https://elders")));
        assert!(letter.text.contains("tot zaterdag 21 november 2026 om 10.00 uur."));
    }

    #[test]
    fn c055_a_link_to_confirm_an_address_stands_alone_and_each_side_is_told_what_it_confirms() {
        let link = "https://groeilijn.example/wachtwoord#address=ficti3f";
        let letter = |other| {
            Letter::confirm_address(Uuid::nil(), to(), "Fien", link, at("2026-11-21T09:00:00Z"), other)
        };
        let [present, other] = [false, true].map(letter);
        for letter in [&present, &other] {
            assert!(letter.text.lines().any(|line| line == link));
            assert!(letter.text.contains("tot zaterdag 21 november 2026 om 10.00 uur."));
        }
        assert_ne!(present.text, other.text);
        assert!(present.text.contains("wachtwoord"));
        let told = [
            Letter::address_changed(Uuid::nil(), to(), "Fien"),
            Letter::address_moved(Uuid::nil(), to(), "Fien"),
            Letter::address_due(Uuid::nil(), to(), "Fien"),
        ];
        assert!(
            told.iter().all(|letter| letter.text.starts_with("Beste Fien,") && !letter.text.contains("://"))
        );
    }

    #[test]
    fn only_letters_to_choose_a_password_and_to_join_have_a_link() {
        let moments = (at("2026-03-29T00:30:00Z"), at("2026-03-29T01:30:00Z"));
        let letters = [
            Letter::password_expires(Uuid::nil(), to(), "Fien", Date::constant(2026, 12, 1)),
            Letter::account_blocked(Uuid::nil(), to(), "Fien"),
            Letter::support_begun(
                Uuid::nil(),
                to(),
                "Fien",
                SupportKind::Emergency,
                moments.0,
                moments.1,
                true,
            ),
            Letter::request_recorded(Uuid::nil(), to(), "Fien"),
            Letter::coupling_proposed(Uuid::nil(), to(), "Fien", Date::constant(2026, 12, 1), Date::MAX),
            Letter::recovery_announced(Uuid::nil(), to(), "Fien", RecoveryKind::NewAdministrator, moments.0),
            Letter::change_proposed(Uuid::nil(), to(), "Fien", "Voortaan ook\n\n  de thuistaal.\u{202e}"),
            Letter::destroyed(Uuid::nil(), to(), "Fien", Date::constant(2026, 12, 9)),
            Letter::licence_cancelled(Uuid::nil(), to(), "Fien", Date::constant(2026, 12, 31)),
            Letter::cancellation_withdrawn(Uuid::nil(), to(), "Fien"),
            Letter::subprocessor_announced(
                Uuid::nil(),
                to(),
                "Fien",
                "Hosting\nhttps:elders.example",
                Date::constant(2026, 12, 1),
            ),
            Letter::incident_told(Uuid::nil(), to(), "Fien", IncidentNews::HighRisk, Some(moments.0)),
            Letter::incident_told(Uuid::nil(), to(), "Fien", IncidentNews::Reported, None),
            Letter::checkpoint_to_keep(Uuid::nil(), to(), "Fien", NOTE),
        ];
        for letter in &letters {
            assert!(!letter.text.contains("://"), "{}", letter.subject);
            assert!(letter.text.starts_with("Beste Fien,\n\n") && letter.text.ends_with("\n\nGroeilijn\n"));
        }
        assert!(letters[0].text.contains("op dinsdag 1 december 2026."));
        assert!(letters[2].text.contains(
            "van zondag 29 maart 2026 om 1.30 uur tot uiterlijk zondag 29 maart 2026 om 3.30 uur."
        ));
        assert!(letters[4].text.contains("van dinsdag 1 december 2026 tot en met"));
        assert!(letters[5].text.contains("vanaf zondag 29 maart 2026 om 1.30 uur."));
        assert!(letters[6].text.contains("\n\nVoortaan ook\nde thuistaal.\n\n"));
        assert!(letters[8].text.contains("De laatste dag is donderdag 31 december 2026."));
        assert!(letters[10].text.contains("tot en met dinsdag 1 december 2026."));
        assert!(letters[11].text.contains("tot zondag 29 maart 2026 om 1.30 uur."));
        assert!(!letters[12].text.contains("Autoriteit"));
        assert!(letters[13].text.contains(&format!("\n\n{NOTE}\n")));
    }

    #[test]
    fn c048_each_kind_of_look_is_told_in_words_of_its_own() {
        let subjects: BTreeSet<_> = SupportKind::ALL
            .into_iter()
            .map(|kind| {
                Letter::support_begun(
                    Uuid::nil(),
                    to(),
                    "Fien",
                    kind,
                    Timestamp::UNIX_EPOCH,
                    Timestamp::MAX,
                    false,
                )
            })
            .map(|letter| (letter.subject, letter.text))
            .collect();
        assert_eq!(subjects.len(), SupportKind::ALL.len());
        assert!(subjects.iter().all(|(_, text)| text.contains("correcties zijn daarbij niet te lezen.")));
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
