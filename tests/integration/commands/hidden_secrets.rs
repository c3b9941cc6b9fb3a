//! No command repeats the user of a URL or a token in its errors.

use crate::process::run;

#[test]
fn a_secret_in_an_option_is_not_repeated() {
    for (arguments, variables) in [
        (&["status", "--url", "http://u:S3CRET@127.0.0.1:1"][..], &[][..]),
        (&["status", "--url", "http://u:S3CRET@127.0.0.1:1?x"], &[]),
        (&["status"], &[("GNSB_URL", "http://u:S3CRET@127.0.0.1:1?x")]),
        (&["status", "--tenant", "gnat_S3CRET.1"], &[]),
        (&["status", "--admin-token", "S3CRET \u{e9}"], &[]),
        (&["status"], &[("GNSB_ADMIN_TOKEN", "S3CRET \u{e9}")]),
        (&["status", "--admin-tokne=S3CRET"], &[]),
        (&["--public-url", "http://u:S3CRET@a.example"], &[]),
        (&["--public-url", "http://u:S3CRET@a.example:x"], &[]),
        (&["--allow-host", "u:S3CRET@a.example"], &[]),
        (&["--cors-origin", "http://u:S3CRET@a.example"], &[]),
        (&["--listen", "u:S3CRET@127.0.0.1:0"], &[]),
        (&["--scenario", "gnat_S3CRET.1"], &[]),
    ] {
        let end = run(arguments, variables);
        assert!(matches!(end.code, Some(1 | 2)), "{arguments:?}: {:?}", end.code);
        let printed = format!("{}{}", end.stdout, end.stderr);
        assert!(printed.starts_with("error: "), "{arguments:?}: {printed}");
        assert!(!printed.to_lowercase().contains("s3cret"), "{arguments:?}: {printed}");
    }
}
