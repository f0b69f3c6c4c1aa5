package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/tabular"
)

// importEdits make a policy under which everybody who is heard of qualifies at
// once, and that tells a manager and the system of everybody who is new.
func importEdits() []stack.Edit {
	return []stack.Edit{
		{Old: "\n  requests:\n", New: "\n  requests:\n    - { name: exists, when: 'signal.type == \"contact.created\"', valid_days: 30, reason: Is there }\n"},
		{Old: "\nnotifications:\n", New: "\nnotifications:\n  - { on: lead.created, to: system, channels: [webhook] }\n"},
		{Old: "regions: [us]", New: "regions: []"},
	}
}

// begun is what POST /api/imports and its rows answer, as far as it is used here.
type begun struct {
	ID       string        `json:"id"`
	Begin    tabular.Place `json:"begin"`
	Stored   int           `json:"stored"`
	Rejected int           `json:"rejected"`
	Done     bool          `json:"done"`
}

// beginImport sends the form with which the page begins an import.
func (w world) beginImport(plan imports.Plan, file []byte) (b begun) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	w.must(form.WriteField("sum", plan.Sum))
	w.must(form.WriteField("size", fmt.Sprint(plan.Size)))
	w.must(form.WriteField("valid", "1"))
	part, err := form.CreateFormFile("file", plan.File)
	w.must(err)
	_, err = part.Write(file[:min(len(file), imports.HeadSize)])
	w.must(err)
	w.must(form.Close())
	r := w.post("/api/imports", form.FormDataContentType(), body.String())
	w.must(json.Unmarshal(r.Body, &b))
	return b
}

// sendRows sends a part until it is taken, whatever dies meanwhile.
func (w world) sendRows(id string, at tabular.Place, part []byte, last bool) (next tabular.Place, b begun) {
	w.t.Helper()
	target := fmt.Sprintf("/api/imports/%s/rows?offset=%d&row=%d&line=%d", id, at.Offset, at.Row, at.Line)
	if last {
		target += "&last=1"
	}
	for range 50 {
		r, err := w.Do(w.t.Context(), http.MethodPost, target, map[string]string{"Content-Type": "application/octet-stream"}, part)
		w.must(err)
		if r.Status >= 500 {
			continue
		}
		var got struct {
			Next   tabular.Place `json:"next"`
			Import begun         `json:"import"`
		}
		if w.must(json.Unmarshal(r.Body, &got)); r.Status != http.StatusOK {
			w.t.Fatalf("%s answers %d: %s", target, r.Status, r.Body)
		}
		return got.Next, got.Import
	}
	w.t.Fatalf("%s is never taken", target)
	return next, b
}

// TestImportsAreQuiet imports people under a policy by which each of them would
// be handed off at once, while the function dies again and again. They are
// leads, once each; nobody is told, until one of them does something.
func TestImportsAreQuiet(t *testing.T) {
	w := startUnder(t, importEdits()...)
	const people = 100
	var text strings.Builder
	text.WriteString("Email;First name;Company\n")
	for i := range people {
		fmt.Fprintf(&text, "p%d@firm%d.example;P%d;Firm %d\n", i, i, i, i)
	}
	text.WriteString("nobody;;\n")
	file := []byte(text.String())
	plan, err := imports.Open("people.csv", bytes.NewReader(file))
	w.must(err)
	b := w.beginImport(plan, file)
	for at := b.Begin; !b.Done; {
		end := min(int(at.Offset)+1200, len(file))
		part, last := file[at.Offset:end], end == len(file)
		w.kill("imports")
		w.sendRows(b.ID, at, part, last)
		at, b = w.sendRows(b.ID, at, part, last) // as if the answer was lost
	}
	if b.Stored != people || b.Rejected != 1 {
		t.Errorf("%+v", b)
	}
	w.idle()
	for _, i := range []int{0, 50, people - 1} {
		l := w.find(fmt.Sprintf("p%d@firm%d.example", i, i))
		events, err := w.Events(t.Context(), l.Key)
		w.must(err)
		if len(events) != 1 || events[0].Type != "lead.created" {
			t.Errorf("of %s: %+v", l.Email, events)
		}
		out, err := w.Outbox(t.Context(), l.Key)
		w.must(err)
		if l.Handoff != nil || l.Held != nil || len(l.Clocks) > 0 || len(out) > 0 {
			t.Errorf("somebody was woken by %s: %+v %+v", l.Email, l, out)
		}
	}
	known, err := w.Do(t.Context(), http.MethodGet, "/leads.csv", nil, nil)
	w.must(err)
	if n := strings.Count(string(known.Body), "@firm"); n != people {
		t.Errorf("%d leads", n)
	}
	w.monday(10, 0)
	w.send(stack.Webhook{
		Source: "standard", Kind: "forms", ID: "live-1",
		Body: []byte(`{"type":"page.viewed","identity":{"email":"p7@firm7.example"},"attributes":{"page":"Home"}}`),
	})
	w.idle()
	l := w.find("p7@firm7.example")
	if l.Handoff == nil {
		t.Errorf("a live signal with imported data hands nobody off: %+v", l)
	}
	w.find("p8@firm8.example")
}
