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
    let mut values = request.headers().get_all(header::ACCEPT).peekable();
    if values.peek().is_none() || values.any(|value| value.to_str().is_ok_and(|text| accepts(text, produces)))
    {
        return Ok(());
    }
    Err(Problem::of(ProblemKind::NotAcceptable))
}

/// Whether one `Accept` value admits one of the media types. An empty value asks for nothing in particular.
fn accepts(accept: &str, produces: &[&str]) -> bool {
    accept.trim().is_empty() || produces.iter().any(|media_type| admits(accept, media_type))
}

/// The most specific range that covers the media type decides; a weight of 0 excludes it.
fn admits(accept: &str, media_type: &str) -> bool {
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
            let wanted = parts.filter_map(weight).all(|weight| weight > 0.0);
            Some((specificity, wanted))
        })
        .max()
        .is_some_and(|(_, wanted)| wanted)
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
    use super::accepts;

    #[test]
    fn ranges_and_weights_are_honoured() {
        let json = &["application/json"];
        for accept in
            ["*/*", "application/json", "application/*", "text/html, */*;q=0.1", "Application/JSON; q=1", ""]
        {
            assert!(accepts(accept, json), "{accept}");
        }
        for accept in
            ["text/html", "application/json;q=0", "*/*, application/json;q=0.0", "application/xml, text/*"]
        {
            assert!(!accepts(accept, json), "{accept}");
        }
        assert!(accepts("text/css", &["text/html", "text/css"]));
    }
}
