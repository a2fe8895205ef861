//! Ordinary Dutch sentences with numbers in them, in which no citizen service number stands (C030).

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::bsn::grouped;

/// How many.
const COUNT: usize = 10_000;

/// Eight digits in pairs.
const PAIRS: [usize; 4] = [2, 2, 2, 2];

/// What observations, agreements, letters and addresses are written like; what stands in braces is filled in.
const TEMPLATES: &[&str] = &[
    "Op {date} heeft {name} {small} minuten met de blokken gespeeld en telde tot {small}.",
    "Op {day} telde {name} tot {small} en bouwde een toren van {small} blokken.",
    "{name} is geboren op {date} en zit sinds {date} in groep {digit}.",
    "{name} (geb. {date}, {digit} jaar) werkt aan doel {digit}.{digit}.{digit}.",
    "{name}, {digit};{small} jaar, praat in zinnen van {digit} tot {digit} woorden.",
    "Geboortedatum {date}, geboortegewicht {thousands} gram, {small} weken.",
    "Ze was {small} weken te vroeg en woog {thousands} gram.",
    "Weegt {decimal} kg en is {hundreds} cm lang (gemeten {date}).",
    "Bij de meting van {date} was ze {decimal} cm en woog ze {decimal} kg.",
    "Lengte {hundreds}, gewicht {decimal}, schoenmaat {small}, {date}.",
    "Moeder is bereikbaar op {mobile}, vader op {landline}.",
    "Gesprek met moeder op {date} om {time} uur, zij is bereikbaar op {mobile}.",
    "Vader belt terug: {mobile} of op het werk {landline}.",
    "Bel {mobile} of {abroad} als hij om {time} niet is opgehaald.",
    "Bel {landline} voor {time}, anders {mobile}.",
    "Tel. {landline}, mob. {mobile}.",
    "Oma ({mobile}) haalt op {date} om {time} op.",
    "Noodnummers: {mobile} / {mobile} / {landline}.",
    "Huisarts: {landline}, tandarts: {landline}, GGD: {landline}.",
    "Opa woont in het buitenland en is te bellen op {abroad}.",
    "Afspraak: {date} {time} uur, lokaal {room}, telefoon {abroad}.",
    "Nieuw nummer van vader per {date}: {mobile}",
    "Contact: {landline} (van {time} tot {time}), daarna {mobile}.",
    "Het gezin woont op {house}, {postcode} in het dorp.",
    "Het gezin woont aan de {house}, {postcode} Verzonnen.",
    "Verhuisd naar {house}, {postcode}; nieuw nummer {landline}.",
    "Adres: {house}, {postcode}. Telefoon: {landline}.",
    "Per {date} verhuist {name} naar {house}, {postcode}.",
    "Ophaaladres is {house} ({postcode}), vanaf {time}.",
    "Gesprek met ouders op {date} om {time}, daarna weer op {date} om {time}.",
    "Observatie {date}, {time}: {name} deelt {small} auto's met twee kinderen.",
    "Observatie {date} {time}-{time}, groep {digit}, {small} kinderen.",
    "{date}, {time}: {name} speelt {small} minuten alleen.",
    "{name} speelde van {time} tot {time} in de bouwhoek en daarna tot {time} buiten.",
    "Kwam om {time} binnen, at om {time} en sliep van {time} tot {time}.",
    "Fruit om {time}, eten om {time}, slapen tot {time}.",
    "De logopedist komt elke week van {time} tot {time}.",
    "Logopedie: ma {time}-{time}, do {time}-{time}.",
    "Rooster: {time} - {time} kring, {time} - {time} buiten, {time} - {time} eten.",
    "Groep {digit}, {time} - {time}, lokaal {room}.",
    "Temperatuur {time}: {decimal}, {time}: {decimal}, {time}: {decimal}.",
    "Fles van {hundreds} ml om {time}, {hundreds} ml om {time}.",
    "Paracetamol {hundreds} mg om {time}, weer om {time} (max. {digit}x {hundreds} mg).",
    "Zwemles op {date}, {date} en {date}, telkens {time}.",
    "Afwezig: {date}, {date} t/m {date}, {date}.",
    "Tussen {day} en {day} was {name} {small} dagen ziek.",
    "Ziek van {date} tot {date}, terug om {time}.",
    "Op {date} begon de gewenperiode, tot {date}.",
    "Vakantie {date} - {date}, studiedag {date}.",
    "Periode: {date}/{date}, week {small}-{small}.",
    "Evaluatie na {small} weken ({date}), herhalen op {date} om {time}.",
    "Scores: {digit}, {digit}, {digit} en {digit}.",
    "Scores van deze week: {small}, {small}, {small}, {small} en {small}.",
    "Scores {digit}-{digit}-{digit}-{digit}, gemiddeld {decimal}.",
    "De toets van {date}: {small}/{small}, {small}/{small} en {small}/{small} goed.",
    "Toets {date}: {percent}, vorige keer {percent}, norm {percent}.",
    "Ze sprong {digit} keer en haalde {small} van de {small} punten.",
    "Cito M{digit} score {hundreds}, E{digit} score {hundreds}, vaardigheid {small}.",
    "{name} heeft {small} van de {small} woorden goed, {percent}.",
    "Hij herkent de cijfers {digit} {digit} {digit} en {digit}.",
    "{name} kent de cijfers {small}, {small} en {small}, en schrijft haar naam.",
    "Telt vooruit: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 en slaat {small} over.",
    "Telt terug: 10 9 8 7 6 5 4 3 2 1.",
    "Zegt de tafel van {digit}: {digit}, {small}, {small}, {small}.",
    "Ze bouwt een toren van {small} blokken en legt {digit} x {digit} kralen.",
    "Gooit met de dobbelsteen {digit}, {digit} en {digit}; samen {small}.",
    "Legt de getallen {small} {small} {small} op volgorde.",
    "Speelt verstoppertje en roept: {small}, {small}, {small}, ik kom!",
    "Nummers van de puzzels: {hundreds}, {hundreds} en {small}.",
    "Van {small} kinderen waren er {small} ziek, {percent} dus.",
    "Er waren {thousands} bezoekers; de opbrengst was {amount}.",
    "Groep {digit}: {small} kinderen, {small} dagdelen, {hundreds} minuten per week.",
    "In schooljaar {schoolyear} zat ze {small} dagdelen in lokaal {room}.",
    "In het schooljaar {schoolyear} ging het beter dan in {schoolyear}.",
    "Rapport {schoolyear}, periode {digit}, blz. {small}.",
    "Ontwikkeling {months}-{months} mnd, fase {digit} van {digit}.",
    "Leeftijd {digit} jaar en {small} maanden; ontwikkelingsleeftijd {digit};{small}.",
    "De rekening van {amount} is op {date} betaald.",
    "De bijdrage van {amount} is op {date} betaald, de volgende is {amount}.",
    "De bijdrage is {amount} per maand, vanaf {date} {amount}.",
    "Factuur {year}-{hundreds} van {date}: {amount} voor {small} dagdelen.",
    "Factuurnummer {serial}, {date}, {amount}.",
    "Overboeken naar {iban} voor {date}.",
    "Graag {amount} op {iban} onder vermelding van {serial}.",
    "Ouderbijdrage: {small} x {amount} = {amount}, te voldoen op {iban}.",
    "Uurtarief {amount}, {decimal} uur per week, {amount} per jaar.",
    "Zie het verslag van {date}, bladzijde {small}, punt {digit}.{digit}.",
    "Zie het verslag van {date}, bladzijde {hundreds} tot {hundreds}.",
    "Zie hoofdstuk {digit}.{digit}, p. {hundreds}-{hundreds}.",
    "Leerlingnummer {key}, overgenomen op {date} om {time}.",
    "Dossier {serial} geopend op {date}, {time}.",
    "Het toestel heeft nummer {serial} en staat in kast {digit}.",
    "Kluisje {hundreds}, sleutel {small}, lokaal {room}.",
    "Maat {small}, schoenmaat {small}, kluisje {hundreds}.",
    "Route: buslijn {small}, halte {hundreds}, aankomst {time}, {postcode}.",
    "Bus {hundreds} van {time}, trein van {time}, spoor {digit}{letter}.",
    "Lokaal {room} is bezet van {time} tot {time}; uitwijken naar {room}.",
    "Overleg {date}, {time}, kamer {room}, {small} aanwezigen.",
    "Verzekerd bij polis {serial}, {landline}.",
    "Prik gehad op {date} en {date}, volgende {date}.",
    "Vandaag geen bijzonderheden bij {name}, vrolijk en nieuwsgierig.",
    "Vanaf {time} waren er {digit} begeleiders op {small} kinderen, in {room} en {room}.",
    "Artikel {digit}, lid {digit}, van {day}.",
    "{small} kinderen in groep {digit}, {small} in groep {digit}, samen {small}.",
    "Recept: {hundreds} g meel, {small} eieren, {hundreds} ml melk, {hundreds} graden, {small} min.",
    "Reken na: {small} + {small} = {small}, {small} - {digit} = {small}.",
    "Code van de deur is {thousands}, alarm {thousands}.",
    "Wifi in {room}, wachtwoord op de kaart, helpdesk {landline} ({time}-{time}).",
];

