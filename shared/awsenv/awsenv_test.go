package awsenv_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/fault"
)

func TestClientsTakeTheEndpointsOfTheEnvironment(t *testing.T) {
	const all, own = "http://127.0.0.1:4566", "http://127.0.0.1:8000"
	for name, tt := range map[string]struct {
		env               map[string]string
		dynamodb, secrets string
	}{
		"AWS itself":        {env: nil},
		"one for all":       {map[string]string{"AWS_ENDPOINT_URL": all}, all, all},
		"one for a service": {map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": own}, own, ""},
		"both":              {map[string]string{"AWS_ENDPOINT_URL": all, "AWS_ENDPOINT_URL_DYNAMODB": own}, own, all},
	} {
		t.Run(name, func(t *testing.T) {
			// The clients look into the environment of the process, too.
			for _, v := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"} {
				t.Setenv(v, "")
				if err := os.Unsetenv(v); err != nil {
					t.Fatal(err)
				}
			}
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			env, err := awsenv.Load(os.Getenv)
			if err != nil {
				t.Fatal(err)
			}
			if got := aws.ToString(dynamodb.NewFromConfig(env.AWS()).Options().BaseEndpoint); got != tt.dynamodb {
				t.Errorf("DynamoDB is asked at %q, want %q", got, tt.dynamodb)
			}
			if got := aws.ToString(secretsmanager.NewFromConfig(env.AWS()).Options().BaseEndpoint); got != tt.secrets {
				t.Errorf("Secrets Manager is asked at %q, want %q", got, tt.secrets)
			}
		})
	}
}

func TestLoadNamesAllThatIsMissing(t *testing.T) {
	_, err := awsenv.Load(func(name string) string { return map[string]string{"TABLE": "leads"}[name] }, "TABLE", "QUEUE", "BUS")
	if fault.KindOf(err) != fault.Invalid || err.Error() != "missing settings: BUS, QUEUE" {
		t.Errorf("got %v, want an Invalid error that names BUS and QUEUE", err)
	}
}
