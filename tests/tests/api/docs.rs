//! The documentation's pages: what they load is their own, named by what it holds, compressed, and kept for good.

use std::collections::BTreeSet;

use groeilijn_tests::{Client, Reply, both_databases};
use sha2::{Digest, Sha256};

const PAGES: [&str; 2] = ["/docs/", "/docs/try"];

/// The addresses that a page loads or leads to.
fn addresses(page: &Reply) -> BTreeSet<String> {
    let html = String::from_utf8(page.body.clone()).unwrap();
    let quoted = |name: &str| {
        html.split(name).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let [mut found, linked]: [BTreeSet<String>; 2] = ["src=\"", "href=\""].map(quoted);
    found.extend(linked);
    found
}

fn compressed(anyone: &Client, path: &str, coding: &str) -> Reply {
    let reply = anyone.call("GET", path).header("Accept-Encoding", coding).send().expect(200);
    assert_eq!(reply.header("Content-Encoding"), coding, "{path}");
    reply
}

both_databases! {
    fn each_page_is_its_own_and_leads_to_the_other(server: Server) {
        let anyone = server.anyone();
        for (page, other) in [("/docs/", "/docs/try"), ("/docs/try", "/docs/")] {
            let reply = anyone.get(page).expect(200);
            assert_eq!(reply.header("Content-Type"), "text/html; charset=utf-8");
            assert_eq!(reply.header("Cache-Control"), "no-cache");
            let policy = reply.header("Content-Security-Policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
            assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{policy}");
            let unchanged = anyone.call("GET", page).header("If-None-Match", &reply.etag()).send().expect(304);
            assert_eq!((unchanged.etag(), unchanged.body.len()), (reply.etag(), 0));
            let found = addresses(&reply);
            assert!(found.contains(other) && found.contains("/v1/openapi.json"), "{found:?}");
            assert!(found.iter().all(|address| address.starts_with('/')), "{found:?}");
            assert!(!String::from_utf8(reply.body).unwrap().contains('{'), "{page}");
        }
        let moved = anyone.get("/docs").expect(308);
        assert_eq!(moved.header("Location"), "/docs/");
    }

    fn each_file_is_named_by_what_it_holds_and_kept_for_good(server: Server) {
        let anyone = server.anyone();
        let files: BTreeSet<_> = PAGES
            .iter()
            .flat_map(|page| addresses(&anyone.get(page).expect(200)))
            .filter(|address| address.starts_with("/docs/files/"))
            .collect();
        assert_eq!(files.len(), 7, "{files:?}");
        for path in &files {
            let file = anyone.get(path).expect(200);
            assert_eq!(path.split('/').nth(3).unwrap(), hex::encode(Sha256::digest(&file.body)), "{path}");
            assert_eq!(file.header("Cache-Control"), "public, max-age=31536000, immutable");
            let media_type = match path.rsplit('.').next() {
                Some("js") => "text/javascript; charset=utf-8",
                Some("css") => "text/css; charset=utf-8",
                _ => "image/png",
            };
            assert_eq!(file.header("Content-Type"), media_type, "{path}");
            if file.body.len() > 100_000 {
                for coding in ["gzip", "zstd"] {
                    assert!(compressed(&anyone, path, coding).body.len() < file.body.len() / 2, "{path}");
                }
            }
        }
        let (one, other) = (files.first().unwrap(), files.last().unwrap());
        let mixed = format!("{}/{}", one.rsplit_once('/').unwrap().0, other.rsplit_once('/').unwrap().1);
        for path in [mixed.as_str(), "/docs/files/x/page.css", "/docs/page.css", "/docs/files/../read.html"] {
            anyone.get(path).expect(404).problem("not-found");
        }
    }

    fn the_document_is_sent_once(server: Server) {
        let anyone = server.anyone();
        let document = anyone.get("/v1/openapi.json").expect(200);
        assert_eq!(document.header("Cache-Control"), "no-cache");
        let ask = |tag: &str| anyone.call("GET", "/v1/openapi.json").header("If-None-Match", tag).send();
        ask(&document.etag()).expect(304);
        ask("\"other\"").expect(200);
        for coding in ["gzip", "zstd"] {
            let reply = compressed(&anyone, "/v1/openapi.json", coding);
            assert!(reply.body.len() < document.body.len() / 5);
            assert_eq!(reply.etag(), document.etag());
        }
    }
}
