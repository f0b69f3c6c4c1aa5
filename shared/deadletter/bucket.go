package deadletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Bucket is an S3 bucket, as far as letters need it: list, get, delete. Three
// calls without a body do not justify the service's whole client, which is
// larger than the function.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
// and its neighbors.
type Bucket struct {
	config aws.Config
	name   string
	client *http.Client
	now    func() time.Time // the machine's: requests are signed by it
}

const (
	bucketTimeout = 8 * time.Second
	longestObject = 16 << 20 // Lambda hands over 6 MB, which JSON in JSON makes longer
	longestList   = 4 << 20
)

// NewBucket returns the bucket with that name. now is the machine's time.
func NewBucket(config aws.Config, name string, now func() time.Time) *Bucket {
	return &Bucket{config: config, name: name, client: &http.Client{Timeout: bucketTimeout}, now: now}
}

// Object is one object of a bucket.
type Object struct {
	Key  string    `xml:"Key"`
	At   time.Time `xml:"LastModified"`
	Size int64     `xml:"Size"`
}

// List returns the first objects, at most 1000, by their keys. more says that
// there are others. Kinds: Denied, Unavailable.
func (b *Bucket) List(ctx context.Context, most int) (objects []Object, more bool, err error) {
	body, err := b.do(ctx, http.MethodGet, "", url.Values{"list-type": {"2"}, "max-keys": {strconv.Itoa(min(max(most, 1), 1000))}}, longestList)
	if err != nil {
		return nil, false, err
	}
	var out struct {
		IsTruncated bool     `xml:"IsTruncated"`
		Contents    []Object `xml:"Contents"`
	}
	if err := xml.Unmarshal(body, &out); err != nil {
		return nil, false, fault.Wrap(fault.Unavailable, "read the list of a bucket", err)
	}
	return out.Contents, out.IsTruncated, nil
}

// Get reads an object. Kinds: NotFound, Denied, Unavailable.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	return b.do(ctx, http.MethodGet, key, nil, longestObject)
}

// Delete removes an object, if it is there. Kinds: Denied, Unavailable.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := b.do(ctx, http.MethodDelete, key, nil, longestList)
	return err
}

func (b *Bucket) do(ctx context.Context, method, key string, query url.Values, most int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, b.address(key, query), http.NoBody)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "address an object", err)
	}
	if err := b.sign(ctx, req); err != nil {
		return nil, err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "reach the bucket", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "read from the bucket", err)
	}
	switch {
	case res.StatusCode == http.StatusNotFound:
		return nil, fault.New(fault.NotFound, "the bucket holds no %q", key)
	case res.StatusCode == http.StatusForbidden:
		return nil, fault.New(fault.Denied, "the bucket may not be read: %s", errorCode(body))
	case res.StatusCode >= http.StatusMultipleChoices:
		return nil, fault.New(fault.Unavailable, "the bucket answers %d %s", res.StatusCode, errorCode(body))
	case int64(len(body)) > most:
		return nil, fault.New(fault.Invalid, "the object %q is longer than %d bytes", key, most)
	}
	return body, nil
}

// address is the URL of an object, or of the bucket itself. An endpoint of
// one's own has the bucket in the path, AWS in the host.
func (b *Bucket) address(key string, query url.Values) string {
	host, path := "https://"+b.name+".s3."+b.config.Region+".amazonaws.com", "/"+key
	if strings.HasPrefix(b.config.Region, "cn-") {
		host += ".cn"
	}
	if e := aws.ToString(b.config.BaseEndpoint); e != "" {
		host, path = strings.TrimSuffix(e, "/"), "/"+b.name+path
	}
	if len(query) > 0 {
		return host + escape(path) + "?" + query.Encode()
	}
	return host + escape(path)
}

// escape writes a path as signatures for S3 want it: every byte but letters,
// digits, "-", "_", ".", "~" and "/" as %XX.
func escape(path string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(path), "+", "%20"), "%2F", "/")
}

func (b *Bucket) sign(ctx context.Context, req *http.Request) error {
	creds, err := b.config.Credentials.Retrieve(ctx)
	if err != nil {
		return fault.Wrap(fault.Denied, "find AWS credentials", err)
	}
	sum := sha256.Sum256(nil)
	hash := hex.EncodeToString(sum[:])
	req.Header.Set("X-Amz-Content-Sha256", hash)
	err = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).
		SignHTTP(ctx, creds, req, hash, "s3", b.config.Region, b.now())
	return fault.Wrap(fault.Internal, "sign the request to the bucket", err)
}

// errorCode is S3's word for an error.
func errorCode(body []byte) string {
	var e struct {
		Code string `xml:"Code"`
	}
	if err := xml.Unmarshal(body, &e); err != nil {
		return ""
	}
	return e.Code
}
