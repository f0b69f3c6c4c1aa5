package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/tabular"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

type bench struct {
	webtest.Client
	table *table.Table
}

func newBench(t *testing.T) *bench {
	t.Helper()
	_, name := dynamotest.CreateTable(t)
	on := table.New(dynamodb.NewFromConfig(dynamotest.Config(t)), name)
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	h := &handler{table: on, policy: rules.NewLoader(on.Policy)}
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Fixed(monday), Log: slog.New(slog.NewJSONHandler(&logs, nil))}
	return &bench{webtest.Client{TB: t, Site: h.site, Logs: &logs}, on}
}

func marketer() access.Person { return webtest.Somebody(access.Marketer) }

// post sends a form with a file, as browsers do.
func (b *bench) post(target string, status int, file []byte, fields ...string) web.Response {
	b.TB.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	fields = append([]string{web.TokenField, marketer().Token}, fields...)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			b.TB.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", `C:\temp\contacts.csv`)
		if err == nil {
			_, err = part.Write(file)
		}
		if err != nil {
			b.TB.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.TB.Fatal(err)
	}
	e := webtest.Event(b.TB, http.MethodPost, target, marketer())
	e.Headers["content-type"] = w.FormDataContentType()
	e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body.Bytes()), true
	return b.Send(e, status)
}

// part sends a part of a file to an import.
func (b *bench) part(id string, at tabular.Place, last bool, part []byte, status int) (got rowsAnswer) {
	b.TB.Helper()
	target := fmt.Sprintf("/api/imports/%s/rows?offset=%d&row=%d&line=%d", id, at.Offset, at.Row, at.Line)
	if last {
		target += "&last=1"
	}
	e := webtest.Event(b.TB, http.MethodPost, target, marketer())
	e.Headers[web.TokenHeader] = marketer().Token
	e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(part), true
	out := b.Send(e, status)
	if err := json.Unmarshal([]byte(out.Body), &got); err != nil {
		b.TB.Fatal(err)
	}
	return got
}

// parts sends all of a file, part by part, and returns the last answer and the
// rejected rows.
func (b *bench) parts(v importView, file []byte) (got rowsAnswer, rejected string) {
	b.TB.Helper()
	for at, last := v.Begin, false; !last; at = got.Next {
		end := min(int(at.Offset)+5000, len(file))
		last = end == len(file)
		got = b.part(v.ID, at, last, file[at.Offset:end], http.StatusOK)
		rejected += got.Rejected
		last = last && got.Next.Offset == int64(end)
	}
	return got, rejected
}

func (b *bench) signalsOf(email string) []signal.Signal {
	b.TB.Helper()
	k, err := signal.KeyOfEmail(email)
	if err != nil {
		b.TB.Fatal(err)
	}
	got, err := b.table.Signals(b.TB.Context(), k)
	if err != nil {
		b.TB.Fatal(err)
	}
	return got
}

// said is what the script says of a file of which it sends the beginning.
func said(file []byte) []string {
	sum := sha256.Sum256(file)
	return []string{"sum", hex.EncodeToString(sum[:]), "size", strconv.Itoa(len(file)), "valid", "1"}
}

const contacts = "E-Mail;Vorname;Telefon;Farbe\nada@engines.example;Ada;'+44 20 7946 0958;<b>blau</b>\nnobody;;;\ngrace@navy.example;Grace;;\n"

