package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
)

// openRoutes creates the API's routes as the template describes them. The
// emulator makes the API, but not what stands in its OpenAPI body.
func (s *stack) openRoutes(ctx context.Context) error {
	api := "/v2/apis/" + s.api
	authorizers, err := s.makeAuthorizers(ctx, api)
	if err != nil {
		return err
	}
	for _, f := range s.template.Functions {
		if len(f.Routes) == 0 {
			continue
		}
		var integration struct{ IntegrationID string }
		err := s.aws.rest(ctx, "apigateway", api+"/integrations", map[string]any{
			"integrationType": "AWS_PROXY", "integrationUri": s.live(f), "payloadFormatVersion": "2.0",
		}, &integration)
		if err != nil {
			return err
		}
		for _, r := range f.Routes {
			route := map[string]any{"routeKey": r.Method + " " + r.Path, "target": "integrations/" + integration.IntegrationID}
			if r.Authorizer != "" {
				route["authorizationType"], route["authorizerId"] = "CUSTOM", authorizers[r.Authorizer]
			}
			if err := s.aws.rest(ctx, "apigateway", api+"/routes", route, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// live is the alias that a function is called by.
func (s *stack) live(f cfn.Function) string {
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + s.resources[f.ID] + ":live"
}

// makeAuthorizers puts the functions that the API asks in front of its routes,
// and returns their ids by name.
func (s *stack) makeAuthorizers(ctx context.Context, api string) (map[string]string, error) {
	ids := map[string]string{}
	for _, a := range s.template.Authorizers {
		for _, f := range s.template.Functions {
			if f.ARN != a.FunctionARN {
				continue
			}
			var made struct{ AuthorizerID string }
			err := s.aws.rest(ctx, "apigateway", api+"/authorizers", map[string]any{
				"name": a.Name, "authorizerType": "REQUEST", "authorizerPayloadFormatVersion": a.Format, "enableSimpleResponses": a.Simple,
				"authorizerResultTtlInSeconds": int(a.Reuse.Seconds()), "identitySource": []string{},
				"authorizerUri": "arn:aws:apigateway:" + region + ":lambda:path/2015-03-31/functions/" + s.live(f) + "/invocations",
			}, &made)
			if err != nil {
				return nil, err
			}
			ids[a.Name] = made.AuthorizerID
		}
	}
	return ids, nil
}

// fillSecrets says what senders sign with, where people sign in and where
// messages go, as an operator does after the first deployment.
func (s *stack) fillSecrets(ctx context.Context, to *inbox) error {
	key := make([]byte, 24)
	if _, err := rand.Read(key); err != nil {
		return fault.Wrap(fault.Internal, "make a secret", err)
	}
	s.typeform = base64.StdEncoding.EncodeToString(key)
	if err := s.fillSecret(ctx, "SourcesSecret", map[string]any{"typeform": s.typeform}); err != nil {
		return err
	}
	access := idp.Settings{
		Issuer: s.people.Issuer, ClientID: identity.Web, ClientSecret: s.people.Secret, CLIClientID: identity.CLI, Operators: []string{identity.OperatorEmail},
	}
	if err := s.fillSecret(ctx, "AccessSecret", access); err != nil {
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
