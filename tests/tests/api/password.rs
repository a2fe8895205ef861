//! The page on which a user chooses a password, logs in and sets up a second factor.

use groeilijn_domain::access::Function;
use groeilijn_tests::{Reply, both_databases};

fn written(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

/// The values of an attribute in HTML.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    html.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

both_databases! {
    fn the_page_is_complete_by_itself_and_runs_nothing_else(server: Server) {
        let anyone = server.anyone();
        let page = anyone.call("GET", "/password").header("Accept", "text/html").send().expect(200);
        let policy = page.header("Content-Security-Policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"));
        assert!(!policy.contains("unsafe") && !policy.contains("data:"), "{policy}");
        let html = written(&page);
        assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains(" on"), "{html}");
        let scripts = values(&html, "src");
        assert_eq!(html.matches("<script").count(), scripts.len());
        let stylesheets = values(&html, "href").into_iter().filter(|href| href.ends_with(".css"));
        for file in scripts.iter().copied().chain(stylesheets) {
            let found = anyone.call("GET", file).header("Accept", "*/*").send().expect(200);
            let is_script = file.ends_with(".js");
            let media_type = found.header("Content-Type");
            assert_eq!(media_type.starts_with("text/javascript"), is_script, "{file}: {media_type}");
        }
        anyone.get("/password/mod.rs").expect(404);
        anyone.get("/password/").expect(404);
    }

    fn every_field_has_a_label_and_every_word_is_there_in_both_languages(server: Server) {
        let anyone = server.anyone();
        let html = written(&anyone.call("GET", "/password").header("Accept", "text/html").send().expect(200));
        let labelled = values(&html, "for");
        for field in html.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let attributes = format!(" {field}");
            let has_label = values(&attributes, "id").iter().any(|id| labelled.contains(id));
            assert!(has_label || field.contains("type=\"checkbox\""), "{field}");
        }
        let words = written(&anyone.call("GET", "/password/words.js").header("Accept", "*/*").send().expect(200));
        let script = written(&anyone.call("GET", "/password/page.js").header("Accept", "*/*").send().expect(200));
        let used = script.split("words.").skip(1).map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap()
        });
        for word in values(&html, "data-say").into_iter().chain(used) {
            assert_eq!(words.matches(&format!("\n    {word}: \"")).count(), 2, "{word}");
        }
    }

    fn a_letter_leads_to_the_page_where_no_other_is_named(server: Server) {
        let school = server.school();
        let member = school.member(Function::Teacher, &[]);
        let letter = school.admin.mailbox().wait_for(&member.email, "#token=", 1).pop().unwrap();
        let link = letter.split("\r\n").find(|line| line.contains("#token=")).unwrap();
        assert!(link.starts_with("http://127.0.0.1:") && link.contains("/password#token="), "{link}");
        // 256 bits in base64, unbroken.
        assert_eq!(link.split_once("#token=").unwrap().1.len(), 43, "{link}");
    }
}
