package awsenv_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/fault"
)

func TestLoadNamesEverythingThatIsMissing(t *testing.T) {
	_, err := awsenv.Load(func(name string) string { return map[string]string{"BUS": "x"}[name] }, "TABLE", "BUS", "MAIL_FROM")
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "MAIL_FROM, TABLE") {
		t.Errorf("got %v", err)
	}
}

// The clients themselves look at the process's environment too, as they do in
// a function: so the test sets it.
func TestClientsUseTheStandardEndpoints(t *testing.T) {
	called := map[string]string{}
	endpoint := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			called[r.Header.Get("X-Amz-Target")] = name
			w.WriteHeader(http.StatusBadRequest)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	env := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_ENDPOINT_URL": endpoint("all"), "AWS_ENDPOINT_URL_DYNAMODB": endpoint("dynamodb"),
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	settings, err := awsenv.Load(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secretsmanager.NewFromConfig(settings.AWS()).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")}); err == nil {
		t.Error("the endpoint refuses, the client does not say so")
	}
	if _, err := dynamodb.NewFromConfig(settings.AWS()).ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil {
		t.Error("the endpoint refuses, the client does not say so")
	}
	want := map[string]string{"secretsmanager.GetSecretValue": "all", "DynamoDB_20120810.ListTables": "dynamodb"}
	for target, name := range want {
		if called[target] != name {
			t.Errorf("%s went to %q, want %q", target, called[target], name)
		}
	}
}
