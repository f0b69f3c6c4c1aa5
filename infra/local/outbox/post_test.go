package outbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/welcome"
)

func post(t *testing.T, handler func(*outbox.Outbox) http.HandlerFunc, body string) (int, []welcome.Message) {
	t.Helper()
	o, err := outbox.New(hosttest.DB(t, ""), hosttest.Start().Now)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	for name, value := range map[string]string{"Handoff-Event-Id": "1a.3.0", "Handoff-Event-Type": "lead.handed_off", "Handoff-Lead": "1a", "Handoff-To": "rep:ada"} {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler(o)(w, r)
	got, err := o.Messages()
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, got
}

func slack(o *outbox.Outbox) http.HandlerFunc   { return o.Slack }
func webhook(o *outbox.Outbox) http.HandlerFunc { return o.Webhook }

func message(channel, text string, links ...welcome.Link) []welcome.Message {
	if links == nil {
		links = []welcome.Link{}
	}
	return []welcome.Message{{
		ID: "1", Channel: channel, To: "rep:ada", Subject: "A lead", Text: text, Links: links,
		Event: welcome.EventRef{ID: "1a.3.0", Type: "lead.handed_off", Lead: "1a"}, At: hosttest.Start().Now(),
	}}
}

func TestSlack(t *testing.T) {
	tests := []struct {
		name, body string
		want       []welcome.Message
	}{
		{"plain", `{"text":"A lead\nfor you"}`, message("slack", "A lead\nfor you")},
		{
			"blocks", `{"text":"A lead","blocks":[{"type":"header","text":{"type":"plain_text","text":"Ada"}},
			{"type":"section","fields":[{"type":"mrkdwn","text":"*Why* 40 &amp; more"},{"type":"plain_text","text":"Name\nAda"}]},
			{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Accept"},"url":"http://127.0.0.1:3000/r/t"}]},
			{"type":"context","elements":[{"type":"mrkdwn","text":"id 1a.3.0"}]}]}`,
			message("slack", "Ada\n\n*Why* 40 &amp; more\nName: Ada\n\nid 1a.3.0", welcome.Link{Label: "Accept", URL: "http://127.0.0.1:3000/r/t"}),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, got := post(t, slack, tt.body)
			if status != http.StatusOK {
				t.Errorf("status %d", status)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWebhook(t *testing.T) {
	status, got := post(t, webhook, `{"type":"lead.handed_off","data":{"subject":"A lead","text":"Ada","links":[{"label":"Accept","url":"http://127.0.0.1:3000/r/t"}]}}`)
	if status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	want := message("webhook", "Ada", welcome.Link{Label: "Accept", URL: "http://127.0.0.1:3000/r/t"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPostsThatAreNoMessages(t *testing.T) {
	for _, body := range []string{"", "no JSON", `{}`} {
		if status, got := post(t, slack, body); status != http.StatusBadRequest || len(got) != 0 {
			t.Errorf("Slack takes %q: %d, %v", body, status, got)
		}
	}
	if status, got := post(t, webhook, "no JSON"); status != http.StatusBadRequest || len(got) != 0 {
		t.Errorf("the webhook takes it: %d, %v", status, got)
	}
}
