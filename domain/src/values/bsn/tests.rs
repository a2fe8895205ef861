use proptest::prelude::*;
use uuid::{Builder, Uuid};

use super::*;

/// Spellings of numbers that pass the eleven-test.
const SPELLINGS: &str = include_str!("spellings.json");

#[test]
fn c030_it_is_refused_in_each_of_200_spellings() {
    let spellings: Vec<String> = serde_json::from_str(SPELLINGS).unwrap();
    assert!(spellings.len() >= 200);
    let passed: Vec<&String> = spellings.iter().filter(|text| !contains_bsn(text)).collect();
    assert!(passed.is_empty(), "{} pass: {passed:?}", passed.len());
}

#[test]
fn c030_it_is_found_beside_other_numbers() {
    for text in [
        "bsn: 111222333.",
        "naam;123456782;2021-03-04",
        "1,123456782",
        "Groep 2, 1112\u{a0}22\u{a0}333 dus",
        "https://voorbeeld.example/123456782",
        "tel. 06-12345678, 111.222-333",
        "012 345 672, 3",
        "2021-05-14 111 222 333",
        "10:15-11:00 111222333",
        "1 111 222 333 4",
        "00f067aa0ba902bc111222333",
        "01999999-0000-7000-8000-000111222333",
    ] {
        assert!(contains_bsn(text), "{text}");
    }
}

#[test]
fn other_numbers_are_left_alone() {
    for text in [
        "",
        "000000000",
        "000000012",
        "111222334",
        "1112223330",
        "11122233",
        "0612345678",
        "0612345672",
        "06-12345678, 3",
        "06 12 34 56 78",
        "010-123 45 67",
        "0111-222333",
        "0111-222 333",
        "+31 123456782",
        "+31 111 222 333",
        "+31 (0)6 12345672",
        "0031-111-222-333",
        "111 en 222 en 333",
        "111 ....... 222 ....... 333",
        "2026-11-21",
        "2026-11-21T10:00:05.123456782+01:00",
        "2026-11-21 10:00:05.123456782",
        "2026-2027-1",
        "2021-05-14 3",
        "import-20201231-5",
        "1 2 3 4 5 6 7 8 9 10",
        "10 9 8 7 6 5 4 3 2 1",
        "11122233-3111-4222-8333-111222333444",
        "NL91 ABNA 0417 1643 00",
    ] {
        assert!(!contains_bsn(text), "{text}");
    }
}

#[test]
fn the_refusal_does_not_repeat_it() {
    let refusal = refuse_bsn("111222333").unwrap_err();
    assert_eq!(refusal.code, "bsn");
    assert!(!refusal.detail.contains("111"));
    assert_eq!(refuse_bsn("twaalf blokken"), Ok(()));
}

/// How many of 10,000 ordinary sentences are refused, as ADR 33 has it.
const FALSE_ALARMS: usize = 27;

#[test]
fn ordinary_sentences_are_hardly_ever_refused() {
    let mut numbers = Numbers(20_261_121);
    let sentences = (0..10_000).map(|index| sentence(TEMPLATES[index % TEMPLATES.len()], &mut numbers));
    let refused: Vec<String> = sentences.filter(|text| contains_bsn(text)).collect();
    assert_eq!(refused.len(), FALSE_ALARMS, "{refused:#?}");
}

