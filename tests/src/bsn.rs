//! Spellings of citizen service numbers (C030).

/// Two hundred spellings as people and programs write them.
pub fn spellings() -> Vec<String> {
    serde_json::from_str(include_str!("../../domain/src/values/bsn/spellings.json")).unwrap()
}

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

/// Two hundred more, of which each has one way of grouping, one separator and something around it.
pub fn combined_spellings() -> Vec<String> {
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

/// The first digits of a number in groups of these lengths.
pub(crate) fn grouped(number: &str, groups: &[usize], separator: &str) -> String {
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