/// Ten thousand sentences, each third followed by another: the same ones each time.
pub fn sentences() -> Vec<String> {
    let mut random = StdRng::seed_from_u64(2026);
    let mut one = || {
        let template = TEMPLATES[random.random_range(0..TEMPLATES.len())];
        filled(template, &mut random)
    };
    (0..COUNT).map(|index| if index % 3 == 0 { format!("{} {}", one(), one()) } else { one() }).collect()
}

fn filled(template: &str, random: &mut StdRng) -> String {
    let mut parts = template.split('{');
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (kind, rest) = part.split_once('}').unwrap();
        text += &piece(kind, &mut |from, to| random.random_range(from..=to));
        text += rest;
    }
    text
}

/// What stands for `kind`; `n` gives a number from its first to its second argument.
fn piece(kind: &str, n: &mut impl FnMut(u32, u32) -> u32) -> String {
    match kind {
        "name" => one_of(&["Noor", "Daan", "Fien", "Sam", "Milan", "Yara"], n).to_owned(),
        "digit" => n(1, 9).to_string(),
        "small" => n(1, 40).to_string(),
        "hundreds" => n(41, 999).to_string(),
        "thousands" => n(1_000, 9_999).to_string(),
        "months" => n(0, 96).to_string(),
        "year" => n(2018, 2027).to_string(),
        "letter" => letter(n).to_string(),
        "decimal" => format!("{},{}", n(8, 130), n(0, 9)),
        "percent" => match n(0, 2) {
            0 => format!("{}%", n(1, 100)),
            1 => format!("{},{}%", n(1, 99), n(0, 9)),
            _ => format!("{} procent", n(1, 100)),
        },
        "date" => date(n),
        "day" => format!("{} {}{}", n(1, 31), month(n), one_of(&["", " 2025", " 2026", " '26"], n)),
        "schoolyear" => {
            let year = n(2018, 2027);
            match n(0, 3) {
                0 => format!("{year}/{}", year + 1),
                1 => format!("{year}/{:02}", (year + 1) % 100),
                2 => format!("'{:02}-'{:02}", year % 100, (year + 1) % 100),
                _ => format!("{year}-{}", year + 1),
            }
        }
        "time" => time(n),
        "mobile" => mobile(n),
        "landline" => landline(n),
        "abroad" => abroad(n),
        "postcode" => {
            format!("{}{}{}{}", n(1000, 9999), one_of(&["", " ", "  "], n), letter(n), letter(n))
        }
        "house" => {
            let street = one_of(&["Beukenlaan", "Dorpsstraat", "Plein 1940-1945", "Laan van 2000"], n);
            format!(
                "{street} {}{}",
                n(1, 400),
                one_of(&["", "", "", "a", "-2", "-14", " hs", " bis", "/3", " II"], n)
            )
        }
        "room" => match n(0, 4) {
            0 => n(1, 30).to_string(),
            1 => format!("{}.{:02}", n(0, 4), n(1, 30)),
            2 => format!("{}{}", letter(n), n(100, 399)),
            3 => format!("{}-{:02}", n(0, 4), n(1, 30)),
            _ => n(100, 399).to_string(),
        },
        "amount" => amount(n),
        "iban" => {
            let (check, bank) = (n(10, 99), one_of(&["BANK", "FICT", "NEPB"], n));
            let digits = format!("0{:03}{:03}{:03}", n(0, 999), n(0, 999), n(0, 999));
            match n(0, 1) {
                0 => format!("NL{check}{bank}{digits}"),
                _ => format!("NL{check} {bank} {}", grouped(&digits, &[4, 4, 2], " ")),
            }
        }
        "serial" => match n(0, 4) {
            0 => format!("{}-{}", n(100, 999), n(10_000, 99_999)),
            1 => format!("{}.{:04}", n(2018, 2027), n(0, 9999)),
            2 => format!("{}{}{}", letter(n), letter(n), n(100_000, 999_999)),
            3 => format!("{}/{}/{}", n(18, 27), n(100, 999), n(1, 9)),
            _ => n(10_000, 9_999_999).to_string(),
        },
        "key" => one_of(&["L", "", ""], n).to_owned() + &n(1_000, 99_999_999).to_string(),
        other => panic!("nothing is known of {other}"),
    }
}

