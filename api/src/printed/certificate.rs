//! A certificate of destruction on paper. What is signed is the JSON, which stands on the last page too.

use groeilijn_domain::retention::certificate::{NoCertificate, read};
use serde_json::Value;

use super::pages::{Line, pdf};

/// The PDF file of a certificate, and of the one of its completion if there is one.
///
/// # Errors
/// When one is no certificate.
pub(crate) fn certificate(certificate: &str, completion: Option<&str>) -> Result<Vec<u8>, NoCertificate> {
    let statement = read(certificate.as_bytes())?.statement;
    let mut lines = vec![Line::Heading("Certificaat van vernietiging".to_owned()), Line::Empty];
    let facts = [
        ("Instelling", "institutionId"),
        ("Vernietiging", "destructionId"),
        ("Begonnen (UTC)", "begunAt"),
        ("Vernietigd (UTC)", "destroyedAt"),
        ("Aantal", "count"),
        ("Laatste reservekopie weg op", "completeOn"),
    ];
    lines.extend(facts.map(|(name, member)| fact(name, &text(&statement, member))));
    if let Some(requested) = statement.get("requested").filter(|requested| !requested.is_null()) {
        lines.push(fact("Gevraagd door", &text(requested, "by")));
        lines.push(fact("Gevraagd op (UTC)", &text(requested, "at")));
        lines.push(fact("Goedgekeurd door", &text(requested, "approvedBy")));
    }
    for (name, member) in [("Logboek ervoor", "auditBefore"), ("Logboek erna", "auditAfter")] {
        let checkpoint = statement.get(member).cloned().unwrap_or_default();
        lines.push(fact(
            name,
            &format!("{} regels, {}", text(&checkpoint, "size"), text(&checkpoint, "root")),
        ));
    }
    lines.push(Line::Empty);
    lines.push(Line::Heading("Wat is vernietigd".to_owned()));
    for destroyed in statement.get("destroyed").and_then(Value::as_array).into_iter().flatten() {
        lines.push(Line::Text(format!(
            "{} {}  {}  {}",
            text(destroyed, "kind"),
            text(destroyed, "id"),
            text(destroyed, "rule"),
            text(destroyed, "dueOn")
        )));
    }
    lines.extend([
        Line::Empty,
        Line::Heading("Wat is ondertekend".to_owned()),
        Line::Text(certificate.to_owned()),
    ]);
    if let Some(completion) = completion {
        read(completion.as_bytes())?;
        lines.extend([Line::Empty, Line::Heading("Certificaat van voltooiing".to_owned())]);
        lines.push(Line::Text(completion.to_owned()));
    }
    Ok(pdf(&lines))
}

fn fact(name: &str, value: &str) -> Line {
    Line::Text(format!("{name:<30}{value}"))
}

fn text(value: &Value, member: &str) -> String {
    match value.get(member) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
