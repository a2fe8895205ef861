//! What the reasons of a report and the refusals of a file say in Dutch. In English they say it themselves.

use crate::children::school_file::field;

/// The sentence for a code, for the people of a school: of a reason about a field, if it is about one, or of the refusal
/// of a whole file. `None` for a code that no file is answered with.
pub fn in_dutch(code: &str, field: Option<&str>) -> Option<&'static str> {
    field.and_then(|field| of_field(code, field)).or_else(|| of_record(code)).or_else(|| of_file(code))
}

/// What depends on the field.
fn of_field(code: &str, field: &str) -> Option<&'static str> {
    Some(match (code, field) {
        ("missing", field::FIRST_NAME) => "een nieuwe leerling heeft een voornaam nodig",
        ("missing", field::LAST_NAME) => "een nieuwe leerling heeft een achternaam nodig",
        ("missing", field::BIRTH_DATE) => "een nieuwe leerling heeft een geboortedatum nodig",
        ("too-long", field::FIRST_NAME | field::LAST_NAME) => "de naam is te lang",
        ("too-long", field::INFIX) => "het tussenvoegsel is te lang",
        ("too-long", field::NAME) => "de naam van de groep is te lang",
        ("too-long", field::PARTICULARS) => "de bijzonderheden zijn te lang",
        ("empty", field::NAME) => "de groep heeft geen naam",
        ("in-the-future", field::BIRTH_DATE) => "de geboortedatum ligt in de toekomst",
        ("out-of-range", field::DAY_PARTS_PER_WEEK) => "een week heeft hoogstens 14 dagdelen",
        _ => return None,
    })
}

/// What is said of one record.
fn of_record(code: &str) -> Option<&'static str> {
    Some(match code {
        "missing" => "dit gegeven ontbreekt",
        "empty" => "hier staat niets",
        "too-long" => "de tekst is te lang",
        "control-character" => "de tekst bevat een onzichtbaar stuurteken",
        "bsn" => "hier staat een burgerservicenummer, en dat wordt niet bewaard: haal het weg",
        "no-such-day" => "deze dag bestaat niet",
        "not-a-date" => "een datum schrijft u als 14-03-2022 of als 2022-03-14",
        "not-a-gender" => "schrijf het geslacht als jongen, meisje, m, v of x",
        "not-yes-or-no" => "schrijf ja of nee",
        "not-a-number" => "schrijf een heel getal",
        "out-of-range" => "het getal is te groot of te klein",
        "not-a-language" => "schrijf de thuistaal als code van twee of drie letters, zoals nl",
        "not-an-eck-id" => "een ECK iD is een webadres dat met https:// begint, zonder spaties",
        "in-the-future" => "de datum ligt in de toekomst",
        "too-old" => "kinderen worden gevolgd tot en met 7 jaar",
        "left-the-school" => "de leerling heeft de school verlaten en wordt overgeslagen",
        "leaves-later" => "de leerling verlaat de school op deze dag, vandaag of later, en doet tot dan mee",
        "older-than-seven" => "de leerling is ouder dan zeven jaar en wordt overgeslagen",
        "no-group" => "het bestand noemt geen groep voor de leerling, en de leerling zit in geen groep",
        "stays-in-group" => {
            "het bestand is van een eerder schooljaar, en de leerling blijft in de huidige groep"
        }
        "no-pupil-to-place" => "geen leerling uit het bestand komt in deze groep, dus die wordt niet gemaakt",
        "double-key" => "een ander record in het bestand heeft dezelfde sleutel (leerlingnummer)",
        "double-eck-id" => "een andere leerling in het bestand heeft hetzelfde ECK iD",
        "same-pupil-twice" => "een andere regel van het bestand gaat over dezelfde leerling",
        "conflicting-identity" => {
            "het ECK iD en het leerlingnummer zijn van verschillende leerlingen, of een ander kind heeft dit nummer"
        }
        "may-exist-already" => {
            "er is al een kind met deze naam en geboortedatum, en geen ECK iD of leerlingnummer zegt of dit hetzelfde kind \
             is: zeg het bij het verwerken"
        }
        "answer-outdated" => {
            "het kind dat u bij deze regel aanwees is er niet meer of is sindsdien gewijzigd: stuur het bestand opnieuw"
        }
        "other-school" => "het bestand is volgens zijn BRIN-nummer van een andere school",
        "archived" => "dit staat in het archief: zet het eerst terug",
        "has-left" => {
            "de leerling is volgens Groeilijn vertrokken: maak dat ongedaan, of plaats de leerling zelf in een groep"
        }
        "ambiguous-group" => "meer dan een groep heeft deze naam",
        "unknown-group" => "het bestand heeft geen groep met de sleutel waar de leerling naar verwijst",
        "group-refused" => "de groep van de leerling kan niet worden overgenomen",
        "too-far-ahead" => "een kind wordt hoogstens 12 maanden vooruit geplaatst",
        "outside-school-year" => "de dag van plaatsing valt niet in het schooljaar van de groep",
        "same-group" => "het kind zit op die dag al in deze groep",
        "before-last-placement" => {
            "een kind wordt geplaatst op of na de dag waarop zijn laatste plaatsing begon of eindigde"
        }
        "cell-count" => "de regel heeft meer of minder cellen dan de eerste regel",
        "cell-too-long" => "een cel van de regel is langer dan 64 KiB",
        "unclosed-quote" => {
            "een aanhalingsteken in de regel wordt niet gesloten: wat erna komt is niet gelezen"
        }
        "other-school-year" => "de regel gaat over een ander schooljaar dan de regels ervoor",
        "earlier-school-year" => {
            "het bestand is van een eerder schooljaar: kinderen die in een groep van een later jaar zitten blijven daar"
        }
        _ => return None,
    })
}

