//! The draft of a notice to the authority on paper, in the order of its form.

use serde_json::Value;

use super::pages::{Line, pdf};

/// The sections of the form, with the member of the draft that each is made of.
const SECTIONS: [(&str, &str); 10] = [
    ("Over deze melding", "about"),
    ("Contactgegevens en andere organisaties", "contacts"),
    ("Tijdlijn (UTC)", "timeline"),
    ("De inbreuk", "breach"),
    ("Persoonsgegevens", "personalData"),
    ("Betrokkenen", "people"),
    ("Maatregelen vooraf", "measuresBefore"),
    ("Gevolgen", "consequences"),
    ("Vervolg en informeren van betrokkenen", "followUp"),
    ("Overig", "other"),
];

/// What the members are called in Dutch; one that is not here is printed under its own name.
const NAMES: &[(&str, &str)] = &[
    ("affected", "Wie en in welke mate"),
    ("at", "Moment"),
    ("atProcessor", "Bij een verwerker"),
    ("by", "Melder"),
    ("caseId", "Zaak"),
    ("cause", "Oorzaak"),
    ("causeExplained", "Toelichting op de oorzaak"),
    ("channel", "Kanaal"),
    ("childcareNumber", "LRK-nummer"),
    ("class", "Soort gegevens"),
    ("contactPersons", "Contactpersonen"),
    ("deadline", "Uiterlijk te melden (UTC)"),
    ("degree", "Mate"),
    ("delayReason", "Reden van de vertraging"),
    ("email", "E-mailadres"),
    ("findings", "Bevindingen"),
    ("forSeveralInstitutions", "Voor meerdere instellingen"),
    ("foundAt", "Ontdekt"),
    ("grounds", "Gronden"),
    ("group", "Groep"),
    ("highRiskSince", "Hoog risico vermoed sinds"),
    ("how", "Hoe"),
    ("incidentId", "Incident"),
    ("informed", "Aan betrokkenen verteld"),
    ("institution", "Instelling"),
    ("isLate", "Na de 72 uur"),
    ("item", "Onderdeel"),
    ("kind", "Soort"),
    ("knownAt", "Bekend"),
    ("knownOn", "Bekend op"),
    ("least", "Minimaal aantal"),
    ("measures", "Maatregelen"),
    ("most", "Maximaal aantal"),
    ("name", "Naam"),
    ("nature", "Aard"),
    ("notYetKnown", "Nog niet bekend"),
    ("notifiedAt", "Gemeld"),
    ("number", "Nummer of aantal"),
    ("occurredAt", "Gebeurd"),
    ("peopleDecision", "Besluit over betrokkenen"),
    ("securityParts", "Onderdeel van de beveiliging"),
    ("stage", "Stap"),
    ("stages", "Stappen"),
    ("summary", "Samenvatting"),
    ("supplements", "Aanvulling op een melding"),
    ("text", "Tekst"),
    ("wasChanged", "Gewijzigd"),
    ("wasCopied", "Gekopieerd"),
    ("wasDeleted", "Verwijderd"),
    ("wasRead", "Ingezien"),
    ("wasStolen", "Gestolen"),
    ("what", "Welke gegevens"),
];

/// The PDF file of a draft, as its JSON has it.
pub(crate) fn authority_draft(draft: &Value) -> Vec<u8> {
    let mut lines =
        vec![Line::Heading("Concept van een melding aan de Autoriteit Persoonsgegevens".to_owned())];
    for (title, member) in SECTIONS {
        lines.extend([Line::Empty, Line::Heading(title.to_owned())]);
        let value = draft.get(member).unwrap_or(&Value::Null);
        write(value, 0, &mut lines);
    }
    lines.extend([Line::Empty, Line::Heading("Nog in te vullen".to_owned())]);
    write(draft.get("missing").unwrap_or(&Value::Null), 0, &mut lines);
    pdf(&lines)
}

/// Writes a value, each member on a line of its own and what is inside of one further to the right.
fn write(value: &Value, depth: usize, lines: &mut Vec<Line>) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let called =
                    NAMES.iter().find(|(known, _)| known == name).map_or(name.as_str(), |known| known.1);
                if let Some(text) = in_one_place(member) {
                    lines.extend(text.lines().enumerate().map(|(number, text)| {
                        let called = if number == 0 { format!("{called}: ") } else { "  ".to_owned() };
                        Line::Text(format!("{indent}{called}{text}"))
                    }));
                } else {
                    lines.push(Line::Text(format!("{indent}{called}:")));
                    write(member, depth + 1, lines);
                }
            }
        }
        Value::Array(items) if items.is_empty() => lines.push(Line::Text(format!("{indent}-"))),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                lines.push(Line::Text(format!("{indent}{}.", place + 1)));
                write(item, depth + 1, lines);
            }
        }
        simple => {
            let text = in_one_place(simple).unwrap_or_default();
            lines.extend(text.lines().map(|text| Line::Text(format!("{indent}{text}"))));
        }
    }
}

/// The text of a value that has no parts.
fn in_one_place(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("-".to_owned()),
        Value::Bool(answer) => Some(if *answer { "ja" } else { "nee" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn c127_the_draft_is_printed_in_the_order_of_the_form() {
        let draft = json!({
            "about": {"supplements": false, "number": null}, "breach": {"how": "Een\ntwee", "securityParts": ["integrity"]},
            "measuresBefore": "Versleuteld.", "missing": ["data"],
        });
        let file = authority_draft(&draft);
        let text = String::from_utf8_lossy(&file);
        let title = |title: &str| title.trim_end_matches(" (UTC)").to_owned();
        let places: Vec<_> =
            SECTIONS.iter().map(|section| text.find(&format!("({}", title(section.0))).unwrap()).collect();
        assert!(places.is_sorted(), "{places:?}");
        for line in [
            "Aanvulling op een melding: nee",
            "Nummer of aantal: -",
            "Hoe: Een",
            "  twee",
            "  integrity",
            "Versleuteld.",
        ] {
            assert!(text.contains(line), "{line}");
        }
    }

    #[test]
    fn names_are_in_order_and_none_twice() {
        assert!(NAMES.is_sorted_by(|one, other| one.0 < other.0));
    }
}
