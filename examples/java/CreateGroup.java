import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Logs in, creates a group, meets a 400 and the error 5026, and asks the sandbox why.
 *
 * <p>Run it with {@code java examples/java/CreateGroup.java}; the variable GENUIN_BASE_URL names another sandbox.
 */
public final class CreateGroup {
    private static final String BASE =
            Optional.ofNullable(System.getenv("GENUIN_BASE_URL")).orElse("http://127.0.0.1:4368");
    private static final String TENANT = "example-java";
    private static final String GROUP = "{\"type\":4,\"community_id\":\"f2a05adb-93ce-4a19-b003-3523fa745667\"}";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** What a client needs to know of an answer. */
    record Answer(int status, String code) {
        // trap 1: a number in a success, {"code":200, but a string in an error, {"code":"1099"
        private static final Pattern CODE = Pattern.compile("^\\{\"code\":\"?(\\d+)\"?,");

        static Answer of(HttpResponse<String> response) {
            var code = CODE.matcher(response.body());
            return new Answer(response.statusCode(), code.find() ? code.group(1) : "");
        }

        // trap 2: 5026 comes as HTTP 500, but the video stays missing however often it is tried
        boolean retryable() {
            return !code.equals("5026") && (status == 429 || status >= 500);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        // 1. log in; the token is in a header of the answer
        var login = post("/auth", "{\"api_key\":\"gnsb_" + TENANT + "\",\"api_secret\":\"gnsb-secret\"}");
        var token = "Bearer " + login.headers().firstValue("gn-access-token").orElseThrow();

        // 2. create a group
        expect(new Answer(200, "200"), create(token, GROUP, "ok"));

        // 3. a 400, which will never succeed
        var refused = create(token, GROUP, "400");
        expect(new Answer(400, "1099"), refused);
        expect(false, refused.retryable());

        // 4. the two kinds of HTTP 500
        var failed = create(token, GROUP, "500");
        expect(new Answer(500, "1099"), failed);
        expect(true, failed.retryable());
        var missing = create(token, GROUP, "5026");
        expect(new Answer(500, "5026"), missing);
        expect(false, missing.retryable());
        // a gateway in front of the API answers with a page in HTML, which has no code
        for (var status : new int[] {429, 502, 503, 504}) {
            // a body of its own, so that it counts as no retry of another call
            var body = GROUP.replace("}", ",\"group\":{\"name\":\"Try " + status + " again\"}}");
            var passing = create(token, body, String.valueOf(status));
            expect(new Answer(status, ""), passing);
            expect(true, passing.retryable());
        }

        // 5. why a call was refused: the journal has the reason, which the vendor does not tell
        expect(new Answer(400, "1099"), Answer.of(post("/group/create", GROUP.replace("community_id", "communityId"),
                "Authorization", token)));
        var journal = HttpRequest.newBuilder(URI.create(BASE + "/_sandbox/v1/tenants/" + TENANT + "/requests/last"));
        var call = HTTP.send(journal.build(), BodyHandlers.ofString()).body();
        System.out.println(call);
        expect(true, call.contains("you sent \\\"communityId\\\" — did you mean \\\"community_id\\\"?"));
    }

    private static Answer create(String token, String body, String scenario) throws IOException, InterruptedException {
        return Answer.of(post("/group/create", body, "Authorization", token, "X-Sandbox-Scenario", scenario));
    }

    private static HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(BASE + "/api/thirdparty" + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private static void expect(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }
}
