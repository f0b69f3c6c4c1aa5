package stream

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Record is one change of the table.
type Record struct {
	Sequence string          // its SequenceNumber, by which functions name it
	At       time.Time       // when it was made, to the minute, by the machine's clock
	Event    json.RawMessage // in the form of Lambda's DynamoDB event
}

// encode turns a record of the stream into Lambda's form,
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html.
func encode(r types.Record, region, sourceARN string) (Record, error) {
	change := map[string]any{
		"ApproximateCreationDateTime": aws.ToTime(r.Dynamodb.ApproximateCreationDateTime).Unix(),
		"SequenceNumber":              aws.ToString(r.Dynamodb.SequenceNumber),
		"SizeBytes":                   aws.ToInt64(r.Dynamodb.SizeBytes),
		"StreamViewType":              string(r.Dynamodb.StreamViewType),
	}
	for name, image := range map[string]map[string]types.AttributeValue{
		"Keys": r.Dynamodb.Keys, "NewImage": r.Dynamodb.NewImage, "OldImage": r.Dynamodb.OldImage,
	} {
		if len(image) > 0 {
			change[name] = attributes(image)
		}
	}
	b, err := json.Marshal(map[string]any{
		"eventID": aws.ToString(r.EventID), "eventName": string(r.EventName), "eventVersion": "1.1",
		"eventSource": "aws:dynamodb", "awsRegion": region, "eventSourceARN": sourceARN, "dynamodb": change,
	})
	if err != nil {
		return Record{}, fault.Wrap(fault.Internal, "encode a stream record", err)
	}
	return Record{
		Sequence: aws.ToString(r.Dynamodb.SequenceNumber),
		At:       aws.ToTime(r.Dynamodb.ApproximateCreationDateTime),
		Event:    b,
	}, nil
}

func attributes(image map[string]types.AttributeValue) map[string]any {
	m := make(map[string]any, len(image))
	for name, v := range image {
		m[name] = attribute(v)
	}
	return m
}

// attribute is a value in DynamoDB's JSON. Binary is base64, as Go encodes it.
func attribute(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": true}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": attributes(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]any, 0, len(v.Value))
		for _, item := range v.Value {
			list = append(list, attribute(item))
		}
		return map[string]any{"L": list}
	}
	return nil
}
