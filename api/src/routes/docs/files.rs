//! The files of the documentation's pages, put together once.

use std::borrow::Cow;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use actix_web::web::Bytes;
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::http::kept_body::KeptBody;
use crate::http::problem::Problem;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The files of Swagger UI that the page uses.
const OF_SWAGGER_UI: [(&str, &str); 3] =
    [("swagger-ui.css", STYLE), ("swagger-ui-bundle.js", SCRIPT), ("favicon-32x32.png", "image/png")];

/// The pages and the files that they load.
pub(super) struct Files {
    /// The page to read.
    pub(super) read_page: KeptBody,
    /// The page to call operations from.
    pub(super) try_page: KeptBody,
    /// What changed in which version.
    pub(super) changelog: KeptBody,
    files: Vec<File>,
}

/// A file, named by what it holds.
pub(super) struct File {
    name: &'static str,
    digest: String,
    /// Its media type.
    pub(super) media_type: &'static str,
    /// What it holds.
    pub(super) body: KeptBody,
}

static FILES: LazyLock<Result<Files, String>> = LazyLock::new(Files::gather);

/// The pages and their files.
///
/// # Errors
/// When one is missing from the program: a mistake in how it was built, a 500.
pub(super) fn files() -> Result<&'static Files, Problem> {
    FILES.as_ref().map_err(Problem::internal)
}

impl Files {
    fn gather() -> Result<Self, String> {
        let mut files = vec![
            File::new("redoc.standalone.js", SCRIPT, redoc()?),
            File::new("read.js", SCRIPT, include_str!("read.js")),
            File::new("try.js", SCRIPT, include_str!("try.js")),
            File::new("page.css", STYLE, include_str!("page.css")),
        ];
        for (name, media_type) in OF_SWAGGER_UI {
            files.push(File::new(name, media_type, of_swagger_ui(name)?));
        }
        let page = |template: &str| KeptBody::new(linked(template, &files));
        let (read_page, try_page) = (page(include_str!("read.html")), page(include_str!("try.html")));
        let changelog = KeptBody::new(include_str!("../../../../CHANGELOG.md"));
        Ok(Self { read_page, try_page, changelog, files })
    }

    /// The file with this digest and name.
    pub(super) fn find(&self, digest: &str, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name && file.digest == digest)
    }
}

impl File {
    fn new(name: &'static str, media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = hex::encode(Sha256::digest(&bytes));
        Self { name, digest, media_type, body: KeptBody::new(bytes) }
    }
}

/// The page with the path of each file in the place of its name in braces.
fn linked(template: &str, files: &[File]) -> String {
    files.iter().fold(template.to_owned(), |page, File { name, digest, .. }| {
        page.replace(&format!("{{{name}}}"), &format!("/docs/files/{digest}/{name}"))
    })
}

fn redoc() -> Result<Vec<u8>, String> {
    let mut script = Vec::new();
    let compressed: &[u8] = include_bytes!("../../../assets/redoc/redoc.standalone.js.gz");
    GzDecoder::new(compressed).read_to_end(&mut script).map_err(|error| format!("Redoc: {error}"))?;
    Ok(script)
}

fn of_swagger_ui(name: &str) -> Result<Bytes, String> {
    let unused = Arc::new(utoipa_swagger_ui::Config::from("/v1/openapi.json"));
    let found = utoipa_swagger_ui::serve(name, unused).map_err(|error| error.to_string())?;
    let file = found.ok_or_else(|| format!("Swagger UI has no {name}"))?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    if !file.gzpipped {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    GzDecoder::new(bytes.as_ref()).read_to_end(&mut plain).map_err(|error| format!("{name}: {error}"))?;
    Ok(Bytes::from(plain))
}
