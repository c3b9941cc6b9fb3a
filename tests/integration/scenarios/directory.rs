//! The directory of the scenario files: what stands in its place.

use std::fs;

use crate::process::run;

#[test]
fn a_file_in_the_place_of_the_directory_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("srv.log");
    fs::write(&path, "").unwrap();
    let text = path.to_str().unwrap();
    let what = "is a file, not a directory; name the directory that the scenario files are in";
    for (arguments, variables, origin) in [
        (&["--scenarios", text][..], &[][..], "--scenarios"),
        (&["serve"], &[("GNSB_SCENARIOS", text)], "GNSB_SCENARIOS"),
    ] {
        let end = run(&[arguments, &["--listen", "127.0.0.1:0"]].concat(), variables);
        let expected = format!("error: {origin}: {text} {what}\n");
        assert_eq!((end.code, end.stderr), (Some(2), expected));
    }
    let below = path.join("scenarios");
    let end = run(&["--listen", "127.0.0.1:0", "--scenarios", below.to_str().unwrap()], &[]);
    assert_eq!((end.code, end.stderr.lines().count()), (Some(2), 1), "{}", end.stderr);
}
