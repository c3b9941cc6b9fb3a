// Package genuin is a small client of the API, which knows its traps.
package genuin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Code is the number 200 in a success, but a string such as "1099" in an error.
type Code string

// UnmarshalJSON takes both.
func (c *Code) UnmarshalJSON(data []byte) error {
	*c = Code(strings.Trim(string(data), `"`))
	return nil
}

// Error is an answer other than a success. One that is not the API's, such as a gateway's page, has no code.
type Error struct {
	Status  int
	Code    Code
	Message string
}

func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s (HTTP %d, no code)", e.Message, e.Status)
	}
	return fmt.Sprintf("%s (HTTP %d, code %s)", e.Message, e.Status, e.Code)
}

// Retryable says whether the same call can succeed later. 5026 comes as HTTP 500, but the video stays missing.
func (e *Error) Retryable() bool {
	return e.Code != "5026" && (e.Status == http.StatusTooManyRequests || e.Status >= 500)
}

// Group is what Create Group answers, in part.
type Group struct {
	ChatID    string `json:"chat_id"`
	Community struct {
		Handle string `json:"handle"`
	} `json:"community"`
}

// Client makes calls with the token of a login.
type Client struct {
	baseURL, token string
}

// LogIn returns a client. The token is in a header of the answer, not in its body.
func LogIn(baseURL, key, secret string) (*Client, error) {
	client := &Client{baseURL: baseURL}
	body := map[string]string{"api_key": key, "api_secret": secret}
	header, err := client.post("/auth", body, nil, nil)
	if err != nil {
		return nil, err
	}
	client.token = header.Get("gn-access-token")
	return client, nil
}

// CreateGroup creates a group. The header may be nil.
func (c *Client) CreateGroup(body map[string]any, header http.Header) (group Group, err error) {
	_, err = c.post("/group/create", body, header, &group)
	return group, err
}

func (c *Client) post(path string, body any, header http.Header, data any) (http.Header, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, c.baseURL+"/api/thirdparty"+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	envelope := struct {
		Code    Code
		Message string
		Data    any
	}{Data: data}
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	// a gateway in front of the API answers 429, 502, 503 and 504 with a page in HTML
	if json.Valid(text) {
		if err := json.Unmarshal(text, &envelope); err != nil {
			return nil, err
		}
	}
	if envelope.Code != "200" {
		if envelope.Message == "" {
			envelope.Message = http.StatusText(answer.StatusCode)
		}
		return nil, &Error{answer.StatusCode, envelope.Code, envelope.Message}
	}
	return answer.Header, nil
}
