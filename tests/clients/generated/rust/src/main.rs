//! The five steps with the client of openapi-generator.

use genuin::apis::configuration::Configuration;
use genuin::apis::groups_api::{CreateGroupError, create_group};
use genuin::apis::{Error, ResponseContent};
use genuin::models::create_group_answer::Code;
use genuin::models::create_group_request::Type;
use genuin::models::{
    AuthRequest, CreateGroupAnswer, CreateGroupRequest, MemberByPhone, RequestedGroup,
    RequestedMember, bad_request_error, video_not_found_or_server_error,
};
use serde_json::{Value, json};

const TENANT: &str = "generated-rust";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let base = std::env::var("GENUIN_BASE_URL").expect("GENUIN_BASE_URL is set");
    let configuration = Configuration { base_path: base.clone(), ..Configuration::default() };

    // the generated function gives no headers of an answer, so this call is made with its types alone
    let keys = AuthRequest::new(format!("gnsb_{TENANT}"), "gnsb-secret".to_owned());
    let login = configuration.client.post(format!("{base}/api/thirdparty/auth")).json(&keys);
    let login = login.send().await.expect("an answer");
    let token = login.headers()["gn-access-token"].to_str().expect("a text").to_owned();

    let create = async |scenario: &str| -> Result<CreateGroupAnswer, Error<CreateGroupError>> {
        let configuration = Configuration {
            base_path: format!("{base}/~{scenario}"),
            bearer_access_token: Some(token.clone()),
            ..Configuration::default()
        };
        let member = MemberByPhone::new("919876543210".to_owned());
        let mut group = RequestedGroup::new();
        group.name = Some(Some("Tech Conversations".to_owned()));
        group.members = Some(Some(vec![RequestedMember::MemberByPhone(Box::new(member))]));
        let community = "f2a05adb-93ce-4a19-b003-3523fa745667".to_owned();
        let mut body = CreateGroupRequest::new(Type::Variant4, community);
        body.group = Some(Box::new(group));
        create_group(&configuration, body).await
    };

    let created = create("ok").await.expect("a success");
    assert_eq!(created.code as i64, 200);
    assert!(matches!(created.code, Code::Variant200));

    let Err(Error::ResponseError(ResponseContent {
        status,
        entity: Some(CreateGroupError::Status400(error)),
        ..
    })) = create("400").await
    else {
        panic!("a forced 400 is not the error of HTTP 400");
    };
    assert!(matches!(error.code, bad_request_error::Code::Variant1099));
    assert_eq!((status.as_u16(), json!(error.code)), (400, json!("1099")));

    let Err(Error::ResponseError(ResponseContent {
        status,
        entity: Some(CreateGroupError::Status500(error)),
        ..
    })) = create("5026").await
    else {
        panic!("a missing video is not an error");
    };
    assert!(matches!(error.code, video_not_found_or_server_error::Code::Variant5026));
    assert_eq!((status.as_u16(), json!(error.code)), (500, json!("5026")));

    let journal = format!("{base}/_sandbox/v1/tenants/{TENANT}/requests?last=3");
    let journal = configuration.client.get(journal).send().await.expect("an answer");
    let journal: Value = journal.json().await.expect("JSON");
    let calls = journal["requests"].as_array().expect("a list");
    let outcomes: Vec<_> = calls.iter().map(|call| call["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("ok"), json!("bad-request"), json!("video-not-found")]);
    let sent: Value =
        serde_json::from_str(calls[0]["body"].as_str().expect("a text")).expect("JSON");
    assert_eq!(sent["group"]["members"], json!([{"phone_number": "919876543210"}]));
}
