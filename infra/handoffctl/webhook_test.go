package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/secret"
)

// keys makes up secrets for every source, as the file of SECRETS and as the
// functions know them.
func keys(t *testing.T) (file string, known map[string]secret.Keys) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	const standard = "whsec_b3BlcmF0b3Itc3RhbmRhcmQta2V5LTAwMDE="
	file = write(t, "secrets.yaml", "typeform: [newer, older]\nhubspot: hub\nsegment: seg\nhtml: token\nstandard: "+standard+
		"\nsendgrid: {public_key: "+encode(public)+", private_key: "+encode(private)+"}\n")
	return file, map[string]secret.Keys{
		"typeform": {"newer", "older"}, "hubspot": {"hub"}, "segment": {"seg"}, "html": {"token"}, "standard": {standard}, "sendgrid": {encode(public)},
		"google-ads": {"handoff-development-google-ads"}, "jotform": {"handoff-development-jotform"}, "linkedin": {"handoff-development-linkedin"},
		"meta": {"handoff-development-meta", "verify:handoff-development-verify"}, "webflow": {"handoff-development-webflow"},
	}
}

func TestSendAndSignForEveryProvider(t *testing.T) {
	l := start(t)
	l.env["SECRETS"], l.keys = keys(t)
	tests := []struct{ source, payload, path string }{
		{"typeform", `{"event_id":"1"}`, "/webhooks/forms/typeform"},
		{"hubspot", `[{"eventId":1}]`, "/webhooks/forms/hubspot"},
		{"hubspot", `{"id":"1"}`, "/webhooks/forms/hubspot"},
		{"segment", `{"type":"track"}`, "/webhooks/engagement/segment"},
		{"segment", `[{"type":"track"},{"type":"page"}]`, "/webhooks/engagement/segment"},
		{"sendgrid", "[{}]\r\n", "/webhooks/engagement/sendgrid"},
		{"standard", `{"type":"form.submitted"}`, "/webhooks/forms/standard"},
		{"html", "email=a%40b.example", "/webhooks/forms/html"},
		{"google-ads", `{"lead_id":"1","is_test":true}`, "/webhooks/forms/google-ads"},
		{"jotform", "--b\r\nContent-Disposition: form-data; name=\"rawRequest\"\r\n\r\n{}\r\n--b--\r\n", "/webhooks/forms/jotform"},
		{"linkedin", `{"type":"LEAD_ACTION"}`, "/webhooks/forms/linkedin"},
		{"meta", `{"object":"page","entry":[]}`, "/webhooks/forms/meta"},
		{"webflow", `{"triggerType":"site_publish"}`, "/webhooks/forms/webflow"},
	}
	for _, tt := range tests {
		l.received = nil
		if out, _, err := l.run(tt.payload, "send", tt.source, "-"); err != nil || len(l.received) != 1 || l.received[0] != tt.path {
			t.Errorf("send %s: %s%v, received at %v", tt.source, out, err, l.received)
		}
		out, _, err := l.run("", "sign", tt.source, "--file", write(t, "it's a payload", tt.payload))
		if err != nil || !strings.HasPrefix(out, "curl ") {
			t.Errorf("sign %s: %s%v", tt.source, out, err)
			continue
		}
		// The printed command must do it in a real shell.
		if result, err := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(out, "curl -i", "curl -sSf", 1)).CombinedOutput(); err != nil {
			t.Errorf("sign %s: %v\n%s\n%s", tt.source, err, out, result)
		}
		if len(l.received) != 2 {
			t.Errorf("sign %s: the printed command was not accepted:\n%s", tt.source, out)
		}
	}
	if out, _, err := l.run("{}", "sign", "typeform", "-", "--headers"); err != nil || !strings.HasPrefix(out, "Content-Type: application/json\nTypeform-Signature: sha256=") {
		t.Errorf("sign --headers: %s%v", out, err)
	}
	l.received = nil
	if _, _, err := l.run("{}", "send", "standard", "-", "--kind", "engagement", "--id", "msg_1"); err != nil || l.received[0] != "/webhooks/engagement/standard" {
		t.Errorf("send --kind: %v, %v", err, l.received)
	}
}

func TestSendSaysWhatIsWrong(t *testing.T) {
	l := start(t)
	l.env["SECRETS"], l.keys = keys(t)
	l.keys["typeform"] = secret.Keys{"another"}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"another secret", []string{"typeform", "-"}, "was refused with 401: is the secret"},
		{"no source", []string{"tyepform", "-"}, `no source "tyepform"; it has calcom, calendly`},
		{"no file", []string{"typeform"}, "name the payload"},
		{"missing file", []string{"typeform", "/no/such/file"}, "no such file"},
		{"missing key", []string{"typeform", "-", "--key", "/no/such/file"}, "read the key"},
		{"a key that cannot sign", []string{"sendgrid", "-", "--key", l.env["SECRETS"]}, "private key"},
	}
	for _, tt := range tests {
		_, _, err := l.run("{}", append([]string{"send"}, tt.args...)...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	l.env["SECRETS"] = write(t, "s.yaml", "sendgrid: {public_key: abc}\n")
	if _, _, err := l.run("[]", "send", "sendgrid", "-"); err == nil || !strings.Contains(err.Error(), "has only the public key") {
		t.Errorf("a public key alone: %v", err)
	}
	l.env["SECRETS"] = write(t, "s.yaml", "secret text: [")
	if _, _, err := l.run("[]", "send", "html", "-"); fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "secret text") {
		t.Errorf("a broken file: %v", err)
	}
}

func TestDevelopmentSecretsAreFoundFromHere(t *testing.T) {
	l := start(t)
	out, _, err := l.run("{}", "sign", "sendgrid", "-")
	if err != nil || !strings.Contains(out, "X-Twilio-Email-Event-Webhook-Signature") {
		t.Errorf("sign with the development key: %s%v", out, err)
	}
}
