// Package dynamotest gives tests real tables in DynamoDB Local, made as
// template.yaml describes them. Run tests with "make test", which starts the
// engine; without it they fail and say so.
package dynamotest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
)

// Config returns the configuration of clients of the DynamoDB Local that the
// tests run against.
func Config(tb testing.TB) aws.Config {
	tb.Helper()
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if endpoint == "" {
		tb.Fatal("This test needs DynamoDB Local, which is not running. Run: make test (or: go run ./infra/dynamodb exec -- go test ./...)")
	}
	return engine.Config(endpoint)
}

// Client returns a client of the DynamoDB Local that the tests run against.
func Client(tb testing.TB) *dynamodb.Client {
	tb.Helper()
	return dynamodb.NewFromConfig(Config(tb))
}

// CreateTable creates an empty table of the template under a name of its own
// and returns both. The table is deleted when the test ends. It has no stream:
// nobody would read it, and the engine takes the longer for a write the more
// records all its streams have, those of deleted tables too.
func CreateTable(tb testing.TB) (client *dynamodb.Client, name string) {
	tb.Helper()
	client = Client(tb)
	name = "test-" + strings.ToLower(rand.Text())
	shape := Template(tb)
	shape.StreamView = ""
	if err := engine.EnsureTable(tb.Context(), client, shape, name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// The engine's memory goes with it; a failure here harms nobody.
		_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
		if err != nil {
			tb.Log(err)
		}
	})
	return client, name
}

// Template returns the resource Table of template.yaml.
func Template(tb testing.TB) cfn.Table {
	tb.Helper()
	root, err := cfn.Root(".")
	if err != nil {
		tb.Fatal(err)
	}
	stack, err := cfn.Load(filepath.Join(root, "template.yaml"), cfn.Options{Placeholder: "unset"})
	if err != nil {
		tb.Fatal(err)
	}
	table, err := stack.Table("Table")
	if err != nil {
		tb.Fatal(err)
	}
	return table
}