fn one_of<'a>(choices: &[&'a str], n: &mut impl FnMut(u32, u32) -> u32) -> &'a str {
    choices[n(1, choices.len() as u32) as usize - 1]
}

fn letter(n: &mut impl FnMut(u32, u32) -> u32) -> char {
    char::from(b'A' + n(0, 25) as u8)
}

fn month(n: &mut impl FnMut(u32, u32) -> u32) -> &'static str {
    one_of(&["januari", "jan.", "maart", "mei", "juni", "sept.", "oktober", "december"], n)
}

fn date(n: &mut impl FnMut(u32, u32) -> u32) -> String {
    let (day, month_number, year) = (n(1, 28), n(1, 12), n(2018, 2027));
    match n(0, 11) {
        0 | 1 => format!("{day}-{month_number}-{year}"),
        2 | 3 => format!("{day:02}-{month_number:02}-{year}"),
        4 => format!("{day:02}/{month_number:02}/{year}"),
        5 => format!("{day}.{month_number}.{year}"),
        6 => format!("{day:02}-{month_number:02}-{:02}", year % 100),
        7 => format!("{day}-{month_number}-{:02}", year % 100),
        8 => format!("{day}-{month_number}-'{:02}", year % 100),
        9 => format!("{year}-{month_number:02}-{day:02}"),
        10 => format!("{day}{}{month_number}", one_of(&["-", "/"], n)),
        _ => format!("{day} {} {year}", month(n)),
    }
}

