package genuin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
)

const tenant = "example-go"

var group = map[string]any{"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"}

func baseURL() string {
	if url := os.Getenv("GENUIN_BASE_URL"); url != "" {
		return url
	}
	return "http://127.0.0.1:4368"
}

func logIn(t *testing.T) *Client {
	t.Helper()
	client, err := LogIn(baseURL(), "gnsb_"+tenant, "gnsb-secret")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestAGroupIsCreated(t *testing.T) {
	created, err := logIn(t).CreateGroup(group, nil)
	if err != nil || created.Community.Handle != "tech_community" {
		t.Fatal(created, err)
	}
}

func TestAnErrorSaysWhetherToTryAgain(t *testing.T) {
	client := logIn(t)
	for _, it := range []struct {
		scenario  string
		status    int
		code      Code
		retryable bool
	}{
		{"400", 400, "1099", false},
		{"500", 500, "1099", true},
		{"5026", 500, "5026", false},
	} {
		_, err := client.CreateGroup(group, http.Header{"X-Sandbox-Scenario": {it.scenario}})
		var refused *Error
		if !errors.As(err, &refused) || refused.Status != it.status || refused.Code != it.code ||
			refused.Retryable() != it.retryable {
			t.Errorf("%s: %v", it.scenario, err)
		}
	}
}

func TestThePageOfAGatewayIsAnErrorToTryAgain(t *testing.T) {
	client := logIn(t)
	for _, status := range []int{429, 502, 503, 504} {
		// a body of its own, so that it counts as no retry of another call
		name := map[string]any{"name": fmt.Sprintf("Try %d again", status)}
		body := map[string]any{"type": 4, "community_id": group["community_id"], "group": name}
		_, err := client.CreateGroup(body, http.Header{"X-Sandbox-Scenario": {fmt.Sprint(status)}})
		var failed *Error
		if !errors.As(err, &failed) || failed.Status != status || failed.Code != "" || !failed.Retryable() {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestTheJournalSaysWhyACallWasRefused(t *testing.T) {
	_, err := logIn(t).CreateGroup(map[string]any{"type": 4, "communityId": group["community_id"]}, nil)
	if err == nil {
		t.Fatal("a mistaken call succeeded")
	}
	answer, err := http.Get(baseURL() + "/_sandbox/v1/tenants/" + tenant + "/requests/last")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var call struct {
		Outcome  string
		Findings []struct{ Pointer, Suggestion string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&call); err != nil {
		t.Fatal(err)
	}
	if call.Outcome != "bad-request" || len(call.Findings) != 1 ||
		call.Findings[0].Suggestion != `you sent "communityId" — did you mean "community_id"?` {
		t.Fatalf("%+v", call)
	}
}
