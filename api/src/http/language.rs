//! The language of what is told to people (RFC 9110, section 12.5.4): Dutch or English.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use groeilijn_domain::values::language::Language;
use utoipa::openapi::Required;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::accept::weighted;
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
    let ranges: Vec<_> = weighted(accepted).collect();
    let is_of = |range: &str, language: Language| {
        range.split('-').next().is_some_and(|main| main.eq_ignore_ascii_case(language.code()))
    };
    let any = ranges.iter().find(|(range, _)| *range == "*").map(|(_, weight)| *weight);
    let liked = |language: Language| {
        let named = ranges.iter().filter(|(range, _)| is_of(range, language)).map(|(_, weight)| *weight);
        named.reduce(f32::max).or(any).unwrap_or_default()
    };
    let named_first = ranges.iter().find_map(|(range, _)| {
        [Language::Dutch, Language::English].into_iter().find(|&language| is_of(range, language))
    });
    let (dutch, english) = (liked(Language::Dutch), liked(Language::English));
    let dutch_first = dutch > 0.0 && dutch >= english && named_first == Some(Language::Dutch);
    if dutch > english || dutch_first { Language::Dutch } else { Language::English }
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
