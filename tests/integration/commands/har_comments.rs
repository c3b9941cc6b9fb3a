//! What an archive says of bodies that the journal has cut.

use super::har::read;
use super::printed;
use crate::harness::raw;
use crate::process::Process;
use crate::scenarios::Call;

#[test]
fn an_archive_says_what_the_journal_has_cut() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.har");
    let long = "x".repeat(20_000);
    let sent = Call::new().name(&long).with("/unknown", long.clone().into());
    let bytes = sent.bytes(&[]);
    let whole = bytes.len() - bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap() - 4;
    sent.send_to(process.address);
    raw(process.address, &Call::new().header("truncate").bytes(&["Connection: close"]));
    let unread = b"POST /nowhere HTTP/1.1\r\nHost: sandbox\r\nHost: two\r\nContent-Length: 7\r\n\
                     Authorization: Bearer gnsb_demo\r\nConnection: close\r\n\r\nunkept!";
    raw(process.address, unread);
    Call::new().send_to(process.address);
    printed(&process, &["requests", "--har", file.to_str().unwrap()]);
    let [long, halved, refused, short] = &read(&file)[..] else { panic!() };
    let comment = format!("16384 of the {whole} bytes of the body are kept");
    assert_eq!(long["request"]["postData"]["comment"], comment);
    let answer = &long["response"]["content"];
    assert_eq!(answer["comment"], "only the first 16384 bytes of the body are kept");
    let answer = &halved["response"]["content"];
    let comment = format!("only the first {} bytes of the body are kept", answer["size"]);
    assert_eq!(answer["comment"], comment, "the fault has cut it");
    assert_eq!(halved["response"]["status"], 200, "its head was sent");
    assert_eq!(refused["request"]["comment"], "0 of the 7 bytes of the body are kept");
    for object in [&short["request"], &short["request"]["postData"], &short["response"]["content"]]
    {
        assert_eq!(object.get("comment"), None, "{object}");
    }
}
