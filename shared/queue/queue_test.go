package queue_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/queue"
)

// server speaks as much of SQS as SendMessage needs.
type server struct {
	t      *testing.T
	mu     sync.Mutex
	bodies []string
	refuse string // an error code
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ MessageBody string }
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "AmazonSQS.SendMessage" || s.refuse != "" {
		w.WriteHeader(http.StatusBadRequest)
		s.answer(w, `{"__type":"com.amazonaws.sqs#`+s.refuse+`","message":"no"}`)
		return
	}
	s.mu.Lock()
	s.bodies = append(s.bodies, in.MessageBody)
	s.mu.Unlock()
	sum := md5.Sum([]byte(in.MessageBody)) // SQS's own checksum
	s.answer(w, `{"MessageId":"1","MD5OfMessageBody":"`+hex.EncodeToString(sum[:])+`"}`)
}

func (s *server) answer(w io.Writer, body string) {
	if _, err := io.WriteString(w, body); err != nil {
		s.t.Error(err)
	}
}

func open(t *testing.T, s *server) (*queue.Queue, func()) {
	t.Helper()
	s.t = t
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	client := sqs.New(sqs.Options{
		Region: "eu-west-1", BaseEndpoint: &srv.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
	return queue.New(client, srv.URL+"/000000000000/park"), srv.Close
}

func TestSend(t *testing.T) {
	var s server
	q, _ := open(t, &s)
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("message %02d", i))
	}
	if err := q.Send(t.Context(), want...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.bodies)
	if !slices.Equal(s.bodies, want) {
		t.Errorf("%q", s.bodies)
	}
}

func TestSendNothing(t *testing.T) {
	var s server
	q, _ := open(t, &s)
	if err := q.Send(t.Context()); err != nil || len(s.bodies) != 0 {
		t.Errorf("%v %q", err, s.bodies)
	}
}

func TestKindsOfFailure(t *testing.T) {
	for code, want := range map[string]fault.Kind{
		"InvalidMessageContents": fault.Invalid,
		"QueueDoesNotExist":      fault.Unavailable,
		"AccessDenied":           fault.Unavailable,
	} {
		q, _ := open(t, &server{refuse: code})
		if err := q.Send(t.Context(), "x"); err == nil || fault.KindOf(err) != want {
			t.Errorf("%s: %v", code, err)
		}
	}
	var s server
	q, stop := open(t, &s)
	if err := q.Send(t.Context(), strings.Repeat("x", queue.MaxMessage+1), "y"); fault.KindOf(err) != fault.Invalid || len(s.bodies) != 0 {
		t.Errorf("too long: %v, sent %q", err, s.bodies)
	}
	stop()
	if err := q.Send(t.Context(), "x"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
}
