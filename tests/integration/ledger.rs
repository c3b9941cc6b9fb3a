//! The ledger and the table of `fields.rs`, which was written from the contract, are the same.

use genuin_sandbox::internals::vendor::{self, ENDPOINTS, Outcome, Provenance, create_group};

use crate::fields;

#[test]
fn every_field_of_the_ledger_has_a_row_of_tests_and_the_other_way_round() {
    let tested: Vec<_> = fields::table().into_iter().map(|row| row.path.to_owned()).collect();
    let mut listed: Vec<_> =
        create_group::ENDPOINT.body.paths().into_iter().map(|(path, _)| path).collect();
    let mut sorted = tested.clone();
    sorted.sort();
    listed.sort();
    assert_eq!(sorted, listed);
    for row in fields::table() {
        assert!(row.has_both_kinds(), "{} needs accepted and refused values", row.path);
    }
}

#[test]
fn every_fact_has_the_provenance_of_the_contract() {
    use Provenance::{Assumed, Documented, Sibling};
    let fields = create_group::ENDPOINT.body.paths();
    let field = |path: &str| {
        fields.iter().find(|(known, _)| known == path).map(|(_, field)| *field).unwrap()
    };
    for (path, mark, rule) in [
        ("type", Documented, Some(Assumed)),
        ("community_id", Documented, Some(Sibling)),
        ("chat_id", Documented, Some(Assumed)),
        ("recorded_video", Documented, None),
        ("recorded_video.message_id", Assumed, Some(Assumed)),
        ("recorded_video.video_name", Documented, Some(Assumed)),
        ("recorded_video.size", Documented, Some(Sibling)),
        ("recorded_video.description_data", Documented, Some(Assumed)),
        ("recorded_video.meta_data", Documented, None),
        ("actions", Documented, Some(Assumed)),
        ("group.name", Documented, None),
        ("group.topics", Documented, None),
        ("group.members", Documented, Some(Assumed)),
        ("group.members[].phone_number", Documented, Some(Assumed)),
        ("settings.discoverable", Documented, Some(Assumed)),
        ("template_id", Documented, None),
        ("is_ai_generated", Documented, None),
    ] {
        let field = field(path);
        assert_eq!((field.provenance, field.rule.map(|(_, mark)| mark)), (mark, rule), "{path}");
    }
    let required: Vec<_> =
        fields.iter().filter(|(_, field)| field.required).map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        required,
        ["type", "community_id", "actions[].action_id", "actions[].access_type_id"]
    );
}

#[test]
fn the_error_table_is_that_of_the_contract() {
    let unexpected = "An unexpected error occurred processing the request";
    let expected = [
        ("ok", None),
        (
            "bad-request",
            Some((400, "1099", unexpected, Provenance::Documented, Provenance::Sibling)),
        ),
        (
            "unauthorized",
            Some((401, "5159", "Invalid Use of API", Provenance::Sibling, Provenance::Sibling)),
        ),
        (
            "community-not-found",
            Some((
                404,
                "5218",
                "The community you are looking for is no longer available.",
                Provenance::Sibling,
                Provenance::Sibling,
            )),
        ),
        (
            "brand-not-found",
            Some((404, "5235", "Brand not exists.", Provenance::Sibling, Provenance::Sibling)),
        ),
        (
            "precondition-failed",
            Some((
                412,
                "5166",
                "XXXX-[Invalid Use of API]",
                Provenance::Sibling,
                Provenance::Sibling,
            )),
        ),
        (
            "video-not-found",
            Some((
                500,
                "5026",
                "Could not find the video.",
                Provenance::Documented,
                Provenance::Documented,
            )),
        ),
        (
            "server-error",
            Some((500, "1099", unexpected, Provenance::Documented, Provenance::Assumed)),
        ),
    ];
    let table = Outcome::ALL.map(|outcome| {
        let error = outcome.error();
        (
            outcome.name(),
            error.map(|e| (e.status, e.code, e.message, e.status_provenance, e.body_provenance)),
        )
    });
    assert_eq!(table, expected);
}

#[test]
fn the_published_contract_is_what_the_code_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRACT.md");
    let expected = vendor::page(ENDPOINTS);
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(
        published == expected,
        "CONTRACT.md is stale: run UPDATE_CONTRACT=1 cargo test --test integration published_contract"
    );
}
