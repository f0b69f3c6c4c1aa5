package outbound

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/handoff-oss/handoff/shared/fault"
)

const hookSecret = "whsec_b3V0Ym91bmQtdGVzdC1rZXktMzItYnl0ZXMtbG9uZw=="

// received is one request that a fake receiver got.
type received struct {
	method string
	path   string
	header http.Header
	body   []byte
}

// receiver answers with a status, headers and a body, and keeps what it got.
func receiver(t *testing.T, status int, header map[string]string, body string) (url string, got *[]received) {
	t.Helper()
	got = &[]received{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = append(*got, received{r.Method, r.URL.Path, r.Header.Clone(), b})
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, got
}

func mailer(url string) Email {
	return Email{From: "handoff@seller.example", Client: sesv2.New(sesv2.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})}
}

// channels are all channels, sending to one fake receiver.
func channels(url string) map[string]Channel {
	return map[string]Channel{
		SlackName:   Slack{Client: NewHTTPClient(), WebhookURL: url + "/T1/B1/secret-path"},
		TeamsName:   Teams{Client: NewHTTPClient(), WebhookURL: url + "/secret-path"},
		WebhookName: Webhook{Client: NewHTTPClient(), URL: url + "/secret-path", Secret: hookSecret},
	}
}

func TestAnswersDecideWhetherToTryAgain(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		kind   fault.Kind
		after  time.Duration
		ok     bool
		says   string
	}{
		{name: "ok", status: 200, body: "ok", ok: true},
		{name: "accepted", status: 202, ok: true},
		{name: "too many, in seconds", status: 429, header: map[string]string{"Retry-After": "7"}, kind: fault.Unavailable, after: 7 * time.Second},
		{name: "too many, until a date", status: 429, header: map[string]string{"Retry-After": at.Add(90 * time.Second).Format(http.TimeFormat)}, kind: fault.Unavailable, after: 90 * time.Second},
		{name: "too many, until a date in the past", status: 429, header: map[string]string{"Retry-After": at.Add(-time.Hour).Format(http.TimeFormat)}, kind: fault.Unavailable},
		{name: "too many, for ages", status: 429, header: map[string]string{"Retry-After": "99999999999"}, kind: fault.Unavailable, after: 24 * time.Hour},
		{name: "too many, for a week", status: 429, header: map[string]string{"Retry-After": "604800"}, kind: fault.Unavailable, after: 24 * time.Hour},
		{name: "too many, negative", status: 429, header: map[string]string{"Retry-After": "-5"}, kind: fault.Unavailable},
		{name: "too many, in no form", status: 429, header: map[string]string{"Retry-After": "soon"}, kind: fault.Unavailable},
		{name: "maintenance", status: 503, header: map[string]string{"Retry-After": "120"}, kind: fault.Unavailable, after: 2 * time.Minute},
		{name: "broken", status: 500, kind: fault.Unavailable},
		{name: "gateway", status: 502, kind: fault.Unavailable},
		{name: "request timeout", status: 408, kind: fault.Unavailable},
		{name: "too early", status: 425, kind: fault.Unavailable},
		{name: "gone", status: 410, body: "channel_is_archived", kind: fault.Invalid, says: "410: channel_is_archived"},
		{name: "bad request", status: 400, body: "invalid_blocks", kind: fault.Invalid, says: "400: invalid_blocks"},
		{name: "not found", status: 404, body: "<html>Rosa</html>", kind: fault.Invalid, says: "404"},
		{name: "forbidden", status: 403, kind: fault.Invalid},
		{name: "redirect", status: 302, header: map[string]string{"Location": "http://169.254.169.254/"}, kind: fault.Invalid, says: "redirects are not followed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			url, got := receiver(t, tc.status, tc.header, tc.body)
			for name, c := range channels(url) {
				*got = nil
				err := c.Send(t.Context(), message(inputs()["handed_off"]), at)
				if (err == nil) != tc.ok || len(*got) != 1 {
					t.Fatalf("%s: %v after %d requests, want ok %v after 1", name, err, len(*got), tc.ok)
				}
				if !tc.ok {
					checkRefusal(t, err, tc.kind, tc.after, tc.says)
				}
			}
		})
	}
}

func checkRefusal(t *testing.T, err error, kind fault.Kind, after time.Duration, says string) {
	t.Helper()
	if fault.KindOf(err) != kind || RetryAfter(err) != after || !strings.Contains(err.Error(), says) {
		t.Errorf("%v, kind %v, after %v; want %v after %v", err, fault.KindOf(err), RetryAfter(err), kind, after)
	}
	if strings.Contains(err.Error(), "Rosa") {
		t.Errorf("the error quotes the answer: %v", err)
	}
}

func TestASilentReceiverIsTriedAgain(t *testing.T) {
	silence := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-silence:
		}
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(silence) })
	all := channels(srv.URL)
	all[EmailName] = mailer(srv.URL)
	for name, c := range all {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := c.Send(ctx, message(inputs()["handed_off"]), at)
		cancel()
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v, want Unavailable", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret-path") {
			t.Errorf("%s: the error gives the address away: %v", name, err)
		}
	}
}

func TestANobodyIsTriedAgain(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	url := srv.URL
	srv.Close()
	all := channels(url)
	all[EmailName] = mailer(url)
	for name, c := range all {
		err := c.Send(t.Context(), message(inputs()["handed_off"]), at)
		if fault.KindOf(err) != fault.Unavailable || strings.Contains(err.Error(), "secret-path") {
			t.Errorf("%s: %v, want Unavailable without the address", name, err)
		}
	}
}