fn time(n: &mut impl FnMut(u32, u32) -> u32) -> String {
    let (hour, minute) = (n(7, 18), 5 * n(0, 11));
    match n(0, 9) {
        0..=3 => format!("{hour}:{minute:02}"),
        4 => format!("{hour:02}:{minute:02}"),
        5 | 6 => format!("{hour}.{minute:02}"),
        7 => format!("{hour:02}.{minute:02}"),
        8 => format!("{hour}u{minute:02}"),
        _ => format!("{hour}:{minute:02}:{:02}", n(0, 59)),
    }
}

fn mobile(n: &mut impl FnMut(u32, u32) -> u32) -> String {
    let digits = n(10_000_000, 99_999_999).to_string();
    match n(0, 6) {
        0 | 1 => format!("06-{digits}"),
        2 => format!("06{digits}"),
        3 => format!("06 {digits}"),
        4 => format!("06 {}", grouped(&digits, &PAIRS, " ")),
        5 => format!("06 - {}", grouped(&digits, &[4, 4], " ")),
        _ => format!("06-{}", grouped(&digits, &PAIRS, ".")),
    }
}

fn landline(n: &mut impl FnMut(u32, u32) -> u32) -> String {
    let (short, long) = (format!("0{}", n(10, 79)), format!("0{}", n(111, 599)));
    let (seven, six) = (n(1_000_000, 9_999_999).to_string(), n(100_000, 999_999).to_string());
    match n(0, 9) {
        0 | 1 => format!("{short}-{seven}"),
        2 => format!("{short} {}", grouped(&seven, &[3, 2, 2], " ")),
        3 => format!("{short}-{}", grouped(&seven, &[3, 4], " ")),
        4 => format!("({short}) {seven}"),
        5 => format!("({short}) {}", grouped(&seven, &[3, 2, 2], " ")),
        6 => format!("{long}-{six}"),
        7 => format!("{long} {six}"),
        8 => format!("{long}-{}", grouped(&six, &[3, 3], " ")),
        _ => format!("{short}{seven}"),
    }
}

fn abroad(n: &mut impl FnMut(u32, u32) -> u32) -> String {
    let digits = n(10_000_000, 99_999_999).to_string();
    let (_, seven) = digits.split_at(1);
    match n(0, 6) {
        0 => format!("+31 6 {digits}"),
        1 => format!("+316{digits}"),
        2 => format!("+31 (0)6 {}", grouped(&digits, &[4, 4], " ")),
        3 => format!("0031 6 {digits}"),
        4 => format!("+31 (0){} {seven}", grouped(&digits, &[2], "")),
        5 => format!("0032 4{}", grouped(&digits, &PAIRS, " ")),
        _ => format!("+49 {} {seven}", grouped(&digits, &[3], "")),
    }
}

fn amount(n: &mut impl FnMut(u32, u32) -> u32) -> String {
    match n(0, 6) {
        0 => format!("€ {},{:02}", n(1, 999), n(0, 99)),
        1 => format!("€{},{:02}", n(1, 999), n(0, 99)),
        2 => format!("€ {}.{:03},{:02}", n(1, 99), n(0, 999), n(0, 99)),
        3 => format!("€ {},-", n(5, 500)),
        4 => format!("{} euro", n(1, 2000)),
        5 => format!("EUR {}.{:02}", n(1, 999), n(0, 99)),
        _ => format!("{},{:02} euro", n(1, 999), n(0, 99)),
    }
}
