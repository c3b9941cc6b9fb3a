import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AuthenticationApi;
import org.openapitools.client.api.GroupsApi;
import org.openapitools.client.model.AuthRequest;
import org.openapitools.client.model.BadRequestError;
import org.openapitools.client.model.CreateGroupAnswer;
import org.openapitools.client.model.CreateGroupRequest;
import org.openapitools.client.model.RequestedGroup;
import org.openapitools.client.model.MemberByPhone;
import org.openapitools.client.model.RequestedMember;
import org.openapitools.client.model.VideoNotFoundOrServerError;

/** The five steps with the client of openapi-generator. */
public final class CreateGroup {
    private static final String BASE = System.getenv("GENUIN_BASE_URL");
    private static final String TENANT = "generated-java";
    private static final ApiClient CLIENT = new ApiClient();

    public static void main(String[] arguments) throws Exception {
        CLIENT.updateBaseUri(BASE);
        var login = new AuthenticationApi(CLIENT)
                .authWithHttpInfo(new AuthRequest().apiKey("gnsb_" + TENANT).apiSecret("gnsb-secret"));
        var token = "Bearer " + login.getHeaders().get("gn-access-token").get(0);

        CreateGroupAnswer.CodeEnum success = create(token, "ok").getCode();
        Integer number = success.getValue();
        expect(200, number);

        var refused = error(token, "400");
        expect(400, refused.getCode());
        String text = body(refused, BadRequestError.class).getCode().getValue();
        expect("1099", text);

        var missing = error(token, "5026");
        expect(500, missing.getCode());
        String permanent = body(missing, VideoNotFoundOrServerError.class).getCode().getValue();
        expect("5026", permanent);

        var journal = URI.create(BASE + "/_sandbox/v1/tenants/" + TENANT + "/requests?last=3");
        var answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(journal).build(), BodyHandlers.ofString());
        var calls = CLIENT.getObjectMapper().readTree(answer.body()).get("requests");
        var outcomes = new ArrayList<String>();
        calls.forEach(call -> outcomes.add(call.get("outcome").asText()));
        expect(List.of("ok", "bad-request", "video-not-found"), outcomes);
        var sent = CLIENT.getObjectMapper().readTree(calls.get(0).get("body").asText());
        expect("[{\"phone_number\":\"919876543210\"}]", sent.at("/group/members").toString());
    }

    private static CreateGroupAnswer create(String token, String scenario) throws ApiException {
        CLIENT.setRequestInterceptor(
                request -> request.header("Authorization", token).header("X-Sandbox-Scenario", scenario));
        var member = new RequestedMember(new MemberByPhone().phoneNumber("919876543210"));
        var group = new CreateGroupRequest()
                .type(CreateGroupRequest.TypeEnum.NUMBER_4)
                .communityId("f2a05adb-93ce-4a19-b003-3523fa745667")
                .group(new RequestedGroup().name("Tech Conversations").addMembersItem(member));
        return new GroupsApi(CLIENT).createGroup(group);
    }

    private static ApiException error(String token, String scenario) {
        try {
            create(token, scenario);
        } catch (ApiException error) {
            return error;
        }
        throw new AssertionError("the call succeeds: " + scenario);
    }

    private static <T> T body(ApiException error, Class<T> type) throws Exception {
        return CLIENT.getObjectMapper().readValue(error.getResponseBody(), type);
    }

    private static void expect(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }
}