func TestEveryMessageNamesItsEvent(t *testing.T) {
	url, got := receiver(t, 200, nil, `{"MessageId":"m"}`)
	m := message(inputs()["handed_off"])
	for _, c := range channels(url) {
		if err := c.Send(t.Context(), m, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range *got {
		for name, want := range map[string]string{
			"Handoff-Event-Id": m.Event.ID, "Handoff-Event-Type": "lead.handed_off", "Handoff-Lead": key, "Handoff-To": "rep:maya",
			"Content-Type": "application/json; charset=utf-8",
		} {
			if r.header.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, r.header.Get(name), want)
			}
		}
	}
}

func TestWebhookVerifiesByTheStandard(t *testing.T) {
	url, got := receiver(t, 200, nil, "")
	m := message(inputs()["handed_off"])
	for range 2 {
		if err := channels(url)[WebhookName].Send(t.Context(), m, at); err != nil {
			t.Fatal(err)
		}
	}
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range *got {
		if err := verifier.VerifyIgnoringTimestamp(r.body, r.header); err != nil {
			t.Error(err)
		}
		if r.header.Get("webhook-id") != m.Event.ID || r.header.Get("webhook-timestamp") != "1772461800" {
			t.Errorf("id %q at %q", r.header.Get("webhook-id"), r.header.Get("webhook-timestamp"))
		}
		if err := verifier.VerifyIgnoringTimestamp(append(r.body, ' '), r.header); err == nil {
			t.Error("an altered body verifies")
		}
	}
}

func TestAWebhookWithoutAGoodSecretIsNotSent(t *testing.T) {
	url, got := receiver(t, 200, nil, "")
	for _, secret := range []string{"", "whsec_not base64!"} {
		err := Webhook{Client: NewHTTPClient(), URL: url, Secret: secret}.Send(t.Context(), message(inputs()["handed_off"]), at)
		if fault.KindOf(err) != fault.Invalid || len(*got) > 0 || strings.Contains(err.Error(), "not base64!") {
			t.Errorf("%q: %v, %d requests", secret, err, len(*got))
		}
	}
}

func TestEmailReachesSES(t *testing.T) {
	url, got := receiver(t, 200, map[string]string{"Content-Type": "application/json"}, `{"MessageId":"0100"}`)
	m := message(inputs()["handed_off"])
	if err := mailer(url).Send(t.Context(), m, at); err != nil {
		t.Fatal(err)
	}
	if len(*got) != 1 || (*got)[0].path != "/v2/email/outbound-emails" || (*got)[0].method != http.MethodPost {
		t.Fatalf("requests: %+v", *got)
	}
	var body struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses []string }
		Content          struct {
			Simple struct {
				Subject struct{ Data string }
				Body    struct{ Text, Html struct{ Data string } } //nolint:revive,staticcheck // the names of the wire
				Headers []struct{ Name, Value string }
			}
		}
	}
	if err := json.Unmarshal((*got)[0].body, &body); err != nil {
		t.Fatal(err)
	}
	simple := body.Content.Simple
	if body.FromEmailAddress != "handoff@seller.example" || len(body.Destination.ToAddresses) != 1 || body.Destination.ToAddresses[0] != "maya@seller.example" {
		t.Errorf("from %q to %q", body.FromEmailAddress, body.Destination.ToAddresses)
	}
	if simple.Subject.Data != m.Subject || simple.Body.Text.Data != m.text() || !strings.Contains(simple.Body.Html.Data, "</html>") {
		t.Errorf("subject %q", simple.Subject.Data)
	}
	headers := map[string]string{}
	for _, h := range simple.Headers {
		headers[h.Name] = h.Value
	}
	for name, want := range map[string]string{
		"X-Handoff-Event-Id": m.Event.ID, "X-Handoff-Event-Type": "lead.handed_off", "X-Handoff-Lead": key,
		"X-Handoff-To": "rep:maya", "Auto-Submitted": "auto-generated",
	} {
		if headers[name] != want {
			t.Errorf("header %s: %q, want %q", name, headers[name], want)
		}
	}
}

func TestErrorsOfSES(t *testing.T) {
	for code, want := range map[string]fault.Kind{
		"TooManyRequestsException": fault.Unavailable, "LimitExceededException": fault.Unavailable, "SendingPausedException": fault.Unavailable,
		"InternalServiceErrorException": fault.Unavailable, "AccessDeniedException": fault.Unavailable, "MessageRejected": fault.Invalid,
		"BadRequestException": fault.Invalid, "MailFromDomainNotVerifiedException": fault.Invalid, "AccountSuspendedException": fault.Invalid,
		"NotFoundException": fault.Invalid,
	} {
		url, got := receiver(t, 400, map[string]string{"Content-Type": "application/json", "X-Amzn-ErrorType": code}, `{"message":"Address maya@seller.example is not verified"}`)
		err := mailer(url).Send(t.Context(), message(inputs()["handed_off"]), at)
		if err == nil || fault.KindOf(err) != want || !strings.Contains(err.Error(), code) || strings.Contains(err.Error(), "maya") {
			t.Errorf("%s: %v, want %v without the address", code, err, want)
		}
		if len(*got) != 1 {
			t.Errorf("%s: %d requests, want 1: trying again is the caller's", code, len(*got))
		}
	}
}

func TestEmailNeedsAnAddress(t *testing.T) {
	in := inputs()["handed_off"]
	in.To[0].Email = ""
	err := (Email{From: "handoff@seller.example"}).Send(t.Context(), message(in), at)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "rep:maya") {
		t.Errorf("%v, want Invalid and who has no address", err)
	}
}
