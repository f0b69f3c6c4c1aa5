package deadletter

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/handoff-oss/handoff/shared/fault"
)

// wire plays S3: it keeps the last request and answers.
type wire struct {
	got    *http.Request
	status int
	body   string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.got = r
	out := httptest.NewRecorder()
	out.WriteHeader(w.status)
	_, err := out.WriteString(w.body)
	return out.Result(), err
}

func onTheWire(w *wire) *Bucket {
	b := NewBucket(aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "SECRETKEY", "TOKEN")}, "mybucket",
		func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) })
	b.client.Transport = w
	return b
}

// The signatures are those that botocore 1.43's S3SigV4Auth makes of the same
// addresses at the same time.
func TestRequestsAreSignedAsS3Wants(t *testing.T) {
	for name, tt := range map[string]struct {
		call           func(ctx context.Context, b *Bucket) error
		url, signature string
	}{
		"list": {
			func(ctx context.Context, b *Bucket) error { _, _, err := b.List(ctx, 100); return err },
			"/?list-type=2&max-keys=100", "186b51a5c08855cc5acdbdc573b16413a528db11558a922e9363207bdf23a68a",
		},
		"get": {
			func(ctx context.Context, b *Bucket) error {
				_, err := b.Get(ctx, "aws/lambda/0b1c/shardId-1/2026-03-02T08.00.00-a b+c=ü:1,@(x)'*~.json")
				return err
			},
			"/aws/lambda/0b1c/shardId-1/2026-03-02T08.00.00-a%20b%2Bc%3D%C3%BC%3A1%2C%40%28x%29%27%2A~.json", "37bd38508826ea307ea57d572ef9292c3a7b7df4a718b32dff113e6693221e51",
		},
		"delete": {
			func(ctx context.Context, b *Bucket) error { return b.Delete(ctx, "a/b.json") },
			"/a/b.json", "0d695b671c865d14a1e020dffec6e0dde43d115d34fac82fba01bc7273aa7204",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{status: http.StatusOK, body: "<ListBucketResult/>"}
			if err := tt.call(t.Context(), onTheWire(w)); err != nil {
				t.Fatal(err)
			}
			if got := w.got.URL.String(); got != "https://mybucket.s3.eu-west-1.amazonaws.com"+tt.url {
				t.Errorf("asks %s", got)
			}
			if got := w.got.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+tt.signature) {
				t.Errorf("signed %s", got)
			}
		})
	}
}

func TestWhatS3SaysIsUnderstood(t *testing.T) {
	w := &wire{status: http.StatusOK, body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>mybucket</Name><KeyCount>1</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated><Contents><Key>a/b &amp; c.json</Key><LastModified>2026-03-02T08:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>`}
	all, more, err := onTheWire(w).List(t.Context(), 1)
	if err != nil || !more || len(all) != 1 || all[0].Key != "a/b & c.json" || all[0].Size != 7 || !all[0].At.Equal(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v %v %v", all, more, err)
	}
	for status, want := range map[int]fault.Kind{
		http.StatusNotFound: fault.NotFound, http.StatusForbidden: fault.Denied, http.StatusServiceUnavailable: fault.Unavailable, http.StatusMovedPermanently: fault.Unavailable,
	} {
		w := &wire{status: status, body: "<Error><Code>SomeCode</Code></Error>"}
		if _, err := onTheWire(w).Get(t.Context(), "a"); fault.KindOf(err) != want {
			t.Errorf("%d: %v", status, err)
		}
	}
}
