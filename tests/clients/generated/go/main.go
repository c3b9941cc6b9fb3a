// The five steps with the client of openapi-generator.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	openapi "generated.example/genuin"
)

const tenant = "generated-go"

var base = os.Getenv("GENUIN_BASE_URL")

func client(scenario string) *openapi.APIClient {
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: base}}
	configuration.AddDefaultHeader("X-Sandbox-Scenario", scenario)
	return openapi.NewAPIClient(configuration)
}

func expect(expected, found any) {
	if fmt.Sprint(expected) != fmt.Sprint(found) {
		log.Fatalf("expected %v, found %v", expected, found)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	keys := openapi.NewAuthRequest("gnsb_"+tenant, "gnsb-secret")
	_, login, err := client("ok").AuthenticationAPI.Auth(context.Background()).AuthRequest(*keys).Execute()
	must(err)
	authorized := context.WithValue(context.Background(), openapi.ContextAccessToken, login.Header.Get("gn-access-token"))

	group := openapi.NewRequestedGroup()
	group.SetName("Tech Conversations")
	member := openapi.NewMemberByPhone("919876543210")
	group.SetMembers([]openapi.RequestedMember{openapi.MemberByPhoneAsRequestedMember(member)})
	body := openapi.NewCreateGroupRequest(4, "f2a05adb-93ce-4a19-b003-3523fa745667")
	body.SetGroup(*group)
	create := func(scenario string) (*openapi.CreateGroupAnswer, *http.Response, error) {
		return client(scenario).GroupsAPI.CreateGroup(authorized).CreateGroupRequest(*body).Execute()
	}

	created, _, err := create("ok")
	must(err)
	var number int32 = created.Code
	expect(200, number)

	var refused *openapi.GenericOpenAPIError
	_, answer, err := create("400")
	if !errors.As(err, &refused) {
		log.Fatal("a forced 400 succeeds: ", err)
	}
	var text string = refused.Model().(openapi.BadRequestError).Code
	expect("400 1099", fmt.Sprint(answer.StatusCode, " ", text))

	_, answer, err = create("5026")
	if !errors.As(err, &refused) {
		log.Fatal("a missing video is found: ", err)
	}
	text = refused.Model().(openapi.VideoNotFoundOrServerError).Code
	expect("500 5026", fmt.Sprint(answer.StatusCode, " ", text))

	journal, err := http.Get(base + "/_sandbox/v1/tenants/" + tenant + "/requests?last=3")
	must(err)
	defer journal.Body.Close()
	var calls struct {
		Requests []struct{ Outcome, Body string }
	}
	must(json.NewDecoder(journal.Body).Decode(&calls))
	var outcomes []string
	for _, call := range calls.Requests {
		outcomes = append(outcomes, call.Outcome)
	}
	expect("ok bad-request video-not-found", strings.Join(outcomes, " "))
	if !strings.Contains(calls.Requests[0].Body, `"members":[{"phone_number":"919876543210"}]`) {
		log.Fatal("sent: ", calls.Requests[0].Body)
	}
}
