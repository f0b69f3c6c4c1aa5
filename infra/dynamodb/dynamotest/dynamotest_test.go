package dynamotest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
)

func TestEachTestHasATableOfItsOwn(t *testing.T) {
	client, first := dynamotest.CreateTable(t)
	_, second := dynamotest.CreateTable(t)
	if first == second {
		t.Fatalf("both tables are called %s", first)
	}
	got, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &first})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Table.GlobalSecondaryIndexes) != len(dynamotest.Template(t).Indexes) {
		t.Errorf("the table lacks an index: %+v", got.Table)
	}
}
