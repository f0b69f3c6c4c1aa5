package main

import "context"

// mailFrom sends the e-mail.
const mailFrom = "handoff@trial.example"

// people is a user pool with one person in it.
type people struct {
	issuer   string
	audience string
	token    string // an ID token of that person
}

// makePeople makes a user pool, which issues the tokens that open the pages.
func (e *emulator) makePeople(ctx context.Context) (people, error) {
	const service, name, secret = "cognito-idp", "maya", "Trial-password-1"
	call := func(action string, in, out any) error {
		return e.action(ctx, service, "AWSCognitoIdentityProviderService."+action, in, out)
	}
	var pool struct{ UserPool struct{ ID string } }
	if err := call("CreateUserPool", map[string]any{"PoolName": "trial"}, &pool); err != nil {
		return people{}, err
	}
	id := pool.UserPool.ID
	var client struct{ UserPoolClient struct{ ClientID string } }
	err := call("CreateUserPoolClient", map[string]any{
		"UserPoolId": id, "ClientName": "trial", "ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH"},
	}, &client)
	if err != nil {
		return people{}, err
	}
	if err := call("AdminCreateUser", map[string]any{"UserPoolId": id, "Username": name}, nil); err != nil {
		return people{}, err
	}
	err = call("AdminSetUserPassword", map[string]any{"UserPoolId": id, "Username": name, "Password": secret, "Permanent": true}, nil)
	if err != nil {
		return people{}, err
	}
	var session struct{ AuthenticationResult struct{ IDToken string } }
	err = call("InitiateAuth", map[string]any{
		"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client.UserPoolClient.ClientID,
		"AuthParameters": map[string]string{"USERNAME": name, "PASSWORD": secret},
	}, &session)
	return people{
		issuer:   "https://cognito-idp." + region + ".amazonaws.com/" + id,
		audience: client.UserPoolClient.ClientID,
		token:    session.AuthenticationResult.IDToken,
	}, err
}

// verifySender tells the mail service that the address is ours, as an operator does once.
func (e *emulator) verifySender(ctx context.Context, address string) error {
	return e.rest(ctx, "ses", "/v2/email/identities", map[string]any{"EmailIdentity": address}, nil)
}
