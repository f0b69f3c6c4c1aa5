// Command function is a function for the tests of package lambda: it does what
// it is told.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/handoff-oss/handoff/shared/clock"
)

type order struct{ Do string }

type report struct {
	PID      int
	ARN      string
	Name     string
	Setting  string
	Ahead    time.Duration
	Deadline time.Duration
	Host     string
}

func handle(ctx context.Context, o order) (report, error) {
	switch o.Do {
	case "fail":
		return report{}, errors.New("as ordered")
	case "exit":
		os.Exit(7)
	case "hang":
		select {}
	case "print":
		fmt.Println("a line of log")
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return report{
		PID: os.Getpid(), ARN: lc.InvokedFunctionArn, Name: lambdacontext.FunctionName, Setting: os.Getenv("SETTING"),
		Ahead: clock.Lambda(ctx).Sub(time.Now()).Round(time.Minute), Deadline: time.Until(deadline).Round(time.Second), Host: os.Getenv("HOME"),
	}, nil
}

func main() {
	if os.Getenv("SETTING") == "broken" {
		os.Exit(3)
	}
	lambda.Start(handle)
}