/// Sentences as they stand in notes, remarks and letters. What stands in braces is filled in.
const TEMPLATES: &[&str] = &[
    "Op {date} telde {name} tot {small} en bouwde een toren van {small} blokken.",
    "{name} is geboren op {numeric date} en zit sinds {numeric date} in groep {small}.",
    "Gesprek met moeder op {numeric date} om {time} uur, zij is bereikbaar op {mobile}.",
    "Vader belt terug: {mobile} of op het werk {landline}.",
    "Het gezin woont aan de Fictielaan {house}, {postcode} Verzonnen.",
    "Verhuisd naar Dorpsstraat {house}, {postcode}; nieuw nummer {landline}.",
    "De bijdrage van {amount} is op {numeric date} betaald, de volgende is {amount}.",
    "{name} speelde van {time} tot {time} in de bouwhoek en daarna tot {time} buiten.",
    "Scores van deze week: {small}, {small}, {small}, {small} en {small}.",
    "Weegt {small},{small} kg en is {centimetres} cm lang (gemeten {numeric date}).",
    "In het schooljaar {school year} ging het beter dan in {school year}.",
    "Groep {small}: {small} kinderen, {small} dagdelen, {hundreds} minuten per week.",
    "Zie het verslag van {iso date}, bladzijde {hundreds} tot {hundreds}.",
    "Leerlingnummer {school key}, overgenomen op {iso date} om {time}.",
    "Afspraak: {date} {time} uur, lokaal {small}, telefoon {international}.",
    "Er waren {thousands} bezoekers; de opbrengst was {amount}.",
    "Telt vooruit: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 en slaat {small} over.",
    "{name} kent de cijfers {small}, {small} en {small}, en schrijft haar naam.",
    "Observatie {numeric date}, {time}: {name} deelt {small} auto's met twee kinderen.",
    "Tussen {date} en {date} was {name} {small} dagen ziek.",
    "Bel {landline} voor {time}, anders {mobile}.",
    "Factuur {year}-{hundreds} van {numeric date}: {amount} voor {small} dagdelen.",
    "Maat {small}, schoenmaat {small}, kluisje {hundreds}.",
    "{name} (geb. {numeric date}, {small} jaar) werkt aan doel {small}.{small}.{small}.",
    "De toets van {numeric date}: {small}/{small}, {small}/{small} en {small}/{small} goed.",
    "Route: buslijn {small}, halte {hundreds}, aankomst {time}, {postcode}.",
    "Kwam om {time} binnen, at om {time} en sliep van {time} tot {time}.",
    "Zwemles op {numeric date}, {numeric date} en {numeric date}, telkens {time}.",
    "Nummers van de puzzels: {hundreds}, {hundreds} en {small}.",
    "Vandaag geen bijzonderheden bij {name}, vrolijk en nieuwsgierig.",
];

fn sentence(template: &str, numbers: &mut Numbers) -> String {
    let mut parts = template.split(['{', '}']);
    let mut sentence = String::from(parts.next().unwrap_or_default());
    while let (Some(blank), Some(words)) = (parts.next(), parts.next()) {
        sentence += &filled_in(blank, numbers);
        sentence += words;
    }
    sentence
}

