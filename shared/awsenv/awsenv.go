// Package awsenv turns the environment of a Lambda function into settings and
// an AWS configuration. It builds the configuration from the variables that
// Lambda sets instead of searching profiles and metadata services, which keeps
// cold starts short. It knows the SDK's standard variables AWS_ENDPOINT_URL
// and AWS_ENDPOINT_URL_<SERVICE>, and no variable of its own.
package awsenv

import (
	"context"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Settings are the values of a function's environment.
type Settings struct {
	getenv func(string) string
}

// Load checks that every required variable has a value and reports all that
// lack one together. Kind: Invalid. Pass os.Getenv from main.
func Load(getenv func(string) string, required ...string) (Settings, error) {
	var missing []string
	for _, name := range required {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		return Settings{}, fault.New(fault.Invalid, "missing settings: %s", strings.Join(missing, ", "))
	}
	return Settings{getenv: getenv}, nil
}

// Get returns the value of a variable, or "".
func (s Settings) Get(name string) string { return s.getenv(name) }

// AWS returns the configuration for SDK clients: region, the credentials that
// Lambda put in the environment, and the endpoints that the standard variables
// name.
func (s Settings) AWS() aws.Config {
	cfg := aws.Config{
		Region:        s.getenv("AWS_REGION"),
		Credentials:   aws.CredentialsProviderFunc(s.credentials),
		ConfigSources: []any{endpoints(s)},
	}
	// Clients ask the sources for their own endpoint, but expect the one for all services here.
	if v := s.getenv("AWS_ENDPOINT_URL"); v != "" {
		cfg.BaseEndpoint = aws.String(v)
	}
	return cfg
}

func (s Settings) credentials(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     s.getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: s.getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    s.getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if !c.HasKeys() {
		return c, fault.New(fault.Invalid, "missing settings: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY")
	}
	return c, nil
}

// endpoints answers the SDK's question for a service's endpoint, as the
// loader of github.com/aws/aws-sdk-go-v2/config does.
type endpoints struct{ getenv func(string) string }

// GetServiceBaseEndpoint returns AWS_ENDPOINT_URL_<SERVICE>, else AWS_ENDPOINT_URL.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, sdkID string) (string, bool, error) {
	name := strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(sdkID))
	if v := e.getenv("AWS_ENDPOINT_URL_" + name); v != "" {
		return v, true, nil
	}
	v := e.getenv("AWS_ENDPOINT_URL")
	return v, v != "", nil
}