/// What is said of a file that is refused as a whole.
fn of_file(code: &str) -> Option<&'static str> {
    Some(match code {
        "empty-file" => "het bestand is leeg",
        "no-rows" => "de tabel heeft alleen een eerste regel en geen leerlingen",
        "missing-column" => {
            "de eerste regel mist een kolom: nodig zijn Voornaam, Achternaam en Geboortedatum"
        }
        "is-xml" => "het bestand is XML: stuur EDEXML als application/xml",
        "is-a-table" => "het bestand is een tabel en geen XML: stuur het als text/csv",
        "is-xls" => {
            "het bestand is een oude Excelmap (.xls) of is met een wachtwoord beveiligd: bewaar het als .xlsx zonder \
             wachtwoord, of als CSV"
        }
        "is-xlsx" => {
            "het bestand is een Excelmap of een ander zipbestand: stuur een Excelmap (.xlsx) als \
             application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
        "not-xlsx" => "het bestand is geen Excelmap (.xlsx) die te lezen is",
        "file-too-large" => "het bestand is, uitgepakt, te groot",
        "too-many-pupils" => "het bestand heeft te veel leerlingen",
        "too-many-groups" => "het bestand heeft te veel groepen",
        "too-many-columns" => "een tabel heeft hoogstens 256 kolommen",
        "too-many-locations" => "het bestand heeft te veel vestigingen",
        "too-many-sheets" => "de Excelmap heeft te veel bladen of onderdelen",
        "missing-key" => "een groep heeft geen sleutel, dus er kan geen leerling in zitten",
        "unreadable-row" => "een regel is niet te lezen als regel van een tabel",
        "not-a-school-year" => "een schooljaar schrijft u als twee jaren na elkaar: 2026-2027",
        "not-edexml" => "dit is geen EDEXML: het hoofdelement is niet EDEX",
        "not-well-formed" => "het bestand is geen geldige XML, of het is afgebroken",
        "doctype-not-allowed" => "een documenttypedefinitie (DOCTYPE) is niet toegestaan",
        "unknown-entity" => "het bestand verwijst naar een entiteit die XML niet kent",
        "too-deep" => "elementen zijn dieper dan 32 genest",
        "text-too-long" => "de tekst van een element is langer dan 64 KiB",
        "too-many-attributes" => "een element heeft meer dan 64 attributen",
        "attributes-too-long" => "de attributen van een element zijn samen langer dan 16 KiB",
        "unsupported-encoding" => {
            "de tekencodering is niet UTF-8, UTF-16, ISO-8859-1, ISO-8859-15 of Windows-1252"
        }
        "wrong-encoding" => "het bestand is niet in de tekencodering die het zelf noemt",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_by_its_code_and_field() {
        let of_birth = in_dutch("missing", Some(field::BIRTH_DATE));
        assert_eq!(of_birth, Some("een nieuwe leerling heeft een geboortedatum nodig"));
        assert_eq!(in_dutch("not-a-date", Some(field::LEFT_ON)), in_dutch("not-a-date", None));
        assert_eq!(in_dutch("empty-file", None), Some("het bestand is leeg"));
        assert_eq!(in_dutch("lost", None), None);
    }

    /// The codes of the English sentences in the files that read and plan a file.
    #[test]
    fn every_reason_and_refusal_has_a_sentence_in_dutch() {
        let sources = [
            include_str!("groups.rs"),
            include_str!("identity.rs"),
            include_str!("pupils.rs"),
            include_str!("values.rs"),
            include_str!("../placement.rs"),
            include_str!("../school_file/csv.rs"),
            include_str!("../school_file/edexml.rs"),
            include_str!("../school_file/encoding.rs"),
            include_str!("../school_file/file.rs"),
            include_str!("../school_file/kind.rs"),
            include_str!("../school_file/table/mod.rs"),
            include_str!("../school_file/xlsx/cost.rs"),
            include_str!("../school_file/xlsx/mod.rs"),
            include_str!("../school_file/xml.rs"),
        ];
        let is_code =
            |text: &&str| text.contains('-') && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let codes: Vec<_> = sources.iter().flat_map(|source| source.split('"')).filter(is_code).collect();
        assert!(codes.len() > 40, "{codes:?}");
        for code in codes {
            let is_other = ["kebab-case", "utf-16"].contains(&code) || code.starts_with('-');
            assert!(is_other || in_dutch(code, None).is_some(), "{code}");
        }
    }
}