func TestAFileIsLookedAtAndImported(t *testing.T) {
	b := newBench(t)
	webtest.Says(t, b.Get(marketer(), "/imports", http.StatusOK).Body, "Import a file", "Nothing was imported yet", "hubspot")
	page := b.post("/imports", http.StatusOK, []byte(contacts)).Body
	webtest.Says(t, page, "contacts.csv", "3 rows: cells separated by semicolons", "E-mail address", "66 %", "<b>blau</b>", "Attribute farbe", "Consent to e-mail, as given or withdrawn", "1 row cannot be imported", "Line 3, E-Mail: this is not one e-mail address.")
	if !strings.Contains(page, `<option value="email" selected>`) || !strings.Contains(page, "&lt;b&gt;") {
		t.Error(page)
	}
	if len(b.signalsOf("ada@engines.example")) > 0 {
		t.Error("a look stores something")
	}
	out := b.post("/imports/start", http.StatusSeeOther, []byte(contacts), "source", "import", "target.0", "email", "target.1", "first_name", "target.2", "phone", "target.3", "attr.farbe")
	got := b.signalsOf("ada@engines.example")
	if len(got) != 1 || !got[0].Quiet || got[0].Attributes["farbe"] != "<b>blau</b>" || got[0].Lead["phone"] != "+44 20 7946 0958" {
		t.Fatalf("%+v", got)
	}
	webtest.Says(t, b.Get(marketer(), out.Headers["Location"], http.StatusOK).Body, "Complete", "Rows stored 2", "this is not one e-mail address", "Begun", "Kim Sato", "Farbe attribute farbe")
	webtest.Says(t, b.Get(marketer(), "/imports", http.StatusOK).Body, "contacts.csv", "Complete")
	b.post("/imports/start", http.StatusSeeOther, []byte(contacts), "target.0", "email", "target.1", "first_name", "target.2", "phone", "target.3", "attr.farbe")
	webtest.Says(t, b.post("/imports", http.StatusOK, []byte(contacts), "target.0", "email", "target.1", "first_name", "target.2", "phone", "target.3", "attr.farbe").Body, "This file was imported with these columns")
	if len(b.signalsOf("ada@engines.example")) != 1 {
		t.Error("a row is stored twice")
	}
	if log := b.Logs.String(); strings.Contains(log, "engines") || strings.Contains(log, "Ada") {
		t.Errorf("the log names somebody: %s", log)
	}
}

func TestAFileThatCannotBe(t *testing.T) {
	b := newBench(t)
	webtest.Says(t, b.post("/imports", http.StatusBadRequest, nil).Body, "Choose a file that has something in it")
	webtest.Says(t, b.post("/imports", http.StatusBadRequest, []byte("PK\x03\x04")).Body, "save it from your spreadsheet as CSV")
	webtest.Says(t, b.post("/imports", http.StatusBadRequest, []byte("a,a\n1,2\n")).Body, "both called")
	webtest.Says(t, b.post("/imports", http.StatusBadRequest, []byte(contacts), "source", "nowhere").Body, "no such source")
	webtest.Says(t, b.post("/imports", http.StatusOK, []byte("Farbe;Hut\nrot;1\n")).Body, "No column names a person", "Farbe")
	webtest.Says(t, b.post("/imports/start", http.StatusBadRequest, []byte("Farbe;Hut\nrot;1\n")).Body, "No column names a person")
	b.post("/api/imports", http.StatusBadRequest, []byte(contacts), "sum", "x", "size", "3")
	b.Get(marketer(), "/imports/nothing", http.StatusNotFound)
	b.Get(webtest.Somebody(access.Rep), "/imports", http.StatusForbidden)
	b.Get(webtest.Somebody(access.Manager), "/api/imports", http.StatusForbidden)
	e := webtest.Event(t, http.MethodPost, "/imports", marketer())
	e.Headers["content-type"], e.Body = "multipart/form-data; boundary=x", "--x\r\nbroken"
	b.Send(e, http.StatusBadRequest)
}

