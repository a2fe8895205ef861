//! What tells one state of a resource from another: `ETag`, `If-Match` and `If-None-Match` (RFC 9110, section 13).

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::Error;
use utoipa::openapi::Required;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::described::header;
use super::entity_tag::{ContentTag, ETag};
use super::input::{Input, Reads};
use super::problem::{FieldError, Problem};
use super::problem_kind::ProblemKind;

/// Something that is stored with a revision: a number that rises with every change.
pub trait Revised {
    /// The revision.
    fn revision(&self) -> i32;

    /// The tag of the revision.
    fn etag(&self) -> ETag {
        ETag(self.revision())
    }
}

/// A revision itself, of what need not be read before it is changed.
impl Revised for i32 {
    fn revision(&self) -> i32 {
        *self
    }
}

/// Something with its revision beside it.
impl<T> Revised for (T, i32) {
    fn revision(&self) -> i32 {
        self.1
    }
}

/// Implements [`Revised`] for what has its revision in a field.
#[macro_export]
macro_rules! revised {
    ($($stored:ty: $($field:tt).+;)+) => {$(
        impl $crate::http::etag::Revised for $stored {
            fn revision(&self) -> i32 {
                self.$($field).+
            }
        }
    )+};
}

/// The tags that a client says it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// `*`: whichever there is.
    Any,
    /// These.
    Tags(Vec<SeenTag>),
}

/// An entity tag that a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SeenTag {
    weak: bool,
    /// What stands between the quotes.
    opaque: String,
}

/// The `If-Match` header, which every change of something existing needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Seen);

impl IfMatch {
    /// Whether the present revision is one that the client means. Weak tags never match here.
    pub fn admits(&self, revision: i32) -> bool {
        match &self.0 {
            Seen::Any => true,
            Seen::Tags(tags) => {
                let present = ETag(revision).opaque();
                tags.iter().any(|tag| !tag.weak && tag.opaque == present)
            }
        }
    }

    /// Checks the present revision, in the transaction that changes it.
    ///
    /// # Errors
    /// [`Error::Stale`], a 412, when it was changed since the client saw it.
    pub fn require(&self, revision: i32) -> groeilijn_persistence::Result<()> {
        if self.admits(revision) { Ok(()) } else { Err(Error::Stale(Some(revision))) }
    }
}

impl Input for IfMatch {
    const READS: Reads = Reads { if_match: true, ..Reads::NOTHING };

    fn parameters() -> Vec<Parameter> {
        let description =
            "The ETag of what you read and now change: without it 428, and 412 when it was changed since.";
        vec![header("If-Match", Required::True, description, tag_schema())]
    }

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        match seen(request, "If-Match")? {
            Some(seen) => Ok(Self(seen)),
            None => Err(Problem::of(ProblemKind::PreconditionRequired)),
        }
    }
}

/// The `If-None-Match` header, when there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfNoneMatch(Option<Seen>);

impl IfNoneMatch {
    /// Whether the client has this revision already, so that 304 says enough.
    pub fn has(&self, revision: i32) -> bool {
        self.knows(&ETag(revision).opaque())
    }

    /// Whether the client has this content already.
    pub fn has_content(&self, tag: &ContentTag) -> bool {
        self.knows(tag.opaque())
    }

    /// Whether the client has what this `ETag` names already.
    pub fn has_tag(&self, header: &HeaderValue) -> bool {
        header.to_str().ok().and_then(parse_tag).is_some_and(|tag| self.knows(&tag.opaque))
    }

    fn knows(&self, opaque: &str) -> bool {
        match &self.0 {
            None => false,
            Some(Seen::Any) => true,
            Some(Seen::Tags(tags)) => tags.iter().any(|tag| tag.opaque == opaque),
        }
    }
}

impl Input for IfNoneMatch {
    const READS: Reads = Reads { if_none_match: true, ..Reads::NOTHING };

    fn parameters() -> Vec<Parameter> {
        let description = "The ETag of what you have already: 304 when it is still the same.";
        vec![header("If-None-Match", Required::False, description, tag_schema())]
    }

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        seen(request, "If-None-Match").map(Self)
    }
}

