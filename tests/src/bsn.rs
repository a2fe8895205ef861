//! A corpus about the citizen service number (C030): spellings of one, and ordinary Dutch sentences without one.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Numbers that pass the eleven-test and belong to nobody.
const NUMBERS: [&str; 5] = ["111222333", "123456782", "999990019", "000123456", "987654329"];

/// How the digits are grouped.
const GROUPS: [&[usize]; 8] =
    [&[9], &[3, 3, 3], &[4, 2, 3], &[2, 2, 2, 3], &[4, 5], &[3, 6], &[8, 1], &[1, 1, 1, 1, 1, 1, 1, 1, 1]];

/// What stands between groups.
const SEPARATORS: [&str; 16] = [
    " ", "  ", ".", "-", "/", ",", ", ", "_", ":", "\u{a0}", "\u{2009}", "\u{2013}", " - ", "\u{200b}",
    "\u{ad}", "|",
];

/// What stands around the number.
const SURROUNDINGS: [(&str, &str); 8] = [
    ("", ""),
    ("BSN", ""),
    ("Noor", "x"),
    ("bsn: ", "."),
    ("Groep 3, ", " is van Noor"),
    ("(", ")"),
    ("0", ""),
    ("geboren 14-05-2021, ", " om 14:30"),
];

/// The first digits of scripts, of which the others follow.
const ZEROS: [char; 6] = ['0', '\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}', '\u{1d7ce}'];

/// Two hundred spellings of citizen service numbers, each on one line.
pub fn spellings() -> Vec<String> {
    (0..200)
        .map(|index| {
            let number = NUMBERS[index % NUMBERS.len()];
            let groups = GROUPS[index % GROUPS.len()];
            let separator = SEPARATORS[index % SEPARATORS.len()];
            let (before, after) = SURROUNDINGS[index / GROUPS.len() % SURROUNDINGS.len()];
            // Digits of another script in each third, so that they meet every grouping.
            let zero = if index % 3 == 0 { ZEROS[index / 3 % ZEROS.len()] } else { '0' };
            format!("{before}{}{after}", in_script(&grouped(number, groups, separator), zero))
        })
        .collect()
}

fn grouped(number: &str, groups: &[usize], separator: &str) -> String {
    let mut rest = number;
    let parts: Vec<_> = groups
        .iter()
        .map(|length| {
            let (part, after) = rest.split_at(*length);
            rest = after;
            part
        })
        .collect();
    parts.join(separator)
}

fn in_script(text: &str, zero: char) -> String {
    let other = |c: char| c.to_digit(10).and_then(|value| char::from_u32(u32::from(zero) + value));
    text.chars().map(|c| other(c).unwrap_or(c)).collect()
}

/// What observations, agreements and addresses are written like; what stands in braces is filled in.
const SENTENCES: [&str; 24] = [
    "Op {date} heeft Noor {small} minuten met de blokken gespeeld en telde tot {small}.",
    "Moeder is bereikbaar op {mobile}, vader op {phone}.",
    "Het gezin woont op {house}, {postcode} in het dorp.",
    "Gesprek met ouders op {date} om {time}, daarna weer op {date} om {time}.",
    "Noor is van {short} en zit sinds {date} in groep {digit}.",
    "Ze sprong {digit} keer en haalde {small} van de {small} punten.",
    "De rekening van € {amount} is op {date} betaald.",
    "In schooljaar {year}-{next} zat ze {small} dagdelen in lokaal {digit}.",
    "Bel {mobile} of {abroad} als hij om {time} niet is opgehaald.",
    "De logopedist komt elke week van {time} tot {time}.",
    "Scores: {digit}, {digit}, {digit} en {digit}.",
    "Bij de meting van {date} was ze {length} cm en woog ze {weight} kg.",
    "Hij herkent de cijfers {digit} {digit} {digit} en {digit}.",
    "Zie het verslag van {date}, bladzijde {small}, punt {digit}.{digit}.",
    "Oma ({mobile}) haalt op {short} om {time} op.",
    "Adres: {house}, {postcode}. Telefoon: {phone}.",
    "Van {small} kinderen waren er {small} ziek, {percent}% dus.",
    "Op {iso} begon de gewenperiode, tot {iso}.",
    "Ze bouwt een toren van {small} blokken en legt {digit} x {digit} kralen.",
    "Overboeken naar {iban} voor {date}.",
    "Het toestel heeft nummer {serial} en staat in kast {digit}.",
    "De bijdrage is {amount} euro per maand, vanaf {date} {amount}.",
    "Fruit om {time}, eten om {time}, slapen tot {time}.",
    "Ze was {small} weken te vroeg en woog {grams} gram.",
];