// A large file comes in parts. What was interrupted goes on, also when it comes
// from the beginning again, and the rejected rows are all there.
func TestAFileInParts(t *testing.T) {
	b := newBench(t)
	var text strings.Builder
	text.WriteString("email,note\n")
	for i := range 400 {
		fmt.Fprintf(&text, "p%d@x.example,\"two\nlines\"\n", i)
		if i%100 == 0 {
			text.WriteString("nobody,=1\n")
		}
	}
	file := []byte(text.String())
	head := append(said(file), "target.0", "email", "target.1", "attr.note")
	var v importView
	if err := json.Unmarshal([]byte(b.post("/api/imports", http.StatusOK, file[:300], head...).Body), &v); err != nil || v.Columns[1].Target != "attr.note" || v.Done {
		t.Fatalf("%+v %v", v, err)
	}
	first := b.part(v.ID, v.Begin, false, file[v.Begin.Offset:4000], http.StatusOK)
	if first.Next.Offset > 4000 || first.Next.Offset < 3900 || first.Import.Stored == 0 || first.Import.At != first.Next {
		t.Fatalf("%+v", first)
	}
	webtest.Says(t, b.Get(marketer(), "/imports", http.StatusOK).Body, "choose the file again to go on")
	webtest.Says(t, b.post("/imports", http.StatusOK, file[:300], said(file)...).Body, "This import was begun", "Attribute note", "Go on")
	got, rejected := b.parts(v, file) // from the beginning again
	if !got.Import.Done || got.Import.Stored != 400 || got.Import.Rejected != 4 || strings.Count(rejected, "\n") != 4 || !strings.Contains(rejected, ",nobody,'=1\n") {
		t.Errorf("%+v %s", got, rejected)
	}
	if n := len(b.signalsOf("p0@x.example")) + len(b.signalsOf("p57@x.example")) + len(b.signalsOf("p399@x.example")); n != 3 {
		t.Errorf("%d signals of three people", n)
	}
	again := b.part(v.ID, v.Begin, true, file[v.Begin.Offset:], http.StatusOK)
	if again.Import.Stored != 400 || strings.Count(again.Rejected, "\n") != 4 {
		t.Errorf("%+v", again.Import)
	}
	b.says(v)
	b.part(v.ID, tabular.Place{Offset: int64(len(file)) + 1}, true, nil, http.StatusConflict)
	b.part(v.ID, v.Begin, true, file[v.Begin.Offset:5000], http.StatusBadRequest)
	b.part(v.ID, tabular.Place{Offset: -1}, true, nil, http.StatusBadRequest)
	b.part("nothing", v.Begin, true, nil, http.StatusNotFound)
}

// says reads what the API says of the one import that there is.
func (b *bench) says(v importView) {
	b.TB.Helper()
	var all listAnswer
	if err := json.Unmarshal([]byte(b.Get(marketer(), "/api/imports", http.StatusOK).Body), &all); err != nil || len(all.Imports) != 1 || !all.Imports[0].Done {
		b.TB.Errorf("%+v %v", all, err)
	}
	var one importView
	if err := json.Unmarshal([]byte(b.Get(marketer(), "/api/imports/"+v.ID, http.StatusOK).Body), &one); err != nil || one.Stored != 400 || one.RejectedHeader != "problem,what to do,line,email,note\n" {
		b.TB.Errorf("%+v %v", one, err)
	}
}

// An import that was begun in the browser is the one that handoffctl goes on with.
func TestTheBrowserAndTheCommandNameAnImportAlike(t *testing.T) {
	b := newBench(t)
	var v importView
	if err := json.Unmarshal([]byte(b.post("/api/imports", http.StatusOK, []byte(contacts), said([]byte(contacts))...).Body), &v); err != nil {
		t.Fatal(err)
	}
	p, err := imports.Open("elsewhere.csv", strings.NewReader(contacts))
	if err != nil {
		t.Fatal(err)
	}
	if id, err := p.ID(); err != nil || id != v.ID {
		t.Errorf("%s and %s %v", id, v.ID, err)
	}
}

func TestNamesOfAttributes(t *testing.T) {
	for heading, want := range map[string]string{"Lead Source (2)": "lead_source_2", "färbe": "f_rbe", "№": "column_4", "fetch": "column_4", "": "column_4"} {
		if got := attributeName(heading, 3); got != want {
			t.Errorf("%q: %q, want %q", heading, got, want)
		}
	}
}
