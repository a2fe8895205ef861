//! What counts as a citizen service number, and what does not (C030).

use proptest::prelude::*;

use uuid::Builder;

use super::*;

/// 200 spellings of numbers that pass the eleven-test.
const SPELLINGS: &str = include_str!("spellings.json");

#[test]
fn c030_it_is_refused_in_each_of_200_spellings() {
    let spellings: Vec<String> = serde_json::from_str(SPELLINGS).unwrap();
    assert!(spellings.len() >= 200);
    let passed: Vec<&String> = spellings.iter().filter(|text| !contains_bsn(text)).collect();
    assert!(passed.is_empty(), "{} pass: {passed:?}", passed.len());
}

#[test]
fn c030_a_date_or_a_time_hides_none() {
    for text in [
        "11-12-22 333",
        "11/12/22 333",
        "11.12.22, 333",
        "11:12:22 333",
        "11:12:22.333",
        "11:12:22:333",
        "1:11:22:23:33",
        "11-12-'22 333",
        "11u12 22 333",
        "11:12 22 333",
        "1112 22:33 3",
        "111 22:23 33",
        "geboren 14-05-2021, 11-12-22 333 om 14:30",
    ] {
        assert!(contains_bsn(text), "{text}");
    }
    for text in [
        "11-12-22",
        "11:12:22",
        "11:12-22:33, 3",
        "Groep 3, 11:22-23:33",
        "11-12-22 3:33",
        "2026-11-21T11:12:22.333Z",
        "2026-11-21 11:12:22.333",
        "van 11:12:22 tot 333",
    ] {
        assert!(!contains_bsn(text), "{text}");
    }
}

#[test]
fn finds_it_in_every_usual_layout() {
    for text in [
        "111222333",
        "bsn: 111222333.",
        "(123456782)",
        "naam;123456782;2021-03-04",
        "1,123456782",
        "111.222.333",
        "111 222 333",
        "111-222-333",
        "1112.22.333",
        "1112 22 333",
        "1112-22-333",
        "Groep 2, 1112\u{a0}22\u{a0}333 dus",
        "https://voorbeeld.example/123456782",
        "BSN111222333",
        "Noor111222333",
        "111222333Noor",
        "0111222333",
        "00111222333",
        "0111.222.333",
        "111  222  333",
        "111\t222\t333",
        "111\n222\n333",
        "111/222/333",
        "111, 222, 333",
        "111\u{2013}222\u{2013}333",
        "111\u{2009}222\u{2009}333",
        "111.222-333",
        "11-12-22333",
        "1-1-1-2-2-2-3-3-3",
        "1\u{200b}1\u{200b}1222333",
        "111\u{ad}222\u{2060}333",
        "\u{ff11}\u{ff11}\u{ff11}\u{ff12}\u{ff12}\u{ff12}\u{ff13}\u{ff13}\u{ff13}",
        "\u{661}\u{661}\u{661}\u{662}\u{662}\u{662}\u{663}\u{663}\u{663}",
        "\u{2460}\u{2460}\u{2460}\u{2461}\u{2461}\u{2461}\u{2462}\u{2462}\u{2462}",
        "\u{2776}\u{2776}\u{2776}\u{2777}\u{2777}\u{2777}\u{2778}\u{2778}\u{2778}",
        "1\u{fe0f}\u{20e3}11222333",
        "geboren 14-05-2021 111222333",
        "groep 3 111222333 om 14:30",
        "tel. 06-12345678, 111.222-333",
        "209  -  494  -  177",
        "⑪⑫㉒㉝3",
        "01999999-0000-7000-8000-000111222333",
        "00000000000000000000000111222333",
    ] {
        assert!(contains_bsn(text), "{text}");
    }
}

#[test]
fn leaves_other_numbers_alone() {
    for text in [
        "",
        "000000000",
        "111222334",
        "1112223330",
        "0612345678",
        "+31 123456782",
        "+31 111 222 333",
        "0031-111-222-333",
        "2026-11-21",
        "2026-11-21T10:00:05.123456782+01:00",
        "2026-11-21 10:00:05.123456782",
        "2026-2027-1",
        "11122233-3111-4222-8333-111222333444",
        "01999999-0000-7000-8000-000000000001",
        "00f067aa0ba902b711122233300f067a",
        "NL91 ABNA 0417 1643 00",
        "NL91ABNA0417164300",
        "06-12345678",
        "06 12 34 56 78",
        "+31 (0)6 12345678",
        "020-1234567",
        "(020) 123 45 67",
        "0111-222 333",
        "06-12.34.56.72",
        "111 ....... 222 ....... 333",
        "14 05 2021 3",
        "14/05/2021, 3",
        "12.05.21 123",
        "1 en 11222333",
        "1112 is 22 en 333",
        "111 -- -- 222 333",
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

prop_compose! {
    fn valid()(digits in prop::array::uniform8(0u32..10)) -> Option<[u32; 9]> {
        let sum: u32 = digits.iter().zip((2u32..=9).rev()).map(|(digit, weight)| digit * weight).sum();
        let mut nine = [0; 9];
        nine[..8].copy_from_slice(&digits);
        nine[8] = sum % 11;
        (nine[8] < 10 && nine.iter().any(|&digit| digit != 0)).then_some(nine)
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
        let uuid = Builder::from_random_bytes(random).into_uuid();
        prop_assert!(!contains_bsn(&uuid.to_string()));
        prop_assert!(!contains_bsn(&uuid.simple().to_string()));
    }

    #[test]
    fn an_eck_id_never_counts_as_one(random: [[u8; 32]; 2]) {
        let eck_id = format!("https://ketenid.nl/201703/{}", hex::encode(random.concat()));
        prop_assert!(!contains_bsn(&eck_id));
    }

    #[test]
    fn any_text_is_taken(text: String) {
        let _ = contains_bsn(&text);
    }
}
