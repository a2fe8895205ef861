//! Letters as files in a folder.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use groeilijn_domain::values::email::EmailAddress;
use groeilijn_mail::{Letter, MailError, Transport};
use uuid::Uuid;

fn transport(folder: PathBuf) -> Result<Transport, MailError> {
    Transport::files(folder, &EmailAddress::parse("post@groeilijn.example").unwrap(), "Groeilijn")
}

fn letter(id: u128) -> Letter {
    let to = EmailAddress::parse("fien@school.example").unwrap();
    Letter::account_blocked(Uuid::from_u128(id), to, "Fien")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn each_letter_is_one_file_for_its_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("deep/letters");
    let transport = transport(folder.clone()).ok().unwrap();
    assert_eq!(mode(&folder), 0o700);
    transport.send(&letter(1)).await.unwrap();
    transport.send(&letter(2)).await.unwrap();
    let expected = [1, 2].map(|id| format!("{}.eml", Uuid::from_u128(id)));
    assert_eq!(names(&folder), expected);
    let path = folder.join(&expected[0]);
    assert_eq!(mode(&path), 0o600);
    let message = fs::read_to_string(path).unwrap();
    assert!(message.contains("\r\nTo: fien@school.example\r\n") && message.contains("Beste Fien,\r\n"));
}

#[tokio::test]
async fn a_letter_that_is_sent_again_stays_one_file() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("letters");
    let transport = transport(folder.clone()).ok().unwrap();
    let letter = letter(1);
    let (first, second, third) =
        tokio::join!(transport.send(&letter), transport.send(&letter), transport.send(&letter));
    assert_eq!([first, second, third], [Ok(()), Ok(()), Ok(())]);
    let path = folder.join(format!("{}.eml", letter.id));
    let before = fs::read(&path).unwrap();
    let changed = Letter { text: "Anders\n".to_owned(), ..letter };
    transport.send(&changed).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(names(&folder).len(), 1);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_a_reason_to_try_again() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("letters");
    let transport = transport(folder.clone()).ok().unwrap();
    fs::remove_dir(&folder).unwrap();
    let error = transport.send(&letter(1)).await.unwrap_err();
    assert!(matches!(error, MailError::Folder(_)) && !error.is_permanent());
    assert!(!error.to_string().contains("letters/"), "{error}");
}

#[test]
fn a_folder_that_others_may_look_into_is_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(transport(place.path().to_owned()).err(), Some(MailError::Settings(_))));
    assert_eq!(mode(place.path()), 0o750);
}
