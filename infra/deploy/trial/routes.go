package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"

	"github.com/handoff-oss/handoff/shared/fault"
)

// openRoutes creates the API's routes as the template describes them. The
// emulator makes the API, but not what stands in its OpenAPI body.
func (s *stack) openRoutes(ctx context.Context) error {
	api := "/v2/apis/" + s.api
	var jwt struct{ AuthorizerID string }
	err := s.aws.rest(ctx, "apigateway", api+"/authorizers", map[string]any{
		"name": "Jwt", "authorizerType": "JWT", "identitySource": []string{"$request.header.Authorization"},
		"jwtConfiguration": map[string]any{"issuer": s.issuer.issuer, "audience": []string{s.issuer.audience}},
	}, &jwt)
	if err != nil {
		return err
	}
	for _, f := range s.template.Functions {
		if len(f.Routes) == 0 {
			continue
		}
		arn := "arn:aws:lambda:" + region + ":" + account + ":function:" + s.resources[f.ID] + ":live"
		var integration struct{ IntegrationID string }
		err := s.aws.rest(ctx, "apigateway", api+"/integrations", map[string]any{
			"integrationType": "AWS_PROXY", "integrationUri": arn, "payloadFormatVersion": "2.0",
		}, &integration)
		if err != nil {
			return err
		}
		for _, r := range f.Routes {
			route := map[string]any{"routeKey": r.Method + " " + r.Path, "target": "integrations/" + integration.IntegrationID}
			if r.Authorizer != "" {
				route["authorizationType"], route["authorizerId"] = "JWT", jwt.AuthorizerID
			}
			if err := s.aws.rest(ctx, "apigateway", api+"/routes", route, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillSecrets says what senders sign with and where messages go, as an
// operator does after the first deployment.
func (s *stack) fillSecrets(ctx context.Context, to *inbox) error {
	key := make([]byte, 24)
	if _, err := rand.Read(key); err != nil {
		return fault.Wrap(fault.Internal, "make a secret", err)
	}
	s.typeform = base64.StdEncoding.EncodeToString(key)
	if err := s.fillSecret(ctx, "SourcesSecret", map[string]any{"typeform": s.typeform}); err != nil {
		return err
	}
	return s.fillSecret(ctx, "ChannelsSecret", map[string]any{
		"slack":   map[string]any{"webhook_url": to.url + "/slack"},
		"webhook": map[string]any{"url": to.url + "/webhook", "secret": to.secret},
	})
}

func (s *stack) fillSecret(ctx context.Context, id string, value any) error {
	document, err := json.Marshal(value)
	if err != nil {
		return fault.Wrap(fault.Internal, "encode a secret", err)
	}
	return s.aws.action(ctx, "secretsmanager", "secretsmanager.PutSecretValue",
		map[string]any{"SecretId": s.resources[id], "SecretString": string(document)}, nil)
}