fn filled_in(blank: &str, numbers: &mut Numbers) -> String {
    let mut n = |least: u64, most: u64| numbers.between(least, most);
    match blank {
        "name" => ["Noor", "Daan", "Fien", "Sam"][n(0, 3) as usize].to_owned(),
        "small" => n(1, 30).to_string(),
        "hundreds" => n(31, 999).to_string(),
        "thousands" => n(1_000, 99_999).to_string(),
        "centimetres" => n(60, 140).to_string(),
        "year" => n(2015, 2027).to_string(),
        "house" => format!("{}{}", n(1, 400), ["", "a", "-2", " hs"][n(0, 3) as usize]),
        "postcode" => format!("{}{}AB", n(1000, 9999), ["", " "][n(0, 1) as usize]),
        "amount" => match n(0, 2) {
            0 => format!("€ {},{:02}", n(1, 999), n(0, 99)),
            1 => format!("€ {}.{:03},{:02}", n(1, 99), n(0, 999), n(0, 99)),
            _ => format!("{},-", n(5, 500)),
        },
        "time" => format!("{}{}{:02}", n(7, 18), [":", ".", ":"][n(0, 2) as usize], n(0, 59)),
        "date" => format!("{} {} {}", n(1, 28), ["mei", "juni", "maart"][n(0, 2) as usize], n(2015, 2027)),
        "iso date" => format!("{}-{:02}-{:02}", n(2015, 2027), n(1, 12), n(1, 28)),
        "numeric date" => match n(0, 4) {
            0 => format!("{}-{}-{}", n(1, 28), n(1, 12), n(2015, 2027)),
            1 => format!("{:02}-{:02}-{}", n(1, 28), n(1, 12), n(2015, 2027)),
            2 => format!("{}/{}/{}", n(1, 28), n(1, 12), n(2015, 2027)),
            3 => format!("{:02}.{:02}.{}", n(1, 28), n(1, 12), n(2015, 2027)),
            _ => format!("{}-{}-{}", n(1, 28), n(1, 12), n(15, 27)),
        },
        "school year" => {
            let year = n(2015, 2027);
            format!("{year}{}{}", ["-", "/"][n(0, 1) as usize], year + 1)
        }
        "school key" => ["L", "", ""][n(0, 2) as usize].to_owned() + &n(1_000, 99_999_999).to_string(),
        "mobile" => match n(0, 3) {
            0 => format!("06-{}", n(10_000_000, 99_999_999)),
            1 => format!("06{}", n(10_000_000, 99_999_999)),
            2 => format!("06 {} {} {} {}", n(10, 99), n(10, 99), n(10, 99), n(10, 99)),
            _ => format!("06 {}", n(10_000_000, 99_999_999)),
        },
        "landline" => match n(0, 4) {
            0 => format!("010-{}", n(1_000_000, 9_999_999)),
            1 => format!("020 {} {} {}", n(100, 999), n(10, 99), n(10, 99)),
            2 => format!("0111-{}", n(100_000, 999_999)),
            3 => format!("0111-{} {}", n(100, 999), n(100, 999)),
            _ => format!("030{}", n(1_000_000, 9_999_999)),
        },
        "international" => match n(0, 1) {
            0 => format!("+31 6 {}", n(10_000_000, 99_999_999)),
            _ => format!("+316{}", n(10_000_000, 99_999_999)),
        },
        unknown => panic!("{unknown}"),
    }
}

/// The same numbers each time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        least + (mixed ^ (mixed >> 31)) % (most - least + 1)
    }
}

prop_compose! {
    fn valid()(digits in prop::array::uniform8(0u32..10)) -> Option<[u32; 9]> {
        let sum: u32 = digits.iter().zip((2u32..=9).rev()).map(|(digit, weight)| digit * weight).sum();
        let mut nine = [0; 9];
        nine[..8].copy_from_slice(&digits);
        nine[8] = sum % 11;
        (nine[8] < 10 && nine[..3] != [0, 0, 0]).then_some(nine)
    }
}

fn written(digits: &[u32]) -> String {
    digits.iter().map(u32::to_string).collect()
}

proptest! {
    #[test]
    fn the_eleven_test_sees_every_single_mistake(
        number in valid().prop_filter_map("no check digit", |number| number),
        place in 0usize..9,
        change in 1u32..10,
    ) {
        prop_assert!(contains_bsn(&written(&number)));
        let parts = [&number[..3], &number[3..6], &number[6..]].map(written);
        prop_assert!(contains_bsn(&parts.join(".")));
        let mut wrong = number;
        wrong[place] = (wrong[place] + change) % 10;
        prop_assert!(!contains_bsn(&written(&wrong)));
    }

    #[test]
    fn ids_never_count_as_one(random: [u8; 16]) {
        let uuid: Uuid = Builder::from_random_bytes(random).into_uuid();
        prop_assert!(!contains_bsn(&uuid.to_string()));
        prop_assert!(!contains_bsn(&uuid.simple().to_string()));
    }

    #[test]
    fn an_eck_id_never_counts_as_one(random: [[u8; 32]; 2]) {
        let pseudonym = hex::encode(random.concat());
        let eck_id = format!("https://ketenid.nl/201703/{pseudonym}");
        prop_assert!(!contains_bsn(&eck_id));
    }

    #[test]
    fn any_text_is_taken(text: String) {
        let _ = contains_bsn(&text);
    }
}
