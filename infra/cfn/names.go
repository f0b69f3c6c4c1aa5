package cfn

import "strings"

// names makes the names, ARNs and URLs that references resolve to.
type names struct {
	region, account string
	queueURL        func(name string) string
}

// ref is what !Ref of a resource gives.
func (n names) ref(kind, name string) string {
	switch kind {
	case "AWS::SQS::Queue":
		return n.queueURL(name)
	case "AWS::SecretsManager::Secret", "AWS::SNS::Topic", "AWS::Lambda::Alias":
		return n.arn(kind, name)
	}
	return name
}

// attribute is what !GetAtt of a resource gives. Attributes that name no ARN
// and no name get a recognizable placeholder: nothing that runs needs them.
func (n names) attribute(kind, name, attr string) string {
	switch {
	case attr == "Arn" || kind == "AWS::SecretsManager::Secret" && attr == "Id" || kind == "AWS::SNS::Topic" && attr == "TopicArn":
		return n.arn(kind, name)
	case attr == "StreamArn":
		return n.arn(kind, name) + "/stream/current"
	case attr == "QueueUrl":
		return n.queueURL(name)
	case attr == "QueueName", attr == "Name", attr == "TableName":
		return name
	}
	return "unresolved:" + name + "." + attr
}

func (n names) arn(kind, name string) string {
	at := n.region + ":" + n.account + ":"
	switch kind {
	case "AWS::SQS::Queue":
		return "arn:aws:sqs:" + at + name
	case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable":
		return "arn:aws:dynamodb:" + at + "table/" + name
	case "AWS::Serverless::Function", "AWS::Lambda::Function":
		return "arn:aws:lambda:" + at + "function:" + name
	case "AWS::Events::EventBus":
		return "arn:aws:events:" + at + "event-bus/" + name
	case "AWS::Events::Rule":
		return "arn:aws:events:" + at + "rule/" + name
	case "AWS::S3::Bucket":
		return "arn:aws:s3:::" + name
	case "AWS::SNS::Topic":
		return "arn:aws:sns:" + at + name
	case "AWS::SecretsManager::Secret":
		return "arn:aws:secretsmanager:" + at + "secret:" + name
	case "AWS::IAM::Role":
		return "arn:aws:iam::" + n.account + ":role/" + name
	case "AWS::Logs::LogGroup":
		return "arn:aws:logs:" + at + "log-group:" + name
	}
	parts := strings.Split(kind, "::")
	return "arn:aws:" + strings.ToLower(parts[len(parts)-1]) + ":" + at + name
}