/// Ten thousand ordinary sentences with dates, times, telephone numbers, postcodes, amounts and scores, the same ones
/// each time.
pub fn sentences() -> Vec<String> {
    let mut random = StdRng::seed_from_u64(2026);
    (0..10_000).map(|index| filled(SENTENCES[index % SENTENCES.len()], &mut random)).collect()
}

fn filled(sentence: &str, random: &mut StdRng) -> String {
    let mut parts = sentence.split('{');
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (kind, rest) = part.split_once('}').unwrap();
        text += &piece(kind, random);
        text += rest;
    }
    text
}

fn piece(kind: &str, random: &mut StdRng) -> String {
    let mut number = |from: u32, to: u32| random.random_range(from..=to);
    let (day, month, year) = (number(1, 28), number(1, 12), number(2018, 2027));
    let separator = ["-", "/", "."][number(0, 2) as usize];
    match kind {
        "date" => format!("{day:02}{separator}{month:02}{separator}{year}"),
        "short" => format!("{day}-{month}-{:02}", year % 100),
        "iso" => format!("{year}-{month:02}-{day:02}"),
        "time" => format!("{}{}{:02}", number(7, 18), [":", "."][number(0, 1) as usize], 5 * number(0, 11)),
        "mobile" => {
            let gap = ["-", " ", ""][number(0, 2) as usize];
            format!("06{gap}{}", number(10_000_000, 99_999_999))
        }
        "phone" => match number(0, 2) {
            0 => format!("020-{}", number(1_000_000, 9_999_999)),
            1 => format!("010 {} {:02} {:02}", number(100, 999), number(0, 99), number(0, 99)),
            _ => format!("0{}-{}", number(111, 599), number(100_000, 999_999)),
        },
        "abroad" => match number(0, 2) {
            0 => format!("+31 6 {}", number(10_000_000, 99_999_999)),
            1 => format!("+31 (0){} {}", number(10, 79), number(1_000_000, 9_999_999)),
            _ => format!("0032 {} {}", number(400, 499), number(100_000, 999_999)),
        },
        "postcode" => format!("{} {}B", number(1000, 9999), char::from(b'A' + number(0, 25) as u8)),
        "house" => format!("Beukenlaan {}", number(1, 250)),
        "amount" => format!("{}.{:03},{:02}", number(1, 99), number(0, 999), number(0, 99)),
        "year" => year.to_string(),
        // A school year that does not go on in the next one: it is written like one all the same.
        "next" => (year + 1).to_string(),
        "digit" => number(1, 9).to_string(),
        "small" => number(1, 40).to_string(),
        "percent" => format!("{},{}", number(1, 99), number(0, 9)),
        "length" => format!("{},{}", number(60, 130), number(0, 9)),
        "weight" => format!("{},{}", number(8, 30), number(0, 9)),
        "grams" => number(1500, 4500).to_string(),
        "iban" => {
            let (bank, account) = (number(10, 99), [number(100, 999), number(0, 9999), number(0, 99)]);
            format!("NL{bank} BANK 0{} {:04} {:02}", account[0], account[1], account[2])
        }
        "serial" => format!("{}-{}", number(100, 999), number(10_000, 99_999)),
        other => panic!("nothing is known of {other}"),
    }
}
