package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
)

func TestOutputs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "DescribeStacks" || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/cloudformation/aws4_request") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if r.Form.Get("StackName") != "handoff" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>`))
			return
		}
		_, _ = w.Write([]byte(`<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
			<StackName>handoff</StackName><Outputs>
			<member><OutputKey>TableName</OutputKey><OutputValue>handoff-Table-1</OutputValue></member>
			<member><OutputKey>ApiUrl</OutputKey><OutputValue>https://api.example</OutputValue></member>
			</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`))
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	}
	got, err := outputs(t.Context(), cfg, "handoff")
	if diff := cmp.Diff(map[string]string{"TableName": "handoff-Table-1", "ApiUrl": "https://api.example"}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := outputs(t.Context(), cfg, "x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown stack: %v, want NotFound", err)
	}
	cfg.Region = ""
	if _, err := outputs(t.Context(), cfg, "handoff"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a region: %v, want Invalid", err)
	}
	server.Close()
	cfg.Region = "eu-west-1"
	if _, err := outputs(t.Context(), cfg, "handoff"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without an answer: %v, want Unavailable", err)
	}
}
