//! The process is asked to stop.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;

use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_tests::{Database, School, both_databases};

use super::{pupil, pupil_and_writer};
use crate::children::imports::{EDEXML, XML, ask_to_apply, finished, send};
use crate::program::{Program, read_to_end, refusal, run};

both_databases! {
    fn a_request_under_way_is_finished_when_the_process_is_asked_to_stop(installation: Installation) {
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let body = pupil("Noor").to_string();
        let (first, rest) = body.split_at(body.len() / 2);
        let mut connection = TcpStream::connect(program.address()).unwrap();
        write!(
            connection,
            "POST /v1/pupils HTTP/1.1\r\nHost: groeilijn.example\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\
             Connection: close\r\n\r\n",
            school.admin.token(),
            body.len()
        )
        .unwrap();
        let mut answer = BufReader::new(connection.try_clone().unwrap());
        let mut line = String::new();
        answer.read_line(&mut line).unwrap();
        // The request is being read now.
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        connection.write_all(first.as_bytes()).unwrap();

        program.ask_to_stop();
        program.wait_for_log("stopping");
        connection.write_all(rest.as_bytes()).unwrap();
        let answer = read_to_end(answer);
        assert!(answer.contains("HTTP/1.1 201 Created"), "{answer}");

        let address = program.address();
        let (status, log) = program.ended();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(TcpStream::connect(address).is_err());

        let program = Program::serve(installation);
        let admin = program.anyone().with_token(school.admin.token());
        assert_eq!(admin.list("/v1/pupils").len(), 1);
    }

    fn an_import_under_way_is_left_for_the_next_process(installation: Installation) {
        let program = Program::serve(installation);
        let school = School::found(&program.anyone());
        let sent = send(&school.admin, XML, EDEXML).expect(201);
        ask_to_apply(&school.admin, &sent.id(), &sent.etag()).expect(202);
        program.ask_to_stop();
        assert_eq!(program.ended().0.code(), Some(0));

        let program = Program::serve(installation);
        let admin = program.anyone().with_token(school.admin.token());
        assert_eq!(finished(&admin, &sent.id())["state"], "applied");
    }

    fn a_stopped_process_leaves_nothing_in_the_logs_beside_its_files(installation: Installation) {
        let program = Program::serve(installation);
        School::found(&program.anyone());
        program.ask_to_stop();
        assert_eq!(program.ended().0.code(), Some(0));
        let databases = [&installation.settings().database.url, &installation.settings().keys.url];
        for file in databases.iter().filter_map(|url| DatabaseUrl::parse(url).unwrap().file().map(Path::to_owned)) {
            let log = fs::metadata(format!("{}-wal", file.display()));
            assert!(log.is_err() || log.is_ok_and(|log| log.len() == 0), "{}", file.display());
        }
    }

    fn two_processes_serve_one_postgres_database_and_one_an_embedded_one(installation: Installation) {
        if installation.database() == Database::Sqlite {
            let _one = Program::serve(installation);
            let refused = refusal(run(installation, &["serve"]));
            assert!(refused.contains("keys.url") && refused.contains("another process"), "{refused}");
            return;
        }
        let [one, other] = [Program::serve(installation), Program::serve(installation)];
        let school = School::found(&one.anyone());
        let (pupil, writer) = pupil_and_writer(&school);
        let notes = format!("/v1/pupils/{pupil}/notes");
        let elsewhere = other.anyone().with_token(writer.token());
        for number in 0..10 {
            let client = if number % 2 == 0 { &writer } else { &elsewhere };
            client.post(&notes, &serde_json::json!({"text": "Waarneming"})).expect(201);
        }
        assert_eq!(writer.list(&notes), elsewhere.list(&notes));
        assert_eq!(elsewhere.list(&notes).len(), 10);
        writer.call("DELETE", "/v1/sessions/current").send().expect(204);
        elsewhere.get(&notes).expect(401);
    }
}
