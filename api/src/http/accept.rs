//! Content negotiation: can the reply be what the client asks for (RFC 9110, section 12.5.1)?

use actix_web::HttpRequest;
use actix_web::http::header;

use super::problem::Problem;
use super::problem_kind::ProblemKind;

/// Checks that a client accepts one of the media types that an operation can reply with.
///
/// # Errors
/// 406 when it accepts none of them.
pub fn check(request: &HttpRequest, produces: &[&str]) -> Result<(), Problem> {
    let accepted = accepted(request);
    if produces.iter().any(|media_type| liking(&accepted, media_type) > 0.0) {
        return Ok(());
    }
    Err(Problem::of(ProblemKind::NotAcceptable))
}

/// The media type that the client likes best of these; the first one of those that it likes as much.
pub fn preferred(request: &HttpRequest, produces: &[&'static str]) -> Option<&'static str> {
    best(&accepted(request), produces)
}

/// All `Accept` values as one list. One that is no text accepts nothing.
fn accepted(request: &HttpRequest) -> String {
    let values = request.headers().get_all(header::ACCEPT);
    values.map(|value| value.to_str().unwrap_or("-")).collect::<Vec<_>>().join(",")
}

fn best(accept: &str, produces: &[&'static str]) -> Option<&'static str> {
    let liked = produces.iter().map(|media_type| (*media_type, liking(accept, media_type)));
    // Of several maxima `max_by` has the last one.
    let best = liked.filter(|(_, weight)| *weight > 0.0).rev().max_by(|one, other| one.1.total_cmp(&other.1));
    best.map(|(media_type, _)| media_type)
}

/// The weight that the list gives to a media type: that of the most specific range that covers it, and 0 without one. An empty
/// list asks for nothing in particular.
fn liking(accept: &str, media_type: &str) -> f32 {
    if accept.trim().is_empty() {
        return 1.0;
    }
    let kind = media_type.split_once('/').map_or(media_type, |(kind, _)| kind);
    let specificity = |range: &str| match range.split_once('/') {
        Some(("*", "*")) => Some(1),
        Some((main, "*")) if main.eq_ignore_ascii_case(kind) => Some(2),
        _ if range.eq_ignore_ascii_case(media_type) => Some(3),
        _ => None,
    };
    accept
        .split(',')
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let specificity = specificity(parts.next()?)?;
            Some((specificity, parts.filter_map(weight).fold(1.0, f32::min)))
        })
        .max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))
        .map_or(0.0, |(_, weight)| weight)
}

/// The items of a list such as `gzip;q=0.5, *`, each with its weight: 1 where it names none, 0 where that is not from 0 to 1.
pub(super) fn weighted(list: &str) -> impl Iterator<Item = (&str, f32)> {
    list.split(',').filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let weights =
            parts.filter_map(|parameter| parameter.split_once('=')).filter(|(name, _)| is_weight(name));
        let read = |value: &str| value.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight));
        Some((name, weights.map(|(_, value)| read(value).unwrap_or_default()).fold(1.0, f32::min)))
    })
}

fn is_weight(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("q")
}

fn weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    is_weight(name).then(|| value.trim().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(accept: &str, produces: &[&'static str]) -> bool {
        best(accept, produces).is_some()
    }

    #[test]
    fn ranges_and_weights_are_honoured() {
        let json = &["application/json"];
        for accept in
            ["*/*", "application/json", "application/*", "text/html, */*;q=0.1", "Application/JSON; q=1", ""]
        {
            assert!(accepts(accept, json), "{accept}");
        }
        for accept in [
            "text/html",
            "application/json;q=0",
            "*/*, application/json;q=0.0",
            "application/xml, text/*",
            "-",
        ] {
            assert!(!accepts(accept, json), "{accept}");
        }
        assert!(accepts("text/css", &["text/html", "text/css"]));
    }

    #[test]
    fn what_is_liked_best_is_preferred_and_the_first_of_equals() {
        let forms = &["application/json", "image/svg+xml", "text/csv"];
        for (accept, expected) in [
            ("", "application/json"),
            ("*/*", "application/json"),
            ("image/svg+xml", "image/svg+xml"),
            ("image/*, */*;q=0.1", "image/svg+xml"),
            ("text/csv;q=0.4, application/json;q=0.3", "text/csv"),
            ("text/csv, application/json", "application/json"),
            ("*/*;q=0.5, application/json;q=0", "image/svg+xml"),
        ] {
            assert_eq!(best(accept, forms), Some(expected), "{accept}");
        }
        assert_eq!(best("text/html", forms), None);
    }
}
