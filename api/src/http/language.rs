//! The language of what is told to people (RFC 9110, section 12.5.4): Dutch or English.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use groeilijn_domain::values::language::Language;
use utoipa::openapi::Required;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::described::header as header_parameter;
use super::input::{Input, Reads};
use super::limits::MOST_HEADER_BYTES;
use super::problem::Problem;

/// The language that the client likes best of those that there are; English when it says nothing or names others alone.
/// No value of the header is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptLanguage(pub Language);

impl Input for AcceptLanguage {
    const READS: Reads = Reads::NOTHING;

    fn parameters() -> Vec<Parameter> {
        let languages = ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(MOST_HEADER_BYTES))
            .examples(["nl", "nl-NL, en;q=0.5"]);
        let description = "The language of the sentences for people: `nl` or `en`. English when it is absent or names \
                           other languages alone. Codes are the same in each.";
        vec![header_parameter("Accept-Language", Required::False, description, languages)]
    }

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let values = request.headers().get_all(header::ACCEPT_LANGUAGE);
        let text: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        Ok(Self(preferred(&text.join(","))))
    }
}

/// Of several with the same weight the first counts; a weight that cannot be read is none.
fn preferred(accepted: &str) -> Language {
    let ranges = accepted.split(',').filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let range = parts.next()?.to_ascii_lowercase();
        let weight = match parts.next().map(|part| part.split_once('=')) {
            None => Some(1.0),
            Some(Some((name, value))) if name.trim().eq_ignore_ascii_case("q") => value.trim().parse().ok(),
            Some(_) => None,
        };
        Some((range, weight.filter(|weight| (0.0..=1.0).contains(weight))?))
    });
    let ranges: Vec<(String, f32)> = ranges.collect();
    let own = |language: &Language| {
        let code = language.code();
        let is_of = |range: &str| range.split('-').next() == Some(code);
        let named = ranges.iter().filter(|(range, _)| is_of(range)).map(|(_, weight)| *weight);
        named.reduce(f32::max).or_else(|| Some(ranges.iter().find(|(range, _)| range == "*")?.1))
    };
    let place = |language: Language| {
        ranges.iter().position(|(range, _)| range.split('-').next() == Some(language.code()))
    };
    let [dutch, english] = [Language::Dutch, Language::English].map(|language| own(&language).unwrap_or(0.0));
    let dutch_first = place(Language::Dutch)
        .is_some_and(|dutch| place(Language::English).is_none_or(|english| dutch < english));
    if dutch > english || dutch > 0.0 && dutch >= english && dutch_first {
        return Language::Dutch;
    }
    Language::English
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best_counts() {
        for (accepted, expected) in [
            ("", Language::English),
            ("nl", Language::Dutch),
            ("NL-be", Language::Dutch),
            ("en", Language::English),
            ("nl, en", Language::Dutch),
            ("en, nl", Language::English),
            ("en;q=0.8, nl;q=0.9", Language::Dutch),
            ("fr, nl;q=0.2", Language::Dutch),
            ("fr", Language::English),
            ("fr, *;q=0.5", Language::English),
            ("en;q=0, *", Language::Dutch),
            ("nl;q=0", Language::English),
            ("nl;q=0, en;q=0", Language::English),
            ("*", Language::English),
            ("nl;q=x", Language::English),
            ("nl;q=2", Language::English),
            ("nlx", Language::English),
            (";;,=,;q=", Language::English),
        ] {
            assert_eq!(preferred(accepted), expected, "{accepted}");
        }
    }
}
