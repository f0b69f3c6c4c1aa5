package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/handoff-oss/handoff/shared/fault"
)

// described is as much of CloudFormation's answer to DescribeStacks as is
// needed here.
type described struct {
	Outputs []struct {
		Key   string `xml:"OutputKey"`
		Value string `xml:"OutputValue"`
	} `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
	Code    string `xml:"Error>Code"`
	Message string `xml:"Error>Message"`
}

const (
	describeTimeout = 20 * time.Second
	describeLimit   = 4 << 20
)

// outputs asks CloudFormation for the outputs of a stack. This one call of the
// query API does not justify the service's whole client. Kinds: NotFound,
// Denied, Unavailable.
func outputs(ctx context.Context, cfg aws.Config, name string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	endpoint := "https://cloudformation." + cfg.Region + ".amazonaws.com"
	if strings.HasPrefix(cfg.Region, "cn-") {
		endpoint += ".cn"
	}
	if cfg.BaseEndpoint != nil {
		endpoint = *cfg.BaseEndpoint
	}
	body := url.Values{"Action": {"DescribeStacks"}, "Version": {"2010-05-15"}, "StackName": {name}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint, "/")+"/", strings.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "describe the stack "+name, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if err := sign(ctx, cfg, req, body); err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "describe the stack "+name, err)
	}
	defer func() { _ = res.Body.Close() }()
	var d described
	if err := xml.NewDecoder(io.LimitReader(res.Body, describeLimit)).Decode(&d); err != nil {
		return nil, fault.Wrap(fault.Unavailable, fmt.Sprintf("describe the stack %s (status %d)", name, res.StatusCode), err)
	}
	if res.StatusCode != http.StatusOK {
		kind := fault.Denied
		if d.Code == "ValidationError" {
			kind = fault.NotFound
		}
		return nil, fault.New(kind, "describe the stack %s: %s: %s", name, d.Code, d.Message)
	}
	out := map[string]string{}
	for _, o := range d.Outputs {
		out[o.Key] = o.Value
	}
	return out, nil
}

func sign(ctx context.Context, cfg aws.Config, req *http.Request, body string) error {
	if cfg.Credentials == nil || cfg.Region == "" {
		return fault.New(fault.Invalid, "AWS needs a region and credentials: set AWS_REGION and AWS_PROFILE")
	}
	creds, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return fault.Wrap(fault.Denied, "find AWS credentials", err)
	}
	sum := sha256.Sum256([]byte(body))
	err = v4.NewSigner().SignHTTP(ctx, creds, req, hex.EncodeToString(sum[:]), "cloudformation", cfg.Region, time.Now())
	return fault.Wrap(fault.Internal, "sign the request to CloudFormation", err)
}