/// As long as a header may be that names many tags.
const MOST_TAG_CHARACTERS: usize = 8192;

fn tag_schema() -> ObjectBuilder {
    let pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#;
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .max_length(Some(MOST_TAG_CHARACTERS))
        .examples(["\"r7\""])
}

fn seen(request: &HttpRequest, name: &'static str) -> Result<Option<Seen>, Problem> {
    let mut tags = Vec::new();
    let mut any = false;
    for value in request.headers().get_all(name) {
        match value.to_str().ok().and_then(parse) {
            Some(Seen::Any) => any = true,
            Some(Seen::Tags(more)) => tags.extend(more),
            None => {
                let refusal =
                    Refusal::new("not-an-etag", "must be an entity tag such as \"r7\", a list of them, or *");
                return Err(FieldError::header(name, refusal).into());
            }
        }
    }
    Ok(if any { Some(Seen::Any) } else { Some(tags).filter(|tags| !tags.is_empty()).map(Seen::Tags) })
}

fn parse(value: &str) -> Option<Seen> {
    if value.trim() == "*" {
        return Some(Seen::Any);
    }
    value.split(',').map(|tag| parse_tag(tag.trim())).collect::<Option<_>>().map(Seen::Tags)
}

fn parse_tag(tag: &str) -> Option<SeenTag> {
    let (weak, quoted) = tag.strip_prefix("W/").map_or((false, tag), |strong| (true, strong));
    let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if !opaque.bytes().all(|byte| byte == b'!' || (0x23..=0x7e).contains(&byte)) {
        return None;
    }
    Some(SeenTag { weak, opaque: opaque.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::TryIntoHeaderValue;
    use actix_web::test::TestRequest;

    async fn if_match(value: Option<&str>) -> Result<IfMatch, Problem> {
        let request = value
            .into_iter()
            .fold(TestRequest::default(), |request, value| request.insert_header(("If-Match", value)));
        IfMatch::read(&request.to_http_request(), &mut Payload::None).await
    }

    #[actix_web::test]
    async fn only_the_seen_revision_may_be_changed() {
        assert!(if_match(Some("\"r7\"")).await.ok().unwrap().admits(7));
        assert!(if_match(Some("\"r6\", \"r7\"")).await.ok().unwrap().admits(7));
        assert!(if_match(Some("*")).await.ok().unwrap().admits(7));
        for other in ["\"r8\"", "W/\"r7\"", "\"foreign\"", "\"r07\"", "\"r+7\""] {
            let seen = if_match(Some(other)).await.ok().unwrap();
            assert!(!seen.admits(7), "{other}");
        }
    }

    #[actix_web::test]
    async fn the_header_is_required_and_well_formed() {
        assert_eq!(if_match(None).await.unwrap_err().kind, ProblemKind::PreconditionRequired);
        for wrong in ["r7", "\"r7", "7", "", "\"r7\",", "\"a b\"", "w/\"r7\""] {
            assert_eq!(if_match(Some(wrong)).await.unwrap_err().kind, ProblemKind::InvalidInput, "{wrong}");
        }
    }

    #[actix_web::test]
    async fn a_known_revision_needs_no_body() {
        let request = TestRequest::default().insert_header(("If-None-Match", "W/\"r7\"")).to_http_request();
        let known = IfNoneMatch::read(&request, &mut Payload::None).await.ok().unwrap();
        assert!(known.has(7) && !known.has(8));
        let request = TestRequest::default().to_http_request();
        assert!(!IfNoneMatch::read(&request, &mut Payload::None).await.ok().unwrap().has(7));
    }

    #[actix_web::test]
    async fn known_content_needs_no_body_either() {
        let [tag, other] = [&b"{}"[..], b"[]"].map(|body| ContentTag::of(body).try_into_value().unwrap());
        assert!(tag.to_str().unwrap().starts_with("W/\""));
        let request = TestRequest::default().insert_header(("If-None-Match", &tag)).to_http_request();
        let known = IfNoneMatch::read(&request, &mut Payload::None).await.ok().unwrap();
        assert!(known.has_tag(&tag) && !known.has_tag(&other));
    }
}
